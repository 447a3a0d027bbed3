"""Production from its first span to the gate: watched by a worker, alarmed by a drop, blocked, mended, open again.

The server, its worker, the sender's exporter, the judge's server and the gate are processes and sockets as a team has
them; only their clock is moved, for a window is a day.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from sqlalchemy import select

from evalgate.core.review import QueueSettings
from evalgate.store.engine import Store, open_store
from evalgate.store.tables import metadata
from evalgate.web.guard import COOKIE
from tests.acceptance.scenes import evalgate, lay
from tests.providers.server import prompt_of, running
from tests.web.review_scenes import RUBRIC
from tests.web.test_serving import Served, ready

SUITE = """\
version: 1
name: support
owner: owner@acme.example
judge: judge-1
uncalibrated: allow
prices: {judge-1: {input: 1.0, output: 1.0}}
data: {candidate: candidate.jsonl}
checks:
  no_pii: {check: pii, countries: [br, es]}
  answers: {rubric: answers_the_question}
gates:
  no_pii: {never: any}
  answers: {at_least: 0.5, production: {at_least: 0.8, days: 1}}
traffic:
  every: 1d
  wait: 0s
  strata:
    new: {when: {release: ["2"]}, judge: 0.9, people: 0.3}
    rest: {judge: 0.6, people: 0.1}
  by: [release]
  queue: triage
  alerts: {answers: {at_least: 0.8, windows_per_false_alarm: 50}}
"""
CHANCES = {"1": 0.1, "2": 0.3, "3": 0.1}
"""With which a release's exchanges go to people."""
CALLS = 100
DAY = 86_400.0
SOON_S = 60.0


class Clock:
    """The time of the subprocesses."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "clock"
        today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        self._start = today - timedelta(days=4)
        self.move_to(0)

    def move_to(self, day: int) -> None:
        """Let it be an hour after the beginning of a day."""
        to = self._start + timedelta(days=day, hours=1)
        self.today = to.date().isoformat()
        written = self.place.with_suffix(".new")
        written.write_text(str((to - datetime.now(UTC)).total_seconds()), encoding="utf-8")
        written.replace(self.place)

    @property
    def environ(self) -> dict[str, str]:
        here = Path(__file__).parent / "moved"
        return {"MOVED_CLOCK": str(self.place), "PYTHONPATH": f"{here}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}


def judged(request: dict[str, Any]) -> dict[str, Any]:
    """Judge as everybody would: who says nothing has not answered."""
    return {"label": "does_not_answer" if "No lo sé" in prompt_of(request) else "answers", "model": "judge-1-2026"}


def called(address: str, token: str, release: str, wrong: int) -> None:
    """Have OpenTelemetry's own SDK trace and export a day's calls, every `wrong`th of them without an answer."""
    exporter = OTLPSpanExporter(
        f"{address}/v1/traces", headers={"authorization": f"Bearer {token}"}, compression=Compression.Gzip
    )
    provider = TracerProvider(resource=Resource.create({"service.name": "bot", "service.version": release}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("bot")
    for number in range(CALLS):
        with tracer.start_as_current_span("chat") as span:
            told = "No lo sé." if number % wrong == 0 else f"El paquete {number} llega el jueves."
            span.set_attribute("gen_ai.operation.name", "chat")
            span.set_attribute("gen_ai.request.model", "gpt-4.1-mini")
            span.set_attribute("gen_ai.conversation.id", f"{release}-{number}")
            span.set_attribute("gen_ai.input.messages", said("user", f"¿Cuándo llega el paquete {number}?"))
            span.set_attribute("gen_ai.output.messages", said("assistant", told))
    provider.shutdown()


def said(role: str, text: str) -> str:
    return json.dumps([{"role": role, "parts": [{"type": "text", "content": text}]}])


@contextmanager
def serving(folder: Path, environ: dict[str, str]) -> Iterator[Served]:
    """Serve with a worker beside; what both log is read, or the pipe would fill."""
    served = Served(folder, "--suite", "suite.yaml", "--with-worker", env=environ)
    assert served.process.stderr is not None
    reading = threading.Thread(target=served.process.stderr.read)
    reading.start()
    try:
        ready(served).close()
        yield served
    finally:
        served.process.terminate()
        served.process.wait(40)
        reading.join()
        served.process.stdout.close()  # type: ignore[union-attr]
        served.process.stderr.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rows = [{"id": f"c{n}", "input": f"¿Cuándo llega {n}?", "output": f"El {n} llega hoy."} for n in range(40)]
    lay(tmp_path, SUITE, candidate=rows)
    return tmp_path


def furnished(folder: Path) -> tuple[str, str, str]:
    """Make the store with a queue; return the tokens of a sender, of a pipeline, and of an auditor's session."""
    with open_store(folder / ".evalgate" / "evalgate.db") as store:
        store.queues.create("triage", RUBRIC, QueueSettings(), "user:ana")
        day = timedelta(days=1)
        sender = store.access.create_key(store.project, "bot", ("ingest",), day, "user:ana")[1]
        pipeline = store.access.create_key(store.project, "ci", ("gate",), day, "user:ana")[1]
        ana = store.access.create_user("ana@acme.example", "Ana", None, ("es",))
        store.access.set_member(store.project, ana.number, "auditor")
        return sender, pipeline, store.access.start_session(ana.number, 10 * day, store.project)


