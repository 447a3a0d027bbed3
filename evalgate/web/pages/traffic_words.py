"""What the pages of production traffic share: how numbers, reasons, slices and states are told, and where they lead."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple
from urllib.parse import quote

from fastapi import Path, Request

from evalgate.core.statistics.detecting import State
from evalgate.reports.messages import Voice
from evalgate.store.alerts import Alert
from evalgate.store.trends import Span, Told
from evalgate.web.guard import Caller, needs
from evalgate.web.pages.measures import HEIGHT, WIDTH, Measure, line_of
from evalgate.web.pages.rendering import Words, language_of

READERS = needs("maintainer", "admin", "auditor")
KEEPERS = needs("maintainer", "admin")
LARGEST = 2**63 - 1
Number = Annotated[int, Path(ge=1, le=LARGEST)]
Suite = Annotated[str, Path(min_length=1, max_length=200)]
DRAWING = {"width": WIDTH, "height": HEIGHT}

_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60))


WORST: tuple[State, ...] = ("ALERT", "WARNING", "UNKNOWN", "NO_DATA", "OK")
"""What needs somebody first."""


class Speech(NamedTuple):
    """In which language a page speaks, and when."""

    words: Words
    voice: Voice
    now: datetime


class Figure(NamedTuple):
    """One estimate, as it is told."""

    metric: str
    slice: str
    """In words."""
    path: str
    """Of its trend."""
    measure: Measure
    of: str
    """How many of how many were scored."""
    alert: Alert | None


def speech_of(request: Request, caller: Caller) -> Speech:
    """Return how to speak to somebody."""
    language = language_of(request, caller)
    return Speech(Words(language), Voice(language), caller.service.clock())


def keeps(caller: Caller) -> bool:
    """Say whether somebody may change what is shown."""
    return caller.role in ("maintainer", "admin")


def trend_path(suite: str, metric: str, part: str = "") -> str:
    """Return where a metric's trend is.

    >>> trend_path("support", "answers", "release=2026.11")
    '/traffic/support/answers?slice=release%3D2026.11'
    """
    path = f"/traffic/{quote(suite, safe='')}/{quote(metric, safe='')}"
    return f"{path}?slice={quote(part, safe='')}" if part else path


def sliced(part: str, words: Words, voice: Voice) -> str:
    """Return a slice in words.

    >>> sliced("release=2026.11", Words("en"), Voice("en")), sliced("", Words("es"), Voice("es"))
    ('Release: 2026.11', 'Todo el tráfico')
    """
    if not part:
        return words.said("traffic.all")
    fact, _, value = part.partition("=")
    return f"{fact_word(fact, words)}: {voice.named(value)}"


def fact_word(fact: str, words: Words) -> str:
    """Return what a fact is called."""
    return words.said(f"traffic.fact.{fact}") if words.has(f"traffic.fact.{fact}") else fact


def reason_word(reason: str | None, words: Words) -> str:
    """Return a reason in words; one that no page knows stands as it is written."""
    if not reason:
        return ""
    return words.said(f"traffic.reason.{reason}") if words.has(f"traffic.reason.{reason}") else reason


def measured(told: Told, words: Words, voice: Voice, *, floor: float | None = None) -> Measure:
    """Return an estimate with its interval, or why it is not known."""
    lines = () if floor is None else (floor,)
    if told.point is None or told.low is None or told.high is None:
        return Measure(told.metric, "", "", reason_word(told.reason or "nothing_sampled", words), None)
    reach = words.said("measure.reach", low=voice.percent(told.low, *lines), high=voice.percent(told.high, *lines))
    line = line_of(told.point, told.low, told.high)
    return Measure(told.metric, voice.percent(told.point, *lines), reach, reason_word(told.reason, words), line)


def figure(suite: str, told: Told, alert: Alert | None, speech: Speech) -> Figure:
    """Return an estimate as a row of a table."""
    words, voice, _ = speech
    floor = alert.detector.floor if alert else None
    of = words.said("traffic.scored_of", n=voice.whole(told.scored), all=voice.whole(told.population))
    path = trend_path(suite, told.metric, told.slice)
    return Figure(
        told.metric, sliced(told.slice, words, voice), path, measured(told, words, voice, floor=floor), of, alert
    )


def ago(span: timedelta, words: Words) -> str:
    """Return a length of time in its largest unit, never below a minute.

    >>> ago(timedelta(minutes=95), Words("en")), ago(timedelta(seconds=4), Words("es"))
    ('1 hour', '1 minuto')
    """
    seconds = max(60.0, span.total_seconds())
    unit, length = next(one for one in _UNITS if seconds >= one[1])
    return words.counted(f"traffic.{unit}", int(seconds // length))


def span_word(span: Span, words: Words) -> str:
    """Return a window's time.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    >>> span_word(Span(1, "s", noon, noon + timedelta(hours=1), 1, "closed"), Words("en"))
    '2026-11-21 12:00 to 13:00 UTC'
    """
    start, end = span.starts_at, span.ends_at
    same = start.date() == end.date()
    last = f"{end:%H:%M}" if same else f"{end:%Y-%m-%d %H:%M}"
    return words.said("traffic.span", start=f"{start:%Y-%m-%d %H:%M}", end=last)


def worst_states(alerts: Iterable[Alert]) -> dict[str, State]:
    """Return the worst state of each suite; a slice counts only where it is bad, for old releases fall silent."""
    found: dict[str, State] = {}
    for one in alerts:
        if not one.slice or one.state in ("ALERT", "WARNING"):
            found[one.suite] = min(found.get(one.suite, "OK"), one.state, key=WORST.index)
    return found
