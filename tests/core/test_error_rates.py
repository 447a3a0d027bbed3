"""Section 15: how often the verdicts are wrong when the truth lies exactly on the line, 2,000 seeded runs a cell.

EXACT_ENOUGH is alpha + 3 standard errors of 2,000 runs: what a bound of error .05 stays below.
APPROXIMATE is what the page accepts of the guarded t bound, Tango's and Korn-Graubard's. One error lies beyond it.
TANGO_FAILS: where about three losses are expected and nothing is ever gained, Tango's upper bound fails a drop of
exactly the margin in up to 9.4 % of runs.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evalgate.core.estimates import change_estimate, p_below, score_estimate
from evalgate.core.statistics.betting import log_capital
from evalgate.core.statistics.binary import clopper_pearson
from evalgate.core.statistics.holm import holm
from evalgate.core.statistics.planning import needed_pairs
from evalgate.core.statistics.quantiles import quantile_ranks
from evalgate.core.statistics.tango import tango_bounds
from evalgate.core.statistics.unscored import change_ends
from evalgate.core.statistics.verdicts import against

RUNS = 2_000
ALPHA = 0.05
EXACT_ENOUGH = ALPHA + 3 * np.sqrt(ALPHA * (1 - ALPHA) / RUNS)
APPROXIMATE = 0.08
TANGO_FAILS = 0.095

EQUAL = np.repeat(np.arange(40), 6)
ZIPF = np.repeat(np.arange(60), np.maximum(1, 40 // np.arange(1, 61)))
MIXED = np.repeat(np.arange(50), [10] * 10 + [2] * 40)


def verdicts(bound, estimates):
    """The share of passes and of failures against a bound; at the truth both are errors."""
    said = [against(bound, *estimate.bounds(ALPHA)) for estimate in estimates]
    return said.count("pass") / len(said), said.count("fail") / len(said)


def losses(rng, share, n):
    """Changes of 0 and, rarely, -1."""
    return -(rng.random((RUNS, n)) < share).astype(float)


def by_cluster(clusters, of_cluster):
    """Each cluster's draw given to all its members."""
    return of_cluster[:, clusters]


@pytest.mark.parametrize(
    ("margin", "n"), [(0.03, 30), (0.03, 100), (0.05, 60), (0.05, 200), (0.10, 60), (0.20, 200), (0.30, 400)]
)
def test_section_15_losses_of_one_sparse_and_dense_by_tango(margin, n):
    changes = losses(np.random.default_rng(1), margin, n)
    passed, failed = verdicts(-margin, (change_estimate(row, margin) for row in changes))
    assert passed <= APPROXIMATE
    assert failed <= TANGO_FAILS


@pytest.mark.parametrize(("margin", "n", "gained"), [(0.04, 100, 0.03), (0.06, 240, 0.05), (0.05, 400, 0.20)])
def test_section_15_losses_and_gains_of_one_by_tango(margin, n, gained):
    draw = np.random.default_rng(16).random((RUNS, n))
    changes = np.select([draw < gained, draw > 1 - gained - margin], [1.0, -1.0], 0.0)
    passed, failed = verdicts(-margin, (change_estimate(row, margin) for row in changes))
    assert passed <= APPROXIMATE
    assert failed <= APPROXIMATE


@pytest.mark.parametrize("n", [20, 30, 60, 100, 200, 400])
def test_section_15_tango_is_not_wrong_more_often_whatever_the_share_of_losses(n):
    # Not a simulation: the exact chance of each error, at the share of losses where it is largest.
    bounds = [tango_bounds(lost, 0, n, ALPHA) for lost in range(n + 1)]
    margins = np.linspace(0.002, 0.5, 1_000)
    passing = np.searchsorted([-low for low, _ in bounds], margins, side="right")  # fewer losses than this pass
    failing = np.searchsorted([-high for _, high in bounds], margins, side="right")  # as many as this fail
    assert stats.binom.cdf(passing - 1, n, margins).max() <= APPROXIMATE
    assert APPROXIMATE * 0.9 < stats.binom.sf(failing - 1, n, margins).max() <= TANGO_FAILS


@pytest.mark.parametrize(("margin", "n"), [(0.03, 30), (0.03, 100), (0.05, 60), (0.05, 200), (0.04, 400)])
def test_section_15_jitter_with_rare_losses_of_one_by_the_guard(margin, n):
    rng = np.random.default_rng(2)
    jitter = rng.uniform(-0.01, 0.01, (RUNS, n))
    lost = rng.random((RUNS, n)) < margin
    changes = np.where(lost, -1.0, jitter)
    passed, failed = verdicts(-margin, (change_estimate(row, margin) for row in changes))
    assert passed <= APPROXIMATE
    assert failed <= APPROXIMATE


