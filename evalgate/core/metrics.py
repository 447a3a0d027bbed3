"""Metrics and facts: the evidence a decision is made from, complete enough to decide again from the record alone."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from evalgate.core.estimates import Corrected, Estimate
from evalgate.core.outcomes import Annotator
from evalgate.core.values import Unit, Value

Holds = Literal["yes", "no", "unknown"]


class Metric(Value):
    """One quantity with its n: a level of the candidate, or a change from the baseline on the same cases.

    `estimate` covers what was scored; `lowest` and `highest` cover all planned cases, with every unscored
    outcome at its worst and at its best end (they equal `estimate` when nothing is unscored).
    """

    name: str
    """`answers`, `answers.tone`."""
    slice: str | None = None
    """`locale=es`; None is all cases."""
    of: Literal["level", "change"]
    margin: float | None = None
    """For a change: the margin its bound was guarded for; None under `better_than_baseline`."""
    annotator: Annotator
    estimate: Estimate
    lowest: Estimate
    highest: Estimate
    planned: int
    """Cases (level) or pairs (change) the check should have scored."""
    scored: int
    not_applicable: int = 0
    unscored: dict[str, int] = {}
    """Reason to count, over both arms for a change."""
    candidate_level: float | None = None
    """For a change: the candidate's mean over the scored pairs."""
    baseline_level: float | None = None
    """For a change: the baseline's mean over the scored pairs."""
    gained: int = 0
    """For a change: scored pairs that got better."""
    lost: int = 0
    """For a change: scored pairs that got worse."""
    binary: bool = False
    """Whether every score is 0 or 1: then a judge's errors scale a change by what its card says."""
    corrected: Corrected | None = None
    """The same quantity corrected with people's labels; None without any."""


class Tripwire(Value):
    """Violations of one check, counted: marks of value 0."""

    name: str
    slice: str | None = None
    annotator: Annotator
    planned: int
    scored: int
    not_applicable: int = 0
    unscored: dict[str, int] = {}
    hits: int
    """Cases the candidate violates."""
    new: int | None = None
    """Hits on cases where the baseline was not seen to violate; None without a baseline."""
    baseline_hits: int | None = None
    clusters: int
    clusters_hit: int
    cases: tuple[str, ...] = ()
    """Ids of the counted hits (new ones under `never: new`), the first hundred in id order."""


class Fact(Value):
    """Something that holds, does not, or is not known; `detail` is the reason in one clause."""

    name: str
    holds: Holds
    detail: str = ""
    otherwise: Literal["fail", "inconclusive"] = "inconclusive"
    """The verdict when it does not hold; not knowing is always inconclusive."""


class Calibration(Value):
    """What the newest calibration card says of the judge behind a metric."""

    metric: str
    holds: Holds
    """Whether it is a card to count on: yes, no (the judge is too blind), unknown (none, expired, incomplete)."""
    detail: str = ""
    """Why not, in one clause."""
    card: str | None = None
    """Its digest."""
    informed_low: float | None = None
    """The lower bound of TPR + TNR - 1."""
    agreement: float | None = None
    """AC1 between the judge and people, with its one-sided bounds."""
    agreement_low: float | None = None
    agreement_high: float | None = None
    agreement_alpha: float = 0.05
    labels: int = 0


class BrokenGlass(Value):
    """An administrator's act that lets one change through although production is not shown to keep its floor."""

    by: str
    """Who let it through, as the audit has it."""
    reason: str
    """What they wrote."""
    decision: str
    """The decision that it overrules; it is stored too."""


class InProduction(Value):
    """What closed windows of production traffic say of one metric, and what lets a change through all the same."""

    metric: str
    days: int
    windows: int = 0
    """Closed windows in which this very version of the check looked at everything."""
    other_windows: int = 0
    """Closed windows of those days that another version looked at, or this one in part."""
    since: AwareDatetime | None = None
    """When the first of the windows begins."""
    until: AwareDatetime | None = None
    """When the last of them ends."""
    covered: Unit = 0.0
    """The share of the days that the windows cover."""
    silent_days: int = 0
    """Days since the last window in which something was scored; 0 while that is not too long ago."""
    population: int = 0
    """Interactions that the sample stands for."""
    level: Metric | None = None
    """The pooled mean; what was drawn and not scored counts as 0 in `lowest` and as 1 in `highest`."""
    improvement: Metric | None = None
    """The candidate's change from the baseline in this metric: who is proven better may go in."""
    rollback: str | None = None
    """The run of this revision that was accepted as a baseline before."""
    glass: BrokenGlass | None = None


class Evidence(Value):
    """All a decision reads."""

    metrics: tuple[Metric, ...] = ()
    tripwires: tuple[Tripwire, ...] = ()
    facts: tuple[Fact, ...] = ()
    calibrations: tuple[Calibration, ...] = ()
    production: tuple[InProduction, ...] = ()
