"""Two thousand bodies that are not quite what they should be: taken in part or refused by name, never a crash."""

from __future__ import annotations

import gzip
import json
import random
from copy import deepcopy
from typing import Any

import pytest

from evalgate.traffic.decoded import Decoded
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.langfuse import langfuse_interactions
from evalgate.traffic.litellm import decode_litellm
from evalgate.traffic.native import EXAMPLES, decode_interactions
from evalgate.traffic.otlp import decode_logs, decode_traces
from evalgate.traffic.refusals import Refused
from tests.traffic.scenes import (
    FIXTURES,
    JSON,
    PROTOBUF,
    binary_request,
    binary_span,
    event,
    fixture,
    logs,
    record,
    span,
    traces,
)
from tests.traffic.test_dialects import DIALECTS, TOLD

ODD: list[Any] = [
    *(
        None,
        True,
        0,
        -1,
        1 << 70,
        1e308,
        "",
        "x" * 3000,
        "\x00",
        "\ud800",
        [],
        {},
        [[]],
        [None],
        {"": None},
        "[{",
        '[{"role": 1}]',
    ),
    *(
        {"role": "user", "content": [{"type": "text"}]},
        [{"type": []}],
        {"stringValue": 1},
        {"__proto__": {"a": 1}},
        "🙂" * 40,
    ),
    *([{"parts": [{"type": "tool_call_response", "response": [1]}]}], {"parts": 3}, [{"message": {"content": {}}}]),
]


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container with every key of it, at any depth."""
    found: list[tuple[Any, Any]] = []
    inside = (
        list(value.items()) if isinstance(value, dict) else list(enumerate(value)) if isinstance(value, list) else []
    )
    for key, item in inside:
        found += [(value, key), *places(item)]
    return found


def changed(value: Any, dice: random.Random) -> Any:
    """A copy with one to three leaves or branches replaced by something odd."""
    copy = json.loads(json.dumps(value))
    for _ in range(dice.randint(1, 3)):
        around, key = dice.choice(places(copy) or [({"": 0}, "")])
        around[key] = deepcopy(dice.choice(ODD))
    return copy


def flipped(body: bytes, dice: random.Random) -> bytes:
    raw = bytearray(body)
    for _ in range(dice.randint(1, 8)):
        raw[dice.randrange(len(raw))] = dice.randrange(256)
    return bytes(raw[: dice.choice([len(raw), dice.randrange(1, len(raw))])])


def told(name: str) -> dict[str, Any]:
    sent: dict[str, Any] = fixture(name)
    return sent


SPANS = [
    json.loads(traces(span(told(name)["attributes"], events=[event(*one) for one in told(name)["events"]])))
    for name in DIALECTS
]
RECORDS = json.loads(logs(*(record(what, body) for what, body in TOLD)))
BINARY = [
    binary_request(binary_span(told(name)["attributes"], events=tuple((a, b) for a, b in told(name)["events"])))
    for name in DIALECTS
]


def dumped(value: Any) -> bytes:
    return json.dumps(value).encode()


def fates(bodies: Any, decode: Any) -> list[str]:
    """What became of each body; anything but a value or a typed refusal comes out as the crash it is."""
    found = []
    for body in bodies:
        try:
            decoded = decode(body)
        except Refused as refusal:
            found.append("refused" if refusal.status in {400, 413, 415} and str(refusal).isprintable() else "?")
        else:
            checked(decoded)
            found.append("rejected" if decoded.rejected else "taken")
    return found


def checked(decoded: Decoded) -> None:
    assert decoded.seen >= decoded.rejected + decoded.passed_over
    assert (decoded.rejected == 0) == (decoded.why == "")
    for interaction in decoded.interactions:
        written = interaction.model_dump_json()
        assert Interaction.model_validate_json(written).digest == interaction.digest
        leaves = [around[key] for around, key in places(json.loads(written))]
        assert not [leaf for leaf in leaves if isinstance(leaf, str) and "\x00" in leaf]
        assert len(interaction.attributes) <= 64


@pytest.mark.parametrize(
    ("what", "seed", "seen"),
    [
        ("spans", 1, {"taken", "rejected", "refused"}),
        ("binary", 2, {"taken", "rejected", "refused"}),
        ("records", 3, {"taken", "rejected", "refused"}),
        ("litellm", 4, {"taken", "rejected"}),
        ("native", 5, {"taken", "rejected"}),
        ("gzip", 6, {"refused"}),
    ],
)
def test_bodies_that_are_not_quite_right_never_crash_a_reader(what: str, seed: int, seen: set[str]):
    dice = random.Random(seed)
    litellm = fixture("litellm")
    readers: dict[str, tuple[Any, Any]] = {
        "spans": ((dumped(changed(dice.choice(SPANS), dice)) for _ in range(800)), lambda b: decode_traces(b, JSON)),
        "binary": ((flipped(dice.choice(BINARY), dice) for _ in range(500)), lambda b: decode_traces(b, PROTOBUF)),
        "records": ((dumped(changed(RECORDS, dice)) for _ in range(250)), lambda b: decode_logs(b, JSON)),
        "litellm": ((dumped([changed(litellm, dice)]) for _ in range(200)), decode_litellm),
        "native": ((dumped(changed(EXAMPLES, dice)) for _ in range(150)), decode_interactions),
        "gzip": (
            (flipped(gzip.compress(dice.choice(BINARY)), dice) for _ in range(100)),
            lambda b: decode_traces(b, PROTOBUF, "gzip"),
        ),
    }
    assert set(fates(*readers[what])) == seen


def test_exports_that_are_not_quite_right_never_crash_a_reader():
    dice = random.Random(7)
    export = json.loads((FIXTURES / "langfuse.json").read_text(encoding="utf-8"))
    for _ in range(200):
        sent = changed(export, dice)
        parts = [
            part if isinstance(part, list) else [] for part in (sent["traces"], sent["observations"], sent["scores"])
        ]
        checked(langfuse_interactions(*parts))


# ── shapes that cost a careless reader its evening ───────────────────────────────────────────────────────────────────


def nested(key: str, depth: int, inside: str) -> str:
    return f'{{"{key}":' * depth + inside + "}" * depth


@pytest.mark.parametrize("key", ["messages", "message", "content", "document", "parts", "input"])
@pytest.mark.parametrize("field", ["input.value", "gen_ai.input.messages", "gen_ai.retrieval.documents"])
def test_values_nested_a_thousand_deep_cost_at_most_their_span(key: str, field: str):
    deep = {"openinference.span.kind": "LLM", field: nested(key, 1000, "1")}
    found = {"gen_ai.operation.name": "retrieval", field: nested(key, 1000, "1")}
    good = span({"openinference.span.kind": "LLM"}, spanId="1" * 16)
    decoded = decode_traces(traces(good, span(deep), span(found, spanId="2" * 16)), JSON)
    assert decoded.seen == 3
    assert decoded.interactions[0].external_id.endswith("1" * 16)


def test_payloads_nested_a_thousand_deep_cost_at_most_themselves():
    sent = dumped([fixture("litellm"), fixture("litellm") | {"id": "b", "messages": "@"}])
    decoded = decode_litellm(sent.replace(b'"@"', nested("messages", 900, "1").encode()))
    assert decoded.interactions[0].external_id == "chatcmpl-9"
    assert decoded.seen == 2


@pytest.mark.timeout(20)
def test_ten_thousand_spans_one_inside_the_other_are_one_interaction():
    ids = [f"{n + 1:016x}" for n in range(10_000)]
    told = {"openinference.span.kind": "LLM"}
    chain = [span(told, spanId=one, parentSpanId=around) for one, around in zip(ids, ["", *ids], strict=False)]
    decoded = decode_traces(traces(*reversed(chain)), JSON)
    assert [one.external_id[-16:] for one in decoded.interactions] == ids[:1]


@pytest.mark.timeout(20)
def test_ten_thousand_records_of_one_span_are_one_interaction():
    sent = [record("gen_ai.user.message", {"content": str(n)}, timeUnixNano=str(10**18 + n)) for n in range(10_000)]
    (interaction,) = decode_logs(logs(*sent), JSON).interactions
    assert [message.content for message in interaction.input] == [str(n) for n in range(10_000)]
