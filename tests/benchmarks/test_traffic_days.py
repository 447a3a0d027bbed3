"""The days of traffic that coverage is measured on: drawn as production draws, and covered."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.traffic_coverage import COMMON, measure, production_draws, uniform_draws
from benchmarks.traffic_days import CONTROL, Design, made_up, planned, sampled, taken
from evalgate.core.phases import shared_draw
from evalgate.core.statistics.sampled import sampled_mean
from evalgate.core.statistics.weighting import Drawn, Strata

SMALL = COMMON._replace(items=40_000, judged=1_600, reviews=300)
"""A 25th of the day, of which people see more."""


@pytest.fixture(scope="module")
def design() -> Design:
    return planned(made_up(SMALL.items), SMALL.judged, SMALL.reviews)


def test_all_rows_are_taken_at_once_as_production_takes_each(design):
    draws = next(production_draws(2_000, 1))
    strata = np.arange(2_000) % len(design.phases)
    reached, chances = taken(design.phases, strata, draws)
    one_by_one = [design.phases[stratum].taken(draw) for stratum, draw in zip(strata, draws, strict=True)]
    assert reached.tolist() == one_by_one
    assert len(set(one_by_one)) == 3
    assert chances[5].tolist() == list(design.phases[5 % len(design.phases)].chances)
    assert draws[7] == shared_draw("day 0", "7")


def test_uniform_draws_lie_where_draws_of_production_may_lie():
    (draws,) = uniform_draws(20_000, 1)
    assert (draws * 2.0**53 == np.floor(draws * 2.0**53)).all()
    (hashed,) = production_draws(20_000, 1)
    assert np.abs(np.sort(draws) - np.sort(hashed)).max() < 0.02


def test_what_a_sample_says_is_what_the_statistics_say_of_its_rows(design):
    day = made_up(SMALL.items)
    (draws,) = uniform_draws(int(day.conversations[-1]) + 1, 1)
    found = sampled(day, design.phases, draws)
    chance = np.array([phases.chances[1] for phases in design.phases])
    rows = np.flatnonzero(draws[day.conversations] < chance[day.strata])
    strata = Strata(day.strata[rows], day.sizes, chance)
    drawn = Drawn(day.judge[rows], chance[day.strata[rows]], strata, day.conversations[rows])
    assert found.judged == sampled_mean(drawn)
    people = np.array([phases.chances[2] for phases in design.phases])
    assert found.corrected.labelled == np.count_nonzero(draws[day.conversations] < people[day.strata])
    assert min(chance) >= CONTROL


def test_a_small_day_is_covered_and_narrower_than_at_a_single_rate(design):
    day = made_up(SMALL.items)
    told = measure(SMALL, day, uniform_draws(int(day.conversations[-1]) + 1, 200))
    assert told["judge_covers"] >= 0.92
    assert told["people_covers"] >= 0.90
    assert told["judge_ratio"] < 0.9
    assert told["people_ratio"] < 0.9
    assert told["unknown"] <= 0.01
    assert 1.0 < told["planned"] < 1.4  # a plan is cautious, not wild
    assert told["unweighted"] < -0.015  # the weights are what makes it right
