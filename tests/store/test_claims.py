"""Handing out items and taking answers back, on both databases."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import text

from evalgate.core.errors import WrongAsWritten
from evalgate.core.review import Given, Marked, QueueSettings
from evalgate.store.claims import Submitted, TooLate
from evalgate.store.database import now
from evalgate.store.engine import Store
from evalgate.store.items import Judged, NewItem
from evalgate.store.slots import Reviewer
from tests.store.review_scenes import BAD, GOOD, RUBRIC, Desk, filled, people
from tests.store.scenes import NOON

ONE = QueueSettings(reviews_required=1, practice=0, gold_rate=0)
LATER = timedelta(seconds=901)
CANNOT_TELL = Given(answers={"answers": "unknown", "tone": "kind"})


class Still:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self):
        return self.at


@pytest.fixture
def clock(store: Store) -> Still:
    store.database.clock = still = Still()
    return still


@pytest.fixture
def desk(store: Store, clock: Still) -> Desk:
    return Desk(store, filled(store, 3))


def test_items_come_in_the_order_in_which_they_came(desk: Desk) -> None:
    ana, rui = people(desk.store, 2)
    assert [desk.answer(ana).item.case_id for _ in range(3)] == ["case-0", "case-1", "case-2"]
    assert desk.store.claims.claim(desk.queue, ana) is None
    assert desk.claim(rui).item.case_id == "case-0"


def test_what_matters_more_comes_first(store: Store, clock: Still) -> None:
    queue = filled(store, 2)
    (ana,) = people(store, 1)
    store.runs.writer(store.runs.list()[0].id)
    with store.database.write() as connection:
        connection.execute(text("UPDATE assignment SET rank = -1 WHERE item = (SELECT max(item) FROM assignment)"))
    assert Desk(store, queue).claim(ana).item.case_id == "case-1"


def test_a_reloaded_page_shows_the_same_item(desk: Desk) -> None:
    (ana,) = people(desk.store, 1)
    first, again = desk.claim(ana), desk.claim(ana)
    assert (first.item.number, first.slot, first.token) == (again.item.number, again.slot, again.token)


def test_two_people_get_two_slots_of_an_item_and_a_third_the_next_item(desk: Desk) -> None:
    ana, rui, eva = people(desk.store, 3)
    claimed = [desk.claim(who) for who in (ana, rui, eva)]
    assert [(one.item.case_id, one.slot) for one in claimed] == [("case-0", 1), ("case-0", 2), ("case-1", 1)]


def test_an_item_goes_to_who_reads_its_language(store: Store, clock: Still) -> None:
    queue = filled(store, 2, language="pt")
    (ana,) = people(store, 1)
    assert store.claims.claim(queue, ana) is None
    assert store.claims.claim(queue, Reviewer(ana.number, ("es", "pt"))) is not None


def test_a_category_opted_out_of_is_never_handed_out(store: Store, clock: Still) -> None:
    queue = filled(store, 2, harm="violent_crimes")
    (ana,) = people(store, 1)
    assert store.claims.claim(queue, ana._replace(avoids=("violent_crimes",))) is None
    assert store.claims.claim(queue, ana._replace(avoids=("hate",))) is not None


def test_a_closed_queue_hands_nothing_out(desk: Desk) -> None:
    (ana,) = people(desk.store, 1)
    desk.store.queues.set_state(desk.queue.number, "closed")
    assert desk.store.claims.claim(desk.store.queues.get("support"), ana) is None


def test_an_ended_lease_is_free_and_a_heartbeat_keeps_it(desk: Desk, clock: Still) -> None:
    ana, rui, eva = people(desk.store, 3)
    first = desk.claim(ana)
    second = desk.claim(rui)
    clock.at += timedelta(seconds=600)
    assert desk.store.claims.heartbeat(first.item.number, first.slot, first.token, ana.number, 900)
    assert not desk.store.claims.heartbeat(first.item.number, first.slot, first.token, rui.number, 900)
    clock.at += timedelta(seconds=600)
    taken = desk.claim(eva)
    assert (taken.item.number, taken.slot, taken.token) == (second.item.number, second.slot, second.token + 1)


def test_an_answer_after_the_lease_counts_while_the_slot_is_free(desk: Desk, clock: Still) -> None:
    (ana,) = people(desk.store, 1)
    claimed = desk.claim(ana)
    clock.at += LATER
    assert isinstance(desk.submit(claimed, ana), Submitted)


def test_an_answer_to_a_slot_that_went_to_another_takes_a_free_one_or_comes_too_late(desk: Desk, clock: Still) -> None:
    ana, rui, eva = people(desk.store, 3)
    claimed = desk.claim(ana)
    clock.at += LATER
    desk.answer(rui)
    assert isinstance(desk.submit(claimed, ana), Submitted)  # the second slot is free
    late = desk.claim(eva)
    assert late.item.case_id == "case-1"
    clock.at += LATER
    for who in (ana, rui):
        desk.answer(who)
    assert desk.submit(late, eva) == TooLate(late.item.number)


def test_the_same_answer_sent_twice_is_kept_once(desk: Desk) -> None:
    (ana,) = people(desk.store, 1)
    claimed = desk.claim(ana)
    first, second = desk.submit(claimed, ana), desk.submit(claimed, ana, BAD)
    assert isinstance(first, Submitted)
    assert isinstance(second, Submitted)
    assert first.review == second.review
    assert [one.answers for one in desk.store.reviews.of_item(claimed.item.number)] == [GOOD.answers]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"answers": "answered"}, "'tone' is not answered; choose a label, or `unknown`"),
        (
            {"answers": "yes", "tone": "kind"},
            "'yes' is no answer to 'answers'; known are answered, not_answered, unknown",
        ),
        ({"answers": "answered", "tone": "kind", "tonne": "kind"}, "nothing called 'tonne'. Did you mean 'tone'?"),
    ],
)
def test_an_answer_that_was_not_asked_for_is_refused_in_one_line(desk: Desk, answers: dict, said: str) -> None:
    (ana,) = people(desk.store, 1)
    claimed = desk.claim(ana)
    with pytest.raises(WrongAsWritten, match=said.replace("?", r"\?")):
        desk.submit(claimed, ana, Given(answers=answers))
    assert isinstance(desk.submit(claimed, ana), Submitted)


def test_two_who_agree_close_an_item_and_give_its_labels(desk: Desk) -> None:
    ana, rui = people(desk.store, 2)
    assert not desk.answer(ana).closed
    assert desk.answer(rui).closed
    labels = list(desk.store.labels.stream())
    assert [(one.criterion, one.label, one.value, one.people, one.basis, one.blind) for one in labels] == [
        ("", "answered", 1.0, 2, "agreed", True),
        ("tone", "kind", 1.0, 2, "agreed", True),
    ]
    assert {(one.probability, one.split, one.source, one.rubric_digest) for one in labels} == {
        (0.5, "test", "queue:support", RUBRIC.digest)
    }


def test_two_who_disagree_are_joined_by_a_third_whose_word_decides(desk: Desk) -> None:
    ana, rui, eva = people(desk.store, 3)
    desk.answer(ana)
    assert not desk.answer(rui, BAD).closed
    item = desk.store.items.get(desk.claim(eva).item.number)
    assert (item.case_id, item.slots, item.state) == ("case-0", 3, "open")
    assert desk.answer(eva, BAD).closed
    assert [(one.criterion, one.label, one.people) for one in desk.store.labels.stream()] == [
        ("", "not_answered", 2),
        ("tone", "kind", 3),
    ]


def test_three_who_leave_a_tie_are_adjudicated_by_a_fourth(desk: Desk) -> None:
    ana, rui, eva, leo = people(desk.store, 4)
    number = desk.answer(ana).item.number
    desk.answer(rui, BAD)
    desk.answer(eva, Given(answers={"answers": "unknown", "tone": "kind"}))
    assert desk.store.items.get(number).state == "adjudicating"
    assert list(desk.store.labels.stream()) == []
    with pytest.raises(WrongAsWritten, match="a third person decides"):
        desk.store.closing.adjudicate(desk.queue, number, ana.number, GOOD)
    assert desk.store.closing.adjudicate(desk.queue, number, leo.number, BAD).state == "closed"
    assert [(one.label, one.basis) for one in desk.store.labels.stream()] == [
        ("not_answered", "adjudicated"),
        ("kind", "adjudicated"),
    ]
    with pytest.raises(WrongAsWritten, match="somebody has decided it already"):
        desk.store.closing.adjudicate(desk.queue, number, leo.number, GOOD)


def test_unknown_is_no_label(desk: Desk) -> None:
    ana, rui = people(desk.store, 2)
    for who in (ana, rui):
        desk.answer(who, Given(answers={"answers": "unknown", "tone": "kind"}))
    assert [one.criterion for one in desk.store.labels.stream()] == ["tone"]


def test_one_label_beside_an_unknown_is_no_agreement_and_a_third_person_is_asked(desk: Desk) -> None:
    ana, rui, eva = people(desk.store, 3)
    number = desk.answer(ana).item.number
    assert not desk.answer(rui, CANNOT_TELL).closed
    assert (desk.store.items.get(number).slots, list(desk.store.labels.stream())) == (3, [])
    assert desk.answer(eva).closed
    assert [(one.criterion, one.people, one.basis) for one in desk.store.labels.stream()] == [
        ("", 2, "agreed"),
        ("tone", 3, "agreed"),
    ]


def test_one_label_among_unknowns_is_adjudicated_once_nobody_else_is_asked(desk: Desk) -> None:
    ana, rui, eva, leo = people(desk.store, 4)
    number = desk.answer(ana).item.number
    desk.answer(rui, CANNOT_TELL)
    assert not desk.answer(eva, CANNOT_TELL).closed
    assert desk.store.items.get(number).state == "adjudicating"
    desk.store.closing.adjudicate(desk.queue, number, leo.number, BAD)
    assert {one.basis for one in desk.store.labels.stream()} == {"adjudicated"}


def test_a_declined_item_is_not_offered_again_to_that_person(desk: Desk) -> None:
    ana, rui = people(desk.store, 2)
    first = desk.claim(ana)
    desk.store.claims.decline(first.item.number, ana.number, "affects_me")
    assert desk.claim(ana).item.case_id == "case-1"
    assert desk.claim(rui).item.case_id == "case-0"


def test_an_item_given_back_goes_to_the_next(desk: Desk) -> None:
    (ana,) = people(desk.store, 1)
    claimed = desk.claim(ana)
    desk.store.claims.release(claimed.item.number, claimed.slot, claimed.token, ana.number)
    again = desk.claim(ana)
    assert again.item.number == claimed.item.number
    assert again.token > claimed.token


def test_an_answer_is_edited_until_its_item_closes(desk: Desk) -> None:
    ana, rui = people(desk.store, 2)
    number = desk.answer(ana).item.number
    marked = Marked(criterion="tone", start=0, end=3)
    desk.store.claims.edit(desk.queue, number, ana.number, BAD.model_copy(update={"spans": (marked,)}))
    (review,) = desk.store.reviews.of_item(number)
    assert (review.answers, review.spans, review.edited_at is not None) == (BAD.answers, (marked,), True)
    desk.answer(rui, BAD)
    with pytest.raises(WrongAsWritten, match="this item is closed"):
        desk.store.claims.edit(desk.queue, number, ana.number, GOOD)
    with pytest.raises(WrongAsWritten, match="you have not answered this item"):
        desk.store.claims.edit(desk.queue, number, 99, GOOD)


def test_undo_takes_the_answer_and_all_that_followed_from_it_back(desk: Desk) -> None:
    ana, rui = people(desk.store, 2)
    number = desk.answer(ana).item.number
    desk.answer(rui)
    assert len(list(desk.store.labels.stream())) == 2
    again = desk.store.claims.undo(desk.queue, number, rui.number)
    assert (again.item.state, list(desk.store.labels.stream())) == ("open", [])
    submitted = desk.submit(again, rui, BAD)
    assert isinstance(submitted, Submitted)
    assert submitted.item.slots == 3
    assert desk.store.claims.undo(desk.queue, number, rui.number).item.slots == 2


def test_undo_is_refused_once_others_answered_or_much_later(desk: Desk, clock: Still) -> None:
    ana, rui = people(desk.store, 2)
    number = desk.answer(ana).item.number
    desk.answer(rui)
    with pytest.raises(WrongAsWritten, match="others have answered since"):
        desk.store.claims.undo(desk.queue, number, ana.number)
    clock.at += timedelta(hours=1)
    with pytest.raises(WrongAsWritten, match="too long ago"):
        desk.store.claims.undo(desk.queue, number, rui.number)


def test_who_was_shown_the_judges_answer_is_not_blind(store: Store, clock: Still) -> None:
    said = Judged(check="answers", digest="2" * 32, value=1.0, label="answered")
    queue = filled(store, 1, ONE, judged=(said,))
    (ana,) = people(store, 1)
    desk = Desk(store, queue)
    claimed = desk.claim(ana)
    assert store.items.reveal(claimed.item.number, ana.number) == (said,)
    desk.submit(claimed, ana)
    assert [one.revealed for one in store.reviews.of_item(claimed.item.number)] == [True]
    assert {one.blind for one in store.labels.stream()} == {False}


def test_practice_comes_first_and_explains_itself_and_gold_is_hidden_among_the_rest(store: Store, clock: Still) -> None:
    queue = filled(store, 4, QueueSettings(reviews_required=1, practice=1, gold_rate=1))
    known = {"expected": GOOD.answers, "language": "es", "split": "dev", "case_id": "known"}
    digests = [one.sample_digest for one in store.items.page(queue.number)][:2]
    other = store.queues.create("other", RUBRIC, QueueSettings(practice=1, gold_rate=1, reviews_required=1), "user:ana")
    for digest, reason in zip(digests, ("practice", "gold"), strict=True):
        item = {**known, "sample_digest": digest, "reason": reason, "explanation": "It answers."}
        store.items.add(other, [NewItem.model_validate(item)])
    ana, rui = people(store, 2)
    desk = Desk(store, other)
    practised, gold = desk.answer(ana, BAD), desk.answer(ana, BAD)
    assert (practised.item.reason, practised.expected) == ("practice", GOOD.answers)
    assert (gold.item.reason, gold.expected, gold.item.state) == ("gold", None, "open")
    assert store.claims.claim(other, ana) is None
    assert desk.claim(rui).item.reason == "practice"
    assert list(store.labels.stream()) == []


def test_a_removed_item_is_asked_of_nobody(desk: Desk) -> None:
    (ana,) = people(desk.store, 1)
    claimed = desk.claim(ana)
    desk.store.items.remove(claimed.item.number)
    assert desk.submit(claimed, ana) == TooLate(claimed.item.number)
    assert desk.claim(ana).item.case_id == "case-1"


def test_progress_is_counted_by_queue_and_by_person(desk: Desk) -> None:
    ana, rui = people(desk.store, 2)
    for who in (ana, rui):
        desk.answer(who)
    assert tuple(desk.store.queues.progress()[desk.queue.number]) == (2, 0, 1, 0)
    queue = desk.queue.number
    assert desk.store.queues.mine([queue], ana.number, ("es",)) == {queue: (1, 2)}


def test_eight_people_at_once_lose_no_item_and_fill_none_twice(store: Store) -> None:
    store.database.clock = now
    settings = QueueSettings(practice=0, gold_rate=0, lease_s=30)
    queue = filled(store, 60, settings)
    reviewers = people(store, 8)
    with store.database.write() as connection:
        connection.execute(text("UPDATE queue SET settings = :settings"), {"settings": settings.model_dump_json()})
    trouble: list[BaseException] = []

    def work(who: Reviewer) -> None:
        dice, desk = Random(who.number), Desk(store, queue)
        try:
            for _ in range(400):
                claimed = store.claims.claim(queue, who)
                if claimed is None:
                    return
                if dice.random() < 0.1:
                    _die_holding(store, claimed.item.number, claimed.slot)
                    continue
                desk.submit(claimed, who, GOOD)
        except BaseException as error:  # noqa: BLE001 - told by the test
            trouble.append(error)

    threads = [threading.Thread(target=work, args=(who,)) for who in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert trouble == []
    answered = Counter(one.item for one in store.reviews.stream(queue.number))
    assert (len(answered), set(answered.values())) == (60, {2})
    assert {one.state for one in store.items.page(queue.number, limit=100)} == {"closed"}


def _die_holding(store: Store, item: int, slot: int) -> None:
    """Let a lease end at once, as if its reviewer's machine had died long ago."""
    ended = text("UPDATE assignment SET lease_until = :past, reviewer = NULL WHERE item = :item AND slot = :slot")
    with store.database.write() as connection:
        connection.execute(ended, {"past": "2020-01-01 00:00:00+00:00", "item": item, "slot": slot})
