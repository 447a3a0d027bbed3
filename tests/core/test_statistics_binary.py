"""Sections 1, 3 and 4 for 0/1 scores: Tango, Clopper-Pearson, Korn-Graubard, the tripwire."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from evalgate.core.estimates import PairedBinary, Proportion, change_estimate, score_estimate
from evalgate.core.statistics.binary import clopper_pearson, korn_graubard, never_upper
from evalgate.core.statistics.tango import tango_bounds, tango_z
from evalgate.core.statistics.verdicts import against

SIZES, HITS = [4, 3, 3, 5, 5], [4, 3, 2, 5, 4]


@pytest.mark.parametrize(("losses", "gains", "n", "z"), [(12, 9, 200, 1.4544), (3, 3, 100, 1.7200), (0, 0, 60, 1.7770)])
def test_section_1_tango_z_at_a_margin_of_5_points(losses, gains, n, z):
    assert tango_z(losses, gains, n, 0.05) == pytest.approx(z, abs=5e-5)


def test_section_1_tango_bounds_of_twelve_losses_and_nine_gains():
    assert tango_bounds(12, 9, 200, 0.05) == pytest.approx((-0.05501, 0.02389), abs=5e-6)


def test_section_1_tango_sees_no_change_in_sixty_pairs_and_is_not_certain():
    assert tango_bounds(0, 0, 60, 0.05).low == pytest.approx(-0.04315, abs=5e-6)
    low, high = change_estimate([0.0] * 60, 0.04).bounds(0.05)
    assert (low, high) == pytest.approx((-0.04315, 0.04315), abs=5e-6)


@pytest.mark.parametrize(("losses", "gains"), [(12, 9), (5, 0), (0, 5), (40, 60), (1, 1)])
def test_section_1_tango_bounds_solve_their_own_equation(losses, gains):
    low, high = tango_bounds(losses, gains, 200, 0.025)
    z = stats.norm.isf(0.025)
    assert tango_z(losses, gains, 200, -low) == pytest.approx(z, abs=1e-8)
    assert tango_z(gains, losses, 200, high) == pytest.approx(z, abs=1e-8)


@pytest.mark.parametrize("n", [5, 40])
def test_section_1_tango_z_grows_with_the_margin_so_that_its_root_is_one(n):
    margins = np.linspace(-0.999, 0.999, 301)
    steps = [
        np.diff([tango_z(losses, gains, n, margin) for margin in margins]).min()
        for losses in range(0, n + 1, 5)
        for gains in range(0, n - losses + 1, 5)
    ]
    assert min(steps) > 0


def test_section_1_tango_agrees_with_its_terms_fitted_numerically():
    # The share of losses q maximises the trinomial likelihood when the change is fixed at -δ.
    losses, gains, n, margin = 12, 9, 200, 0.05
    shares = np.linspace(margin + 1e-6, (1 + margin) / 2 - 1e-6, 400_001)
    likelihood = (
        losses * np.log(shares) + gains * np.log(shares - margin) + (n - losses - gains) * np.log1p(margin - 2 * shares)
    )
    best = shares[likelihood.argmax()]
    variance = n * (2 * best - margin - margin**2)
    assert tango_z(losses, gains, n, margin) == pytest.approx((gains - losses + n * margin) / math.sqrt(variance), 1e-4)


def test_section_1_all_lost_or_all_won_reaches_the_end():
    assert tango_bounds(9, 0, 9, 0.05).low == -1
    assert tango_bounds(0, 9, 9, 0.05).high == 1


def test_section_1_only_unclustered_whole_changes_are_read_as_binary():
    assert isinstance(change_estimate([0, 1, -1, 0], 0.04), PairedBinary)
    assert change_estimate([0, 1, -1, 0], 0.04, clusters=[0, 0, 1, 2]).method == "t-clustered-guarded"
    assert change_estimate([0, 1, -1, 0.5], 0.04).method == "t-guarded"


@pytest.mark.parametrize(
    ("hits", "n", "low", "verdict"),
    [(58, 60, 0.89876, "inconclusive"), (45, 46, 0.90098, "pass"), (29, 29, 0.90186, "pass")],
)
def test_section_3_clopper_pearson_against_a_floor_of_90(hits, n, low, verdict):
    bounds = Proportion(hits=hits, n=n).bounds(0.05)
    assert bounds.low == pytest.approx(low, abs=5e-6)
    assert against(0.90, *bounds) == verdict


def test_section_3_no_hit_in_thirty():
    assert clopper_pearson(0, 30, 0.05) == pytest.approx((0, 0.09503), abs=5e-6)


@pytest.mark.parametrize("hits", [0, 1, 17, 39, 40])
def test_section_3_clopper_pearson_is_that_of_statsmodels(hits):
    assert clopper_pearson(hits, 40, 0.05) == pytest.approx(proportion_confint(hits, 40, 0.10, method="beta"))


def test_section_3_korn_graubard_on_five_clusters():
    scores = [score for size, hits in zip(SIZES, HITS, strict=True) for score in [1] * hits + [0] * (size - hits)]
    estimate = score_estimate(scores, np.repeat(range(5), SIZES))
    assert estimate.method == "korn-graubard"
    assert estimate.bounds(0.05) == pytest.approx((0.55699, 0.99740), abs=5e-6)


def test_section_3_clusters_that_do_not_differ_count_as_the_effective_ones():
    clean = score_estimate([1] * 20, np.repeat(range(5), SIZES))
    effective = 400 / 84
    assert clean.effective_clusters == pytest.approx(effective)
    assert clean.bounds(0.05) == pytest.approx((0.025 ** (1 / effective), 1.0))
    halves = score_estimate([0, 1] * 10, np.repeat(range(10), 2))
    assert halves.bounds(0.05) == pytest.approx(clopper_pearson(5, 10, 0.025))


def test_section_3_one_cluster_bounds_no_share():
    single = score_estimate([1, 1, 0], ["a", "a", "a"])
    assert single.sums is not None
    assert korn_graubard(single.sums, 0.05) == (0, 1)


def test_section_4_a_clean_tripwire_still_prints_an_upper_bound():
    assert never_upper(0, 240) == pytest.approx(0.01240, abs=5e-6)
    assert never_upper(0, 0) == 1


@pytest.mark.parametrize(("n", "verdict"), [(298, "inconclusive"), (299, "pass")])
def test_section_4_a_rate_of_one_percent_passes_from_299_clean_cases(n, verdict):
    # `at_most: r` is asked of the violations, the mirror of the scores.
    assert against(-0.01, *clopper_pearson(0, n, 0.05).mirrored()) == verdict
    assert against(1 - 0.01, *score_estimate([1] * n).bounds(0.05)) == verdict
