"""Agreement between raters: raw, Cohen's and Fleiss's kappa, Krippendorff's alpha, Gwet's AC1, each with an interval.

Every one is e = 1 - (1 - a)/E: a the share that agrees, E the disagreement that chance would give, both taken from
sums over items. The sums are kept by cluster, so that leaving a cluster out is a subtraction.
κ: E = 1 - pₑ. AC1: pₑ = Σq(1-q)/(K-1). α: a = 1 - Dₒ, E = Dₑ, both over the largest distance of two labels.
Sources: Cohen (1960), Fleiss (1971), Krippendorff (2004), Gwet (2008).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from evalgate.core.statistics.means import tied_bounds
from evalgate.core.statistics.tails import Bounds, t_quantile
from evalgate.core.values import Finite, Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

Method = Literal["percent", "cohen", "fleiss", "ac1", "alpha", "alpha_ordinal", "alpha_interval"]

METHODS_OF_TWO: tuple[Method, ...] = ("percent", "cohen", "ac1", "alpha")
METHODS_OF_ALL: tuple[Method, ...] = ("percent", "fleiss", "ac1", "alpha")

ENOUGH_ITEMS = 20
"""With fewer items in common nothing is said."""

ENOUGH_OF_A_LABEL = 20
"""With fewer of a label that people gave, κ and α say nothing: their intervals are wrong for rare labels."""

EACH_END = 0.025
"""The one-sided error of each end of an interval unless said: both ends together hold at 95 %."""

_SAME = 1e-12
_AT_ONCE = 256


class Agreement(Value):
    """How well raters agree by one method, or why that cannot be said; 1 is full agreement, 0 is chance (raw: none)."""

    method: Method
    point: Finite | None
    low: Finite | None
    high: Finite | None
    items: Annotated[int, Field(ge=0)]
    """Items with at least two ratings; the others agree with nobody and are left out."""
    clusters: Annotated[int, Field(ge=0)]
    why: str | None = None
    """Why there is no point, or no interval."""


class AgreementRow(Value):
    """The agreement of some raters: two, or all of them."""

    raters: tuple[str, ...]
    by: tuple[Agreement, ...]


@dataclass(frozen=True)
class Ratings:
    """What people and judges called the same items, with everything the methods need of it.

    table: (items, raters) of label codes from 0, -1 where a rater did not rate. labels: how many there are to choose
    from, K. people: the columns that are people's, all unless said. values: the number each label is worth, for
    `alpha_interval`. weights: positive, their scale is of no matter. ValueError where these do not fit.
    """

    table: IntArray
    labels: int
    clusters: npt.ArrayLike | None = None
    weights: npt.ArrayLike | None = None
    people: Sequence[int] | None = None
    values: Sequence[float] | None = None

    def __post_init__(self) -> None:
        """Refuse what no rating can be."""
        import numpy as np

        if self.table.ndim != 2 or self.table.shape[1] < 2 or not np.issubdtype(self.table.dtype, np.integer):
            raise ValueError("ratings are whole numbers, a row an item, a column each of two or more raters")
        if self.labels < 2 or ((self.table < -1) | (self.table >= self.labels)).any():
            raise ValueError(f"ratings are codes from 0 to {self.labels - 1}, -1 for none, of two labels or more")
        for name, column in (("clusters", self.clusters), ("weights", self.weights)):
            if column is not None and len(np.asarray(column)) != len(self.table):
                raise ValueError(f"{name} are one an item")
        if self.weights is not None and not (np.asarray(self.weights) > 0).all():
            raise ValueError("weights are above 0")
        if self.values is not None and len(self.values) != self.labels:
            raise ValueError("values are one a label")

    def of(self, *raters: int) -> Ratings:
        """Return the ratings of some raters; people among them stay people, and without any all count as people."""
        people = [place for place, rater in enumerate(raters) if self.people is None or rater in self.people]
        return Ratings(
            self.table[:, list(raters)], self.labels, self.clusters, self.weights, people or None, self.values
        )

    @cached_property
    def rated(self) -> npt.NDArray[np.bool_]:
        """Which items have at least two ratings."""
        import numpy as np

        return np.asarray(np.count_nonzero(self.table >= 0, axis=1) >= 2)

    @cached_property
    def items(self) -> int:
        """How many items have at least two ratings."""
        return int(self.rated.sum())

    @cached_property
    def codes(self) -> IntArray:
        """The cluster of each such item, from 0."""
        import numpy as np

        if self.clusters is None:
            return np.arange(self.items)
        return np.unique(np.asarray(self.clusters)[self.rated], return_inverse=True)[1].reshape(-1)

    @cached_property
    def weight(self) -> FloatArray:
        """The weight of each such item; they add up to their number."""
        import numpy as np

        if self.weights is None:
            return np.ones(self.items)
        kept = np.asarray(self.weights, dtype=np.float64)[self.rated]
        return kept * (len(kept) / math.fsum(kept.tolist()))

    @cached_property
    def counts(self) -> FloatArray:
        """(items, labels): how many raters gave each label."""
        import numpy as np

        kept = self.table[self.rated]
        return np.stack([(kept == label).sum(axis=1) for label in range(self.labels)], axis=1).astype(np.float64)

    @cached_property
    def groups(self) -> int:
        """G, the number of clusters with such an item."""
        return int(self.codes.max()) + 1 if self.items else 0

    @cached_property
    def effective_groups(self) -> float:
        """G_eff = (Σw)² / Σ_c(Σ_{i in c} w)²."""
        import numpy as np

        each = np.bincount(self.codes, weights=self.weight)
        return float(each.sum() ** 2 / (each @ each))

    @cached_property
    def rarest(self) -> int:
        """On how many items people gave the rarest of the labels they gave; 0 where they gave one label only."""
        columns = self.table[self.rated]
        mine = columns if self.people is None else columns[:, list(self.people)]
        found = [int((mine == label).any(axis=1).sum()) for label in range(self.labels)]
        given = [count for count in found if count]
        return min(given) if len(given) > 1 else 0

    def summed(self, columns: FloatArray) -> FloatArray:
        """Return the weighted sum of each column over each cluster: (clusters, columns)."""
        import numpy as np

        flat = columns.reshape(self.items, -1) * self.weight[:, None]
        sums = [np.bincount(self.codes, weights=flat[:, place]) for place in range(flat.shape[1])]
        return np.stack(sums, axis=1)


def agreement(
    ratings: Ratings,
    method: Method,
    alpha: float = EACH_END,
    least: int = ENOUGH_OF_A_LABEL,
    bootstrap: tuple[int, int] | None = None,
) -> Agreement:
    """Return the agreement by one method, each end of its interval holding with probability 1 - alpha.

    The interval is tanh(artanh(e) ± t_{G-1}·SE/(1-e²)), SE from leaving out one cluster at a time; with
    bootstrap=(seed, resamples) it is the percentile interval of whole clusters drawn again, made for Krippendorff's
    alpha of many raters and missing cells. Where no cluster differs (nobody disagrees), it comes from that of raw
    agreement, whose lower end then is alpha^{1/G}. `least`: how often people must have given each label for κ and α.
    """
    items, groups = ratings.items, ratings.groups

    def said(point: float | None, bounds: Bounds | None, why: str | None) -> Agreement:
        low, high = bounds if bounds is not None else (None, None)
        return Agreement(method=method, point=point, low=low, high=high, items=items, clusters=groups, why=why)

    why = _cannot(ratings, method, least)
    if why:
        return said(None, None, why)
    kept = _kept(ratings, method)
    total = kept.sum(axis=0, keepdims=True)
    agree, chance = (float(each[0]) for each in _parts(ratings, method, total))
    if chance <= _SAME:
        return said(None, None, "chance alone would agree fully")
    point = 1 - (1 - agree) / chance
    if groups < 2:
        return said(point, None, "one cluster shows no spread")
    if bootstrap:
        found = _estimates(ratings, method, _drawn(kept, *bootstrap))
    else:
        found = _estimates(ratings, method, [total - kept])
    return said(point, *_interval(ratings, method, (point, agree, chance), found, alpha, resampled=bool(bootstrap)))


def agreement_table(
    ratings: Ratings, names: Sequence[str], alpha: float = EACH_END, bootstrap: tuple[int, int] | None = None
) -> tuple[AgreementRow, ...]:
    """Return the agreement of each two raters with an item in common, in their order, and last that of all.

    names: one a column. bootstrap=(seed, resamples) is for the overall alpha, as in `agreement`.
    """
    raters = range(ratings.table.shape[1])
    if len(names) != len(raters):
        raise ValueError("names are one a rater")
    rows = []
    for first in raters:
        for second in raters[first + 1 :]:
            pair = ratings.of(first, second)
            if pair.items:
                by = tuple(agreement(pair, method, alpha) for method in METHODS_OF_TWO)
                rows.append(AgreementRow(raters=(names[first], names[second]), by=by))
    overall = tuple(
        agreement(ratings, method, alpha, bootstrap=bootstrap if method == "alpha" else None)
        for method in METHODS_OF_ALL
    )
    return (*rows, AgreementRow(raters=tuple(names), by=overall))


def _cannot(ratings: Ratings, method: Method, least: int) -> str | None:
    """Return why a method says nothing of these ratings."""
    if ratings.items < ENOUGH_ITEMS:
        return f"too few: {ratings.items} items with two ratings, {ENOUGH_ITEMS} are needed"
    if method == "cohen" and ratings.table.shape[1] != 2:
        return "for two raters only"
    if method == "fleiss" and len(set(ratings.counts.sum(axis=1).tolist())) > 1:
        return "items have different numbers of ratings"
    if method not in ("percent", "ac1") and ratings.rarest < least:
        return f"too few: people gave the rarest label {ratings.rarest} times, {least} are needed"
    return None


def _kept(ratings: Ratings, method: Method) -> FloatArray:
    """Return what a method needs, summed by cluster, flat: (clusters, figures)."""
    import numpy as np

    counts, ones = ratings.counts, np.ones((ratings.items, 1))
    raters = counts.sum(axis=1)
    alike = ((counts * (counts - 1)).sum(axis=1) / (raters * (raters - 1)))[:, None]
    if method == "cohen":
        first, second = (ratings.table[ratings.rated, place] for place in (0, 1))
        share = np.eye(ratings.labels)
        return ratings.summed(np.hstack([ones, alike, share[first], share[second]]))
    if method in ("percent", "fleiss", "ac1"):
        return ratings.summed(np.hstack([ones, alike, counts / raters[:, None]]))
    met = counts[:, :, None] * counts[:, None, :]
    met[:, range(ratings.labels), range(ratings.labels)] -= counts
    return ratings.summed(met / (raters - 1)[:, None, None])


def _parts(ratings: Ratings, method: Method, sums: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (a, E) for each row of sums."""
    import numpy as np

    labels = ratings.labels
    if method.startswith("alpha"):
        return _alpha(ratings, method, sums.reshape(-1, labels, labels))
    shares = sums[:, 1:] / sums[:, :1]
    agree, share = shares[:, 0], shares[:, 1:]
    if method == "percent":
        return agree, np.ones(len(sums))
    if method == "cohen":
        return agree, 1 - (share[:, :labels] * share[:, labels:]).sum(axis=1)
    if method == "fleiss":
        return agree, 1 - (share**2).sum(axis=1)
    return agree, 1 - (share * (1 - share)).sum(axis=1) / (labels - 1)


