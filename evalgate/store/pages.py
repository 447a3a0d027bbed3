"""Pages of what a project holds, the newest first, each in one statement; a cursor says where the next page begins."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Generic, NamedTuple, TypeVar

import orjson
from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import Session, col
from sqlmodel import select as select_rows

from evalgate.core.errors import WrongAsWritten
from evalgate.core.gates import Verdict
from evalgate.core.values import Value
from evalgate.runner.ports import Marked
from evalgate.store.database import Database
from evalgate.store.reading import AT_ONCE, RunReader
from evalgate.store.tables import RunRow, metadata
from evalgate.store.tables.runs import StoredRun, stored_run

T = TypeVar("T")

_DECISION = metadata.tables["decision"].c
_RUN = metadata.tables["run"].c
_PLACE = metadata.tables["run_sample"].c
_LISTED = (
    _DECISION.id,
    _DECISION.suite,
    _DECISION.verdict,
    _DECISION.exit_code,
    _DECISION.candidate,
    _DECISION.baseline,
    _DECISION.created_at,
)


class Decided(Value):
    """A decision without its record."""

    id: str
    suite: str
    verdict: Verdict
    exit_code: int
    candidate: str
    """Run id."""
    baseline: str | None
    """Run id."""
    created_at: AwareDatetime
    digest: str
    """SHA-256 of the record."""


class SuiteSeen(Value):
    """A suite that the project holds runs or decisions of, with its latest decision."""

    name: str
    latest: Decided | None


class Page(NamedTuple, Generic[T]):
    """Some rows and, when there are more, where the next ones begin."""

    rows: tuple[T, ...]
    after: str | None


class Pages:
    """What a project holds, a page at a time."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def runs(self, suite: str | None, after: str | None, limit: int) -> Page[StoredRun]:
        """Return runs, of one suite or of all."""
        wanted = select_rows(RunRow).where(RunRow.project == self._project)
        if suite is not None:
            wanted = wanted.where(RunRow.suite == suite)
        if after is not None:
            wanted = wanted.where(_older(_RUN.created_at, _RUN.number, *_read_cursor(after, int)))
        newest = col(RunRow.created_at).desc(), col(RunRow.number).desc()
        with self._database.read() as connection, Session(connection) as session:
            found = [stored_run(row) for row in session.exec(wanted.order_by(*newest).limit(limit + 1))]
        return _page(found, limit, [(run.created_at, run.number) for run in found])

    def decisions(self, suite: str | None, after: str | None, limit: int) -> Page[Decided]:
        """Return decisions, of one suite or of all; their records stay where they are."""
        wanted = self._decided()
        if suite is not None:
            wanted = wanted.where(_DECISION.suite == suite)
        if after is not None:
            wanted = wanted.where(_older(_DECISION.created_at, _DECISION.record_digest, *_read_cursor(after, str)))
        wanted = wanted.order_by(_DECISION.created_at.desc(), _DECISION.record_digest.desc()).limit(limit + 1)
        found = self._read_decided(wanted)
        return _page(found, limit, [(one.created_at, one.digest) for one in found])

    def decision(self, name: str) -> Decided:
        """Return the newest decision of an id, or that of a record's digest; raise WrongAsWritten for none."""
        named = or_(_DECISION.id == name, _DECISION.record_digest == name)
        found = self._read_decided(self._decided().where(named).order_by(_DECISION.created_at.desc()).limit(1))
        if not found:
            raise WrongAsWritten(f"decision {name!r} is not in {self._database.place}; list them first")
        return found[0]

    def record(self, digest: str) -> bytes:
        """Return the bytes of a record by its SHA-256; raise WrongAsWritten for none."""
        wanted = select(_DECISION.record).where(_DECISION.project == self._project, _DECISION.record_digest == digest)
        with self._database.read() as connection:
            record = connection.execute(wanted).scalar()
        if record is None:
            raise WrongAsWritten(f"record {digest!r} is not in {self._database.place}; list the decisions first")
        return bytes(record)

    def samples(self, run: StoredRun, after: int, limit: int) -> Page[Marked]:
        """Return the samples of a run behind a position (-1 for the first ones), at most 200, with their outcomes."""
        first = after + 1
        held = range(first, first + min(limit, AT_ONCE))
        rows = RunReader(self._database, run.number, run.manifest.checks).at(held)
        with self._database.read() as connection:
            last = connection.execute(select(func.max(_PLACE.position)).where(_PLACE.run == run.number)).scalar()
        more = last is not None and held.stop <= last
        return Page(tuple(rows), str(held.stop - 1) if more else None)

    def suites(self) -> tuple[SuiteSeen, ...]:
        """Return every suite by name."""
        mine = _DECISION.project == self._project
        newest = func.row_number().over(
            partition_by=_DECISION.suite, order_by=(_DECISION.created_at.desc(), _DECISION.record_digest.desc())
        )
        ranked = select(_DECISION.record_digest, newest.label("place")).where(mine).subquery()
        firsts = select(ranked.c.record_digest).where(ranked.c.place == 1)
        latest = {
            one.suite: one for one in self._read_decided(self._decided().where(_DECISION.record_digest.in_(firsts)))
        }
        with self._database.read() as connection:
            names = connection.execute(select(_RUN.suite).where(_RUN.project == self._project).distinct()).scalars()
            known = sorted({*names, *latest})
        return tuple(SuiteSeen(name=name, latest=latest.get(name)) for name in known)

    def _decided(self) -> Select[Any]:
        return select(*_LISTED, _DECISION.record_digest.label("digest")).where(_DECISION.project == self._project)

    def _read_decided(self, wanted: Select[Any]) -> list[Decided]:
        with self._database.read() as connection:
            return [Decided.model_validate(dict(row)) for row in connection.execute(wanted).mappings()]


def _older(at: ColumnElement[Any], key: ColumnElement[Any], moment: datetime, last: object) -> ColumnElement[bool]:
    return or_(at < moment, and_(at == moment, key < last))


def _page(found: Sequence[T], limit: int, keys: Sequence[tuple[datetime, object]]) -> Page[T]:
    more = len(found) > limit
    return Page(tuple(found[:limit]), _cursor(*keys[limit - 1]) if more else None)


def _cursor(at: datetime, key: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([at.isoformat(), key])).decode().rstrip("=")


def _read_cursor(text: str, kind: type[int | str]) -> tuple[datetime, Any]:
    """Return the moment and key of the last row of a page; raise WrongAsWritten for a cursor we did not write."""
    try:
        at, key = orjson.loads(base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)))
        moment = datetime.fromisoformat(at)
        ours = moment.tzinfo is not None and type(key) is kind
        place = moment.astimezone(UTC), key
    except (ValueError, TypeError, OverflowError, binascii.Error):
        ours = False
    if not ours:
        raise WrongAsWritten("`after` is no cursor of ours; leave it out, or give what the last page said")
    return place
