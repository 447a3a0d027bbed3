"""What the gate asks of a store: a database beside it, or a local one that shares its work with a server."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from evalgate.core.cards import CalibrationCard
    from evalgate.core.decisions import Decision
    from evalgate.core.labels import Label, Split
    from evalgate.runner.ports import Journal
    from evalgate.store.runs import Runs


class Names(Protocol):
    """Baselines."""

    def current(self, suite: str, name: str) -> str | None:
        """Return the id of the run a name stands for, or None when nothing was accepted under it."""


class Records(Protocol):
    """Decisions."""

    def keep(self, name: str, decision: Decision, record: bytes) -> None:
        """Store a decision under the short id people quote, with its canonical record."""


class PeoplesLabels(Protocol):
    """Labels."""

    def stream(
        self, check: str | None = None, criterion: str | None = None, splits: Collection[Split] = ()
    ) -> Iterator[Label]:
        """Give the labels of a check in the order in which they came."""


class JudgeCards(Protocol):
    """Calibration cards."""

    def newest(self, check: str) -> tuple[CalibrationCard, ...]:
        """Return the newest card of each judge that marks a check."""


class Stored(Protocol):
    """A store as the gate knows it."""

    @property
    def nonce_key(self) -> bytes:
        """The key of the nonces that fence off answers in prompts."""

    @property
    def runs(self) -> Runs:
        """The runs."""

    @property
    def baselines(self) -> Names:
        """The accepted runs."""

    @property
    def decisions(self) -> Records:
        """The decisions."""

    @property
    def journal(self) -> Journal:
        """The judges' replies."""

    @property
    def labels(self) -> PeoplesLabels:
        """What people said."""

    @property
    def cards(self) -> JudgeCards:
        """How well judges agree with people."""
