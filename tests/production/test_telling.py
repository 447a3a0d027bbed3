"""Scores go back to who sent the spans: at least once, page by page, and never in anybody's way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.production import telling
from evalgate.production.telling import EventsTarget, Told, tell_due
from evalgate.store.engine import Store, open_store
from evalgate.traffic.otlp_protobuf import entries
from evalgate.traffic.spans import Entry
from evalgate.traffic.unpacking import unpacked
from evalgate.wiring.telling import read_events_target
from tests.production.closed import HOUR, TRACE, checked, closed_window, interaction, scored, span_id, tellings

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
ON = {"EVALGATE_OTLP_EVENTS": "1"}


@dataclass
class Collector:
    """What a tool behind /v1/logs was told, and how it answers."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    """Of the next requests; 200 when there are no more."""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def events(self) -> list[Entry]:
        return [entry for _, _, body in self.requests for entry in entries(unpacked(body, "gzip", 2**20))]  # type: ignore[misc]


@contextmanager
def collecting() -> Iterator[Collector]:
    told = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.requests.append((self.path, dict(self.headers), body))
            status, headers, answer = told.answers.pop(0) if told.answers else (200, {}, b"")
            self.send_response(status)
            for name, value in {"Content-Length": str(len(answer)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}"
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def still_store(sqlite_place: str) -> Iterator[Store]:
    """An open store whose clock stands still, an hour after noon."""
    with open_store(sqlite_place, clock=lambda: NOON + HOUR) as opened:
        yield opened


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as one:
        yield one


def target_of(collector: Collector, **further: str) -> EventsTarget:
    target = read_events_target(ON | {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url} | further)
    assert target is not None
    return target


def day(store: Store) -> int:
    """Close a window with a scored, a failed and a masked span, one that a file brought, and one outside it."""
    judge = checked(store, "answers", "llm", "a" * 32, "tone")
    closed_window(store, NOON, [judge])
    mark: dict[str, Any] = {
        "value": 0.25,
        "label": "rude",
        "body": '{"kind":"mark","explanation":"Says call ana@example.com."}',
    }
    scored(store, interaction(store, NOON - HOUR, span_id(1)), judge, **mark)
    scored(store, interaction(store, NOON - HOUR, span_id(2)), judge, "failed", reason="unreadable")
    scored(store, interaction(store, NOON - HOUR / 2, "resp_9"), judge, value=1.0)
    scored(store, interaction(store, NOON - HOUR / 2, "id:0f0f"), judge, value=1.0)
    scored(store, interaction(store, NOON - HOUR / 2, span_id(3), "litellm"), judge, value=1.0)
    scored(store, interaction(store, NOON - HOUR / 2, span_id(4)), judge, "sampled_out")
    scored(store, interaction(store, NOON, span_id(5)), judge, value=1.0)
    return judge


def test_every_score_of_a_span_is_told_on_its_span_once(store: Store, collector: Collector) -> None:
    day(store)
    assert tell_due(store, {"support"}, target_of(collector)) == Told(3)
    assert tell_due(store, {"support"}, target_of(collector)) == Told(0)
    first, failed, named = collector.events
    of_check = {"evaluation.annotator_kind": "LLM", "evaluation.identifier": "a" * 32, "evalgate.suite": "support"}
    assert {event.name for event in collector.events} == {"gen_ai.evaluation.result"}
    assert (first.trace_id, first.span_id) == (TRACE, f"{1:016x}")
    assert first.at == failed.at == 1_795_262_520 * 10**9, "when the window was closed"
    assert first.attributes == of_check | {
        "gen_ai.evaluation.name": "answers.tone",
        "gen_ai.evaluation.score.value": 0.25,
        "gen_ai.evaluation.score.label": "rude",
    }
    assert failed.attributes == of_check | {"gen_ai.evaluation.name": "answers.tone", "error.type": "unreadable"}
    assert (named.trace_id, named.attributes["gen_ai.response.id"]) == ("", "resp_9")
    assert first.resource["service.name"] == "evalgate"


def test_what_a_judge_wrote_leaves_masked_and_only_when_asked_for(store: Store, collector: Collector) -> None:
    day(store)
    tell_due(store, {"support"}, target_of(collector, EVALGATE_OTLP_EXPLANATIONS="1"))
    said = collector.events[0].attributes["gen_ai.evaluation.explanation"]
    assert said.startswith("Says call ")
    assert "ana@" not in said


def test_a_target_that_is_busy_is_told_later_from_where_it_stopped(
    store: Store, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    day(store)
    monkeypatch.setattr(telling, "AT_ONCE", 1)
    collector.answers = [(200, {}, b""), (503, {"Retry-After": "600"}, b"")]
    refused = tell_due(store, {"support"}, target_of(collector))
    assert refused == Told(1, f"{collector.url}/v1/logs answers HTTP 503; next try in 600 s")
    (waiting,) = tellings(store)
    assert (waiting.told_at, waiting.trouble) == (None, f"{collector.url}/v1/logs answers HTTP 503")
    assert tell_due(store, {"support"}, target_of(collector)) == Told(0), "it asked to be left alone for ten minutes"
    started = store.database.clock()
    store.database.clock = lambda: started + timedelta(minutes=11)
    assert tell_due(store, {"support"}, target_of(collector)) == Told(2)
    assert [event.span_id for event in collector.events] == [f"{1:016x}", f"{2:016x}", f"{2:016x}", ""]
    assert tellings(store)[0].told_at is not None


def test_a_target_that_is_away_leaves_a_growing_pause(still_store: Store) -> None:
    day(still_store)
    with collecting() as gone:
        nobody = target_of(gone)
    pauses = []
    for _ in range(3):
        told = tell_due(still_store, {"support"}, nobody)
        now, (row,) = still_store.database.clock(), tellings(still_store)
        assert "cannot be reached" in str(told.trouble)
        pauses.append(round((row.next_at - now).total_seconds()))
        still_store.database.clock = partial(getattr, row, "next_at")
    assert pauses == [5, 10, 20]


def test_a_turn_ends_in_time_and_the_next_goes_on_from_there(
    still_store: Store, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    day(still_store)
    monkeypatch.setattr(telling, "AT_ONCE", 1)
    turns = [tell_due(still_store, {"support"}, target_of(collector), seconds=0).events for _ in range(6)]
    assert turns == [1, 1, 1, 0, 0, 0]
    assert len(collector.events) == 3
    assert tellings(still_store)[0].told_at is not None


def test_a_window_is_one_workers_until_its_lease_ends(store: Store, collector: Collector) -> None:
    judge = day(store)
    since = NOON - timedelta(days=7)
    first = store.tellings.claim({"support"}, since)
    assert first is not None
    assert store.tellings.claim({"support"}, since) is None
    started = store.database.clock()
    store.database.clock = lambda: started + HOUR
    assert tell_due(store, {"support"}, target_of(collector)) == Told(3)
    assert not store.tellings.advance(first, judge), "the claim is another's by now"
    assert tellings(store)[0].told_at is not None


def test_only_young_windows_of_suites_that_are_watched_are_told(still_store: Store, collector: Collector) -> None:
    day(still_store)
    assert tell_due(still_store, {"other"}, target_of(collector)) == Told(0)
    still_store.database.clock = lambda: NOON + timedelta(days=8)
    assert tell_due(still_store, {"support"}, target_of(collector)) == Told(0)
    assert collector.requests == []


def test_what_the_target_did_not_keep_is_not_sent_again(still_store: Store, collector: Collector) -> None:
    day(still_store)
    collector.answers = [(200, {}, b"\x0a\x02\x08\x03")]
    told = tell_due(still_store, {"support"}, target_of(collector))
    assert "did not keep all of it" in str(told.trouble)
    assert tell_due(still_store, {"support"}, target_of(collector)) == Told(0)


def test_the_environment_names_the_target_as_opentelemetry_does(collector: Collector, still_store: Store) -> None:
    day(still_store)
    own = {"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": f"{collector.url}/in/x", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b"}
    tell_due(still_store, {"support"}, target_of(collector, **own))
    ((path, headers, _),) = collector.requests
    assert (path, headers["api-key"], headers["Content-Type"]) == ("/in/x", "a b", "application/x-protobuf")
    assert read_events_target({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}) is None
    default = read_events_target(ON)
    assert default is not None
    assert default.url == "http://localhost:4318/v1/logs"


@pytest.mark.parametrize(
    ("variable", "written"),
    [
        ("EVALGATE_OTLP_EVENTS", "yes"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318"),
        ("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://me:pw@collector"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "Bearer s3cret"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "a=%0Ab"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named_without_its_secret(variable: str, written: str) -> None:
    with pytest.raises(WrongAsWritten, match=variable) as refused:
        read_events_target(ON | {variable: written})
    assert "s3cret" not in str(refused.value)
    assert "pw" not in str(refused.value)
