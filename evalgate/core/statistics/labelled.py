"""A judge's mean corrected by the labels people gave to some items: PPI++ with unequal label weights and clusters.

f the judge's values, h people's on the labelled items, π the recorded chance of being labelled, w = 1/π there and 0
elsewhere, W = Σw. f̄ is the mean over all judged items, h̄_w and f̄_w the weighted means over the labelled ones.
θ̂ = h̄_w + λ(f̄ - f̄_w): λ = 0 believes people only, λ = 1 believes the judge as far as people move it.
A_c = Σ_{i in c} w(h - h̄_w)/W, B_c = Σ_{i in c}[(f - f̄)/N - w(f - f̄_w)/W], λ = clip(-ΣAB/ΣB², 0, 1), T = A + λB,
V = G_L/(G_L - k)·ΣT², G_L the clusters that hold labels, k = 2, or 1 where λ = 0.
A gate on changes takes f and h as differences of the two arms; a covariate known before the run is f as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field

from evalgate.core.statistics.tails import Bounds, normal_quantile, t_quantile
from evalgate.core.values import Finite, Unit, Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

ENOUGH_LABELLED = 20
"""Fewer clusters with labels than this decide nothing."""

ENOUGH_DEPARTING = 10
"""Nor do fewer clusters than this whose h - λf is not the usual one: the spread of rare errors is not seen."""

LARGEST_SHARE = 0.2
"""Nor does a mean of which one label is more than this share."""

USEFUL_J = 0.3
"""A judge whose Youden J is not above this is too blind to be used, or to be corrected without new labels."""

_SAME = 1e-9

Whole = Annotated[int, Field(ge=0)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class LabelledMean(Value):
    """A corrected mean, or change, and how much of it rests on labels; the truth is within `support`.

    A standard error of 0 has measured nothing and bounds nothing. With no label the point is the support's middle.
    """

    point: Finite
    se: NotNegative
    df: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    lam: Unit
    """How far the judge is believed; the larger of two where each arm has its own."""
    people: Finite
    """The estimate from people's labels alone."""
    raw: Finite
    """The judge's mean as it stands."""
    n: Whole
    """Judged items."""
    labelled: Whole = 0
    clusters: Whole
    """Those that hold labels; of the arm with fewer, where arms are labelled apart, as all below."""
    effective_clusters: NotNegative
    departing: Whole = 0
    """Clusters with labels whose h - λf is not that of the most clusters."""
    largest_share: Unit = 1.0
    """The largest weight of one label among all."""
    support: tuple[Finite, Finite] = (0.0, 1.0)

    def bounds(self, alpha: float) -> Bounds:
        """Return point ∓ t·SE within the support, each end holding with probability 1 - alpha."""
        low, high = self.support
        if self.se == 0:
            return Bounds(low, high)
        reach = t_quantile(alpha, self.df) * self.se
        return Bounds(max(low, self.point - reach), min(high, self.point + reach))

    @property
    def why(self) -> str | None:
        """Why these bounds may be printed and decide nothing; None where they decide."""
        if self.clusters < ENOUGH_LABELLED:
            return f"labels in {self.clusters} clusters, {ENOUGH_LABELLED} are needed"
        if self.departing < ENOUGH_DEPARTING:
            return f"people and judge differ from the usual in {self.departing} clusters, {ENOUGH_DEPARTING} are needed"
        if self.largest_share > LARGEST_SHARE:
            return f"one label weighs {self.largest_share:.0%} of all, {LARGEST_SHARE:.0%} is the most"
        return None

    @property
    def trusted(self) -> bool:
        """Whether the bounds may decide."""
        return self.why is None


@dataclass(frozen=True)
class Pool:
    """A judge's mean over some items, known apart from the labels: traffic that was sampled, items judged only.

    terms: what each item moves the mean by, (f - f̄)/N for a plain mean, the terms r of a stratified one; clusters:
    one a term, called as those of the labels are.
    """

    mean: float
    terms: FloatArray
    clusters: npt.ArrayLike | None = None


@dataclass(frozen=True)
class Labels:
    """One arm's rows: the judge's value of each, people's (NaN where none), the chance of its label (NaN unknown).

    A label of unknown chance is not used; its row still counts as judged. pool: where the judge's mean comes from,
    these very rows unless said. clusters: one a row; each row its own unless said. ValueError for a chance outside
    (0, 1], for a judge's value that is none and for columns of different lengths.
    """

    judge: FloatArray
    people: FloatArray
    chances: FloatArray
    clusters: npt.ArrayLike | None = None
    pool: Pool | None = None

    def __post_init__(self) -> None:
        """Refuse rows that cannot be."""
        import numpy as np

        lengths = {len(each) for each in (self.judge, self.people, self.chances)}
        if self.clusters is not None:
            lengths.add(len(np.asarray(self.clusters)))
        if len(lengths) > 1:
            raise ValueError("judge, people, chances and clusters are one a row")
        if not np.isfinite(self.judge).all():
            raise ValueError("a row the judge gave no value to is left out")
        known = self.chances[~np.isnan(self.chances)]
        if not ((known > 0) & (known <= 1)).all():
            raise ValueError("the chance of a label is above 0 and at most 1")
        if self.pool is not None and (self.pool.clusters is None) != (self.clusters is None):
            raise ValueError("clusters are said of the labels and of the pool, or of neither")


