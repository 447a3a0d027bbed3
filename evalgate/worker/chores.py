"""What a worker does beside windows, and what must not wait for one: heartbeats, alerts of code checks, messages."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from evalgate.core.errors import EvalgateError, ServiceBroke
from evalgate.production.bench import Bench
from evalgate.production.delivering import deliver_due
from evalgate.production.minding import watch_code
from evalgate.production.telling import EventsTarget, tell_due
from evalgate.production.words import Language
from evalgate.store.database import Clock
from evalgate.store.engine import Store
from evalgate.store.workers import Workers
from evalgate.suites.suite import Suite
from evalgate.worker.loop import Say

STEP_S = 1.0
"""How often a worker looks which chore is due."""
REPEATED_S = 600.0
"""After which the same trouble is told again."""
LAST_S = 10.0
"""How long a chore may take to end when the worker stops."""


class Chore(NamedTuple):
    """One thing to do every so many seconds."""

    name: str
    every_s: float
    do: Callable[[], object]


class Setting(NamedTuple):
    """Where messages go from and in which language."""

    environ: Mapping[str, str]
    language: Language = "en"
    events: EventsTarget | None = None
    """Where scores are told as events; None: nowhere."""


def chores_of(store: Store, benches: Sequence[Bench], owner: str, setting: Setting) -> tuple[Chore, ...]:
    """Return what a worker does beside the windows of some suites."""
    workers = Workers(store.database)
    return (Chore("heartbeat", 15, lambda: workers.seen(owner)), *beside_windows(store, benches, setting))


def beside_windows(store: Store, benches: Sequence[Bench], setting: Setting) -> tuple[Chore, ...]:
    """Return what is to be done beside the windows of some suites, whoever scores them."""
    found = [_minding(bench, store.database.clock) for bench in benches]
    for mine in _by_project(benches):
        found.extend(_of_project(mine, setting))
    return tuple(found)


def _minding(bench: Bench, clock: Clock) -> Chore:
    name = f"code checks of {bench.suite.name}"
    return Chore(name, 5, lambda: watch_code(bench.store, bench.suite, clock()))


def _of_project(benches: Sequence[Bench], setting: Setting) -> Iterator[Chore]:
    store, suites = benches[0].store, [bench.suite for bench in benches]
    yield Chore("texts whose days are over", 3600, lambda: forget(benches[0]))
    yield Chore("messages", 5, lambda: _deliver(store, suites, setting))
    if (events := setting.events) is not None:
        yield Chore("events", 5, lambda: _tell(store, {suite.name for suite in suites}, events))


def forget(bench: Bench) -> int:
    """Remove the texts of a project whose days are over, with what was asked about them; return how many texts."""
    store = bench.store
    now = store.database.clock()
    store.journal.expire(now)
    return store.forgetting.old(now - bench.keep_texts)


class Beside:
    """Does chores in a thread of its own while the block runs."""

    def __init__(self, chores: Sequence[Chore], say: Say) -> None:
        self._chores, self._say = chores, say
        self._told: dict[int, tuple[str, float]] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="evalgate chores", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(LAST_S)

    def once(self) -> None:
        """Do every chore once."""
        for place, chore in enumerate(self._chores):
            self._do(place, chore)

    def _run(self) -> None:
        due = [0.0 for _ in self._chores]
        while not self._stop.wait(STEP_S):
            for place, chore in enumerate(self._chores):
                if time.monotonic() >= due[place] and not self._stop.is_set():
                    self._do(place, chore)
                    due[place] = time.monotonic() + chore.every_s

    def _do(self, place: int, chore: Chore) -> None:
        """Do one chore; its trouble is told, once in a while, and ends neither the others nor the worker."""
        try:
            chore.do()
        except Exception as trouble:  # noqa: BLE001 - whatever it is, the other chores go on
            known = isinstance(trouble, EvalgateError)
            said = f"{chore.name}: {trouble}" if known else f"{chore.name}: a bug in evalgate: {type(trouble).__name__}"
            before, at = self._told.get(place, ("", 0.0))
            if said != before or time.monotonic() - at > REPEATED_S:
                self._told[place] = said, time.monotonic()
                self._say(said)


def _deliver(store: Store, suites: Sequence[Suite], setting: Setting) -> None:
    deliver_due(store, suites, setting.environ, store.database.clock, language=setting.language)


def _tell(store: Store, suites: set[str], target: EventsTarget) -> None:
    if trouble := tell_due(store, suites, target).trouble:
        raise ServiceBroke(trouble)


def _by_project(benches: Sequence[Bench]) -> Iterator[list[Bench]]:
    found: dict[int, list[Bench]] = {}
    for bench in benches:
        found.setdefault(bench.store.project, []).append(bench)
    yield from found.values()
