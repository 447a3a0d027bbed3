"""Traffic comes in by HTTP: every door answers in its sender's words, and what is answered for is stored."""

from __future__ import annotations

import gzip
import json
import threading
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select

from evalgate.core.errors import ServiceBroke
from evalgate.production.accepting import Accepting, Delivery
from evalgate.store.tables import metadata
from evalgate.traffic.decoded import LIMIT
from evalgate.traffic.native import SentInteraction
from evalgate.web import accepting
from evalgate.web.app import create_app
from evalgate.web.service import Throttles
from evalgate.web.throttle import Throttle
from tests.traffic.scenes import JSON, PROTOBUF, binary_request, binary_span, fixture, span, traces
from tests.web.client import Client
from tests.web.scenes import ADDRESS, HOUR, House

ITEM, COUNT = metadata.tables["interaction"], metadata.tables["traffic_count"]
EXCHANGE = {"id": "e-1", "input": "Where is it?", "output": "On its way.", "route": "chat"}


@pytest.fixture
def sender(house: House):
    return house.as_("key:ingest")


def sent(client, path="/v1/interactions", content: Any = b"", **headers: str):
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return client.post(path, content=body, headers={"Content-Type": JSON} | headers)


def states(house: House) -> Counter[str]:
    with house.service.store.database.read() as connection:
        return Counter(connection.execute(select(ITEM.c.state)).scalars())


def counted(house: House) -> dict[tuple[str, str], int]:
    wanted = select(COUNT.c.source, COUNT.c.result, func.sum(COUNT.c["items"])).group_by(COUNT.c.source, COUNT.c.result)
    with house.service.store.database.read() as connection:
        return {(source, result): items for source, result, items in connection.execute(wanted) if items}


TOLD = {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "m",
    "gen_ai.input.messages": json.dumps([{"role": "user", "parts": [{"type": "text", "content": "Hello?"}]}]),
    "gen_ai.output.messages": json.dumps([{"role": "assistant", "parts": [{"type": "text", "content": "Hi."}]}]),
}


def call(number: int, **fields: Any) -> dict[str, Any]:
    return span(TOLD, spanId=f"{number:016x}", **fields)


def test_native_records_are_counted_by_what_became_of_them(house, sender):
    body = [EXCHANGE, {"id": "e-2", "input": "And this?", "partial": True}, {"output": "no id"}]
    first = sent(sender, content=body)
    assert first.status_code == 200
    assert first.json() | {"why": ""} == {
        "accepted": 1, "completed": 0, "partial": 1, "no_content": 0, "duplicate": 0, "rejected": 1, "passed_over": 0,
        "why": "",
    }  # fmt: skip
    assert first.json()["why"].startswith("interactions[2]: id")
    second = sent(sender, content=[EXCHANGE, {"id": "e-2", "output": "This."}]).json()
    assert (second["completed"], second["duplicate"]) == (1, 1)
    assert states(house) == {"complete": 2}
    assert counted(house)["api", "rejected"] == 1


OTHER = {"http.route": "/x"}
WRITTEN = {
    JSON: (traces(call(1), call(2), span(OTHER, spanId=f"{3:016x}")), b"{}"),
    PROTOBUF: (
        binary_request(*(binary_span(told, span_id=f"{n:016x}") for n, told in ((1, TOLD), (2, TOLD), (3, OTHER)))),
        b"",
    ),
}


def test_a_thumb_counts_whether_it_comes_before_its_exchange_or_after(house, sender):
    thumbs = [{"id": "e-1", "feedback": "down"}, {"id": "e-2", "feedback": "down"}]
    for body in ([thumbs[0]], [EXCHANGE, EXCHANGE | {"id": "e-2"}], [thumbs[1]]):
        assert sent(sender, content=body).status_code == 200
    with house.service.store.database.read() as connection:
        facts = [json.loads(row) for row in connection.execute(select(ITEM.c.facts)).scalars()]
    assert (states(house), [one["feedback"] for one in facts]) == ({"complete": 2}, ["down", "down"])


