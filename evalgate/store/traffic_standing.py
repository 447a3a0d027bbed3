"""How production scoring stands in every project at once: what a scrape asks for, one statement a question.

Series are held to MOST of a window: a fact of many values makes a long page here, and not a slow or a boundless one.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Select, and_, func, select

from evalgate.core.outcomes import metric_name
from evalgate.store.database import Database
from evalgate.store.tables import metadata

_WINDOW = metadata.tables["traffic_window"]
_CHECK = metadata.tables["traffic_check"]
_ESTIMATE = metadata.tables["traffic_estimate"]
_WORKER = metadata.tables["worker"].c

MOST = 500
"""Series of one window: metrics as a whole go before their slices."""


class WindowStanding(NamedTuple):
    """The newest closed window of a suite."""

    project: int
    suite: str
    starts_at: datetime
    ends_at: datetime
    states: dict[str, int]
    """How many rows it left in each state, over all metrics."""


class ScoreStanding(NamedTuple):
    """What that window says of one metric."""

    project: int
    suite: str
    metric: str
    slice: str
    """Blank: all traffic; else `release=2026.11`."""
    population: int
    scored: int
    point: float | None
    low: float | None
    high: float | None


class SpendStanding(NamedTuple):
    """What scoring one project's traffic has cost."""

    project: int
    usd: float


def window_standings(database: Database) -> tuple[WindowStanding, ...]:
    """Return the newest closed window of every suite."""
    newest = _newest().subquery()
    columns = (_WINDOW.c.project, _WINDOW.c.suite, _WINDOW.c.starts_at, _WINDOW.c.ends_at, _WINDOW.c.counts)
    wanted = select(*columns).join(newest, newest.c.number == _WINDOW.c.number)
    with database.read() as connection:
        rows = connection.execute(wanted.order_by(*columns[:2])).all()
    return tuple(WindowStanding(*row[:4], _states(row.counts)) for row in rows)


def score_standings(database: Database) -> tuple[ScoreStanding, ...]:
    """Return what the newest closed window of every suite says, at most MOST series of each."""
    newest = _newest().subquery()
    order = (_ESTIMATE.c.slice != "", _CHECK.c.name, _CHECK.c.criterion, _ESTIMATE.c.slice)
    place = func.row_number().over(partition_by=_ESTIMATE.c.window, order_by=order).label("place")
    said = (_ESTIMATE.c[name] for name in ("slice", "population", "scored", "point", "low", "high"))
    columns = (_CHECK.c.project, _CHECK.c.suite, _CHECK.c.name, _CHECK.c.criterion, *said)
    ranked = (
        select(*columns, place)
        .select_from(_ESTIMATE)
        .join(newest, newest.c.number == _ESTIMATE.c.window)
        .join(_CHECK, _CHECK.c.number == _ESTIMATE.c.traffic_check)
        .subquery()
    )
    wanted = select(ranked).where(ranked.c.place <= MOST).order_by(ranked.c.project, ranked.c.suite, ranked.c.place)
    with database.read() as connection:
        rows = connection.execute(wanted).all()
    return tuple(ScoreStanding(row[0], row[1], metric_name(row.name, row.criterion), *row[4:10]) for row in rows)


def spend_standings(database: Database) -> tuple[SpendStanding, ...]:
    """Return what every project has spent on scoring since the month began, UTC."""
    month = database.clock().astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    paid = func.sum(_WINDOW.c.spent_usd)
    wanted = select(_WINDOW.c.project, paid).where(_WINDOW.c.spent_at >= month).group_by(_WINDOW.c.project)
    with database.read() as connection:
        rows = connection.execute(wanted.order_by(_WINDOW.c.project))
        return tuple(SpendStanding(project, float(usd)) for project, usd in rows)


def worker_seen(database: Database) -> datetime | None:
    """Return when a worker last said that it is at work; None when there never was one."""
    with database.read() as connection:
        return connection.execute(select(func.max(_WORKER.seen_at))).scalar()


def _newest() -> Select[Any]:
    """Return the statement for the newest closed window of each suite: one look into an index for each."""
    suites = select(_CHECK.c.project, _CHECK.c.suite).distinct().subquery()
    of_suite = and_(_WINDOW.c.project == suites.c.project, _WINDOW.c.suite == suites.c.suite)
    last = select(_WINDOW.c.number).where(of_suite, _WINDOW.c.state == "closed").correlate(suites)
    last = last.order_by(_WINDOW.c.ends_at.desc(), _WINDOW.c.version.desc()).limit(1)
    return select(last.scalar_subquery().label("number")).select_from(suites)


def _states(counts: str | None) -> dict[str, int]:
    """Return the rows of all checks by state; a window counts them by check, state and reason."""
    found: Counter[str] = Counter()
    for rows in (orjson.loads(counts) if counts else {}).get("checks", {}).values():
        for state, number in rows.items():
            found[state.partition(":")[0]] += number
    return dict(found)
