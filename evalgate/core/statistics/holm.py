"""Many tests in one decision: the level each fail test is held to, and each repeated attempt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from evalgate.core.statistics.tails import ALPHA


class HolmTest(NamedTuple):
    """One test of a family: the level it was compared with, whether it is rejected, its adjusted p."""

    level: float
    rejected: bool
    adjusted: float


def holm(p_values: Sequence[float], alpha: float = ALPHA) -> tuple[HolmTest, ...]:
    """Return, in the order given, how each p fares under Holm's procedure: one false rejection has probability alpha.

    The k-th smallest of m is compared with alpha/(m-k+1); at the first miss the procedure stops, and the tests not yet
    compared keep the level at which it stopped. Equal p are taken in the order given.

    >>> [(round(test.level, 4), test.rejected, test.adjusted) for test in holm([0.039, 0.001, 0.008])]
    [(0.05, True, 0.039), (0.0167, True, 0.003), (0.025, True, 0.016)]
    >>> [test.level for test in holm([0.2, 0.03])]
    [0.025, 0.025]
    """
    tests: dict[int, HolmTest] = {}
    level, going, adjusted = alpha, True, 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=lambda index: p_values[index])):
        left = len(p_values) - place
        adjusted = max(adjusted, min(1.0, left * p_values[index]))
        if going:
            level = alpha / left
            going = p_values[index] <= level
        tests[index] = HolmTest(level, going, adjusted)
    return tuple(tests[index] for index in range(len(p_values)))


def attempt_level(attempt: int, alpha: float = ALPHA) -> float:
    """Return the level of the j-th attempt at the same question: alpha, then alpha/2^j; all together at most 1.5 alpha.

    >>> [attempt_level(j, 0.08) for j in (1, 2, 3)]
    [0.08, 0.02, 0.01]
    """
    return alpha if attempt == 1 else alpha / 2**attempt
