"""Judges: the list with their newest cards, and one judge measured by people, with what that means for a gate."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, NamedTuple, get_args
from urllib.parse import quote

from fastapi import Path, Request, Response

from evalgate.core.cards import CalibrationCard, scaled_margin
from evalgate.core.labels import Label, Split
from evalgate.reports.messages import Voice
from evalgate.review.carding import Judge, Met, Place, drift_of, met_by
from evalgate.store.cards import KeptCard
from evalgate.web.api.cards import keep_cards
from evalgate.web.api.routing import Name
from evalgate.web.guard import Caller, needs
from evalgate.web.pages.judging import (
    DEMANDED,
    LEFT,
    TALL,
    TOP,
    Now,
    State,
    drifts,
    figures,
    judge_path,
    judging_now,
    metric_of,
    slice_rows,
    state_of,
)
from evalgate.web.pages.measures import HEIGHT, WIDTH, Measure, agreed, number
from evalgate.web.pages.rendering import Words, go, language_of, page, page_router
from evalgate.web.problems import Problem

router = page_router()

READERS = needs("maintainer", "admin", "auditor")
KEEPERS = needs("maintainer", "admin")
MARGIN = 0.05
"""The margin that the page scales as an example."""
MOST_APART = 20
MOST_CARDS = 50
SPLITS: tuple[Split, ...] = get_args(Split)
Digest = Annotated[str, Path(min_length=1, max_length=200)]


class JudgeRow(NamedTuple):
    """One judge on the list."""

    metric: str
    path: str
    digest: str
    name: str
    state: State
    labels: str
    ac1: Measure | None
    informed: str
    until: str
    suites: tuple[str, ...]
    """In whose newest run it judges."""


class Apart(NamedTuple):
    """A case where judge and people differ."""

    case: str
    path: str
    people: str
    judge: str


class SplitRow(NamedTuple):
    """The labels of one split, and how often the judge says the same."""

    name: str
    labels: str
    agreed: str


@router.get("/judges")
def show_judges(caller: Annotated[Caller, READERS], request: Request) -> Response:
    """Show every judge that was measured or judges now, with its newest card."""
    words, voice = _speech(request, caller)
    today = caller.service.clock().date()
    with caller.reading() as work:
        cards = {_judge(card): card for card in work.store.cards.newest()}
        now = judging_now(work, caller.project)
    judges = sorted({*cards, *now.judges}, key=lambda one: (metric_of(one), now.superseded(one), one.digest))
    rows = [_row(one, cards.get(one), now, today, words, voice) for one in judges]
    return page(request, caller, "judges.html", rows=rows, drawing=_DRAWING, demanded=DEMANDED)


@router.get("/judges/{metric}/{digest}")
def show_judge(caller: Annotated[Caller, READERS], request: Request, metric: Name, digest: Digest) -> Response:
    """Show one judge: its card, what today's labels would make of it, where it and people differ, and how it moved."""
    words, voice = _speech(request, caller)
    check, _, criterion = metric.partition(".")
    judge = Judge(check, criterion, digest)
    today = caller.service.clock().date()
    with caller.reading() as work:
        kept = work.store.cards.made(check, criterion, limit=MOST_CARDS)
        met = met_by(work.store, check, digest=digest, splits=SPLITS).get(judge, Met(judge))
        drift = drift_of(work.store, check, criterion, digest)
        now = judging_now(work, caller.project)
    mine = next((one for one in kept if one.card.judge_digest == digest), None)
    if mine is None and not met.labels and judge not in now.judges:
        raise Problem(404, f"judge {digest[:8]!r} of {metric!r} is not here", "judge", "list them: GET /judges")
    live = met.where("test")
    card = live.card(today) if live.labels else None
    return page(
        request,
        caller,
        "judge.html",
        metric=metric,
        digest=digest,
        path=request.url.path,
        makes=caller.role in ("maintainer", "admin"),
        apart_now=[] if drift is None else [words.said(f"judge.measure.{name}") for name in drift.apart],
        drifts=drifts(kept, card, digest, words, voice),
        frame={"tall": TALL, "top": TOP, "left": LEFT},
        drawing=_DRAWING,
        splits=[_split(name, met.where(name), voice) for name in SPLITS],
        **_told(mine, card, live, judge, now, today, words, voice),
    )


@router.post("/judges/{metric}/{digest}")
def make_card_by_form(caller: Annotated[Caller, KEEPERS], metric: Name, digest: Digest) -> Response:
    """Make the judge's cards from the labels that there are now, and keep them."""
    keep_cards(caller, metric.partition(".")[0], digest=digest)
    return go(judge_path(metric, digest), "card_made")


_DRAWING = {"width": WIDTH, "height": HEIGHT}


