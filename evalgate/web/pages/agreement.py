"""How far the people of a queue agree: in sentences, in figures with intervals, and where they differ most."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple
from urllib.parse import quote

from fastapi import Request, Response

from evalgate.core.review import ReviewRubric
from evalgate.core.statistics.agreement import AgreementRow
from evalgate.reports.messages import Voice
from evalgate.review.agreement import Agreeing, Dispute, agreement_of
from evalgate.web.api.queues import queue_named
from evalgate.web.api.routing import Name
from evalgate.web.disguise import shown
from evalgate.web.guard import Caller, needs
from evalgate.web.pages.contested import doubted
from evalgate.web.pages.measures import HEIGHT, WIDTH, Measure, agreed
from evalgate.web.pages.queues import Said, best
from evalgate.web.pages.rendering import Words, language_of, page, page_router
from evalgate.web.transactions import Work

router = page_router()

READERS = needs("maintainer", "admin", "auditor")
COLUMNS = ("percent", "cohen", "fleiss", "alpha", "ac1")


class People(NamedTuple):
    """Two people, or all of them, and how far they agree."""

    who: str
    items: str
    by: tuple[Measure | None, ...]
    """One a column; None where a method is not for them."""


class Part(NamedTuple):
    """Some of a queue's items."""

    title: str
    note: str
    rows: tuple[People, ...]


class Asked(NamedTuple):
    """One question of the rubric, and how far people agree on it."""

    name: str
    title: Said
    plain: str
    """The agreement of all in one sentence."""
    whole: Part | None
    parts: tuple[Part, ...]
    """The same by weight, language and stratum."""


class Differing(NamedTuple):
    """An item on which people differ."""

    item: int
    case: str
    apart: str
    answers: tuple[str, ...]
    text: str | None
    """Where its text is read."""
    decide: str | None
    """Where somebody decides, for whoever may."""


@router.get("/queues/{queue}/agreement")
def show_agreement(caller: Annotated[Caller, READERS], request: Request, queue: Name) -> Response:
    """Show how far people agree in a queue."""
    language = language_of(request, caller)
    words, voice = Words(language), Voice(language)
    with caller.reading() as work:
        known = queue_named(work, queue)
        found = agreement_of(work.store, known)
        path = f"/queues/{quote(known.name, safe='')}"
        decides = f"{path}/adjudication" if caller.role != "auditor" else None
        disputes = [_differing(work, one, known.rubric, decides, voice, words) for one in found.disputes]
        contested = doubted(work, known.rubric, found.contested, voice)
    questions = [
        _asked(name, best(criterion.title, language) or Said(name, None), found.agreeing, words, voice)
        for name, criterion in known.rubric.criteria.items()
    ]
    return page(
        request,
        caller,
        "agreement.html",
        queue=known,
        path=path,
        questions=questions,
        columns=COLUMNS,
        drawing={"width": WIDTH, "height": HEIGHT},
        disputes=disputes,
        disputed=found.disputed,
        gold=found.gold,
        contested=contested,
        withdraws=caller.role in ("maintainer", "admin"),
    )


def _asked(name: str, title: Said, found: Sequence[Agreeing], words: Words, voice: Voice) -> Asked:
    mine = [one for one in found if one.criterion == name]
    parts = {one.group: _part(one, words, voice) for one in mine}
    plain = words.said("agreement.one_person")
    for one in mine:
        if one.group == "all" and one.rows:
            plain = _plain(one, words, voice)
    whole = parts.pop("all", None)
    return Asked(name, title, plain, whole, tuple(parts.values()))


def _plain(whole: Agreeing, words: Words, voice: Voice) -> str:
    """Return the agreement of all as somebody would say it who is no statistician."""
    percent = whole.rows[-1].by[0]
    if percent.point is None or percent.low is None or percent.high is None:
        return words.said("agreement.too_few", n=voice.whole(whole.items))
    told = {
        "n": voice.whole(whole.items),
        "same": voice.whole(round(percent.point * 100)),
        "low": voice.whole(round(percent.low * 100)),
        "high": voice.whole(round(percent.high * 100)),
    }
    return words.said("agreement.plain", **told)


def _part(found: Agreeing, words: Words, voice: Voice) -> Part:
    kind, _, value = found.group.partition("=")
    title = words.said(f"agreement.group.{kind}", value=voice.named(value))
    note = words.said("agreement.weighted_note") if kind == "weighted" else ""
    rows = [_people(row, words, voice, everybody=False) for row in found.rows[:-1]]
    rows += [_people(row, words, voice, everybody=True) for row in found.rows[-1:]]
    return Part(title, note, tuple(rows))


def _people(row: AgreementRow, words: Words, voice: Voice, *, everybody: bool) -> People:
    by = {one.method: agreed(one, words, voice) for one in row.by}
    who = words.said("agreement.everybody") if everybody else " · ".join(map(voice.named, row.raters))
    return People(who, voice.whole(row.by[0].items), tuple(by.get(name) for name in COLUMNS))  # type: ignore[call-overload]


def _differing(
    work: Work, one: Dispute, rubric: ReviewRubric, decides: str | None, voice: Voice, words: Words
) -> Differing:
    item = work.store.items.get(one.item)
    run = work.store.items.run_of(item)
    told = []
    for name, counts in one.answers.items():
        titles = rubric.criteria[name].labels
        said = [
            f"{found.text} {voice.whole(n)}"
            for label, n in counts.items()
            if (found := best(titles[label].title, voice.language, label) if label in titles else Said(label, None))
        ]
        told.append(f"{name}: {' · '.join(said)}")
    waits = decides is not None and one.state == "adjudicating"
    return Differing(
        item=shown(work.store, one.item),
        case=voice.named(item.case_id),
        apart=words.said("agreement.apart", share=voice.percent(one.apart)),
        answers=tuple(told),
        text=None if run is None or item.position is None else f"/runs/{run}/samples?after={item.position - 1}",
        decide=f"{decides}?after={one.item - 1}" if waits else None,
    )
