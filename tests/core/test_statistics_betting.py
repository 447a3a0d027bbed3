"""Section 8: the mixture betting bound."""

from __future__ import annotations

import math

import pytest

from evalgate.core.estimates import p_below, score_estimate, sequence_estimate
from evalgate.core.statistics.betting import log_capital, log_capital_below

CHANGES = [0.2, 0.1, 0.0, 0.4, -0.1, 0.3, 0.3, 0.0]
CLUSTERS = [0, 0, 0, 1, 1, 2, 3, 3]


def test_section_8_four_bets_against_a_half():
    # x = 1, 0, 1, 1 tested against 1/2 is d = 2x - 1 tested against 0.
    assert math.exp(log_capital(0.0, [(1, 1), (-1, 1), (1, 1), (1, 1)], 1)) == pytest.approx(1.16098, abs=5e-6)
    assert math.exp(log_capital(0.5, [(1, 1), (0, 1), (1, 1), (1, 1)], 1, (0, 1))) == pytest.approx(1.16098, abs=5e-6)


def test_section_8_a_hundred_changes_of_which_forty_move_by_a_half():
    estimate = sequence_estimate([0.0] * 60 + [0.5] * 20 + [-0.5] * 20)
    assert estimate.bounds(0.05) == pytest.approx((-0.10027, 0.10027), abs=5e-6)


def test_section_8_a_hundred_and_fifty_ties():
    assert sequence_estimate([0.0] * 150).bounds(0.05).low == pytest.approx(-0.03738, abs=5e-6)


def test_section_8_the_cluster_form_bets_on_cluster_totals():
    estimate = sequence_estimate(CHANGES, CLUSTERS, largest=3)
    assert math.exp(log_capital(-0.5, estimate.rows, 3)) == pytest.approx(2.37458, abs=5e-6)


def test_section_8_the_capital_falls_as_the_mean_it_bets_against_rises():
    rows = sequence_estimate(CHANGES, CLUSTERS, largest=3).rows
    won = [log_capital(mean / 10, rows, 3) for mean in range(-9, 10)]
    assert won == sorted(won, reverse=True)


def test_section_8_no_data_bound_nothing():
    nothing = sequence_estimate([])
    assert nothing.bounds(0.05) == (-1, 1)
    assert (nothing.n, nothing.point, nothing.clusters, nothing.effective_clusters) == (0, 0, 0, 0)


def test_section_8_the_p_is_one_over_the_capital_and_agrees_with_the_bound():
    estimate = sequence_estimate([-0.5, -0.2, -0.4, 0.1, -0.6] * 8)
    p = p_below(estimate, -0.04)
    assert p == pytest.approx(math.exp(-log_capital_below(-0.04, estimate.rows, 1)))
    assert estimate.bounds(p).high == pytest.approx(-0.04, abs=1e-9)


def test_section_8_a_hopeless_bet_has_p_one_whatever_its_length():
    assert p_below(sequence_estimate([0.9] * 2000), -0.9) == 1
    assert p_below(sequence_estimate([0.9] * 2000), -1.0) == 1


def test_section_8_scores_bet_between_zero_and_one():
    scores = [0.9, 1.0, 0.7, 0.8] * 30
    low, high = sequence_estimate(scores, support=(0.0, 1.0)).bounds(0.05)
    assert 0 < low < 0.85 < high < 1
    assert low < score_estimate(scores).bounds(0.05).low  # holding at every look costs width


def test_section_8_a_cluster_larger_than_any_planned_is_refused():
    with pytest.raises(ValueError, match="exceeds the largest planned one, 2"):
        sequence_estimate([0.0, 0.1, 0.2], [0, 0, 0], largest=2)
