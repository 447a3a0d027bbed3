"""How a budget is spread over strata, and what it buys: Neyman's allocation, interval widths, windows to an alert.

n_h ∝ N_h·S_h/√cost_h makes the variance ΣW_h²·S_h²/n_h least, W_h = N_h/N. S_h comes from earlier windows, √(p̃(1-p̃))
with p̃ = (x + 1)/(n + 2); with people's labels it is the spread of h - λf. Chances are p_h = n_h/N_h.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NamedTuple

from pydantic import Field

from evalgate.core.phases import SMALLEST_CHANCE
from evalgate.core.statistics.detecting import WANTED, windows_to_alert
from evalgate.core.statistics.sampled import ENOUGH_ESS
from evalgate.core.statistics.tails import ALPHA, normal_quantile
from evalgate.core.values import Value

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

FEWEST = 5
"""Items a stratum gives at least, all of it where it holds fewer."""

DROP = 0.1
"""The drop whose detection a plan names: ten points."""

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Stratum(Value):
    """One stratum of a window: how many items it is expected to hold and how their scores spread."""

    items: NotNegative
    sd: NotNegative
    """Of what the phase measures: of a score, or of h - λf where people correct a judge."""
    cost: Positive = 1.0
    """Of one item, in the budget's unit: money, or a person's minutes."""
    reached: Annotated[float, Field(ge=0, le=1)] = 1.0
    """The chance of the phase before, which this one cannot exceed."""


class Allocation(NamedTuple):
    """What each stratum gives, as an expectation, and the whole chance of each of its items."""

    takes: tuple[float, ...]
    chances: tuple[float, ...]
    cost: float


class Bought(Value):
    """What a phase buys of one window."""

    items: NotNegative
    """Items it is expected to score."""
    cost: NotNegative
    se: NotNegative
    """Of the process: the window is one draw of it."""
    window_se: NotNegative
    """Of this window's own mean."""
    half_width: NotNegative
    """From the mean to either end of a two-sided 95 % interval."""
    ess: NotNegative
    windows: int | None
    """To an alert on a drop of ten points; None where a window's effective sample is too small to be known at all."""


def spread_of_share(hits: float, n: float) -> float:
    """Return the spread of a 0/1 score seen earlier, never none: √(p̃(1-p̃)), p̃ = (x + 1)/(n + 2).

    >>> spread_of_share(0, 0), round(spread_of_share(0, 98), 4)
    (0.5, 0.0995)
    """
    share = (hits + 1) / (n + 2)
    return math.sqrt(share * (1 - share))


def allocate(strata: Sequence[Stratum], budget: float) -> Allocation:
    """Return what each stratum gives of a budget: Neyman's shares within what each must and can give.

    A stratum gives five items at least, and a chance of .002 at least, and never more than the phase before leaves of
    it; what that frees or takes is spread over the others in proportion, which is the least variance under these
    limits. What is left when all give everything is not spent. ValueError where the budget pays not even the least.

    >>> strata = [Stratum(items=n, sd=(p * (1 - p)) ** 0.5) for n, p in ((9000, 0.03), (800, 0.2), (200, 0.5))]
    >>> [round(each, 2) for each in allocate(strata, 300).takes]
    [235.56, 49.1, 15.34]
    """
    import numpy as np

    items, sd, cost, reached = (
        np.array([getattr(each, name) for each in strata], dtype=np.float64)
        for name in ("items", "sd", "cost", "reached")
    )
    most = items * reached
    least = np.minimum(np.maximum(FEWEST, SMALLEST_CHANCE * items), most)
    if float(cost @ least) > budget:
        raise ValueError(f"{budget:g} does not pay {FEWEST} items of each stratum, which cost {float(cost @ least):g}")
    takes = _between(items * sd / np.sqrt(cost), least, most, cost, budget)
    # A quotient may miss either limit by its last digit, and `Phases` refuses that.
    chances = np.divide(takes, items, out=np.zeros(len(items)), where=items > 0)
    chances = np.where(items > 0, np.clip(chances, np.minimum(SMALLEST_CHANCE, reached), reached), 0.0)
    return Allocation(tuple(takes.tolist()), tuple(chances.tolist()), float(cost @ takes))


