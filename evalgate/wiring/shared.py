"""A store in the working folder that shares its work with a server: what `evalgate gate` uses in CI.

What is asked is pulled once and kept here; what is paid for and decided is kept here first, then pushed. A server that
goes away loses nothing: the same command pushes again what it finds here.
"""

from __future__ import annotations

import tempfile
import threading
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from evalgate.core.errors import EvalgateError, WrongAsWritten
from evalgate.core.labels import Label, Split
from evalgate.store.baselines import Before
from evalgate.store.runs import Runs
from evalgate.wiring.door import Door

if TYPE_CHECKING:
    from evalgate.core.cards import CalibrationCard
    from evalgate.core.decisions import Decision
    from evalgate.core.metrics import InProduction
    from evalgate.gate.stored import Act
    from evalgate.production.evidence import Question
    from evalgate.runner.ports import Answer
    from evalgate.store.engine import Store

PUSHED_AT_ONCE = 200


@contextmanager
def share(local: Store, address: str, key: str, glass_key: str | None = None) -> Iterator[SharedStore]:
    """Yield a local store that shares with a server; at the end everything that was asked for is pushed.

    glass_key: the key with which to let a change through that production stops; it is used for nothing else.
    """
    doors = Door(address, key), Door(address, key)
    try:
        shared = SharedStore(local, *doors, (address, glass_key))
        try:
            yield shared
        except EvalgateError:
            with suppress(EvalgateError):  # what stopped the command is told; what was paid for is pushed all the same
                shared.journal.flush()
            raise
        shared.journal.flush()
    finally:
        for door in doors:
            door.close()


class SharedStore:
    """What the gate asks of a store, answered by a local one and a server together."""

    def __init__(self, local: Store, door: Door, apart: Door, glass: tuple[str, str | None] = ("", None)) -> None:
        """Ask the server who it is; `apart` is a second connection, for what is pushed meanwhile."""
        self._door = door
        self._glass = glass
        said = door.open()
        self.place = door.place
        self.nonce_key = bytes.fromhex(said["nonce_key"])
        self.runs = SharedRuns(local, door)
        self.baselines = SharedBaselines(door)
        self.journal = SharedJournal(local, door, apart)
        self.decisions = SharedDecisions(local, door, self.journal)
        self.labels = SharedLabels(door)
        self.cards = SharedCards(door)

    def pooled_production(self, question: Question) -> InProduction:
        """Return what the server's closed windows say."""
        from evalgate.core.metrics import InProduction

        return InProduction.model_validate(self._door.production(question))

    def break_glass(self, act: Act) -> str:
        """Have the server write the act into its audit, then return who did it as the server has it."""
        address, key = self._glass
        with closing(Door(address, key or "", "EVALGATE_BREAK_GLASS_KEY")) as door:
            return door.break_glass(act)


class SharedRuns(Runs):
    """The local store's runs; one that only the server has is pulled when it is named."""

    def __init__(self, local: Store, door: Door) -> None:
        super().__init__(local.database, local.project)
        self._door = door

    def find(self, name: str) -> str:
        """Return the id of the run a name stands for, pulling it when it is not here."""
        try:
            return super().find(name)
        except WrongAsWritten as unknown:
            with tempfile.TemporaryDirectory(prefix="evalgate-") as folder:
                path = Path(folder) / "run.jsonl.gz"
                if not self._door.pull_run(name, path):
                    raise WrongAsWritten(
                        f"run {name!r} is not at {self._door.place}; see its list of runs"
                    ) from unknown
                return self.import_(path)


class SharedBaselines:
    """The server's baselines."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def current(self, suite: str, name: str) -> str | None:
        """Return the id of the run a name stands for, or None when nothing was accepted under it."""
        return self._door.baseline(suite, name)

    def accepted(self, suite: str) -> tuple[Before, ...]:
        """Return every run of known revision that was accepted in a suite under any name, the newest first."""
        return tuple(map(Before.model_validate, self._door.accepted(suite)))


class SharedJournal:
    """`runner.ports.Journal`: an answer is durable here before anything else happens, then pushed by a thread."""

    def __init__(self, local: Store, door: Door, apart: Door) -> None:
        self._local = local.journal
        self._door = door
        self._apart = apart
        self._waiting: deque[Answer] = deque()
        self._changed = threading.Condition()
        self._pushing: threading.Thread | None = None
        self._trouble: Exception | None = None
        self._ended = False

    def recall(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the bodies known here or there for these request keys; those known here alone are pushed.

        The server's counts where both know one: every pipeline then decides on the same.
        """
        here, there = self._local.recall(keys), self._door.recall(keys)
        if alone := [key for key in here if key not in there]:
            self._share(self._local.answers(alone))
        return here | there

    def keep(self, answers: Sequence[Answer]) -> None:
        """Keep the answers here, and have them pushed."""
        self._local.keep(answers)
        self._share(answers)

    def flush(self) -> None:
        """Return when everything is pushed; raise what the server said when it is not."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()
        if self._pushing is not None:
            self._pushing.join()
        self._pushing, self._ended = None, False
        if self._trouble is not None:
            raise self._trouble

    def _share(self, answers: Sequence[Answer]) -> None:
        with self._changed:
            if self._trouble is not None:
                return  # they stay here, and the same command pushes them when it asks for them again
            self._waiting.extend(answers)
            if self._pushing is None:
                self._pushing = threading.Thread(target=self._push, name="evalgate-journal", daemon=True)
                self._pushing.start()
            self._changed.notify_all()

    def _push(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._ended)
                batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), PUSHED_AT_ONCE))]
            if not batch:
                return
            try:
                self._apart.keep(batch)
            except Exception as error:  # noqa: BLE001 - told in `flush`, in the thread that can end the command
                with self._changed:
                    self._trouble = error
                    self._waiting.clear()
                return


class SharedDecisions:
    """Decisions, pushed with the runs they were made from."""

    def __init__(self, local: Store, door: Door, journal: SharedJournal) -> None:
        self._local = local
        self._door = door
        self._journal = journal

    def keep(self, name: str, decision: Decision, record: bytes) -> None:
        """Store a decision here, then push replies, runs and record, in the order in which the server needs them."""
        self._local.decisions.keep(name, decision, record)
        self._journal.flush()
        for run in filter(None, (decision.baseline, decision.candidate)):
            if not self._door.has_run(run):
                with tempfile.TemporaryDirectory(prefix="evalgate-") as folder:
                    path = Path(folder) / "run.jsonl.gz"
                    self._local.runs.export(run, path)
                    self._door.push_run(path)
        self._door.push_decision(record)


class SharedLabels:
    """The server's labels."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def stream(
        self, check: str | None = None, criterion: str | None = None, splits: Collection[Split] = ()
    ) -> Iterator[Label]:
        """Give the labels of a check in the order in which they came."""
        if check is None:
            raise ValueError("the server gives the labels of one check at a time")
        for said in self._door.labels(check):
            label = Label.model_validate(said)
            if (criterion is None or label.criterion == criterion) and (not splits or label.split in splits):
                yield label


class SharedCards:
    """The server's calibration cards."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def newest(self, check: str) -> tuple[CalibrationCard, ...]:
        """Return the newest card of each judge that marks a check."""
        from evalgate.core.cards import CalibrationCard

        return tuple(map(CalibrationCard.model_validate, self._door.cards(check)))
