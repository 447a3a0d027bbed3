"""What people said, as a decision finds it: which labels correct a judge, and which card measures it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from evalgate.core.cards import CalibrationCard, LabelledMarks, make_card
from evalgate.core.checks import Check
from evalgate.core.evidence import People
from evalgate.core.gates import AtLeast, Calibrated, Gate
from evalgate.core.labels import Label
from evalgate.core.metrics import Calibration
from evalgate.core.outcomes import Annotator, CheckRef
from evalgate.gate.people import people_of
from evalgate.runner.marking import Named
from evalgate.store.access import Access
from evalgate.store.engine import Store, open_store
from tests.store.scenes import NOON

TODAY = date(2026, 11, 21)
DIGEST = "2" * 32
MINE, OTHERS = "a" * 64, "b" * 64
GATE = Gate(metric="answers", rules=(AtLeast(floor=0.5),))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path / "evalgate.db") as opened:
        yield opened


def label(digest: str = MINE, **said: object) -> Label:
    given: dict[str, object] = {
        "check": "answers",
        "sample_digest": digest,
        "case_id": "c-1",
        "value": 1.0,
        "label": "answers",
        "probability": 0.5,
        "split": "test",
        "source": "queue:weekly",
        "at": NOON,
    }
    return Label.model_validate(given | said)


def card(digest: str = DIGEST, criterion: str = "", made_on: date = TODAY) -> CalibrationCard:
    people = np.repeat([1.0, 0.0], 60)
    judge = people.copy()
    judge[[0, 1, 70]] = 1 - judge[[0, 1, 70]]
    marks = LabelledMarks(judge, people)
    return make_card(marks, check="answers", criterion=criterion, judge="gpt-x", judge_digest=digest, made_on=made_on)


class Asks(Check):
    """A check of one criterion: what marks it is not looked at here."""

    kind = "asks"


class AsksTwo(Asks):
    """The same with two criteria."""

    @property
    def criteria(self) -> tuple[str, ...]:
        return ("tone", "truth")


def gathered(
    store: Store,
    gate: Gate = GATE,
    annotator: Annotator = "llm",
    check: Check | None = None,
    *,
    uncalibrated: bool = False,
) -> People:
    ref = CheckRef(name="answers", annotator=annotator, digest=DIGEST)
    return people_of(store, [gate], [Named("answers", check or Asks(), ref)], TODAY, uncalibrated=uncalibrated)


def only(people: People) -> Calibration:
    (found,) = people.calibrations
    return found


def said(people: People, metric: str = "answers") -> dict[str, tuple[float, float]]:
    """Return what people said by the first digits of the answer, with the chance they were asked."""
    found = people.labels[metric]
    return {
        f"{key:016x}"[0]: (value, chance)
        for key, value, chance in zip(found.answers, found.values, found.chances, strict=True)
    }


def test_labels_of_the_splits_that_no_prompt_was_written_with_correct_a_judge(store: Store) -> None:
    digests = {
        split: character * 64 for split, character in zip(("test", "control", "dev", "fewshot"), "abcd", strict=True)
    }
    store.labels.keep([label(digest, split=split) for split, digest in digests.items()])
    assert said(gathered(store)) == {"a": (1.0, 0.5), "b": (1.0, 0.5)}


def test_a_label_given_after_the_judge_was_seen_does_not_count(store: Store) -> None:
    store.labels.keep([label(MINE, blind=False), label(OTHERS, value=0.0)])
    assert said(gathered(store)) == {"b": (0.0, 0.5)}


def test_a_label_of_unknown_chance_comes_along_without_one(store: Store) -> None:
    store.labels.keep([label(MINE, probability=None)])
    assert np.isnan(gathered(store).labels["answers"].chances).tolist() == [True]


@pytest.mark.parametrize(
    ("better", "worse"),
    [("adjudicated", "agreed"), ("agreed", "imported"), ("imported", "single"), ("adjudicated", "single")],
)
def test_of_two_labels_of_an_answer_the_better_founded_counts_however_old(
    store: Store, better: str, worse: str
) -> None:
    old = label(basis=better, value=0.0, at=NOON - timedelta(days=30), source="queue:old")
    store.labels.keep([old, label(basis=worse, value=1.0)])
    assert said(gathered(store)) == {"a": (0.0, 0.5)}


def test_of_two_as_well_founded_the_newer_counts_in_whatever_order_they_came(store: Store) -> None:
    newer = label(value=0.0, at=NOON + timedelta(days=1), source="queue:new")
    store.labels.keep([newer, label(value=1.0)])
    assert said(gathered(store)) == {"a": (0.0, 0.5)}


def test_a_chance_that_any_label_of_an_answer_has_stays_known_and_the_largest_counts(store: Store) -> None:
    chosen = label(basis="adjudicated", value=0.0, probability=None, source="queue:triage")
    store.labels.keep([label(probability=0.1), label(probability=0.4, source="queue:daily"), chosen])
    assert said(gathered(store)) == {"a": (0.0, 0.4)}


def test_labels_are_sorted_by_answer_each_once(store: Store) -> None:
    store.labels.keep([label(character * 64) for character in "c3f1a"])
    keys = gathered(store).labels["answers"].answers
    assert keys.tolist() == sorted({int(character * 16, 16) for character in "c3f1a"})


def test_each_criterion_has_its_own_labels_and_card(store: Store) -> None:
    store.labels.keep([label(MINE, criterion="tone"), label(OTHERS, criterion="truth")])
    store.cards.keep(card(criterion="truth"))
    gate = GATE.model_copy(update={"metric": "answers.tone"})
    people = gathered(store, gate, check=AsksTwo())
    assert list(people.labels) == ["answers.tone"]
    assert said(people, "answers.tone") == {"a": (1.0, 0.5)}
    assert (only(people).metric, only(people).card, only(people).holds) == ("answers.tone", None, "unknown")


def test_labels_and_cards_of_another_project_are_not_seen(store: Store) -> None:
    other = Access(store.database, store.secret).create_project("sales", "Sales").number
    store.within(other).labels.keep([label()])
    store.within(other).cards.keep(card())
    people = gathered(store)
    assert (people.labels, only(people).card) == ({}, None)


def test_the_judges_own_card_says_how_far_it_may_be_counted_on(store: Store) -> None:
    made = card()
    store.cards.keep(made)
    found = only(gathered(store))
    assert (found.holds, found.card, found.informed_low) == ("yes", made.digest, made.informed_low)
    assert (found.agreement, found.agreement_low, found.labels) == (made.by("ac1").point, made.by("ac1").low, 120)
    assert found.agreement_alpha == made.alpha / 2


def test_the_card_of_another_judge_is_a_reason_and_lends_no_number(store: Store) -> None:
    store.cards.keep(card("3" * 32))
    found = only(gathered(store))
    assert (found.holds, found.card, found.agreement) == ("unknown", None, None)
    assert "another judge" in found.detail


def test_the_own_card_counts_beside_those_of_other_judges(store: Store) -> None:
    for digest in ("1" * 32, DIGEST, "3" * 32):
        store.cards.keep(card(digest))
    assert only(gathered(store)).holds == "yes"


@pytest.mark.parametrize(("days", "holds"), [(60, "yes"), (59, "unknown")])
def test_a_card_older_than_the_gate_allows_no_longer_counts(store: Store, days: int, holds: str) -> None:
    store.cards.keep(card(made_on=TODAY - timedelta(days=60)))
    gate = GATE.model_copy(update={"calibrated": Calibrated(max_age_days=days)})
    assert only(gathered(store, gate)).holds == holds


def test_without_a_card_the_reason_is_that_nobody_measured(store: Store) -> None:
    assert "no calibration card" in only(gathered(store)).detail


def test_where_the_suite_counts_a_judge_as_it_sees_no_card_is_asked_for_and_one_is_told(store: Store) -> None:
    assert gathered(store, uncalibrated=True).calibrations == ()
    store.cards.keep(card())
    assert only(gathered(store, uncalibrated=True)).holds == "yes"


def test_a_gate_that_asks_for_a_card_gets_an_answer_whatever_the_suite_says(store: Store) -> None:
    gate = GATE.model_copy(update={"calibrated": Calibrated()})
    assert only(gathered(store, gate, uncalibrated=True)).holds == "unknown"


@pytest.mark.parametrize(("annotator", "corrected"), [("classifier", True), ("code", False), ("human", False)])
def test_classifiers_are_corrected_and_code_and_people_are_not(
    store: Store, annotator: Annotator, corrected: bool
) -> None:
    store.labels.keep([label()])
    people = gathered(store, annotator=annotator)
    assert ("answers" in people.labels, people.calibrations) == (corrected, ())


def test_what_no_gate_reads_is_not_gathered(store: Store) -> None:
    store.labels.keep([label()])
    people = gathered(store, GATE.model_copy(update={"metric": "faithful"}))
    assert (people.labels, people.calibrations) == ({}, ())