def _alpha(ratings: Ratings, method: Method, met: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return (a, E) of Krippendorff's alpha for each matrix of how often two labels met in an item."""
    import numpy as np

    given = met.sum(axis=2)
    total = given.sum(axis=1)
    distance = _distances(ratings, method, given)
    largest = np.maximum(distance.max(axis=(1, 2)), _SAME)
    observed = (met * distance).sum(axis=(1, 2)) / total
    pairs = given[:, :, None] * given[:, None, :]
    expected = (pairs * distance).sum(axis=(1, 2)) / (total * (total - 1))
    return 1 - observed / largest, expected / largest


def _distances(ratings: Ratings, method: Method, given: FloatArray) -> FloatArray:
    """Return how far apart each two labels are: (one a row of `given` or one for all, labels, labels)."""
    import numpy as np

    if method == "alpha":
        return 1 - np.eye(ratings.labels)[None]
    if method == "alpha_interval":
        values = np.asarray(range(ratings.labels) if ratings.values is None else ratings.values, dtype=np.float64)
        return np.asarray((values[:, None] - values[None, :]) ** 2)[None]
    # How many ratings lie between two labels, half of either end counted: the middle ranks' difference.
    rank = np.cumsum(given, axis=1) - given / 2
    return np.asarray((rank[:, :, None] - rank[:, None, :]) ** 2)


def _estimates(ratings: Ratings, method: Method, replicates: Iterator[FloatArray] | list[FloatArray]) -> FloatArray:
    """Return e for each row of each array of sums; NaN where chance alone agrees fully."""
    import numpy as np

    found = []
    for sums in replicates:
        with np.errstate(divide="ignore", invalid="ignore"):
            agree, chance = _parts(ratings, method, sums)
            found.append(np.where(chance > _SAME, 1 - (1 - agree) / chance, np.nan))
    return np.concatenate(found)


def _drawn(kept: FloatArray, seed: int, resamples: int) -> Iterator[FloatArray]:
    """Yield the sums of as many clusters drawn with replacement, some hundred draws at once.

    Clusters of the same sums are drawn as one kind: what is drawn is how often each kind comes.
    """
    import numpy as np

    kinds, sizes = np.unique(kept, axis=0, return_counts=True)
    rng, groups = np.random.default_rng(seed), len(kept)
    for start in range(0, resamples, _AT_ONCE):
        times = rng.multinomial(groups, sizes / groups, min(_AT_ONCE, resamples - start))
        yield times.astype(np.float64) @ kinds


def _interval(
    ratings: Ratings,
    method: Method,
    seen: tuple[float, float, float],
    found: FloatArray,
    alpha: float,
    *,
    resampled: bool,
) -> tuple[Bounds | None, str | None]:
    """Return the interval of (e, a, E) from its replicates, or why there is none."""
    import numpy as np

    (point, agree, chance), groups = seen, ratings.groups
    if np.isnan(found).any():
        return None, "without some clusters chance alone would agree fully"
    error = math.sqrt((groups - 1) / groups * float(((found - found.mean()) ** 2).sum()))
    if error <= _SAME:
        low, high = tied_bounds(agree, ratings.effective_groups, (0.0, 1.0), alpha)
        return Bounds(1 - (1 - low) / chance, 1 - (1 - high) / chance), None
    if resampled:
        low, high = np.quantile(found, [alpha, 1 - alpha]).tolist()
        return Bounds(low, high), None
    reach = t_quantile(alpha, groups - 1) * error / (1 - point**2)
    low, high = (math.tanh(math.atanh(point) + side * reach) for side in (-1, 1))
    return Bounds(max(low, 0.0) if method == "percent" else low, high), None
