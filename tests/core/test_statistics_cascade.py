"""A day's cascade over 1,000 resampled days: code checks and a classifier on all, a judge on few, people on fewer.

The truth is known: it is the mean of the population that every day draws its conversations from.
"""

# mypy: no-check-untyped-defs
from __future__ import annotations

import math

import numpy as np
import pytest

from evalgate.core.statistics.allocation import Stratum, allocate, spread_of_share
from evalgate.core.statistics.detecting import Detector, windows_to_alert
from evalgate.core.statistics.labelled import Labels, corrected_mean
from evalgate.core.statistics.sampled import sampled_mean, sampled_pool
from evalgate.core.statistics.weighting import Drawn, Strata

DAYS = 1_000
CONVERSATIONS = 4_000
JUDGED = 400
BANDS = np.array([0.15, 0.45])


class Population:
    """Conversations of one to four turns; a classifier sees much of what the judge will say, the judge most of all."""

    def __init__(self) -> None:
        rng = np.random.default_rng(21)
        self.turns = rng.choice([1, 2, 3, 4], 30_000, p=[0.6, 0.2, 0.15, 0.05])
        self.first = np.concatenate([[0], np.cumsum(self.turns)[:-1]])
        n = int(self.turns.sum())
        trouble = np.repeat(rng.beta(0.25, 2.6, 30_000), self.turns)
        self.judge = (rng.random(n) >= trouble).astype(float)
        self.people = np.where(rng.random(n) < 0.93, self.judge, 1 - self.judge)
        self.risk = np.clip(trouble + rng.normal(0, 0.08, n), 0, 1)
        self.hit = rng.random(n) < np.where(self.judge == 1, 0.01, 0.4)
        self.strata = np.searchsorted(BANDS, self.risk) + 3 * self.hit

    def day(self, rng):
        """The items of one day, row numbers, and the conversation of each."""
        drawn = rng.integers(0, len(self.turns), CONVERSATIONS)
        rows = np.concatenate([self.first[drawn], self.first[drawn] + 1, self.first[drawn] + 2, self.first[drawn] + 3])
        place = np.repeat(np.arange(4), CONVERSATIONS)
        kept = place < np.tile(self.turns[drawn], 4)
        return rows[kept], np.tile(np.arange(CONVERSATIONS), 4)[kept]


WORLD = Population()


def planned_chances(rng):
    """The judge's chance in each stratum, from one earlier day on which 400 items were judged at random."""
    rows, _ = WORLD.day(rng)
    sizes = np.bincount(WORLD.strata[rows], minlength=6)
    seen = rng.permutation(rows)[:JUDGED]
    hits, of = (np.bincount(WORLD.strata[seen], weights, 6) for weights in (WORLD.judge[seen], None))
    strata = [
        Stratum(items=float(size), sd=spread_of_share(hit, n)) for size, hit, n in zip(sizes, hits, of, strict=True)
    ]
    return np.array(allocate(strata, JUDGED).chances), JUDGED / len(rows)


def judged(rows, names, chances, draw, *, counted):
    """What the judge saw of a day: the rows, and the sample with all chances absolute."""
    taken = draw[names] < chances
    codes = WORLD.strata[rows]
    strata = Strata(codes[taken], np.bincount(codes, minlength=6).astype(float)) if counted else None
    kept = rows[taken]
    return kept, taken, Drawn(WORLD.judge[kept], chances[taken], strata, names[taken])


@pytest.fixture(scope="module")
def days():
    """For each day: the cascade's estimate, that at a single rate, and how many each judged."""
    rng = np.random.default_rng(22)
    chances, rate = planned_chances(rng)
    found = []
    for _ in range(DAYS):
        rows, names = WORLD.day(rng)
        draw = rng.random(CONVERSATIONS)
        many = judged(rows, names, chances[WORLD.strata[rows]], draw, counted=True)[2]
        single = judged(rows, names, np.full(len(rows), rate), draw, counted=False)[2]
        found.append((sampled_mean(many), sampled_mean(single)))
    return found


