"""Alerts of production traffic: one row a watched series, one event a change of its state.

Rows are read and written in the caller's transaction: what a window showed, what it raised and who is told of it are
kept together or not at all.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import orjson
from pydantic import AwareDatetime
from sqlalchemy import Connection, RowMapping, and_, func, select, update

from evalgate.core.alerts import Happening
from evalgate.core.errors import WrongAsWritten
from evalgate.core.statistics.detecting import Detector, State
from evalgate.core.values import Value
from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.tables import metadata

_ALERT = metadata.tables["traffic_alert"]
_EVENT = metadata.tables["traffic_event"]

MOST_SLICES = 50
"""Slices of one metric that are watched; those that come later are not, so that a fact of many values stays cheap."""


class Alert(Value):
    """One series that is watched."""

    number: int
    suite: str
    metric: str
    slice: str
    """Blank: all traffic; else `release=2026.11`."""
    detector: Detector
    digest: str | None = None
    state: State
    since: AwareDatetime
    seen_until: AwareDatetime | None = None
    muted_until: AwareDatetime | None = None
    muted_by: str | None = None

    def is_muted(self, now: datetime) -> bool:
        """Say whether nobody is told of it at this moment."""
        return self.muted_until is not None and now < self.muted_until


class AlertEvent(Value):
    """One change of an alert's state."""

    number: int
    alert: int
    at: AwareDatetime
    before: State
    after: State
    window: int | None
    body: Happening


class AlertStanding(NamedTuple):
    """How one alert stands, for a scrape."""

    project: int
    suite: str
    metric: str
    slice: str
    state: str
    seen_until: datetime | None


