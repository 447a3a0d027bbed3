"""Windows scored by several workers of which some are killed: every effect once, and no answered call paid twice.

Each kill is a SIGKILL of a worker that has a window; its lease runs out, and another one finishes what it began.
"""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, func, select, update

from benchmarks.figures import Figure
from benchmarks.mock import ROOT, Mock, serving
from benchmarks.serving import DATABASES, place
from evalgate.checks.privacy.masking import Masker
from evalgate.core.models import Price
from evalgate.core.review import Criterion, LabelChoice, QueueSettings, ReviewRubric
from evalgate.core.samples import Message
from evalgate.production.accepting import Accepting
from evalgate.store.engine import Store, open_store
from evalgate.store.tables import metadata
from evalgate.store.tables.replies import unpack
from evalgate.suites.loading import load_suite
from evalgate.suites.suite import Suite
from evalgate.traffic.interactions import Interaction
from evalgate.wiring.catalogue import all_checks

SUITE = ROOT / "benchmarks" / "suites" / "watched.yaml"
WORKERS, A_WINDOW = 4, 12
WINDOWS, CRASHES = 200, 20
QUICK_WINDOWS, QUICK_CRASHES = 8, 1
IN_FLIGHT = 8
MINUTE = timedelta(minutes=1)
LONGEST_S = 900.0
_WINDOW, _REPLY, _SCORE, _ITEM, _QUEUED, _SLOT, _CHECK = (
    metadata.tables[name]
    for name in ("traffic_window", "reply", "traffic_score", "interaction", "queue_item", "assignment", "traffic_check")
)


def bench(*, quick: bool) -> list[Figure]:
    """Return what was lost, doubled or paid twice on both databases."""
    windows, crashes = (QUICK_WINDOWS, QUICK_CRASHES) if quick else (WINDOWS, CRASHES)
    names = DATABASES[: 1 if quick else None]
    with serving() as mock:
        return [figure for name in names for figure in _on(name, mock, windows, crashes, patient=not quick)]


class _Paid(NamedTuple):
    """A prompt whose answer is in the journal, and how often it had been asked when that was seen."""

    prompt: str
    asked: int


def _on(database: str, mock: Mock, windows: int, crashes: int, *, patient: bool) -> Iterator[Figure]:
    mock.reset()
    with place(database) as where, open_store(where) as store:
        suite = load_suite(SUITE, all_checks(), candidate_given=True, baseline_given=True)
        _fill(where, store, suite, windows)
        begun = time.monotonic()
        known, kills = _work(where, store, mock, windows, crashes, patient=patient)
        seconds = time.monotonic() - begun
        known |= _journalled(store, mock)
        asked = {prompt: count for prompt, (count, _) in mock.cases().items()}
        again = sum(asked[one.prompt] > one.asked for one in {one.prompt: one for one in sorted(known)[::-1]}.values())
        yield Figure(
            f"{database}, answered and paid again",
            "0 calls",
            f"{again} of {len(asked):,}",
            again == 0,
            f"{kills} of {windows} windows lost their worker; under way at a kill and asked again:"
            f" {sum(count - 1 for count in asked.values())}",
        )
        wrong = _wrong(store, suite, windows)
        yield Figure(
            f"{database}, {windows} windows, {WORKERS} workers, {kills} killed",
            "each effect once",
            "each once" if not wrong else "; ".join(wrong),
            not wrong,
            f"{windows * A_WINDOW:,} interactions in {seconds:.0f} s, each lost window after its lease of 60 s",
        )


def _fill(where: str, store: Store, suite: Suite, windows: int) -> None:
    """Let so many minutes of traffic have come in, and a queue be there for what people are asked."""
    labels = {"yes": LabelChoice(value=1.0), "no": LabelChoice(value=0.0)}
    rubric = ReviewRubric(name="answers", criteria={"answers": Criterion(check="answers", labels=labels)})
    store.queues.create("triage", rubric, QueueSettings(practice=0), "bench")
    first = datetime.now(UTC).replace(second=30, microsecond=0) - (windows + 2) * MINUTE
    at = [first]
    with open_store(where, clock=lambda: at[0]) as then:
        way_in = Accepting(then, [suite], Masker())
        for window in range(windows):
            at[0] = first + window * MINUTE
            way_in.accept([_exchange(f"{window}-{number}", number) for number in range(A_WINDOW)], source="api")


def _exchange(name: str, number: int) -> Interaction:
    return Interaction(
        source="api",
        external_id=name,
        input=(Message(role="user", content=f"Where is parcel {name}?"),),
        output=(Message(role="assistant", content=f"Parcel {name} will be there tomorrow."),),
        finished=True,
        feedback="down" if number == 0 else None,
    )


def _work(where: str, store: Store, mock: Mock, windows: int, crashes: int, *, patient: bool) -> tuple[set[_Paid], int]:
    """Let workers score everything while some of them are killed; return what was paid at each kill, and the kills.

    patient: a lost window waits for its lease; otherwise it is over with its worker.
    """
    known: set[_Paid] = set()
    kills, give_up = 0, time.monotonic() + LONGEST_S
    with _workers(where, mock) as workers:
        while (closed := _closed(store)) < windows:
            if time.monotonic() > give_up:
                raise RuntimeError(f"{closed} of {windows} windows were closed in {LONGEST_S:g} s")
            if kills < crashes and closed >= kills * windows // (crashes + 1) and (owner := _busy(store, workers)):
                workers[owner].send_signal(signal.SIGKILL)
                workers.pop(owner).wait()
                if not patient:
                    _forsake(store, owner)
                known |= _journalled(store, mock)
                fresh = _worker(where, mock)
                workers[fresh.pid] = fresh
                kills += 1
            time.sleep(0.05)
    return known, kills


