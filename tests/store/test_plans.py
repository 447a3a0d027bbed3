"""What pages ask of a store is answered from indexes: no large table is read whole, on either database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Connection, event

from evalgate.store.engine import Store
from evalgate.store.pages import Pages
from evalgate.store.tallies import outcome_counts, pushed_by
from tests.store.scenes import manifest, marked, summary

LARGE = ("outcome", "run_sample", "sample", "queue_item", "assignment", "review", "audit")
Said = list[tuple[str, object]]


@contextmanager
def listening(store: Store) -> Iterator[Said]:
    """Collect what the block sends, with its parameters."""
    said: Said = []

    def listen(_: Connection, cursor: object, sql: str, given: object, *more: object) -> None:
        said.append((sql, given))

    event.listen(store.database.engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(store.database.engine, "before_cursor_execute", listen)


def plan(store: Store, said: Said) -> str:
    """Return how the database goes about these statements; PostgreSQL may not read whole what an index leads to."""
    sqlite = store.database.is_sqlite
    with store.database.read() as connection:
        connection.exec_driver_sql("SELECT 1" if sqlite else "SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN QUERY PLAN " if sqlite else "EXPLAIN "
        asked = [one for one in said if one[0].split()[0] in {"SELECT", "WITH"}]
        rows = [row for sql, given in asked for row in connection.exec_driver_sql(explain + sql, given)]  # type: ignore[arg-type]
    return "\n".join(str(row[-1]) for row in rows)


def read_whole(told: str) -> list[str]:
    return [name for name in LARGE if f"SCAN {name}\n" in f"{told}\n" or f"Seq Scan on {name} " in told]


@pytest.fixture
def run(store: Store) -> str:
    made = manifest()
    store.runs.start(made)
    store.runs.writer(made.id).keep([marked(position) for position in range(30)])
    store.runs.finish(made.id, summary(made, 30))
    return made.id


def test_a_table_that_is_read_whole_is_found(store: Store) -> None:
    with listening(store) as said, store.database.read() as connection:
        connection.exec_driver_sql("SELECT * FROM outcome WHERE label = 'kind'")
    assert read_whole(plan(store, said)) == ["outcome"]


def test_a_finished_run_is_counted_without_reading_an_outcome(store: Store, run: str) -> None:
    stored = store.runs.get(run)
    with listening(store) as said:
        counts = outcome_counts(store.database, stored)
    assert [one.scored for one in counts] == [30, 30]
    assert not [sql for sql, _ in said if "outcome" in sql]


def test_a_page_of_samples_reads_an_index(store: Store, run: str) -> None:
    stored = store.runs.get(run)
    with listening(store) as said:
        assert len(Pages(store.database, store.project).samples(stored, 9, 10).rows) == 10
    assert [sql for sql, _ in said if "outcome" in sql]
    assert read_whole(plan(store, said)) == []


def test_who_pushed_a_decision_is_found_by_its_name(store: Store) -> None:
    with listening(store) as said:
        assert pushed_by(store.database, store.project, ["a" * 12]) == {}
    told = plan(store, said)
    assert "ix_audit_project_subject" in told
    assert read_whole(told) == []


def test_a_page_of_items_reads_an_index(store: Store) -> None:
    with listening(store) as said:
        assert store.items.page(1, state="open", after=20) == ()
        assert store.items.page(1, reason="gold") == ()
    assert read_whole(plan(store, said)) == []
