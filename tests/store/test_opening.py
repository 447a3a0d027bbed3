"""Opening a store: made once, opened quickly, and every way it can go wrong in one line."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text

from evalgate.core.errors import EvalgateError, ServiceBroke, WrongAsWritten
from evalgate.store.engine import Store, open_store
from tests.store.scenes import NOON, StoppedError, answer, at_once, manifest, marked, python, write_and_stop


def test_a_store_is_made_with_its_folder(empty_place: str) -> None:
    with open_store(empty_place) as store:
        assert store.runs.list() == ()
        assert len(store.secret) == 32


def test_a_store_keeps_its_id_and_secret(empty_place: str) -> None:
    with open_store(empty_place) as store:
        made = store.id, store.secret
    with open_store(empty_place) as store:
        assert (store.id, store.secret) == made


def test_two_stores_share_no_secret(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.db") as first, open_store(tmp_path / "b.db") as second:
        assert first.secret != second.secret
        assert first.id != second.id


def test_a_sqlite_store_may_be_named_by_a_url(sqlite_place: str) -> None:
    with open_store(sqlite_place) as by_path, open_store(f"sqlite:///{sqlite_place}") as by_url:
        assert by_path.id == by_url.id


def test_the_folder_evalgate_makes_is_kept_out_of_version_control(tmp_path: Path) -> None:
    open_store(tmp_path / ".evalgate" / "evalgate.db").close()
    assert (tmp_path / ".evalgate" / ".gitignore").read_text() == "*\n"


def test_a_folder_somebody_else_named_is_left_alone(tmp_path: Path) -> None:
    open_store(tmp_path / "mine" / "evalgate.db").close()
    assert not (tmp_path / "mine" / ".gitignore").exists()


def test_a_closed_sqlite_store_is_one_file(sqlite_place: str) -> None:
    with open_store(sqlite_place) as store:
        store.journal.keep([answer(1)])
    assert [path.name for path in Path(sqlite_place).parent.iterdir()] == ["evalgate.db"]


def test_sqlite_is_set_up_for_readers_beside_a_writer(sqlite_store: Store) -> None:
    asked = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
    with sqlite_store.database.read() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked}
    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 30_000}


def test_a_reader_does_not_wait_for_a_writer(store: Store) -> None:
    with store.database.write() as connection:
        connection.execute(text("DELETE FROM reply"))
        assert store.runs.list() == ()


def test_moments_come_back_aware_and_in_utc(store: Store) -> None:
    store.runs.start(manifest())
    created = store.runs.get(manifest().id).created_at
    assert created.utcoffset() is not None
    assert (created - NOON).total_seconds() == 60


def test_a_moment_without_a_time_zone_is_refused(sqlite_place: str) -> None:
    with (
        open_store(sqlite_place, clock=lambda: NOON.replace(tzinfo=None)) as store,
        pytest.raises(Exception, match="has no time zone"),
    ):
        store.runs.start(manifest())


def test_an_error_undoes_what_was_written(store: Store) -> None:
    with pytest.raises(StoppedError), store.database.write() as connection:
        write_and_stop(connection, "UPDATE meta SET store_id = 'other'")
    with store.database.read() as connection:
        assert connection.execute(text("SELECT store_id FROM meta")).scalar() == store.id


def test_an_open_store_needs_no_alembic(place: str) -> None:
    process = python(
        "import sys; from evalgate.store.engine import open_store\n"
        "open_store(sys.argv[1]).close(); print('alembic' in sys.modules)",
        place,
    )
    assert process.communicate() == ("False\n", "")


def test_sqlite_needs_no_postgresql_driver(sqlite_place: str) -> None:
    process = python(
        "import sys; from evalgate.store.engine import open_store\n"
        "open_store(sys.argv[1]).close()\n"
        "print({'psycopg', 'sqlalchemy.dialects.postgresql'} & set(sys.modules))",
        sqlite_place,
    )
    assert process.communicate() == ("set()\n", "")


MAKE = """
import alembic.command, sqlalchemy.dialects.postgresql.psycopg  # so that nothing but the work itself takes time
from evalgate.store.engine import open_store
place, number = sys.argv[1:]
wait()
with open_store(place) as store:
    print(store.id, store.secret.hex())
