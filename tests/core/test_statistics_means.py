"""Section 1: the mean change with clusters, its degrees of freedom, the sparse guard and the all-ties rule."""

from __future__ import annotations

import numpy as np
import pytest

from evalgate.core.estimates import Mean, PairedMean, change_estimate, score_estimate
from evalgate.core.statistics.means import cluster_sums, cluster_totals, degrees_of_freedom, t_bounds, tied_bounds
from evalgate.core.statistics.tails import t_quantile

SCORES = [1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 0, 1]
CLUSTERS = [0] * 4 + [1] * 3 + [2] * 3 + [3] * 2
SPARSE = [0.0] * 95 + [-1, -1, 1, 0.5, -0.5]


def sums_of(values, clusters=None):
    return cluster_sums(*cluster_totals(np.asarray(values, dtype=float), clusters))


def by_the_page(sizes):
    """The degrees of freedom as the page writes them, in floating point."""
    sizes = np.asarray(sizes, dtype=float)
    n, a, b, c, e = (float((sizes**power).sum()) for power in range(1, 6))
    t1 = a - 2 * b / n + a**2 / n**2
    t2 = c + (4 * a * c + 2 * b**2) / n**2 + a**4 / n**4 - 4 * e / n - 4 * a**2 * b / n**3
    return t1**2 / t2


def test_section_1_the_standard_error_of_four_clusters():
    sums = sums_of(SCORES, CLUSTERS)
    assert sums.mean == pytest.approx(0.58333, abs=5e-6)
    assert sums.standard_error == pytest.approx(0.21725, abs=5e-6)
    assert degrees_of_freedom(sums.sizes) == pytest.approx(2.62769, abs=5e-6)


def test_section_1_the_clustered_standard_error_is_that_of_a_regression_on_a_constant():
    from statsmodels.regression.linear_model import OLS

    rng = np.random.default_rng(7)
    clusters = rng.integers(0, 23, 120)
    values = rng.normal(size=23)[clusters] / 4 + rng.uniform(-0.2, 0.2, 120)
    fit = OLS(values, np.ones(120)).fit(cov_type="cluster", cov_kwds={"groups": clusters, "use_correction": False})
    corrected = fit.bse[0] * np.sqrt(23 / 22)
    assert sums_of(values, clusters).standard_error == pytest.approx(corrected, rel=1e-12)


def test_section_1_without_clusters_it_is_the_standard_error_everybody_knows():
    values = np.random.default_rng(3).uniform(-1, 1, 50)
    assert sums_of(values).standard_error == pytest.approx(values.std(ddof=1) / np.sqrt(50), rel=1e-12)
    assert degrees_of_freedom(sums_of(values).sizes) == 49


def test_section_1_equal_clusters_have_one_degree_less_than_their_number():
    assert degrees_of_freedom([(7, 12)]) == 11


def test_section_1_unequal_clusters_have_the_degrees_of_the_formula():
    sizes = [1, 1, 2, 3, 5, 8, 13]
    assert degrees_of_freedom([(size, sizes.count(size)) for size in set(sizes)]) == pytest.approx(by_the_page(sizes))


def test_section_1_two_clusters_of_whatever_size_have_one_degree_of_freedom():
    # In floating point all digits cancel here: the formula is computed over whole numbers.
    assert degrees_of_freedom([(99_999, 1), (1, 1)]) == pytest.approx(1)


def test_section_1_a_hundred_changes_of_which_five_move_are_guarded():
    estimate = change_estimate(SPARSE, 0.04)
    assert isinstance(estimate, PairedMean)
    assert estimate.sums.standard_error == pytest.approx(0.01878, abs=5e-6)
    plain = estimate.point - t_quantile(0.05, 99) * estimate.sums.standard_error
    assert plain == pytest.approx(-0.04117, abs=6e-6)  # the page rounds t and SE first
    assert estimate.informative == 5
    assert estimate.method == "t-guarded"
    assert estimate.bounds(0.05) == pytest.approx((-0.05469, 0.03504), abs=5e-6)


def test_section_1_the_printed_mean_stays_the_raw_one():
    assert change_estimate(SPARSE, 0.04).point == pytest.approx(-0.01)


def test_section_1_the_guard_adds_one_cluster_of_the_effective_size_and_the_worst_value():
    values, clusters = [0.1, 0.2, -0.1, 0.0, 0.3, -0.4, 0.1], [0, 0, 0, 1, 1, 2, 2]
    # Sizes 3, 2, 2: the effective size is 17/7 items. Seven copies of each item make it 17 whole ones.
    worst = sums_of(values, clusters).with_cluster(-1.0)
    copied = sums_of([*np.repeat(values, 7), *[-1.0] * 17], [*np.repeat(clusters, 7), *[3] * 17])
    assert worst.mean == pytest.approx(copied.mean)
    assert worst.standard_error == pytest.approx(copied.standard_error)
    assert degrees_of_freedom(worst.sizes) == pytest.approx(degrees_of_freedom(copied.sizes))


