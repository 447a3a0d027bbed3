"""From a day of traffic with truth to a corrected metric: a queue, two people, their agreement, a card, a gate."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from evalgate.core.cards import CalibrationCard, LabelledMarks, make_card
from evalgate.core.checks import Check
from evalgate.core.errors import WrongAsWritten
from evalgate.core.evidence import People, gather
from evalgate.core.gates import AtLeast, Gate
from evalgate.core.metrics import Metric
from evalgate.core.outcomes import Mark
from evalgate.core.samples import Case, Output, Sample
from evalgate.core.tally import Columns, Tally
from evalgate.gate.people import people_of
from evalgate.review.agreement import agreement_of
from evalgate.review.carding import cards_of, drift_of
from evalgate.review.filling import fill
from evalgate.review.rules import rule_of
from evalgate.runner.marking import Named
from evalgate.runner.ports import Marked
from evalgate.store.engine import Store
from evalgate.store.items import Item
from tests.review.scenes import (
    ANSWERS,
    CANNOT_TELL,
    NO,
    PLAIN,
    RUBRIC,
    STUDENT,
    YES,
    answer_all,
    reviewers,
    sample,
    stored,
)
from tests.store.scenes import with_outcomes

TODAY = date(2026, 11, 21)


def drawn(*what: object) -> float:
    """A number in [0, 1) that follows from what is said."""
    return int.from_bytes(hashlib.sha256(repr(what).encode()).digest()[:8], "big") / 2**64


def day_of_traffic(path: Path) -> tuple[list[Marked], dict[str, bool]]:
    """The published answers, marked by a judge that finds 80 % of the unfaithful and wrongly blames 5 % of the rest."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
    samples, truth = [], {}
    for position, row in enumerate(rows):
        # Some rows of the file have no id.
        case = Case(id=f"row-{position}", input=row["user_query"], slices={"locale": "en"})
        truth[case.id] = row["hallucination"] == "no"
        wrong = drawn("judge", case.id) < (0.05 if truth[case.id] else 0.2)
        mark = YES if truth[case.id] != wrong else NO
        given = Sample(case=case, output=Output(text=row["chatgpt_response"]))
        samples.append(with_outcomes(position, given, ((ANSWERS, "", mark), (STUDENT, "", Mark(value=0.5)))))
    return samples, truth


def test_labels_of_two_people_measure_and_correct_a_judge_of_real_traffic(store: Store, realdata: Path) -> None:
    samples, truth = day_of_traffic(realdata / "halueval_general" / "halueval_general.jsonl")
    run = stored(store, samples)
    queue = store.queues.create("weekly", RUBRIC, PLAIN, "user:ana")
    filled = fill(store, queue, run, [rule_of("random:0.15")])
    assert filled.read == len(samples)
    assert abs(filled.added / len(samples) - 0.15) < 0.03

    def says(person: str, item: Item) -> str:
        right = drawn(person, item.case_id) >= 0.02
        return "yes" if truth[item.case_id] == right else "no"

    for name, who in zip("ab", reviewers(store), strict=True):
        assert answer_all(store, queue, who, partial(says, name)) == filled.added

    overall = next(part for part in agreement_of(store, queue).agreeing if part.group == "all")
    agreed = {each.method: each for each in overall.rows[-1].by}
    assert agreed["percent"].items == filled.added
    assert agreed["percent"].point == pytest.approx(0.96, abs=0.03)

    (card,) = cards_of(store, [run], "answers", TODAY)
    assert card.complete
    assert card.tnr.low < 0.8 < card.tnr.high
    assert card.tpr.low < 0.95 < card.tpr.high

    level = sum(one.outcomes[0].result == YES for one in samples) / len(samples)
    actual = sum(truth.values()) / len(truth)
    metric = at_the_gate(store, samples)
    corrected = metric.corrected
    assert corrected is not None
    assert metric.estimate.point == pytest.approx(level)
    low, high = corrected.bounds(0.025)
    assert low < actual < high


