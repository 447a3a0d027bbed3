"""Estimates: a closed union of sufficient statistics, from which every bound can be computed again offline.

Each says its `point`, `n`, `clusters`, `effective_clusters`, the `sd` of one case (design effect included), the
`method` of its bounds, and `bounds(alpha)`: two one-sided bounds, each holding with probability 1 - alpha.
`projected(n, point, alpha)` are the bounds as they would be with n such cases around `point`. With no case the bounds
are all that is possible and the point is their middle: whoever reads them reads n = 0 first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from evalgate.core.sampled import Sampled
from evalgate.core.statistics.betting import betting_bounds, log_capital_below
from evalgate.core.statistics.binary import clopper_pearson, korn_graubard
from evalgate.core.statistics.labelled import LabelledMean
from evalgate.core.statistics.means import (
    ENOUGH_INFORMATIVE,
    SCORE_STEP,
    ClusterSums,
    cluster_sums,
    cluster_totals,
    informative_clusters,
    t_bounds,
    tied_bounds,
)
from evalgate.core.statistics.planning import UNKNOWN_SD
from evalgate.core.statistics.tails import SMALLEST_P, Bounds, smallest_alpha
from evalgate.core.statistics.tango import tango_bounds
from evalgate.core.values import Finite, Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

Whole = Annotated[int, Field(ge=0)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Support = tuple[Finite, Finite]

SCORES: Support = (0.0, 1.0)
CHANGES: Support = (-1.0, 1.0)


class _ClusteredMean(Value):
    """What a mean of scores and a mean of changes share: cluster sums, and how many clusters move by the margin."""

    support: ClassVar[Support]
    sums: ClusterSums
    informative: Whole

    @property
    def point(self) -> float:
        """The mean as observed, never the guarded one."""
        return self.sums.mean

    @property
    def n(self) -> int:
        return int(self.sums.n)

    @property
    def clusters(self) -> int:
        return int(self.sums.clusters)

    @property
    def effective_clusters(self) -> float:
        return self.sums.effective_clusters

    @property
    def sd(self) -> float:
        """SE·√n, not guarded; assumed .5 while one cluster shows no spread at all."""
        return self.sums.sd if self.clusters > 1 else UNKNOWN_SD

    @property
    def method(self) -> str:
        """`all-tied`, or `t` with `-clustered` and `-guarded` where they apply."""
        if self.sums.tied:
            return "all-tied"
        guarded = "-guarded" if self.informative < ENOUGH_INFORMATIVE else ""
        return f"t{'-clustered' if self.sums.clustered else ''}{guarded}"

    def bounds(self, alpha: float) -> Bounds:
        """Return the one-sided (1 - alpha) bounds of the mean."""
        return t_bounds(self.sums, self.informative, self.support, alpha)

    def projected(self, n: int, point: float, alpha: float) -> Bounds:
        times = n / self.n
        return t_bounds(self.sums.grown(times, point), self.informative * times, self.support, alpha)


class Mean(_ClusteredMean):
    """The mean of scores in [0, 1]."""

    support: ClassVar[Support] = SCORES
    kind: Literal["mean"] = "mean"


class PairedMean(_ClusteredMean):
    """The mean change from baseline to candidate, in [-1, 1], guarded for the margin it is held to."""

    support: ClassVar[Support] = CHANGES
    kind: Literal["paired_mean"] = "paired_mean"
    margin: Annotated[float, Field(gt=0, le=1)]


class Proportion(Value):
    """The share of ones among 0/1 scores; `sums` only where clusters hold several."""

    support: ClassVar[Support] = SCORES
    kind: Literal["proportion"] = "proportion"
    hits: Whole
    n: Whole
    sums: ClusterSums | None = None

    @model_validator(mode="after")
    def _hits_are_among_n(self) -> Self:
        if self.hits > self.n:
            raise ValueError(f"hits {self.hits} exceed n {self.n}")
        return self

    @property
    def point(self) -> float:
        return self.hits / self.n if self.n else 0.5

    @property
    def clusters(self) -> int:
        return int(self.sums.clusters) if self.sums else self.n

    @property
    def effective_clusters(self) -> float:
        return self.sums.effective_clusters if self.sums else float(self.n)

    @property
    def sd(self) -> float:
        """√(p(1-p)), or SE·√n with clusters; assumed .5 while one case or cluster shows no spread at all."""
        if self.clusters < 2:
            return UNKNOWN_SD
        return self.sums.sd if self.sums else math.sqrt(self.point * (1 - self.point))

    @property
    def method(self) -> str:
        return "korn-graubard" if self.sums else "clopper-pearson"

    def bounds(self, alpha: float) -> Bounds:
        """Return the one-sided (1 - alpha) bounds of the share."""
        return korn_graubard(self.sums, alpha) if self.sums else clopper_pearson(self.hits, self.n, alpha)

    def projected(self, n: int, point: float, alpha: float) -> Bounds:
        if self.sums:
            return korn_graubard(self.sums.grown(n / self.n, point), alpha)
        return clopper_pearson(point * n, n, alpha)


class PairedBinary(Value):
    """The change of an unclustered 0/1 score: losses were 1 and are 0, gains were 0 and are 1."""

    support: ClassVar[Support] = CHANGES
    method: ClassVar[str] = "tango"
    kind: Literal["paired_binary"] = "paired_binary"
    losses: Whole
    gains: Whole
    n: Whole

    @model_validator(mode="after")
    def _moves_are_among_n(self) -> Self:
        if self.losses + self.gains > self.n:
            raise ValueError(f"losses {self.losses} and gains {self.gains} exceed n {self.n}")
        return self

    @property
    def point(self) -> float:
        return (self.gains - self.losses) / self.n if self.n else 0.0

    @property
    def clusters(self) -> int:
        return self.n

    @property
    def effective_clusters(self) -> float:
        return float(self.n)

    @property
    def sd(self) -> float:
        """Of one change; assumed .5 while one pair shows no spread at all."""
        return math.sqrt((self.losses + self.gains) / self.n - self.point**2) if self.n > 1 else UNKNOWN_SD

    def bounds(self, alpha: float) -> Bounds:
        """Return the one-sided (1 - alpha) bounds of the mean change."""
        return tango_bounds(self.losses, self.gains, self.n, alpha)

    def projected(self, n: int, point: float, alpha: float) -> Bounds:
        """Return the bounds as they would be with n pairs that move as often as these, `point` apart on balance."""
        moved, balance = (self.losses + self.gains) * n / self.n, point * n
        return tango_bounds(max(moved - balance, 0.0) / 2, max(moved + balance, 0.0) / 2, n, alpha)


class Resampled(Value):
    """A figure with its bootstrap replicates: percentile bounds, or the support's ends where alpha is finer than they.

    Replicates that never move are read as ties.
    """

    method: ClassVar[str] = "percentile"
    kind: Literal["resampled"] = "resampled"
    point: Finite
    replicates: Annotated[tuple[Finite, ...], Field(min_length=1)]
    n: Whole
    clusters: Whole
    effective_clusters: NotNegative
    support: Support = SCORES

    @property
    def sd(self) -> float:
        """SE·√n, SE the spread of the replicates."""
        mean = math.fsum(self.replicates) / len(self.replicates)
        return math.sqrt(self.n * math.fsum((each - mean) ** 2 for each in self.replicates) / len(self.replicates))

    def bounds(self, alpha: float) -> Bounds:
        """Return the replicates ranked alpha·(B + 1) from either end."""
        if self.clusters < 2:
            return Bounds(*self.support)
        ordered = sorted(self.replicates)
        if ordered[0] == ordered[-1]:
            return tied_bounds(self.point, self.effective_clusters, self.support, alpha)
        rank = int(alpha * (len(ordered) + 1) + 1e-9)
        return Bounds(ordered[rank - 1], ordered[-rank]) if rank else Bounds(*self.support)

    def projected(self, n: int, point: float, alpha: float) -> Bounds:
        return self.bounds(alpha).rescaled(self.point, point, math.sqrt(self.n / n))


class Sequence(Value):
    """A mean over clusters looked at again and again: bounds that hold at every look.

    rows: (total, size) of each cluster seen, sorted. largest: the size of the largest planned cluster.
    """

    method: ClassVar[str] = "betting"
    kind: Literal["sequence"] = "sequence"
    rows: tuple[tuple[Finite, Annotated[int, Field(gt=0)]], ...]
    largest: Annotated[int, Field(gt=0)]
    support: Support = CHANGES

    @model_validator(mode="after")
    def _no_cluster_exceeds_the_largest(self) -> Self:
        if max((size for _, size in self.rows), default=0) > self.largest:
            raise ValueError(f"a cluster exceeds the largest planned one, {self.largest}")
        return self

    @property
    def n(self) -> int:
        return sum(size for _, size in self.rows)

    @property
    def point(self) -> float:
        return math.fsum(total for total, _ in self.rows) / self.n if self.rows else sum(self.support) / 2

    @property
    def clusters(self) -> int:
        return len(self.rows)

    @property
    def effective_clusters(self) -> float:
        return self.n**2 / sum(size * size for _, size in self.rows) if self.rows else 0.0

    @property
    def sd(self) -> float:
        g, mean = self.clusters, self.point
        squares = math.fsum((total - size * mean) ** 2 for total, size in self.rows)
        return math.sqrt(g / (g - 1) * squares / self.n) if g > 1 else UNKNOWN_SD

    def bounds(self, alpha: float) -> Bounds:
        """Return the bounds at which the betting capital reaches 1/alpha."""
        return betting_bounds(self.rows, self.largest, self.support, alpha)

    def p_below(self, bound: float) -> float:
        """Return 1/K, K the capital won against "the mean is `bound` or more"."""
        won = log_capital_below(bound, self.rows, self.largest, self.support)
        return max(SMALLEST_P, math.exp(min(0.0, -won)))

    def projected(self, n: int, point: float, alpha: float) -> Bounds:
        return self.bounds(alpha).rescaled(self.point, point, math.sqrt(self.n / n))


class Corrected(LabelledMean):
    """A judge's mean, or mean change, corrected by people's labels."""

    kind: Literal["corrected"] = "corrected"

    @classmethod
    def of(cls, labelled: LabelledMean) -> Corrected:
        """Return the estimate that these statistics are."""
        return cls.model_validate(labelled.model_dump())

    @property
    def method(self) -> str:
        """`ppi++`, or `people-only` where the judge is not believed at all."""
        return "ppi++" if self.lam else "people-only"

    @property
    def sd(self) -> float:
        """SE·√n; assumed .5 while there is no spread at all."""
        return self.se * math.sqrt(self.n) if self.se else UNKNOWN_SD

    def projected(self, n: int, point: float, alpha: float) -> Bounds:
        """Return the bounds as they would be with n judged cases, labelled as often as these."""
        return self.model_copy(update={"point": point, "se": self.sd / math.sqrt(n)}).bounds(alpha)


Estimate = Annotated[
    Mean | Proportion | PairedMean | PairedBinary | Resampled | Sequence | Corrected | Sampled,
    Field(discriminator="kind"),
]
"""Every way a metric is known; closed, since whoever can add one can weaken a gate."""


def score_estimate(values: npt.ArrayLike, clusters: npt.ArrayLike | None = None) -> Mean | Proportion:
    """Return the estimate of a mean score: a Proportion when every score is exactly 0 or 1.

    values: scores in [0, 1], ValueError otherwise. clusters: a code for each, rows in any order. Equal data in any
    order, under any codes, give equal estimates to the last bit.

    >>> round(score_estimate([1, 1, 0, 1]).bounds(0.05).low, 5)
    0.2486
    >>> score_estimate([0.5, 1.0, 0.25]).method
    't-guarded'
    """
    scores = _checked(values, SCORES)
    if not len(scores):
        return Proportion(hits=0, n=0)
    totals, sizes = cluster_totals(scores, clusters)
    if ((scores == 0) | (scores == 1)).all():
        sums = cluster_sums(totals, sizes) if len(totals) < len(scores) else None
        return Proportion(hits=int(scores.sum()), n=len(scores), sums=sums)
    return Mean(sums=cluster_sums(totals, sizes), informative=informative_clusters(totals / sizes, SCORE_STEP))


def change_estimate(
    differences: npt.ArrayLike, margin: float, clusters: npt.ArrayLike | None = None
) -> PairedMean | PairedBinary:
    """Return the estimate of a mean change: PairedBinary when no pair is clustered and each moves by -1, 0 or 1.

    differences: candidate - baseline per pair, in [-1, 1]; margin: the one the change is held to; ValueError otherwise.
    clusters and order as in `score_estimate`.

    >>> change_estimate([0.0] * 60, 0.04).method, change_estimate([0.0, 0.5, -0.25], 0.04).method
    ('tango', 't-guarded')
    """
    changes = _checked(differences, CHANGES)
    totals, sizes = cluster_totals(changes, clusters)
    if len(totals) == len(changes) and ((changes == 0) | (abs(changes) == 1)).all():
        return PairedBinary(losses=int((changes < 0).sum()), gains=int((changes > 0).sum()), n=len(changes))
    informative = informative_clusters(totals / sizes, margin)
    return PairedMean(sums=cluster_sums(totals, sizes), informative=informative, margin=margin)


def sequence_estimate(
    values: npt.ArrayLike, clusters: npt.ArrayLike | None = None, largest: int = 1, support: Support = CHANGES
) -> Sequence:
    """Return the estimate of what was seen so far; largest: the size of the largest planned cluster.

    >>> round(sequence_estimate([0.0] * 150).bounds(0.05).low, 5)
    -0.03738
    """
    totals, sizes = cluster_totals(_checked(values, support), clusters)
    rows = sorted(zip(totals.tolist(), sizes.tolist(), strict=True))
    return Sequence(rows=tuple(rows), largest=largest, support=support)


def p_below(estimate: Estimate, bound: float) -> float:
    """Return the one-sided p of "the truth is `bound` or more": the smallest alpha whose upper bound lies below it.

    >>> round(p_below(Proportion(hits=0, n=30), 0.09503), 3)
    0.05
    """
    if isinstance(estimate, Sequence):
        return estimate.p_below(bound)
    return smallest_alpha(lambda alpha: estimate.bounds(alpha).high < bound)


def _checked(values: npt.ArrayLike, support: Support) -> FloatArray:
    """Return the values as one row of floats, all within the support; no zero is negative."""
    import numpy as np

    row = np.asarray(values, dtype=np.float64) + 0.0
    low, high = support
    if row.ndim != 1 or not ((row >= low) & (row <= high)).all():
        raise ValueError(f"values must be one row within [{low:g}, {high:g}]")
    return row
