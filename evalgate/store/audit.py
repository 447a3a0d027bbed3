"""The audit: rows are only ever added; one sealer at a time numbers them and chains each to the one before.

digest = SHA-256 of the digest before it and of the row's canonical JSON. A row that is changed, taken out, put in or
moved behind the seal no longer fits. Rows of transactions that commit late are sealed later: places tell the order of
sealing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import orjson
from pydantic import JsonValue
from sqlalchemy import Connection, RowMapping, and_, bindparam, func, select, text, update

from evalgate.core.values import Value, canonical
from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables.access import Entry, entry_of

AT_ONCE = 1_000
_AUDIT = metadata.tables["audit"]
_LOCK = 0x65_76_61_75  # any number but that of migrations: what two sealers on one PostgreSQL database agree on
_START = "0" * 64


class Verified(Value):
    """What a look at the whole chain found."""

    ok: bool
    rows: int
    """Sealed rows that were looked at: all of them, or those up to the first broken one."""
    first_broken: int | None
    """The place of the first row that does not fit."""
    unsealed: int


class Audit:
    """The audit of one database, over all its projects."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        connection: Connection,
        project: int | None,
        actor: str,
        action: str,
        subject: str,
        **detail: JsonValue,
    ) -> None:
        """Write what is done, in the transaction that does it."""
        row = {
            "project": project,
            "at": self._database.clock(),
            "actor": actor,
            "action": action,
            "subject": subject,
            "detail": orjson.dumps(detail).decode(),
        }
        connection.execute(_AUDIT.insert().values(row))

    def list(self, project: int | None = None, after: int | None = None, limit: int = 50) -> tuple[Entry, ...]:
        """Return what was done, the newest first; `after` is the number of the last row of the page before."""
        wanted = select(_AUDIT).order_by(_AUDIT.c.number.desc()).limit(limit)
        if project is not None:
            wanted = wanted.where(_AUDIT.c.project == project)
        if after is not None:
            wanted = wanted.where(_AUDIT.c.number < after)
        with self._database.read() as connection:
            return tuple(map(entry_of, connection.execute(wanted).mappings()))

    def about(self, project: int, subject: str, action: str) -> tuple[Entry, ...]:
        """Return every time that a thing was done to a subject, the newest first."""
        mine = and_(_AUDIT.c.project == project, _AUDIT.c.subject == subject, _AUDIT.c.action == action)
        with self._database.read() as connection:
            rows = connection.execute(select(_AUDIT).where(mine).order_by(_AUDIT.c.number.desc())).mappings()
            return tuple(map(entry_of, rows))

    def seal(self, limit: int = 10_000) -> int:
        """Chain up to so many rows and return how many; several sealers at once wait for one another."""
        with self._database.write() as connection:  # on SQLite this alone lets no second writer in
            if not self._database.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            newest = select(_AUDIT.c.place, _AUDIT.c.digest).where(_AUDIT.c.place.is_not(None))
            last = connection.execute(newest.order_by(_AUDIT.c.place.desc()).limit(1)).first()
            place, digest = (0, _START) if last is None else last
            waiting = select(_AUDIT).where(_AUDIT.c.place.is_(None)).order_by(_AUDIT.c.number).limit(limit)
            sealed = []
            for row in connection.execute(waiting).mappings().all():
                place, digest = place + 1, _chained(digest, row)
                sealed.append({"row": row["number"], "at_place": place, "with_digest": digest})
            if sealed:
                mine = update(_AUDIT).where(_AUDIT.c.number == bindparam("row"), _AUDIT.c.place.is_(None))
                connection.execute(mine.values(place=bindparam("at_place"), digest=bindparam("with_digest")), sealed)
            return len(sealed)

    def unsealed(self) -> int:
        """Return how many rows wait for their place in the chain."""
        with self._database.read() as connection:
            return _waiting(connection)

    def verify(self) -> Verified:
        """Recompute the whole chain, with flat memory."""
        with self._database.read() as connection:
            waiting = _waiting(connection)
            place, digest, broken = 0, _START, None
            for row in _sealed(connection):
                place, digest = place + 1, _chained(digest, row)
                if row["place"] != place or row["digest"] != digest:
                    broken = place
                    break
        return Verified(ok=broken is None, rows=place, first_broken=broken, unsealed=waiting)


def _waiting(connection: Connection) -> int:
    unsealed = select(func.count()).select_from(_AUDIT).where(_AUDIT.c.place.is_(None))
    return connection.execute(unsealed).scalar_one()


def _sealed(connection: Connection) -> Iterator[RowMapping]:
    page = select(_AUDIT).where(_AUDIT.c.place.is_not(None)).order_by(_AUDIT.c.place).limit(AT_ONCE)
    rows = connection.execute(page).mappings().all()  # from the very first: a row put in at place 0 is found too
    while rows:
        yield from rows
        rows = connection.execute(page.where(_AUDIT.c.place > rows[-1]["place"])).mappings().all()


def _chained(before: str, row: RowMapping) -> str:
    said = {name: row[name] for name in ("number", "project", "actor", "action", "subject", "detail")}
    at = row["at"].isoformat()
    return hashlib.sha256(before.encode() + canonical({**said, "at": at})).hexdigest()
