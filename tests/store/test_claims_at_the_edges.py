"""Claims where they are easily got wrong: two tabs, forged tokens, another queue's answers, 100,000 items."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, event, text

from evalgate.core.errors import WrongAsWritten
from evalgate.core.review import Marked, QueueSettings
from evalgate.store.bulk import Upsert
from evalgate.store.claims import Submitted, TooLate
from evalgate.store.engine import Store
from evalgate.store.items import NewItem
from evalgate.store.tables import metadata
from evalgate.store.tables.runs import SAMPLE_COLUMNS
from tests.store.review_scenes import BAD, GOOD, RUBRIC, Desk, filled, people
from tests.store.scenes import NOON, manifest, marked

PLAIN = QueueSettings(practice=0, gold_rate=0, lease_s=60)


class Still:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock(store: Store) -> Still:
    store.database.clock = still = Still()
    return still


def new(digest: str, **changes: object) -> NewItem:
    return NewItem.model_validate(
        {"sample_digest": digest, "case_id": "case", "language": "es", "split": "test", **changes}
    )


def stored(store: Store, count: int) -> list[str]:
    """Store so many samples and give their digests."""
    store.runs.start(manifest())
    batch = [marked(number, f"Respuesta {number}.") for number in range(count)]
    store.runs.writer(manifest().id).keep(batch)
    return [one.sample_digest for one in batch]


def test_one_person_in_four_tabs_at_once_gets_one_item_and_no_error(store: Store, clock: Still) -> None:
    desk = Desk(store, filled(store, 20, PLAIN))
    (ana,) = people(store, 1)
    for _ in range(20):
        together = threading.Barrier(4)

        def claim(_: int, together: threading.Barrier = together) -> int:
            together.wait()
            return desk.claim(ana).item.number

        with ThreadPoolExecutor(4) as threads:
            assert len(set(threads.map(claim, range(4)))) == 1
        desk.answer(ana)


def test_nobody_answers_an_item_that_was_never_handed_out(store: Store, clock: Still) -> None:
    queue = filled(store, 1, PLAIN)
    (ana,) = people(store, 1)
    item = store.items.page(queue.number)[0].number
    assert isinstance(store.claims.submit(queue, item, 1, 1, ana.number, GOOD), TooLate)


def test_an_answer_belongs_to_the_queue_that_asked(store: Store, clock: Still) -> None:
    desk = Desk(store, filled(store, 1, PLAIN))
    other = store.queues.create("other", RUBRIC, PLAIN, "user:ana")
    (ana,) = people(store, 1)
    claimed = desk.claim(ana)
    with pytest.raises(WrongAsWritten):
        Desk(store, other).submit(claimed, ana)


def test_a_tab_from_before_an_undo_answers_the_slot_held_now(store: Store, clock: Still) -> None:
    desk = Desk(store, filled(store, 1, PLAIN))
    (ana,) = people(store, 1)
    old = desk.claim(ana)
    desk.submit(old, ana)
    held = store.claims.undo(desk.queue, old.item.number, ana.number)
    late = desk.submit(old, ana, BAD)
    again = desk.submit(held, ana)
    assert isinstance(late, Submitted)
    assert isinstance(again, Submitted)
    assert late.review == again.review


def test_a_late_answer_goes_to_another_slot_that_is_free(store: Store, clock: Still) -> None:
    desk = Desk(store, filled(store, 1, PLAIN))
    ana, rui = people(store, 2)
    late = desk.claim(ana)
    clock.at += timedelta(seconds=61)
    taken = desk.claim(rui)
    assert taken.slot == late.slot
    assert isinstance(desk.submit(late, ana), Submitted)
    assert desk.submit(taken, rui).closed  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "span",
    [
        Marked(criterion="answers", start=0, end=13),
        Marked(criterion="answers", side="context", start=0, end=1),
        Marked(criterion="answers", side="input", start=0, end=999),
        Marked(criterion="answers", index=1, start=0, end=1),
    ],
)
def test_a_stretch_beyond_the_text_is_refused(store: Store, clock: Still, span: Marked) -> None:
    desk = Desk(store, filled(store, 1, PLAIN))
    (ana,) = people(store, 1)
    claimed = desk.claim(ana)
    with pytest.raises(WrongAsWritten, match="stretch"):
        desk.submit(claimed, ana, GOOD.model_copy(update={"spans": (span,)}))
    whole = Marked(criterion="answers", start=0, end=len("Respuesta 0."))
    assert isinstance(desk.submit(claimed, ana, GOOD.model_copy(update={"spans": (whole,)})), Submitted)


def test_another_project_neither_claims_nor_declines_nor_renews(store: Store, clock: Still) -> None:
    desk = Desk(store, filled(store, 1, PLAIN))
    ana, rui = people(store, 2)
    claimed = desk.claim(ana)
    other = store.within(store.access.create_project("sales", "Sales").number)
    assert not other.claims.heartbeat(claimed.item.number, claimed.slot, claimed.token, ana.number, 60)
    other.claims.release(claimed.item.number, claimed.slot, claimed.token, ana.number)
    with pytest.raises(WrongAsWritten):
        other.claims.decline(claimed.item.number, ana.number, "declined")
    with pytest.raises(WrongAsWritten):
        Desk(other, desk.queue).claim(rui)
    assert desk.claim(ana).item.number == claimed.item.number


def test_first_in_first_out_pays_no_heed_to_value(store: Store, clock: Still) -> None:
    digests = stored(store, 2)
    queue = store.queues.create("support", RUBRIC, PLAIN, "user:ana")
    store.items.add(queue, [new(digests[0], priority=0.1), new(digests[1], priority=0.9)])
    (ana,) = people(store, 1)
    assert Desk(store, queue).claim(ana).item.sample_digest == digests[0]


def test_by_value_the_largest_comes_first(store: Store, clock: Still) -> None:
    digests = stored(store, 2)
    queue = store.queues.create("support", RUBRIC, PLAIN.model_copy(update={"order": "value"}), "user:ana")
    store.items.add(queue, [new(digests[0], priority=0.1), new(digests[1], priority=0.9)])
    (ana,) = people(store, 1)
    assert Desk(store, queue).claim(ana).item.sample_digest == digests[1]


def test_an_answer_edited_after_a_reveal_is_not_blind(store: Store, clock: Still) -> None:
    desk = Desk(store, filled(store, 1, PLAIN))
    ana, rui = people(store, 2)
    done = desk.answer(ana, BAD)
    store.items.reveal(done.item.number, ana.number)
    store.claims.edit(desk.queue, done.item.number, ana.number, GOOD)
    desk.answer(rui)
    assert [label.blind for label in store.labels.stream("answers", "")] == [False]


def test_a_sample_that_is_not_here_is_one_line_and_adds_nothing(store: Store, clock: Still) -> None:
    digests = stored(store, 1)
    queue = store.queues.create("support", RUBRIC, PLAIN, "user:ana")
    with pytest.raises(WrongAsWritten, match="sample"):
        store.items.add(queue, [new(digests[0]), new("f" * 32)])
    assert store.items.page(queue.number) == ()


def test_a_sample_is_in_a_queue_once_however_often_it_is_added(store: Store, clock: Still) -> None:
    digests = stored(store, 3)
    queue = store.queues.create("support", RUBRIC, PLAIN, "user:ana")
    assert store.items.add(queue, map(new, digests[:2])) == 2
    assert store.items.add(queue, map(new, [*digests, digests[2]])) == 1
    with store.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM assignment")).scalar() == 6


ITEMS = 20_000


def twenty_thousand(store: Store) -> Desk:
    """Make a queue of as many items; they are about one stored sample each, as they would be."""
    store.runs.start(manifest())
    queue = store.queues.create("support", RUBRIC, PLAIN, "user:ana")
    digests = [f"{number:032x}" for number in range(ITEMS)]
    with store.database.cursor() as cursor:
        Upsert(metadata.tables["sample"], SAMPLE_COLUMNS, store.database.engine.dialect, wins="first").write(
            cursor, [(store.project, digest, '{"input": "?", "text": "!"}') for digest in digests]
        )
    assert store.items.add(queue, map(new, digests)) == ITEMS
    return Desk(store, queue)


def plans(store: Store, statements: list[tuple[str, object]]) -> str:
    """Return how the database goes about the statements."""
    explain = "EXPLAIN QUERY PLAN " if store.database.is_sqlite else "EXPLAIN "
    with store.database.read() as connection:
        rows = [row for sql, given in statements for row in connection.exec_driver_sql(explain + sql, given)]  # type: ignore[arg-type]
    return "\n".join(str(row[-1]) for row in rows)


def test_a_claim_among_twenty_thousand_items_reads_an_index(store: Store, clock: Still) -> None:
    desk = twenty_thousand(store)
    (ana,) = people(store, 1)
    said: list[tuple[str, object]] = []

    def listen(connection: Connection, cursor: object, sql: str, given: object, *_: object) -> None:
        said.append((sql, given))

    event.listen(store.database.engine, "before_cursor_execute", listen)
    claimed = desk.claim(ana)
    desk.submit(claimed, ana)
    event.remove(store.database.engine, "before_cursor_execute", listen)
    plan = plans(store, [one for one in said if one[0].split()[0] in {"SELECT", "UPDATE", "WITH"}])
    assert "ix_assignment_queue_state_rank_item_slot" in plan
    assert "Seq Scan on assignment" not in plan
    assert "Seq Scan on queue_item" not in plan
    assert "SCAN assignment" not in plan
    assert "SCAN queue_item" not in plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan
