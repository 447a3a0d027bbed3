"""Two projects of one database: what one holds, the other neither sees nor changes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import Session

from evalgate.core.errors import WrongAsWritten
from evalgate.store.engine import DEFAULT_PROJECT, Store
from evalgate.store.tables import ProjectRow
from tests.store.scenes import answer, manifest, marked, summary


@pytest.fixture
def other(store: Store) -> Store:
    """Another project beside the default one."""
    with store.database.write() as connection, Session(connection) as session:
        row = ProjectRow(name="sales", title="Sales", created_at=datetime(2026, 11, 21, tzinfo=UTC))
        session.add(row)
        session.flush()
        assert row.number is not None
        return store.within(row.number)


def with_run(store: Store, text: str) -> str:
    made = manifest()
    store.runs.start(made)
    store.runs.writer(made.id).keep([marked(0, text)])
    store.runs.finish(made.id, summary(made, 1))
    return made.id


def test_a_new_store_has_one_project(store: Store) -> None:
    with store.database.read() as connection, Session(connection) as session:
        row = session.get_one(ProjectRow, DEFAULT_PROJECT)
        assert (row.name, store.project) == ("default", DEFAULT_PROJECT)


def test_a_project_does_not_see_the_runs_of_another(store: Store, other: Store) -> None:
    run = with_run(store, "Tres días.")
    assert other.runs.list() == ()
    with pytest.raises(WrongAsWritten, match="is not in"):
        other.runs.get(run)
    with pytest.raises(WrongAsWritten, match="is not in"):
        list(other.runs.stream(run[:4]))


def test_runs_of_one_id_live_side_by_side(store: Store, other: Store) -> None:
    run = with_run(store, "Tres días.")
    assert with_run(other, "Três dias.") == run
    assert [one.sample.output.text for one in store.runs.stream(run)] == ["Tres días."]
    assert [one.sample.output.text for one in other.runs.stream(run)] == ["Três dias."]


def test_a_text_pushed_under_a_known_digest_changes_nothing_elsewhere(store: Store, other: Store) -> None:
    run = with_run(store, "Tres días.")
    forged = marked(0, "¡Regalamos todo!")._replace(sample_digest=marked(0, "Tres días.").sample_digest)
    other.runs.start(manifest())
    other.runs.writer(run).keep([forged])
    assert next(store.runs.stream(run)).sample.output.text == "Tres días."


def test_a_run_of_another_project_is_no_baseline(store: Store, other: Store) -> None:
    run = with_run(store, "Tres días.")
    with pytest.raises(WrongAsWritten, match="is not in"):
        other.baselines.accept("main", run, by="ana", reason="ours now")
    store.baselines.accept("main", run, by="ana", reason="first")
    assert other.baselines.current("support", "main") is None
    assert other.baselines.list() == ()


def test_a_reply_paid_for_by_one_project_is_not_read_by_another(store: Store, other: Store) -> None:
    store.journal.keep([answer(1, b"ours")])
    assert other.journal.recall([answer(1).key]) == {}
    other.journal.keep([answer(1, b"theirs")])
    assert store.journal.recall([answer(1).key]) == {answer(1).key: b"ours"}