class RoganGladen(NamedTuple):
    """A share corrected for a judge's known errors; advisory. The interval is point + shift ∓ z·se."""

    point: float
    se: float
    shift: float


class _Arm(NamedTuple):
    """One arm's estimate, and what each cluster moves it by; `terms` are scaled so that V = Σterms²."""

    point: float
    lam: float
    people: float
    raw: float
    terms: FloatArray
    free: int
    """G_L - k."""
    labelled: int
    clusters: int
    effective: float
    departing: int
    largest_share: float


def pool_of(judge: npt.ArrayLike, clusters: npt.ArrayLike | None = None) -> Pool:
    """Return the pool of plain judged items.

    >>> pool_of([0.0, 1.0]).terms.tolist()
    [-0.25, 0.25]
    """
    import numpy as np

    values = np.asarray(judge, dtype=np.float64)
    mean = math.fsum(values.tolist()) / len(values)
    return Pool(mean, (values - mean) / len(values), clusters)


def corrected_mean(labels: Labels, support: tuple[float, float] = (0.0, 1.0), lam: float | None = None) -> LabelledMean:
    """Return the corrected mean of the judge's values: scores, or changes where people saw both arms of a case.

    lam: λ where it is not to be estimated. Rows in any order under any names of clusters give equal bits.
    """
    (codes,), (pooled,), groups = _grouped([labels])
    arm = _arm(labels, codes, pooled, groups, lam)
    return _value(arm, _judged(labels), support)


def corrected_change(candidate: Labels, baseline: Labels, support: tuple[float, float] = (-1.0, 1.0)) -> LabelledMean:
    """Return the corrected change where people saw one arm of a case: each arm corrected on its own, with its own λ.

    The arms' rows are the same cases, row by row, unless both name clusters: T_c = T_c(candidate) - T_c(baseline),
    each arm's terms scaled by its own √(G_L/(G_L - k)), and the fewer degrees of freedom of the two.
    """
    import numpy as np

    arms = [candidate, baseline]
    if any(each.clusters is None for each in arms):
        if len(candidate.judge) != len(baseline.judge) or any(each.pool or each.clusters is not None for each in arms):
            raise ValueError("without clusters both arms are the same cases, row by row")
        rows = np.arange(len(candidate.judge))
        arms = [Labels(each.judge, each.people, each.chances, rows) for each in arms]
    codes, pooled, groups = _grouped(arms)
    new, old = (_arm(arms[place], codes[place], pooled[place], groups, None) for place in (0, 1))
    both = _Arm(
        point=new.point - old.point,
        lam=max(new.lam, old.lam),
        people=new.people - old.people,
        raw=new.raw - old.raw,
        terms=new.terms - old.terms,
        free=min(new.free, old.free),
        labelled=min(new.labelled, old.labelled),
        clusters=min(new.clusters, old.clusters),
        effective=min(new.effective, old.effective),
        departing=min(new.departing, old.departing),
        largest_share=max(new.largest_share, old.largest_share),
    )
    return _value(both, min(_judged(each) for each in arms), support)


def rogan_gladen(
    share: float, n: int, specificity: tuple[float, int], sensitivity: tuple[float, int], alpha: float = 0.025
) -> RoganGladen | None:
    """Return a judge's share of ones corrected for its errors; None where it hardly sees (J at most .3).

    share: of n judged items. specificity and sensitivity: as measured, each with its number of labels. Advisory: it
    supposes the errors of those labels are the errors here; never for a change, whose arms err differently. Counts are
    shrunk by z²/2 and by 1, z that of alpha.

    >>> [round(each, 5) for each in rogan_gladen(0.4, 1000, (0.7, 200), (0.9, 200))]
    [0.16564, 0.05265, -0.0061]
    """
    if specificity[0] + sensitivity[0] - 1 <= USEFUL_J:
        return None
    z = normal_quantile(alpha)
    seen, of = (n * share + z * z / 2) / (n + z * z), n + z * z
    (no, m0), (yes, m1) = (((rate * m + 1) / (m + 2), m + 2) for rate, m in (specificity, sensitivity))
    youden = no + yes - 1
    point = (seen + no - 1) / youden
    wrong_no, wrong_yes = no * (1 - no) / m0, yes * (1 - yes) / m1
    variance = seen * (1 - seen) / of + (1 - point) ** 2 * wrong_no + point**2 * wrong_yes
    shift = 2 * z * z * (point * wrong_yes - (1 - point) * wrong_no)
    return RoganGladen(point, math.sqrt(variance) / youden, shift)


