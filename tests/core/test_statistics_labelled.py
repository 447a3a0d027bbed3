"""Section 11: a judge's mean corrected by people's labels, its edges, its error rates, and published judges."""

# mypy: no-check-untyped-defs
from __future__ import annotations

import json
import math

import numpy as np
import pytest

from evalgate.core.estimates import Corrected, score_estimate
from evalgate.core.statistics.labelled import (
    LabelledMean,
    Labels,
    Pool,
    corrected_change,
    corrected_mean,
    pool_of,
    rogan_gladen,
)

NONE = math.nan
JUDGE = np.array([0, -1, 0, 1, 0, -1, -1, 0, 0, 1, 0, 0], dtype=float)
PEOPLE = np.array([0, -1, NONE, 0, NONE, -1, 0, NONE, 0, NONE, 1, NONE])
CHANCES = np.array([0.5, 1, 0.5, 1, 0.5, 1, 1, 0.5, 0.5, 1, 0.5, 0.5])
PAIRS = np.arange(12) // 2
SECTION = Labels(JUDGE, PEOPLE, CHANCES, PAIRS)
CHANGE = (-1.0, 1.0)


def scored(n=200, labelled=60, seed=1):
    """A judge who is right four times in five, people on some rows, all as likely."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.7).astype(float)
    judge = np.where(rng.random(n) < 0.8, truth, 1 - truth)
    people = np.where(np.arange(n) < labelled, truth, np.nan)
    return Labels(judge, people, np.full(n, labelled / n))


def test_section_11_the_worked_paired_change():
    found = corrected_mean(SECTION, CHANGE)
    assert found.lam == pytest.approx(0.59900, abs=5e-6)
    assert found.point == pytest.approx(0.06988, abs=5e-6)
    assert found.se == pytest.approx(0.29497, abs=5e-6)
    assert found.df == pytest.approx(2.36074, abs=5e-6)
    assert (found.n, found.labelled, found.clusters) == (12, 7, 6)
    assert found.raw == pytest.approx(-1 / 12)
    assert found.largest_share == pytest.approx(0.2)


def test_section_11_the_worked_change_by_people_alone_and_with_the_judge_believed_outright():
    people, judge = corrected_mean(SECTION, CHANGE, lam=0.0), corrected_mean(SECTION, CHANGE, lam=1.0)
    assert (people.point, people.se, people.df) == pytest.approx((0, 0.26833, 2.0), abs=5e-6)
    assert (judge.point, judge.se) == pytest.approx((0.11667, 0.29723), abs=5e-6)
    assert people.people == people.point == judge.people


@pytest.mark.parametrize(
    ("lam", "expected"), [(None, (0.55568, 0.59944, 0.04084)), (1.0, (1, 0.575, 0.04607)), (0.0, (0, 0.63, 0.04852))]
)
def test_section_11_the_shipped_fixture_with_labels_apart_from_what_was_judged_only(realdata, lam, expected):
    shipped = np.load(realdata / "ppi_fixture.npz")
    labels = Labels(shipped["Yh"], shipped["Y"], np.ones(100), pool=pool_of(shipped["Yu"]))
    found = corrected_mean(labels, lam=lam)
    assert (found.lam, found.point, found.se) == pytest.approx(expected, abs=5e-6)
    assert (found.n, found.labelled, found.clusters) == (2000, 100, 100)


def test_section_11_without_weights_and_clusters_it_is_plain_ppi_plus_plus():
    labels = scored()
    seen = ~np.isnan(labels.people)
    f, h = labels.judge, labels.people
    a = np.where(seen, (h - h[seen].mean()) / 60, 0)
    b = (f - f.mean()) / 200 - np.where(seen, (f - f[seen].mean()) / 60, 0)
    lam = -(a @ b) / (b @ b)
    terms = a + lam * b
    found = corrected_mean(labels)
    assert 0 < lam < 1
    assert found.lam == pytest.approx(lam)
    assert found.point == pytest.approx(h[seen].mean() + lam * (f.mean() - f[seen].mean()))
    assert found.se == pytest.approx(math.sqrt(60 / 58 * terms @ terms))
    assert found.df == pytest.approx(min(58, (terms @ terms) ** 2 / (terms**4).sum()))


def test_section_11_a_judge_who_says_one_thing_is_not_believed():
    labels = scored()
    found = corrected_mean(Labels(np.full(200, 0.1), labels.people, labels.chances))
    assert found.lam == 0
    assert found.point == found.people
    assert Corrected.of(found).method == "people-only"


def test_section_11_where_people_saw_everything_the_judge_has_nothing_to_add():
    labels = scored(labelled=200)
    found = corrected_mean(labels)
    assert found.lam == 0
    assert found.point == pytest.approx(labels.people.mean())
    assert found.se == pytest.approx(labels.people.std(ddof=1) / math.sqrt(200))


def test_section_11_an_adverse_judge_is_not_believed_and_none_is_believed_beyond_one():
    labels = scored()
    assert corrected_mean(Labels(1 - labels.judge, labels.people, labels.chances)).lam == 0
    timid = Labels(0.5 + (np.nan_to_num(labels.people, nan=0.7) - 0.5) / 10, labels.people, labels.chances)
    assert corrected_mean(timid).lam == 1


def test_section_11_a_label_of_unknown_chance_is_not_used_though_its_row_is_judged():
    labels = scored()
    chances = labels.chances.copy()
    chances[:10] = np.nan
    without = labels.people.copy()
    without[:10] = np.nan
    found = corrected_mean(Labels(labels.judge, labels.people, chances))
    assert found == corrected_mean(Labels(labels.judge, without, labels.chances))
    assert (found.n, found.labelled) == (200, 50)


def test_section_11_rows_in_another_order_under_other_names_change_not_one_bit():
    rng = np.random.default_rng(8)
    order, names = rng.permutation(12), np.array([f"talk-{code}" for code in rng.permutation(6)])
    shuffled = Labels(JUDGE[order], PEOPLE[order], CHANCES[order], names[PAIRS[order]])
    assert corrected_mean(shuffled, CHANGE) == corrected_mean(SECTION, CHANGE)
    judge, people, chances = rng.uniform(0, 1, 900), rng.uniform(0, 1, 900), rng.uniform(0.1, 1, 900)
    talks, order = rng.integers(0, 40, 900), rng.permutation(900)
    long = Labels(judge, people, chances, talks)
    assert corrected_mean(Labels(judge[order], people[order], chances[order], 39 - talks[order])) == corrected_mean(
        long
    )


def test_section_11_a_traffic_estimate_brings_its_own_terms():
    # Weights of a stratified sample: the judge's mean is .6 of the first stratum's and .4 of the second's.
    labels = scored()
    first = np.arange(200) < 120
    stratum = np.where(first, labels.judge[first].mean(), labels.judge[~first].mean())
    share = np.where(first, 0.6 / 120, 0.4 / 80)
    pool = Pool(float((share * labels.judge).sum()), share * (labels.judge - stratum), np.arange(200))
    rows = Labels(labels.judge, labels.people, labels.chances, np.arange(200), pool)
    found = corrected_mean(rows)
    seen = ~np.isnan(labels.people)
    assert found.raw == pytest.approx(pool.mean)
    assert found.point == pytest.approx(found.people + found.lam * (pool.mean - labels.judge[seen].mean()))
    assert found.se < corrected_mean(rows, lam=0.0).se


def test_section_11_labels_and_what_was_judged_only_may_share_clusters():
    judge, people = np.array([1.0, 0, 1, 0]), np.array([1.0, 0, 0, 0])
    apart = Labels(judge, people, np.ones(4), ["a", "b", "c", "d"], pool_of([1.0, 1, 0, 0], ["e", "f", "g", "h"]))
    shared = Labels(judge, people, np.ones(4), ["a", "b", "c", "d"], pool_of([1.0, 1, 0, 0], ["a", "c", "b", "d"]))
    one, other = corrected_mean(apart, lam=0.5), corrected_mean(shared, lam=0.5)
    assert one.point == other.point
    # Both err alike in a shared cluster, so that its two terms take from one another: the ends are worked by hand.
    a, b = np.array([3, -1, -1, -1]) / 16, np.array([-1, 1, -1, 1]) / 8
    assert one.se == pytest.approx(math.sqrt(4 / 2 * ((a + b / 2) @ (a + b / 2) + 4 * (1 / 16) ** 2)))
    assert other.se == pytest.approx(math.sqrt(4 / 2 * (a @ a)))


def test_section_11_labels_on_one_arm_correct_each_arm_by_its_own_trust():
    candidate, baseline = scored(seed=2), scored(seed=3)
    new, old = corrected_mean(candidate), corrected_mean(baseline)
    found = corrected_change(candidate, baseline)
    assert found.point == pytest.approx(new.point - old.point)
    assert found.raw == pytest.approx(new.raw - old.raw)
    assert found.people == pytest.approx(new.people - old.people)
    assert found.lam == max(new.lam, old.lam)
    assert found.support == CHANGE


def test_section_11_labels_on_one_arm_of_unlike_cases_add_the_variances_of_the_arms():
    candidate, baseline = scored(seed=2), scored(seed=3)
    first = Labels(candidate.judge, candidate.people, candidate.chances, np.arange(200))
    second = Labels(baseline.judge, baseline.people, baseline.chances, np.arange(200, 400))
    found = corrected_change(first, second)
    assert found.se == pytest.approx(math.hypot(corrected_mean(candidate).se, corrected_mean(baseline).se))
    assert found.df <= 58


def test_section_11_a_change_rests_on_the_arm_that_has_fewer_labels():
    candidate, baseline = scored(seed=2), scored(labelled=40, seed=3)
    baseline.chances[0] = 0.02
    new, old = corrected_mean(candidate), corrected_mean(baseline)
    for found in (corrected_change(candidate, baseline), corrected_change(baseline, candidate)):
        assert (found.labelled, found.clusters, found.df <= 38) == (40, 40, True)
        assert found.effective_clusters == pytest.approx(old.effective_clusters)
        assert found.departing == min(new.departing, old.departing)
        assert found.largest_share == old.largest_share
    assert new.departing != old.departing
    assert old.largest_share > new.largest_share


def test_section_11_the_same_labels_on_both_arms_leave_no_change():
    found = corrected_change(scored(), scored())
    assert (found.point, found.se) == (0, 0)
    assert found.bounds(0.05) == CHANGE


def test_section_11_an_arm_without_labels_says_nothing_of_a_change():
    labels = scored()
    found = corrected_change(labels, Labels(labels.judge, np.full(200, np.nan), labels.chances))
    assert (found.point, found.se, found.labelled, found.clusters) == (0, 0, 0, 0)
    assert found.bounds(0.05) == CHANGE
    assert not found.trusted


def test_section_11_no_label_at_all_bounds_nothing_and_is_still_a_value():
    found = corrected_mean(Labels(np.array([1.0, 1, 0]), np.full(3, np.nan), np.ones(3)))
    assert found.bounds(0.05) == (0, 1)
    assert found.point == 0.5
    assert found.why == "labels in 0 clusters, 20 are needed"
    assert Corrected.of(found).sd == 0.5


def test_section_11_one_cluster_shows_no_spread_and_two_are_people_only():
    judge, people = np.array([1.0, 0, 1, 0, 1, 0]), np.array([1.0, 0, 0, NONE, NONE, NONE])
    one = corrected_mean(Labels(judge, people, np.full(6, 0.5), [0, 0, 0, 1, 2, 3]))
    assert (one.se, one.clusters, one.lam) == (0, 1, 0)
    assert one.bounds(0.05) == (0, 1)
    two = corrected_mean(Labels(judge, np.array([1.0, NONE, NONE, 0, NONE, NONE]), np.full(6, 0.5)))
    assert (two.clusters, two.lam, two.df) == (2, 0, 1)
    assert two.se == pytest.approx(0.5)


@pytest.mark.parametrize("seed", range(12))
def test_section_11_what_rounding_leaves_is_no_spread(seed):
    rng = np.random.default_rng(seed)
    seen, talks, chances = np.arange(60) < 40, rng.integers(0, 25, 60), rng.uniform(0.1, 1, 60)
    flat = np.full(60, round(rng.uniform(0, 1), 2))
    one_voice = corrected_mean(Labels(flat, np.where(seen, rng.integers(0, 2, 60), np.nan), chances, talks))
    assert one_voice.lam == 0
    all_seen = corrected_mean(Labels(rng.uniform(0, 1, 60), rng.uniform(0, 1, 60), np.ones(60), talks))
    assert all_seen.lam == 0
    still = corrected_mean(Labels(flat, np.where(seen, 0.1 + flat / 2, np.nan), chances, talks))
    assert (still.lam, still.se) == (0, 0)
    assert still.bounds(0.05) == (0, 1)
    assert not still.trusted


def test_section_11_an_estimate_beyond_what_a_score_can_be_is_moved_to_its_end():
    judge = np.array([0.0] * 4 + [1] * 30 + [1] * 66)
    people = np.array([1.0] * 4 + [1] * 30 + [NONE] * 66)
    found = corrected_mean(Labels(judge, people, np.full(100, 0.34)), lam=1.0)
    assert found.people + found.raw - 30 / 34 > 1
    assert found.point == 1
    assert found.bounds(0.05).high == 1
    assert found.bounds(0.05).low < 1


def trusted_when(**changes):
    base = corrected_mean(scored())
    return base.model_copy(update=changes).why


def test_section_11_few_clusters_rare_departures_or_one_heavy_label_decide_nothing():
    assert trusted_when() is None
    assert trusted_when(clusters=20, departing=10, largest_share=0.2) is None
    assert trusted_when(clusters=19) == "labels in 19 clusters, 20 are needed"
    assert trusted_when(departing=9) == "people and judge differ from the usual in 9 clusters, 10 are needed"
    assert trusted_when(largest_share=0.201) == "one label weighs 20% of all, 20% is the most"


def test_section_11_departing_are_the_clusters_not_like_the_most_of_them():
    judge, people = np.zeros(40), np.zeros(40)
    people[:6] = -1
    alone = corrected_mean(Labels(judge, people, np.ones(40)), CHANGE)
    assert alone.departing == 6
    # In pairs: three clusters of losses; a cluster that holds both is like none.
    paired = corrected_mean(Labels(judge, people, np.ones(40), np.arange(40) // 2), CHANGE)
    assert (paired.clusters, paired.departing) == (20, 3)
    crossed = corrected_mean(Labels(judge, -people, np.ones(40), (np.arange(40) + 1) // 2), CHANGE)
    assert (crossed.clusters, crossed.departing) == (21, 4)


def test_section_11_effective_clusters_are_those_of_the_labels_weights():
    even = corrected_mean(scored())
    assert (even.clusters, even.effective_clusters) == pytest.approx((60, 60))
    assert corrected_mean(SECTION, CHANGE).effective_clusters == pytest.approx(100 / 20)


@pytest.mark.parametrize("chance", [0.0, -0.1, 1.1])
def test_a_chance_that_is_none_is_refused(chance):
    with pytest.raises(ValueError, match="above 0 and at most 1"):
        Labels(JUDGE, PEOPLE, np.full(12, chance))


def test_rows_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="one a row"):
        Labels(JUDGE, PEOPLE[:5], CHANCES)
    with pytest.raises(ValueError, match="one a row"):
        Labels(JUDGE, PEOPLE, CHANCES, [1, 2])
    with pytest.raises(ValueError, match="gave no value to"):
        Labels(PEOPLE, PEOPLE, CHANCES)
    with pytest.raises(ValueError, match="or of neither"):
        Labels(JUDGE, PEOPLE, CHANCES, PAIRS, pool_of(JUDGE))
    with pytest.raises(ValueError, match="row by row"):
        corrected_change(SECTION, Labels(JUDGE, PEOPLE, CHANCES))


def test_section_11_what_is_kept_reads_back_to_the_last_bit():
    found = Corrected.of(corrected_mean(SECTION, CHANGE))
    again = Corrected.model_validate_json(found.model_dump_json())
    assert again == found
    assert isinstance(again, LabelledMean)
    assert again.bounds(0.05) == corrected_mean(SECTION, CHANGE).bounds(0.05)


def test_section_11_rogan_and_gladen_are_advisory_and_only_for_a_judge_that_sees():
    found = rogan_gladen(0.4, 1000, (0.7, 200), (0.9, 200))
    assert found == pytest.approx((0.16564, 0.05265, -0.00610), abs=5e-6)
    assert rogan_gladen(0.4, 1000, (0.6, 200), (0.7, 200)) is None


def wrong_sides(draw, truth, runs=600):
    """How often the lower bound lies above the truth, and the upper one below."""
    rng = np.random.default_rng(2024)
    bounds = np.array([draw(rng).bounds(0.05) for _ in range(runs)])
    return (bounds[:, 0] > truth).mean(), (bounds[:, 1] < truth).mean()


def arms(rng, n=600, clusters=200):
    """Two arms of clustered 0/1 scores, 7 points apart, as people see them and as a judge of J = .6 does."""
    group = rng.integers(0, clusters, n)
    base = (rng.normal(size=clusters)[group] / 2 + rng.normal(size=n) > -0.8).astype(float)
    moved = rng.random(n)
    candidate = np.where(moved < 0.1, 0, np.where(moved > 0.93, 1, base))
    judged = [np.where(rng.random(n) < 0.6, arm, rng.random(n) < 0.6) for arm in (candidate, base)]
    return group, candidate, base, *judged


def true_change():
    right = (1 + math.erf(0.8 / math.sqrt(1.25) / math.sqrt(2))) / 2
    return 0.83 * right + 0.07 - right


def test_section_11_the_error_of_clustered_paired_changes_with_unequal_chances_is_what_was_said():
    def draw(rng):
        group, new, old, judged_new, judged_old = arms(rng)
        chances = np.where(judged_new == judged_old, 0.12, 0.3)
        people = np.where(rng.random(600) < chances, new - old, np.nan)
        return corrected_mean(Labels(judged_new - judged_old, people, chances, group), CHANGE)

    above, below = wrong_sides(draw, true_change())
    assert above <= 0.08
    assert below <= 0.08


def test_section_11_the_error_of_a_change_with_labels_on_one_arm_is_what_was_said():
    def draw(rng):
        group, new, old, judged_new, judged_old = arms(rng)
        chance = np.full(600, 0.12)
        labelled = [np.where(rng.random(600) < 0.12, arm, np.nan) for arm in (new, old)]
        return corrected_change(
            Labels(judged_new, labelled[0], chance, group), Labels(judged_old, labelled[1], chance, group)
        )

    above, below = wrong_sides(draw, true_change())
    assert above <= 0.08
    assert below <= 0.08


@pytest.fixture(scope="module")
def battles(realdata):
    """For each judge, who of them and of people let Claude win, battle by battle."""
    found: dict[str, list[tuple[float, float]]] = {}
    for line in (realdata / "arena_judge" / "arena_judge.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        claude = "model_a" if row["model_a"].startswith("claude") else "model_b"
        if row["judge_winner"]:
            pair = (float(row["judge_winner"] == claude), float(row["human_winner"] == claude))
            found.setdefault(row["judge"], []).append(pair)
    return {judge: np.array(pairs).T for judge, pairs in found.items()}


@pytest.mark.parametrize("judge", ["gpt-4o-mini", "gpt-5.2"])
def test_section_11_arena_a_weak_judges_naive_interval_misses_the_truth_and_the_corrected_one_covers_it(battles, judge):
    judged, people = battles[judge]
    truth, n = people.mean(), len(people)
    rng = np.random.default_rng(11)
    naive, corrected = [], []
    for _ in range(600):
        drawn = rng.integers(0, n, n)
        labelled = np.where(rng.permutation(n) < 100, people[drawn], np.nan)
        found = corrected_mean(Labels(judged[drawn], labelled, np.full(n, 100 / n)))
        for bounds, into in ((score_estimate(judged[drawn]).bounds(0.025), naive), (found.bounds(0.025), corrected)):
            into.append(bounds.low <= truth <= bounds.high)
    assert n == 876
    assert np.mean(naive) == 0
    assert np.mean(corrected) >= 0.94