def test_section_1_thirty_moving_clusters_need_no_guard():
    values = [0.0] * 70 + [0.5, -0.5] * 15
    plain = change_estimate(values, 0.04)
    assert isinstance(plain, PairedMean)
    assert plain.informative == 30
    assert plain.method == "t"
    assert plain.bounds(0.05).high == pytest.approx(t_quantile(0.05, 99) * np.std(values, ddof=1) / 10)
    assert change_estimate([*values[:-1], 0.0], 0.04).method == "t-guarded"


def test_section_1_a_move_of_the_margin_itself_counts_in_spite_of_rounding():
    moved = 0.9 - 0.8  # a hair under 0.1
    assert moved < 0.1
    estimate = change_estimate([0.0] * 9 + [moved], 0.1)
    assert isinstance(estimate, PairedMean)
    assert estimate.informative == 1


def test_section_1_sixty_ties_reach_below_the_margin():
    assert tied_bounds(0.0, 60, (-1, 1), 0.05) == pytest.approx((-0.04870, 0.04870), abs=5e-6)
    pairs = change_estimate([0.0] * 120, 0.04, clusters=np.arange(120) // 2)
    assert pairs.method == "all-tied"
    assert pairs.bounds(0.05).low == pytest.approx(-(1 - 0.05 ** (1 / 60)))


def test_section_1_ties_off_zero_reach_towards_both_ends():
    seen = 1 - 0.05 ** (1 / 20)
    assert change_estimate([0.5] * 20, 0.04).bounds(0.05) == pytest.approx((0.5 - 1.5 * seen, 0.5 + 0.5 * seen))


def test_section_1_ties_of_unequal_clusters_count_the_effective_ones():
    estimate = change_estimate([0.0] * 12, 0.04, clusters=CLUSTERS)
    effective = 144 / (16 + 9 + 9 + 4)
    assert estimate.effective_clusters == pytest.approx(effective)
    assert estimate.bounds(0.05).low == pytest.approx(-(1 - 0.05 ** (1 / effective)))


def test_section_1_clusters_that_tie_only_on_average_are_ties():
    assert change_estimate([0.1, 0.3, 0.2, 0.2, 0.4, 0.0], 0.04, clusters=[0, 0, 1, 1, 2, 2]).method == "all-tied"


def test_section_1_one_cluster_bounds_nothing():
    assert change_estimate([0.1, 0.2, 0.3], 0.04, clusters=[5, 5, 5]).bounds(0.05) == (-1, 1)


def test_section_1_a_bound_never_leaves_what_is_possible():
    assert t_bounds(sums_of([-1.0, 1.0, -1.0]), 3, (-1, 1), 0.001) == (-1, 1)


def test_section_3_graded_scores_are_guarded_towards_zero_and_one():
    scores = [1.0] * 50 + [0.97] * 9 + [0.2]
    estimate = score_estimate(scores)
    assert estimate.method == "t-guarded"
    worst, best = np.array([*scores, 0.0]), np.array([*scores, 1.0])
    t = t_quantile(0.05, 60)
    assert estimate.bounds(0.05).low == pytest.approx(worst.mean() - t * worst.std(ddof=1) / np.sqrt(61))
    assert estimate.bounds(0.05).high == pytest.approx(min(1.0, best.mean() + t * best.std(ddof=1) / np.sqrt(61)))


def test_section_3_tied_graded_scores_follow_the_all_ties_rule_between_zero_and_one():
    estimate = score_estimate([0.75] * 40)
    kept = 0.05 ** (1 / 40)
    assert estimate.method == "all-tied"
    assert estimate.bounds(0.05) == pytest.approx((0.75 * kept, 1 - 0.25 * kept))


def test_section_14_a_pairwise_win_rate_is_a_graded_score():
    wins = score_estimate([1.0] * 30 + [0.0] * 20 + [0.5] * 50)
    assert isinstance(wins, Mean)
    assert wins.point - 0.5 == pytest.approx(0.05)
    assert wins.sums.standard_error == pytest.approx(0.03518, abs=5e-6)
    assert wins.bounds(0.05).low - 0.5 == pytest.approx(-0.00841, abs=5e-6)
    disagreeing = score_estimate([1.0] * 30 + [0.0] * 20 + [0.5] * 38 + [0.0] * 12)
    assert disagreeing.bounds(0.05).low - 0.5 == pytest.approx(-0.07568, abs=5e-6)
