"""A suite that watches production, what its windows and its code checks say, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from sqlalchemy import insert, select

from evalgate.core.alerts import Happening
from evalgate.core.statistics.detecting import Detector
from evalgate.core.statistics.sampled import SampledMean, sampled_mean
from evalgate.core.statistics.weighting import Drawn
from evalgate.production.alerting import Closed, Measure, after_window
from evalgate.store.alerts import Alert, AlertEvent
from evalgate.store.engine import Store
from evalgate.store.tables import metadata
from evalgate.suites.suite import Suite
from tests.production.closed import HOUR, write
from tests.suites.scenes import SUPPORT, load

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
JUDGE = "a" * 32
WATCHED = """\
traffic:
  every: 1h
  by: [release]
  alerts:
    answers: {at_least: 0.8, windows_per_false_alarm: 100, by: release}
    no_pii: {at_least: 0.95, windows_per_false_alarm: 100}
  notify:
    oncall: {webhook: {env: HOOK_URL}, secret: {env: HOOK_SECRET}}
    team: {slack: {env: SLACK_URL}}
"""


class Moment:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def suite(folder: Path, traffic: str = WATCHED) -> Suite:
    return load(folder, SUPPORT + traffic)


def mean(share: float, n: int = 100) -> SampledMean:
    """Return the mean of n interactions of which a share is good."""
    values = (np.arange(n) < round(share * n)).astype(float)
    return sampled_mean(Drawn(values, np.full(n, 0.5)))


class Windows:
    """Closes one hour after the other."""

    def __init__(self, store: Store, suite: Suite, end: datetime = NOON) -> None:
        self.store, self.suite, self.end = store, suite, end

    def close(self, *measures: Measure, version: int = 1) -> list[tuple[str, str, str]]:
        """Close the next hour; give what happened as (slice, before, after)."""
        self.end += HOUR
        span = {"starts_at": self.end - HOUR, "ends_at": self.end}
        number = write(
            self.store,
            "traffic_window",
            project=self.store.project,
            suite=self.suite.name,
            version=version,
            state="closed",
            attempt=1,
            spent_usd=0.0,
            **span,
        )
        closed = Closed(number, self.end - HOUR, self.end, version)
        with self.store.database.write() as connection:
            events = after_window(connection, self.store, self.suite, closed, measures)
        alerts = {alert.number: alert for alert in self.store.alerts.list()}
        return [(alerts[event.alert].slice, event.before, event.after) for event in events]

    def answers(self, share: float, part: str = "", digest: str = JUDGE) -> list[tuple[str, str, str]]:
        """Close the next hour, in which a share of the answers is good."""
        return self.close(said(share, part, digest))


def said(share: float, part: str = "", digest: str = JUDGE) -> Measure:
    of = mean(share)
    return Measure("answers", part, digest, of, of)


def whole(store: Store, metric: str = "answers") -> Alert:
    return next(one for one in store.alerts.list() if (one.metric, one.slice) == (metric, ""))


def told(store: Store) -> list[tuple[int, str]]:
    """Return who is to be told of which event."""
    delivery = metadata.tables["delivery"]
    with store.database.read() as connection:
        rows = connection.execute(select(delivery.c.event, delivery.c.target).order_by(delivery.c.number))
        return [(event, target) for event, target in rows]


def an_event(store: Store, body: Happening | None = None) -> AlertEvent:
    """Have an alert rise and both targets to be told of it."""
    fresh = Detector(floor=0.8)
    with store.database.write() as connection:
        alert = store.alerts.begun(connection, "support", "answers", "", fresh, JUDGE)
        raised = alert.model_copy(update={"state": "ALERT"})
        event = store.alerts.happened(connection, alert, raised, body or Happening(cause="measured", floor=0.8), None)
        store.deliveries.add(connection, event.number, ["oncall", "team"])
    return event


def traffic(
    store: Store, check: int, start: datetime, length: timedelta, values: Sequence[float], **facts: Any
) -> None:
    """Write interactions spread evenly over a stretch of time, each scored by a check."""
    rows = []
    for place in range(len(values)):
        at = start + length * place / len(values)
        rows.append(
            {
                "project": store.project,
                "source": "otlp",
                "external_id": f"{start.isoformat()}-{facts}-{place}",
                "state": "complete",
                "version": 1,
                "received_at": at,
                "completed_at": at,
                "conversation": f"{start.isoformat()}-{facts}-{place}",
                "draw": (place + 0.5) / len(values),
                "facts": orjson.dumps(facts).decode(),
            }
        )
    item = metadata.tables["interaction"]
    with store.database.write() as connection:
        numbers = connection.execute(
            insert(item).returning(item.c.number, sort_by_parameter_order=True), rows
        ).scalars()
        scores = [
            {"interaction": number, "traffic_check": check, "state": "scored", "value": value, "chance": 1.0}
            for number, value in zip(numbers, values, strict=True)
        ]
        connection.execute(insert(metadata.tables["traffic_score"]), scores)