def _judged(labels: Labels) -> int:
    return len(labels.pool.terms if labels.pool else labels.judge)


def _grouped(arms: Sequence[Labels]) -> tuple[list[IntArray], list[IntArray], int]:
    """Return the cluster code of each arm's rows and of its pool's terms, from 0 over all, and their number."""
    import numpy as np

    columns = []
    for arm in arms:
        rows = np.arange(len(arm.judge)) if arm.clusters is None else np.asarray(arm.clusters)
        columns.append(rows)
        if arm.pool is None:
            columns.append(rows)
        elif arm.pool.clusters is None:
            columns.append(len(rows) + np.arange(len(arm.pool.terms)))
        else:
            columns.append(np.asarray(arm.pool.clusters))
    found, codes = np.unique(np.concatenate(columns), return_inverse=True)
    parts = np.split(codes.reshape(-1), np.cumsum([len(each) for each in columns])[:-1])
    return parts[::2], parts[1::2], len(found)


def _totals(values: FloatArray, codes: IntArray, groups: int) -> FloatArray:
    """Return the sum over each cluster, of sorted values, so that the order of rows changes not one bit."""
    import numpy as np

    order = np.lexsort((values, codes))
    return np.bincount(codes[order], weights=values[order], minlength=groups).astype(np.float64)


def _sum(values: FloatArray) -> float:
    return math.fsum(values.tolist())


def _arm(labels: Labels, codes: IntArray, pooled: IntArray, groups: int, lam: float | None) -> _Arm:
    """Return one arm's estimate; with labels in fewer than three clusters, people's alone."""
    import numpy as np

    pool = labels.pool or pool_of(labels.judge)
    kept = ~(np.isnan(labels.people) | np.isnan(labels.chances))
    judge, people, weights, where = labels.judge[kept], labels.people[kept], 1 / labels.chances[kept], codes[kept]
    if not len(weights):
        return _Arm(pool.mean, 0.0, pool.mean, pool.mean, np.zeros(groups), 0, 0, 0, 0.0, 0, 1.0)
    shares = weights / _sum(weights)
    human, judged = _sum(shares * people), _sum(shares * judge)
    a = _totals(shares * (people - human), where, groups)
    b = _totals(pool.terms, pooled, groups) - _totals(shares * (judge - judged), where, groups)
    each = _totals(shares, where, groups)
    clusters = int(np.count_nonzero(each))
    if clusters < 3:
        lam = 0.0
    elif lam is None:
        # A judge who says one thing, or whom people saw everywhere, differs by rounding only.
        squares = _sum(b * b)
        lam = min(max(-_sum(a * b) / squares, 0.0), 1.0) if squares > _SAME**2 * _sum(each * each) else 0.0
    free = clusters - (2 if lam else 1)
    terms = (a + lam * b) * math.sqrt(clusters / free) if free else np.zeros(groups)
    return _Arm(
        point=human + lam * (pool.mean - judged),
        lam=lam,
        people=human,
        raw=pool.mean,
        terms=terms,
        free=free,
        labelled=len(weights),
        clusters=clusters,
        effective=min(1 / _sum(each * each), float(clusters)),
        departing=clusters - _alike(people - lam * judge, where),
        largest_share=float(shares.max()),
    )


def _alike(residuals: FloatArray, codes: IntArray) -> int:
    """Return in how many clusters every residual is one same value: that value which most clusters have."""
    import numpy as np

    order = np.lexsort((residuals, codes))
    values, starts = np.round(residuals[order], 9), np.flatnonzero(np.diff(codes[order], prepend=-1))
    lowest, highest = values[starts], values[np.append(starts[1:], len(values)) - 1]
    counts = np.unique(lowest[lowest == highest], return_counts=True)[1]
    return int(counts.max()) if len(counts) else 0


def _value(arm: _Arm, judged: int, support: tuple[float, float]) -> LabelledMean:
    """Return what is kept of an estimate; without a spread it bounds nothing, without labels it says nothing."""
    squares = arm.terms * arm.terms
    # What is left of a spread that is none by rounding is none: it would bound everything.
    spread = arm.free > 0 and _sum(squares) > _SAME**2
    variance = _sum(squares) if spread else 0.0
    df = min(float(arm.free), variance**2 / _sum(squares * squares)) if spread else 1.0
    low, high = support
    return LabelledMean(
        point=min(max(arm.point, low), high) if arm.labelled else (low + high) / 2,
        se=math.sqrt(variance),
        df=df,
        lam=arm.lam,
        people=arm.people,
        raw=arm.raw,
        n=judged,
        labelled=arm.labelled,
        clusters=arm.clusters,
        effective_clusters=arm.effective,
        departing=arm.departing,
        largest_share=arm.largest_share,
        support=support,
    )
