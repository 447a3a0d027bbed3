"""One window: what there was, what became of all of it and why, what that says, and the interactions themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from fastapi import Query, Request, Response

from evalgate.store.listing import Score, Seen, Wanted
from evalgate.store.scores import State
from evalgate.store.trends import CheckSeen, Span, Told
from evalgate.store.windows import Window
from evalgate.web.guard import Caller
from evalgate.web.pages.rendering import page, page_router
from evalgate.web.pages.traffic_words import (
    DRAWING,
    LARGEST,
    READERS,
    Figure,
    Number,
    Speech,
    fact_word,
    figure,
    reason_word,
    span_word,
    speech_of,
    trend_path,
)
from evalgate.web.problems import missing

router = page_router()

ROWS = 50
STATES: tuple[State, ...] = ("scored", "not_applicable", "sampled_out", "filtered", "shed", "failed", "pending")
PHASES = ("classifier", "judge", "people")
SHOWN: tuple[Wanted, ...] = ("all", "violations", "shed", "failed", "queued")
LOUD = ("violation", "failed", "shed", "pending")
"""What a list tells by check; the rest it counts."""


class Stratum(NamedTuple):
    """A part of the window's traffic, and how likely each phase was to take of it."""

    name: str
    interactions: str
    chances: tuple[str, ...]
    """One a phase; none where the window does not say."""


class Fate(NamedTuple):
    """What became of the window's interactions under one criterion."""

    metric: str
    path: str
    digest: str
    annotator: str
    by: tuple[tuple[str, str], ...]
    """State to how many, of those that occur somewhere in the window."""
    why: tuple[str, ...]
    """Each reason with how many there were."""


class Listed(NamedTuple):
    """One interaction of the list."""

    seen: Seen
    facts: tuple[tuple[str, str], ...]
    loud: tuple[tuple[str, str], ...]
    """What stands out, as (kind, text)."""
    rest: str


@router.get("/traffic/windows/{number:int}")
def show_window(
    caller: Annotated[Caller, READERS],
    request: Request,
    number: Number,
    show: Annotated[Wanted, Query()] = "all",
    after: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
) -> Response:
    """Show one window."""
    speech = speech_of(request, caller)
    with caller.reading() as work:
        with missing("window", str(number), "/traffic"):
            window = work.store.windows.get(number)
        span = Span(window.number, window.suite, *window.span, window.version, window.state)
        told = work.store.trends.told([number])
        checks = work.store.trends.named(window.suite)
        alerts = {(one.metric, one.slice): one for one in work.store.alerts.list(window.suite)}
        versions = work.store.trends.versions(span)
        listed = work.store.listing.of_window(span, show, after, ROWS)
    counts: Mapping[str, Any] = window.counts or {}
    states = _states(counts)
    return page(
        request,
        caller,
        "traffic/window.html",
        window=window,
        span=span_word(span, speech.words),
        versions=versions,
        interactions=counts.get("interactions"),
        strata=_strata(counts, speech),
        phases=PHASES,
        states=states,
        fates=[_fate(checks.get(int(key)), said, states, window, speech) for key, said in _by_check(counts)],
        spent=speech.voice.money(window.spent_usd),
        calls=counts.get("calls", {}),
        people=counts.get("people", {}),
        figures=_figures(window.suite, told, alerts, speech),
        drawing=DRAWING,
        show=show,
        shown=SHOWN,
        rows=[_listed(one, listed.scores.get(one.number, ()), speech) for one in listed.rows],
        after=listed.after,
        begun=after,
    )


def _strata(counts: Mapping[str, Any], speech: Speech) -> list[Stratum]:
    chances, held = counts.get("chances", {}), counts.get("strata", {})
    if not held:  # nothing was there, or nothing is drawn: code checks look at everything
        return []
    names = [*chances, *(name for name in held if name not in chances)]
    return [
        Stratum(
            name,
            speech.voice.whole(int(held.get(name, 0))),
            tuple(speech.voice.percent(float(one), 0.0) for one in chances.get(name, ())),
        )
        for name in names
    ]


def _by_check(counts: Mapping[str, Any]) -> list[tuple[str, Mapping[str, int]]]:
    return list(counts.get("checks", {}).items())


def _states(counts: Mapping[str, Any]) -> list[State]:
    """Return the states that occur, in the order in which they are told."""
    there = {key.partition(":")[0] for _, said in _by_check(counts) for key, many in said.items() if many}
    return [state for state in STATES if state in there]


def _fate(
    check: CheckSeen | None, said: Mapping[str, int], states: Collection[str], window: Window, speech: Speech
) -> Fate:
    words, voice, _ = speech
    by: Counter[str] = Counter()
    why = []
    for key, many in sorted(said.items(), key=lambda one: (-one[1], one[0])):
        state, _, reason = key.partition(":")
        by[state] += many
        if reason and many:
            told = {"state": words.said(f"traffic.state.{state}"), "why": reason_word(reason, words)}
            why.append(words.said("window.why", n=voice.whole(many), **told))
    told_by = tuple((state, voice.whole(by[state])) for state in states)
    if check is None:
        return Fate("", "", "", "", told_by, tuple(why))
    path = trend_path(window.suite, check.metric)
    return Fate(check.metric, path, check.digest[:8], check.annotator, told_by, tuple(why))


def _figures(
    suite: str, told: Sequence[Told], alerts: Mapping[tuple[str, str], Any], speech: Speech
) -> list[tuple[str, list[Figure]]]:
    """Return the estimates by metric, that of all traffic first."""
    found: dict[str, list[Figure]] = {}
    for one in told:
        row = figure(suite, one, alerts.get((one.metric, one.slice)), speech)
        found.setdefault(one.metric, []).append(row)
    return list(found.items())


def _listed(seen: Seen, scores: Sequence[Score], speech: Speech) -> Listed:
    words, voice, _ = speech
    facts = tuple((fact_word(name, words), voice.named(value)) for name, value in seen.facts.items())
    loud, quiet = [], Counter[str]()
    for score in scores:
        kind = "violation" if score.state == "scored" and score.value == 0 else score.state
        if kind in LOUD:
            word = words.said("traffic.violation" if kind == "violation" else f"traffic.state.{kind}")
            loud.append((kind, f"{score.metric}: {word}"))
        else:
            quiet[kind] += 1
    rest = (f"{voice.whole(many)} {words.said(f'traffic.state.{kind}')}" for kind, many in quiet.items())
    return Listed(seen, facts, tuple(loud), voice.joined(rest))
