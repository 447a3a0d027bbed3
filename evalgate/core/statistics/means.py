"""Means of clustered values: what is kept of the data, its standard error and bounds that survive sparse data.

The estimand is the mean over items while clusters are what was sampled. With cluster sizes m_c, item mean θ and
T_c = Σ_{i in c}(d_i - θ): SE² = G/(G-1) · ΣT_c² / n². Without clusters every m_c is 1 and SE = sd/√n.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from evalgate.core.statistics.tails import Bounds, t_quantile
from evalgate.core.values import Finite, Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

ENOUGH_INFORMATIVE = 30
"""With fewer clusters than this that move by a margin, the t bound is guarded."""

SCORE_STEP = 0.05
"""What counts as moving for a score, and for a change that is held to no margin."""

_SAME = 1e-12
"""Cluster means closer than this differ by rounding only."""

Count = Annotated[int | float, Field(gt=0)]
"""Whole in data; a fraction only when bounds are projected to more cases."""


class ClusterSums(Value):
    """All that the t bounds need of the data, whatever its length.

    mean: item mean θ. squares: ΣT_c². cross: ΣT_c·m_c (0 for equal sizes). sizes: (size, how many clusters have it).
    Centred sums lose no digits when another mean is tried: T_c(θ') = T_c - m_c(θ' - θ).
    """

    mean: Finite
    squares: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    cross: Finite
    sizes: Annotated[tuple[tuple[Count, Count], ...], Field(min_length=1)]

    @property
    def n(self) -> float:
        """Number of items."""
        return sum(size * count for size, count in self.sizes)

    @property
    def clusters(self) -> float:
        """Number of clusters, G."""
        return sum(count for _, count in self.sizes)

    @property
    def squared_sizes(self) -> float:
        """Σm²."""
        return sum(size * size * count for size, count in self.sizes)

    @property
    def effective_clusters(self) -> float:
        """G_eff = n² / Σm²: the number of equal clusters that would weigh the same."""
        return self.n**2 / self.squared_sizes

    @property
    def clustered(self) -> bool:
        """Whether any cluster holds more than one item."""
        return any(size != 1 for size, _ in self.sizes)

    @property
    def tied(self) -> bool:
        """Whether all cluster means are equal up to rounding."""
        return self.squares <= _SAME**2 * self.squared_sizes

    @property
    def standard_error(self) -> float:
        """SE of the item mean; needs two clusters."""
        return math.sqrt(self.clusters / (self.clusters - 1) * self.squares) / self.n

    @property
    def sd(self) -> float:
        """The spread of one item, its design effect included: SE·√n."""
        return self.standard_error * math.sqrt(self.n)

    def with_cluster(self, value: float) -> ClusterSums:
        """Return the sums with one more cluster of size n/G_eff = Σm²/n, every item of it equal to `value`.

        Not of the average size n/G: where a few clusters hold much of the data, what is lost is one of those
        (docs/decisions/0003-clustered-guard.md). Sizes are multiplied by n, which changes neither SE nor df, so that
        they stay whole numbers.
        """
        n, size = self.n, self.squared_sizes
        mean = (n * n * self.mean + size * value) / (n * n + size)
        shift, added = mean - self.mean, size * (value - mean)
        squares = self.squares - 2 * shift * self.cross + shift**2 * self.squared_sizes
        return ClusterSums.model_construct(
            mean=mean,
            squares=float(n) ** 2 * max(squares, 0.0) + added**2,
            cross=float(n) ** 2 * (self.cross - shift * self.squared_sizes) + size * added,
            sizes=(*((each * n, count) for each, count in self.sizes), (size, 1)),
        )

    def grown(self, times: float, mean: float) -> ClusterSums:
        """Return the sums as they would be with `times` as many clusters like these around another mean."""
        return ClusterSums.model_construct(
            mean=mean,
            squares=self.squares * times,
            cross=self.cross * times,
            sizes=tuple((size, count * times) for size, count in self.sizes),
        )


def degrees_of_freedom(sizes: Iterable[tuple[float, float]]) -> float:
    """Return the t degrees of freedom for these (size, count) pairs; G - 1 when all sizes are equal.

    With a, b, c, e = Σm², Σm³, Σm⁴, Σm⁵: t1 = a - 2b/n + a²/n²,
    t2 = c + (4ac + 2b²)/n² + a⁴/n⁴ - 4e/n - 4a²b/n³, df = t1²/t2; computed over whole numbers, so no digit cancels.

    >>> round(degrees_of_freedom([(4, 1), (3, 2), (2, 1)]), 5), degrees_of_freedom([(3, 8)])
    (2.62769, 7.0)
    """
    pairs = tuple(sizes)
    n, a, b, c, e = (sum(count * size**power for size, count in pairs) for power in range(1, 6))
    t1 = a * n**2 - 2 * b * n + a**2
    t2 = c * n**4 + (4 * a * c + 2 * b**2) * n**2 + a**4 - 4 * e * n**3 - 4 * a**2 * b * n
    return float(t1**2 / t2)


def tied_bounds(value: float, clusters: float, support: tuple[float, float], alpha: float) -> Bounds:
    """Return the bounds when every cluster shows the same value: a rarer one may have gone unseen, so never zero width.

    L = v - (v - low)(1 - alpha^{1/G}), U = v + (high - v)(1 - alpha^{1/G}); exact for equal sizes.

    >>> round(tied_bounds(0.0, 60, (-1, 1), 0.05).low, 5)
    -0.0487
    """
    low, high = support
    unseen = -math.expm1(math.log(alpha) / clusters)
    return Bounds(value - (value - low) * unseen, value + (high - value) * unseen)


def t_bounds(sums: ClusterSums, informative: float, support: tuple[float, float], alpha: float) -> Bounds:
    """Return the one-sided bounds of a clustered mean of values within `support`.

    informative: clusters whose mean lies at least the margin away from their median. With fewer than 30 of them the
    lower bound is taken from the data plus one average cluster at the worst value, the upper one from the data plus
    one at the best; rare losses that a sample happens to miss would else pass. One cluster decides nothing.

    >>> t_bounds(ClusterSums(mean=0.5, squares=0, cross=0, sizes=((1, 1),)), 0, (0, 1), 0.05)
    Bounds(low=0, high=1)
    """
    low, high = support
    if sums.clusters < 2:
        return Bounds(low, high)
    if sums.tied:
        return tied_bounds(sums.mean, sums.effective_clusters, support, alpha)
    if informative >= ENOUGH_INFORMATIVE:
        reach = t_quantile(alpha, degrees_of_freedom(sums.sizes)) * sums.standard_error
        return Bounds(max(low, sums.mean - reach), min(high, sums.mean + reach))
    worst, best = sums.with_cluster(low), sums.with_cluster(high)
    t = t_quantile(alpha, degrees_of_freedom(worst.sizes))
    return Bounds(max(low, worst.mean - t * worst.standard_error), min(high, best.mean + t * best.standard_error))


def cluster_totals(values: FloatArray, clusters: npt.ArrayLike | None = None) -> tuple[FloatArray, IntArray]:
    """Return the total and the size of each cluster; each value its own cluster where no cluster holds two.

    Rows and cluster codes may come in any order: totals run over sorted values, so that equal data give equal bits.

    >>> import numpy as np
    >>> totals, sizes = cluster_totals(np.array([0.5, 1.0, 0.25]), ["b", "a", "b"])
    >>> totals.tolist(), sizes.tolist()
    ([1.0, 0.75], [1, 2])
    """
    import numpy as np

    if clusters is not None:
        found = np.unique(np.asarray(clusters))
        if len(found) < len(values):
            codes = np.searchsorted(found, clusters)
            order = np.lexsort((values, codes))
            return np.bincount(codes[order], weights=values[order]).astype(np.float64), np.bincount(codes)
    return values, np.ones(len(values), dtype=np.int64)


def cluster_sums(totals: FloatArray, sizes: IntArray) -> ClusterSums:
    """Return the sums of at least one cluster; every sum over clusters is exactly rounded, so their order is nothing.

    >>> import numpy as np
    >>> cluster_sums(np.array([3.0, 0.0, 3.0, 1.0]), np.array([4, 3, 3, 2])).clusters
    4
    """
    import numpy as np

    mean = math.fsum(totals.tolist()) / int(sizes.sum())
    deviations = totals - sizes * mean
    kinds, counts = np.unique(sizes, return_counts=True)
    return ClusterSums(
        mean=mean,
        squares=math.fsum((deviations * deviations).tolist()),
        cross=math.fsum((deviations * sizes).tolist()),
        sizes=tuple(zip(kinds.tolist(), counts.tolist(), strict=True)),
    )


def informative_clusters(means: FloatArray, step: float) -> int:
    """Return how many cluster means lie at least `step` away from their median.

    >>> import numpy as np
    >>> informative_clusters(np.array([0.0, 0.0, 0.1, -0.05, 0.02]), 0.05)
    2
    """
    import numpy as np

    return int(np.count_nonzero(np.abs(means - np.median(means)) >= step - _SAME))
