"""What the gate asks of a store: a database beside it, or a local one that shares its work with a server."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import Field, JsonValue

from evalgate.core.values import Value

if TYPE_CHECKING:
    from evalgate.core.cards import CalibrationCard
    from evalgate.core.decisions import Decision
    from evalgate.core.labels import Label, Split
    from evalgate.core.metrics import InProduction
    from evalgate.production.evidence import Question
    from evalgate.runner.ports import Journal
    from evalgate.store.baselines import Before
    from evalgate.store.runs import Runs


class Act(Value):
    """Somebody lets a change through that `production` rules alone would stop."""

    suite: Annotated[str, Field(min_length=1, max_length=200)]
    decision: Annotated[str, Field(pattern="^D-[0-9a-f]{8}$")]
    """The decision that it overrules; it is stored."""
    metrics: Annotated[tuple[Annotated[str, Field(max_length=200)], ...], Field(min_length=1, max_length=200)]
    reason: Annotated[str, Field(min_length=1, max_length=500)]

    def audited(self, by: str) -> dict[str, JsonValue]:
        """Return what the audit says of it."""
        return {"suite": self.suite, "metrics": list(self.metrics), "reason": self.reason, "by": by}


class Watched(Protocol):
    """Production."""

    def __call__(self, question: Question) -> InProduction:
        """Return what the closed windows say."""


class Glass(Protocol):
    """What stands before an override."""

    def __call__(self, act: Act) -> str:
        """Write the act into the audit, then return who did it; raise where nobody may."""


class Names(Protocol):
    """Baselines."""

    def accepted(self, suite: str) -> tuple[Before, ...]:
        """Return every run of known revision that was accepted in a suite under any name, the newest first."""

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
