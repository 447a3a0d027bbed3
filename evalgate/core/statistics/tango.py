"""Paired 0/1 scores: Tango's score interval for the change, sound where a loss or a gain is rare."""

from __future__ import annotations

import math

from evalgate.core.statistics.tails import Bounds, crossing, normal_quantile


def tango_z(losses: float, gains: float, n: float, margin: float) -> float:
    """Return z of "the change is -margin" against "it is more", for a margin in (-1, 1).

    z = (c - b + nδ) / √(n(2q + D(1 - D))) with D = -δ, A = 2n, B = -(b + c) + (2n - (c - b))D, C = -bD(1 - D) and
    q = (√(B² - 4AC) - B)/2A, the share of losses that fits best under the hypothesis.

    >>> round(tango_z(12, 9, 200, 0.05), 4)
    1.4544
    """
    change = -margin
    a = 2 * n
    b = -(losses + gains) + (2 * n - (gains - losses)) * change
    c = -losses * change * (1 - change)
    share = (math.sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
    distance = gains - losses + n * margin
    variance = n * (2 * share + change * (1 - change))
    return distance / math.sqrt(variance) if variance > 0 else 0.0


def tango_bounds(losses: float, gains: float, n: float, alpha: float) -> Bounds:
    """Return the one-sided bounds of the mean change; no pairs bound nothing.

    L = -δ* with z(δ*) = z_{1-alpha}; U is the same with losses and gains swapped, its sign positive.

    >>> [round(end, 5) for end in tango_bounds(12, 9, 200, 0.05)]
    [-0.05501, 0.02389]
    """
    if n == 0:
        return Bounds(-1.0, 1.0)
    z = normal_quantile(alpha)
    low = -crossing(lambda margin: tango_z(losses, gains, n, margin) >= z, -1.0, 1.0)
    high = crossing(lambda margin: tango_z(gains, losses, n, margin) >= z, -1.0, 1.0)
    return Bounds(low, high)
