"""Section 12: the mean of traffic from a sample, its edges, and how often its interval is wrong."""

# mypy: no-check-untyped-defs
from __future__ import annotations

import math
import time

import numpy as np
import pytest

from evalgate.core.statistics.binary import clopper_pearson
from evalgate.core.statistics.labelled import Labels, corrected_mean
from evalgate.core.statistics.sampled import checked, pooled, sampled_change, sampled_mean, sampled_pool
from evalgate.core.statistics.tails import t_quantile
from evalgate.core.statistics.weighting import Drawn, Strata, weighed
from tests.core.traffic import day

VALUES = np.array([1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0], dtype=float)
CHANCES = np.array([0.1, 0.1, 0.1, 0.2, 0.2, 0.5, 0.5, 0.5, 0.5, 1, 1])
CODES = np.array([0] * 5 + [1] * 4 + [2] * 2)
SIZES = np.array([50.0, 6.0, 4.0])
CLUSTERS = np.array([0, 0, 1, 2, 3, 4, 5, 6, 6, 7, 8])
SECTION = Drawn(VALUES, CHANCES, Strata(CODES, SIZES), CLUSTERS)


def equal(n, ones, **more):
    """A sample of equal weights."""
    return Drawn(np.repeat([1.0, 0.0], [ones, n - ones]), np.full(n, 0.1), **more)


def test_section_12_the_worked_estimate():
    found = sampled_mean(SECTION)
    assert found.point == found.seen == pytest.approx(0.70833, abs=5e-6)
    assert found.se == pytest.approx(0.20537, abs=5e-6)
    assert found.df == pytest.approx(1.96590, abs=5e-6)
    assert found.ess == pytest.approx(6.38439, abs=5e-6)
    assert (found.n, found.clusters, found.merged, found.unsampled) == (11, 9, 0, 0)
    assert found.reason == "few_effective"


def test_section_12_without_counts_it_is_hajeks_ratio():
    found = sampled_mean(Drawn(VALUES, CHANCES, clusters=CLUSTERS))
    assert found.point == pytest.approx(0.7)


def test_rows_in_another_order_under_other_names_give_equal_bits():
    rng = np.random.default_rng(3)
    values, chances = rng.random(500), rng.choice([0.1, 0.3, 0.7], 500)
    codes, names = rng.integers(0, 4, 500), rng.integers(0, 120, 500)
    sizes = np.array([3000.0, 900.0, 800.0, 777.0])
    order = rng.permutation(500)
    renamed = np.array([f"c{(name * 7919) % 127}" for name in names])
    one = sampled_mean(Drawn(values, chances, Strata(codes, sizes), names))
    other = sampled_mean(Drawn(values[order], chances[order], Strata(codes[order], sizes), renamed[order]))
    assert one == other


def test_all_items_with_equal_chances_are_a_plain_mean():
    rng = np.random.default_rng(4)
    values = rng.random(200)
    found = sampled_mean(Drawn(values, np.full(200, 0.25)))
    assert (found.point, found.se) == pytest.approx((values.mean(), values.std(ddof=1) / math.sqrt(200)))
    assert (found.ess, found.effective_clusters) == pytest.approx((200, 200))


def test_every_stratum_weighs_what_was_counted_in_it():
    weights = weighed(SECTION)
    assert np.bincount(CODES, weights.shares) == pytest.approx(SIZES / 60)
    assert np.bincount(CODES, weights.terms) == pytest.approx(np.zeros(3), abs=1e-15)


def test_a_stratum_with_one_item_goes_to_the_one_with_the_nearest_chance():
    codes = np.array([0] * 40 + [1] * 40 + [2])
    chances = np.array([0.1] * 40 + [0.6] * 40 + [0.5])
    values = np.array([0.0] * 40 + [1.0] * 41)
    found = sampled_mean(Drawn(values, chances, Strata(codes, np.array([400.0, 70.0, 30.0]))))
    assert found.merged == 1
    assert found.point == pytest.approx(100 / 500)


def test_a_stratum_without_items_goes_to_the_one_with_the_nearest_designed_chance():
    strata = Strata(np.array([0] * 40 + [1] * 40), np.array([400.0, 70.0, 30.0]), np.array([0.1, 0.6, 0.09]))
    found = sampled_mean(Drawn(np.array([0.0] * 40 + [1.0] * 40), np.array([0.1] * 40 + [0.6] * 40), strata))
    assert (found.merged, found.unsampled) == (1, 0)
    assert found.point == pytest.approx(70 / 500)