def test_section_15_without_the_guard_the_same_jitter_would_pass_far_too_often():
    rng = np.random.default_rng(2)
    changes = np.where(rng.random((RUNS, 30)) < 0.03, -1.0, rng.uniform(-0.01, 0.01, (RUNS, 30)))
    reach = stats.t.isf(ALPHA, 29) * changes.std(axis=1, ddof=1) / np.sqrt(30)
    assert np.mean(changes.mean(axis=1) - reach >= -0.03) > 0.3


def test_section_15_dense_graded_changes():
    rng = np.random.default_rng(3)
    changes = np.clip(rng.normal(0, 0.33, (RUNS, 240)), -0.9, 0.9) - 0.04
    passed, failed = verdicts(-0.04, (change_estimate(row, 0.04) for row in changes))
    assert passed <= EXACT_ENOUGH
    assert failed <= EXACT_ENOUGH


def test_section_15_ties_in_every_cluster():
    # The margin is the smallest that sixty ties can pass: every false pass is a sample without a loss.
    margin = 1 - ALPHA ** (1 / 60) + 1e-9
    clusters = np.arange(120) // 2
    changes = by_cluster(clusters, losses(np.random.default_rng(4), margin, 60))
    passed, _ = verdicts(-margin, (change_estimate(row, margin, clusters) for row in changes))
    assert 0.03 < passed <= EXACT_ENOUGH


@pytest.mark.parametrize("clusters", [EQUAL, ZIPF], ids=["equal", "zipf"])
def test_section_15_clusters_that_move_together(clusters):
    rng = np.random.default_rng(5)
    together = by_cluster(clusters, rng.uniform(-0.4, 0.4, (RUNS, clusters.max() + 1)))
    changes = together + rng.uniform(-0.3, 0.3, together.shape) - 0.04
    passed, failed = verdicts(-0.04, (change_estimate(row, 0.04, clusters) for row in changes))
    assert passed <= APPROXIMATE
    assert failed <= APPROXIMATE


def rarely_lost(clusters, margin):
    """The verdicts where a whole cluster is lost with the chance that makes the true change -margin."""
    rng = np.random.default_rng(6)
    lost = by_cluster(clusters, rng.random((RUNS, clusters.max() + 1)) < margin)
    changes = np.where(lost, -1.0, rng.uniform(-0.01, 0.01, lost.shape))
    return verdicts(-margin, (change_estimate(row, margin, clusters) for row in changes))


@pytest.mark.parametrize("clusters", [EQUAL, ZIPF], ids=["equal", "zipf"])
@pytest.mark.parametrize("margin", [0.03, 0.06])
def test_section_15_whole_clusters_rarely_lost_by_the_clustered_guard(clusters, margin):
    passed, failed = rarely_lost(clusters, margin)
    assert passed <= APPROXIMATE
    assert failed <= APPROXIMATE


@pytest.mark.parametrize("clusters", [ZIPF, MIXED], ids=["zipf", "mixed"])
@pytest.mark.parametrize("margin", [0.10, 0.15])
def test_section_15_large_clusters_wholly_lost_at_a_wide_margin_by_the_clustered_guard(clusters, margin):
    passed, failed = rarely_lost(clusters, margin)
    assert passed <= APPROXIMATE
    assert failed <= APPROXIMATE


@pytest.mark.parametrize(("level", "icc"), [(0.7, 0.1), (0.8, 0.3), (0.9, 0.3), (0.9, 0.5)])
def test_section_15_a_floor_of_clustered_shares_by_korn_graubard(level, icc):
    rng = np.random.default_rng(7)
    strength = 1 / icc - 1
    clusters = np.repeat(np.arange(30), 5)
    chances = by_cluster(clusters, rng.beta(level * strength, (1 - level) * strength, (RUNS, 30)))
    scores = rng.random(chances.shape) < chances
    passed, failed = verdicts(level, (score_estimate(row, clusters) for row in scores))
    assert passed <= APPROXIMATE
    assert failed <= APPROXIMATE


def test_section_15_counting_clustered_shares_as_single_cases_would_pass_far_too_often():
    rng = np.random.default_rng(7)
    hits = rng.binomial(5, rng.beta(0.9, 0.1, (RUNS, 30))).sum(axis=1)  # a level of .9, a correlation of .5
    assert np.mean([clopper_pearson(hit, 150, ALPHA).low >= 0.9 for hit in hits]) > 0.12


