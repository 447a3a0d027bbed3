"""What a monthly budget of money and of people's time buys of a suite's traffic, before any of it is spent.

Chances are worked out for seven days, over which a deploy is held to production, and hold in every window. Money is
spread over the strata by Neyman's rule, then people's time over what the judge has seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.checks import JudgedCheck
from evalgate.core.errors import WrongAsWritten
from evalgate.core.models import Price
from evalgate.core.phases import SMALLEST_CHANCE
from evalgate.core.samples import Sample, Subject
from evalgate.core.statistics.allocation import FEWEST, Bought, Stratum, allocate, bought
from evalgate.core.statistics.detecting import WANTED
from evalgate.core.statistics.planning import UNKNOWN_ICC, cluster_design_effect
from evalgate.core.statistics.sampled import ENOUGH_ESS
from evalgate.production.expecting import MONTH, Expected
from evalgate.production.plans import Bargain, Budget, PlannedStratum, Reach, TrafficPlan
from evalgate.runner.spending import ANSWER_TOKENS, expected_tokens

if TYPE_CHECKING:
    from evalgate.suites.suite import Suite
    from evalgate.suites.traffic import TrafficSpec

PriceOf = Callable[[str, Mapping[str, Price]], Price]

WEEK = timedelta(days=7)
YEAR = 12 * MONTH
FACTORS = (0.5, 1.0, 2.0)
_DIGITS = 3
_LENGTHS = tuple(timedelta(hours=hours) for hours in (1, 2, 3, 4, 6, 8, 12, 24, 48, 72, 96, 120, 144, 168))


class _Chances(NamedTuple):
    judge: tuple[float, ...]
    people: tuple[float, ...]


class Planner(NamedTuple):
    """All that a plan needs to know, in a week's terms."""

    suite: Suite
    spec: TrafficSpec
    expected: Expected
    item_usd: float
    models: tuple[str, ...]
    review_s: float

    @property
    def wanted(self) -> float:
        """Windows per false alarm: of the series with the most."""
        return max((alert.wanted for alert in self.spec.alerts), default=WANTED)

    @property
    def effect(self) -> float:
        """By how much conversations widen a variance."""
        return cluster_design_effect(round(1000 * self.expected.turns), 1000, UNKNOWN_ICC)

    @property
    def item_minutes(self) -> float:
        """People's time for one item."""
        return self.review_s / 60 * self.expected.reviewers

    def by_judge(self, strata: Sequence[float], share: float) -> list[Stratum]:
        """Return strata as the judge sees them; share: of a month."""
        return [
            Stratum(items=items * share, sd=sd * math.sqrt(self.effect), cost=self.item_usd, reached=stratum.classifier)
            for items, sd, stratum in zip(strata, self.expected.spreads, self.spec.strata, strict=True)
        ]

    def by_people(self, strata: Sequence[float], share: float, *, alone: bool = False) -> list[Stratum]:
        """Return strata as people see them: how they differ from the judge, or what they say themselves."""
        differs = None if alone else self.expected.differs
        spreads = self.expected.spreads if differs is None else (differs,) * len(strata)
        return [
            Stratum(items=items * share, sd=sd * math.sqrt(self.effect), cost=self.item_minutes)
            for items, sd in zip(strata, spreads, strict=True)
        ]