"""


def test_processes_that_make_the_same_store_at_once_share_it(empty_place: str) -> None:
    made = at_once(MAKE, empty_place, processes=3)
    assert len(set(made)) == 1


CONNECT = """
import math, time
from pathlib import Path
from evalgate.store.database import Database, database_url
folder, number = sys.argv[1:]
wait()
begin = math.ceil(time.time() + 0.1)
for round in range(100):
    database = Database(database_url(Path(folder) / f"{round}.db"))
    while time.time() < begin + round / 100:
        pass
    with database.write() as connection:
        print(connection.exec_driver_sql("PRAGMA journal_mode").scalar())
    database.close()
"""


def test_whoever_opens_a_new_sqlite_file_at_the_same_moment_gets_in(tmp_path: Path) -> None:
    assert at_once(CONNECT, str(tmp_path), processes=3) == ["wal\n" * 100] * 3


# ── what goes wrong ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_store_that_must_exist_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(WrongAsWritten, match="there is no store yet; run `evalgate gate` first"):
        open_store(tmp_path / "evalgate.db", create=False)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ServiceBroke, match=f"cannot create the folder {tmp_path}/file/x .*make it writable, or name"):
        open_store(tmp_path / "file" / "x" / "evalgate.db")


def test_a_folder_in_place_of_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ServiceBroke, match=f"^{tmp_path}: unable to open database file; make its folder writable"):
        open_store(tmp_path)


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "evalgate.db"
    path.write_text("name,score\n" * 100)
    with pytest.raises(ServiceBroke, match=f"^{path}: file is not a database; move that file away, or name another"):
        open_store(path)
    assert path.read_text() == "name,score\n" * 100


def test_a_schema_of_a_newer_evalgate_is_named(place: str) -> None:
    with open_store(place) as store, store.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
    with pytest.raises(ServiceBroke, match=r"its schema is '0999' .*; upgrade evalgate, or name another database"):
        open_store(place)


OPEN = """
import sys
from evalgate.core.errors import EvalgateError
from evalgate.store.engine import open_store
def tell(place):
    try:
        open_store(place)
    except EvalgateError as error:
        print(type(error).__name__, error)
"""

OPEN_AS_ORDINARY_USER = (
    OPEN
    + """
