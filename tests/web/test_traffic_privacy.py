"""Every kind of personal data, sent by every route and in every field, leaves nothing of itself behind."""

from __future__ import annotations

import io
import json
import logging
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from evalgate.checks.catalogue import builtin_checks
from evalgate.cli.app import run
from evalgate.store.database import Database
from evalgate.store.engine import open_store
from evalgate.store.tables import metadata
from evalgate.store.tables.replies import unpack
from evalgate.suites.loading import load_suite
from evalgate.web.app import create_app
from evalgate.web.logs import LOGGER, JsonLine
from evalgate.web.service import service_of
from evalgate.wiring.server import ServerSettings, opened
from tests.traffic.personal import sentences
from tests.traffic.scenes import END, JSON, START, logs, record, span, traces
from tests.web.client import Client
from tests.web.scenes import ADDRESS, HOUR

PERSONAL = sentences()
SUITE = """\
version: 1
name: support
owner: owner@acme.example
data: {}
checks:
  no_pii: {check: pii}
  no_secrets: {check: secrets}
  polite: {check: required_text, any: [thank you]}
  calls: {check: tool_calls, tools: {mail: {}}}
gates:
  no_pii: {never: any}
  no_secrets: {never: any}
  polite: {at_least: 0.1}
  calls: {at_least: 0.1}
traffic: {by: [release, route, model]}
"""
MAIL = "ana.lopez@example.com"


def call(text: str) -> dict[str, Any]:
    return {"id": text, "name": text, "arguments": json.dumps({"to": text, MAIL: text})}


def nested(text: str) -> dict[str, Any]:
    """Return a tool call as OpenAI writes it."""
    return {"id": text, "type": "function", "function": {"name": text, "arguments": json.dumps({"to": text})}}


def native(kind: str, text: str) -> list[Any]:
    said = [{"role": "user", "content": text, "name": text}]
    ids = dict.fromkeys(("conversation_id", "user_id", "trace_id"), text)
    words = ("model", "model_requested", "provider", "error", "service", "route", "release", "language")
    answered = [{"role": "assistant", "content": text, "tool_calls": [call(text)]}]
    whole = {**ids, **dict.fromkeys(words, text), "context": [text], "finish_reasons": [text]}
    return [
        {"id": f"{kind} {text}", **whole, "input": said, "output": answered, "attributes": {"note": text, MAIL: text}},
        {"id": f"part {text}", **ids, "input": text, "partial": True},
        {"id": f"none {text}"},
        {"id": kind, "source": "52998224725", "input": text, "partial": True},
        {"id": kind, "source": "52998224725", "input": text, "partial": True},
        {"id": f"bad {text}", text: text},
        {"id": f"bad {text}", "cost_usd": text},
        text,
    ]


def told(text: str) -> dict[str, Any]:
    said = [{"role": "user", "parts": [{"type": "text", "content": text}]}]
    parts = [{"type": "text", "content": text}, {"type": "tool_call", "id": text, "name": text, "arguments": text}]
    names = (
        *("gen_ai.request.model", "gen_ai.response.model", "gen_ai.provider.name", "gen_ai.conversation.id"),
        *("user.id", "http.route", "error.type", "deployment.environment", "app.note", MAIL),
    )
    return {
        **dict.fromkeys(names, text),
        "gen_ai.operation.name": "chat",
        "gen_ai.input.messages": json.dumps(said),
        "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": parts, "finish_reason": text}]),
        "gen_ai.response.finish_reasons": [text],
        "gen_ai.retrieval.documents": json.dumps([{"content": text}]),
    }


def spans(text: str, number: int) -> list[dict[str, Any]]:
    status = {"code": 2, "message": text}
    return [
        span(told(text), spanId=f"{number:016x}", name=text, status=status),
        span(told(text), spanId=text),
    ]


def records(text: str, number: int) -> list[dict[str, Any]]:
    choice = {"message": {"content": text, "tool_calls": [nested(text)]}, "finish_reason": text}
    asked, note = {"content": text, "name": text}, {"app.note": text}
    return [
        record("gen_ai.user.message", asked, note, spanId=f"{number:016x}"),
        record("gen_ai.choice", choice, note, spanId=f"{number:016x}"),
        record("gen_ai.client.inference.operation.details", None, told(text), spanId=f"{number + 500:016x}"),
        record("gen_ai.user.message", asked, note, traceId=text),
    ]


def payload(kind: str, text: str) -> dict[str, Any]:
    answer = {"role": "assistant", "content": text, "tool_calls": [nested(text)]}
    return {
        **dict.fromkeys(("trace_id", "model", "model_group", "custom_llm_provider", "end_user", "api_base"), text),
        "id": f"{kind} {text}",
        "call_type": "acompletion",
        "status": "success",
        "startTime": START / 1e9,
        "endTime": END / 1e9,
        "request_tags": [text],
        "metadata": dict.fromkeys(("user_api_key_alias", "session_id", "requester_ip_address"), text),
        "messages": [{"role": "user", "content": text, "name": text}],
        "response": {"model": text, "choices": [{"finish_reason": text, "message": answer}]},
    }


