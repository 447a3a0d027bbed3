"""Section 10: the calibration card of a judge, when it counts, and how it scales a margin."""

# mypy: no-check-untyped-defs
from __future__ import annotations

import subprocess
import sys
from datetime import date

import numpy as np
import pytest

from evalgate.core.cards import CalibrationCard, LabelledMarks, make_card, scaled_margin, usable
from evalgate.core.statistics.agreement import Ratings, agreement
from evalgate.core.statistics.binary import clopper_pearson, korn_graubard
from evalgate.core.statistics.means import cluster_sums

MADE = date(2026, 3, 1)
JUDGE = "0123456789abcdef0123456789abcdef"
NONE = float("nan")


def marks(tp=90, fn=10, tn=170, fp=30, **columns):
    """Labels of 0 and 1 in the order: both yes, people only, both no, judge only."""
    counts = (tp, fn, tn, fp)
    return LabelledMarks(np.repeat([1.0, 0.0, 0.0, 1.0], counts), np.repeat([1.0, 1.0, 0.0, 0.0], counts), **columns)


def card(labels=None, **changes):
    said = {"check": "answers", "judge": "small-judge", "judge_digest": JUDGE, "made_on": MADE} | changes
    return make_card(labels or marks(), **said)


def test_section_10_the_worked_card():
    found = card()
    assert (found.n, found.positives, found.negatives) == (300, 100, 200)
    assert (found.tpr.point, found.tnr.point) == (0.9, 0.85)
    assert found.tpr.low == pytest.approx(0.82378, abs=5e-6)
    assert found.tnr.low == pytest.approx(0.79284, abs=5e-6)
    assert found.informed == pytest.approx(0.75)
    assert found.informed_low == pytest.approx(0.61662, abs=5e-6)
    assert scaled_margin(0.05, found) == pytest.approx(0.03083, abs=5e-6)


def test_section_10_a_card_counts_what_met_and_says_the_agreement_by_each_method():
    found = card()
    assert found.counts.model_dump() == {"tp": 90, "fn": 10, "tn": 170, "fp": 30}
    assert found.weighted is None
    assert [each.method for each in found.agreement] == ["percent", "cohen", "ac1", "alpha"]
    table = np.repeat([[1, 1], [0, 1], [0, 0], [1, 0]], (90, 10, 170, 30), axis=0)
    for method in ("percent", "cohen", "ac1", "alpha"):
        expected = agreement(Ratings(table, 2), method)
        assert found.by(method).point == pytest.approx(expected.point)
        assert found.by(method).low == pytest.approx(expected.low)
        assert found.by(method).clusters == 300


def test_section_10_a_card_reads_back_to_the_last_bit_and_its_digest_is_its_content():
    found = card(marks(languages=["es", "pt", "en"] * 100))
    again = CalibrationCard.model_validate_json(found.model_dump_json())
    assert again == found
    assert again.digest == found.digest
    assert card(made_on=date(2026, 3, 2)).digest != card().digest


def test_section_10_the_order_of_labels_changes_no_bit_of_a_card():
    rng = np.random.default_rng(4)
    order = rng.permutation(300)
    straight = {
        "weights": rng.uniform(1, 8, 300),
        "clusters": np.array([f"talk-{place % 90}" for place in range(300)]),
        "slices": {"locale": [["es-AR", "pt-BR", None][place % 3] for place in range(300)]},
    }
    shuffled = {
        "weights": straight["weights"][order],
        "clusters": straight["clusters"][order],
        "slices": {"locale": [straight["slices"]["locale"][place] for place in order]},
    }
    labels = marks()
    moved = LabelledMarks(labels.judge[order], labels.people[order], **shuffled)
    assert card(moved) == card(marks(**straight))


def test_section_10_values_count_as_positive_from_one_half_on():
    labels = marks()
    graded = LabelledMarks(np.where(labels.judge == 1, 0.5, 0.49), np.where(labels.people == 1, 0.75, 0.25))
    found = card(graded)
    assert found.graded
    assert found.counts == card().counts
    assert not card().graded


def test_section_10_no_margin_is_scaled_for_graded_scores_nor_for_a_judge_that_is_blind():
    labels = marks()
    graded = card(LabelledMarks(labels.judge * 0.9, labels.people))
    assert graded.informed_low == card().informed_low
    assert scaled_margin(0.05, graded) is None
    assert scaled_margin(0.05, card(marks(60, 40, 120, 80))) is None