def closed(folder: Path, many: int) -> None:
    """Return once so many windows are closed."""
    window = metadata.tables["traffic_window"]
    until = time.monotonic() + SOON_S
    with open_store(folder / ".evalgate" / "evalgate.db") as store:
        while len(list(_states(store, window))) < many:
            assert time.monotonic() < until, "the worker has not closed the window"
            time.sleep(0.2)


def _states(store: Store, window: Any) -> list[str]:
    with store.database.read() as connection:
        return list(connection.execute(select(window.c.state).where(window.c.state == "closed")).scalars())


def read(page: httpx.Response) -> str:
    assert page.status_code == 200, page.text
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.text))


def asked(folder: Path) -> tuple[set[str], set[str]]:
    """Return the samples in the queue with their probability, and those that their draws would put there."""
    item, interaction = metadata.tables["queue_item"], metadata.tables["interaction"]
    with open_store(folder / ".evalgate" / "evalgate.db") as store, store.database.read() as connection:
        queued = {f"{row[0]} {row[1]}" for row in connection.execute(select(item.c.sample_digest, item.c.probability))}
        wanted = set()
        for row in connection.execute(select(interaction)):
            chance = CHANCES[json.loads(row.facts)["release"]]
            wanted |= {f"{row.sample_digest} {chance}"} if row.draw < chance else set()
    return queued, wanted


def test_a_drop_in_production_is_seen_told_and_blocks_the_gate_until_it_is_mended(folder: Path) -> None:
    sender, pipeline, session = furnished(folder)
    clock = Clock(folder)
    with running() as far:
        far.script(judged)
        judge = {"EVALGATE_JUDGE_BASE_URL": far.url, "EVALGATE_JUDGE_API_KEY": "sk-x"}
        with (
            serving(folder, {**clock.environ, **judge}) as served,
            httpx.Client(base_url=served.address, cookies={COOKIE: session}, trust_env=False) as auditor,
        ):
            gate = {**judge, "EVALGATE_SERVER": served.address, "EVALGATE_KEY": pipeline}

            silent = evalgate(folder, "gate", "suite.yaml", "--today", clock.today, env=gate)
            assert silent.returncode == 3, silent.stdout + silent.stderr

            called(served.address, sender, "1", wrong=20)
            clock.move_to(1)
            closed(folder, 1)
            assert "OK" in read(auditor.get("/traffic"))
            assert re.search(r"9\d(\.\d)? ?%", read(auditor.get("/traffic/support/answers?range=7d")))
            healthy = evalgate(folder, "gate", "suite.yaml", "--today", clock.today, env=gate)
            assert healthy.returncode == 0, healthy.stdout + healthy.stderr

            called(served.address, sender, "2", wrong=2)
            clock.move_to(2)
            closed(folder, 2)
            assert "Alert answers All traffic" in read(auditor.get("/alerts"))
            told = read(auditor.get("/alerts/1"))
            assert "OK → Alert" in told
            assert "2 Release Before 0.0 % Now 100.0 % Difference, 95 % +93.9 pts to +100.0 pts" in told
            blocked = evalgate(folder, "gate", "suite.yaml", "--today", clock.today, env=gate)
            assert blocked.returncode == 1, blocked.stdout + blocked.stderr
            assert "production" in blocked.stdout

            called(served.address, sender, "3", wrong=25)
            clock.move_to(3)
            closed(folder, 3)
            mended = evalgate(folder, "gate", "suite.yaml", "--today", clock.today, env=gate)
            assert mended.returncode == 0, mended.stdout + mended.stderr

    queued, wanted = asked(folder)
    assert queued == wanted
    assert len(wanted) > 10
