"""Bounds that hold at every look: the capital of a mixture of bets against each possible mean.

A bettor who puts a share κ on "the mean is more than m" multiplies the capital by 1 + κ·z_c at each cluster, with
z_c = Σ_{i in c}(d_i - m) / (M(m - low)), M the largest planned cluster. If the mean is m or less, the capital ever
reaches 1/alpha with probability at most alpha; averaging 24 values of κ spares the choice of one.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from evalgate.core.statistics.tails import Bounds, crossing

if TYPE_CHECKING:
    import numpy.typing as npt

BETS = 24
SMALLEST_BET, LARGEST_BET = 0.004, 0.996

_EDGE = 1e-12


def log_capital(mean: float, rows: npt.ArrayLike, largest: int, support: tuple[float, float] = (-1.0, 1.0)) -> float:
    """Return the log of K(mean), the capital won from these clusters against "the mean is `mean` or less".

    rows: (total, size) of each cluster, in one fixed order. K falls as `mean` rises and is 1 with no data.

    >>> round(math.exp(log_capital(0.0, [(1, 1), (-1, 1), (1, 1), (1, 1)], 1)), 5)
    1.16098
    """
    import numpy as np

    low, high = support
    mean = min(max(mean, low + _EDGE), high)
    totals, sizes = np.asarray(rows, dtype=np.float64).reshape(-1, 2).T
    gains = (totals - mean * sizes) / (largest * (mean - low))
    logs = np.log1p(np.outer(np.geomspace(SMALLEST_BET, LARGEST_BET, BETS), gains)).sum(axis=1)
    top = float(logs.max())
    return top + math.log(math.fsum(np.exp(logs - top).tolist()) / BETS)


def log_capital_below(
    mean: float, rows: npt.ArrayLike, largest: int, support: tuple[float, float] = (-1.0, 1.0)
) -> float:
    """Return the log capital won against "the mean is `mean` or more": the same bets on the negated values.

    >>> log_capital_below(0.25, [(-1, 1), (0, 1)], 1) == log_capital(-0.25, [(1, 1), (0, 1)], 1)
    True
    """
    import numpy as np

    negated = np.asarray(rows, dtype=np.float64).reshape(-1, 2) * (-1, 1)
    return log_capital(-mean, negated, largest, (-support[1], -support[0]))


def betting_bounds(rows: npt.ArrayLike, largest: int, support: tuple[float, float], alpha: float) -> Bounds:
    """Return the bounds at which the capital reaches 1/alpha; exact at any sample size and at every look.

    >>> rows = [(0, 1)] * 60 + [(0.5, 1)] * 20 + [(-0.5, 1)] * 20
    >>> [round(end, 5) for end in betting_bounds(rows, 1, (-1, 1), 0.05)]
    [-0.10027, 0.10027]
    """
    import numpy as np

    low, high = support
    pairs = np.asarray(rows, dtype=np.float64).reshape(-1, 2)
    enough = -math.log(alpha)

    def not_below(mean: float) -> bool:
        return log_capital(mean, pairs, largest, support) < enough

    def above(mean: float) -> bool:
        return log_capital_below(mean, pairs, largest, support) >= enough

    return Bounds(
        low if not_below(low) else crossing(not_below, low, high),
        crossing(above, low, high) if above(high) else high,
    )
