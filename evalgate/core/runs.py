"""A Run: what was marked, by which checks, from which source. Its id follows from its content, so resuming finds it."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from evalgate.core.outcomes import CheckRef
from evalgate.core.values import Value, digest

Arm = Literal["candidate", "baseline"]


class Manifest(Value):
    """Everything that decides what a run's outcomes are. Wall time and cost stay out of it."""

    suite: str
    """The suite's name."""
    source: str
    """What the outputs are called: a file name, `run:ID`, or a baseline's name."""
    source_digest: str
    """SHA-256 of the bytes read, or the id of the stored run."""
    checks: tuple[CheckRef, ...]
    revision: str | None = None
    """The revision that made the outputs, when every row says the same."""
    seed: int = 0
    evalgate: str
    """The version of evalgate that marked."""

    @cached_property
    def id(self) -> str:
        """Twelve hex digits; the same command on the same content gives the same run."""
        content = self.model_dump(mode="json", exclude={"source", "evalgate"})
        return digest(content)[:12]


class RunSummary(Value):
    """What is known of a finished run besides its samples and outcomes."""

    manifest: Manifest
    samples: int
    answered: int = 0
    """Judge calls answered for this run, from the journal or afresh."""
    spent_usd: float = 0.0
    """What the fresh calls cost."""
    judge_models: tuple[str, ...] = ()
    """The versions that answered, sorted."""
