"""What each sampled item stands for: weights 1/p, adjusted so that every stratum weighs what was counted in it.

w = N_h·(1/p)/Σ_{S_h}(1/p) in a stratum of N_h items, p the absolute chance of the phase that scored the item; without
counts there is one stratum. A stratum with one sampled item or none goes to that with the nearest chance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

FEWEST_OF_STRATUM = 2
"""A stratum with fewer sampled items shows no spread of its own."""


@dataclass(frozen=True)
class Strata:
    """The strata of a sample: a code from 0 for each row, and by code the items counted, sampled or not.

    typical: each stratum's chance as designed, by which one without enough items finds its neighbour; 0 or NaN where
    nothing could be drawn. Unless said, the harmonic mean of its items' chances, NaN without items. ValueError for
    counts that cannot be.
    """

    codes: IntArray
    sizes: FloatArray
    typical: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse counts that cannot be."""
        import numpy as np

        if len(self.codes) and not (self.codes.min() >= 0 and self.codes.max() < len(self.sizes)):
            raise ValueError(f"a stratum is a code from 0 to {len(self.sizes) - 1}")
        if not (np.bincount(self.codes, minlength=len(self.sizes)) <= self.sizes).all() or not self.sizes.sum() > 0:
            raise ValueError("a stratum holds at least the items drawn from it, and all of them at least one item")
        if self.typical is not None and len(self.typical) != len(self.sizes):
            raise ValueError("a typical chance is one a stratum")


@dataclass(frozen=True)
class Drawn:
    """The scored items of a sample, one a row: score in [0, 1] and absolute chance in (0, 1].

    strata: those whose items were all counted; none makes Hájek's ratio of it. clusters: a name for each row, the
    conversation that shares a draw; each row its own unless said. ValueError for what cannot be.
    """

    values: FloatArray
    chances: FloatArray
    strata: Strata | None = None
    clusters: npt.ArrayLike | None = None

    def __post_init__(self) -> None:
        """Refuse rows that cannot be."""
        import numpy as np

        columns = (self.values, self.chances, self.strata and self.strata.codes, self.clusters)
        if len({len(np.asarray(each)) for each in columns if each is not None}) > 1:
            raise ValueError("values, chances, strata and clusters are one a row")
        if not ((self.values >= 0) & (self.values <= 1)).all():
            raise ValueError("a score lies in [0, 1]; one that is missing is tried at both ends")
        if not ((self.chances > 0) & (self.chances <= 1)).all():
            raise ValueError("the chance of a sampled item is above 0 and at most 1")


class Weighed(NamedTuple):
    """A sample's weights as shares of what was seen, and what each row moves the mean by."""

    mean: float
    shares: FloatArray
    terms: FloatArray
    unsampled: float
    merged: int


def weighed(drawn: Drawn) -> Weighed:
    """Return the weights after strata without enough items went to a neighbour."""
    import numpy as np

    inverse, strata = 1 / drawn.chances, drawn.strata
    if strata is None:
        groups, sizes, unsampled, merged = np.zeros(len(inverse), dtype=np.int64), np.ones(1), 0.0, 0
    else:
        counts = np.bincount(strata.codes, minlength=len(strata.sizes))
        into, merged = _merged(counts, strata.sizes, typical_chances(strata, drawn.chances))
        reached = into >= 0
        sizes = np.bincount(into[reached], strata.sizes[reached], len(into)).astype(np.float64)
        unsampled = exact_sum(strata.sizes[~reached]) / exact_sum(strata.sizes)
        groups = into[strata.codes]
    seen = np.flatnonzero(np.bincount(groups, minlength=len(sizes)))
    order = np.argsort(groups, kind="stable")
    starts = np.searchsorted(groups[order], seen)
    ends = np.append(starts[1:], len(order))
    of_group, means = np.zeros(len(sizes)), np.zeros(len(sizes))
    for group, start, end in zip(seen, starts, ends, strict=True):
        rows = order[start:end]
        of_group[group] = exact_sum(inverse[rows])
        means[group] = exact_sum(inverse[rows] * drawn.values[rows]) / of_group[group]
    total = exact_sum(sizes[seen])
    shares = sizes[groups] / total * inverse / of_group[groups]
    mean = min(max(exact_sum(sizes[seen] / total * means[seen]), 0.0), 1.0)
    return Weighed(mean, shares, shares * (drawn.values - means[groups]), unsampled, merged)


def typical_chances(strata: Strata, chances: FloatArray) -> FloatArray:
    """Return each stratum's chance as designed, or the harmonic mean of its items'; NaN where neither is known."""
    import numpy as np

    if strata.typical is not None:
        return strata.typical
    counts = np.bincount(strata.codes, minlength=len(strata.sizes))
    inverse = np.bincount(strata.codes, weights=1 / chances, minlength=len(strata.sizes))
    harmonic: FloatArray = np.divide(counts, inverse, out=np.full(len(counts), math.nan), where=counts > 0)
    return np.round(harmonic, 12)  # the order of rows may change the last digits, and with them who is nearest


def _merged(counts: IntArray, sizes: FloatArray, typical: FloatArray) -> tuple[IntArray, int]:
    """Return which stratum each goes to, -1 for one that nothing speaks for, and how many moved.

    A stratum with no item or one goes to that whose chance is nearest, the fewest items first; one of which nothing
    could be drawn has no neighbour.
    """
    import numpy as np

    into = np.arange(len(sizes))
    live = (sizes > 0) & (typical > 0) | (counts > 0)
    into[(sizes > 0) & ~live] = -1
    left, size, chance, merged = counts.astype(np.int64), sizes.copy(), np.nan_to_num(typical), 0
    while live.sum() > 1 and left[live].min() < FEWEST_OF_STRATUM:
        alive = np.flatnonzero(live)
        small = alive[np.argmin(left[alive])]
        others = alive[alive != small]
        near = others[np.argmin(np.abs(chance[others] - chance[small]))]
        chance[near] = (chance[near] * size[near] + chance[small] * size[small]) / (size[near] + size[small])
        left[near], size[near] = left[near] + left[small], size[near] + size[small]
        live[small], merged = False, merged + 1
        into[into == small] = near
    return into, merged


def exact_sum(values: FloatArray) -> float:
    """Return the sum exactly rounded, so that the order of rows is nothing.

    >>> import numpy as np
    >>> exact_sum(np.array([1e16, 1.0, -1e16]))
    1.0
    """
    return math.fsum(values.tolist())
