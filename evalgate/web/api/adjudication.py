"""Adjudication: a third person decides where reviewers disagree."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import Field

from evalgate.core.review import Given
from evalgate.core.values import Value
from evalgate.store.items import Content, Item
from evalgate.web.api.queues import LARGEST, Number, note, queue_named
from evalgate.web.api.review import CONTENT, GIVEN, found_item, given_of, number
from evalgate.web.api.routing import KEEPERS, Limit, Name, api_router, shown_as
from evalgate.web.disguise import shown
from evalgate.web.guard import Caller
from evalgate.web.problems import conflict
from evalgate.web.transactions import Work

router = api_router("review")

_DISPUTED = {"item": 7, "content": CONTENT, "answers": [GIVEN, GIVEN], "answered_by_you": False}


class Disputed(Value):
    """An item on which people disagree, with their answers; who gave which is not told."""

    model_config = shown_as(_DISPUTED)

    item: int
    content: Content
    answers: tuple[Given, ...]
    answered_by_you: bool
    """Somebody else must decide."""


class DisputedList(Value):
    """Items on which people disagree, in the order in which they came."""

    model_config = shown_as({"items": [_DISPUTED], "after": None})

    items: tuple[Disputed, ...]
    after: int | None


class DecisionWanted(Value):
    """What a third person decides."""

    model_config = shown_as(GIVEN)

    answers: dict[str, str]
    comment: Annotated[str, Field(max_length=4_000)] = ""


class Decided(Value):
    """An item that is closed now."""

    model_config = shown_as({"item": 7})

    item: int


@router.get("/queues/{queue}/adjudication")
def list_disputed(
    caller: Annotated[Caller, KEEPERS],
    queue: Name,
    after: Annotated[int, Query(ge=0, le=LARGEST, description="What the page before said under `after`.")] = 0,
    limit: Limit = 20,
) -> DisputedList:
    """List the items on which people disagree, with their answers side by side."""
    with caller.reading() as work:
        found = queue_named(work, queue)
        items = work.store.items.page(found.number, state="adjudicating", after=after, limit=limit + 1)
        seen = tuple(_disputed(caller, work, one) for one in items[:limit])
    return DisputedList(items=seen, after=items[limit - 1].number if len(items) > limit else None)


@router.post("/queues/{queue}/items/{item}/adjudication")
def adjudicate_item(caller: Annotated[Caller, KEEPERS], queue: Name, item: Number, wanted: DecisionWanted) -> Decided:
    """Decide where people disagree; who answered the item cannot."""
    given = Given(answers=wanted.answers, comment=wanted.comment)
    with caller.writing() as work:
        found, known = found_item(work, queue, item)
        with conflict("item", "leave it to somebody else, or load the list again"):
            closed = work.store.closing.adjudicate(found, known.number, number(caller), given)
        said = shown(work.store, closed.number)
        note(caller, work, "item.adjudicated", found, item=said, answers=dict(wanted.answers))
        return Decided(item=said)


def _disputed(caller: Caller, work: Work, item: Item) -> Disputed:
    reviews = work.store.reviews.of_item(item.number)
    return Disputed(
        item=shown(work.store, item.number),
        content=work.store.items.content(work.connection, item),
        answers=tuple(map(given_of, reviews)),
        answered_by_you=any(one.reviewer == number(caller) for one in reviews),
    )
