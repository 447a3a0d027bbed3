"""The reply journal: every judge reply, raw and durable, so that no answered call is paid twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Integer,
    Text,
    and_,
    any_,
    bindparam,
    column,
    delete,
    func,
    select,
    update,
)

from evalgate.core.models import ModelRequest
from evalgate.runner.ports import Answer
from evalgate.store.bulk import Upsert, compiled
from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables.replies import REPLY_COLUMNS, reply_row, unpack

AT_ONCE = 500
"""Keys looked up in one statement."""


class StoreJournal:
    """`runner.ports.Journal` over the `reply` table. Safe to use from several threads and processes at once."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project
        table = metadata.tables["reply"]
        dialect = database.engine.dialect
        self._keep = Upsert(table, REPLY_COLUMNS, dialect, wins="first")
        self._recall = compiled(
            select(table.c.key, table.c.body).where(
                table.c.project == bindparam("project", type_=Integer), _among(table.c.key, database)
            ),
            dialect,
        )

    def recall(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the bodies known for these request keys."""
        known: dict[str, bytes] = {}
        if not keys:
            return known
        with self._database.cursor(writes=False) as cursor:
            for start in range(0, len(keys), AT_ONCE):
                asked = list(keys[start : start + AT_ONCE])
                parameters = (
                    (self._project, orjson.dumps(asked).decode())
                    if self._database.is_sqlite
                    else {"project": self._project, "keys": asked}
                )
                cursor.execute(self._recall, parameters)
                known.update((key, unpack(body)) for key, body in cursor.fetchall())
        return known

    def answers(self, keys: Sequence[str]) -> list[Answer]:
        """Return the answers known for these request keys, each with its request."""
        table, found = metadata.tables["reply"], []
        with self._database.read() as connection:
            for start in range(0, len(keys), AT_ONCE):
                among = table.c.key.in_(list(keys[start : start + AT_ONCE]))
                wanted = select(table.c.key, table.c.request, table.c.body).where(
                    table.c.project == self._project, among
                )
                for key, request, body in connection.execute(wanted):
                    found.append(Answer(key, ModelRequest.model_validate_json(unpack(request)), unpack(body)))
        return found

    def keep(self, answers: Sequence[Answer]) -> None:
        """Commit the answers before returning: they survive a kill of this process. A key's first answer stays."""
        if answers:
            with self._database.cursor() as cursor:
                self._keep.write(cursor, self._rows(answers))

    def write(self, connection: Connection, answers: Sequence[Answer], expires_at: datetime) -> None:
        """Write answers about production traffic in the caller's transaction; they go when its texts go."""
        self._keep.write(connection.connection.cursor(), self._rows(answers))
        table = metadata.tables["reply"]
        for start in range(0, len(answers), AT_ONCE):
            among = table.c.key.in_([answer.key for answer in answers[start : start + AT_ONCE]])
            kept = update(table).where(table.c.project == self._project, among)
            connection.execute(kept.values(expires_at=expires_at))

    def expire(self, before: datetime) -> int:
        """Remove the answers whose time is over, and return how many there were."""
        table = metadata.tables["reply"]
        over = and_(table.c.project == self._project, table.c.expires_at < before)
        with self._database.write() as connection:
            return connection.execute(delete(table).where(over)).rowcount

    def _rows(self, answers: Sequence[Answer]) -> list[tuple[Any, ...]]:
        # In order of the key: two processes that keep the same answers then wait for one another in turn.
        return sorted((reply_row(self._project, answer) for answer in answers), key=itemgetter(1))


def _among(key: ColumnElement[str], database: Database) -> ColumnElement[bool]:
    """Say that a column is one of an array named `keys`: one statement whatever their number, prepared once."""
    if database.is_sqlite:
        return key.in_(select(func.json_each(bindparam("keys")).table_valued(column("value")).c.value))
    return key == any_(bindparam("keys", type_=ARRAY(Text)))
