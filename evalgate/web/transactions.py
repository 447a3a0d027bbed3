"""One transaction for everything a request does: a Database that speaks through one connection of another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from evalgate.store.access import Access
from evalgate.store.audit import Audit
from evalgate.store.database import Database
from evalgate.store.engine import Store


class Joined(Database):
    """A Database whose reads and writes all happen in a transaction that is already open."""

    def __init__(self, whole: Database, connection: Connection, *, writes: bool) -> None:  # no engine of its own
        self.url = whole.url
        self.clock = whole.clock
        self.is_sqlite = whole.is_sqlite
        self.place = whole.place
        self.engine = whole.engine
        self.refused = whole.refused
        self._connection = connection
        self._writes = writes

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Give the open connection."""
        with self.speaking():
            yield self._connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Give the open connection; its transaction is committed by who opened it."""
        self._check(writes=True)
        with self.speaking():
            yield self._connection

    @contextmanager
    def cursor(self, *, writes: bool = True) -> Iterator[Any]:
        """Give a driver's cursor inside the open transaction."""
        self._check(writes=writes)
        with self.speaking():
            yield self._connection.connection.cursor()

    def close(self) -> None:
        """Leave the connection to who opened it."""

    def _check(self, *, writes: bool) -> None:
        if writes and not self._writes:
            raise RuntimeError("this request only reads: what it wrote would be lost without a word")


@dataclass(frozen=True)
class Work:
    """What a request may touch: one project's store, access and audit, in one transaction."""

    store: Store
    access: Access
    audit: Audit
    connection: Connection


def work_on(store: Store, connection: Connection, *, writes: bool) -> Work:
    """Return a project's store, access and audit, all in the transaction of a connection."""
    joined = Joined(store.database, connection, writes=writes)
    within = Store(joined, store.id, store.secret, store.project)
    return Work(within, Access(joined, store.secret), Audit(joined), connection)


@contextmanager
def reading(store: Store) -> Iterator[Work]:
    """Give one state of the database to read from."""
    with store.database.read() as connection:
        if not store.database.is_sqlite:  # which knows no other way
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield work_on(store, connection, writes=False)


@contextmanager
def writing(store: Store) -> Iterator[Work]:
    """Give a transaction that is committed at the end, or undone by an error."""
    with store.database.write() as connection:
        yield work_on(store, connection, writes=True)
