"""Workers: who is at work on the traffic of this database, and when they were last heard of."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select

from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.tables import metadata

_WORKER = metadata.tables["worker"]
FORGOTTEN = timedelta(days=7)
"""A worker that has not been heard of for so long is not listed any more."""


class WorkerSeen(NamedTuple):
    """A worker that is, or was, at work."""

    owner: str
    started_at: datetime
    seen_at: datetime


class Workers:
    """The workers of a database; they are not of one project."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def seen(self, owner: str) -> None:
        """Say that a worker is there."""
        now = self._database.clock()
        row = {"owner": owner, "started_at": now, "seen_at": now}
        with self._database.write() as connection:
            insert = insert_into(_WORKER, connection.dialect).values(row)
            connection.execute(insert.on_conflict_do_update(index_elements=["owner"], set_={"seen_at": now}))
            connection.execute(delete(_WORKER).where(_WORKER.c.seen_at < now - FORGOTTEN))

    def gone(self, owner: str) -> None:
        """Say that a worker has ended, as it should."""
        with self._database.write() as connection:
            connection.execute(delete(_WORKER).where(_WORKER.c.owner == owner))

    def list(self) -> tuple[WorkerSeen, ...]:
        """Return the workers, the one heard of last first."""
        with self._database.read() as connection:
            rows = connection.execute(select(_WORKER).order_by(_WORKER.c.seen_at.desc()))
            return tuple(WorkerSeen(row.owner, row.started_at, row.seen_at) for row in rows)
