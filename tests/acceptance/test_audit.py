"""`evalgate audit verify`: one line, and an exit code that a nightly job can stop on."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from evalgate.store.audit import Audit
from evalgate.store.engine import open_store
from tests.acceptance.scenes import evalgate, one_line

ROWS = 12


def written(place: str, rows: int = ROWS) -> None:
    with open_store(place) as store:
        audit = Audit(store.database)
        for number in range(rows):
            with store.database.write() as connection:
                audit.add(connection, 1, "user:ana", "key.created", f"key:{number}", scopes=["gate"])


def changed(place: str, statement: str) -> None:
    with open_store(place) as store, store.database.write() as connection:
        assert connection.execute(text(statement)).rowcount == 1


def test_what_nobody_touched_is_sealed_and_fits_together(place: str, tmp_path: Path) -> None:
    written(place)
    for sealed in (ROWS, 0):
        done = evalgate(tmp_path, "audit", "verify", "--database", place)
        assert (done.returncode, done.stderr, done.stdout.count("\n")) == (0, "", 1)
        assert f"{ROWS} rows fit together ({sealed} sealed just now)" in done.stdout


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'user:eva' WHERE place = 5",
        'UPDATE audit SET detail = \'{"scopes":["read"]}\' WHERE place = 5',
        "DELETE FROM audit WHERE place = 5",
    ],
    ids=["another actor", "another detail", "a row taken out"],
)
def test_a_row_that_somebody_changed_is_exit_1_and_named(place: str, tmp_path: Path, statement: str) -> None:
    written(place)
    assert evalgate(tmp_path, "audit", "verify", "--database", place).returncode == 0
    changed(place, statement)
    done = evalgate(tmp_path, "audit", "verify", "--database", place)
    assert (done.returncode, done.stderr, done.stdout.count("\n")) == (1, "", 1)
    assert "broken at row 5" in done.stdout


def test_the_store_is_that_of_every_command_unless_one_is_named(tmp_path: Path) -> None:
    written(str(tmp_path / ".evalgate" / "evalgate.db"), 2)
    written(str(tmp_path / "other.db"), 3)
    assert "2 rows" in evalgate(tmp_path, "audit", "verify").stdout
    env = {"EVALGATE_DATABASE_URL": str(tmp_path / "other.db")}
    assert "3 rows" in evalgate(tmp_path, "audit", "verify", env=env).stdout


def test_without_a_store_it_is_exit_2_and_makes_none(tmp_path: Path) -> None:
    done = evalgate(tmp_path, "audit", "verify")
    assert done.returncode == 2
    assert "there is no store yet" in one_line(done)
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_cannot_be_read_is_exit_4_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "evalgate.db").write_bytes(b"no database at all" * 100)
    done = evalgate(tmp_path, "audit", "verify", "--database", "evalgate.db")
    assert done.returncode == 4
    assert "evalgate.db" in one_line(done)


def test_a_server_that_is_not_there_is_exit_4_in_one_line(tmp_path: Path) -> None:
    done = evalgate(tmp_path, "audit", "verify", "--database", "postgresql://127.0.0.1:9/evalgate")
    assert done.returncode == 4
    one_line(done)
