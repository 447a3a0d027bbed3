"""Production traffic at a glance: what came in, whether somebody scores it, and what the newest windows say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

from fastapi import Request, Response

from evalgate.store.alerts import Alert
from evalgate.store.trends import Arrived, Span, Told
from evalgate.web.guard import Caller
from evalgate.web.pages.rendering import page, page_router
from evalgate.web.pages.traffic_words import (
    DRAWING,
    READERS,
    WORST,
    Figure,
    Speech,
    ago,
    figure,
    sliced,
    span_word,
    speech_of,
)

router = page_router()

RESULTS = ("accepted", "completed", "partial", "no_content", "duplicate", "rejected", "passed_over")
"""What becomes of an item, in the order in which it is told."""
ALIVE = timedelta(minutes=3)
"""A worker says so at least this often."""


class Sender(NamedTuple):
    """What one sender sent, by what became of it: of a day and of a week."""

    name: str
    by: tuple[tuple[str, str], ...]
    all: bool = False
    """Whether it is all of them together."""


class Standing(NamedTuple):
    """Whether somebody scores what comes in."""

    alive: bool
    worker: str
    open: int
    oldest: str
    """How long ago the oldest window ended that is not closed; blank where none has."""
    spent: str
    cap: str
    """The most that a month may cost; blank where this server was told of no suite."""


class SuiteCard(NamedTuple):
    """A suite with what its newest closed window says."""

    name: str
    window: Span | None
    span: str
    lag: str
    late: bool
    figures: tuple[Figure, ...]
    alerts: tuple[tuple[Alert, str], ...]
    """Those that are not OK and have no row of their own, with their slice in words."""


@router.get("/traffic")
def show_traffic(caller: Annotated[Caller, READERS], request: Request) -> Response:
    """Show what comes in, whether it is scored, and what the newest windows say."""
    speech = speech_of(request, caller)
    week = speech.now - timedelta(days=7)
    with caller.reading() as work:
        trends = work.store.trends
        arrived = trends.arrived(_hour(speech.now - timedelta(days=1)), _hour(week))
        seen, waiting, newest = trends.worker_seen(), trends.open(), trends.newest()
        told = trends.told([one.number for one in newest], slices=False)
        alerts, spent = work.store.alerts.list(), work.store.windows.spent(work.connection)
    return page(
        request,
        caller,
        "traffic/overview.html",
        senders=_senders(arrived, speech),
        results=[name for name in RESULTS if any(one.result == name for one in arrived)],
        standing_now=_standing(seen, waiting, spent, _cap(caller), speech),
        suites=_suites(newest, told, alerts, waiting, speech),
        drawing=DRAWING,
    )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _senders(arrived: Iterable[Arrived], speech: Speech) -> list[Sender]:
    """Return every sender's items by result, and all of them together where there are several."""
    by: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for one in arrived:
        by[one.source][one.result] = (one.day, one.week)
    seen = [name for name in RESULTS if any(name in results for results in by.values())]
    rows = [_sender(source, results, seen, speech) for source, results in by.items()]
    if len(by) > 1:
        both = {
            name: tuple(sum(results.get(name, (0, 0))[place] for results in by.values()) for place in (0, 1))
            for name in seen
        }
        rows.append(_sender(speech.words.said("traffic.all_senders"), both, seen, speech)._replace(all=True))
    return rows


def _sender(name: str, results: Mapping[str, tuple[int, ...]], seen: Iterable[str], speech: Speech) -> Sender:
    counts = [results.get(result, (0, 0)) for result in seen]
    return Sender(name, tuple((speech.voice.whole(day), speech.voice.whole(week)) for day, week in counts))


def _cap(caller: Caller) -> float | None:
    """Return the smallest cap of the project's suites: what none of them may go beyond."""
    specs = (suite.traffic for suite in caller.service.watched.get(caller.project, ()))
    return min(
        (one.spend_cap_usd_a_month for one in specs if one and one.spend_cap_usd_a_month is not None), default=None
    )


def _standing(
    seen: datetime | None, waiting: Iterable[Span], spent: float, cap: float | None, speech: Speech
) -> Standing:
    words = speech.words
    late = [one for one in waiting if one.ends_at <= speech.now]
    alive = seen is not None and speech.now - seen < ALIVE
    if seen is None:
        worker = words.said("traffic.worker.none")
    else:
        worker = words.said(f"traffic.worker.{'alive' if alive else 'gone'}", ago=ago(speech.now - seen, words))
    oldest = ago(speech.now - late[0].ends_at, words) if late else ""
    return Standing(
        alive, worker, len(late), oldest, speech.voice.money(spent), "" if cap is None else speech.voice.money(cap)
    )


def _suites(
    newest: Iterable[Span],
    told: Iterable[Told],
    alerts: Iterable[Alert],
    waiting: Iterable[Span],
    speech: Speech,
) -> list[SuiteCard]:
    windows = {one.suite: one for one in newest}
    names = sorted({*windows, *(one.suite for one in alerts), *(one.suite for one in waiting)})
    by_window: dict[int, dict[str, Told]] = defaultdict(dict)
    for one in told:
        by_window[one.window][one.metric] = one
    return [
        _card(name, windows.get(name), by_window, [one for one in alerts if one.suite == name], speech)
        for name in names
    ]


def _card(
    name: str,
    window: Span | None,
    told: Mapping[int, Mapping[str, Told]],
    alerts: list[Alert],
    speech: Speech,
) -> SuiteCard:
    watched = {one.metric: one for one in alerts if not one.slice}
    found = told.get(window.number, {}) if window else {}
    figures = tuple(figure(name, one, watched.get(one.metric), speech) for one in found.values())
    shown = {one.metric for one in found.values()}
    # What is watched and has no estimate must not be missing from the card.
    rest = [one for one in alerts if one.state != "OK" if one.slice or one.metric not in shown]
    rest.sort(key=lambda one: (WORST.index(one.state), one.metric, one.slice))
    others = tuple((one, sliced(one.slice, speech.words, speech.voice)) for one in rest)
    if window is None:
        return SuiteCard(name, None, "", "", late=False, figures=(), alerts=others)
    behind = speech.now - window.ends_at
    late = behind > max(timedelta(minutes=15), 2 * (window.ends_at - window.starts_at))
    span = span_word(window, speech.words)
    return SuiteCard(name, window, span, ago(behind, speech.words), late, figures, others)
