"""Section 2: how many cases, before spending and after an inconclusive verdict."""

from __future__ import annotations

import numpy as np
import pytest

from evalgate.core.estimates import (
    Corrected,
    PairedBinary,
    Proportion,
    Resampled,
    change_estimate,
    score_estimate,
    sequence_estimate,
)
from evalgate.core.statistics.binary import clopper_pearson
from evalgate.core.statistics.planning import (
    cases_to_settle,
    cluster_design_effect,
    detectable_margin,
    fewest_cases,
    more_cases,
    needed_pairs,
    planned,
    smallest_tied_margin,
)
from evalgate.core.statistics.verdicts import against

JITTER = np.random.default_rng(11).uniform(-0.5, 0.5, 120)
JITTER -= JITTER.mean() - 0.01


def test_section_2_a_spread_of_a_third_and_a_margin_of_4_points_need_432_pairs():
    assert planned(0.334, 0.04) == pytest.approx(431.06, abs=5e-3)
    assert needed_pairs(0.334, 0.04) == 432
    assert needed_pairs(0.334, 0.04, power=0.9) == 598


def test_section_2_clusters_multiply_the_pairs_needed():
    assert needed_pairs(0.334, 0.04, design_effect=cluster_design_effect(400, 100, 0.5)) == 1078


def test_section_2_the_total_needed_if_the_observed_change_is_real():
    assert planned(0.1608, -0.0204 + 0.04) == pytest.approx(416.13, abs=5e-3)


def test_section_2_the_detectable_margin_turns_the_plan_around():
    assert needed_pairs(0.3, detectable_margin(0.3, 500)) == 500
    assert detectable_margin(0.3, 500) == pytest.approx(detectable_margin(0.3 / np.sqrt(500)))


def test_section_2_ties_cannot_pass_below_the_smallest_tied_margin():
    smallest = smallest_tied_margin(60)
    tied = change_estimate([0.5] * 60, 0.04)
    assert (tied.point - tied.bounds(0.05).low) / 1.5 == pytest.approx(smallest)
    assert smallest_tied_margin(0) == 1


@pytest.mark.parametrize(("failures", "n"), [(0, 29), (1, 46), (2, 61)])
def test_section_3_the_fewest_cases_that_can_pass_a_floor_of_90(failures, n):
    assert fewest_cases(0.90, failures) == n
    assert against(0.90, *clopper_pearson(n - failures, n, 0.05)) == "pass"
    assert against(0.90, *clopper_pearson(n - 1 - failures, n - 1, 0.05)) == "inconclusive"


def test_section_3_a_floor_of_one_is_out_of_reach_and_a_floor_of_zero_is_free():
    assert fewest_cases(1.0) is None
    assert fewest_cases(0.0) == 1


def test_section_2_more_cases_follow_the_formula_where_the_data_are_dense():
    estimate = change_estimate(JITTER, 0.04)
    sd = JITTER.std(ddof=1)
    assert more_cases(estimate, 0.04) == (needed_pairs(sd, 0.04) - 120, needed_pairs(sd, 0.05) - 120)


def test_section_2_no_number_of_cases_makes_a_pass_of_a_drop_beyond_the_margin():
    assert more_cases(change_estimate([-0.1, 0.0, 0.1, -0.2] * 5, 0.04), 0.04).if_real is None


def test_section_2_ties_need_as_many_cases_as_their_own_bound():
    tied = change_estimate([0.0] * 60, 0.04, clusters=np.arange(60) // 2)
    needed = more_cases(tied, 0.04)
    clusters = np.log(0.05) / np.log(0.96)  # two cases each
    assert needed.if_unchanged == pytest.approx(2 * clusters - 60, abs=1)
    assert needed.if_real == needed.if_unchanged


def test_section_2_with_no_pair_yet_the_spread_is_assumed_to_be_a_half():
    assert more_cases(change_estimate([], 0.04), 0.04).if_unchanged == needed_pairs(0.5, 0.04)
    assert cases_to_settle(score_estimate([]), 0.9) is None


@pytest.mark.parametrize(("hits", "n"), [(58, 60), (20, 20), (57, 60)])
def test_section_2_a_floor_is_passed_with_the_cases_named_if_the_level_is_real(hits, n):
    more = cases_to_settle(Proportion(hits=hits, n=n), 0.90)
    assert more is not None
    assert more >= 1
    total = n + more
    assert against(0.90, *clopper_pearson(hits / n * total, total, 0.05)) == "pass"


def test_section_2_a_level_below_the_floor_is_settled_as_a_failure():
    more = cases_to_settle(Proportion(hits=52, n=60), 0.90)
    assert more == needed_pairs(np.sqrt(52 / 60 * 8 / 60), 0.90 - 52 / 60) - 60


def test_section_2_a_level_on_the_line_is_never_settled():
    assert cases_to_settle(Proportion(hits=9, n=10), 0.9) is None


@pytest.mark.parametrize(
    "estimate",
    [
        change_estimate(JITTER, 0.04),
        change_estimate(JITTER, 0.04, clusters=np.arange(120) // 4),
        change_estimate([0.0] * 90 + [0.3], 0.04),
        score_estimate(np.abs(JITTER)),
        score_estimate(JITTER > -0.4),
        score_estimate(JITTER > -0.4, clusters=np.arange(120) // 4),
        PairedBinary(losses=4, gains=3, n=80),
        Resampled(point=0.7, replicates=tuple(0.7 + JITTER / 5), n=200, clusters=200, effective_clusters=200),
        Corrected(point=0.7, se=0.03, df=20, lam=0.5, people=0.7, raw=0.8, n=200, clusters=50, effective_clusters=50),
        sequence_estimate(JITTER),
    ],
    ids=lambda estimate: estimate.method,
)
def test_section_2_as_many_cases_as_now_project_to_the_bounds_of_now(estimate):
    assert estimate.projected(estimate.n, estimate.point, 0.05) == pytest.approx(estimate.bounds(0.05), abs=1e-9)
    now, later = estimate.bounds(0.05), estimate.projected(4 * estimate.n, estimate.point, 0.05)
    assert later.high - later.low < now.high - now.low


def test_section_2_with_enough_cases_the_guard_is_projected_away():
    estimate = change_estimate([0.0] * 90 + [0.5, -0.5] * 5, 0.04)
    assert estimate.method == "t-guarded"
    fourfold = change_estimate([0.0] * 360 + [0.5, -0.5] * 20, 0.04)
    assert fourfold.method == "t"
    assert estimate.projected(400, 0.0, 0.05) == pytest.approx(fourfold.bounds(0.05))