def bodies() -> Iterator[tuple[str, bytes]]:
    """Yield route and body: the whole corpus by every route, and bodies that are nothing but what nobody may see."""
    texts = {kind: text for kind, (text, _) in PERSONAL.items()}
    rows = [row for kind, text in texts.items() for row in native(kind, text)]
    yield "/v1/interactions", json.dumps(rows).encode()
    payloads = [one for kind, text in texts.items() for one in (payload(kind, text), {"call_type": text, "id": text})]
    yield "/v1/litellm", json.dumps(payloads).encode()
    for number, text in enumerate(texts.values(), 1):
        resource = {"service.name": text, "service.version": text, "user.id": text}
        yield "/v1/traces", traces(*spans(text, number), resource=resource)
        yield "/v1/logs", logs(*records(text, number + 1000), resource=resource)
    yield "/v1/traces", "\n".join(texts.values()).encode()
    yield "/v1/interactions", ", ".join(texts.values()).encode()


def everything_in(database: Database) -> str:
    """Return every value of every table, what is packed unpacked."""
    held = []
    with database.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                held += [value if isinstance(value, str) else _opened(value) for value in row]
    return "\n".join(held)


def complete(database: Database) -> Counter[str]:
    """Return how many whole exchanges came from each sender."""
    item = metadata.tables["interaction"]
    with database.read() as connection:
        return Counter(connection.execute(select(item.c.source).where(item.c.state == "complete")).scalars())


def _opened(value: Any) -> str:
    if not isinstance(value, bytes):
        return repr(value)
    try:
        return unpack(value).decode("utf-8", "replace")
    except (ValueError, zlib.error, OSError, EOFError):
        return value.decode("utf-8", "replace")


def left_in(text: str) -> set[str]:
    """Return the kinds whose value still stands in a text, as it was written or as JSON writes it."""
    return {kind for kind, (_, value) in PERSONAL.items() if value in text or json.dumps(value)[1:-1] in text}


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLine())
    before = LOGGER.level
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.DEBUG)
    yield stream
    LOGGER.removeHandler(handler)
    LOGGER.setLevel(before)


@pytest.mark.parametrize("where", ["sqlite_place", "postgres_place"])
def test_no_route_leaves_a_raw_value_in_database_log_metric_or_answer(
    where: str, request: pytest.FixtureRequest, tmp_path: Path, logged: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    place = request.getfixturevalue(where)
    path = tmp_path / "support.yaml"
    path.write_text(SUITE, encoding="utf-8")
    suite = load_suite(path, builtin_checks(), candidate_given=True)
    answers: list[str] = []
    with ExitStack() as stack:
        parts = stack.enter_context(opened(ServerSettings(database=place)))
        project = parts.store.project
        service = service_of(parts, ServerSettings(database=place), {project: (suite,)})
        _, token = parts.access.create_key(project, "sender", ("ingest",), HOUR, "user:admin")
        client = Client(create_app(service), ADDRESS, {"Authorization": f"Bearer {token}", "Content-Type": JSON})
        for address, body in bodies():
            answer = client.post(address, content=body)
            answers.append(f"{answer.status_code} {answer.headers} {answer.text}")
        answers.append(client.get("/metrics").text)
    rows = [native(f"file {kind}", text)[0] for kind, (text, _) in PERSONAL.items()]
    (tmp_path / "day.jsonl").write_text("\n".join(map(json.dumps, [*rows, {"id": MAIL, MAIL: MAIL}])), encoding="utf-8")
    run(["ingest", str(tmp_path / "day.jsonl"), "--format", "native", "--database", place, "--suite", str(path)])
    answers += capsys.readouterr()
    with open_store(place) as store:
        held, whole = everything_in(store.database), complete(store.database)
        files = sorted(Path(place).parent.glob(f"{Path(place).name}*")) if where == "sqlite_place" else []
        raw = "".join(each.read_bytes().decode("latin-1") for each in files)
    assert {answer[:3] for answer in answers[:-5]} == {"200"}
    kinds = len(PERSONAL)
    assert whole == {"api": 2 * kinds, "otlp": 3 * kinds, "litellm": kinds}
    assert left_in("\n".join(text for text, _ in PERSONAL.values())) == set(PERSONAL)
    assert {"held": left_in(held), "files": left_in(raw)} == {"held": set(), "files": set()}
    assert left_in("\n".join(answers)) == set()
    assert left_in(logged.getvalue()) == set()
    everywhere = "\n".join([held, raw, *answers, logged.getvalue()])
    assert [value for value in (MAIL, "52998224725") if value in everywhere] == []
