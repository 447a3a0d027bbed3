"""One's own answers: what one said, and once an item is closed what judges and peers said."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from evalgate.core.review import Given
from evalgate.core.values import Value
from evalgate.store.items import Content, Judged
from evalgate.store.queues import Queue
from evalgate.store.reviews import Review
from evalgate.web.api.hidden import looks
from evalgate.web.api.queues import LARGEST, queue_named
from evalgate.web.api.review import CONTENT, GIVEN, PEOPLE, given_of, number, peers_told
from evalgate.web.api.routing import Limit, Name, api_router, shown_as
from evalgate.web.disguise import shown
from evalgate.web.guard import Caller
from evalgate.web.transactions import Work

router = api_router("review")

_ANSWER = {
    "item": 7,
    "given": GIVEN,
    "editable": True,
    "content": CONTENT,
    "practice": False,
    "withdrawn": False,
    "expected": None,
    "explanation": None,
    "judged": None,
    "peers": None,
    "submitted_at": "2026-11-21T12:03:00Z",
    "edited_at": None,
}


class AnswerSeen(Value):
    """One's own answer; what judges and peers said is told once the item is closed."""

    model_config = shown_as(_ANSWER)

    item: int
    given: Given
    editable: bool
    content: Content
    practice: bool
    withdrawn: bool
    """Whether one contested what was expected here, and it was taken back."""
    expected: dict[str, str] | None
    explanation: str | None
    judged: tuple[Judged, ...] | None
    peers: tuple[dict[str, str], ...] | None
    submitted_at: AwareDatetime
    edited_at: AwareDatetime | None


class AnswerList(Value):
    """One's own answers, the newest first."""

    model_config = shown_as({"answers": [_ANSWER], "before": None})

    answers: tuple[AnswerSeen, ...]
    before: int | None
    """Where the next page begins; None after the last one."""


@router.get("/queues/{queue}/answers")
def list_my_answers(
    caller: Annotated[Caller, PEOPLE],
    queue: Name,
    before: Annotated[int | None, Query(ge=1, le=LARGEST, description="What the page before said.")] = None,
    limit: Limit = 20,
) -> AnswerList:
    """List one's own answers."""
    with caller.reading() as work:
        found = queue_named(work, queue)
        rows = work.store.reviews.of_reviewer(found.number, number(caller), before, limit + 1)
        seen = tuple(answer_seen(work, found, one) for one in rows[:limit])
    return AnswerList(answers=seen, before=rows[limit - 1].number if len(rows) > limit else None)


def answer_seen(work: Work, queue: Queue, review: Review) -> AnswerSeen:
    """Return one's own answer; the rest of it once the item is closed."""
    item = work.store.items.read(work.connection, review.item)
    seems = looks(work, queue, item)
    closed = seems.state == "closed"
    told = item.reason == "practice"
    return AnswerSeen(
        item=shown(work.store, item.number),
        given=given_of(review),
        editable=seems.state == "open",
        content=work.store.items.content(work.connection, item),
        practice=told,
        withdrawn=review.contested and item.withdrawn,
        expected=item.expected if told else None,
        explanation=item.explanation if told else None,
        judged=item.judged if closed or not queue.settings.blind_judge else None,
        peers=peers_told(seems, review.reviewer) if closed or not queue.settings.blind_peers else None,
        submitted_at=review.submitted_at,
        edited_at=review.edited_at,
    )
