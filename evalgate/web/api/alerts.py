"""Alerts of production: how each watched series stands, what happened to it, and having nobody told for a while."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field, JsonValue

from evalgate.core.alerts import Happening
from evalgate.core.statistics.detecting import State
from evalgate.core.values import Value
from evalgate.store.alerts import Alert
from evalgate.web.api.queues import Number
from evalgate.web.api.routing import API, KEEPERS, READERS, Limit, SuiteFilter, api_router, shown_as
from evalgate.web.guard import Caller
from evalgate.web.problems import missing
from evalgate.web.transactions import Work

router = api_router("alerts")

_ALERT = {
    "number": 3,
    "suite": "support",
    "metric": "answers",
    "slice": "release=2026.11",
    "state": "ALERT",
    "since": "2026-11-21T12:02:00Z",
    "seen_until": "2026-11-21T12:00:00Z",
    "floor": 0.8,
    "evidence": 0.0,
    "wanted": 365.0,
    "windows": 57,
    "digest": "5f0c9f3b2a1d4e6f8a7b6c5d4e3f2a1b",
    "muted_until": None,
    "muted_by": None,
}
_EVENT = {
    "number": 9,
    "at": "2026-11-21T12:02:00Z",
    "before": "WARNING",
    "after": "ALERT",
    "window": 412,
    "body": Happening(cause="measured", floor=0.8, point=0.71, low=0.65, high=0.78, scored=240).model_dump(mode="json"),
    "deliveries": [
        {
            "target": "oncall",
            "state": "sent",
            "attempts": 1,
            "next_at": "2026-11-21T12:02:00Z",
            "trouble": None,
        }
    ],
}


class AlertSeen(Value):
    """One series that is watched; a blank slice is all traffic."""

    model_config = shown_as(_ALERT)

    number: int
    suite: str
    metric: str
    slice: str
    state: State
    since: AwareDatetime
    seen_until: AwareDatetime | None
    """The end of what was looked at last."""
    floor: float
    evidence: float
    """The detector's, since its last alarm."""
    wanted: float
    """The line it is held to."""
    windows: int
    """Measured ones in this series."""
    digest: str | None
    """Of the check."""
    muted_until: AwareDatetime | None
    muted_by: str | None


class AlertList(Value):
    """Every series that is watched, by suite, metric and slice."""

    model_config = shown_as({"alerts": [_ALERT]})

    alerts: tuple[AlertSeen, ...]


class DeliveryShown(Value):
    """How the message to one target stands."""

    target: str
    state: str
    """waiting, sent or given_up."""
    attempts: int
    next_at: AwareDatetime
    trouble: str | None
    """What went wrong last."""


class EventShown(Value):
    """One change of state, with what was seen, what had changed and who was told."""

    model_config = shown_as(_EVENT)

    number: int
    at: AwareDatetime
    before: State
    after: State
    window: int | None
    body: Happening
    deliveries: tuple[DeliveryShown, ...]


class AlertTold(Value):
    """One series and what happened to it, the newest first."""

    model_config = shown_as({"alert": _ALERT, "events": [_EVENT]})

    alert: AlertSeen
    events: tuple[EventShown, ...]


class MuteWanted(Value):
    """For how long nobody is to be told."""

    model_config = shown_as({"hours": 4})

    hours: Annotated[float, Field(gt=0, le=720, allow_inf_nan=False)]


@router.get("/alerts")
def list_alerts(caller: Annotated[Caller, READERS], suite: SuiteFilter = None) -> AlertList:
    """List what is watched and how it stands."""
    with caller.reading() as work:
        return AlertList(alerts=tuple(map(_seen, work.store.alerts.list(suite))))


@router.get("/alerts/{number}")
def get_alert(caller: Annotated[Caller, READERS], number: Number, limit: Limit = 50) -> AlertTold:
    """Return one series with what happened to it."""
    with caller.reading() as work:
        with missing("alert", str(number), f"{API}/alerts"):
            alert = work.store.alerts.get(number)
        events = work.store.alerts.events(number, limit)
        sent: dict[int, list[DeliveryShown]] = defaultdict(list)
        for one in work.store.deliveries.of([event.number for event in events]):
            sent[one.event].append(DeliveryShown(**{name: getattr(one, name) for name in DeliveryShown.model_fields}))
    shown = [
        EventShown(
            **{name: getattr(event, name) for name in EventShown.model_fields if name != "deliveries"},
            deliveries=tuple(sent[event.number]),
        )
        for event in events
    ]
    return AlertTold(alert=_seen(alert), events=tuple(shown))


@router.post("/alerts/{number}/mute")
def mute_alert(caller: Annotated[Caller, KEEPERS], number: Number, wanted: MuteWanted) -> AlertSeen:
    """Have nobody told of an alert for a while; what happens is kept all the same."""
    until = caller.service.clock() + timedelta(hours=wanted.hours)
    with caller.writing() as work:
        with missing("alert", str(number), f"{API}/alerts"):
            muted = work.store.alerts.mute(work.connection, number, until, caller.actor)
        note_mute(caller, work, "alert.muted", muted, until=until.isoformat())
    return _seen(muted)


@router.post("/alerts/{number}/unmute")
def unmute_alert(caller: Annotated[Caller, KEEPERS], number: Number) -> AlertSeen:
    """Have people told again; what happened meanwhile and still stands is told at the next look."""
    with caller.writing() as work:
        with missing("alert", str(number), f"{API}/alerts"):
            alert = work.store.alerts.unmute(work.connection, number)
        note_mute(caller, work, "alert.unmuted", alert)
    return _seen(alert)


def note_mute(caller: Caller, work: Work, action: str, alert: Alert, **detail: JsonValue) -> None:
    """Write into the audit who muted or unmuted a series."""
    series = {"suite": alert.suite, "metric": alert.metric, "slice": alert.slice}
    work.audit.add(work.connection, caller.project, caller.actor, action, f"alert:{alert.number}", **series, **detail)


def _seen(alert: Alert) -> AlertSeen:
    own = {name: getattr(alert, name) for name in AlertSeen.model_fields if name in Alert.model_fields}
    detector = {name: getattr(alert.detector, name) for name in ("floor", "evidence", "wanted", "windows")}
    return AlertSeen(**own, **detector)
