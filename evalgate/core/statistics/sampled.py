"""The mean of production traffic from a sample of known probabilities: strata, clusters, weights 1/p.

p is the absolute chance with which an item reached the phase that scored it. With N_h items in stratum h, all counted,
w = N_h·(1/p)/Σ_{S_h}(1/p), ȳ_h the mean of a stratum by 1/p, μ̂ = ΣN_h·ȳ_h/N, r = w(y - ȳ_h)/N, T_c = Σ_{i in c} r,
V = G/(G-1)·ΣT_c² with G the sampled clusters, df = (ΣT²)²/ΣT⁴, ESS = (Σw)²/Σw². Without counts there is one stratum:
Hájek's ratio. This is what the process would do again; of one window alone, r² counts (1-p)-fold.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from evalgate.core.statistics.binary import clopper_pearson
from evalgate.core.statistics.labelled import Pool
from evalgate.core.statistics.means import SCORE_STEP
from evalgate.core.statistics.tails import Bounds, t_quantile
from evalgate.core.statistics.verdicts import FEWEST_CLUSTERS, FEWEST_EFFECTIVE_CLUSTERS
from evalgate.core.statistics.weighting import Drawn, Strata, exact_sum, typical_chances, weighed
from evalgate.core.values import Finite, Unit, Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

ENOUGH_ESS = 30
"""With a smaller effective sample a mean is not known."""

ENOUGH_RARE = 10
"""With fewer sampled clusters than this of the rarer kind, the spread of what is rare is not believed."""

SUSPECT = 3
"""So many standard errors between all items and the control slice are not chance: the probabilities are wrong."""

_SAME = 1e-12

Whole = Annotated[int, Field(ge=0)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Unknown = Literal["nothing_sampled", "few_effective", "few_clusters", "suspect_weights"]


class SampledMean(Value):
    """A mean known from a sample, or why it is not known; the truth is within [0, 1].

    The `unsampled` share of the traffic, of which nothing could be drawn, counts as 0 in the lower bound and as 1 in
    the upper one.
    """

    seen: Unit
    """The mean of what could be sampled; .5 where nothing was."""
    se: NotNegative
    """Of `seen`."""
    df: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    n: Whole
    """Scored items."""
    ess: NotNegative
    """The equally weighted items that would tell as much."""
    clusters: Whole
    effective_clusters: NotNegative
    """The equally weighted clusters that would tell as much."""
    rare: Whole
    """Sampled clusters of the rarer kind: with the rarer of 0 and 1, or off the median by .05 where scores are more."""
    rare_share: Unit
    """How much of the weight is of that kind."""
    unsampled: Unit = 0.0
    merged: Whole = 0
    """Strata that went to a neighbour for want of items."""
    scope: Literal["process", "window", "census"] = "process"
    """What the interval is about: the process, this window only, or a window of which every item was scored."""
    suspect: bool = False
    """Whether the control slice contradicts the probabilities."""

    @property
    def point(self) -> float:
        """The mean, the unsampled share taken in the middle."""
        return self.seen * (1 - self.unsampled) + self.unsampled / 2

    @property
    def best(self) -> float:
        """The mean if all that could not be sampled were good: what an alarm is held against."""
        return self.seen * (1 - self.unsampled) + self.unsampled

    def error_at(self, level: float) -> float:
        """Return the SE of the mean for a test of `level`: never below what it would be with the truth there.

        V·max(1, level(1-level)/μ̂(1-μ̂)): a low mean has a small variance of its own, and few successes too many would
        look like a drop. With equal scores V is that of one more success and one more failure. A census has none.
        """
        n, share, variance = self.effective_clusters, self.seen, self.se**2
        if self.se == 0:
            if self.scope == "census":
                return 0.0
            share = (share * n + 1) / (n + 2)
            variance = share * (1 - share) / (n + 2)
        inflated = max(1.0, level * (1 - level) / (share * (1 - share)))
        return math.sqrt(variance * inflated) * (1 - self.unsampled)

    @property
    def reason(self) -> Unknown | None:
        """Why the mean is UNKNOWN; None where it is known."""
        if self.n == 0:
            return "nothing_sampled"
        if self.scope == "census":
            return None
        if self.ess < ENOUGH_ESS:
            return "few_effective"
        if self.clusters < FEWEST_CLUSTERS or self.effective_clusters < FEWEST_EFFECTIVE_CLUSTERS:
            return "few_clusters"
        return "suspect_weights" if self.suspect else None

    @property
    def method(self) -> str:
        """`sampled-census`, `sampled-korn-graubard` or `sampled-t`."""
        if self.scope == "census":
            return "sampled-census"
        return "sampled-korn-graubard" if self._few_rare() else "sampled-t"

    def bounds(self, alpha: float) -> Bounds:
        """Return the one-sided (1 - alpha) bounds of the mean; whether they may decide is said by `reason`."""
        low, high = self._seen_bounds(alpha)
        return Bounds(low * (1 - self.unsampled), high * (1 - self.unsampled) + self.unsampled)

    def _seen_bounds(self, alpha: float) -> Bounds:
        if self.scope == "census":
            return Bounds(self.seen, self.seen)
        if self.clusters < FEWEST_CLUSTERS:
            return Bounds(0.0, 1.0)
        if self.method == "sampled-korn-graubard":
            effective = self._effective()
            return clopper_pearson(self.seen * effective, effective, alpha / 2)
        reach = t_quantile(alpha, self.df) * self.se
        return Bounds(max(0.0, self.seen - reach), min(1.0, self.seen + reach))

    def _few_rare(self) -> bool:
        """Say whether too few rare clusters were seen, as they are or as they weigh.

        Where few items stand for most of the traffic, many failures among the others show no spread of theirs.
        """
        return self.se == 0 or min(self.rare, self.rare_share * self._effective()) < ENOUGH_RARE

    def _effective(self) -> float:
        """Return Korn and Graubard's n*: min(ESS, μ̂(1-μ̂)/V), by the clusters where nothing varies."""
        if self.se == 0:
            return self.effective_clusters
        return min(self.ess, self.seen * (1 - self.seen) / self.se**2)


