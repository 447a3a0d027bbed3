"""Alerts: every watched series with its state; and one with what was seen, what had changed and who was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Annotated, Literal, NamedTuple

from fastapi import Request, Response

from evalgate.core.alerts import Example, FactChange, Happening
from evalgate.core.values import Value
from evalgate.reports.messages import Voice
from evalgate.store.alerts import Alert, AlertEvent
from evalgate.store.deliveries import DeliverySeen
from evalgate.web.api.alerts import MuteWanted, mute_alert, unmute_alert
from evalgate.web.guard import Caller
from evalgate.web.pages.queues import Fields, text_of
from evalgate.web.pages.rendering import asked, go, page, page_router
from evalgate.web.pages.traffic_words import (
    KEEPERS,
    READERS,
    WORST,
    Number,
    Speech,
    fact_word,
    keeps,
    reason_word,
    sliced,
    speech_of,
    trend_path,
)
from evalgate.web.problems import missing

router = page_router()

Quiet = Literal["1h", "1d", "7d"]
QUIETS: dict[Quiet, float] = {"1h": 1, "1d": 24, "7d": 168}
"""In hours."""


class Row(NamedTuple):
    """One watched series."""

    alert: Alert
    path: str
    slice: str
    floor: str
    muted: bool


class Changed(NamedTuple):
    """One fact whose share of the traffic is another one now."""

    fact: str
    value: str
    before: str
    after: str
    reach: str
    means: str
    explains: str


class Shown(NamedTuple):
    """One change of state in words."""

    event: AlertEvent
    cause: str
    seen: str
    """The estimate of its window, or why there is none."""
    sent: tuple[DeliverySeen, ...]


class Quieted(Value):
    """For how long nobody is to be told."""

    quiet: Quiet


@router.get("/alerts")
def show_alerts(caller: Annotated[Caller, READERS], request: Request) -> Response:
    """Show every watched series, those that need somebody first."""
    speech = speech_of(request, caller)
    with caller.reading() as work:
        alerts = work.store.alerts.list()
    rows = [_row(one, speech) for one in alerts]
    rows.sort(key=lambda row: (WORST.index(row.alert.state), row.alert.suite, row.alert.metric, row.alert.slice))
    return page(request, caller, "traffic/alerts.html", rows=rows)


@router.get("/alerts/{number:int}")
def show_alert(caller: Annotated[Caller, READERS], request: Request, number: Number) -> Response:
    """Show one series: what its windows said, what had changed, examples, and what happened before."""
    speech = speech_of(request, caller)
    with caller.reading() as work:
        with missing("alert", str(number), "/alerts"):
            alert = work.store.alerts.get(number)
        events = work.store.alerts.events(number)
        sent: dict[int, list[DeliverySeen]] = defaultdict(list)
        for one in work.store.deliveries.of([event.number for event in events]):
            sent[one.event].append(one)
    newest = events[0].body if events else None
    return page(
        request,
        caller,
        "traffic/alert.html",
        row=_row(alert, speech),
        trend=trend_path(alert.suite, alert.metric, alert.slice),
        evidence=_evidence(alert, newest, speech),
        events=[_shown(event, sent, speech) for event in events],
        newest=newest,
        changed=[_changed(one, speech) for one in newest.changed] if newest else [],
        examples=[(one, _score(one, speech)) for one in newest.examples] if newest else [],
        keeps=keeps(caller),
        quiets=tuple(QUIETS),
    )


@router.post("/alerts/{number:int}/mute")
def mute_by_form(caller: Annotated[Caller, KEEPERS], number: Number, sent: Fields) -> Response:
    """Have nobody told of an alert for a while."""
    wanted = asked(Quieted, quiet=text_of(sent, "quiet"))
    mute_alert(caller, number, MuteWanted(hours=QUIETS[wanted.quiet]))
    return go(f"/alerts/{number}", "alert_muted")


@router.post("/alerts/{number:int}/unmute")
def unmute_by_form(caller: Annotated[Caller, KEEPERS], number: Number) -> Response:
    """Have people told again."""
    unmute_alert(caller, number)
    return go(f"/alerts/{number}", "alert_unmuted")


def _row(alert: Alert, speech: Speech) -> Row:
    words, voice, now = speech
    part = sliced(alert.slice, words, voice)
    return Row(alert, f"/alerts/{alert.number}", part, voice.demanded(alert.detector.floor), alert.is_muted(now))


def _evidence(alert: Alert, newest: Happening | None, speech: Speech) -> str:
    """Return what the detector holds against the floor, as somebody would say it who is no statistician."""
    words, voice, _ = speech
    detector = alert.detector
    # An alarm empties the detector: what it held then is with the event.
    raised = alert.state == "ALERT" and newest is not None and newest.evidence >= detector.wanted
    evidence = newest.evidence if newest is not None and raised else detector.evidence
    told = {
        "evidence": voice.plain(round(evidence, 1)),
        "line": voice.plain(detector.wanted),
        "windows": words.counted("traffic.windows", detector.windows),
    }
    key = "alert.evidence.raised" if raised else "alert.evidence" if detector.windows else "alert.evidence.none"
    return words.said(key, **told)


def _shown(event: AlertEvent, sent: Mapping[int, list[DeliverySeen]], speech: Speech) -> Shown:
    words = speech.words
    cause = words.said(f"alert.cause.{event.body.cause}")
    return Shown(event, cause, _seen(event.body, speech), tuple(sent.get(event.number, ())))


def _seen(body: Happening, speech: Speech) -> str:
    words, voice, _ = speech
    if body.point is None or body.low is None or body.high is None:
        return reason_word(body.reason, words)
    told = {
        "point": voice.percent(body.point, body.floor),
        "low": voice.percent(body.low, body.floor),
        "high": voice.percent(body.high, body.floor),
        "n": voice.whole(body.scored),
        "floor": voice.demanded(body.floor),
    }
    return words.said("alert.seen", **told)


def _changed(one: FactChange, speech: Speech) -> Changed:
    words, voice, _ = speech
    means = ""
    if one.mean_before is not None and one.mean_after is not None:
        means = f"{voice.percent(one.mean_before)} → {voice.percent(one.mean_after)}"
    elif one.mean_after is not None:
        means = words.said("alert.now", share=voice.percent(one.mean_after))
    return Changed(
        fact=fact_word(one.fact, words),
        value=voice.named(one.value),
        before=voice.percent(one.before),
        after=voice.percent(one.after),
        reach=words.said("measure.reach", low=_points(one.low, voice), high=_points(one.high, voice)),
        means=means,
        explains="" if one.explains is None else voice.percent(one.explains),
    )


def _points(change: float, voice: Voice) -> str:
    return voice.said("number.points", number=voice.change(change))


def _score(one: Example, speech: Speech) -> str:
    return speech.voice.plain(round(one.value, 2))
