"""Closed windows of production and what was drawn in them, as they are pooled over days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, func, select

from evalgate.core.outcomes import Annotator
from evalgate.store.database import Database
from evalgate.store.tables import metadata

_WINDOW = metadata.tables["traffic_window"]
_CHECK = metadata.tables["traffic_check"]
_SCORE = metadata.tables["traffic_score"]
_ITEM = metadata.tables["interaction"]
AT_ONCE = 5_000

DRAWN = ("scored", "failed", "shed", "pending", "not_applicable")
"""States of what a check was to mark."""


class Closed(NamedTuple):
    """A closed window, in its newest version."""

    starts_at: datetime
    ends_at: datetime


class Marks(NamedTuple):
    """A criterion of a check as it was marked in production."""

    number: int
    annotator: Annotator


class Group(NamedTuple):
    """How many interactions of a window one check treated alike."""

    stratum: str | None
    state: str | None
    """None: this check never looked at them."""
    items: int
    least: float | None
    """The smallest probability among them."""


class Look(NamedTuple):
    """One interaction that a check was to mark."""

    conversation: str
    draw: float
    sample_digest: str | None
    state: str
    reason: str | None
    value: float | None
    stratum: str | None
    chance: float


class Pooling:
    """The closed windows of one project."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def marks(self, suite: str, check: str, criterion: str, digest: str) -> Marks | None:
        """Return this very version of a check's criterion; None when it never marked production."""
        wanted = select(_CHECK.c.number, _CHECK.c.annotator).where(
            _CHECK.c.project == self._project,
            _CHECK.c.suite == suite,
            _CHECK.c.name == check,
            _CHECK.c.criterion == criterion,
            _CHECK.c.digest == digest,
        )
        with self._database.read() as connection:
            found = connection.execute(wanted).first()
        return None if found is None else Marks(*found)

    def closed(self, suite: str, since: datetime, until: datetime) -> list[Closed]:
        """Return the closed windows within a span, the newest first; of windows that overlap, the later one.

        A window that was scored again is one window: its interactions hold every version's rows.
        """
        wanted = (
            select(_WINDOW.c.starts_at, _WINDOW.c.ends_at)
            .where(
                _WINDOW.c.project == self._project,
                _WINDOW.c.suite == suite,
                _WINDOW.c.state == "closed",
                _WINDOW.c.starts_at >= since,
                _WINDOW.c.ends_at <= until,
            )
            .distinct()
            .order_by(_WINDOW.c.ends_at.desc(), _WINDOW.c.starts_at.desc())
        )
        with self._database.read() as connection:
            found = [Closed(*row) for row in connection.execute(wanted)]
        kept: list[Closed] = []
        for window in found:
            if not kept or window.ends_at <= kept[-1].starts_at:
                kept.append(window)
        return kept

    def groups(self, window: Closed, check: int) -> list[Group]:
        """Return how one check treated the complete interactions of a window."""
        joined = _ITEM.outerjoin(_SCORE, and_(_SCORE.c.interaction == _ITEM.c.number, _SCORE.c.traffic_check == check))
        # A code check that came later never saw the raw texts.
        state = case((_SCORE.c.reason == "before_check", None), else_=_SCORE.c.state)
        by = (_SCORE.c.stratum, state)
        wanted = select(*by, func.count(), func.min(_SCORE.c.chance)).select_from(joined)
        with self._database.read() as connection:
            rows = connection.execute(wanted.where(self._within(window)).group_by(*by))
            return [Group(*row) for row in rows]

    def looks(self, windows: Sequence[Closed], check: int) -> Iterator[Look]:
        """Give every interaction of some windows that a check was to mark, in no order."""
        columns = (
            *(_ITEM.c.conversation, _ITEM.c.draw, _ITEM.c.sample_digest),
            *(_SCORE.c.state, _SCORE.c.reason, _SCORE.c.value, _SCORE.c.stratum),
            func.coalesce(_SCORE.c.chance, 1.0),
        )
        joined = _ITEM.join(_SCORE, _SCORE.c.interaction == _ITEM.c.number)
        wanted = select(*columns).select_from(joined)
        wanted = wanted.where(_SCORE.c.traffic_check == check, _SCORE.c.state.in_(DRAWN))
        for span in _joined(windows):
            with self._database.read() as connection:
                rows = connection.execution_options(yield_per=AT_ONCE).execute(wanted.where(self._within(span)))
                yield from (Look(*row) for row in rows)

    def _within(self, window: Closed) -> ColumnElement[bool]:
        return and_(
            _ITEM.c.project == self._project,
            _ITEM.c.completed_at >= window.starts_at,
            _ITEM.c.completed_at < window.ends_at,
            _ITEM.c.state == "complete",
        )


def _joined(windows: Sequence[Closed]) -> list[Closed]:
    """Return windows that touch one another as one span."""
    spans: list[Closed] = []
    for window in sorted(windows):
        if spans and spans[-1].ends_at == window.starts_at:
            spans[-1] = Closed(spans[-1].starts_at, window.ends_at)
        else:
            spans.append(window)
    return spans
