"""Traffic on its way into the store: requests hand in what they have read and wait; a thread or two write what waits.

So hundreds of requests a second share transactions, and an answer is sent once what it answers for is durable. What
waits is bounded: beyond that a sender is told to come back, and keeps what it has.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from evalgate.checks.privacy.masking import Masker
from evalgate.core.errors import EvalgateError
from evalgate.core.samples import Message
from evalgate.production.accepting import Accepted, Accepting, Delivery
from evalgate.traffic.facts import facts_of
from evalgate.traffic.interactions import Interaction

if TYPE_CHECKING:
    from evalgate.store.engine import Store
    from evalgate.suites.suite import Suite
    from evalgate.web.metrics import Metrics

MOST_ITEMS = 20_000
"""Interactions that may wait, those being written among them."""
MOST_CHARACTERS = 64 << 20
"""Characters of text that may wait."""
MANY = 400
"""Interactions that wait while one thread writes, from which a second one helps it where the database can."""
SETTLED_CHARACTERS = 4 << 20
"""Written, after which a pause is used to move SQLite's log into its file."""
AT_ONCE = 1_000
"""Interactions that one transaction takes, unless a single delivery has more."""
_ANSWERED = Interaction(
    source="api", external_id="warm", output=(Message(role="assistant", content="I cannot help with that."),)
)


class Full(Exception):
    """So much waits that this delivery cannot; it may come again."""


class _Waiting(NamedTuple):
    """A delivery, whose it is, how large it is, and who waits for what becomes of it."""

    project: int
    delivery: Delivery
    characters: int
    since: float
    told: Future[Accepted]


class Intake:
    """The way in for every project of one process."""

    def __init__(self, store: Store, suites: Mapping[int, Sequence[Suite]], metrics: Metrics) -> None:
        """`suites` are those that watch production, by project."""
        self._store = store
        self._suites = suites
        self._metrics = metrics
        self._masker = Masker()
        self._ways: dict[int, Accepting] = {}
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._items = self._characters = 0
        self._untaken = 0
        """Interactions that no thread has taken yet."""
        self._unsettled = 0
        """Characters written since the database's log was last moved into its file."""
        self._writers = 0
        self._most_writers = 1 if store.database.is_sqlite else 2

    def warm(self) -> None:
        """Load what checks and facts need before the first request waits for it."""
        facts_of(_ANSWERED, ())
        for project in self._suites:
            self._way(project)

    @property
    def full(self) -> bool:
        """Whether a delivery would be turned away, so that its body need not be read."""
        return self._items >= MOST_ITEMS or self._characters >= MOST_CHARACTERS

    def take(self, project: int, delivery: Delivery) -> Future[Accepted]:
        """Return what will be told once the delivery is durable, or why it cannot be. Raises Full."""
        waiting = _Waiting(project, delivery, _characters(delivery.interactions), time.perf_counter(), Future())
        with self._lock:
            if self.full:
                raise Full
            self._waiting.append(waiting)
            self._count(waiting, 1)
            self._untaken += _size(waiting)
            helps = self._writers < self._most_writers and self._untaken >= MANY
            starts = self._writers == 0 or helps
            self._writers += starts
        if starts:
            threading.Thread(target=self._work, name="evalgate-intake", daemon=True).start()
        return waiting.told

    def _work(self) -> None:
        """Write until nothing waits; the next delivery starts another thread."""
        while batch := self._next():
            for project in dict.fromkeys(one.project for one in batch):
                self._write(project, [one for one in batch if one.project == project])
        self._settle()

    def _settle(self) -> None:
        """Do what a commit would have to do before long, now that nobody waits for one."""
        with self._lock:
            if self._unsettled < SETTLED_CHARACTERS:
                return
            self._unsettled = 0
        with suppress(EvalgateError):  # the next commit does it, or says what is wrong
            self._store.database.settle()

    def _next(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        items = 0
        with self._lock:
            while self._waiting and (not batch or items + _size(self._waiting[0]) <= AT_ONCE):
                batch.append(self._waiting.popleft())
                items += _size(batch[-1])
            self._untaken -= items
            self._unsettled += sum(one.characters for one in batch)
            self._writers -= not batch
        return batch

    def _write(self, project: int, batch: Sequence[_Waiting]) -> None:
        """Write deliveries of one project and tell each what became of it."""
        try:
            told = self._way(project).accept_all([one.delivery for one in batch])
        except EvalgateError as trouble:
            self._broke(batch, trouble)
        except Exception as trouble:  # noqa: BLE001 - whoever waits is told, whatever it is
            if len(batch) == 1:
                self._broke(batch, trouble)
                return
            for one in batch:  # so that what breaks on one delivery does not turn its neighbours away
                self._write(project, [one])
        else:
            for one, accepted in zip(batch, told, strict=True):
                self._done(one)
                self._metrics.ingested(one.delivery.source, accepted.model_dump(), time.perf_counter() - one.since)
                one.told.set_result(accepted)

    def _broke(self, batch: Sequence[_Waiting], trouble: Exception) -> None:
        for one in batch:
            self._done(one)
            one.told.set_exception(trouble)

    def _way(self, project: int) -> Accepting:
        if project not in self._ways:
            self._ways[project] = Accepting(
                self._store.within(project), tuple(self._suites.get(project, ())), self._masker
            )
        return self._ways[project]

    def _done(self, waiting: _Waiting) -> None:
        with self._lock:
            self._count(waiting, -1)

    def _count(self, waiting: _Waiting, sign: int) -> None:
        self._items += sign * _size(waiting)
        self._characters += sign * waiting.characters
        self._metrics.ingest_waiting.set(self._items)


def _size(waiting: _Waiting) -> int:
    """Return how many interactions a delivery has; an empty one takes a place too."""
    return len(waiting.delivery.interactions) or 1


def _characters(interactions: Sequence[Interaction]) -> int:
    return sum(
        sum(len(message.content) for message in (*one.input, *one.output)) + sum(map(len, one.context))
        for one in interactions
    )
