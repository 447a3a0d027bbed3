"""The audit: added to, sealed once, and honest about what was done to it behind the seal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

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
        ("UPDATE audit SET subject = 'key:9' WHERE place = 3", 3),
        ("UPDATE audit SET actor = 'user:eve' WHERE place = 1", 1),
        ("UPDATE audit SET at = '2020-01-01 00:00:00+00:00' WHERE place = 4", 4),
        ("UPDATE audit SET detail = '{}' WHERE place = 5", 5),
        ("DELETE FROM audit WHERE place = 2", 2),
        ("DELETE FROM audit WHERE place = 1", 1),
        ("UPDATE audit SET place = 10 - place WHERE place IN (4, 6)", 4),
    ],
)
def test_what_was_changed_behind_the_seal_is_found(store: Store, tampering: str, broken: int) -> None:
    written(store, 6)
    store.audit.seal()
    with store.database.write() as connection:
        for statement in _apart(tampering):
            connection.execute(text(statement))
    assert store.audit.verify().first_broken == broken


def _apart(tampering: str) -> list[str]:
    """Return statements that move two rows past one another without breaking the uniqueness of places."""
    if "10 - place" not in tampering:
        return [tampering]
    moves = [(4, 100), (6, 4), (100, 6)]
    return [f"UPDATE audit SET place = {to} WHERE place = {start}" for start, to in moves]  # noqa: S608 - our own


def test_a_row_put_in_behind_the_seal_is_found(store: Store) -> None:
    written(store, 2)
    store.audit.seal()
    forged = (
        "INSERT INTO audit (number, project, at, actor, action, subject, detail, place, digest)"
        " SELECT 77, project, at, actor, action, subject, detail, 3, digest FROM audit WHERE place = 2"
    )
    with store.database.write() as connection:
        connection.execute(text(forged))
    assert store.audit.verify().first_broken == 3


def test_several_sealers_give_each_row_one_place(store: Store) -> None:
    written(store, 200)
    with ThreadPoolExecutor(4) as pool:
        sealed = list(pool.map(lambda _: store.audit.seal(limit=30), range(10)))
    assert sum(sealed) == 200
    assert store.audit.verify().model_dump() == {"ok": True, "rows": 200, "first_broken": None, "unsealed": 0}
