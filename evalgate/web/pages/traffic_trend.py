"""A metric of production traffic over time: drawn, and the same numbers in a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Literal, NamedTuple

from fastapi import Query, Request, Response

from evalgate.store.trends import MOST_WINDOWS, Step
from evalgate.web.guard import Caller
from evalgate.web.pages.measures import Measure
from evalgate.web.pages.rendering import page, page_router
from evalgate.web.pages.traffic_words import (
    READERS,
    Speech,
    Suite,
    measured,
    sliced,
    span_word,
    speech_of,
    trend_path,
)
from evalgate.web.pages.trend_drawing import changes, draw, hole
from evalgate.web.problems import Problem

router = page_router()

Reach = Literal["24h", "7d", "30d", "90d"]
REACHES: dict[Reach, timedelta] = {
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
    "90d": timedelta(days=90),
}
ROWS = 100
"""Windows in one table."""


class Row(NamedTuple):
    """One window of the table."""

    window: int
    span: str
    measure: Measure | None
    """None for a window without data."""
    of: str
    digest: str
    state: str
    """Blank where the window tells something."""
    changed: bool
    """Whether the check is another one than in the window before."""


class Change(NamedTuple):
    """Where the check changed, for those who do not see the drawing."""

    span: str
    before: str
    after: str


@router.get("/traffic/{suite}/{metric}")
def show_trend(
    caller: Annotated[Caller, READERS],
    request: Request,
    suite: Suite,
    metric: Suite,
    part: Annotated[str, Query(alias="slice", max_length=300)] = "",
    reach: Annotated[Reach, Query(alias="range")] = "7d",
    before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """Show a metric's estimates window by window; of more windows than can be drawn, the newest."""
    speech = speech_of(request, caller)
    words, voice, now = speech
    since = now - REACHES[reach]
    with caller.reading() as work:
        trends = work.store.trends
        checks = trends.checks(suite, metric)
        if not checks:
            raise Problem(404, f"{metric!r} of {suite!r} was never measured", "metric", "list them: GET /traffic")
        steps = trends.steps(suite, checks, part, since)
        slices = trends.slices(suite, checks, since)
        alerts = [one for one in work.store.alerts.list(suite) if one.metric == metric]
    alert = next((one for one in alerts if one.slice == part), None)
    floor = alert.detector.floor if alert else None
    rows, older = _rows(steps, before, floor, speech)
    told = [step.told for step in steps if step.told is not None and hole(step.told) is None]
    return page(
        request,
        caller,
        "traffic/trend.html",
        suite=suite,
        metric=metric,
        slice=part,
        sliced=sliced(part, words, voice),
        slices=[("", sliced("", words, voice)), *((one, sliced(one, words, voice)) for one in _with(slices, part))],
        reach=reach,
        reaches=tuple(REACHES),
        path=trend_path(suite, metric),
        alert=alert,
        floor=None if floor is None else voice.demanded(floor),
        last=measured(told[-1], words, voice, floor=floor) if told else None,
        drawing=draw(steps, floor, since, now, voice, words.said("traffic.new_check")) if steps else None,
        counts={kind: sum(hole(step.told) == kind for step in steps) for kind in ("no_data", "unknown")},
        measured=len(told),
        changes=[Change(span_word(step.span, words), one[:8], other[:8]) for step, one, other in changes(steps)],
        rows=rows,
        older=older,
        begun=before,
        cut=len(steps) >= MOST_WINDOWS,
    )


def _with(slices: Sequence[str], part: str) -> list[str]:
    """Return the slices to choose from, the chosen one among them."""
    return sorted({*slices, part} - {""})


def _rows(
    steps: Sequence[Step], before: int | None, floor: float | None, speech: Speech
) -> tuple[list[Row], int | None]:
    """Return the newest windows before one, and the last of them when there are more."""
    changed = {step.span.number for step, _, _ in changes(steps)}
    newest = list(reversed(steps))
    numbers = [step.span.number for step in newest]
    first = numbers.index(before) + 1 if before in numbers else 0
    shown = newest[first : first + ROWS]
    rows = [_row(step, floor, speech, changed=step.span.number in changed) for step in shown]
    return rows, shown[-1].span.number if len(newest) > first + ROWS else None


def _row(step: Step, floor: float | None, speech: Speech, *, changed: bool) -> Row:
    words, voice, _ = speech
    told, kind = step.told, hole(step.told)
    span = span_word(step.span, words)
    if told is None:
        return Row(step.span.number, span, None, "", "", "NO_DATA", changed)
    of = words.said("traffic.scored_of", n=voice.whole(told.scored), all=voice.whole(told.population))
    state = {"no_data": "NO_DATA", "unknown": "UNKNOWN", None: ""}[kind]
    measure = None if kind == "no_data" else measured(told, words, voice, floor=floor)
    return Row(step.span.number, span, measure, of, told.digest[:8], state, changed)
