"""Section 10: agreement between raters, its intervals, and what it does not say."""

# mypy: no-check-untyped-defs
from __future__ import annotations

import csv
import time

import numpy as np
import pytest

from evalgate.core.statistics.agreement import METHODS_OF_ALL, METHODS_OF_TWO, Ratings, agreement, agreement_table

KRIPPENDORFF_3 = """
* * * * * 3 4 1 2 1 1 3 3 * 3
1 * 2 1 3 3 4 3 * * * * * * *
* * 2 1 3 4 4 * 2 1 1 3 3 * 4
"""
"""The worked example of three coders and fifteen units, * where one did not code."""


def two_by_two(*counts, clusters=None):
    """Two raters' table: both said 0, 0 and 1, 1 and 0, both said 1."""
    rows = [[0, 0], [0, 1], [1, 0], [1, 1]]
    return Ratings(np.repeat(rows, counts, axis=0), 2, clusters)


def rounded(found, digits=4):
    return [round(found.low, digits), round(found.high, digits)]


def several(n=400, raters=4, missing=0.2, seed=5):
    """Raters who see a truth of three labels three times in four, some cells missing."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    said = np.where(rng.random((n, raters)) < 0.75, truth[:, None], rng.integers(0, 3, (n, raters)))
    return np.where(rng.random((n, raters)) < missing, -1, said)


def test_section_10_the_worked_table_of_a_hundred_items():
    ratings = two_by_two(40, 5, 8, 47)
    cohen, ac1, alpha = (agreement(ratings, method) for method in ("cohen", "ac1", "alpha"))
    assert cohen.point == pytest.approx(0.73896, abs=5e-6)
    assert rounded(cohen) == [0.5725, 0.8469]
    assert ac1.point == pytest.approx(0.74127, abs=5e-6)
    assert rounded(ac1) == [0.5761, 0.8483]
    assert alpha.point == pytest.approx(0.74003, abs=5e-6)
    assert agreement(ratings, "percent").point == pytest.approx(0.87)
    assert (cohen.items, cohen.clusters, cohen.why) == (100, 100, None)


def test_section_10_the_worked_table_with_a_rare_label():
    ratings = two_by_two(118, 5, 2, 0)
    assert agreement(ratings, "cohen", least=0).point == pytest.approx(-0.0234, abs=5e-5)
    assert agreement(ratings, "alpha", least=0).point == pytest.approx(-0.0247, abs=5e-5)
    ac1 = agreement(ratings, "ac1")
    assert ac1.point == pytest.approx(0.9408, abs=5e-5)
    assert rounded(ac1) == [0.8742, 0.9726]


def test_section_10_kappa_and_alpha_say_nothing_of_a_label_people_gave_fewer_than_twenty_times():
    for method in ("cohen", "alpha", "fleiss"):
        found = agreement(two_by_two(118, 5, 2, 0), method)
        assert (found.point, found.low, found.high) == (None, None, None)
        assert found.why == "too few: people gave the rarest label 7 times, 20 are needed"


def test_section_10_only_peoples_labels_count_as_peoples():
    # The second column is a judge's: it says 1 often, people say it on nineteen items.
    table = np.repeat([[0, 0], [0, 1], [1, 1]], (60, 30, 19), axis=0)
    assert agreement(Ratings(table, 2), "cohen").point is not None
    assert agreement(Ratings(table, 2, people=[0]), "cohen").point is None
    swapped = Ratings(np.hstack([table[:, ::-1], table[:, :1]]), 2, people=[1, 2])
    assert agreement(swapped.of(0, 2), "cohen").why == "too few: people gave the rarest label 19 times, 20 are needed"
    assert agreement(swapped.of(0, 0), "cohen").point is not None


def test_section_10_a_label_nobody_gave_is_no_human_label_but_one_label_alone_is_too_few():
    table = np.repeat([[0, 0], [0, 2], [2, 2]], (30, 5, 30), axis=0)
    assert agreement(Ratings(table, 3), "cohen").point is not None
    assert agreement(Ratings(np.zeros((50, 2), dtype=int), 3), "cohen").why.startswith("too few")


def test_section_10_nothing_is_said_of_fewer_than_twenty_items():
    for method in METHODS_OF_ALL:
        assert agreement(two_by_two(10, 0, 0, 9), method).why == "too few: 19 items with two ratings, 20 are needed"
    assert agreement(Ratings(np.full((30, 2), -1), 2), "ac1").items == 0
    assert agreement(two_by_two(10, 0, 0, 10), "percent").point == 1


def test_section_10_where_nobody_disagrees_the_lower_bound_is_that_of_as_many_clusters():
    ratings = two_by_two(40, 0, 0, 20)
    raw, ac1, cohen = (agreement(ratings, method, alpha=0.05) for method in ("percent", "ac1", "cohen"))
    low = 0.05 ** (1 / 60)
    assert (raw.point, raw.low, raw.high) == (1, pytest.approx(low), 1)
    assert ac1.low == pytest.approx((low - 4 / 9) / (1 - 4 / 9))
    assert (ac1.point, ac1.high) == (1, 1)
    assert cohen.low == pytest.approx((low - 5 / 9) / (1 - 5 / 9))


def test_section_10_where_nobody_disagrees_clusters_count_as_clusters():
    clustered = two_by_two(40, 0, 0, 20, clusters=np.arange(60) // 3)
    assert agreement(clustered, "percent", alpha=0.05).low == pytest.approx(0.05 ** (1 / 20))


def test_section_10_where_nobody_disagrees_unequal_clusters_count_for_fewer():
    clustered = two_by_two(40, 0, 0, 20, clusters=[0] * 30 + [*range(1, 31)])
    effective = 60**2 / (30**2 + 30)
    assert agreement(clustered, "percent", alpha=0.05).low == pytest.approx(0.05 ** (1 / effective))


def test_section_10_raw_agreement_is_no_less_than_none():
    found = agreement(two_by_two(1, 15, 15, 0), "percent")
    assert found.point == pytest.approx(1 / 31)
    assert found.low == 0


def test_section_10_clusters_that_are_all_alike_give_no_interval_of_zero_width():
    # Each cluster: one item on which two raters agree, one on which they do not.
    found = agreement(Ratings(np.tile([[0, 0], [0, 1]], (30, 1)), 2, np.arange(60) // 2), "percent")
    assert found.point == 0.5
    assert found.low < 0.5 < found.high


def test_section_10_full_disagreement_is_bounded_too():
    found = agreement(two_by_two(0, 30, 30, 0), "percent")
    assert (found.point, found.low) == (0, 0)
    assert found.high == pytest.approx(1 - 0.025 ** (1 / 60))
    assert agreement(two_by_two(0, 30, 30, 0), "cohen").point == pytest.approx(-1)


def test_section_10_what_chance_alone_would_agree_on_fully_is_not_said():
    # Both raters of each item gave one and the same label throughout: kappa has nothing to divide by.
    assert agreement(two_by_two(60, 0, 0, 0), "cohen", least=0).why == "chance alone would agree fully"
    assert agreement(two_by_two(60, 0, 0, 0), "alpha", least=0).why == "chance alone would agree fully"
    assert agreement(two_by_two(60, 0, 0, 0), "ac1").point == 1


def test_section_10_without_the_one_cluster_that_holds_a_label_there_is_a_point_and_no_interval():
    found = agreement(two_by_two(40, 0, 0, 25, clusters=[*range(40)] + [40] * 25), "cohen")
    assert found.point == 1
    assert (found.low, found.why) == (None, "without some clusters chance alone would agree fully")


def test_section_10_one_cluster_shows_no_spread():
    found = agreement(two_by_two(40, 5, 8, 47, clusters=[7] * 100), "cohen")
    assert found.point == pytest.approx(0.73896, abs=5e-6)
    assert (found.low, found.high, found.why) == (None, None, "one cluster shows no spread")


def test_section_10_the_three_coders_of_the_textbook():
    rows = [row.split() for row in KRIPPENDORFF_3.strip().splitlines()]
    table = np.array([[-1 if cell == "*" else int(cell) - 1 for cell in row] for row in rows]).T
    # Twice the items, so that there are twenty: 52 ratings, whose pairs alpha divides by 51, and not 26 and 25.
    twice = Ratings(np.tile(table, (2, 1)), 4)
    expected = {"alpha": 0.6914, "alpha_ordinal": 0.8067, "alpha_interval": 0.8108}
    for method, published in expected.items():
        found = agreement(twice, method, least=0)
        assert found.items == 24
        assert 1 - (1 - found.point) * (50 / 51) == pytest.approx(published, abs=7e-5)


def test_section_10_kappas_are_those_of_the_libraries():
    from sklearn.metrics import cohen_kappa_score
    from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

    full = several(missing=0)
    assert agreement(Ratings(full, 3), "fleiss").point == pytest.approx(fleiss_kappa(aggregate_raters(full)[0]))
    assert agreement(Ratings(full[:, :2], 3), "cohen").point == pytest.approx(cohen_kappa_score(full[:, 0], full[:, 1]))


def by_the_page(table, labels):
    """Raw agreement and AC1, item by item."""
    kept = [row[row >= 0] for row in table if (row >= 0).sum() > 1]
    agreed = np.mean([np.mean([a == b for i, a in enumerate(row) for b in np.delete(row, i)]) for row in kept])
    share = np.mean([np.bincount(row, minlength=labels) / len(row) for row in kept], axis=0)
    chance = (share * (1 - share)).sum() / (labels - 1)
    return agreed, (agreed - chance) / (1 - chance)


def test_section_10_raw_agreement_and_ac1_of_several_raters_with_missing_cells():
    table = several()
    raw, ac1 = by_the_page(table, 3)
    assert agreement(Ratings(table, 3), "percent").point == pytest.approx(raw)
    assert agreement(Ratings(table, 3), "ac1").point == pytest.approx(ac1)


@pytest.mark.parametrize("method", ["percent", "ac1", "alpha", "alpha_ordinal", "alpha_interval"])
def test_section_10_the_standard_error_is_that_of_leaving_out_one_cluster_after_the_other(method):
    from evalgate.core.statistics.tails import t_quantile

    table, clusters = several(n=200), np.random.default_rng(3).permutation(200) % 30
    found = agreement(Ratings(table, 3, clusters), method)
    without = [agreement(Ratings(table[clusters != c], 3, clusters[clusters != c]), method).point for c in range(30)]
    error = np.sqrt(29 / 30 * ((np.array(without) - np.mean(without)) ** 2).sum())
    reach = t_quantile(0.025, 29) * error / (1 - found.point**2)
    assert np.arctanh([found.low, found.high]) == pytest.approx(np.arctanh(found.point) + np.array([-reach, reach]))


def test_section_10_a_weight_of_two_is_the_item_twice_in_one_cluster():
    table = several(n=100, missing=0)
    weights = np.where(np.arange(100) < 40, 2.0, 1.0)
    again = np.concatenate([np.arange(100), np.arange(40)])
    for method in ("percent", "fleiss", "ac1"):
        weighted = agreement(Ratings(table, 3, weights=weights), method)
        repeated = agreement(Ratings(table[again], 3, again), method)
        assert weighted.point == pytest.approx(repeated.point)
        assert [weighted.low, weighted.high] == pytest.approx([repeated.low, repeated.high])


def test_section_10_the_scale_of_weights_is_of_no_matter():
    table, weights = several(), np.random.default_rng(2).uniform(1, 4, 400)
    for method in ("percent", "ac1", "alpha"):
        one, ten = (agreement(Ratings(table, 3, weights=weights * scale), method) for scale in (1, 10))
        assert [one.point, one.low, one.high] == pytest.approx([ten.point, ten.low, ten.high])


def test_section_10_interval_alpha_knows_what_labels_are_worth():
    table = several(missing=0)
    codes, worth = Ratings(table, 3), Ratings(table, 3, values=[0.0, 0.5, 1.0])
    assert agreement(worth, "alpha_interval").point == pytest.approx(agreement(codes, "alpha_interval").point)
    apart = Ratings(table, 3, values=[0.0, 0.0, 1.0])
    merged = Ratings((table == 2).astype(int), 2)
    assert agreement(apart, "alpha_interval").point == pytest.approx(agreement(merged, "alpha").point)


def test_section_10_fleiss_needs_as_many_ratings_on_each_item():
    assert agreement(Ratings(several(), 3), "fleiss").why == "items have different numbers of ratings"
    assert agreement(Ratings(several(), 3), "cohen").why == "for two raters only"


def test_section_10_whole_clusters_drawn_again_give_an_interval_like_that_of_leaving_them_out():
    ratings = Ratings(several(n=900), 3, np.arange(900) // 3)
    left_out, drawn = agreement(ratings, "alpha"), agreement(ratings, "alpha", bootstrap=(1, 2000))
    assert drawn.point == left_out.point
    assert [drawn.low, drawn.high] == pytest.approx([left_out.low, left_out.high], abs=0.006)
    assert agreement(ratings, "alpha", bootstrap=(1, 2000)) == drawn
    assert agreement(ratings, "alpha", bootstrap=(2, 2000)) != drawn


def test_section_10_the_table_has_each_pair_with_an_item_in_common_and_all_raters_last():
    table = several(missing=0.3)
    table[:200, 3], table[200:, 0] = -1, -1  # the first and the last never met
    rows = agreement_table(Ratings(table, 3), ["ana", "bea", "caio", "dan"])
    assert [row.raters for row in rows] == [
        ("ana", "bea"),
        ("ana", "caio"),
        ("bea", "caio"),
        ("bea", "dan"),
        ("caio", "dan"),
        ("ana", "bea", "caio", "dan"),
    ]
    assert all(tuple(found.method for found in row.by) == METHODS_OF_TWO for row in rows[:-1])
    assert tuple(found.method for found in rows[-1].by) == METHODS_OF_ALL
    assert rows[0].by[1] == agreement(Ratings(table[:, :2], 3), "cohen")
    with pytest.raises(ValueError, match="one a rater"):
        agreement_table(Ratings(table, 3), ["ana"])


def test_section_10_the_tables_overall_alpha_can_be_that_of_drawn_clusters():
    ratings = Ratings(several(), 3)
    *_, overall = agreement_table(ratings, "abcd", bootstrap=(9, 500))
    assert overall.by[3] == agreement(ratings, "alpha", bootstrap=(9, 500))
    assert overall.by[2] == agreement(ratings, "ac1")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"table": np.zeros(3, dtype=int)}, "a row an item"),
        ({"table": np.zeros((3, 1), dtype=int)}, "two or more raters"),
        ({"table": np.zeros((3, 2))}, "whole numbers"),
        ({"table": np.full((3, 2), 2)}, "codes from 0 to 1"),
        ({"table": np.full((3, 2), -2)}, "codes from 0 to 1"),
        ({"clusters": [1]}, "clusters are one an item"),
        ({"weights": [1.0]}, "weights are one an item"),
        ({"weights": [1.0, 0.0, 1.0]}, "weights are above 0"),
        ({"values": [1.0]}, "values are one a label"),
    ],
)
def test_what_no_rating_can_be_is_refused(change, said):
    with pytest.raises(ValueError, match=said):
        Ratings(**{"table": np.zeros((3, 2), dtype=int), "labels": 2} | change)


def test_section_10_the_coverage_of_a_hundred_common_labels_is_what_was_said():
    rng = np.random.default_rng(10)
    covered = {"cohen": 0, "ac1": 0}
    for _ in range(400):
        truth = rng.random(100) < 0.4
        both = np.where(rng.random((100, 2)) < 0.9, truth[:, None], ~truth[:, None]).astype(int)
        share = 0.4 * 0.9 + 0.6 * 0.1
        true = {"cohen": 2 * share * (1 - share), "ac1": 2 * share * (1 - share)}
        for method in covered:
            # Raw agreement is .82; for both methods chance agrees 1 - 2q(1-q) and 2q(1-q).
            chance = 1 - true[method] if method == "cohen" else true[method]
            found = agreement(Ratings(both, 2), method)
            covered[method] += found.low <= (0.82 - chance) / (1 - chance) <= found.high
    assert 0.92 <= covered["cohen"] / 400 <= 0.99
    assert 0.92 <= covered["ac1"] / 400 <= 0.99


def test_two_thousand_items_of_five_raters_take_well_under_a_second():
    table = several(n=2000, raters=5)
    start = time.process_time()
    agreement_table(Ratings(table, 3, np.arange(2000) // 2), "abcde", bootstrap=(1, 1000))
    assert time.process_time() - start < 1


def test_section_10_hatecheck_five_annotators_agree_as_published(realdata):
    with (realdata / "hatecheck" / "hatecheck.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    code = {"hateful": 1, "non-hateful": 0, "": -1}
    table = np.array([[code[row[f"label_{place}"]] for place in range(1, 11)] for row in rows])
    ratings = Ratings(table, 2, [row["templ_id"] for row in rows])
    fleiss, alpha = agreement(ratings, "fleiss"), agreement(ratings, "alpha", bootstrap=(1, 1000))
    assert (fleiss.items, fleiss.clusters) == (3728, 845)
    assert round(fleiss.point, 4) == 0.9390
    assert round(alpha.point, 4) == 0.9390
    assert fleiss.low < 0.9390 < fleiss.high
    assert [fleiss.low, fleiss.high] == pytest.approx([alpha.low, alpha.high], abs=0.002)