def coverage(estimates, truth):
    bounds = [each.bounds(0.025) for each in estimates]
    return np.mean([low <= truth <= high for low, high in bounds]), np.mean([high - low for low, high in bounds])


def test_the_cascade_covers_the_truth_and_is_narrower_than_a_single_rate_at_the_same_budget(days):
    cascade, single = ([each[place] for each in days] for place in (0, 1))
    truth = WORLD.judge.mean()
    (covers, width), (plain_covers, plain_width) = coverage(cascade, truth), coverage(single, truth)
    assert np.mean([each.n for each in cascade]) < 1.03 * np.mean([each.n for each in single])
    assert 0.93 <= covers <= 0.975
    assert plain_covers >= 0.93
    assert width / plain_width == pytest.approx(0.64, abs=0.02)


def test_the_process_interval_and_the_error_that_was_planned_agree(days):
    seen = np.std([cascade.point for cascade, _ in days])
    said = np.sqrt(np.mean([cascade.se**2 for cascade, _ in days]))
    assert said == pytest.approx(seen, rel=0.08)
    assert all(cascade.reason is None for cascade, _ in days)


def test_a_thousand_days_at_the_floor_raise_few_alarms_and_a_drop_is_seen_when_the_plan_says(days):
    detector = Detector(floor=WORLD.judge.mean())
    for cascade, _ in days:
        detector = detector.after(cascade)
    assert detector.alarms <= 4  # 1,000 days at one a year or fewer
    dropped = Detector(floor=WORLD.judge.mean() + 0.03)
    waited = 0
    for cascade, _ in days[:20]:
        dropped = dropped.after(cascade)
        waited += dropped.alarms == 0
    planned = windows_to_alert(0.03, days[0][0].se)
    assert planned is not None
    assert waited <= planned + 2


def test_a_classifier_that_sees_a_sample_only_still_covers():
    # Known for all: the code check. The classifier reads 40 %, all hits; the judge asks by what it said.
    rng = np.random.default_rng(23)
    found, first = [], np.repeat([0.4, 1.0], 3)
    last = np.minimum(first, np.array([0.03, 0.15, 0.4, 0.3, 0.6, 0.8]))
    for _ in range(DAYS):
        rows, names = WORLD.day(rng)
        codes, draw = WORLD.strata[rows], rng.random(CONVERSATIONS)
        taken = draw[names] < last[codes]
        hits = (codes >= 3).astype(int)
        strata = Strata(hits[taken], np.bincount(hits).astype(float))
        found.append(sampled_mean(Drawn(WORLD.judge[rows[taken]], last[codes[taken]], strata, names[taken])))
    covers, _ = coverage(found, WORLD.judge.mean())
    assert covers >= 0.93


def test_people_correct_the_cascade_to_what_people_say():
    rng = np.random.default_rng(24)
    chances, _ = planned_chances(rng)
    corrected, alone, truth = [], [], WORLD.people.mean()
    for _ in range(DAYS):
        rows, names = WORLD.day(rng)
        draw, each = rng.random(CONVERSATIONS), chances[WORLD.strata[rows]]
        kept, taken, drawn = judged(rows, names, each, draw, counted=True)
        asked = np.minimum(each[taken], np.maximum(0.25 * each[taken], 0.02))
        said = np.where(draw[names[taken]] < asked, WORLD.people[kept], math.nan)
        labels = Labels(drawn.values, said, asked, names[taken], sampled_pool(drawn))
        corrected.append(corrected_mean(labels))
        alone.append(corrected_mean(labels, lam=0.0))
    (covers, width), (_, by_people) = coverage(corrected, truth), coverage(alone, truth)
    assert covers >= 0.93
    assert abs(np.mean([each.point for each in corrected]) - truth) < 0.004
    assert np.mean([each.raw for each in corrected]) - truth > 0.05
    assert width < 0.85 * by_people
