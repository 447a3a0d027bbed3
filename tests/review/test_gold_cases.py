"""Which closed items become gold cases, and the file a suite reads them from."""

from __future__ import annotations

import json
from pathlib import Path

from evalgate.core.review import Given
from evalgate.review.filling import fill
from evalgate.review.gold_cases import Promoted, case_lines, promote
from evalgate.review.rules import rule_of
from evalgate.store.engine import Store
from evalgate.store.gold_cases import GoldCases
from evalgate.store.queues import Queue
from evalgate.suites.rows import rows
from tests.review.scenes import PLAIN, RUBRIC, answer_all, reviewers, sample, stored


def closed(store: Store, *texts: str, name: str = "weekly") -> Queue:
    """A queue with an item for each text, about which two people agree."""
    run = stored(store, [sample(n, text=text) for n, text in enumerate(texts)], name[0])
    queue = store.queues.create(name, RUBRIC, PLAIN, "user:ana")
    fill(store, queue, run, [rule_of("random:1")])
    return queue


def agree(store: Store, queue: Queue) -> None:
    for who in reviewers(store):
        answer_all(store, queue, who, lambda _: "yes")


def test_what_two_people_agree_on_is_promoted_once_with_where_it_came_from(store: Store) -> None:
    queue = closed(store, "Tres días.", "Cuatro días.")
    agree(store, queue)
    assert promote(store, queue, "support", "user:ana") == Promoted(added=2, known=0, personal=0, unsure=0)
    assert promote(store, queue, "support", "user:ana") == Promoted(added=0, known=2, personal=0, unsure=0)
    gold = {case.gold.case_id: case.gold for case in GoldCases(store.database, store.project).stream("support")}
    assert set(gold) == {"case-0", "case-1"}
    assert gold["case-0"].labels["answers"].people == 2
    assert (gold["case-0"].origin.queue, gold["case-0"].origin.language) == ("weekly", "es")
    assert gold["case-0"].origin.run == store.runs.list()[0].id


def test_a_text_with_personal_data_is_left_out(store: Store) -> None:
    queue = closed(store, "Tres días.", "Escriba a ana.lopez@ejemplo.com.mx por favor.")
    agree(store, queue)
    assert promote(store, queue, "support", "user:ana") == Promoted(added=1, known=0, personal=1, unsure=0)


def test_an_item_is_left_out_when_somebody_had_seen_what_the_judge_said(store: Store) -> None:
    queue = closed(store, "Tres días.")
    first, second = reviewers(store)
    store.items.reveal(store.items.page(queue.number)[0].number, first.number)
    answer_all(store, queue, first, lambda _: "yes")
    answer_all(store, queue, second, lambda _: "yes")
    assert promote(store, queue, "support", "user:ana") == Promoted(added=0, known=0, personal=0, unsure=1)


def test_what_somebody_adjudicated_is_promoted(store: Store) -> None:
    queue = closed(store, "Tres días.")
    *three, decides = reviewers(store, 5)
    says = iter(("yes", "no", "unknown", "unknown"))
    for who in three:
        answer_all(store, queue, who, lambda _: next(says))
    item = store.items.page(queue.number)[0]
    store.closing.adjudicate(queue, item.number, decides.number, Given(answers={"answers": "no"}))
    assert promote(store, queue, "support", "user:ana").added == 1


def test_another_answer_to_a_question_that_is_a_gold_case_is_known(store: Store) -> None:
    first = closed(store, "Tres días.")
    both = reviewers(store)
    for who in both:
        answer_all(store, first, who, lambda _: "yes")
    promote(store, first, "support", "user:ana")
    run = stored(store, [sample(0, text="Otra respuesta.")], "c")
    again = store.queues.create("again", RUBRIC, PLAIN, "user:ana")
    fill(store, again, run, [rule_of("random:1")])
    for who in both:
        answer_all(store, again, who, lambda _: "yes")
    assert promote(store, again, "support", "user:ana") == Promoted(added=0, known=1, personal=0, unsure=0)
    assert promote(store, again, "sales", "user:ana").added == 1


def test_gold_cases_are_a_data_file_that_a_suite_reads(store: Store, tmp_path: Path) -> None:
    queue = closed(store, "Tres días.")
    agree(store, queue)
    promote(store, queue, "support", "user:ana")
    path = tmp_path / "gold.jsonl"
    path.write_bytes(b"".join(case_lines(store, "support")))
    ((_, row),) = rows(path)
    assert row == {
        "id": "case-0",
        "input": "¿Cuánto tarda? 0",
        "output": "Tres días.",
        "locale": "es",
        "people.answers": 1.0,
    }
    assert json.loads(path.read_text()) == row