def plan_traffic(
    suite: Suite, spec: TrafficSpec, expected: Expected, budget: Budget, review_s: float, price_of: PriceOf
) -> TrafficPlan:
    """Return what a budget buys; WrongAsWritten where it does not pay the fewest items, and what does."""
    alerts = spec.alerts
    item_usd, models = item_cost(suite, expected.samples, price_of)
    planner = Planner(suite, spec, expected, item_usd, models, review_s)
    fewest_usd = _fewest(planner.by_judge(expected.strata, WEEK / MONTH)) * MONTH / WEEK
    if budget.usd < fewest_usd:
        raise WrongAsWritten(
            f"{budget.usd:,.2f} USD a month does not pay a sample: {FEWEST} of each stratum in seven days, and one in "
            f"{1 / SMALLEST_CHANCE:,.0f}, cost {math.ceil(fewest_usd * 100) / 100:,.2f} USD a month with "
            f"{', '.join(models)}; raise --usd-a-month, take a cheaper judge, or narrow traffic.where"
        )
    chances = _chances(planner, budget)
    reach = [_reach(planner, chances, name, strata) for name, strata in _places(expected)]
    judged, reviews = (_dot(each, expected.strata) for each in chances)
    return TrafficPlan(
        suite=suite.name,
        usd=budget.usd,
        minutes=budget.minutes,
        items=expected.items,
        days=expected.days,
        turns=expected.turns,
        every_s=spec.every.total_seconds(),
        wanted=planner.wanted,
        series=sum(_series(each.by, expected) for each in alerts),
        models=models,
        item_usd=item_usd,
        review_s=review_s,
        reviewers=expected.reviewers,
        rendered=0 if expected.days is None else len(expected.samples),
        differs=expected.differs,
        cost_usd=judged * item_usd,
        cost_minutes=reviews * planner.item_minutes,
        control=min(spec.control, *(each for each in chances.judge if each)),
        strata=_strata(planner, chances),
        reach=tuple(reach),
        bargains=tuple(
            _bargain(planner, factor, Budget(usd=budget.usd * factor, minutes=budget.minutes * factor))
            for factor in FACTORS
            if budget.usd * factor >= fewest_usd
        ),
        fewest_minutes=_fewest_minutes(planner, chances.judge),
        enough_every_s=_enough_every(planner, chances.judge),
        spend_cap_usd=spec.spend_cap_usd_a_month,
        queue=spec.queue,
        false_alarms_a_year=math.fsum(
            _series(each.by, expected) * (YEAR / spec.every) / each.wanted for each in alerts
        ),
    )


def item_cost(suite: Suite, samples: Sequence[Sample], price_of: PriceOf) -> tuple[float, tuple[str, ...]]:
    """Return what one interaction costs in US dollars with every judge, and the judges' models.

    WrongAsWritten for a suite without a judge, and where nobody knows a price.
    """
    models: dict[str, None] = {}
    dollars = 0.0
    for check in suite.checks.values():
        if not isinstance(check, JudgedCheck):
            continue
        asked = [
            request
            for sample in samples
            if check.not_for(sample.case) is None
            for request in check.requests(Subject(sample=sample), nonce="0" * 16)
        ]
        for request in asked:
            models.setdefault(request.model)
            price = price_of(request.model, suite.prices)
            dollars += price.of(expected_tokens(request)[0], ANSWER_TOKENS) / len(samples)
    if not dollars:
        raise WrongAsWritten(
            f"suite {suite.name}: no judge costs anything here, and code checks see all of the traffic without a "
            "sample; there is nothing to plan"
        )
    return dollars, tuple(models)


def _chances(planner: Planner, budget: Budget) -> _Chances:
    """Return the advised chances, rounded down so that they stay within the budget.

    No people where their time is too little for a sample, or where no queue asks them. 0 for a stratum without traffic.
    """
    strata = planner.expected.strata
    judges, people = planner.by_judge(strata, WEEK / MONTH), planner.by_people(strata, WEEK / MONTH)
    usd, minutes = (each * (WEEK / MONTH) for each in (budget.usd, budget.minutes))
    by_judge = tuple(map(_rounded, allocate(judges, usd).chances))
    by_people = (0.0,) * len(strata)
    if planner.spec.queue is not None and budget.minutes >= _fewest_minutes(planner, by_judge):
        reached = [each.model_copy(update={"reached": chance}) for each, chance in zip(people, by_judge, strict=True)]
        by_people = tuple(map(_rounded, allocate(reached, minutes).chances))
    return _Chances(by_judge, by_people)


def _rounded(chance: float) -> float:
    """Return a chance rounded down to three digits, never below the smallest.

    >>> _rounded(0.012349), _rounded(0.002), _rounded(1.0), _rounded(0.0)
    (0.0123, 0.002, 1.0, 0.0)
    """
    if not chance:
        return 0.0
    step = 10.0 ** (math.floor(math.log10(chance)) - _DIGITS + 1)
    return max(SMALLEST_CHANCE, round(math.floor(chance / step + 1e-9) * step, 12))


def _fewest(strata: Sequence[Stratum]) -> float:
    """Return what the least that a stratum gives costs."""
    return math.fsum(
        each.cost * min(max(FEWEST, SMALLEST_CHANCE * each.items), each.items * each.reached) for each in strata
    )