def _speech(request: Request, caller: Caller) -> tuple[Words, Voice]:
    language = language_of(request, caller)
    return Words(language), Voice(language)


def _judge(card: CalibrationCard) -> Judge:
    return Judge(card.check, card.criterion, card.judge_digest)


def _row(one: Judge, card: CalibrationCard | None, now: Now, today: date, words: Words, voice: Voice) -> JudgeRow:
    models = sorted(now.models.get(one.digest, ()))
    return JudgeRow(
        metric=metric_of(one),
        path=judge_path(metric_of(one), one.digest),
        digest=one.digest[:8],
        name=card.judge if card else ", ".join(models) or one.check,
        state=state_of(card, today, superseded=now.superseded(one)),
        labels=voice.whole(card.n) if card else voice.whole(0),
        ac1=agreed(card.by("ac1"), words, voice) if card else None,
        informed=number(card.informed_low, voice) if card else "",
        until=_until(card, today, words) if card and not now.superseded(one) else "",
        suites=tuple(sorted(now.judges.get(one, ()))),
    )


def _until(card: CalibrationCard, today: date, words: Words) -> str:
    left = (card.expires_on - today).days
    if left < 0:
        return words.counted("judge.expired_since", -left, date=card.expires_on.isoformat())
    return words.counted("judge.days_left", left, date=card.expires_on.isoformat())


def _told(
    mine: KeptCard | None,
    live: CalibrationCard | None,
    met: Met,
    judge: Judge,
    now: Now,
    today: date,
    words: Words,
    voice: Voice,
) -> dict[str, Any]:
    """Return what the page says of the card that is kept and of the one that today's labels would make."""
    kept = mine.card if mine else None
    card = kept or live
    state = state_of(kept, today, superseded=now.superseded(judge))
    models = now.models.get(judge.digest, set())
    return {
        "card": kept,
        "made_at": mine.made_at if mine else None,
        "name": card.judge if card else ", ".join(sorted(models)) or judge.check,
        "state": state,
        "until": _until(kept, today, words) if kept and state != "superseded" else "",
        "others": sorted(one.digest for one in now.judges if one[:2] == judge[:2] and one != judge),
        "fresh": len(met.labels) if mine is None else sum(label.at > mine.made_at for label in met.labels),
        "waiting": live is not None and (kept is None or _said(live) != _said(kept)),
        "measures": _side_by_side(kept, live, words, voice),
        "live": live,
        "margin": _margin(kept, words, voice) if kept and state == "usable" else "",
        "counts": live.counts if live else None,
        "missed": _apart(met, voice, people=True),
        "raised": _apart(met, voice, people=False),
        "slices": slice_rows(card.slices, words, voice) if card else [],
        "languages": slice_rows(card.languages, words, voice) if card else [],
        "answering": sorted(met.models),
        "other_models": sorted(models) if met.models and models and not met.models & models else [],
    }


def _side_by_side(
    kept: CalibrationCard | None, live: CalibrationCard | None, words: Words, voice: Voice
) -> list[tuple[str, Measure | None, Measure | None]]:
    """Return each measure as the card has it and as today's labels would."""
    one = figures(kept, words, voice) if kept else ()
    other = figures(live, words, voice) if live else ()
    names = [measure.name for measure in one or other]
    return [(name, one[at] if one else None, other[at] if other else None) for at, name in enumerate(names)]


def _margin(card: CalibrationCard, words: Words, voice: Voice) -> str:
    scaled = scaled_margin(MARGIN, card)
    if scaled is None:
        return words.said("judge.margin_none")
    low = number(card.informed_low, voice)
    told = voice.points(round(scaled, 4))
    return words.said("judge.margin", margin=voice.points(MARGIN), scaled=told, low=low)


def _said(card: CalibrationCard) -> dict[str, Any]:
    return card.model_dump(exclude={"made_on"})


def _apart(met: Met, voice: Voice, *, people: bool) -> tuple[list[Apart], int]:
    """Return the first cases where people say so and the judge the other, and how many there are."""
    rows: list[tuple[Place, Label, float]] = met.apart(people=people)
    told = [
        Apart(
            voice.named(place.case_id),
            f"/runs/{quote(place.run, safe='')}/samples?after={place.position - 1}",
            voice.named(label.label),
            number(value, voice),
        )
        for place, label, value in rows[:MOST_APART]
    ]
    return told, len(rows)


def _split(name: Split, met: Met, voice: Voice) -> SplitRow:
    apart = sum(len(met.apart(people=side)) for side in (True, False))
    share = voice.percent((met.scored - apart) / met.scored) if met.scored else ""
    return SplitRow(name, voice.whole(len(met.labels)), share)
