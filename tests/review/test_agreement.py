"""How people agree in a queue, and how each answers where the answer is known."""

from __future__ import annotations

from evalgate.core.review import Given, QueueSettings
from evalgate.review.agreement import Agreeing, QueueAgreement, agreement_of
from evalgate.review.filling import fill, new_items
from evalgate.review.rules import rule_of
from evalgate.store.engine import Store
from tests.review.scenes import CANNOT_TELL, PLAIN, RUBRIC, YES, answer_all, reviewers, sample, stored


def of(found: QueueAgreement, group: str) -> Agreeing:
    (part,) = (part for part in found.agreeing if part.group == group)
    return part


def percent(part: Agreeing) -> float | None:
    return part.rows[-1].by[0].point


def number(case_id: str) -> int:
    return int(case_id.removeprefix("case-"))


def test_agreement_is_told_of_all_of_each_pair_language_and_stratum(store: Store) -> None:
    run = stored(store, [sample(n, locale="es" if n < 60 else "en") for n in range(120)])
    settings = PLAIN.model_copy(update={"max_extra": 0})
    queue = store.queues.create("weekly", RUBRIC, settings, "user:ana")
    fill(store, queue, run, [rule_of("random:1")], stratum="locale")
    first, second = reviewers(store)
    answer_all(store, queue, first, lambda item: "yes" if number(item.case_id) % 2 else "no")
    answer_all(store, queue, second, lambda item: "yes" if number(item.case_id) % 2 or item.language == "en" else "no")
    found = agreement_of(store, queue)
    assert percent(of(found, "all")) == 0.75
    assert percent(of(found, "language=es")) == percent(of(found, "stratum=es")) == 1.0
    assert percent(of(found, "language=en")) == 0.5
    assert [row.raters for row in of(found, "all").rows] == [("r0", "r1"), ("r0", "r1")]
    assert of(found, "all").items == 120


def test_items_of_a_known_probability_are_weighted_by_it_and_the_others_left_out(store: Store) -> None:
    run = stored(store, [sample(n, CANNOT_TELL if n % 2 else YES) for n in range(400)])
    settings = PLAIN.model_copy(update={"max_extra": 0})
    queue = store.queues.create("weekly", RUBRIC, settings, "user:ana")
    fill(store, queue, run, [rule_of("unknown:answers"), rule_of("unknown:answers@0.5"), rule_of("random:0.25")])
    first, second = reviewers(store)
    answer_all(store, queue, first, lambda _: "yes")
    answer_all(store, queue, second, lambda item: "no" if number(item.case_id) % 2 else "yes")
    found = agreement_of(store, queue)
    known = [one for one in store.items.page(queue.number, limit=1_000) if one.probability is not None]
    weights = {True: 0.0, False: 0.0}
    for one in known:
        weights[number(one.case_id) % 2 == 0] += 1 / (one.probability or 1)
    share = weights[True] / sum(weights.values())
    assert of(found, "weighted").items == len(known) < of(found, "all").items
    assert abs((percent(of(found, "weighted")) or 0) - share) < 1e-9


def test_gold_items_tell_how_often_a_reviewer_is_right_and_what_is_contested(store: Store) -> None:
    run = stored(store, [sample(n) for n in range(4)])
    queue = store.queues.create("weekly", RUBRIC, QueueSettings(practice=0, gold_rate=1), "user:ana")
    gold = [
        item.model_copy(update={"reason": "gold", "expected": {"answers": "yes"}})
        for item in new_items(store, run, [rule_of("random:1")])
    ]
    store.items.add(queue, gold)
    first, second = reviewers(store)
    says = iter(("yes", "no", "yes", "yes"))
    answer_all(store, queue, first, lambda _: next(says))
    claimed = store.claims.claim(queue, second)
    assert claimed is not None
    given = Given(answers={"answers": "no"}, contested=True)
    store.claims.submit(queue, claimed.item.number, claimed.slot, claimed.token, second.number, given)
    found = agreement_of(store, queue)
    assert [(one.reviewer, one.right, one.answered, one.contested, one.accuracy) for one in found.gold] == [
        ("r0", 3, 4, 0, 0.75),
        ("r1", 0, 1, 1, 0.0),
    ]
    assert [(one.item, one.by) for one in found.contested] == [(claimed.item.number, {"r1": {"answers": "no"}})]
    assert found.agreeing == ()


def test_an_answer_given_after_the_judge_was_seen_counts_for_no_agreement(store: Store) -> None:
    run = stored(store, [sample(n) for n in range(30)])
    queue = store.queues.create("weekly", RUBRIC, PLAIN, "user:ana")
    fill(store, queue, run, [rule_of("random:1")])
    first, second = reviewers(store)
    for item in store.items.page(queue.number)[:5]:
        store.items.reveal(item.number, first.number)
    for who in (first, second):
        answer_all(store, queue, who, lambda _: "yes")
    assert of(agreement_of(store, queue), "all").items == 25
