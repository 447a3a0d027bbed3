"""Labels that somebody chose because of what the judge said, among those that were drawn: what they may not move."""

from __future__ import annotations

from datetime import date

import numpy as np

from evalgate.core.cards import CalibrationCard, LabelledMarks, make_card
from evalgate.core.checks import Check
from evalgate.core.estimates import Corrected
from evalgate.core.evidence import gather
from evalgate.core.gates import AtLeast, Gate
from evalgate.core.outcomes import Mark
from evalgate.core.tally import Columns, Tally
from evalgate.gate.people import people_of
from evalgate.review.carding import cards_of
from evalgate.review.filling import fill
from evalgate.review.rules import rule_of
from evalgate.runner.marking import Named
from evalgate.runner.ports import Marked
from evalgate.store.engine import Store
from evalgate.store.items import Item
from evalgate.store.slots import Reviewer
from tests.review.scenes import ANSWERS, NO, PLAIN, RUBRIC, STUDENT, YES, answer_all, reviewers, sample, stored

TODAY = date(2026, 11, 21)
ALONE = PLAIN.model_copy(update={"reviews_required": 1})
COUNT = 1_500
GATE = Gate(metric="answers", rules=(AtLeast(floor=0.5),))


class Asks(Check):
    """A judge of one criterion; its marks are in the run."""

    kind = "asks"


def good(number: int) -> bool:
    return number % 3 != 0


def missed(number: int) -> bool:
    """The judge misses a quarter of the good answers, and is never wrong about the others."""
    return good(number) and number % 4 == 0


def traffic() -> list[Marked]:
    """Conversations of three answers; the student knows the truth, so triage finds every mistake of the judge."""
    return [
        sample(
            number,
            NO if missed(number) or not good(number) else YES,
            YES if good(number) else NO,
            cluster=f"talk-{number // 3}",
        )
        for number in range(COUNT)
    ]


def says(item: Item) -> str:
    return "yes" if good(int(item.case_id.removeprefix("case-"))) else "no"


def asked(store: Store, who: Reviewer, run: str, name: str, *rules: str) -> None:
    queue = store.queues.create(name, RUBRIC, ALONE, "user:ana")
    fill(store, queue, run, [rule_of(rule) for rule in rules])
    answer_all(store, queue, who, says)


def unweighted(store: Store, samples: list[Marked]) -> CalibrationCard:
    """The card of all labels alike, as if nobody had chosen them."""
    marks = {one.sample_digest: one.outcomes[0].result for one in samples}
    labels = [label for label in store.labels.stream("answers") if label.split == "test"]
    judge = [mark.value for label in labels if isinstance(mark := marks[label.sample_digest], Mark)]
    people = np.array([label.value for label in labels])
    found = LabelledMarks(np.array(judge), people, clusters=[str(label.cluster) for label in labels])
    return make_card(found, check="answers", judge="gpt", judge_digest=ANSWERS.digest, made_on=TODAY)


def corrected(store: Store, samples: list[Marked]) -> Corrected:
    """The share of good answers as a gate corrects it."""
    people = people_of(store, [GATE], [Named("answers", Asks(), ANSWERS)], TODAY, uncalibrated=False)
    tally = Tally([(ANSWERS, [""]), (STUDENT, [""])], ())
    for one in samples:
        tally.add(one.position, one.sample.case, 0, one.case_digest, one.sample_digest, one.outcomes)
    (metric,) = gather([GATE], Columns(tally), None, None, (), people).metrics
    assert metric.corrected is not None
    return metric.corrected


def test_a_card_covers_the_truth_whatever_triage_added_and_one_of_all_labels_alike_does_not(store: Store) -> None:
    samples = traffic()
    run = stored(store, samples)
    (ana,) = reviewers(store, 1)
    asked(store, ana, run, "weekly", "random:0.25", "disagreement:answers,student@0.6", "disagreement:answers,student")
    (card,) = cards_of(store, [run], "answers", TODAY)
    naive = unweighted(store, samples)
    assert card.weighted is not None
    assert card.left_out > 20
    assert card.n + card.left_out == naive.n
    assert card.tpr.low < 0.75 < card.tpr.high
    assert naive.tpr.high < 0.75
    assert card.clusters < naive.clusters <= COUNT / 3


def test_triage_after_a_random_draw_moves_neither_the_card_nor_the_correction(store: Store) -> None:
    samples = traffic()
    run = stored(store, samples)
    (ana,) = reviewers(store, 1)
    asked(store, ana, run, "weekly", "random:0.25")
    (before,) = cards_of(store, [run], "answers", TODAY)
    known = corrected(store, samples)
    # It takes samples of the draw too: their newer label has no chance of its own.
    asked(store, ana, run, "triage", "disagreement:answers,student")
    (after,) = cards_of(store, [run], "answers", TODAY)
    assert (before.left_out, after.left_out > 20) == (0, True)
    assert after.model_copy(update={"left_out": 0}) == before
    assert corrected(store, samples) == known
    assert known.clusters < known.labelled
    low, high = known.bounds(0.025)
    assert low < 2 / 3 < high
    assert high - low < 0.15


def test_without_a_draw_all_labels_of_triage_count_alike_and_correct_nothing(store: Store) -> None:
    samples = traffic()
    run = stored(store, samples)
    (ana,) = reviewers(store, 1)
    asked(store, ana, run, "triage", "disagreement:answers,student")
    (card,) = cards_of(store, [run], "answers", TODAY)
    assert (card.left_out, card.weighted, card.tpr.point) == (0, None, 0)
    people = people_of(store, [GATE], [Named("answers", Asks(), ANSWERS)], TODAY, uncalibrated=False)
    assert np.isnan(people.labels["answers"].chances).all()