class Change(Value):
    """The difference of two sampled means that may share clusters; the truth is within [-1, 1]."""

    point: Finite
    se: NotNegative
    df: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    reason: Unknown | None = None
    """Why it is UNKNOWN: why either mean is."""

    @property
    def best(self) -> float:
        """The difference itself: both sides must be known in full."""
        return self.point

    def error_at(self, level: float) -> float:  # noqa: ARG002 - a difference spreads alike at any level
        """SE of the difference."""
        return self.se

    def bounds(self, alpha: float) -> Bounds:
        """Return the one-sided (1 - alpha) bounds: point ∓ t·SE; of no spread, all that is possible."""
        if self.se == 0:
            return Bounds(-1.0, 1.0)
        reach = t_quantile(alpha, self.df) * self.se
        return Bounds(max(-1.0, self.point - reach), min(1.0, self.point + reach))


def sampled_mean(drawn: Drawn, *, window_only: bool = False) -> SampledMean:
    """Return the estimate of the mean of all items that the sample was drawn from.

    window_only: of these very items, not of the process that made them: narrower, for a display; ValueError where a
    cluster holds several rows, whose shared draw it does not allow for. Rows in any order, and clusters under any
    names, give equal bits.
    """
    import numpy as np

    if not len(drawn.values):
        return _nothing()
    what = weighed(drawn)
    names = None if drawn.clusters is None else _codes(np.asarray(drawn.clusters))
    shares, terms = _by_cluster((what.shares, what.terms), names)
    groups, scope = len(terms), "process"
    rare, share = _rare(drawn.values, what.shares, names)
    if window_only:
        if groups < len(drawn.values):
            raise ValueError("an interval for this window only is for items that share no draw")
        terms = what.terms * np.sqrt(1 - drawn.chances)
        scope = "census" if (drawn.chances == 1).all() and not what.unsampled else "window"
    variance, df = _spread(_scaled(terms))
    return SampledMean.model_validate(
        {
            "seen": what.mean,
            "se": math.sqrt(variance),
            "df": df,
            "n": len(drawn.values),
            "ess": 1 / exact_sum(what.shares * what.shares),
            "clusters": groups,
            "effective_clusters": 1 / exact_sum(shares * shares),
            "rare": rare,
            "rare_share": share,
            "unsampled": what.unsampled,
            "merged": what.merged,
            "scope": scope,
        }
    )


def sampled_pool(drawn: Drawn) -> Pool:
    """Return a judge's mean over sampled traffic as what people's labels correct: the mean and each row's term."""
    what = weighed(drawn)
    return Pool(what.mean, what.terms, drawn.clusters)


def sampled_change(one: Drawn, other: Drawn) -> Change:
    """Return the mean of `one` minus that of `other`, both sampled; clusters they share count once, by T_c.

    Both name their clusters, or neither does and they share nothing: then V is the sum of the two.
    """
    import numpy as np

    if (one.clusters is None) != (other.clusters is None):
        raise ValueError("both samples name their clusters, or neither does")
    means = [sampled_mean(each) for each in (one, other)]
    reason = next((each.reason for each in means if each.reason), None)
    point = means[0].point - means[1].point
    if any(each.clusters < FEWEST_CLUSTERS for each in means):
        return Change(point=point, se=0.0, df=1.0, reason=reason or "few_clusters")
    sides = [weighed(each) for each in (one, other)]
    rows = [len(each.values) for each in (one, other)]
    named = [np.arange(sum(rows))] if one.clusters is None else [np.asarray(one.clusters), np.asarray(other.clusters)]
    codes = _codes(np.concatenate(named))
    totals = np.zeros(int(codes.max()) + 1)
    for side, mean, place, sign in zip(sides, means, np.split(codes, [rows[0]]), (1, -1), strict=True):
        factor = sign * (1 - side.unsampled) * math.sqrt(mean.clusters / (mean.clusters - 1))
        order = np.lexsort((side.terms, place))
        totals += factor * np.bincount(place[order], weights=side.terms[order], minlength=len(totals))
    variance, df = _spread(totals)
    return Change(point=point, se=math.sqrt(variance), df=df, reason=reason)


