"""The audit: added to, sealed once, and honest about what was done to it behind the seal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from evalgate.store.audit import AT_ONCE
from evalgate.store.engine import Store


def written(store: Store, rows: int, project: int | None = 1) -> None:
    with store.database.write() as connection:
        for number in range(rows):
            store.audit.add(connection, project, "user:ana", "key.created", f"key:{number}", scopes=["gate"])


def test_what_was_done_is_listed_the_newest_first(store: Store) -> None:
    written(store, 3)
    written(store, 1, project=None)
    first, second = store.audit.list(1, limit=2)
    assert (first.subject, second.subject) == ("key:2", "key:1")
    assert first.detail == {"scopes": ["gate"]}
    assert [one.subject for one in store.audit.list(1, after=second.number)] == ["key:0"]
    assert len(store.audit.list()) == 4


def test_what_is_undone_was_never_done(store: Store) -> None:
    def fail() -> None:
        with store.database.write() as connection:
            store.audit.add(connection, 1, "user:ana", "key.created", "key:1")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert store.audit.list() == ()


def test_sealing_numbers_the_rows_and_the_chain_holds(store: Store) -> None:
    written(store, 5)
    assert store.audit.verify().model_dump() == {"ok": True, "rows": 0, "first_broken": None, "unsealed": 5}
    assert store.audit.seal(limit=3) == 3
    written(store, 2)
    assert (store.audit.seal(), store.audit.seal()) == (4, 0)
    assert store.audit.verify().model_dump() == {"ok": True, "rows": 7, "first_broken": None, "unsealed": 0}
    assert [one.place for one in store.audit.list()] == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("tampering", "broken"),
    [
        (("UPDATE audit SET subject = 'key:9' WHERE place = 3",), 3),
        (("UPDATE audit SET actor = 'user:eve' WHERE place = 1",), 1),
        (("UPDATE audit SET action = 'key.revoked' WHERE place = 2",), 2),
        (("UPDATE audit SET project = NULL WHERE place = 2",), 2),
        (("UPDATE audit SET at = '2020-01-01 00:00:00+00:00' WHERE place = 4",), 4),
        (("UPDATE audit SET detail = '{}' WHERE place = 5",), 5),
        (("UPDATE audit SET digest = NULL WHERE place = 6",), 6),
        (("DELETE FROM audit WHERE place = 2",), 2),
        (("DELETE FROM audit WHERE place = 1",), 1),
        (("UPDATE audit SET place = NULL, digest = NULL WHERE place = 3",), 3),
        (
            (
                "UPDATE audit SET place = 100 WHERE place = 4",
                "UPDATE audit SET place = 4 WHERE place = 6",
                "UPDATE audit SET place = 6 WHERE place = 100",
            ),
            4,
        ),
    ],
)
def test_what_was_changed_behind_the_seal_is_found(store: Store, tampering: tuple[str, ...], broken: int) -> None:
    written(store, 6)
    store.audit.seal()
    with store.database.write() as connection:
        for statement in tampering:
            connection.execute(text(statement))
    found = store.audit.verify()
    assert (found.ok, found.first_broken) == (False, broken)


@pytest.mark.parametrize(("forged_place", "broken"), [(3, 3), (0, 1), (-7, 1), (9, 3)])
def test_a_row_put_in_behind_the_seal_is_found(store: Store, forged_place: int, broken: int) -> None:
    written(store, 2)
    store.audit.seal()
    forged = (
        "INSERT INTO audit (number, project, at, actor, action, subject, detail, place, digest)"
        " SELECT 77, project, at, actor, action, subject, detail, :place, digest FROM audit WHERE place = 2"
    )
    with store.database.write() as connection:
        connection.execute(text(forged), {"place": forged_place})
    assert store.audit.verify().first_broken == broken


def test_a_change_far_down_a_long_chain_is_found(store: Store) -> None:
    written(store, 2 * AT_ONCE + 1)
    assert store.audit.seal() == 2 * AT_ONCE + 1
    assert store.audit.verify().model_dump() == {"ok": True, "rows": 2001, "first_broken": None, "unsealed": 0}
    with store.database.write() as connection:
        connection.execute(text("UPDATE audit SET actor = 'user:eve' WHERE place = 2001"))
    assert store.audit.verify().first_broken == 2001


def test_a_row_committed_late_is_sealed_by_a_later_call(postgres_store: Store) -> None:
    audit = postgres_store.audit
    with postgres_store.database.write() as slow:
        audit.add(slow, 1, "user:ana", "key.created", "slow")
        written(postgres_store, 2)
        assert audit.seal() == 2
    assert (audit.seal(), audit.verify().ok) == (1, True)
    by_number = sorted(audit.list(), key=lambda entry: entry.number)
    assert [(entry.subject, entry.place) for entry in by_number] == [("slow", 3), ("key:0", 1), ("key:1", 2)]


def test_rows_added_while_others_seal_all_get_a_place(store: Store) -> None:
    with ThreadPoolExecutor(4) as pool:
        adding = [pool.submit(written, store, 20) for _ in range(10)]
        sealing = [pool.submit(store.audit.seal, 15) for _ in range(10)]
        sealed = sum(task.result() for task in sealing)
        assert [task.result() for task in adding] == [None] * 10
    sealed += store.audit.seal()
    found = store.audit.verify()
    assert (sealed, found.ok, found.rows, found.unsealed) == (200, True, 200, 0)


def test_several_sealers_give_each_row_one_place(store: Store) -> None:
    written(store, 200)
    with ThreadPoolExecutor(4) as pool:
        sealed = list(pool.map(lambda _: store.audit.seal(limit=30), range(10)))
    assert sum(sealed) == 200
    assert store.audit.verify().model_dump() == {"ok": True, "rows": 200, "first_broken": None, "unsealed": 0}