class Alerts:
    """What is watched in one project."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def list(self, suite: str | None = None) -> tuple[Alert, ...]:
        """Return every alert by suite, metric and slice."""
        with self._database.read() as connection:
            return self.of(connection, suite)

    def of(self, connection: Connection, suite: str | None) -> tuple[Alert, ...]:
        """Return the alerts of a suite, or all, as this transaction sees them."""
        wanted = select(_ALERT).where(_ALERT.c.project == self._project)
        if suite is not None:
            wanted = wanted.where(_ALERT.c.suite == suite)
        rows = connection.execute(wanted.order_by(_ALERT.c.suite, _ALERT.c.metric, _ALERT.c.slice)).mappings()
        return tuple(map(_alert_of, rows))

    def get(self, number: int) -> Alert:
        """Return one alert; raise WrongAsWritten for none."""
        with self._database.read() as connection:
            return self.one(connection, number)

    def events(self, alert: int, limit: int = 50) -> tuple[AlertEvent, ...]:
        """Return what happened to an alert, the newest first."""
        mine = and_(_EVENT.c.alert == alert, _ALERT.c.project == self._project)
        wanted = select(_EVENT).join(_ALERT, _ALERT.c.number == _EVENT.c.alert).where(mine)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(_EVENT.c.number.desc()).limit(limit)).mappings()
            return tuple(map(_event_of, rows))

    def mute(self, connection: Connection, number: int, until: datetime, by: str) -> Alert:
        """Have nobody told of an alert until a moment; its events are kept all the same."""
        self.one(connection, number)
        connection.execute(self._mine(number).values(muted_until=until, muted_by=by))
        return self.one(connection, number)

    def unmute(self, connection: Connection, number: int) -> Alert:
        """Have people told again: what happened meanwhile and still stands is told at the next look."""
        known, now = self.one(connection, number), self._database.clock()
        if known.is_muted(now):
            connection.execute(self._mine(number).values(muted_until=now))
        return self.one(connection, number)

    def locked(self, connection: Connection, suite: str, metric: str) -> dict[str, Alert]:
        """Return a metric's alerts by slice; nobody else changes them until the transaction ends."""
        mine = and_(_ALERT.c.project == self._project, _ALERT.c.suite == suite, _ALERT.c.metric == metric)
        wanted = select(_ALERT).where(mine).order_by(_ALERT.c.slice)
        if not self._database.is_sqlite:  # where the transaction is alone anyway
            wanted = wanted.with_for_update()
        return {row["slice"]: _alert_of(row) for row in connection.execute(wanted).mappings()}

    def begun(
        self, connection: Connection, suite: str, metric: str, part: str, detector: Detector, digest: str | None
    ) -> Alert:
        """Return a slice's alert, made if nobody made it yet; what is known of a new one is nothing."""
        row = {
            "project": self._project,
            "suite": suite,
            "metric": metric,
            "slice": part,
            "detector": detector.model_dump_json(),
            "digest": digest,
            "state": "UNKNOWN",
            "since": self._database.clock(),
        }
        connection.execute(insert_into(_ALERT, connection.dialect).values(row).on_conflict_do_nothing())
        return self.locked(connection, suite, metric)[part]

    def looked(self, connection: Connection, before: Alert, after: Alert) -> bool:
        """Keep where an alert stands after a look; False, and nothing kept, where another worker has looked already."""
        seen = _ALERT.c.seen_until
        same = seen.is_(None) if before.seen_until is None else seen == before.seen_until
        values = {
            "detector": after.detector.model_dump_json(),
            "digest": after.digest,
            "state": after.state,
            "since": after.since,
            "seen_until": after.seen_until,
            "muted_until": after.muted_until,
            "muted_by": after.muted_by,
        }
        return connection.execute(self._mine(before.number).where(same).values(values)).rowcount == 1

    def happened(
        self, connection: Connection, before: Alert, after: Alert, body: Happening, window: int | None
    ) -> AlertEvent:
        """Add the event of a change of state."""
        row = {
            "alert": after.number,
            "at": self._database.clock(),
            "before": before.state,
            "after": after.state,
            "window": window,
            "body": body.model_dump_json(),
        }
        number = connection.execute(_EVENT.insert().values(row).returning(_EVENT.c.number)).scalar_one()
        return _event_of({**row, "number": number})

    def event(self, connection: Connection, number: int) -> AlertEvent:
        """Return one event, which is there, as this transaction sees it."""
        return _event_of(connection.execute(select(_EVENT).where(_EVENT.c.number == number)).mappings().one())

    def latest(self, connection: Connection, alert: int) -> AlertEvent | None:
        """Return an alert's newest event as this transaction sees it."""
        wanted = select(_EVENT).where(_EVENT.c.alert == alert).order_by(_EVENT.c.number.desc()).limit(1)
        row = connection.execute(wanted).mappings().first()
        return None if row is None else _event_of(row)

    def one(self, connection: Connection, number: int) -> Alert:
        """Return one alert as this transaction sees it; raise WrongAsWritten for none."""
        wanted = select(_ALERT).where(_ALERT.c.number == number, _ALERT.c.project == self._project)
        row = connection.execute(wanted).mappings().first()
        if row is None:
            raise WrongAsWritten(f"there is no alert {number} here")
        return _alert_of(row)

    def _mine(self, number: int) -> Any:
        return update(_ALERT).where(_ALERT.c.number == number, _ALERT.c.project == self._project)


def alert_standings(database: Database, most: int) -> tuple[AlertStanding, ...]:
    """Return how the alerts of every project stand, at most so many of each project: whole metrics before slices."""
    place = func.row_number().over(
        partition_by=_ALERT.c.project, order_by=(_ALERT.c.slice != "", _ALERT.c.suite, _ALERT.c.metric, _ALERT.c.slice)
    )
    names = ("project", "suite", "metric", "slice", "state", "seen_until")
    ranked = select(*(_ALERT.c[name] for name in names), place.label("place")).subquery()
    wanted = select(*(ranked.c[name] for name in names)).where(ranked.c.place <= most)
    with database.read() as connection:
        rows = connection.execute(wanted.order_by(*(ranked.c[name] for name in names[:4])))
        return tuple(AlertStanding(*row) for row in rows)


def _alert_of(row: RowMapping) -> Alert:
    known = {name: row[name] for name in Alert.model_fields if name != "detector"}
    return Alert(**known, detector=Detector.model_validate(orjson.loads(row["detector"])))


def _event_of(row: RowMapping | dict[str, Any]) -> AlertEvent:
    known = {name: row[name] for name in AlertEvent.model_fields if name != "body"}
    return AlertEvent(**known, body=Happening.model_validate(orjson.loads(row["body"])))