def test_section_10_what_the_judge_did_not_mark_is_counted_apart():
    labels = marks()
    judge = labels.judge.copy()
    judge[:5] = np.nan
    found = card(LabelledMarks(judge, labels.people))
    assert (found.n, found.unscored, found.positives) == (295, 5, 95)
    assert found.tpr.point == pytest.approx(85 / 95)


def test_section_10_equal_weights_are_no_weights():
    assert card(marks(weights=np.full(300, 4.0))) == card()


def test_section_10_weights_give_weighted_rates_with_wider_bounds():
    # People's yes: a third of the labels stand for three samples each, and there the judge is always right.
    weights = np.concatenate([np.full(30, 3.0), np.ones(270)])
    found = card(marks(weights=weights))
    assert found.tpr.point == pytest.approx((90 + 60) / (100 + 60))
    assert found.tnr == card().tnr.model_copy(update={"low": found.tnr.low, "high": found.tnr.high})
    assert found.weighted.tp == pytest.approx(150 * 300 / 360)
    assert sum(found.weighted.model_dump().values()) == pytest.approx(300)
    assert found.counts == card().counts
    assert found.tpr.low < found.tpr.point < found.tpr.high
    # Unequal weights cost certainty: as many labels of one weight, as often right, are known better.
    assert found.tpr.point - found.tpr.low > 150 / 160 - clopper_pearson(93.75, 100, 0.025).low
    assert found.by("ac1").point != card().by("ac1").point


def test_section_10_where_the_chance_of_any_label_is_known_those_of_unknown_chance_are_left_out():
    labels = marks()
    random = np.arange(300) % 3 == 0
    known = np.where(random, np.where(np.arange(300) % 2, 2.0, 5.0), NONE)
    talks = np.arange(300) // 6
    found = card(marks(weights=known, clusters=talks, languages=["es"] * 300))
    alone = card(
        LabelledMarks(labels.judge[random], labels.people[random], known[random], talks[random], languages=["es"] * 100)
    )
    assert (found.left_out, alone.left_out) == (200, 0)
    assert found.model_copy(update={"left_out": 0}) == alone


def test_section_10_where_no_chance_is_known_all_labels_count_unweighted():
    assert card(marks(weights=np.full(300, NONE))) == card()