@contextmanager
def _workers(where: str, mock: Mock) -> Iterator[dict[int, subprocess.Popen[bytes]]]:
    """Yield running workers by process id; they end with the context."""
    workers = {one.pid: one for one in (_worker(where, mock) for _ in range(WORKERS))}
    try:
        yield workers
    finally:
        for one in workers.values():
            one.terminate()
        for one in workers.values():
            one.wait(30)


def _worker(where: str, mock: Mock) -> subprocess.Popen[bytes]:
    environ = os.environ | {
        "EVALGATE_DATABASE_URL": where,
        "EVALGATE_JUDGE_BASE_URL": mock.url,
        "EVALGATE_JUDGE_API_KEY": "bench",
        "EVALGATE_IN_FLIGHT": str(IN_FLIGHT),
    }
    command = [sys.executable, "-m", "evalgate", "worker", "--suite", str(SUITE)]
    return subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)


def _closed(store: Store) -> int:
    """Return how many windows with traffic are closed; those that go by meanwhile are empty."""
    with store.database.read() as connection:
        last = select(func.max(_ITEM.c.completed_at)).scalar_subquery()
        mine = select(func.count()).select_from(_WINDOW).where(_WINDOW.c.state == "closed", _WINDOW.c.starts_at < last)
        return int(connection.execute(mine).scalar_one())


def _busy(store: Store, workers: dict[int, subprocess.Popen[bytes]]) -> int | None:
    """Return the process of one of our workers that has a window at this moment."""
    with store.database.read() as connection:
        owners = connection.execute(select(_WINDOW.c.owner).where(_WINDOW.c.owner.is_not(None))).scalars().all()
    here = (int(owner.split(":")[1]) for owner in owners if owner.startswith(f"{socket.gethostname()}:"))
    return next((pid for pid in here if pid in workers), None)


def _forsake(store: Store, pid: int) -> None:
    """Let the lease of a dead worker be over."""
    theirs = _WINDOW.c.owner.startswith(f"{socket.gethostname()}:{pid}:")
    with store.database.write() as connection:
        connection.execute(update(_WINDOW).where(theirs).values(lease_until=None))


def _journalled(store: Store, mock: Mock) -> set[_Paid]:
    """Return the prompts whose answers are in the journal, with how often each has been asked so far."""
    with store.database.read() as connection:
        requests = [unpack(request) for request in connection.execute(select(_REPLY.c.request)).scalars()]
    cases = mock.cases()
    found = set()
    for request in requests:
        prompt = "\n".join(message["content"] for message in orjson.loads(request)["messages"])
        name = hashlib.blake2b(prompt.encode(), digest_size=8).hexdigest()
        found.add(_Paid(name, cases[name][0]))
    return found


def _wrong(store: Store, suite: Suite, windows: int) -> list[str]:
    """Return what is not as it would be had nobody been killed."""
    found = []
    with store.database.read() as connection:
        closed = connection.execute(select(_WINDOW.c.counts, _WINDOW.c.version, _WINDOW.c.spent_usd)).all()
        full = [row for row in closed if row.counts and orjson.loads(row.counts)["interactions"] == A_WINDOW]
        if len(full) != windows or {row.version for row in closed} != {1}:
            found.append(f"{len(full)} windows")
        counted = connection.execute(select(_SCORE.c.state, func.count()).group_by(_SCORE.c.state))
        states: dict[str, int] = {state: many for state, many in counted}  # noqa: C416 - rows are no pairs to a checker
        checks = connection.execute(select(func.count()).select_from(_CHECK)).scalar_one()
        if set(states) != {"scored", "sampled_out"} or sum(states.values()) != windows * A_WINDOW * checks:
            found.append(f"scores {states}")
        tokens = func.sum(_REPLY.c.input_tokens + _REPLY.c.output_tokens)
        paid = Price(input=1.0, output=1.0).of(int(connection.execute(select(tokens)).scalar_one()), 0)
        if abs(paid - sum(row.spent_usd for row in closed)) > 1e-9:
            found.append(f"${sum(row.spent_usd for row in closed):.6f} booked of ${paid:.6f}")
        asked = _asked(connection, suite)
        items = connection.execute(select(_QUEUED.c.sample_digest)).scalars().all()
        slots = connection.execute(select(func.count()).select_from(_SLOT)).scalar_one()
        if sorted(items) != sorted(asked) or slots != QueueSettings().reviews_required * len(items):
            found.append(f"{len(items)} items in the queue with {slots} slots, {len(asked)} drawn")
    return found


def _asked(connection: Connection, suite: Suite) -> set[str]:
    """Return the samples that the people's phase takes."""
    if suite.traffic is None:
        return set()
    people = {one.name: one.people for one in suite.traffic.strata}
    joined = _ITEM.join(_SCORE, _SCORE.c.interaction == _ITEM.c.number)
    drawn = select(_ITEM.c.sample_digest, _ITEM.c.draw, _SCORE.c.stratum).select_from(joined)
    rows = connection.execute(drawn.where(_SCORE.c.stratum.is_not(None)))
    return {row.sample_digest for row in rows if row.draw < people[row.stratum]}
