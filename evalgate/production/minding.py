"""Code checks are watched as traffic comes in: every few seconds, all of it, whatever the length of a window.

The line is raised by as many times as looks fit into a window, so that false alarms by the calendar stay as asked. With
little traffic a look waits for enough of it, a window's length at most.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, select

from evalgate.core.statistics.sampled import sampled_mean
from evalgate.core.statistics.unscored import score_ends
from evalgate.core.statistics.weighting import Drawn
from evalgate.production.alerting import Ends, Look, Watching, marks_in_code, spec_of
from evalgate.production.changes import Span
from evalgate.store.alerts import Alert, AlertEvent
from evalgate.store.engine import Store
from evalgate.store.tables import metadata
from evalgate.suites.suite import Suite
from evalgate.suites.traffic import AlertSpec, TrafficSpec

STEP = timedelta(seconds=15)
"""One look: a fall that many of its interactions show is told within a minute."""
SETTLES = timedelta(seconds=5)
"""How long a transaction that writes interactions may take to be seen."""
MOST_LOOKS = 240
"""At one call; who is further behind looks at longer stretches."""
REMEMBERED = timedelta(days=1)
"""Further back nobody is warned of, windows tell of it."""

_ITEM = metadata.tables["interaction"]
_CHECK = metadata.tables["traffic_check"]
_SCORE = metadata.tables["traffic_score"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Taken(NamedTuple):
    """A stretch that tells enough, or is as long as a window."""

    span: Span
    mean: Ends


def watch_code(store: Store, suite: Suite, now: datetime) -> tuple[AlertEvent, ...]:
    """Show what came in since the last look to the code checks a suite watches; return what happened.

    Workers may call it at the same moment: each stretch is looked at once.
    """
    if suite.traffic is None:
        return ()
    found: list[AlertEvent] = []
    for metric in sorted({spec.metric for spec in suite.traffic.alerts}):
        spec = spec_of(suite.traffic, metric)
        if spec is not None and marks_in_code(suite, metric):
            found.extend(_Minder(store, suite, suite.traffic, spec).caught_up(now))
    return tuple(found)


class _Minder:
    """One code check of a suite, all traffic of it."""

    def __init__(self, store: Store, suite: Suite, traffic: TrafficSpec, spec: AlertSpec) -> None:
        self._store, self._suite, self._traffic, self._spec = store, suite, traffic, spec
        self._digest = suite.checks[spec.metric.partition(".")[0]].digest
        self._wanted = spec.wanted * max(1.0, traffic.every / STEP)

    def caught_up(self, now: datetime) -> list[AlertEvent]:
        """Look at every stretch up to now; what is too short to tell something waits for the next call."""
        until = _EPOCH + ((now - SETTLES - _EPOCH) // STEP) * STEP
        found: list[AlertEvent] = []
        start = self._seen_until(until - STEP)
        start = max(start, until - max(self._traffic.every, REMEMBERED))
        step = max(1, -(-(until - start) // (STEP * MOST_LOOKS))) * STEP
        while (taken := self._taken(start, until, step)) is not None:
            with self._store.database.write() as connection:
                alert = self._locked(connection)
                if alert.seen_until is None or alert.seen_until > start:
                    break  # another worker is at it
                look = Look(taken.span, taken.mean, self._digest)
                event = self._watching(connection).look(alert, self._spec, self._wanted, look)
            found += [] if event is None else [event]
            start = taken.span.end
        return found

    def _taken(self, start: datetime, until: datetime, step: timedelta) -> _Taken | None:
        """Return the shortest stretch that tells something; None while that may still come."""
        length = step
        while start + length <= until:
            span = Span(start, start + length)
            mean = self._mean(span)
            if mean.reason is None or length >= self._traffic.every:
                return _Taken(span, mean)
            length = min(2 * length, max(self._traffic.every, step))
            if start + length > until > span.end:
                length = ((until - start) // STEP) * STEP
        return None

    def _mean(self, span: Span) -> Ends:
        import numpy as np

        name, _, criterion = self._spec.metric.partition(".")
        mine = and_(_CHECK.c.project == self._store.project, _CHECK.c.suite == self._suite.name)
        this = and_(mine, _CHECK.c.name == name, _CHECK.c.criterion == criterion, _CHECK.c.digest == self._digest)
        check = select(_CHECK.c.number).where(this).scalar_subquery()
        here = and_(_ITEM.c.project == self._store.project, _ITEM.c.completed_at >= span.start)
        joined = _ITEM.join(_SCORE, and_(_SCORE.c.interaction == _ITEM.c.number, _SCORE.c.traffic_check == check))
        wanted = select(_ITEM.c.conversation, _SCORE.c.value).select_from(joined)
        wanted = wanted.where(here, _ITEM.c.completed_at < span.end, _SCORE.c.state.in_(("scored", "failed")))
        with self._store.database.read() as connection:
            rows: Any = connection.execute(wanted).all()
        codes = {named: code for code, named in enumerate(dict.fromkeys(row[0] for row in rows))}
        clusters = np.array([codes[row[0]] for row in rows], dtype=np.int64)
        values = np.array([np.nan if row[1] is None else row[1] for row in rows], dtype=np.float64)
        low, high = (sampled_mean(Drawn(end, np.ones(len(end)), clusters=clusters)) for end in score_ends(values))
        return Ends(low, high)

    def _seen_until(self, first: datetime) -> datetime:
        """Return up to where the alert has looked; a new one begins at `first`."""
        with self._store.database.read() as connection:
            known = self._store.alerts.of(connection, self._suite.name)
        seen = [one.seen_until for one in known if (one.metric, one.slice) == (self._spec.metric, "")]
        if seen and seen[0] is not None:
            return seen[0]
        with self._store.database.write() as connection:
            alert = self._locked(connection)
            self._store.alerts.looked(connection, alert, alert.model_copy(update={"seen_until": first}))
        return first

    def _locked(self, connection: Connection) -> Alert:
        known = self._store.alerts.locked(connection, self._suite.name, self._spec.metric).get("")
        return known or self._watching(connection).begin(self._spec, "", self._wanted, None)

    def _watching(self, connection: Connection) -> Watching:
        return Watching(connection, self._store, self._suite, self._traffic)