def test_strata_with_too_few_items_join_until_there_are_two():
    strata = Strata(np.arange(3), np.array([10.0, 10.0, 10.0, 0.0]), np.array([0.1, 0.2, 0.9, 0.5]))
    found = sampled_mean(Drawn(np.array([1.0, 0.0, 1.0]), np.array([0.1, 0.2, 0.9]), strata))
    assert found.merged == 2
    assert found.point == pytest.approx((10 + 1 / 0.9) / (10 + 5 + 1 / 0.9))


@pytest.mark.parametrize("typical", [np.array([0.1, 0.0]), np.array([0.1, math.nan]), None])
def test_a_share_of_which_nothing_could_be_drawn_counts_as_anything(typical):
    strata = Strata(np.zeros(100, dtype=int), np.array([900.0, 100.0]), typical)
    found = sampled_mean(equal(100, 80, strata=strata))
    alone = sampled_mean(equal(100, 80)).bounds(0.05)
    assert (found.unsampled, found.merged) == (0.1, 0)
    assert (found.seen, found.point, found.best) == pytest.approx((0.8, 0.77, 0.82))
    assert found.bounds(0.05) == pytest.approx((0.9 * alone.low, 0.9 * alone.high + 0.1))
    assert found.error_at(0.77) == pytest.approx(0.9 * found.se * math.sqrt(0.77 * 0.23 / 0.16))


def test_nothing_sampled_is_not_known_and_bounds_nothing():
    empty = np.zeros(0)
    found = sampled_mean(Drawn(empty, empty, Strata(empty.astype(int), np.array([10.0]))))
    assert found.reason == "nothing_sampled"
    assert found.bounds(0.05) == (0, 1)


def test_an_effective_sample_below_thirty_is_not_known():
    assert sampled_mean(equal(29, 20)).reason == "few_effective"
    assert sampled_mean(equal(30, 20)).reason is None


def test_few_large_conversations_are_not_known():
    found = sampled_mean(equal(100, 60, clusters=np.arange(100) % 4))
    assert found.reason == "few_clusters"
    one = sampled_mean(equal(100, 60, clusters=np.zeros(100, dtype=int)))
    assert (one.reason, one.bounds(0.05)) == ("few_clusters", (0, 1))


def test_few_failures_are_bounded_by_korn_and_graubard_and_many_by_t():
    rare, common = sampled_mean(equal(100, 91)), sampled_mean(equal(100, 60))
    assert (rare.method, common.method) == ("sampled-korn-graubard", "sampled-t")
    assert rare.bounds(0.05) == pytest.approx(clopper_pearson(0.91 * 99, 99, 0.025))  # V has n - 1: n* is 99
    reach = t_quantile(0.05, 24**2 / (60 * 0.4**4 + 40 * 0.6**4)) * math.sqrt(0.24 / 99)
    assert common.bounds(0.05) == pytest.approx((0.6 - reach, 0.6 + reach))


