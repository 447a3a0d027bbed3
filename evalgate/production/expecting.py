"""What a suite's traffic is expected to be, by stratum and slice: from what came in, or from what somebody says."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.checks import JudgedCheck
from evalgate.core.errors import WrongAsWritten
from evalgate.core.samples import Case, Output, Sample
from evalgate.core.statistics.allocation import spread_of_share
from evalgate.store.makeup import Makeup, makeup
from evalgate.suites.traffic import TrafficSpec
from evalgate.traffic.facts import matches, stratum_of
from evalgate.traffic.samples import sample_of

if TYPE_CHECKING:
    from evalgate.core.cards import CalibrationCard
    from evalgate.store.engine import Store
    from evalgate.suites.suite import Suite

MONTH = timedelta(days=365.25 / 12)
SMALL_STRATUM = 0.05
"""The share of the traffic that each stratum but the last is taken to hold until some has come in."""
SMALLEST_SLICE = 0.01
"""A slice with a smaller share of the traffic is not planned for."""
MOST_SLICES = 24
_A_DAY = timedelta(days=1)
_ASKED, _ANSWERED, _PASSAGE = 300, 900, 3_000
"""Characters of a question, an answer and its passages until some have come in."""


class Expected(NamedTuple):
    """A month of traffic and what is known of it. Tuples by stratum are in the suite's order."""

    strata: tuple[float, ...]
    """Interactions."""
    slices: Mapping[str, tuple[float, ...]]
    """`release=2026.11` to its interactions by stratum."""
    spreads: tuple[float, ...]
    """The widest of all that judges score."""
    scores: tuple[int, ...]
    """How many scores each spread is known from, of the criterion that has fewest."""
    samples: tuple[Sample, ...]
    turns: float = 1.0
    """Interactions of a conversation."""
    days: float | None = None
    """Of the traffic all this is known from; None where it is assumed."""
    differs: float | None = None
    """The spread of people's label minus the judge's score, by calibration cards; None without one for each."""
    reviewers: int = 1
    """How many people see an item."""

    @property
    def items(self) -> float:
        """Interactions a month."""
        return math.fsum(self.strata)


def criteria_of(suite: Suite) -> tuple[tuple[str, str, str], ...]:
    """Return (check, criterion, digest) of all that judges score."""
    judged = ((name, check) for name, check in suite.checks.items() if isinstance(check, JudgedCheck))
    return tuple((name, criterion, check.digest) for name, check in judged for criterion in check.criteria)


def assumed(spec: TrafficSpec, items: float) -> Expected:
    """Return a month of so many interactions of which nothing is known."""
    small = [items * SMALL_STRATUM] * (len(spec.strata) - 1)
    case = Case(id="typical", input="x" * _ASKED, context=("x" * _PASSAGE,), reference="x" * _ANSWERED)
    return Expected(
        strata=(*small, items - math.fsum(small)),
        slices={},
        spreads=(spread_of_share(0, 0),) * len(spec.strata),
        scores=(0,) * len(spec.strata),
        samples=(Sample(case=case, output=Output(text="x" * _ANSWERED)),),
    )


def from_traffic(
    store: Store, suite: Suite, spec: TrafficSpec, span: tuple[datetime, datetime], items: float | None
) -> Expected | None:
    """Return a month as the traffic of a span was, or of so many interactions like them; None where there was none."""
    seen = makeup(store.database, store.project, suite.name, *span)
    kept = [(facts, count) for facts, count in seen.groups if matches(spec.where, facts)]
    if seen.first is None or not kept:
        return None
    past = max(span[1] - seen.first, _A_DAY)
    came = sum(count for _, count in kept)
    month = MONTH / past if items is None else items / came
    place = {stratum.name: number for number, stratum in enumerate(spec.strata)}
    strata, slices = [0.0] * len(place), Counter[tuple[str, int]]()
    for facts, count in kept:
        here = place[stratum_of(spec, facts).name]
        strata[here] += count * month
        slices.update({(f"{fact}={facts[fact]}", here): count for fact in spec.by if fact in facts})
    spreads, scores = _spreads(suite, spec, seen, place)
    texts = store.interactions.many(seen.latest)
    return Expected(
        strata=tuple(strata),
        slices=_largest(slices, len(strata), came, month),
        spreads=spreads,
        scores=scores,
        samples=tuple(sample_of(one, {}) for one in texts.values()) or assumed(spec, 1).samples,
        turns=max(1.0, seen.items / max(1, seen.conversations)),
        days=past / _A_DAY,
        differs=_differs(store.cards.newest(), suite),
        reviewers=_reviewers(store, spec),
    )


def _spreads(
    suite: Suite, spec: TrafficSpec, seen: Makeup, place: Mapping[str, int]
) -> tuple[tuple[float, ...], tuple[int, ...]]:
    """Return by stratum the widest spread of a criterion's scores, and the fewest scores of one.

    Each takes one 0 and one 1 more than was seen: of 0/1 scores that is √(p̃(1-p̃)), and .5 where none was.
    """
    sums: dict[tuple[str, str, str], list[tuple[int, float, float]]] = {
        criterion: [(0, 0.0, 0.0)] * len(place) for criterion in criteria_of(suite)
    }
    for each in seen.judged:
        if (criterion := (each.check, each.criterion, each.digest)) in sums and matches(spec.where, each.facts):
            here = place[stratum_of(spec, each.facts).name]
            n, total, squares = sums[criterion][here]
            sums[criterion][here] = (n + each.n, total + each.total, squares + each.squares)
    widest, fewest = [], []
    for by_criterion in zip(*sums.values(), strict=True):
        widest.append(max(_spread(*each) for each in by_criterion))
        fewest.append(min(n for n, _, _ in by_criterion))
    return tuple(widest), tuple(fewest)


def _spread(n: int, total: float, squares: float) -> float:
    mean = (total + 1) / (n + 2)
    return math.sqrt(max(0.0, (squares + 1) / (n + 2) - mean * mean))


def _largest(slices: Counter[tuple[str, int]], strata: int, came: int, month: float) -> dict[str, tuple[float, ...]]:
    """Return the slices that are large enough, by fact, the largest first."""
    sizes: Counter[str] = Counter()
    for (name, _), count in slices.items():
        sizes[name] += count
    large = [name for name, count in sizes.most_common(MOST_SLICES) if count >= SMALLEST_SLICE * came]
    named = sorted(large, key=lambda name: (name.partition("=")[0], -sizes[name], name))
    return {name: tuple(slices[name, stratum] * month for stratum in range(strata)) for name in named}


def _differs(cards: tuple[CalibrationCard, ...], suite: Suite) -> float | None:
    """Return the widest spread of label minus score that these judges' cards show."""
    counts = {(card.check, card.criterion, card.judge_digest): card.counts for card in cards}
    spreads = []
    for criterion in criteria_of(suite):
        if (seen := counts.get(criterion)) is None:
            return None
        spreads.append(spread_of_share(seen.fp + seen.fn, seen.tp + seen.fp + seen.tn + seen.fn))
    return max(spreads, default=None)


def _reviewers(store: Store, spec: TrafficSpec) -> int:
    """Return how many people the queue shows an item to; one where there is no such queue yet."""
    if spec.queue is None:
        return 1
    try:
        return store.queues.get(spec.queue).settings.reviews_required
    except WrongAsWritten:
        return 1