def test_section_10_clustered_labels_are_bounded_as_korn_and_graubard_do():
    # Ten conversations of ten: in nine of them the judge is right throughout, in one never.
    clustered = card(marks(clusters=np.concatenate([np.arange(100) // 10, 100 + np.arange(200)])))
    assert clustered.tpr.point == 0.9
    assert clustered.tpr.low < 0.6 < card().tpr.low
    assert clustered.tnr == card().tnr
    assert clustered.clusters == 210
    sums = cluster_sums(np.array([10.0] * 9 + [0.0]), np.array([10] * 10))
    assert (clustered.tpr.low, clustered.tpr.high) == pytest.approx(korn_graubard(sums, 0.025))


def test_section_10_only_peoples_labels_must_be_enough_for_kappa():
    assert card(marks(15, 3, 170, 30)).by("cohen").why.startswith("too few: people gave the rarest label 18 times")
    assert card(marks(15, 30, 170, 3)).by("cohen").point is not None


def test_section_10_labels_that_are_all_one_cluster_bound_nothing():
    found = card(marks(clusters=[1] * 300))
    assert (found.tpr.low, found.tpr.high) == (0, 1)
    assert found.informed_low == -1
    assert found.by("ac1").low is None


def test_section_10_rates_by_slice_and_language_have_their_own_bounds():
    languages = ["es"] * 150 + ["pt"] * 150
    found = card(marks(slices={"topic": ["bills"] * 50 + [None] * 250, "plan": ["free"] * 300}, languages=languages))
    assert [(row.name, row.value, row.n) for row in found.slices] == [("plan", "free", 300), ("topic", "bills", 50)]
    assert [(row.name, row.value, row.n) for row in found.languages] == [
        ("language", "es", 150),
        ("language", "pt", 150),
    ]
    spanish, portuguese = found.languages
    assert spanish.counts.model_dump() == {"tp": 90, "fn": 10, "tn": 50, "fp": 0}
    assert spanish.agreed == pytest.approx(140 / 150)
    assert (spanish.tnr.point, spanish.tnr.n) == (1, 50)
    assert spanish.tnr.low == pytest.approx(0.025 ** (1 / 50))
    assert (portuguese.tpr.point, portuguese.tpr.low, portuguese.tpr.high, portuguese.tpr.n) == (None, 0, 1, 0)
    assert found.slices[0].tpr == found.tpr


def test_section_10_a_slice_weighs_its_own_labels():
    weights = np.concatenate([np.full(100, 5.0), np.full(10, 4.0), np.ones(190)])
    languages = ["es"] * 80 + ["pt"] * 220
    spanish, portuguese = card(marks(weights=weights, languages=languages)).languages
    assert spanish.agreed == 1
    assert portuguese.agreed == pytest.approx((50 + 40 + 160) / (50 + 50 + 40 + 160 + 30))
    assert portuguese.n == 220


def test_section_10_a_card_without_a_label_is_a_card_and_incomplete():
    found = card(LabelledMarks(np.array([]), np.array([])))
    assert (found.n, found.positives, found.negatives, found.informed) == (0, 0, 0, None)
    assert found.informed_low == -1
    assert usable(found, JUDGE, MADE).holds == "unknown"


def test_section_10_a_good_card_holds_until_the_day_it_expires():
    found = card(max_age_days=90)
    assert found.expires_on == date(2026, 5, 30)
    assert usable(found, JUDGE, date(2026, 5, 30)).holds == "yes"
    expired = usable(found, JUDGE, date(2026, 5, 31))
    assert (expired.holds, expired.detail) == ("unknown", "the card expired on 2026-05-30")


def test_section_10_a_gate_may_ask_for_a_younger_card_and_not_for_an_older():
    assert usable(card(), JUDGE, date(2026, 3, 12), max_age_days=10).detail == "the card expired on 2026-03-11"
    assert usable(card(), JUDGE, date(2026, 5, 31), max_age_days=365).holds == "unknown"


def test_section_10_a_missing_card_and_one_of_another_judge_are_not_known():
    assert usable(None, JUDGE, MADE).holds == "unknown"
    other = usable(card(judge_digest="f" * 32), JUDGE, MADE, name="answers.calibrated")
    assert (other.name, other.holds, other.otherwise) == ("answers.calibrated", "unknown", "inconclusive")
    assert other.detail == "the card is of another judge or rubric: ffffffff"


@pytest.mark.parametrize("counts", [(18, 1, 170, 30), (90, 10, 18, 1)])
def test_section_10_fewer_than_twenty_of_a_kind_are_incomplete(counts):
    found = usable(card(marks(*counts)), JUDGE, MADE)
    assert found.holds == "unknown"
    assert found.detail.startswith("the card is incomplete")


def test_section_10_twenty_of_each_kind_are_enough():
    assert usable(card(marks(20, 0, 20, 0)), JUDGE, MADE).holds == "yes"


def test_section_10_a_judge_that_hardly_sees_is_refused():
    found = usable(card(marks(70, 30, 140, 60)), JUDGE, MADE)
    assert found.holds == "no"
    assert found.detail.startswith("the judge is too blind: J is at least 0.2")


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"judge": np.array([1.0, 1.1])}, "values lie in"),
        ({"people": np.array([1.0, NONE])}, "values lie in"),
        ({"people": np.array([1.0])}, "one a label"),
        ({"weights": np.array([1.0, 0.0])}, "weights are above 0"),
        ({"weights": np.array([-1.0, NONE])}, "weights are above 0"),
        ({"clusters": [1]}, "one a label"),
        ({"languages": ["es"]}, "one a label"),
        ({"slices": {"locale": ["es"]}}, "one a label"),
    ],
)
def test_labels_that_cannot_be_are_refused(columns, said):
    with pytest.raises(ValueError, match=said):
        LabelledMarks(**{"judge": np.array([1.0, NONE]), "people": np.array([1.0, 0.0])} | columns)


def test_naming_a_card_loads_no_numpy():
    code = "import sys, evalgate.core.cards; print([name for name in ('numpy', 'scipy') if name in sys.modules])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"
