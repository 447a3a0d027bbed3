"""What a queue asks: it can be changed while there is nothing to ask about, and never afterwards."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.core.review import QueueSettings
from evalgate.store.engine import Store
from evalgate.store.items import NewItem
from evalgate.store.queues import Queue
from tests.store.review_scenes import RUBRIC, filled
from tests.store.scenes import manifest, marked, summary

OTHER = RUBRIC.model_copy(update={"version": "2"})
PLAIN = QueueSettings(practice=0, gold_rate=0)


def test_a_rubric_is_replaced_while_its_queue_holds_no_item(store: Store) -> None:
    queue = store.queues.create("support", RUBRIC, PLAIN, "user:ana")
    store.queues.set_rubric(queue.number, OTHER)
    assert store.queues.get("support").rubric == OTHER


def test_a_rubric_stays_once_its_queue_holds_an_item_even_one_taken_out(store: Store) -> None:
    queue = filled(store, 1)
    (item,) = store.items.page(queue.number)
    store.items.remove(item.number)
    with pytest.raises(WrongAsWritten, match=r"queue 'support' holds items, so its rubric stays; make another queue"):
        store.queues.set_rubric(queue.number, OTHER)
    store.queues.set_rubric(queue.number, RUBRIC)
    assert store.queues.get("support").rubric == RUBRIC


def test_another_project_changes_no_rubric(store: Store) -> None:
    queue = store.queues.create("support", RUBRIC, PLAIN, "user:ana")
    other = store.within(store.access.create_project("sales", "Sales").number)
    with pytest.raises(WrongAsWritten, match="there is no queue"):
        other.queues.set_rubric(queue.number, OTHER)
    assert store.queues.get("support").rubric == RUBRIC


def version_after_filling(store: Store, queue: Queue, item: NewItem, gate: Barrier) -> str:
    gate.wait()
    store.items.add(queue, [item])
    return store.queues.get(queue.number).rubric.version


def change(store: Store, queue: Queue, gate: Barrier) -> None:
    gate.wait()
    with suppress(WrongAsWritten):
        store.queues.set_rubric(queue.number, OTHER)


def test_a_rubric_and_the_first_item_that_come_at_once_leave_no_item_under_another_rubric(store: Store) -> None:
    made = manifest()
    store.runs.start(made)
    one = marked(0, "Respuesta.")
    store.runs.writer(made.id).keep([one])
    store.runs.finish(made.id, summary(made, 1))
    item = NewItem(sample_digest=one.sample_digest, case_id=one.sample.case.id, language="es", split="test")
    for turn in range(8):
        queue = store.queues.create(f"support-{turn}", RUBRIC, PLAIN, "user:ana")
        gate = Barrier(2)

        with ThreadPoolExecutor(2) as people:
            seen = people.submit(version_after_filling, store, queue, item, gate)
            people.submit(change, store, queue, gate).result()
            assert store.queues.get(queue.number).rubric.version == seen.result()