def _fewest_minutes(planner: Planner, judge: Sequence[float]) -> float:
    """Return people's minutes a month that their phase takes at least."""
    strata = planner.by_people(planner.expected.strata, WEEK / MONTH)
    reached = [each.model_copy(update={"reached": chance}) for each, chance in zip(strata, judge, strict=True)]
    return _fewest(reached) * (MONTH / WEEK)


def _reach(planner: Planner, chances: _Chances, name: str, strata: Sequence[float]) -> Reach:
    """Return what is known of a part of the traffic that holds so many interactions a month."""
    every = planner.spec.every
    window = _bought(planner, chances.judge, strata, every)
    week = _bought(planner, chances.judge, strata, WEEK)
    reviews = _dot(chances.people, strata)
    return Reach(
        slice=name,
        items=math.fsum(strata) * (every / MONTH),
        judged=window.items,
        reviews=reviews * (every / MONTH),
        cost_usd=window.cost,
        cost_minutes=reviews * (every / MONTH) * planner.item_minutes,
        half_width=_known(window),
        week_judged=week.items,
        week_reviews=reviews * (WEEK / MONTH),
        week_cost_usd=week.cost,
        week_cost_minutes=reviews * (WEEK / MONTH) * planner.item_minutes,
        week_half_width=_known(week),
        people_half_width=_corrected(planner, chances, strata, week),
        found_after_s=None if window.windows is None else window.windows * every.total_seconds(),
    )


def _bought(planner: Planner, judge: Sequence[float], strata: Sequence[float], span: timedelta) -> Bought:
    """Return what the judge's phase says of one span."""
    kept = planner.by_judge(strata, span / MONTH)
    return bought(kept, [each.items * chance for each, chance in zip(kept, judge, strict=True)], planner.wanted)


def _corrected(planner: Planner, chances: _Chances, strata: Sequence[float], week: Bought) -> float | None:
    """Return the half-width of seven days as people see them: the judge corrected, or people alone, what is better."""
    if not any(chances.people):
        return None
    found = []
    for alone in (True, False):
        kept = planner.by_people(strata, WEEK / MONTH, alone=alone)
        if not alone and planner.expected.differs is None:
            continue
        takes = [each.items * chance for each, chance in zip(kept, chances.people, strict=True)]
        said = bought(kept, takes, more=0.0 if alone else week.se)
        found.append(_known(said))
    return min((each for each in found if each is not None), default=None)


def _known(said: Bought) -> float | None:
    return said.half_width if said.ess >= ENOUGH_ESS else None


def _bargain(planner: Planner, factor: float, budget: Budget) -> Bargain:
    """Return what all the traffic shows on a budget."""
    chances, strata = _chances(planner, budget), planner.expected.strata
    got = _reach(planner, chances, "", strata)
    return Bargain(
        factor=factor,
        usd=budget.usd,
        minutes=budget.minutes,
        judged=_dot(chances.judge, strata),
        reviews=_dot(chances.people, strata),
        week_half_width=got.week_half_width,
        people_half_width=got.people_half_width,
        found_after_s=got.found_after_s,
    )


def _strata(planner: Planner, chances: _Chances) -> tuple[PlannedStratum, ...]:
    """Return the strata with the advised chances; one without traffic keeps those that the suite gives it."""
    expected, specs = planner.expected, planner.spec.strata
    return tuple(
        PlannedStratum(
            name=spec.name,
            when=spec.when,
            items=items,
            spread=spread,
            scores=scores,
            classifier=spec.classifier,
            judge=judge if items else spec.judge,
            people=people if items else spec.people,
            judged=judge * items,
            reviews=people * items,
        )
        for spec, items, spread, scores, judge, people in zip(
            specs, expected.strata, expected.spreads, expected.scores, *chances, strict=True
        )
    )


def _enough_every(planner: Planner, judge: Sequence[float]) -> float | None:
    """Return the length in seconds of the shortest window that is large enough to be known."""
    for length in _LENGTHS:
        if _bought(planner, judge, planner.expected.strata, length).windows is not None:
            return length.total_seconds()
    return None


def _places(expected: Expected) -> list[tuple[str, tuple[float, ...]]]:
    return [("", expected.strata), *expected.slices.items()]


def _series(by: str | None, expected: Expected) -> int:
    """Return how many series an alert watches."""
    return 1 if by is None else max(1, sum(name.partition("=")[0] == by for name in expected.slices))


def _dot(chances: Sequence[float], strata: Sequence[float]) -> float:
    return math.fsum(chance * items for chance, items in zip(chances, strata, strict=True))
