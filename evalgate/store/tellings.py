"""What another tool is told of closed windows: which window is next, page after page of its scores, and how far it is.

A window is claimed by a lease with a fence, as it is for scoring: two workers do not tell one window at once. What was
taken is written down page by page; a worker that dies in between tells its last page again, and nothing is left out.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Select, and_, or_, select, tuple_, update

from evalgate.core.outcomes import metric_name
from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.tables import metadata

LEASE = timedelta(minutes=2)
"""Longer than one page takes, trouble and all; every page that was taken renews it."""

_WINDOW = metadata.tables["traffic_window"].c
_TELLING = metadata.tables["traffic_telling"]
_ITEM = metadata.tables["interaction"].c
_SCORE = metadata.tables["traffic_score"].c
_CHECK = metadata.tables["traffic_check"].c
_ESTIMATE = metadata.tables["traffic_estimate"].c
_SPANS = "otlp"
"""The source of what came as spans."""


class Telling(NamedTuple):
    """A closed window that is to be told, claimed."""

    window: int
    suite: str
    starts_at: datetime
    ends_at: datetime
    closed_at: datetime
    attempt: int
    failures: int
    told_to: int | None


class ToldScore(NamedTuple):
    """One score of one interaction, or that marking it failed."""

    external_id: str
    metric: str
    annotator: str
    digest: str
    """Of the check: another digest is another version of it."""
    value: float | None
    label: str | None
    failure: str | None
    """Why there is no score."""
    explanation: str
    """Masked; empty where the check gave none."""


class Page(NamedTuple):
    """Scores in the order of their interactions."""

    scores: tuple[ToldScore, ...]
    last: int
    """The last interaction that was looked at, scored or not."""


class Tellings:
    """The tellings of one project."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def claim(self, suites: Collection[str], since: datetime) -> Telling | None:
        """Return the first window of these suites that is due, now this caller's alone; None when there is none.

        Windows that ended before `since` are left as they are.
        """
        now = self._database.clock()
        due = or_(_TELLING.c.window.is_(None), and_(_TELLING.c.told_at.is_(None), _TELLING.c.next_at <= now))
        closed = and_(_WINDOW.state == "closed", _WINDOW.ends_at >= since, _WINDOW.suite.in_(sorted(suites)))
        columns = (_WINDOW.number, _WINDOW.suite, _WINDOW.starts_at, _WINDOW.ends_at, _WINDOW.closed_at)
        joined = _WINDOW.number.table.outerjoin(_TELLING, _TELLING.c.window == _WINDOW.number)
        wanted = select(*columns, _TELLING.c.attempt, _TELLING.c.failures, _TELLING.c.told_to).select_from(joined)
        wanted = wanted.where(_WINDOW.project == self._project, closed, due).order_by(_WINDOW.ends_at).limit(1)
        with self._database.read() as connection:
            found = connection.execute(wanted).first()
        if found is None:
            return None
        attempt = (found.attempt or 0) + 1
        with self._database.write() as connection:
            begun = insert_into(_TELLING, connection.dialect).values(
                window=found.number, attempt=0, failures=0, next_at=now
            )
            connection.execute(begun.on_conflict_do_nothing())
            mine = and_(_TELLING.c.window == found.number, _TELLING.c.attempt == attempt - 1)
            taken = update(_TELLING).where(mine, _TELLING.c.told_at.is_(None))
            if not connection.execute(taken.values(attempt=attempt, next_at=now + LEASE)).rowcount:
                return None  # another worker was quicker; it has the window now
        return Telling(*found[:5], attempt, found.failures or 0, found.told_to)

    def page(self, telling: Telling, interactions: int) -> Page | None:
        """Return what is said of the next so many interactions of the window that came as spans; None at its end."""
        numbers = self._interactions(telling, interactions)
        of_window = select(_ESTIMATE.traffic_check).where(_ESTIMATE.window == telling.window)
        wanted = (
            select(_ITEM.number, _ITEM.external_id, *_CHECK_COLUMNS, *_SCORE_COLUMNS)
            .join_from(_SCORE.state.table, _ITEM.number.table, _ITEM.number == _SCORE.interaction)
            .join(_CHECK.number.table, _CHECK.number == _SCORE.traffic_check)
            .where(_SCORE.state.in_(("scored", "failed")), _SCORE.traffic_check.in_(of_window))
        )
        with self._database.read() as connection:
            looked_at = connection.execute(numbers).scalars().all()
            if not looked_at:
                return None
            rows = connection.execute(wanted.where(_SCORE.interaction.in_(looked_at)))
            found = sorted(rows, key=lambda row: (looked_at.index(row.number), row.name, row.criterion, row.digest))
        return Page(tuple(_told(row) for row in found), looked_at[-1])

    def advance(self, telling: Telling, told_to: int) -> bool:
        """Write down that all up to this interaction was taken; False when the claim is another's by now."""
        until = self._database.clock() + LEASE
        return self._change(telling, told_to=told_to, next_at=until, failures=0, trouble=None)

    def finish(self, telling: Telling, trouble: str | None = None) -> bool:
        """Write down that the whole window was taken; `trouble` says what was not kept of it."""
        return self._change(telling, told_at=self._database.clock(), trouble=trouble)

    def postpone(self, telling: Telling, until: datetime, trouble: str) -> bool:
        """Let the window wait until then after a try that failed."""
        return self._change(telling, next_at=until, failures=telling.failures + 1, trouble=trouble)

    def put_down(self, telling: Telling) -> bool:
        """Give the window back as it is, to be told from there on by whoever is next."""
        return self._change(telling, next_at=self._database.clock())

    def _interactions(self, telling: Telling, most: int) -> Select[Any]:
        """Return the statement for the next interactions, in the order of the index: no page sorts a whole window."""
        place = (_ITEM.completed_at, _ITEM.number)
        spans: list[ColumnElement[bool]] = [_ITEM.source == _SPANS, _ITEM.erased_at.is_(None)]
        if telling.told_to is not None:
            last = select(_ITEM.completed_at).where(_ITEM.number == telling.told_to).scalar_subquery()
            spans.append(tuple_(*place) > tuple_(last, telling.told_to))
        within = and_(_ITEM.completed_at >= telling.starts_at, _ITEM.completed_at < telling.ends_at)
        return select(_ITEM.number).where(_ITEM.project == self._project, within, *spans).order_by(*place).limit(most)

    def _change(self, telling: Telling, **values: Any) -> bool:
        mine = and_(_TELLING.c.window == telling.window, _TELLING.c.attempt == telling.attempt)
        with self._database.write() as connection:
            return connection.execute(update(_TELLING).where(mine).values(values)).rowcount == 1


_CHECK_COLUMNS = (_CHECK.name, _CHECK.criterion, _CHECK.annotator, _CHECK.digest)
_SCORE_COLUMNS = (_SCORE.state, _SCORE.value, _SCORE.label, _SCORE.reason, _SCORE.body)


def _told(row: Any) -> ToldScore:
    body = orjson.loads(row.body) if row.body else {}
    failed = row.state == "failed"
    return ToldScore(
        external_id=row.external_id,
        metric=metric_name(row.name, row.criterion),
        annotator=row.annotator,
        digest=row.digest,
        value=None if failed else row.value,
        label=None if failed else row.label,
        failure=(row.reason or "failed") if failed else None,
        explanation=str(body.get("explanation") or ""),
    )
