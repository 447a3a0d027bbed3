"""Finding and Decision: the verdict of every rule with the numbers that decided it, and the worst of them."""

from __future__ import annotations

from typing import Literal

from evalgate.core.gates import Gate, Policy, Verdict
from evalgate.core.metrics import Evidence
from evalgate.core.values import Value

State = Literal[
    "better",
    "not_worse",
    "worse_within_margin",
    "worse_size_unclear",
    "worse_beyond_margin",
    "unclear",  # astride the bound
    "above_floor",
    "below_floor",
    "within_rate",
    "beyond_rate",
    "clean",
    "violations",
    "covered",
    "holds",
    "does_not_hold",
    "not_known",
    "too_few",  # no case, or fewer than five effective clusters
    "not_visible",  # a slice too small to decide
    "unscored_decides",  # the verdict would turn on outcomes that are not scored
    "coverage_short",
    "uncalibrated",  # would pass, but the judge has no valid card and the suite does not allow that
    "few_labels",  # the corrected bounds rest on too few labels, or on too few that differ
    "agrees",  # judge and people, at or above the floor
    "disagrees",
    "unconfirmed",  # a judge's hit that nobody confirmed
    "no_windows",  # no closed window of production that this version of the check looked at
    "silent",  # nothing was scored in production for too long
    "windows_short",  # closed windows cover too little of the days
    "suspect_weights",  # the control slice contradicts the probabilities
    "let_through_better",  # production is not shown to keep its floor, but the candidate is proven better
    "let_through_rollback",
    "let_through_glass",
]

LET_THROUGH: frozenset[State] = frozenset({"let_through_better", "let_through_rollback", "let_through_glass"})
"""States of a `production` finding that does not pass and does not stop this change either."""


class MoreCases(Value):
    """How many more cases decide it."""

    if_unchanged: int | None
    """If the candidate is in truth as good as the baseline; None where there is no baseline."""
    if_real: int | None
    """If what was observed is real; None: more cases will not turn this into a pass."""


class Beside(Value):
    """The same quantity known the other way: as the judge alone sees it, or corrected with people's labels."""

    kind: Literal["raw", "corrected"]
    value: float
    low: float
    high: float
    labels: int = 0
    """Of people, behind the corrected one."""
    doubt: str | None = None
    """Why the corrected bounds decide nothing, in one clause."""


class Finding(Value):
    """One rule's verdict on one metric or fact, on all cases or on a slice."""

    gate: str
    """`answers.no_worse_than`, `answers.coverage`, `fact.outputs_current`."""
    metric: str
    rule: str
    """never, at_least, at_most, no_worse_than, better_than_baseline, production, coverage, agreement, fact."""
    slice: str | None = None
    verdict: Verdict
    counted: bool = True
    """False for advisory gates, for slices that may not hold back a pass, and for what is let through."""
    state: State
    bound: float | None = None
    """The floor, the rate, the margin or the coverage demanded."""
    value: float | None = None
    low: float | None = None
    """The lower bound that decided."""
    high: float | None = None
    """The upper bound that decided, at `alpha_high`."""
    alpha_low: float | None = None
    alpha_high: float | None = None
    """The fail test's bound is at Holm's level (the upper one, of an `at_most` the lower), the pass test's at alpha."""
    n: int = 0
    clusters: int = 0
    effective_clusters: float = 0.0
    method: str = ""
    planned: int = 0
    unscored: int = 0
    not_applicable: int = 0
    hits: int | None = None
    visible_drop: float | None = None
    """For a slice that is not visible: the smallest drop its cases could show."""
    more: MoreCases | None = None
    beside: Beside | None = None
    """Where people gave labels: the other of raw and corrected, at alpha on either side."""
    scores_needed: int | None = None
    """For `unscored_decides`: how many of the unscored outcomes must be scored."""
    detail: str = ""
    """A fact's reason, in one clause."""

    @property
    def let_through(self) -> bool:
        """Whether it would stop this change, were there no reason to let it through."""
        return self.state in LET_THROUGH


class Decision(Value):
    """All findings and the worst counted verdict; the inputs stand beside it so that it can be decided again."""

    version: Literal[1] = 1
    suite: str
    suite_digest: str
    candidate: str
    """Run id."""
    baseline: str | None = None
    """Run id."""
    candidate_source: str
    baseline_source: str | None = None
    revision: str | None = None
    judges: tuple[str, ...] = ()
    """Versions that answered."""
    verdict: Verdict
    advisory: bool = False
    """True while `advisory_until` lasts: printed in full, exit 0."""
    findings: tuple[Finding, ...]
    gates: tuple[Gate, ...]
    policy: Policy
    uncalibrated: bool = False
    """Whether the suite counts judges that people have not measured."""
    evidence: Evidence
    evalgate: str

    @property
    def exit_code(self) -> int:
        """0 pass, 1 fail, 3 inconclusive (1 when the policy says so); 0 while advisory."""
        if self.advisory or self.verdict == "pass":
            return 0
        if self.verdict == "fail" or self.policy.on_inconclusive == "fail":
            return 1
        return 3
