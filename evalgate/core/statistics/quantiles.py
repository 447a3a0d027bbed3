"""Bounds of a quantile by order statistics: no assumption on how latencies spread."""

from __future__ import annotations

import math
from collections.abc import Sequence

from evalgate.core.statistics.tails import ALPHA, Bounds


def quantile_ranks(n: int, q: float = 0.95, alpha: float = ALPHA) -> tuple[int, int]:
    """Return the ranks (j, k), counted from 1, whose sorted values bound the q-quantile from below and from above.

    k = 1 + binom⁻¹(1-alpha; n, q), j = binom⁻¹(alpha; n, q). j = 0 or k = n + 1 says that no value bounds it.

    >>> quantile_ranks(59), quantile_ranks(200), quantile_ranks(1000), quantile_ranks(58)[1]
    ((53, 59), (185, 196), (938, 962), 59)
    """
    import numpy as np
    from scipy.special import bdtr

    below = bdtr(np.arange(n + 1), n, q)
    return int(np.searchsorted(below, alpha)), 1 + int(np.searchsorted(below, 1 - alpha))


def latency_bounds(values: Sequence[float], q: float = 0.95, alpha: float = ALPHA) -> Bounds:
    """Return the bounds of the q-quantile of latencies: low 0 or high infinite where no value bounds it (n < 59).

    A limit passes when high ≤ limit and fails when low > limit: against(-limit, *bounds.mirrored()).

    >>> latency_bounds(range(1, 201))
    Bounds(low=185.0, high=196.0)
    >>> latency_bounds(range(1, 59))
    Bounds(low=52.0, high=inf)
    """
    ordered = sorted(values)
    j, k = quantile_ranks(len(ordered), q, alpha) if ordered else (0, 1)
    low = float(ordered[j - 1]) if j else 0.0
    return Bounds(low, float(ordered[k - 1]) if k <= len(ordered) else math.inf)
