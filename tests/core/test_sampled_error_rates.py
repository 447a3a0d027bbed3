"""Section 15 for samples of traffic: how often an interval is wrong at the truth, 2,000 seeded runs a cell."""

# mypy: no-check-untyped-defs
from __future__ import annotations

import numpy as np
import pytest

from evalgate.core.statistics.sampled import sampled_mean
from evalgate.core.statistics.tails import t_quantile
from evalgate.core.statistics.weighting import Drawn, Strata
from tests.core.traffic import day

RUNS = 2_000
SHARES = np.array([0.8, 0.15, 0.05])


def weighty(failing, chances):
    """Samples of days in which each stratum fails at its own rate."""
    rng = np.random.default_rng(13)
    for _ in range(RUNS):
        codes = np.searchsorted([0.8, 0.95], rng.random(3_000))
        scores = (rng.random(3_000) > np.array(failing)[codes]).astype(float)
        taken = rng.random(3_000) < np.array(chances)[codes]
        strata = Strata(codes[taken], np.bincount(codes, minlength=3).astype(float))
        yield sampled_mean(Drawn(scores[taken], np.array(chances)[codes][taken], strata))


def errors(samples, truth, alpha=0.05):
    """How often the lower bound lies above the truth and the upper one below it, where the mean is known."""
    known = [each.bounds(alpha) for each in samples if each.reason is None]
    assert len(known) > 0.9 * RUNS
    return np.mean([low > truth for low, _ in known]), np.mean([high < truth for _, high in known])


@pytest.mark.parametrize(
    ("level", "chances"),
    [(0.9, (0.05, 0.2, 0.6)), (0.9, (0.1, 0.1, 0.1)), (0.7, (0.03, 0.1, 0.3)), (0.97, (0.05, 0.2, 0.6))],
)
def test_section_15_a_stratified_sample_on_one_draw(level, chances):
    rng = np.random.default_rng(12)
    truth = 1 - (1 - level) / 1.27 * (0.85 + 0.12 * 2.5 + 0.03 * 4)
    passed, failed = errors([sampled_mean(day(rng, 4_000, level, chances)) for _ in range(RUNS)], truth)
    assert passed <= 0.08
    assert failed <= 0.08


@pytest.mark.parametrize(
    ("failing", "chances"),
    [
        ((0.01, 0.1, 0.3), (0.02, 0.3, 0.8)),
        ((0.02, 0.1, 0.2), (0.02, 0.3, 0.8)),
        ((0.005, 0.2, 0.6), (0.05, 0.5, 1.0)),
        ((0.03, 0.03, 0.03), (0.1, 0.1, 0.1)),
        ((0.01, 0.01, 0.01), (0.1, 0.1, 0.1)),
    ],
)
def test_section_15_rare_failures_behind_large_weights(failing, chances):
    passed, failed = errors(list(weighty(failing, chances)), 1 - SHARES @ failing)
    assert passed <= 0.08
    assert failed <= 0.08


def test_section_15_counting_failures_without_their_weight_would_pass_far_too_often():
    # Forty failures are seen, nearly all of them where an item stands for one or three others.
    failing = (0.02, 0.1, 0.2)
    found = list(weighty(failing, (0.02, 0.3, 0.8)))
    assert np.mean([each.rare >= 10 for each in found]) > 0.99
    wrong = [each.seen - t_quantile(0.05, each.df) * each.se > 1 - SHARES @ failing for each in found]
    assert np.mean(wrong) > 0.3


def test_section_15_conversations_of_several_turns():
    rng = np.random.default_rng(14)
    found = []
    for _ in range(RUNS):
        turns = rng.choice([1, 2, 3, 8], 800, p=[0.5, 0.25, 0.15, 0.1])
        level = rng.beta(4, 1, 800)
        chance = np.where(rng.random(800) < 0.3, 0.6, 0.15)
        taken = np.flatnonzero(rng.random(800) < chance)
        kept = np.repeat(taken, turns[taken])
        found.append(sampled_mean(Drawn((rng.random(len(kept)) < level[kept]) * 1.0, chance[kept], clusters=kept)))
    passed, failed = errors(found, 0.8)
    assert passed <= 0.08
    assert failed <= 0.08


def test_section_15_counting_turns_one_by_one_would_be_wrong_more_often():
    rng = np.random.default_rng(14)
    wrong = []
    for _ in range(RUNS):
        level = np.repeat(rng.beta(4, 1, 60), 6)
        found = sampled_mean(Drawn((rng.random(360) < level).astype(float), np.full(360, 0.1)))
        wrong.append(found.bounds(0.05).low > 0.8)
    assert np.mean(wrong) > 0.12