def test_no_failure_at_all_still_has_a_width_and_an_error():
    found = sampled_mean(equal(100, 100))
    assert found.bounds(0.05) == pytest.approx((0.025 ** (1 / 100), 1.0))
    assert found.error_at(1.0) == pytest.approx(math.sqrt(101 / 102**3))
    assert found.error_at(0.8) == pytest.approx(math.sqrt(0.16 / 102))
    by_tens = sampled_mean(equal(100, 100, clusters=np.arange(100) // 10))
    assert by_tens.bounds(0.05).low == pytest.approx(0.025 ** (1 / 10))


def test_a_mean_is_tested_with_the_error_it_would_have_at_the_level_where_that_is_larger():
    found = sampled_mean(equal(100, 10))
    assert found.error_at(0.2) == pytest.approx(math.sqrt(0.16 / 99))
    assert found.error_at(0.05) == found.error_at(0.1) == found.se


def test_many_failures_among_items_that_weigh_little_do_not_speak_for_those_that_weigh_much():
    # 40 items stand for 4,000 and show no failure; 200 stand for 200 and show 40.
    codes = np.repeat([0, 1], [40, 200])
    values = np.concatenate([np.ones(40), np.repeat([0.0, 1.0], [40, 160])])
    found = sampled_mean(Drawn(values, np.repeat([0.01, 1.0], [40, 200]), Strata(codes, np.array([4000.0, 200.0]))))
    assert found.rare == 40
    assert found.method == "sampled-korn-graubard"


def test_scores_that_are_more_than_zero_or_one_are_guarded_when_nearly_all_are_equal():
    jitter = np.random.default_rng(5).uniform(0.89, 0.91, 60)
    found = sampled_mean(Drawn(jitter, np.full(60, 0.1)))
    spread = sampled_mean(Drawn(np.random.default_rng(5).uniform(0.5, 1, 60), np.full(60, 0.1)))
    assert (found.method, spread.method) == ("sampled-korn-graubard", "sampled-t")
    assert found.bounds(0.05).low < 0.82


def test_this_window_only_is_narrower_and_all_of_it_is_exact():
    drawn = Drawn(VALUES, CHANCES, Strata(CODES, SIZES))
    window = sampled_mean(drawn, window_only=True)
    assert window.scope == "window"
    assert window.se == pytest.approx(0.17629, abs=5e-6)
    assert window.point == sampled_mean(drawn).point
    census = sampled_mean(Drawn(VALUES, np.ones(11), Strata(CODES, np.array([5.0, 4.0, 2.0]))), window_only=True)
    assert (census.reason, census.method) == (None, "sampled-census")
    assert census.bounds(0.05) == pytest.approx((7 / 11, 7 / 11))


def test_this_window_only_is_not_said_of_items_that_share_a_draw():
    with pytest.raises(ValueError, match="share no draw"):
        sampled_mean(SECTION, window_only=True)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"values": np.array([0.5, 1.5])}, r"a score lies in \[0, 1\]"),
        ({"values": np.array([0.5, math.nan])}, r"a score lies in \[0, 1\]"),
        ({"chances": np.array([0.5, 0.0])}, "above 0 and at most 1"),
        ({"chances": np.array([0.5])}, "one a row"),
        ({"clusters": np.array([1])}, "one a row"),
        ({"strata": Strata(np.array([0]), np.array([2.0]))}, "one a row"),
    ],
)
def test_rows_that_cannot_be_are_refused(columns, says):
    with pytest.raises(ValueError, match=says):
        Drawn(**({"values": np.array([0.5, 1.0]), "chances": np.array([0.5, 0.5])} | columns))


@pytest.mark.parametrize(
    ("codes", "sizes", "typical", "says"),
    [
        ([0, 2], [1.0, 1.0], None, "a code from 0 to 1"),
        ([0, 0], [1.0, 1.0], None, "at least the items drawn"),
        ([], [0.0], None, "at least one item"),
        ([0, 1], [1.0, 1.0], [0.5], "one a stratum"),
    ],
)
def test_counts_that_cannot_be_are_refused(codes, sizes, typical, says):
    with pytest.raises(ValueError, match=says):
        Strata(np.array(codes, dtype=int), np.array(sizes), typical and np.array(typical))


def test_two_windows_that_share_nothing_add_their_variances():
    rng = np.random.default_rng(6)
    one, other = day(rng), day(rng, level=0.8)
    change = sampled_change(one, other)
    means = [sampled_mean(each) for each in (one, other)]
    assert change.point == pytest.approx(means[0].point - means[1].point)
    assert change.se == pytest.approx(math.hypot(means[0].se, means[1].se))
    assert change.reason is None
    low, high = change.bounds(0.05)
    assert low < change.point < high


def test_a_sample_differs_from_itself_by_nothing_and_that_bounds_nothing():
    change = sampled_change(SECTION, SECTION)
    assert (change.point, change.se, change.reason) == (0, 0, "few_effective")
    assert change.bounds(0.05) == (-1, 1)


def test_conversations_in_both_windows_count_once():
    rng = np.random.default_rng(7)
    habit = rng.uniform(0.2, 0.8, 150)
    windows = [np.clip(habit + rng.normal(0, 0.05, 150), 0, 1) for _ in range(2)]
    names = np.arange(150)
    shared = sampled_change(*(Drawn(values, np.full(150, 0.1), clusters=names) for values in windows))
    apart = sampled_change(*(Drawn(values, np.full(150, 0.1)) for values in windows))
    paired = windows[0] - windows[1]
    assert shared.se == pytest.approx(paired.std(ddof=1) / math.sqrt(150))
    assert apart.se > 2 * shared.se


