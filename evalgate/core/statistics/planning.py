"""How many cases a decision needs, before spending and after it stayed open.

The plain formula is n = (z_{1-alpha} + z_{power})² · sd² / distance² pairs, times a design effect for clusters.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, Protocol

from evalgate.core.statistics.tails import ALPHA, POWER, Bounds, normal_quantile
from evalgate.core.statistics.verdicts import against

UNKNOWN_SD = 0.5
"""The spread assumed where no pilot has measured it; to be said wherever it is used."""
UNKNOWN_ICC = 0.5
"""How alike cases of one cluster are taken to be until a pilot has measured it."""

MOST_CASES = 10**9
"""Where looking for enough cases ends."""


class Projectable(Protocol):
    """An estimate that can say how its bounds would look with more cases like these around some point."""

    @property
    def point(self) -> float: ...
    @property
    def n(self) -> int: ...
    @property
    def sd(self) -> float: ...
    def projected(self, n: int, point: float, alpha: float) -> Bounds: ...


class MoreCases(NamedTuple):
    """Cases to add for a verdict on a change: if the true change is none, and if it is the one observed.

    if_real None: more cases will not turn this into a pass.
    """

    if_unchanged: int
    if_real: int | None


def planned(
    sd: float, distance: float, alpha: float = ALPHA, power: float = POWER, design_effect: float = 1.0
) -> float:
    """Return the cases, not rounded, that show a truth `distance` away from the line with this power.

    >>> round(planned(0.334, 0.04), 2), round(planned(0.1608, -0.0204 + 0.04), 2)
    (431.06, 416.13)
    """
    reach = normal_quantile(alpha) + normal_quantile(1 - power)
    return float((reach * sd / distance) ** 2 * design_effect)


def needed_pairs(
    sd: float, margin: float, alpha: float = ALPHA, power: float = POWER, design_effect: float = 1.0
) -> int:
    """Return the pairs with which an unchanged candidate passes `no_worse_than: margin` with this power.

    As many fail a change of -2·margin with the same power. sd: of one paired difference; `UNKNOWN_SD` without a pilot.

    >>> needed_pairs(0.334, 0.04), needed_pairs(0.334, 0.04, design_effect=2.0)
    (432, 863)
    """
    return _whole(planned(sd, margin, alpha, power, design_effect))


def detectable_margin(
    sd: float, pairs: float = 1, alpha: float = ALPHA, power: float = POWER, design_effect: float = 1.0
) -> float:
    """Return the smallest margin these pairs can decide, (z + z)·SE; with one pair `sd` is the SE itself.

    >>> round(detectable_margin(0.334, 432), 4), round(detectable_margin(0.01609), 4)
    (0.04, 0.04)
    """
    reach = normal_quantile(alpha) + normal_quantile(1 - power)
    return reach * sd * math.sqrt(design_effect / pairs)


def cluster_design_effect(cases: int, clusters: int, icc: float) -> float:
    """Return 1 + (mean size - 1)·ICC, by which clusters multiply the cases needed.

    >>> cluster_design_effect(400, 100, 0.5)
    2.5
    """
    return 1 + (cases / clusters - 1) * icc


def smallest_tied_margin(clusters: int, alpha: float = ALPHA) -> float:
    """Return the smallest margin that passes when no cluster shows any change: 1 - alpha^{1/G}.

    >>> round(smallest_tied_margin(60), 4)
    0.0487
    """
    return -math.expm1(math.log(alpha) / clusters) if clusters else 1.0


def fewest_cases(floor: float, failures: int = 0, alpha: float = ALPHA) -> int | None:
    """Return the fewest unclustered cases that pass `at_least: floor` with this many failures; None for a floor of 1.

    `at_most: r` is the floor 1 - r.

    >>> [fewest_cases(0.90, failures) for failures in (0, 1, 2)], fewest_cases(1 - 0.01)
    ([29, 46, 61], 299)
    """
    if floor >= 1:
        return None
    if floor <= 0:
        return max(1, failures)

    def passes(n: int) -> bool:
        def log_chance(k: int) -> float:
            ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
            return ways + k * math.log(1 - floor) + (n - k) * math.log(floor)

        return math.fsum(math.exp(log_chance(k)) for k in range(failures + 1)) <= alpha

    return _first(passes, failures)


def more_cases(estimate: Projectable, margin: float, alpha: float = ALPHA, power: float = POWER) -> MoreCases:
    """Return how many more cases would decide an open `no_worse_than: margin`, at least 1.

    Never fewer than the bound itself would need with such data: sparse and tied data need more than their sd says.
    """
    if_unchanged = _missing(estimate, 0.0, -margin, alpha, power)
    if estimate.n and estimate.point <= -margin:
        return MoreCases(if_unchanged, None)
    return MoreCases(if_unchanged, _missing(estimate, estimate.point, -margin, alpha, power))


def cases_to_settle(estimate: Projectable, bound: float, alpha: float = ALPHA, power: float = POWER) -> int | None:
    """Return how many more cases would decide an open `at_least: bound` if the observed level is the true one.

    The formula for a change with |θ - bound| for its distance, and never fewer than the bound itself would need; to a
    pass above the line, to a fail below it. None when the level lies on the line: no number of cases decides that.
    `at_most: r` asks for the bound 1 - r of the scores.
    """
    if not estimate.n or estimate.point == bound:
        return None
    return _missing(estimate, estimate.point, bound, alpha, power)


def _missing(estimate: Projectable, point: float, bound: float, alpha: float, power: float) -> int:
    """Return the cases to add so that `point` is told from `bound`, by the formula and by the bounds as projected."""
    formula = _whole(planned(estimate.sd, point - bound, alpha, power))
    if not estimate.n:
        return max(1, formula)

    def settled(n: int) -> bool:
        return against(bound, *estimate.projected(n, point, alpha)) != "inconclusive"

    return max(formula, _first(settled, estimate.n)) - estimate.n


def _first(holds: Callable[[int], bool], after: int) -> int:
    """Return the smallest whole number above `after` for which `holds`, which stays true once it is."""
    step = 1
    while after + step < MOST_CASES and not holds(after + step):
        step *= 2
    few, enough = after + step // 2, after + step
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (few, middle) if holds(middle) else (middle, enough)
    return enough


def _whole(cases: float) -> int:
    """Return the cases rounded up, a rounding error aside; at most `MOST_CASES`."""
    return math.ceil(min(cases, MOST_CASES) - 1e-9)