def sampling_error(strata: Sequence[Stratum], takes: Sequence[float], *, window_only: bool = False) -> float:
    """Return the standard error of the mean if each stratum gives so many items.

    window_only: of the mean of these very items, each variance times 1 - n_h/N_h.

    >>> strata = [Stratum(items=n, sd=(p * (1 - p)) ** 0.5) for n, p in ((9000, 0.03), (800, 0.2), (200, 0.5))]
    >>> round(sampling_error(strata, allocate(strata, 300).takes, window_only=True), 5)
    0.01109
    """
    everything = math.fsum(each.items for each in strata)
    terms = []
    for each, take in zip(strata, takes, strict=True):
        if each.items and not take:
            return math.inf
        if each.items:
            unseen = max(0.0, 1 - take / each.items) if window_only else 1.0
            terms.append((each.items / everything * each.sd) ** 2 / take * unseen)
    return math.sqrt(math.fsum(terms))


def bought(
    strata: Sequence[Stratum], takes: Sequence[float], wanted: float = WANTED, alpha: float = ALPHA, more: float = 0.0
) -> Bought:
    """Return what so many items of each stratum say of one window: of all strata, or of those of a slice.

    alpha: of the two-sided interval. more: a standard error to add, that of the phases before which this one corrects.
    """
    everything = math.fsum(each.items for each in strata)
    se = math.hypot(sampling_error(strata, takes), more)
    window_se = math.hypot(sampling_error(strata, takes, window_only=True), more)
    if not everything or math.isinf(se):
        raise ValueError("a window without items, or with a stratum that gives none, is not measured")
    ess = everything**2 / math.fsum(s.items**2 / take for s, take in zip(strata, takes, strict=True) if s.items)
    return Bought(
        items=math.fsum(takes),
        cost=math.fsum(each.cost * take for each, take in zip(strata, takes, strict=True)),
        se=se,
        window_se=window_se,
        half_width=normal_quantile(alpha / 2) * se,
        ess=ess,
        windows=windows_to_alert(DROP, se, wanted) if ess >= ENOUGH_ESS else None,
    )


def cascade(
    phases: Sequence[tuple[Sequence[Stratum], float]], wanted: float = WANTED, alpha: float = ALPHA
) -> tuple[tuple[Allocation, Bought], ...]:
    """Return, phase by phase, how its budget is spread and what is known once it has corrected those before it.

    phases: for each its strata, the same ones in the same order, and its budget; a phase can take only what the one
    before it takes. Its `sd` is that of what it adds: a score f in the first, the next one's value minus λf in the
    second, which is no longer tied to f: so their variances add. One budget is money, the next people's minutes.
    """
    found: list[tuple[Allocation, Bought]] = []
    chances, error = (1.0,) * len(phases[0][0]), 0.0
    for strata, budget in phases:
        reached = [
            each.model_copy(update={"reached": min(each.reached, chance)})
            for each, chance in zip(strata, chances, strict=True)
        ]
        allocation = allocate(reached, budget)
        got = bought(reached, allocation.takes, wanted, alpha, more=error)
        found.append((allocation, got))
        chances, error = allocation.chances, got.se
    return tuple(found)


def _between(ideal: FloatArray, least: FloatArray, most: FloatArray, cost: FloatArray, budget: float) -> FloatArray:
    """Return ideal·t kept between least and most, with the one t at which the whole costs the budget.

    The cost grows with t in straight pieces that turn where a stratum leaves its least or meets its most.
    """
    import numpy as np

    grows = ideal > 0
    turns = np.unique(np.concatenate([least[grows] / ideal[grows], most[grows] / ideal[grows], [0.0]]))
    spent = np.array([float(cost @ np.clip(ideal * turn, least, most)) for turn in turns])
    after = int(np.searchsorted(spent, budget))
    if 0 < after < len(turns):
        part = (budget - spent[after - 1]) / (spent[after] - spent[after - 1])
        at = turns[after - 1] + part * (turns[after] - turns[after - 1])
    else:
        at = turns[0] if after == 0 else turns[-1]
    takes: FloatArray = np.clip(ideal * at, least, most)
    return takes