def test_the_gate_finds_the_card_that_was_made(store: Store) -> None:
    run = stored(store, [sample(n, NO if n % 3 else YES) for n in range(90)])
    queue = store.queues.create("weekly", RUBRIC, PLAIN, "user:ana")
    fill(store, queue, run, [rule_of("random:1")])
    for who in reviewers(store):
        answer_all(store, queue, who, lambda item: "yes" if int(item.case_id.removeprefix("case-")) % 3 == 0 else "no")
    (card,) = cards_of(store, [run], "answers", TODAY)
    (calibration,) = people_at_the_gate(store).calibrations
    assert calibration.card == card.digest
    assert calibration.labels == card.n


class Asks(Check):
    """A judge of one criterion; its marks are in the run."""

    kind = "asks"


GATE = Gate(metric="answers", rules=(AtLeast(floor=0.5),))


def people_at_the_gate(store: Store) -> People:
    return people_of(store, [GATE], [Named("answers", Asks(), ANSWERS)], TODAY, uncalibrated=False)


def at_the_gate(store: Store, samples: Sequence[Marked]) -> Metric:
    """The share of faithful answers as a gate reads it, with people's labels."""
    tally = Tally([(ANSWERS, [""]), (STUDENT, [""])], ())
    for one in samples:
        tally.add(one.position, one.sample.case, 0, one.case_digest, one.sample_digest, one.outcomes)
    (metric,) = gather([GATE], Columns(tally), None, None, (), people_at_the_gate(store)).metrics
    return metric


def test_a_judge_is_measured_with_blind_labels_of_the_test_split_only(store: Store) -> None:
    run = stored(store, [sample(n, NO if n % 3 else YES) for n in range(90)])
    queue = store.queues.create("weekly", RUBRIC, PLAIN, "user:ana")
    fill(store, queue, run, [rule_of("random:1")])
    for who in reviewers(store):
        answer_all(store, queue, who, lambda item: "yes" if int(item.case_id.removeprefix("case-")) % 3 == 0 else "no")
    in_test = [label for label in store.labels.stream("answers") if label.split == "test"]
    (card,) = cards_of(store, [], "answers", TODAY)
    assert card.n == len(in_test) < 90
    store.labels.keep([one.model_copy(update={"blind": False}) for one in in_test[:7]])
    (again,) = cards_of(store, [run], "answers", TODAY)
    assert again.n == card.n - 7
    assert {(row.name, row.value) for row in (*card.slices, *card.languages)} == {
        ("locale", "es-MX"),
        ("language", "es"),
    }


def test_a_label_counts_against_what_the_judge_could_not_tell(store: Store) -> None:
    run = stored(store, [sample(n, CANNOT_TELL) for n in range(60)])
    queue = store.queues.create("weekly", RUBRIC, PLAIN, "user:ana")
    fill(store, queue, run, [rule_of("random:1")])
    for who in reviewers(store):
        answer_all(store, queue, who, lambda _: "yes")
    (card,) = cards_of(store, [run], "answers", TODAY)
    assert card.n == 0
    assert card.unscored == sum(label.split == "test" for label in store.labels.stream("answers"))


def test_without_labels_no_card_is_made_and_the_line_says_how_to_get_some(store: Store) -> None:
    run = stored(store, [sample(0)])
    with pytest.raises(WrongAsWritten, match="evalgate label RUN --check answers"):
        cards_of(store, [run], "answers", TODAY)


def test_a_judge_that_became_blind_is_seen_from_its_last_two_cards(store: Store) -> None:
    first = card_of(0.05)
    second = card_of(0.45)
    store.cards.keep(first)
    assert drift_of(store, "answers", "", first.judge_digest) is None
    store.cards.keep(second)
    drift = drift_of(store, "answers", "", first.judge_digest)
    assert drift is not None
    assert (drift.earlier, drift.later) == (first, second)
    assert drift.apart == ("tpr", "tnr", "ac1")
    assert round(drift.informed or 0, 2) == -0.8


def card_of(wrong: float) -> CalibrationCard:
    people = np.repeat([1.0, 0.0], 200)
    judge = np.where(np.tile(np.arange(200) < 200 * wrong, 2), 1 - people, people)
    return make_card(LabelledMarks(judge, people), check="answers", judge="gpt", judge_digest="2" * 32, made_on=TODAY)