def checked(everything: Drawn, control: Drawn) -> SampledMean:
    """Return the mean of all items, marked as suspect where the control slice lies too far from it.

    control: the items with a draw below the control rate, at that rate, which no fact decides: a plain mean tests the
    recorded probabilities and the counts at once. One that is not known itself, or has seen too few of what is rare to
    show how it spreads, contradicts nothing.
    """
    mean, plain = sampled_mean(everything), sampled_mean(control)
    gap = sampled_change(everything, control)
    speaks = plain.reason is None and plain.method == "sampled-t"
    contradicted = speaks and gap.se > 0 and abs(gap.point) > SUSPECT * gap.se
    return mean.model_copy(update={"suspect": contradicted})


def pooled(windows: Sequence[Drawn]) -> Drawn:
    """Return several windows as one sample: strata of one code are one, their counts added up.

    All have strata, with codes that mean the same, or none has; a typical chance is the mean by counts.
    """
    import numpy as np

    if len({each.strata is None for each in windows}) != 1 or len({each.clusters is None for each in windows}) != 1:
        raise ValueError("all windows have strata and clusters, or none has; at least one window")
    values, chances = (np.concatenate([getattr(each, name) for each in windows]) for name in ("values", "chances"))
    clusters = None if windows[0].clusters is None else np.concatenate([np.asarray(each.clusters) for each in windows])
    counted = [(each.strata, each.chances) for each in windows if each.strata is not None]
    if not counted:
        return Drawn(values, chances, clusters=clusters)
    longest = max(len(strata.sizes) for strata, _ in counted)
    sizes, weighted, known = np.zeros(longest), np.zeros(longest), np.zeros(longest)
    for strata, of_rows in counted:
        typical, of = typical_chances(strata, of_rows), len(strata.sizes)
        sizes[:of] += strata.sizes
        weighted[:of] += np.where(typical > 0, typical, 0.0) * strata.sizes
        known[:of] += np.where(typical > 0, strata.sizes, 0.0)
    typical = np.divide(weighted, known, out=np.full(longest, math.nan), where=known > 0)
    codes = np.concatenate([strata.codes for strata, _ in counted])
    return Drawn(values, chances, Strata(codes, sizes, typical), clusters)


def _codes(names: npt.NDArray[np.generic]) -> IntArray:
    """Return each name's place among the sorted names."""
    import numpy as np

    codes: IntArray = np.unique(names, return_inverse=True)[1].reshape(-1)
    return codes


def _by_cluster(columns: Sequence[FloatArray], codes: IntArray | None) -> list[FloatArray]:
    """Return each column's sum over each cluster, of sorted rows, so that their order changes not one bit."""
    import numpy as np

    if codes is None:
        return list(columns)
    order = np.lexsort((*columns, codes))
    return [np.bincount(codes[order], weights=each[order]).astype(np.float64) for each in columns]


def _rare(values: FloatArray, shares: FloatArray, codes: IntArray | None) -> tuple[int, float]:
    """Return how many sampled clusters are of the rarer kind, and the share of the weight that is of it.

    Of 0/1 scores: clusters with the rarer of both, by clusters; of others: those whose mean lies off the median.
    """
    import numpy as np

    names = np.arange(len(values)) if codes is None else codes
    kinds = (values == 1, values == 0)
    if not (kinds[0] | kinds[1]).all():
        totals, weights = _by_cluster((values, shares), codes)
        means = totals / np.bincount(names)
        off = np.abs(means - np.median(means)) >= SCORE_STEP - _SAME
        return int(np.count_nonzero(off)), min(exact_sum(weights[off]), 1.0)
    counts = [int(np.count_nonzero(np.bincount(names[kind]))) for kind in kinds]
    shared = [min(exact_sum(shares[kind]), 1.0) for kind in kinds]
    return min(counts), min(shared)


def _scaled(terms: FloatArray) -> FloatArray:
    """Return the terms so that V is their sum of squares; one cluster has no spread to show."""
    groups = len(terms)
    return terms * math.sqrt(groups / (groups - 1)) if groups > 1 else terms * 0.0


def _spread(terms: FloatArray) -> tuple[float, float]:
    """Return V and its degrees of freedom; what is left by rounding of a spread that is none is none."""
    squares = terms * terms
    variance = exact_sum(squares)
    if variance <= _SAME**2:
        return 0.0, 1.0
    return variance, variance**2 / exact_sum(squares * squares)


def _nothing() -> SampledMean:
    none = {"n": 0, "ess": 0.0, "clusters": 0, "effective_clusters": 0.0, "rare": 0, "rare_share": 0.0}
    return SampledMean.model_validate({"seen": 0.5, "se": 0.0, "df": 1.0} | none)
