"""The reply journal: every judge reply, raw and durable, so that no answered call is paid twice."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter

import orjson
from sqlalchemy import ARRAY, ColumnElement, Text, any_, bindparam, column, func, select

from evalgate.runner.ports import Answer
from evalgate.store.bulk import Upsert, compiled
from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables.replies import REPLY_COLUMNS, reply_row, unpack

AT_ONCE = 500
"""Keys looked up in one statement."""


class StoreJournal:
    """`runner.ports.Journal` over the `reply` table. Safe to use from several threads and processes at once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        table = metadata.tables["reply"]
        dialect = database.engine.dialect
        self._keep = Upsert(table, REPLY_COLUMNS, dialect, wins="first")
        self._recall = compiled(select(table.c.key, table.c.body).where(_among(table.c.key, database)), dialect)

    def recall(self, keys: Sequence[str]) -> dict[str, bytes]:
        """Return the bodies known for these request keys."""
        known: dict[str, bytes] = {}
        if not keys:
            return known
        with self._database.cursor(writes=False) as cursor:
            for start in range(0, len(keys), AT_ONCE):
                asked = list(keys[start : start + AT_ONCE])
                parameters = (orjson.dumps(asked).decode(),) if self._database.is_sqlite else {"keys": asked}
                cursor.execute(self._recall, parameters)
                known.update((key, unpack(body)) for key, body in cursor.fetchall())
        return known

    def keep(self, answers: Sequence[Answer]) -> None:
        """Commit the answers before returning: they survive a kill of this process. A key's first answer stays."""
        if not answers:
            return
        # In order of the key: two processes that keep the same answers then wait for one another in turn.
        rows = sorted(map(reply_row, answers), key=itemgetter(0))
        with self._database.cursor() as cursor:
            self._keep.write(cursor, rows)


def _among(key: ColumnElement[str], database: Database) -> ColumnElement[bool]:
    """Say that a column is one of an array named `keys`: one statement whatever their number, prepared once."""
    if database.is_sqlite:
        return key.in_(select(func.json_each(bindparam("keys")).table_valued(column("value")).c.value))
    return key == any_(bindparam("keys", type_=ARRAY(Text)))