@pytest.mark.parametrize(("level", "n"), [(0.9, 60), (0.95, 240), (0.5, 40)])
def test_section_15_a_floor_of_shares_by_clopper_pearson(level, n):
    scores = np.random.default_rng(8).random((RUNS, n)) < level
    passed, failed = verdicts(level, (score_estimate(row) for row in scores))
    assert passed <= EXACT_ENOUGH
    assert failed <= EXACT_ENOUGH


def test_section_15_a_floor_of_graded_scores_with_rare_zeros_by_the_guard():
    rng = np.random.default_rng(9)
    graded = rng.uniform(0.98, 1.0, (RUNS, 80))
    scores = np.where(rng.random((RUNS, 80)) < 0.05, 0.0, graded)
    passed, failed = verdicts(0.95 * 0.99, (score_estimate(row) for row in scores))
    assert passed <= APPROXIMATE
    assert failed <= APPROXIMATE


def test_section_15_one_false_failure_among_eight_slices_is_as_rare_as_one_alone():
    rng = np.random.default_rng(10)
    slices = np.clip(rng.normal(0, 0.33, (RUNS, 8, 60)), -0.9, 0.9) - 0.04
    any_failed = alone = 0
    for family in slices:
        tests = [change_estimate(values, 0.04) for values in family]
        p_values = [_p_if_small(test) for test in tests]
        any_failed += any(test.rejected for test in holm(p_values))
        alone += min(p_values) <= ALPHA
    assert any_failed / RUNS <= EXACT_ENOUGH
    assert alone / RUNS > 0.25


def _p_if_small(estimate):
    """The p where it can matter to Holm at all; bisecting the others would take most of the time."""
    return p_below(estimate, -0.04) if estimate.bounds(ALPHA).high < -0.04 else 1.0


def test_section_15_betting_is_looked_at_again_and_again_without_a_price():
    rng = np.random.default_rng(11)
    changes = np.where(rng.random((RUNS, 400)) < 0.04, -1.0, 0.0)
    crossed = [
        any(
            log_capital(-0.04, np.column_stack([row[:n], np.ones(n)]), 1) >= np.log(1 / ALPHA)
            for n in range(50, 401, 50)
        )
        for row in changes
    ]
    assert np.mean(crossed) <= ALPHA


def test_section_15_a_latency_limit_at_the_true_p95():
    latencies = np.sort(np.random.default_rng(12).exponential(1.0, (RUNS, 200)), axis=1)
    limit = stats.expon.ppf(0.95)
    j, k = quantile_ranks(200)
    assert np.mean(latencies[:, k - 1] <= limit) <= EXACT_ENOUGH
    assert np.mean(latencies[:, j - 1] > limit) <= EXACT_ENOUGH


def test_section_15_losses_that_hide_as_unscored_do_not_pass():
    rng = np.random.default_rng(13)
    baseline = rng.uniform(0.3, 0.7, (RUNS, 240))
    candidate = baseline + rng.uniform(-0.3, 0.3, baseline.shape) - 0.04
    hidden = np.where(candidate - baseline <= np.quantile(candidate - baseline, 0.02), np.nan, candidate)
    low, high = change_ends(hidden, baseline)
    passed, _ = verdicts(-0.04, (change_estimate(row, 0.04) for row in low))
    _, failed = verdicts(-0.04, (change_estimate(row, 0.04) for row in high))
    seen, _ = verdicts(-0.04, (change_estimate(row[~np.isnan(row)], 0.04) for row in hidden - baseline))
    assert passed <= EXACT_ENOUGH
    assert failed <= EXACT_ENOUGH
    assert seen > EXACT_ENOUGH


def test_section_2_the_planned_pairs_pass_four_times_in_five_and_fail_a_doubled_margin_as_often():
    rng = np.random.default_rng(14)
    n = needed_pairs(0.3, 0.06)
    changes = rng.uniform(-0.3 * np.sqrt(3), 0.3 * np.sqrt(3), (RUNS, n))
    passed, _ = verdicts(-0.06, (change_estimate(row, 0.06) for row in changes))
    _, failed = verdicts(-0.06, (change_estimate(row, 0.06) for row in changes - 0.12))
    assert passed == pytest.approx(0.8, abs=0.03)
    assert failed == pytest.approx(0.8, abs=0.03)


def test_two_equal_arms_of_240_cases_at_94_percent_pass_and_do_not_fail():
    arms = np.random.default_rng(15).random((2, RUNS, 240)) < 0.94
    changes = arms[0].astype(float) - arms[1]
    passed, failed = verdicts(-0.06, (change_estimate(row, 0.06) for row in changes))
    assert passed >= 0.80
    assert failed <= 0.01