import os
place, other = sys.argv[1:]
open_store(other).close()
if os.geteuid() == 0:  # root may write anywhere
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
tell(place)
"""
)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user may enter; pytest's own are closed to others."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.parametrize("names", [["evalgate.db"], []], ids=["a store is there", "no store is there"])
def test_a_read_only_folder_is_named(open_folder: Path, sqlite_place: str, tmp_path: Path, names: list[str]) -> None:
    for name in names:
        shutil.copy(sqlite_place, open_folder / name)
    open_folder.chmod(0o555)
    place = str(open_folder / "evalgate.db")
    told, complained = python(OPEN_AS_ORDINARY_USER, place, str(tmp_path / "other.db")).communicate()
    assert told.startswith(f"ServiceBroke {place}: "), complained
    assert told.endswith("make its folder writable, or name another database in EVALGATE_DATABASE_URL\n")
    assert told.count("\n") == 1


def full_after(store: Store, pages: int) -> None:
    """Let the store's file grow no further than so many pages: SQLite then says what it says of a full disk."""

    def cap(connection: sqlite3.Connection, _: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    store.database.engine.dispose()
    event.listen(store.database.engine, "connect", cap)


def test_a_full_disk_is_one_line_and_keeps_what_was_written(sqlite_store: Store, sqlite_place: str) -> None:
    sqlite_store.runs.start(manifest())
    sqlite_store.journal.keep([answer(1)])
    writer = sqlite_store.runs.writer(manifest().id)
    writer.keep([marked(0)])
    full_after(sqlite_store, 60)
    full = f"^{sqlite_place}: database or disk is full; free some space and run the same command again"
    with pytest.raises(ServiceBroke, match=full):
        sqlite_store.journal.keep([answer(2, os.urandom(500_000))])
    with pytest.raises(ServiceBroke, match=full):
        writer.keep([marked(position, text="x" * 5000) for position in range(1, 100)])
    assert sqlite_store.journal.recall([answer(1).key, answer(2).key]) == {answer(1).key: answer(1).body}
    assert list(sqlite_store.runs.stream(manifest().id)) == [marked(0)]


def test_a_damaged_file_is_named(sqlite_store: Store, sqlite_place: str) -> None:
    sqlite_store.runs.start(manifest())
    sqlite_store.close()
    content = bytearray(Path(sqlite_place).read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)  # all but the first page: no row of any table is left
    Path(sqlite_place).write_bytes(content)
    with pytest.raises(ServiceBroke, match=f"^{sqlite_place}: database disk image is malformed; move that file away"):
        open_store(sqlite_place).runs.list()


@pytest.mark.parametrize(
    ("url", "kind", "said"),
    [
        (
            "postgresql://ana:hunter2@127.0.0.1:1/x",
            ServiceBroke,
            "^postgresql://ana:.*@127.0.0.1:1/x: .*refused.*check that the server runs",
        ),
        ("postgresql://ana:hunter2@127.0.0.1:x/y", WrongAsWritten, "is not a database URL; write it as postgresql://"),
        ("mysql://ana:hunter2@127.0.0.1/x", WrongAsWritten, "evalgate cannot store in mysql; give a path for SQLite"),
        ("postgresql+pg8000://ana:hunter2@127.0.0.1/x", WrongAsWritten, r"cannot store in postgresql\+pg8000"),
        ("sqlite://", WrongAsWritten, "a store is a file or a PostgreSQL database"),
        ("sqlite:///:memory:", WrongAsWritten, "a store is a file or a PostgreSQL database"),
        ("postgresql://127.0.0.1:1/x?password=hunter2", ServiceBroke, "^postgresql://127.0.0.1:1/x: .*refused"),
        (
            "postgres://127.0.0.1:1/x?ssl=1",
            ServiceBroke,
            '^postgresql://127.0.0.1:1/x: invalid connection option "ssl"; ',
        ),
    ],
)
def test_a_url_that_does_not_work_is_named_without_its_password(url: str, kind: type[EvalgateError], said: str) -> None:
    with pytest.raises(kind, match=said) as raised:
        open_store(url)
    assert "hunter2" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_database_the_server_does_not_have_is_named(postgres_place: str) -> None:
    with pytest.raises(ServiceBroke, match='database "nowhere" does not exist; create it, or correct EVALGATE_DATA'):
        open_store(
            postgres_place.replace("/evalgate_", "/nowhere?x=").split("?x=")[0] + "?" + postgres_place.split("?")[1]
        )


def test_a_user_who_may_not_create_tables_is_told_so(empty_postgres: str) -> None:
    with open_store(empty_postgres) as store, store.database.write() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.execute(text("GRANT USAGE ON SCHEMA public TO PUBLIC"))
        connection.execute(text("DROP ROLE IF EXISTS guest"))
        connection.execute(text("CREATE ROLE guest LOGIN"))
    with pytest.raises(ServiceBroke, match="permission denied for schema public; grant this user the right"):
        open_store(empty_postgres.replace("postgres:@", "guest:@").replace("postgres@", "guest@"))


def test_a_server_that_goes_away_is_one_line(postgres_store: Store, postgres_place: str) -> None:
    with postgres_store.database.read() as connection:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        with pytest.raises(ServiceBroke, match=r"^postgresql://"), postgres_store.database.speaking():
            connection.execute(text(others))
    assert postgres_store.runs.list() == ()


def test_without_the_driver_the_extra_is_named() -> None:
    code = "import sys\nsys.modules['psycopg'] = None\n" + OPEN + "tell('postgresql://ana:hunter2@127.0.0.1:1/x')"
    told = "postgresql://ana:***@127.0.0.1:1/x: psycopg is not installed; run: pip install 'evalgate-service[postgres]'"
    assert python(code).communicate() == (f"ServiceBroke {told}\n", "")
