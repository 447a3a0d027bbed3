"""Bodies of OTLP/HTTP: what is taken, what is refused whole, and what is counted and named."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.traffic.otlp import decode_logs, decode_traces
from evalgate.traffic.refusals import Malformed, Refused, TooLarge, UnknownKind
from tests.traffic.scenes import (
    JSON,
    PROTOBUF,
    SPAN,
    TRACE,
    binary_request,
    binary_span,
    inside,
    logs,
    record,
    span,
    traces,
    whole,
)

CHAT = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.usage.input_tokens": 7}
ONE = binary_request(binary_span(CHAT))


# ── packed bodies ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("GZIP ", gzip.compress), ("deflate", zlib.compress), ("", bytes)]
)
def test_a_packed_body_is_unpacked(encoding: str, pack):
    assert len(decode_traces(pack(ONE), PROTOBUF, encoding).interactions) == 1


def test_a_body_in_two_gzip_members_is_whole():
    assert len(decode_traces(gzip.compress(ONE[:40]) + gzip.compress(ONE[40:]), PROTOBUF, "gzip").interactions) == 1


def test_a_bomb_is_refused_before_it_unfolds():
    bomb = gzip.compress(b" " * (64 << 20))
    assert len(bomb) < 100_000
    with pytest.raises(TooLarge, match="unpacks to more than 1048576 bytes") as caught:
        decode_traces(bomb, JSON, "gzip", limit=1 << 20)
    assert caught.value.status == 413


def test_a_bomb_in_many_members_is_refused_too():
    with pytest.raises(TooLarge):
        decode_traces(gzip.compress(b" " * 1000) * 50, JSON, "gzip", limit=20_000)


def test_a_body_at_the_limit_is_taken_and_one_byte_more_is_not():
    many = ONE * 20
    assert decode_traces(many, PROTOBUF, limit=len(many)).seen == 20
    assert decode_traces(gzip.compress(many), PROTOBUF, "gzip", limit=len(many)).seen == 20
    with pytest.raises(TooLarge, match="send smaller batches"):
        decode_traces(many, PROTOBUF, limit=len(many) - 1)
    with pytest.raises(TooLarge, match="unpacks to more"):
        decode_traces(gzip.compress(many), PROTOBUF, "gzip", limit=len(many) - 1)


@pytest.mark.parametrize("body", [gzip.compress(ONE)[:-9], b"\x1f\x8bnothing", gzip.compress(ONE) + b"rest"])
def test_a_broken_gzip_is_refused_as_malformed(body: bytes):
    with pytest.raises(Malformed) as caught:
        decode_traces(body, PROTOBUF, "gzip")
    assert caught.value.status == 400


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_another_encoding_is_refused_by_name(encoding: str):
    with pytest.raises(UnknownKind, match="known are identity, gzip, deflate") as caught:
        decode_traces(ONE, PROTOBUF, encoding)
    assert caught.value.status == 415


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/grpc", "application/jsonx"])
def test_another_content_type_is_refused_by_name(content_type: str | None):
    with pytest.raises(UnknownKind, match="send application/x-protobuf or application/json"):
        decode_traces(ONE, content_type)


def test_a_refusal_is_an_error_of_what_was_written():
    assert issubclass(Refused, WrongAsWritten)


# ── shells ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{", JSON),
        (b"[]", JSON),
        (b'{"resourceSpans": {}}', JSON),
        (b'{"resourceSpans": [1]}', JSON),
        (b'{"resourceSpans": [{"scopeSpans": [{"spans": "all"}]}]}', JSON),
        (b'{"resourceSpans": [{"resource": {"attributes": [1]}}]}', JSON),
        (b"\xff" * 40, PROTOBUF),
        (ONE[:-1], PROTOBUF),
        (b"[" * 5000, JSON),
    ],
)
def test_a_broken_shell_is_refused_whole(body: bytes, content_type: str):
    with pytest.raises(Malformed):
        decode_traces(body, content_type)


@pytest.mark.parametrize(("body", "content_type"), [(b"{}", JSON), (b"", PROTOBUF), (b'{"resourceSpans": null}', JSON)])
def test_an_empty_request_is_taken(body: bytes, content_type: str):
    assert decode_traces(body, content_type).seen == decode_logs(body, content_type).seen == 0


def test_fields_that_are_not_known_are_skipped():
    told = json.loads(traces(span(CHAT, newField={"deep": [1]}, flags=257)))
    told["resourceSpans"][0]["entityRefs"] = [1]
    assert decode_traces(json.dumps(told).encode(), JSON).rejected == 0
    newer = binary_span(CHAT) + whole(4000, 1) + inside(4001, "more")
    assert len(decode_traces(binary_request(newer) + inside(99, "x"), PROTOBUF).interactions) == 1


# ── numbers, ids, enums ──────────────────────────────────────────────────────────────────────────────────────────────


def test_64_bit_numbers_are_read_as_text_and_as_numbers():
    as_number = span(CHAT, startTimeUnixNano=1_763_632_800_000_000_000)
    as_number["attributes"][2]["value"] = {"intValue": 7}
    assert decode_traces(traces(as_number), JSON) == decode_traces(traces(span(CHAT)), JSON)
    assert decode_traces(traces(span(CHAT)), JSON).interactions[0].input_tokens == 7


@pytest.mark.parametrize("code", [2, "STATUS_CODE_ERROR"])
def test_a_status_is_read_by_name_and_by_number(code: object):
    sent = span(CHAT, status={"code": code, "message": "overloaded"})
    assert decode_traces(traces(sent), JSON).interactions[0].error == "overloaded"
    assert (
        decode_traces(binary_request(binary_span(CHAT, failed="overloaded")), PROTOBUF).interactions[0].error
        == "overloaded"
    )


def test_ids_are_hex_of_any_case():
    interaction = decode_traces(
        traces(span(CHAT, traceId=TRACE.upper(), parentSpanId="B7AD6B7169203331")), JSON
    ).interactions[0]
    assert interaction.external_id == f"{TRACE}:{SPAN}"
    assert interaction.parent_id == f"{TRACE}:b7ad6b7169203331"


BROKEN: dict[str, dict[str, Any]] = {
    "a trace id has 16 bytes, not 2": {"traceId": "abcd"},
    "a trace id is not all zeros": {"traceId": "0" * 32},
    "a trace id is written in hex": {"traceId": "S/kvNXezTaajzpKdDg5HNg=="},
    "a trace id is text in hex": {"traceId": 5},
    "a span id has 8 bytes": {"spanId": TRACE},
    "a span id is text": {"spanId": None},
    "a parent's span id": {"parentSpanId": "xyz"},
    "no time in nanoseconds": {"startTimeUnixNano": "-4"},
    "a whole number is expected, not '1.5'": {"endTimeUnixNano": "1.5"},
    "a whole number is expected, not 'True'": {"endTimeUnixNano": True},
    "attributes are a list": {"attributes": {"gen_ai.system": "x"}},
    "attributes are a list of": {"attributes": [{"value": {"stringValue": "x"}}]},
    "a value is an object": {"attributes": [{"key": "a", "value": "x"}]},
    "boolValue is true": {"attributes": [{"key": "a", "value": {"boolValue": "yes"}}]},
    "stringValue is text": {"attributes": [{"key": "a", "value": {"stringValue": 5}}]},
    "doubleValue is a number": {"attributes": [{"key": "a", "value": {"doubleValue": "x"}}]},
    "arrayValue is an object": {"attributes": [{"key": "a", "value": {"arrayValue": {"values": 3}}}]},
    "an event is an object": {"events": [1]},
}


@pytest.mark.parametrize("why", BROKEN)
def test_a_broken_span_is_counted_and_named_and_its_neighbours_are_taken(why: str):
    good = [span(CHAT, spanId=digit * 16) for digit in "12"]
    decoded = decode_traces(traces(good[0], span(CHAT, **BROKEN[why]), good[1]), JSON)
    assert (len(decoded.interactions), decoded.seen, decoded.rejected) == (2, 3, 1)
    assert decoded.why.startswith("resourceSpans[0].scopeSpans[0].spans[1]: ")
    assert why in decoded.why


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (binary_span(CHAT)[:-3], "no protobuf message"),
        (b"\x0a\xff", "no protobuf message"),
        (binary_span(CHAT) + inside(5, b"\xff\xfe"), "no protobuf message"),
        (inside(1, b"short"), "a trace id has 16 bytes, not 5"),
        (b"", "a trace id has 16 bytes, not 0"),
    ],
)
def test_a_broken_span_in_protobuf_takes_no_neighbour_with_it(raw: bytes, why: str):
    good = [binary_span(CHAT, span_id=digit * 16) for digit in "12"]
    decoded = decode_traces(binary_request(good[0], raw, good[1]), PROTOBUF)
    assert (len(decoded.interactions), decoded.seen, decoded.rejected) == (2, 3, 1)
    assert decoded.why.startswith("resource_spans[0].scope_spans[0].spans[1]: ")
    assert why in decoded.why


def test_values_nested_without_end_cost_one_span():
    deep: dict = {"stringValue": "x"}
    for _ in range(200):
        deep = {"arrayValue": {"values": [deep]}}
    decoded = decode_traces(traces(span(CHAT), span(CHAT, attributes=[{"key": "a", "value": deep}])), JSON)
    assert (len(decoded.interactions), decoded.rejected) == (1, 1)
    assert "nested deeper than 32" in decoded.why


def test_of_many_broken_spans_the_first_five_are_named():
    decoded = decode_traces(traces(*(span(CHAT, traceId="ab") for _ in range(9))), JSON)
    assert decoded.rejected == 9
    assert decoded.why.count("a trace id has 16 bytes") == 5
    assert decoded.why.endswith("; 4 more")


def test_broken_log_records_are_counted_too():
    decoded = decode_logs(logs(record("gen_ai.user.message", {"content": "hi"}), 7, record("x", traceId="q")), JSON)
    assert (len(decoded.interactions), decoded.seen, decoded.rejected) == (1, 3, 2)
    assert "resourceLogs[0].scopeLogs[0].logRecords[1]: a log record is an object" in decoded.why


# ── attributes ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_attributes_are_flat_few_and_small_whatever_was_sent():
    told = CHAT | {f"k{index:03d}": index for index in range(200)}
    told |= {"app.nested": {"a": {"b": [1]}}, "app.long": "x" * 5000, "app.odd\n<b>": 1, "k" * 129: 1}
    kept = decode_traces(traces(span(told)), JSON).interactions[0].attributes
    assert len(kept) == 64
    assert kept["app.nested"] == '{"a":{"b":[1]}}'
    assert kept["app.long"] == "x" * 1024
    assert not [key for key in kept if "<" in key or len(key) > 128]


@pytest.mark.parametrize(
    "key", ["__proto__", "__proto__.public", "constructor.prototype.x", "a.__proto__.b", "__class__"]
)
def test_a_name_that_means_more_to_a_program_is_left_out(key: str):
    kept = decode_traces(traces(span(CHAT | {key: True, "app.x": 1})), JSON).interactions[0].attributes
    assert kept == {"app.x": 1, "gen_ai.operation.name": "chat"}


def test_what_no_database_holds_is_replaced():
    told = CHAT | {
        "gen_ai.input.messages": [{"role": "user", "content": "a\x00b"}],
        "user.id": "u\x00",
        "app.x": "\x00",
    }
    from_json = decode_traces(traces(span(told)), JSON).interactions[0]
    assert (from_json.input[0].content, from_json.user_id, from_json.attributes["app.x"]) == ("a�b", "u�", "�")
    assert decode_traces(binary_request(binary_span(told)), PROTOBUF).interactions[0].input == from_json.input


def test_half_a_surrogate_pair_costs_its_character_and_not_the_batch():
    told = {"openinference.span.kind": "LLM", "input.value": "cut off \ud83d", "output.value": "¿sí?"}
    decoded = decode_traces(traces(span(CHAT), span(told, spanId="1" * 16)), JSON)
    assert (len(decoded.interactions), decoded.rejected) == (2, 0)
    assert decoded.interactions[1].input[0].content == "cut off �"
