"""What a judge's pages are made of: who judges now, whether a card counts, its figures, and how they drifted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Literal, NamedTuple
from urllib.parse import quote

from evalgate.core.cards import CalibrationCard, CardSlice, usable
from evalgate.core.gates import Calibrated
from evalgate.core.outcomes import metric_name
from evalgate.core.statistics.agreement import Method
from evalgate.core.statistics.verdicts import against
from evalgate.reports.messages import Voice
from evalgate.review.carding import MEASURED, Judge
from evalgate.store.cards import KeptCard
from evalgate.store.pages import Pages
from evalgate.web.pages.measures import Measure, agreed, number, rate
from evalgate.web.pages.rendering import Words
from evalgate.web.transactions import Work

DEMANDED = Calibrated(max_age_days=90, agreement=0.6)
"""What the pages hold cards to, as gates do that say so."""
METHODS: tuple[Method, ...] = ("ac1", "cohen", "alpha", "percent")
State = Literal["none", "superseded", "expired", "incomplete", "blind", "disagrees", "unclear", "usable"]
STEP, TALL, LEFT, TOP = 64, 120, 34, 10
"""Of a drift, in drawing units: between two cards, its height, and what stays free at the left and above."""
MOST_POINTS = 15


@dataclass
class Now:
    """The judges in the newest run of each suite."""

    judges: dict[Judge, set[str]] = field(default_factory=dict)
    """Each with the suites in which it judges."""
    models: dict[str, set[str]] = field(default_factory=dict)
    """By a judge's digest: the versions of models that answered in those runs."""

    def superseded(self, judge: Judge) -> bool:
        """Say whether another judge does the work that this one did."""
        same = [one for one in self.judges if (one.check, one.criterion) == (judge.check, judge.criterion)]
        return bool(same) and judge not in same


def judging_now(work: Work, project: int) -> Now:
    """Return who judges now; a run's first sample tells the criteria of its checks."""
    now, pages = Now(), Pages(work.store.database, project)
    for suite in pages.suites():
        for run in work.store.runs.list(suite.name, limit=1):
            refs = {one.name: one for one in run.manifest.checks if one.annotator in MEASURED}
            first = pages.samples(run, -1, 1).rows if refs else ()
            for outcome in (outcome for marked in first for outcome in marked.outcomes):
                if outcome.check.name in refs:
                    judge = Judge(outcome.check.name, outcome.criterion, outcome.check.digest)
                    now.judges.setdefault(judge, set()).add(suite.name)
                    if run.summary:
                        now.models.setdefault(judge.digest, set()).update(run.summary.judge_models)
    return now


def state_of(card: CalibrationCard | None, today: date, *, superseded: bool) -> State:
    """Return whether a gate that demands DEMANDED may count on a card, and why not."""
    if card is None:
        return "none"
    if superseded:
        return "superseded"
    fact = usable(card, card.judge_digest, today, DEMANDED.max_age_days)
    if fact.holds == "no":
        return "blind"
    if fact.holds == "unknown":
        return "expired" if today > card.expires_on or card.complete else "incomplete"
    found = card.by("ac1")
    if found.low is None or found.high is None or DEMANDED.agreement is None:
        return "unclear"
    verdict = against(DEMANDED.agreement, found.low, found.high)
    return {"pass": "usable", "fail": "disagrees", "inconclusive": "unclear"}[verdict]  # type: ignore[return-value]


def figures(card: CalibrationCard, words: Words, voice: Voice) -> tuple[Measure, ...]:
    """Return the measures of a card: both rates, agreement by each method, and J."""
    informed = card.informed
    low = words.said("judge.at_least", low=number(card.informed_low, voice))
    return (
        rate("tpr", card.tpr, words, voice),
        rate("tnr", card.tnr, words, voice),
        *(agreed(card.by(method), words, voice) for method in METHODS),
        Measure("informed", "" if informed is None else number(informed, voice), low, "", None),
    )


class SliceRow(NamedTuple):
    """A slice of a card."""

    name: str
    n: str
    agreed: str
    tpr: Measure
    tnr: Measure


def slice_rows(rows: Sequence[CardSlice], words: Words, voice: Voice) -> list[SliceRow]:
    """Return the slices of a card, each with what was right."""
    return [
        SliceRow(
            f"{voice.named(one.name)}={voice.named(one.value)}",
            voice.whole(one.n),
            voice.percent(one.agreed),
            rate("tpr", one.tpr, words, voice),
            rate("tnr", one.tnr, words, voice),
        )
        for one in rows
    ]


class Dot(NamedTuple):
    """One card in a drift, in drawing units."""

    x: float
    low: float
    high: float
    point: float
    kind: Literal["mine", "old", "now"]
    """This judge's, another judge's, or what today's labels would make."""
    label: str


class Drift(NamedTuple):
    """How one measure of a metric's judges moved from card to card."""

    name: str
    dots: tuple[Dot, ...]
    breaks: tuple[float, ...]
    """Between which cards the judge changed."""
    width: float
    seen: str
    """For those who do not see the drawing."""


def drifts(
    kept: Sequence[KeptCard], today: CalibrationCard | None, digest: str, words: Words, voice: Voice
) -> list[Drift]:
    """Return the drift of AC1, TPR and TNR over the last cards, the oldest first, today's labels behind them."""
    cards = [(one.card, "mine" if one.card.judge_digest == digest else "old") for one in reversed(kept[:MOST_POINTS])]
    cards += [(today, "now")] if today is not None else []
    if len(cards) < 2:
        return []
    breaks = tuple(
        LEFT + STEP * (place + 1.0)
        for place, ((before, _), (after, _)) in enumerate(pairwise(cards))
        if before.judge_digest != after.judge_digest
    )
    found = []
    for name in ("ac1", "tpr", "tnr"):
        measured = [(_bounds(card, name), card, kind) for card, kind in cards]
        dots = tuple(
            _dot(place, bounds, kind, card, words)
            for place, (bounds, card, kind) in enumerate(measured)
            if bounds is not None
        )
        if dots:
            told = " → ".join(
                f"{words.said('judge.today') if kind == 'now' else card.made_on} {number(bounds[1], voice)}"
                for bounds, card, kind in measured
                if bounds is not None
            )
            found.append(Drift(name, dots, breaks, LEFT + STEP * len(cards), told))
    return found


def _bounds(card: CalibrationCard, name: str) -> tuple[float, float, float] | None:
    found = card.by("ac1") if name == "ac1" else card.tpr if name == "tpr" else card.tnr
    if found.point is None or found.low is None or found.high is None:
        return None
    return found.low, found.point, found.high


def _dot(place: int, bounds: tuple[float, float, float], kind: str, card: CalibrationCard, words: Words) -> Dot:
    def height(value: float) -> float:
        return round(TOP + (1 - min(max(value, 0.0), 1.0)) * (TALL - 2 * TOP), 1)

    low, point, high = map(height, bounds)
    label = words.said("judge.today") if kind == "now" else card.made_on.isoformat()[2:]
    return Dot(LEFT + STEP * (place + 0.5), low, high, point, kind, label)  # type: ignore[arg-type]


def metric_of(judge: Judge) -> str:
    """Return the metric that a judge gives."""
    return metric_name(judge.check, judge.criterion)


def judge_path(metric: str, digest: str) -> str:
    """Return the address of a judge's page."""
    return f"/judges/{quote(metric, safe='')}/{quote(digest, safe='')}"
