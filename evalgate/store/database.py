"""One database, SQLite or PostgreSQL, behind three ways in: read, write, and a driver's cursor for hot paths."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from evalgate.core.errors import ServiceBroke, WrongAsWritten
from evalgate.store.trouble import ELSEWHERE, in_one_line

Clock = Callable[[], datetime]

PATIENCE_S = 30
"""How long a writer waits for another one on SQLite."""
CONNECT_S = 10
"""How long a PostgreSQL server may take to answer."""
LOG_PAGES = 16_384
"""Pages (64 MB) in the write-ahead log before they move into the file: an index page then moves once for many batches,
which takes a quarter off a long run's writing."""
FOLDER = ".evalgate"
"""The folder evalgate makes for itself; what is in it is kept out of version control."""


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


class Database:
    """An engine and how to speak to it. Every error of a driver leaves here as one line that names the place."""

    def __init__(self, url: URL, *, clock: Clock = now) -> None:
        self.url = url
        self.clock = clock
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.place = str(url.database) if self.is_sqlite else _shown(url)
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgres_engine(url)
        self.refused: type[Exception] = self.engine.dialect.loaded_dbapi.IntegrityError
        """What the driver raises when a row breaks a constraint."""
        self._writing = self.engine.execution_options(evalgate_writes=True)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the database."""
        with self.speaking(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give a connection in a transaction that is committed at the end, or undone by an error."""
        with self.speaking(), self._writing.begin() as connection:
            yield connection

    @contextmanager
    def cursor(self, *, writes: bool = True) -> Iterator[Any]:
        """Give a driver's own cursor in a transaction: 12 µs of overhead, against 50 µs through SQLAlchemy."""
        with self.speaking():
            connection = self.engine.raw_connection()
            try:
                cursor = connection.cursor()
                if self.is_sqlite:
                    cursor.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
                yield cursor
                connection.commit()
            finally:
                connection.close()  # an open transaction is rolled back as the connection returns to the pool

    @contextmanager
    def speaking(self) -> Iterator[None]:
        """Turn drivers' errors inside the block into one line."""
        with in_one_line(self.place, self.engine.dialect.loaded_dbapi.Error):
            yield

    def settle(self) -> None:
        """Move what SQLite's write-ahead log holds into its file; writers and readers go on meanwhile.

        Left alone, the log is moved by the commit that fills it, which takes a tenth of a second for all of it.
        """
        if not self.is_sqlite:
            return
        with self.speaking():
            connection = self.engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)")
            finally:
                connection.close()

    def close(self) -> None:
        """Close every connection; the last one folds SQLite's write-ahead log into the file."""
        with self.speaking():
            self.engine.dispose()


def database_url(place: str | Path) -> URL:
    """Return the URL of a store given as a path or a URL; raise WrongAsWritten for what is neither."""
    if "://" not in str(place):
        return URL.create("sqlite", database=str(place))
    try:
        url = make_url(str(place))
    except (ArgumentError, ValueError) as error:
        message = "EVALGATE_DATABASE_URL is not a database URL; write it as postgresql://user:password@host/database"
        raise WrongAsWritten(message) from error
    if url.drivername in {"postgres", "postgresql"}:
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername == "sqlite" and url.database in {None, "", ":memory:"}:
        message = "a store is a file or a PostgreSQL database; give the SQLite URL a path: sqlite:///folder/evalgate.db"
        raise WrongAsWritten(message)
    if url.drivername not in {"sqlite", "postgresql+psycopg"}:
        message = f"evalgate cannot store in {url.drivername}; give a path for SQLite, or a postgresql:// URL"
        raise WrongAsWritten(message)
    return url


def make_folder(path: Path) -> None:
    """Create the folder of a SQLite file; one named `.evalgate` is kept out of version control."""
    folder = path.parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
        ignore = folder / ".gitignore"
        if folder.name == FOLDER and not ignore.exists():
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as error:
        message = f"{path}: cannot create the folder {folder} ({error.strerror}); make it writable, {ELSEWHERE}"
        raise ServiceBroke(message) from error


def _shown(url: URL) -> str:
    """Return the URL without password, driver and parameters, any of which may be secret or noise."""
    return url.set(drivername="postgresql", query={}).render_as_string(hide_password=True)


def _postgres_engine(url: URL) -> Engine:
    try:
        return create_engine(
            url, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_S, "application_name": "evalgate"}
        )
    except ModuleNotFoundError as error:
        message = f"{_shown(url)}: {error.name} is not installed; run: pip install 'evalgate-service[postgres]'"
        raise ServiceBroke(message) from error


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": PATIENCE_S}, max_overflow=-1)
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _: object) -> None:
    """Make a new SQLite connection ours: transactions by hand, a write-ahead log, foreign keys."""
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=NORMAL")  # a kill loses nothing; only a power cut may lose the last moments
    connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")
    connection.execute("PRAGMA cache_size=-32768")  # 32 MB at most: the digests' index stays in memory
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        _switch_to_wal(connection)


def _switch_to_wal(connection: Any) -> None:
    """Turn on the write-ahead log; SQLite does not wait its turn here when two processes open a new file at once."""
    give_up = time.monotonic() + PATIENCE_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except Exception as error:
            if "locked" not in str(error) or time.monotonic() > give_up:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    """Take SQLite's one write lock at once: a transaction that reads first and writes later cannot wait for it."""
    writes = connection.get_execution_options().get("evalgate_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
