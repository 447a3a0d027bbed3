"""What the runner needs from rooms above it: a reply journal, a sink for what it marked, and someone to tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from evalgate.core.models import ModelRequest
from evalgate.core.outcomes import Outcome
from evalgate.core.samples import Sample


class Marked(NamedTuple):
    """One sample with all its outcomes, its texts masked; the digests are those of the raw content."""

    position: int
    """The row's place in the source, from 0."""
    sample: Sample
    case_digest: str
    sample_digest: str
    outcomes: tuple[Outcome, ...]


class Sink(Protocol):
    """Keeps what was marked, in batches."""

    def keep(self, batch: Sequence[Marked]) -> None:
        """Store the batch; raise ServiceBroke when that is impossible (full disk, read-only folder)."""


class Answer(NamedTuple):
    """A raw reply body with the request it answers."""

    key: str
    request: ModelRequest
    body: bytes


class Journal(Protocol):
    """Keeps every answered judge call, raw, so that none is paid twice."""

    def recall(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the bodies known for these request keys."""

    def keep(self, answers: Sequence[Answer]) -> None:
        """Make the answers durable before returning: they survive a kill of this process."""


class Progress(Protocol):
    """Hears how far the run is; draws it or not."""

    def planned(self, samples: int | None, calls: int | None) -> None:
        """Learn how much there is, None when unknown."""

    def advanced(self, samples: int, calls: int, spent_usd: float) -> None:
        """Learn the totals so far."""
