"""A day of traffic for tests of the core, sampled by stratum."""

from __future__ import annotations

import numpy as np

from evalgate.core.statistics.weighting import Drawn, Strata


def day(
    rng: np.random.Generator, n: int = 4_000, level: float = 0.9, chances: tuple[float, ...] = (0.05, 0.2, 0.6)
) -> Drawn:
    """Return a day's sample by stratum: most items, some that fail 2.5 times as often, few that do 4 times."""
    codes = np.searchsorted([0.85, 0.97], rng.random(n))
    scores = (rng.random(n) > (1 - level) / 1.27 * np.array([1.0, 2.5, 4.0])[codes]).astype(float)
    taken = rng.random(n) < np.array(chances)[codes]
    strata = Strata(codes[taken], np.bincount(codes, minlength=3).astype(float), np.array(chances))
    return Drawn(scores[taken], np.array(chances)[codes][taken], strata)
