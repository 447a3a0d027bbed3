"""One-sided bounds, the quantiles they are made of, and the bisections that invert them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

ALPHA = 0.05
"""The one-sided error each bound allows unless said."""

POWER = 0.8
"""The chance planning aims at."""

SMALLEST_P = 1e-30
"""Where a p stops being told apart from nothing."""

_STEPS = 48


class Bounds(NamedTuple):
    """Two one-sided bounds of the same quantity, each holding with probability 1 - alpha."""

    low: float
    high: float

    def mirrored(self) -> Bounds:
        """Return the bounds of the negated quantity: `at most r` is `at least -r` of it.

        >>> Bounds(0.01, 0.04).mirrored()
        Bounds(low=-0.04, high=-0.01)
        """
        return Bounds(-self.high, -self.low)

    def rescaled(self, point: float, new_point: float, factor: float) -> Bounds:
        """Return the bounds moved from one point to another, their distances from it multiplied by `factor`.

        >>> Bounds(-0.5, 0.25).rescaled(0.0, 1.0, 0.5)
        Bounds(low=0.75, high=1.125)
        """
        return Bounds(new_point - (point - self.low) * factor, new_point + (self.high - point) * factor)


def normal_quantile(alpha: float) -> float:
    """Return z_{1-alpha}, the point a standard normal exceeds with probability alpha.

    >>> round(normal_quantile(0.05), 6)
    1.644854
    """
    from statistics import NormalDist

    return -NormalDist().inv_cdf(alpha)


def t_quantile(alpha: float, df: float) -> float:
    """Return t_{1-alpha, df}; df need not be whole. Taken from the lower tail, so small alphas keep their digits.

    >>> round(t_quantile(0.05, 2.62769), 4)
    2.4957
    """
    from scipy.special import stdtrit

    return -float(stdtrit(df, alpha))


def beta_quantile(alpha: float, a: float, b: float) -> float:
    """Return the point a Beta(a, b) stays below with probability alpha.

    >>> round(beta_quantile(0.05, 58, 3), 5)
    0.89876
    """
    from scipy.special import betaincinv

    return float(betaincinv(a, b, alpha))


def crossing(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Return where `holds` turns from false (towards low) to true (towards high), to 48 halvings of the interval.

    >>> round(crossing(lambda x: x * x >= 2, 0, 2), 9)
    1.414213562
    """
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def smallest_alpha(decides: Callable[[float], bool]) -> float:
    """Return the smallest alpha at which a one-sided bound decides: its p. 1 when none below .999 does.

    The result lies on the deciding side, so the bound at this very level decides too.

    >>> round(smallest_alpha(lambda alpha: normal_quantile(alpha) < 2), 5)
    0.02275
    """
    if decides(SMALLEST_P):
        return SMALLEST_P
    if not decides(0.999):
        return 1.0
    return math.exp(crossing(lambda log: decides(math.exp(log)), math.log(SMALLEST_P), math.log(0.999)))
