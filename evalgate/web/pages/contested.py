"""What reviewers contest: items whose known answer may be wrong, and taking that answer back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, NamedTuple
from urllib.parse import quote

from fastapi import Response

from evalgate.core.review import ReviewRubric
from evalgate.reports.messages import Voice
from evalgate.review.agreement import Contested
from evalgate.web.api import items
from evalgate.web.api.queues import Number
from evalgate.web.api.routing import KEEPERS, Name
from evalgate.web.disguise import shown
from evalgate.web.guard import Caller
from evalgate.web.pages.queues import Said, best
from evalgate.web.pages.rendering import go, page_router
from evalgate.web.transactions import Work

router = page_router()


class Objection(NamedTuple):
    """What one person answered instead, and why."""

    answers: tuple[tuple[str, Said], ...]
    """What is asked, with what they say."""
    why: str


class Doubted(NamedTuple):
    """An item whose expected answer somebody contests."""

    item: int
    """The number that stands for it outside."""
    case: str
    text: str | None
    """Where its text is read."""
    expected: tuple[tuple[str, Said], ...]
    objections: tuple[Objection, ...]


@router.post("/queues/{queue}/contested/{item}")
def withdraw_by_form(caller: Annotated[Caller, KEEPERS], queue: Name, item: Number) -> Response:
    """Take back what an item expects."""
    items.withdraw_expected(caller, queue, item)
    return go(f"/queues/{quote(queue, safe='')}/agreement", "withdrawn")


def doubted(work: Work, rubric: ReviewRubric, found: Sequence[Contested], voice: Voice) -> list[Doubted]:
    """Return contested items as their page shows them; who contests them is not told."""
    rows = []
    for one in found:
        item = work.store.items.get(one.item)
        run = work.store.items.run_of(item)
        rows.append(
            Doubted(
                item=shown(work.store, item.number),
                case=voice.named(item.case_id),
                text=None if run is None or item.position is None else f"/runs/{run}/samples?after={item.position - 1}",
                expected=_told(rubric, one.expected, voice),
                objections=tuple(
                    Objection(_told(rubric, said, voice), one.why[login].strip()) for login, said in one.by.items()
                ),
            )
        )
    return rows


def _told(rubric: ReviewRubric, answers: dict[str, str], voice: Voice) -> tuple[tuple[str, Said], ...]:
    told = []
    for name, label in answers.items():
        choice = rubric.criteria[name].labels.get(label) if name in rubric.criteria else None
        title = best(choice.title, voice.language, label) if choice else None
        told.append((name, title or Said(label, None)))
    return tuple(told)
