"""Section 12's allocation: Neyman within limits, what it buys, and phase after phase."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from evalgate.core.phases import Phases
from evalgate.core.statistics.allocation import (
    Stratum,
    allocate,
    bought,
    cascade,
    sampling_error,
    spread_of_share,
)
from evalgate.core.statistics.sampled import sampled_mean
from evalgate.core.statistics.weighting import Drawn, Strata

SECTION = [Stratum(items=n, sd=math.sqrt(p * (1 - p))) for n, p in ((9000, 0.03), (800, 0.2), (200, 0.5))]
PROPORTIONAL = [270.0, 24.0, 6.0]


def test_section_12_the_worked_allocation():
    found = allocate(SECTION, 300)
    assert found.takes == pytest.approx((235.56, 49.10, 15.34), abs=5e-3)
    assert found.cost == pytest.approx(300)
    assert found.chances == pytest.approx((235.56 / 9000, 49.10 / 800, 15.34 / 200), abs=5e-5)


def test_section_12_its_error_and_that_of_a_proportional_sample_are_those_of_the_window():
    takes = allocate(SECTION, 300).takes
    assert sampling_error(SECTION, takes, window_only=True) == pytest.approx(0.01109, abs=5e-6)
    assert sampling_error(SECTION, PROPORTIONAL, window_only=True) == pytest.approx(0.01193, abs=5e-6)
    assert sampling_error(SECTION, takes) == pytest.approx(0.01129, abs=5e-6)
    assert sampling_error(SECTION, PROPORTIONAL) == pytest.approx(0.01211, abs=5e-6)


def test_no_other_split_of_the_budget_has_a_smaller_error():
    strata = [
        Stratum(items=3000, sd=0.2, cost=1),
        Stratum(items=1000, sd=0.5, cost=4),
        Stratum(items=500, sd=0.4, cost=2),
    ]
    best = allocate(strata, 400)
    least = sampling_error(strata, best.takes)
    for one, other, step in itertools.product(range(3), range(3), (0.5, 5)):
        takes = list(best.takes)
        takes[one] += step / strata[one].cost
        takes[other] -= step / strata[other].cost
        assert sampling_error(strata, takes) >= least


def test_dear_items_are_taken_less_often_by_the_root_of_their_cost():
    cheap, dear = allocate([Stratum(items=1000, sd=0.5), Stratum(items=1000, sd=0.5, cost=9)], 400).takes
    assert cheap == pytest.approx(3 * dear)
    assert cheap + 9 * dear == pytest.approx(400)


def test_a_stratum_gives_five_items_and_never_more_than_it_holds():
    strata = [
        Stratum(items=5000, sd=0.5),
        Stratum(items=30, sd=0.5),
        Stratum(items=400, sd=0.0),
        Stratum(items=3, sd=0.5),
    ]
    found = allocate(strata, 200)
    assert found.takes == pytest.approx((187, 5, 5, 3))
    full = allocate([Stratum(items=5000, sd=0.001), Stratum(items=50, sd=0.5)], 100)
    assert full.takes == pytest.approx((50, 50))


def test_what_a_full_stratum_frees_goes_to_the_others_in_proportion():
    strata = [Stratum(items=20, sd=0.5, cost=1), Stratum(items=900, sd=0.1), Stratum(items=900, sd=0.2)]
    found = allocate(strata, 320)
    assert found.takes == pytest.approx((10 / 280 * 320, 90 / 280 * 320, 180 / 280 * 320))
    more = allocate(strata, 1_000)
    assert more.takes == pytest.approx((20, 980 / 3, 980 * 2 / 3))
    most = allocate(strata, 1_500)
    assert most.takes == pytest.approx((20, 580, 900))


def test_a_large_stratum_is_never_seen_more_rarely_than_one_in_five_hundred():
    found = allocate([Stratum(items=100_000, sd=0.001), Stratum(items=1_000, sd=0.5)], 600)
    assert found.chances[0] == pytest.approx(0.002)
    assert found.takes == pytest.approx((200, 400))


def test_a_budget_beyond_all_items_is_not_spent():
    found = allocate(SECTION, 20_000)
    assert found.takes == (9000, 800, 200)
    assert found.chances == (1, 1, 1)
    assert found.cost == 10_000


def test_a_budget_below_the_least_is_refused_with_what_the_least_costs():
    with pytest.raises(ValueError, match="20 does not pay 5 items of each stratum, which cost 28"):
        allocate(SECTION, 20)
    assert allocate(SECTION, 28).takes == pytest.approx((18, 5, 5))


def test_a_stratum_that_holds_nothing_takes_nothing():
    found = allocate([*SECTION, Stratum(items=0, sd=0.5)], 300)
    assert found.takes[3] == found.chances[3] == 0
    assert sampling_error([*SECTION, Stratum(items=0, sd=0.5)], found.takes) == pytest.approx(0.01129, abs=5e-6)


def test_a_spread_seen_earlier_is_never_none():
    assert spread_of_share(50, 50) == pytest.approx(spread_of_share(0, 50)) == pytest.approx(0.13734, abs=5e-6)
    assert spread_of_share(25, 50) == 0.5


def test_a_budget_buys_a_width_and_a_delay():
    takes = allocate(SECTION, 300).takes
    got = bought(SECTION, takes)
    assert (got.items, got.cost) == pytest.approx((300, 300))
    assert got.half_width == pytest.approx(1.959964 * 0.011289, abs=1e-5)
    assert got.ess == pytest.approx(1e8 / sum(s.items**2 / take for s, take in zip(SECTION, takes, strict=True)))
    assert got.windows == 1
    less = bought(SECTION, [45.0, 5.0, 5.0])
    assert less.se == pytest.approx(0.02736, abs=5e-6)
    assert less.windows == 2


def test_a_slice_is_what_its_own_strata_buy():
    whole = allocate(SECTION, 300)
    rare = bought(SECTION[2:], whole.takes[2:])
    assert rare.half_width == pytest.approx(1.959964 * 0.5 / math.sqrt(15.343), abs=1e-3)
    assert rare.windows is None


def test_a_window_that_would_not_be_known_promises_no_alert():
    assert bought([Stratum(items=1000, sd=0.3)], [29.0]).windows is None
    assert bought([Stratum(items=1000, sd=0.3)], [31.0]).windows is not None


def test_a_stratum_that_gives_nothing_is_not_measured():
    with pytest.raises(ValueError, match="not measured"):
        bought(SECTION, [200.0, 100.0, 0.0])
    with pytest.raises(ValueError, match="not measured"):
        bought([Stratum(items=0, sd=0.5)], [0.0])


def test_a_later_phase_takes_what_the_one_before_left_and_their_errors_add_up():
    judge = [Stratum(items=9000, sd=0.17, cost=0.002), Stratum(items=800, sd=0.4, cost=0.002)]
    people = [Stratum(items=9000, sd=0.1, cost=1.5), Stratum(items=800, sd=0.3, cost=1.5)]
    (asked, seen), (labelled, corrected) = cascade([(judge, 1.0), (people, 120.0)])
    assert (asked.cost, labelled.cost) == pytest.approx((1.0, 120.0))
    assert all(later <= earlier for earlier, later in zip(asked.chances, labelled.chances, strict=True))
    assert corrected.se == pytest.approx(math.hypot(seen.se, sampling_error(people, labelled.takes)))
    crowded, _ = cascade([(judge, 0.2), (people, 10_000.0)])[1]
    assert crowded.takes == pytest.approx(cascade([(judge, 0.2)])[0][0].takes)


def test_the_chances_of_any_cascade_are_nested_to_the_last_digit():
    rng = np.random.default_rng(32)
    for _ in range(200):
        items = rng.integers(1, 200_000, 6).astype(float)
        phases = [
            ([Stratum(items=n, sd=sd) for n, sd in zip(items, rng.random(6) ** 8, strict=True)], budget * items.sum())
            for budget in (0.3, 0.04, 0.004)
        ]
        found = cascade([(strata, budget + 30) for strata, budget in phases])
        for stratum in range(6):
            Phases(chances=tuple(allocation.chances[stratum] for allocation, _ in found))


def test_the_promised_error_is_the_one_a_day_has():
    rng = np.random.default_rng(31)
    failing, sizes = np.array([0.03, 0.2, 0.5]), np.array([9000, 800, 200])
    plan = allocate(SECTION, 300)
    codes, chances, points = np.repeat(np.arange(3), sizes), np.array(plan.chances), []
    for _ in range(400):
        scores = (rng.random(10_000) > failing[codes]).astype(float)
        taken = rng.random(10_000) < chances[codes]
        strata = Strata(codes[taken], sizes.astype(float))
        points.append(sampled_mean(Drawn(scores[taken], chances[codes[taken]], strata)))
    promised = bought(SECTION, plan.takes)
    assert np.std([each.point for each in points]) == pytest.approx(promised.se, rel=0.1)
    assert np.mean([each.se for each in points]) == pytest.approx(promised.se, rel=0.1)
    assert np.mean([each.ess for each in points]) == pytest.approx(promised.ess, rel=0.1)
