"""Section 1 on published scores: AlpacaEval, claude-2.1 as the baseline, margin 4 points."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest

from evalgate.core.estimates import Mean, PairedMean, change_estimate, score_estimate
from evalgate.core.statistics.tails import t_quantile
from evalgate.core.statistics.verdicts import change_state

MARGIN = 0.04


@pytest.fixture(scope="module")
def scores(realdata):
    lines = (realdata / "alpaca_eval" / "alpaca_pref.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    found: dict[str, list[float]] = {}
    for row in sorted(rows, key=lambda row: row["q"]):
        found.setdefault(row["model"], []).append(row["preference"] - 1)
    return {model: np.clip(values, 0, 1) for model, values in found.items()}


@pytest.fixture
def change(scores):
    def against_claude(model, first=None):
        return (scores[model] - scores["claude-2.1"])[:first]

    return against_claude


def test_section_1_alpaca_win_rates_and_standard_errors_are_those_published(realdata, scores):
    table = (realdata / "alpaca_eval" / "published_leaderboard.csv").read_text(encoding="utf-8").splitlines()
    published = {row[""]: row for row in csv.DictReader(table)}
    for model, values in scores.items():
        estimate = score_estimate(values)
        assert isinstance(estimate, Mean)
        error = estimate.sums.standard_error
        assert estimate.point == pytest.approx(float(published[model]["win_rate"]) / 100, abs=1e-6)
        assert error == pytest.approx(float(published[model]["standard_error"]) / 100, abs=1e-6)


def test_section_1_alpaca_claude_2_is_not_worse(change):
    estimate = change_estimate(change("claude-2"), MARGIN)
    assert isinstance(estimate, PairedMean)
    assert estimate.informative == 243
    assert estimate.point == pytest.approx(0.01455, abs=5e-6)
    assert estimate.bounds(0.05).low == pytest.approx(-0.00050, abs=5e-6)
    assert change_state(*estimate.bounds(0.05), MARGIN) == "not_worse"


def test_section_1_alpaca_gemma_is_worse_beyond_the_margin(change):
    estimate = change_estimate(change("gemma-7b-it"), MARGIN)
    assert estimate.point == pytest.approx(-0.08796, abs=5e-6)
    assert estimate.bounds(0.05).high == pytest.approx(-0.06926, abs=5e-6)
    assert change_state(*estimate.bounds(0.05), MARGIN) == "worse_beyond_margin"


def test_section_1_alpaca_sixty_prompts_of_claude_instant_are_inconclusive(change):
    values = change("claude-instant-1.2", first=60)
    estimate = change_estimate(values, MARGIN)
    assert isinstance(estimate, PairedMean)
    assert estimate.informative == 16
    assert estimate.bounds(0.05) == pytest.approx((-0.07975, 0.04030), abs=5e-6)
    assert change_state(*estimate.bounds(0.05), MARGIN) == "unclear"
    reach = t_quantile(0.05, 59) * values.std(ddof=1) / np.sqrt(60)
    assert (values.mean() - reach, values.mean() + reach) == pytest.approx((-0.0549, 0.0141), abs=5e-5)
