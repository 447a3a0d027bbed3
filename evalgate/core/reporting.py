"""What a report shows: a decision with the cases behind it. Every text in here is already masked."""

from __future__ import annotations

from evalgate.core.decisions import Decision
from evalgate.core.outcomes import Annotator, NotApplicable, Result
from evalgate.core.values import Value


class MarkPair(Value):
    """One metric's result on one case, in both arms."""

    metric: str
    before: Result | None = None
    """The baseline's; None without a baseline."""
    now: Result

    @property
    def change(self) -> float | None:
        """Candidate minus baseline when both are scored."""
        before, now = getattr(self.before, "value", None), getattr(self.now, "value", None)
        return None if before is None or now is None else now - before

    @property
    def applies(self) -> bool:
        """Whether the check has business with the case."""
        return not isinstance(self.now, NotApplicable)


class CaseView(Value):
    """One case as a report shows it: the question, both answers, every mark. Masked."""

    id: str
    repeat: int = 0
    slices: dict[str, str] = {}
    question: str
    context: tuple[str, ...] = ()
    before: str | None = None
    now: str
    marks: tuple[MarkPair, ...]


class Report(Value):
    """A decision, the cases behind it and the facts of the run that stay out of the decision's record."""

    decision: Decision
    decision_id: str
    """`D-` and eight hex digits of the record's digest."""
    cases: tuple[CaseView, ...] = ()
    """Flips and violations of gated metrics first, worst first, then other changed or unscored cases, capped."""
    cases_left_out: int = 0
    planned: int
    """Cases of the candidate."""
    pairs: int = 0
    """Cases both arms have with the same content."""
    clusters: int = 0
    unmatched_candidate: int = 0
    unmatched_baseline: int = 0
    changed_content: int = 0
    """Cases whose content differs between the arms: not comparable."""
    outputs_unchanged: int = 0
    calls_answered: int = 0
    """Judge calls asked afresh."""
    calls_recalled: int = 0
    """Judge calls answered from the journal."""
    spent_usd: float | None = None
    wall_s: float = 0.0
    notes: tuple[str, ...] = ()
    """Keys of the sentences that belong on the first screen: `age_not_checked`, `replies_by_hand`."""
    next_commands: tuple[str, ...] = ()


class PlannedCheck(Value):
    """What one check will take."""

    name: str
    kind: str
    annotator: Annotator
    cases: int
    """Cases of both arms it has business with."""
    calls: int = 0
    """Judge calls, answers shared by unchanged outputs counted once."""
    model: str | None = None
    orders: int = 1
    judges: int = 1
    repeats: int = 1
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = None
    """None for checks that cost nothing."""


class PlannedGate(Value):
    """What one rule can see with the cases there are."""

    gate: str
    metric: str
    rule: str
    slice: str | None = None
    bound: float | None = None
    n: int
    clusters: int
    needed: int | None = None
    """Cases with which an unchanged candidate (a change) or a flawless one (a level) passes with 80 % power."""
    visible_drop: float | None = None
    """For a change: the smallest drop these cases can show with 80 % power."""
    smallest_margin: float | None = None
    """For a change: the smallest margin these clusters pass when nothing at all changed."""
    allowed_failures: int | None = None
    """For a floor or a rate: the most failures among these cases that still pass; None when none passes."""
    sd: float | None = None
    days: int | None = None
    """For `production`: so many days of closed windows are read when it is decided."""
    sd_assumed: bool = False
    """Whether the spread is not known from a pilot and 0.5 was taken."""


class Plan(Value):
    """What a gate would do, without having called a model."""

    suite: str
    candidate: str
    baseline: str | None
    cases: int
    baseline_cases: int
    pairs: int
    clusters: int
    outputs_unchanged: int
    checks: tuple[PlannedCheck, ...]
    gates: tuple[PlannedGate, ...]
    calls: int
    cost_usd: float | None
    spend_cap_usd: float
    defaults: tuple[tuple[str, str], ...]
    """Every key that the suite does not write, with the value it has."""


class Level(Value):
    """One metric of a run."""

    metric: str
    slice: str | None = None
    annotator: Annotator
    value: float | None
    low: float | None
    high: float | None
    n: int
    planned: int
    not_applicable: int
    unscored: dict[str, int]
    violations: int


class Levels(Value):
    """A run marked without a decision."""

    suite: str
    run: str
    source: str
    samples: int
    levels: tuple[Level, ...]
    calls_answered: int = 0
    calls_recalled: int = 0
    spent_usd: float = 0.0
    wall_s: float = 0.0


class Change(Value):
    """One metric of two runs, on the cases both have with the same content."""

    metric: str
    annotator: Annotator
    candidate: float | None
    baseline: float | None
    value: float | None
    low: float | None
    high: float | None
    pairs: int
    gained: int
    lost: int
    unscored: int


class Comparison(Value):
    """Two stored runs compared without a decision."""

    candidate: str
    baseline: str
    pairs: int
    unmatched_candidate: int
    unmatched_baseline: int
    changed_content: int
    outputs_unchanged: int
    changes: tuple[Change, ...]
    not_comparable: tuple[str, ...] = ()
    """Metrics whose check differs between the runs."""
