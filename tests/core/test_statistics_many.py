"""Sections 5, 6, 7 and 9: latency ranks, unscored outcomes, Holm, attempts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from evalgate.core.estimates import change_estimate
from evalgate.core.statistics.holm import attempt_level, holm
from evalgate.core.statistics.quantiles import latency_bounds, quantile_ranks
from evalgate.core.statistics.unscored import change_ends, score_ends
from evalgate.core.statistics.verdicts import against

GONE = math.nan


@pytest.mark.parametrize(("n", "ranks"), [(59, (53, 59)), (200, (185, 196)), (1000, (938, 962))])
def test_section_5_the_ranks_that_bound_a_p95(n, ranks):
    assert quantile_ranks(n) == ranks


@pytest.mark.parametrize("n", [7, 58, 60, 333])
def test_section_5_the_ranks_are_binomial_quantiles(n):
    j, k = quantile_ranks(n, 0.9, 0.02)
    assert (j, k) == (stats.binom.ppf(0.02, n, 0.9), 1 + stats.binom.ppf(0.98, n, 0.9))


def test_section_5_fewer_than_59_latencies_cannot_pass():
    assert latency_bounds([10.0] * 58).high == math.inf
    assert against(-12, *latency_bounds([10.0] * 58).mirrored()) == "inconclusive"
    assert against(-12, *latency_bounds([10.0] * 59).mirrored()) == "pass"
    assert latency_bounds([]) == (0, math.inf)


def test_section_5_a_limit_fails_when_the_lower_rank_lies_above_it():
    latencies = [*range(1, 201)]
    assert against(-196, *latency_bounds(latencies).mirrored()) == "pass"
    assert against(-185, *latency_bounds(latencies).mirrored()) == "inconclusive"
    assert against(-184, *latency_bounds(latencies).mirrored()) == "fail"


def test_section_6_four_lost_candidate_scores_are_tried_at_both_ends():
    candidate = [0.6] * 98 + [0.41] * 98 + [GONE] * 4
    baseline = [0.5] * 196 + [1, 1, 1, 0]
    low, high = (change_estimate(end, 0.05) for end in change_ends(candidate, baseline))
    assert low.point == pytest.approx(-0.0101)
    assert low.bounds(0.05).low == pytest.approx(-0.02816, abs=5e-6)
    assert high.point == pytest.approx(0.0099)
    assert high.bounds(0.05).high == pytest.approx(0.02365, abs=5e-6)


def test_section_6_each_missing_side_leaves_what_it_could_have_been():
    low, high = change_ends([GONE, 0.75, GONE, 1.0], [0.25, GONE, GONE, 0.5])
    assert low.tolist() == [-0.25, -0.25, -1.0, 0.5]
    assert high.tolist() == [0.75, 0.75, 1.0, 0.5]


def test_section_6_a_missing_score_is_anything_between_zero_and_one():
    low, high = score_ends([GONE, 0.5])
    assert (low.tolist(), high.tolist()) == ([0.0, 0.5], [1.0, 0.5])


def test_section_7_holm_adjusts_three_p_to_3_16_and_39_thousandths():
    tests = holm([0.001, 0.008, 0.039])
    assert [test.adjusted for test in tests] == pytest.approx([0.003, 0.016, 0.039])
    assert [test.level for test in tests] == pytest.approx([0.05 / 3, 0.05 / 2, 0.05])
    assert [test.rejected for test in tests] == [True, True, True]


def test_section_7_holm_answers_in_the_order_it_was_asked():
    assert [test.adjusted for test in holm([0.039, 0.001, 0.008])] == pytest.approx([0.039, 0.003, 0.016])


def test_section_7_after_the_first_miss_nothing_fails_and_the_level_stands_still():
    tests = holm([0.03, 0.001, 0.031, 0.032])
    assert [test.rejected for test in tests] == [False, True, False, False]
    assert [test.level for test in tests] == pytest.approx([0.05 / 3, 0.05 / 4, 0.05 / 3, 0.05 / 3])


def test_section_7_holm_is_that_of_statsmodels():
    p = np.random.default_rng(5).uniform(0, 0.06, 40)
    rejected, adjusted, _, _ = multipletests(p, 0.05, method="holm")
    tests = holm(p.tolist())
    assert [test.rejected for test in tests] == rejected.tolist()
    assert [test.adjusted for test in tests] == pytest.approx(adjusted.tolist())


def test_section_7_no_test_is_no_family():
    assert holm([]) == ()


def test_section_9_all_attempts_together_spend_at_most_one_and_a_half_alpha():
    assert attempt_level(1) == 0.05
    assert attempt_level(2) == pytest.approx(0.0125)
    assert sum(attempt_level(attempt) for attempt in range(1, 60)) == pytest.approx(0.075)
