"""The overview: every suite with its latest decision, and how its verdicts and gated metrics moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any, NamedTuple

import orjson
from fastapi import Request, Response

from evalgate.core.decisions import Finding
from evalgate.core.gates import Verdict
from evalgate.core.statistics.detecting import State
from evalgate.reports.findings import CHANGES, rule_text, title
from evalgate.reports.intervals import line_of
from evalgate.reports.messages import Voice
from evalgate.store.pages import Pages
from evalgate.store.tallies import recent_decisions, records
from evalgate.web.guard import Caller, needs
from evalgate.web.pages.decisions import pushers
from evalgate.web.pages.kept import Kept
from evalgate.web.pages.rendering import READ, go, landing, language_of, page, page_router
from evalgate.web.pages.traffic_words import worst_states
from evalgate.web.transactions import Work

router = page_router()

EACH = 20
"""Decisions of a suite that its trend shows."""
STEP, HEIGHT, EDGE = 8, 32, 5
"""Of a trend, in drawing units: between two decisions, its height, and what stays free around."""
_findings: Kept[tuple[Finding, ...]] = Kept(most=4000)
"""By the digest of the record: a record never changes."""


class Told(NamedTuple):
    """One decision of a trend."""

    id: str
    verdict: Verdict
    at: datetime
    x: int


class Trend(NamedTuple):
    """How one gated metric moved."""

    name: str
    rule: str
    now: str
    path: str
    """Of the line, in drawing units."""
    dots: tuple[tuple[float, float, Verdict], ...]
    line: float | None
    """Where the rule's bound lies; None where there is none."""
    seen: str
    """For those who do not see the drawing: first and last value."""


class SuiteCard(NamedTuple):
    """A suite on the overview."""

    name: str
    latest: Told | None
    by: str | None
    """Who pushed the latest decision; None for one made beside the database."""
    told: tuple[Told, ...]
    trends: tuple[Trend, ...]
    production: State | None
    """The worst state of its alerts; None where nothing is watched."""


@router.get("/")
def show_overview(caller: Annotated[Caller, needs(own=True)], request: Request) -> Response:
    """Show the suites; whoever may not read results is sent to where they work."""
    if caller.role not in READ:
        return go(landing(caller))
    voice = Voice(language_of(request, caller))
    with caller.reading() as work:
        cards = _cards(work, caller.project, voice)
    width = (EACH - 1) * STEP + 2 * EDGE
    return page(request, caller, "overview.html", suites=cards, width=width, height=HEIGHT)


def _cards(work: Work, project: int, voice: Voice) -> list[SuiteCard]:
    database = work.store.database
    names = [suite.name for suite in Pages(database, project).suites()]
    recent = recent_decisions(database, project, EACH)
    found = _read(work, project, [row["record_digest"] for row in recent])
    of_suite = {name: [row for row in recent if row["suite"] == name] for name in names}
    latest = [rows[-1]["id"] for rows in of_suite.values() if rows]
    worst = worst_states(work.store.alerts.list())
    pushed = pushers(work, project, latest)
    cards = (_card(name, rows, found, pushed, voice) for name, rows in of_suite.items())
    return [card._replace(production=worst.get(card.name)) for card in cards]


def _read(work: Work, project: int, digests: Sequence[str]) -> dict[str, tuple[Finding, ...]]:
    """Return the findings on all cases of every record, reading only those that are not kept."""
    fresh = records(work.store.database, project, _findings.missing(set(digests)))
    return {digest: _findings.get(digest, partial(_whole_of, fresh, digest)) for digest in digests}


def _whole_of(fresh: Mapping[str, bytes], digest: str) -> tuple[Finding, ...]:
    read = (Finding.model_validate(one) for one in orjson.loads(fresh[digest])["findings"] if one.get("slice") is None)
    return tuple(finding for finding in read if _measured(finding) is not None)


def _measured(finding: Finding) -> float | None:
    """Return the number that a trend draws; None for facts and coverage, which have none worth following."""
    if finding.rule == "never":
        return None if finding.hits is None else float(finding.hits)
    return finding.value if finding.rule in {*CHANGES, "at_least", "at_most"} else None


def _card(
    name: str,
    rows: Sequence[Mapping[str, Any]],
    found: Mapping[str, Sequence[Finding]],
    pushed: Mapping[str, str],
    voice: Voice,
) -> SuiteCard:
    first = EACH - len(rows)
    told = tuple(
        Told(row["id"], row["verdict"], row["created_at"], EDGE + (first + place) * STEP)
        for place, row in enumerate(rows)
    )
    gates = found[rows[-1]["record_digest"]] if rows else ()
    history = [{f.gate: f for f in found[row["record_digest"]]} for row in rows]
    trends = tuple(_trend(gate, [past.get(gate.gate) for past in history], told, voice) for gate in gates)
    return SuiteCard(name, told[-1] if told else None, pushed.get(told[-1].id) if told else None, told, trends, None)


def _trend(last: Finding, history: Sequence[Finding | None], told: Sequence[Told], voice: Voice) -> Trend:
    seen = [(one.x, _measured(f) or 0.0, f) for one, f in zip(told, history, strict=True) if f is not None]
    bound = None if last.bound is None and last.rule != "never" else line_of(last)
    values = [value for _, value, _ in seen] + ([] if bound is None else [bound])
    low, high = min(values), max(values)
    room = (high - low) or 1.0

    def height(value: float) -> float:
        return round(HEIGHT - EDGE - (value - low) / room * (HEIGHT - 2 * EDGE), 1)

    dots = tuple((float(x), height(value), finding.verdict) for x, value, finding in seen)
    path = " ".join(f"{'M' if place == 0 else 'L'}{x:g} {y:g}" for place, (x, y, _) in enumerate(dots))
    first, now = _written(seen[0][2], voice), _written(last, voice)
    line = None if bound is None else height(bound)
    name = title(last, voice)
    return Trend(name, rule_text(last, voice), now, path, dots, line, f"{name}: {first} → {now}")


def _written(finding: Finding, voice: Voice) -> str:
    value = _measured(finding) or 0.0
    if finding.rule == "never":
        return voice.whole(round(value))
    if finding.rule in CHANGES:
        return voice.said("number.points", number=voice.change(value, line_of(finding)))
    return voice.percent(value, line_of(finding))
