"""What is kept of a change of an alert's state: what was seen, what had changed since it was well, and the worst cases.

Numbers and names only; never a text of an interaction.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evalgate.core.statistics.detecting import State
from evalgate.core.values import Finite, Unit, Value

Cause = Literal["measured", "silent", "check_changed", "floor_changed", "not_watched"]
"""Why the state changed: windows showed it, there were none, or what is watched is another thing now."""

Whole = Annotated[int, Field(ge=0)]


class FactChange(Value):
    """One value of one fact that stands for another share of the traffic than when the metric was well."""

    fact: str
    """A fact of interactions, an attribute that names a prompt or an index, `stratum` or `check`."""
    value: str
    before: Unit
    """Its share of the traffic while all was well."""
    after: Unit
    low: Finite
    high: Finite
    """The ends of a two-sided 95 % interval of after - before."""
    p: Unit
    """Of "the share is the same", by Holm over everything that was compared."""
    explains: Finite | None = None
    """The share of the drop that its interactions account for: 1 is all of it; None where that cannot be computed.

    (s₁(μ₀ - m₁) - s₀(μ₀ - m₀))/(μ₀ - μ₁), s its shares, m its means, μ those of everything; the values of a fact add
    up to 1.
    """
    mean_before: Unit | None = None
    mean_after: Unit | None = None
    """The metric among its interactions."""


class Example(Value):
    """An interaction with one of the lowest scores, by its number."""

    interaction: int
    value: Unit


class Happening(Value):
    """Everything that one change of state tells beside its time."""

    version: Literal[1] = 1
    cause: Cause
    floor: Finite
    point: Unit | None = None
    low: Unit | None = None
    high: Unit | None = None
    """The ends of a two-sided 95 % interval; None where nothing is known."""
    scored: Whole = 0
    reason: str | None = None
    """Why the metric is not known."""
    evidence: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 0.0
    """The detector's, as this window left it before an alarm emptied it."""
    wanted: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 1.0
    """The line it is held to."""
    starts: str | None = None
    ends: str | None = None
    """The span that was looked at last, [starts, ends), ISO 8601 in UTC."""
    digest_before: str | None = None
    digest: str | None = None
    """Of the check, before it changed and now."""
    compared: Whole = 0
    """Values of facts that were compared; 0: there was nothing to compare with."""
    changed: tuple[FactChange, ...] = ()
    """Those whose share is another one, what explains most of the drop first."""
    examples: tuple[Example, ...] = ()


def is_told(before: State, after: State, *, whole: bool, cause: Cause) -> bool:
    """Say whether somebody is told of a change of state.

    whole: of all traffic. A slice that goes silent, a release that was replaced, is no news; nor is a first OK, nor
    traffic that comes back too thin to judge, nor a check that was changed while all was well.

    >>> is_told("OK", "ALERT", whole=False, cause="measured"), is_told("OK", "NO_DATA", whole=False, cause="silent")
    (True, False)
    >>> is_told("UNKNOWN", "OK", whole=True, cause="measured"), is_told("NO_DATA", "OK", whole=True, cause="measured")
    (False, True)
    """
    bad = {"WARNING", "ALERT"}
    if after in bad or before in bad:
        return True
    if cause not in {"measured", "silent"}:
        return False
    return whole and (after == "NO_DATA" or (before, after) in {("NO_DATA", "OK"), ("OK", "UNKNOWN")})