def test_clusters_are_named_on_both_sides_or_on_neither():
    with pytest.raises(ValueError, match="both samples"):
        sampled_change(SECTION, Drawn(VALUES, CHANCES))


def controlled(rng, recorded=1.0):
    """A day whose items at risk are asked more; their recorded chance is `recorded` of the true one."""
    n, control = 6_000, 0.05
    risky = rng.random(n) < 0.1
    scores = (rng.random(n) < np.where(risky, 0.3, 0.85)).astype(float)
    draw, chance = rng.random(n), np.where(risky, 0.5, control)
    names, taken, plain = np.arange(n), draw < chance, draw < control
    said = np.where(risky, chance * recorded, chance)
    everything = Drawn(scores[taken], said[taken], clusters=names[taken])
    return everything, Drawn(scores[plain], np.full(plain.sum(), control), clusters=names[plain])


def test_right_probabilities_agree_with_the_control_slice_and_wrong_ones_are_suspect():
    rng = np.random.default_rng(8)
    right = [checked(*controlled(rng)) for _ in range(300)]
    wrong = [checked(*controlled(rng, recorded=0.25)) for _ in range(50)]
    assert sum(each.suspect for each in right) <= 5
    assert {each.reason for each in right if not each.suspect} == {None}
    assert [each.reason for each in wrong] == ["suspect_weights"] * 50


def test_a_control_slice_that_has_seen_no_failure_contradicts_nothing():
    names = np.arange(300)
    everything = Drawn(np.repeat([1.0, 0.0], [240, 60]), np.full(300, 0.5), clusters=names)
    control = Drawn(np.ones(60), np.full(60, 0.1), clusters=names[:60])
    assert not checked(everything, control).suspect


def test_windows_are_pooled_stratum_by_stratum():
    rng = np.random.default_rng(9)
    windows = [day(rng) for _ in range(7)]
    week = pooled(windows)
    assert week.strata.sizes.sum() == 28_000
    assert week.strata.typical == pytest.approx([0.05, 0.2, 0.6])
    assert sampled_mean(week).se == pytest.approx(sampled_mean(windows[0]).se / math.sqrt(7), rel=0.1)


def test_a_window_that_drew_nothing_of_a_stratum_is_covered_by_one_that_did():
    first = equal(60, 30, strata=Strata(np.zeros(60, dtype=int), np.array([600.0])))
    rows = np.repeat([0, 1], [30, 30])
    second = equal(60, 30, strata=Strata(rows, np.array([300.0, 300.0])))
    week = sampled_mean(pooled([first, second]))
    assert (week.unsampled, week.merged) == (0, 0)
    assert week.point == pytest.approx((900 * 60 / 90 + 0) / 1200)


def test_windows_with_and_without_counts_are_not_pooled():
    with pytest.raises(ValueError, match="or none has"):
        pooled([SECTION, Drawn(VALUES, CHANCES, clusters=CLUSTERS)])
    with pytest.raises(ValueError, match="at least one window"):
        pooled([])
    assert len(pooled([Drawn(VALUES, CHANCES)] * 2).values) == 22


def test_people_correct_what_a_judge_says_of_sampled_traffic():
    rng = np.random.default_rng(10)
    drawn = day(rng, n=8_000)
    labelled = rng.random(len(drawn.values)) < 0.3
    people = np.where(rng.random(len(drawn.values)) < 0.9, drawn.values, 0.0)
    people[~labelled] = np.nan
    labels = Labels(drawn.values, people, drawn.chances * 0.3, pool=sampled_pool(drawn))
    found = corrected_mean(labels)
    assert found.raw == sampled_mean(drawn).point
    assert found.point < found.raw
    assert found.se < corrected_mean(labels, lam=0.0).se


def test_a_million_rows_take_less_than_a_second():
    rng = np.random.default_rng(11)
    n = 1_000_000
    codes, names = rng.integers(0, 40, n), rng.integers(0, n // 2, n)
    drawn = Drawn(
        (rng.random(n) < 0.8).astype(float),
        rng.choice([0.05, 0.1, 0.5], n),
        Strata(codes, np.full(40, float(n))),
        names,
    )
    taken = []
    for _ in range(2):
        started = time.process_time()
        sampled_mean(drawn)
        taken.append(time.process_time() - started)
    assert min(taken) < 1
