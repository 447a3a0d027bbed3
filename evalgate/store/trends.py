"""What the pages of production traffic read: counts, windows and estimates; a fixed number of statements a page.

Nothing here reads a text, and nothing reads more interactions than a page looks at: what has to be counted was counted
when it was written or when its window was closed.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, case, func, literal, select, union

from evalgate.core.outcomes import metric_name
from evalgate.store.database import Database
from evalgate.store.tables import metadata

_WINDOW = metadata.tables["traffic_window"].c
_CHECK = metadata.tables["traffic_check"].c
_ESTIMATE = metadata.tables["traffic_estimate"].c
_ALERT = metadata.tables["traffic_alert"].c
_COUNT = metadata.tables["traffic_count"].c
_WORKER = metadata.tables["worker"].c

MOST_WINDOWS = 2_400
"""Windows of one trend; 90 days of hourly windows are fewer."""
_SLICED = 50
"""Windows whose slices are offered, the newest ones."""


class Arrived(NamedTuple):
    """How many items of one sender met one end."""

    source: str
    result: str
    day: int
    """In the last hours, as asked for."""
    week: int


class Span(NamedTuple):
    """A window without what is counted of it."""

    number: int
    suite: str
    starts_at: datetime
    ends_at: datetime
    version: int
    state: str


class Told(NamedTuple):
    """What a window says of one metric, of all of it or of a slice."""

    window: int
    check: int
    metric: str
    annotator: str
    digest: str
    slice: str
    population: int
    scored: int
    point: float | None
    low: float | None
    high: float | None
    reason: str | None
    """Why it is not known."""


class CheckSeen(NamedTuple):
    """One criterion of a check, as it was marked."""

    number: int
    metric: str
    annotator: str
    digest: str


class Step(NamedTuple):
    """One window of a trend; nothing is told of a metric that it has no estimate of."""

    span: Span
    told: Told | None


class Trends:
    """What one project's traffic came to."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def arrived(self, day: datetime, week: datetime) -> tuple[Arrived, ...]:
        """Return what came in since two moments, by sender and result; hours count whole."""
        recent = func.sum(case((_COUNT.hour >= day, _COUNT["items"]), else_=0))
        by = (_COUNT.source, _COUNT.result)
        wanted = select(*by, recent, func.sum(_COUNT["items"]))
        wanted = wanted.where(_COUNT.project == self._project, _COUNT.hour >= week).group_by(*by).order_by(*by)
        return tuple(Arrived(source, result, int(a), int(b)) for source, result, a, b in self._rows(wanted))

    def worker_seen(self) -> datetime | None:
        """Return when any worker last said that it is at work; None when none ever did."""
        seen: datetime | None = self._rows(select(func.max(_WORKER.seen_at)))[0][0]
        return seen

    def newest(self) -> tuple[Span, ...]:
        """Return each suite's newest closed window, by suite."""
        known = union(
            select(_CHECK.suite).where(_CHECK.project == self._project),
            select(_ALERT.suite).where(_ALERT.project == self._project),
        ).subquery()
        last = select(_WINDOW.number).where(_WINDOW.project == self._project, _WINDOW.suite == known.c.suite)
        last = last.where(_WINDOW.state == "closed").order_by(_WINDOW.ends_at.desc(), _WINDOW.version.desc()).limit(1)
        numbers = select(last.scalar_subquery()).select_from(known)
        return self._spans(select(*_SPAN).where(_WINDOW.number.in_(numbers)).order_by(_WINDOW.suite))

    def open(self) -> tuple[Span, ...]:
        """Return the windows that are not closed yet, the oldest first."""
        wanted = select(*_SPAN).where(_WINDOW.project == self._project, _WINDOW.state == "open")
        return self._spans(wanted.order_by(_WINDOW.ends_at).limit(MOST_WINDOWS))

    def versions(self, span: Span) -> tuple[Span, ...]:
        """Return all versions of one span of time under one suite."""
        same = and_(_WINDOW.suite == span.suite, _WINDOW.starts_at == span.starts_at)
        wanted = select(*_SPAN).where(_WINDOW.project == self._project, same).order_by(_WINDOW.version)
        return tuple(Span(*row) for row in self._rows(wanted))

    def told(self, windows: Collection[int], *, slices: bool = True) -> tuple[Told, ...]:
        """Return the estimates of windows by metric and slice; without `slices`, only of all traffic."""
        wanted = select(*_TOLD).join_from(_ESTIMATE.window.table, _CHECK.number.table)
        wanted = wanted.where(_ESTIMATE.window.in_(sorted(windows)), _CHECK.project == self._project)
        if not slices:
            wanted = wanted.where(_ESTIMATE.slice == "")
        order = (_ESTIMATE.window, _CHECK.name, _CHECK.criterion, _ESTIMATE.traffic_check, _ESTIMATE.slice)
        return tuple(map(_told, self._rows(wanted.order_by(*order))))

    def checks(self, suite: str, metric: str) -> tuple[int, ...]:
        """Return the numbers of a metric's checks, a digest each; none for a metric that the suite never had."""
        name, _, criterion = metric.partition(".")
        mine = and_(_CHECK.project == self._project, _CHECK.suite == suite)
        wanted = select(_CHECK.number).where(mine, _CHECK.name == name, _CHECK.criterion == criterion)
        return tuple(row[0] for row in self._rows(wanted.order_by(_CHECK.number)))

    def named(self, suite: str) -> dict[int, CheckSeen]:
        """Return every criterion that a suite ever marked with, by number."""
        columns = (_CHECK.number, _CHECK.name, _CHECK.criterion, _CHECK.annotator, _CHECK.digest)
        wanted = select(*columns).where(_CHECK.project == self._project, _CHECK.suite == suite)
        return {row[0]: CheckSeen(row[0], metric_name(row[1], row[2]), *row[3:]) for row in self._rows(wanted)}

    def steps(
        self, suite: str, checks: Sequence[int], part: str, since: datetime, most: int = MOST_WINDOWS
    ) -> tuple[Step, ...]:
        """Return the closed windows that end after a moment, the oldest first, each in its newest version.

        part: the slice, blank for all traffic. Of more than `most` windows the newest are returned.
        """
        told = and_(
            _ESTIMATE.window == _WINDOW.number, _ESTIMATE.traffic_check.in_(checks), _ESTIMATE.slice == literal(part)
        )
        both = _WINDOW.number.table.outerjoin(_ESTIMATE.window.table, told)
        both = both.outerjoin(_CHECK.number.table, _CHECK.number == _ESTIMATE.traffic_check)
        mine = and_(_WINDOW.project == self._project, _WINDOW.suite == suite, _WINDOW.state == "closed")
        wanted = select(*_SPAN, *_TOLD).select_from(both).where(mine, _WINDOW.ends_at > since)
        newest = (_WINDOW.ends_at.desc(), _WINDOW.version.desc(), _ESTIMATE.traffic_check.desc())
        found: dict[datetime, Step] = {}
        for row in self._rows(wanted.order_by(*newest).limit(most)):
            step = Step(Span(*row[: len(_SPAN)]), None if row[len(_SPAN)] is None else _told(row[len(_SPAN) :]))
            found.setdefault(step.span.starts_at, step)
        return tuple(reversed(found.values()))

    def slices(self, suite: str, checks: Sequence[int], since: datetime) -> tuple[str, ...]:
        """Return the slices that the newest windows were told in, those of all traffic left out."""
        mine = and_(_WINDOW.project == self._project, _WINDOW.suite == suite, _WINDOW.state == "closed")
        newest = select(_WINDOW.number).where(mine, _WINDOW.ends_at > since)
        newest = newest.order_by(_WINDOW.ends_at.desc()).limit(_SLICED)
        wanted = select(_ESTIMATE.slice).where(_ESTIMATE.window.in_(newest), _ESTIMATE.traffic_check.in_(checks))
        return tuple(row[0] for row in self._rows(wanted.distinct().order_by(_ESTIMATE.slice)) if row[0])

    def _spans(self, wanted: Select[Any]) -> tuple[Span, ...]:
        return tuple(Span(*row) for row in self._rows(wanted))

    def _rows(self, wanted: Select[Any]) -> Sequence[Any]:
        with self._database.read() as connection:
            return connection.execute(wanted).all()


_SPAN = (_WINDOW.number, _WINDOW.suite, _WINDOW.starts_at, _WINDOW.ends_at, _WINDOW.version, _WINDOW.state)
_TOLD = (
    _ESTIMATE.window,
    _ESTIMATE.traffic_check,
    _CHECK.name,
    _CHECK.criterion,
    _CHECK.annotator,
    _CHECK.digest,
    _ESTIMATE.slice,
    _ESTIMATE.population,
    _ESTIMATE.scored,
    _ESTIMATE.point,
    _ESTIMATE.low,
    _ESTIMATE.high,
    _ESTIMATE.reason,
)


def _told(row: Sequence[Any]) -> Told:
    window, check, name, criterion, *rest = row
    return Told(window, check, metric_name(name, criterion), *rest)