@pytest.mark.parametrize("kind", WRITTEN)
def test_an_exporter_reads_an_empty_answer_in_its_own_encoding(house, sender, kind):
    body, expected = WRITTEN[kind]
    answer = sent(sender, "/v1/traces", body, **{"Content-Type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert answer.content == expected
    assert states(house) == {"complete": 2}
    assert counted(house)["otlp", "passed_over"] == 1


def test_spans_that_cannot_be_read_are_told_as_a_partial_success(sender):
    answer = sent(sender, "/v1/traces", traces(call(1), call(2, traceId="zz"))).json()
    assert answer["partialSuccess"]["rejectedSpans"] == "1"
    assert "trace id" in answer["partialSuccess"]["errorMessage"]


def test_a_partial_success_in_protobuf_is_read_by_opentelemetrys_own_classes(sender):
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

    from evalgate.web.otlp_answers import taken

    read = ExportTraceServiceResponse.FromString(taken(PROTOBUF, "traces", 300, "span 1: é").body)
    assert (read.partial_success.rejected_spans, read.partial_success.error_message) == (300, "span 1: é")


def test_what_is_packed_is_unpacked_and_held_to_the_limit_afterwards(house, sender):
    lines = json.dumps(EXCHANGE).encode()
    assert sent(sender, content=gzip.compress(lines), **{"Content-Encoding": "gzip"}).status_code == 200
    bomb = gzip.compress(b" " * (LIMIT + 1))
    assert sent(sender, content=bomb, **{"Content-Encoding": "gzip"}).status_code == 413
    assert states(house) == {"complete": 1}


def test_a_body_of_many_megabytes_is_taken_from_a_key_and_from_nobody_else(house, sender):
    large = json.dumps([{**EXCHANGE, "id": f"e-{n}", "context": ["x" * 2**20]} for n in range(3)]).encode()
    assert sent(sender, content=large).json()["accepted"] == 3
    assert sent(house.as_("anonymous"), content=large).status_code == 413


@pytest.mark.parametrize(
    ("path", "content", "headers", "status"),
    [
        ("/v1/interactions", b"{", {}, 400),
        ("/v1/interactions", b"<x/>", {"Content-Type": "text/xml"}, 415),
        ("/v1/litellm", b"1", {}, 400),
        ("/v1/traces", b"\xff", {"Content-Type": PROTOBUF}, 400),
        ("/v1/traces", b"{}", {"Content-Type": "text/plain"}, 415),
        ("/v1/logs", b"{}", {"Content-Encoding": "br"}, 415),
        ("/v1/logs", b"{}", {"Content-Encoding": "gzip"}, 400),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_and_sending_it_again_does_not_help(
    sender, path, content, headers, status
):
    assert sent(sender, path, content, **headers).status_code == status


def test_a_litellm_proxy_is_told_what_became_of_its_payloads(house, sender):
    answer = sent(sender, "/v1/litellm", fixture("litellm")).json()
    assert answer | {"why": ""} == dict.fromkeys(answer, 0) | {"accepted": 1, "why": ""}
    assert states(house) == {"complete": 1}


def test_senders_are_never_told_that_they_call_too_often(house, sender):
    stingy = Throttles(callers=Throttle(burst=1, every_s=1000))
    object.__setattr__(house.service, "throttles", stingy)
    assert {sent(sender, content=EXCHANGE).status_code for _ in range(5)} == {200}


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/interactions"])
def test_what_is_too_much_at_once_may_come_again(house, sender, path, monkeypatch):
    monkeypatch.setattr(accepting, "MOST_ITEMS", 0)
    answer = sent(sender, path, b"{}")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert states(house) == {}


@pytest.mark.parametrize("path", ["/v1/traces", "/v1/interactions"])
def test_while_the_database_is_away_nothing_is_said_to_be_stored(house, sender, path, monkeypatch):
    def away(*_: Any) -> None:
        raise ServiceBroke("/secret/place: the disk is full")

    monkeypatch.setattr(Accepting, "accept_all", away)
    body = traces(call(1)) if path == "/v1/traces" else EXCHANGE
    answer = sent(sender, path, body)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert "secret" not in answer.text


def test_deliveries_that_wait_share_a_transaction_and_each_is_told_its_own_counts(house, monkeypatch):
    intake, begun, told, go = house.service.intake, [], Accepting.accept_all, threading.Event()

    def slowly(way: Accepting, deliveries: Any) -> Any:
        begun.append(len(deliveries))
        go.wait(5)
        return told(way, deliveries)

    monkeypatch.setattr(Accepting, "accept_all", slowly)
    project = house.service.store.project
    futures = [intake.take(project, delivery(n % 4, rejected=n)) for n in range(6)]
    go.set()
    found = [future.result(timeout=10) for future in futures]
    assert begun == [1, 5]
    assert [(one.accepted, one.duplicate, one.rejected) for one in found] == [
        (1, 0, 0), (1, 0, 1), (1, 0, 2), (1, 0, 3), (0, 1, 4), (0, 1, 5)
    ]  # fmt: skip


def delivery(number: int, rejected: int = 0) -> Delivery:
    return Delivery([SentInteraction.model_validate(EXCHANGE | {"id": f"e-{number}"}).interaction()], "api", rejected)


def test_what_comes_in_is_counted_for_prometheus(house, sender):
    sent(sender, content=[EXCHANGE, {"id": 5}])
    page = house.as_("anonymous").get("/metrics").text
    assert 'evalgate_ingest_items_total{result="accepted",source="api"} 1.0' in page
    assert 'evalgate_ingest_items_total{result="rejected",source="api"} 1.0' in page
    assert "evalgate_ingest_waiting 0.0" in page
    assert "evalgate_ingest_seconds_count 1.0" in page


def test_a_project_gets_what_its_own_keys_send(house):
    other = house.service.access.project("sales").number
    _, token = house.service.access.create_key(other, "sales", ("ingest",), HOUR, "user:admin")
    client = Client(create_app(house.service), ADDRESS, {"Authorization": f"Bearer {token}"})
    assert sent(client, content=EXCHANGE).json()["accepted"] == 1
    with house.service.store.database.read() as connection:
        assert connection.execute(select(ITEM.c.project)).scalars().all() == [other]
