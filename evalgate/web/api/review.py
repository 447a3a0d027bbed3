"""Reviewing: an item is handed out, answered, given back or decided; who answers is blind to judge and peers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field

from evalgate.core.review import Given, SkipReason
from evalgate.core.values import Value
from evalgate.store.claims import Claimed, Reviewer, TooLate
from evalgate.store.items import Content, Item, Judged
from evalgate.store.queues import Queue
from evalgate.store.reviews import Review
from evalgate.web.api.queues import LARGEST, Number, item_of_queue, note, queue_named
from evalgate.web.api.routing import Limit, Name, api_router, shown_as
from evalgate.web.guard import Caller, needs
from evalgate.web.problems import Problem, conflict
from evalgate.web.transactions import Work

router = api_router("review")

PEOPLE = needs("reviewer", "maintainer", "admin")
"""Only people review: a key cannot, whatever its scopes."""

CONTENT: dict[str, Any] = {"input": "¿Cuánto tarda?", "text": "Tres días.", "context": [], "tool_calls": []}
GIVEN = {"answers": {"answers": "answered"}, "comment": ""}
_HELD = {"slot": 1, "token": 4}
_HANDED = {
    **_HELD,
    "item": 7,
    "lease_until": "2026-11-21T12:15:00Z",
    "lease_s": 900,
    "language": "es",
    "harm": None,
    "practice": False,
    "content": CONTENT,
    "judged": None,
    "peers": None,
}
_ANSWER = {
    "item": 7,
    "given": GIVEN,
    "editable": True,
    "content": CONTENT,
    "practice": False,
    "expected": None,
    "explanation": None,
    "judged": None,
    "peers": None,
    "submitted_at": "2026-11-21T12:03:00Z",
    "edited_at": None,
}


class HandedOut(Value):
    """An item as its reviewer sees it."""

    model_config = shown_as(_HANDED)

    item: int
    slot: int
    token: int
    lease_until: AwareDatetime
    lease_s: int
    language: str | None
    harm: str | None
    practice: bool
    """It explains itself after it is answered."""
    content: Content
    judged: tuple[Judged, ...] | None
    """None while the reviewer is blind to judges."""
    peers: tuple[dict[str, str], ...] | None
    """None while the reviewer is blind to peers."""


class Next(Value):
    """The item to answer now; None when nothing is left for this person."""

    model_config = shown_as({"item": _HANDED})

    item: HandedOut | None


class Held(Value):
    """What was handed out with an item."""

    model_config = shown_as(_HELD)

    slot: Annotated[int, Field(ge=0, le=LARGEST)]
    token: Annotated[int, Field(ge=0, le=LARGEST)]


class Beat(Value):
    """Whether the item is still this person's."""

    model_config = shown_as({"kept": True})

    kept: bool


class AnswerWanted(Held):
    """An answer to an item that was handed out."""

    model_config = shown_as({**_HELD, "given": GIVEN})

    given: Given


class AnswerEdited(Value):
    """What an answer should be instead."""

    model_config = shown_as({"given": GIVEN})

    given: Given


class AnswerKept(Value):
    """An answer that was kept; a practice item tells now what it expects and why."""

    model_config = shown_as({"review": 12, "item": 7, "closed": False, "expected": None, "explanation": None})

    review: int
    item: int
    closed: bool
    expected: dict[str, str] | None
    explanation: str | None


class AnswerLate(Value):
    """An answer that came when others had taken all places of its item: it is not kept, and comes back whole."""

    model_config = shown_as({"too_late": 7, "given": GIVEN})

    too_late: int
    """The item."""
    given: Given


class SkipWanted(Value):
    """Why somebody will not answer an item."""

    model_config = shown_as({"reason": "language"})

    reason: SkipReason


class Revealed(Value):
    """What the judges said, shown to somebody who is not blind from now on."""

    model_config = shown_as({"item": 7, "judged": []})

    item: int
    judged: tuple[Judged, ...]


class AnswerSeen(Value):
    """One's own answer; what judges and peers said is told once the item is closed."""

    model_config = shown_as(_ANSWER)

    item: int
    given: Given
    editable: bool
    content: Content
    practice: bool
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


class Avoided(Value):
    """Harm categories that somebody is not handed."""

    model_config = shown_as({"categories": ["violence"]})

    categories: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=60)], ...], Field(max_length=50)]


@router.post("/queues/{queue}/claim")
def claim_item(caller: Annotated[Caller, PEOPLE], queue: Name) -> Next:
    """Hand out the next item; what the person has open already comes first."""
    with caller.writing() as work:
        found = queue_named(work, queue)
        claimed = work.store.claims.claim(found, reviewer(caller))
        return Next(item=None if claimed is None else _handed(work, found, claimed))


@router.post("/queues/{queue}/items/{item}/heartbeat")
def keep_item(caller: Annotated[Caller, PEOPLE], queue: Name, item: Number, held: Held) -> Beat:
    """Keep an item a while longer."""
    with caller.writing() as work:
        found, known = found_item(work, queue, item)
        lease_s = found.settings.lease_s
        return Beat(kept=work.store.claims.heartbeat(known.number, held.slot, held.token, number(caller), lease_s))


@router.post("/queues/{queue}/items/{item}/release", status_code=204)
def release_item(caller: Annotated[Caller, PEOPLE], queue: Name, item: Number, held: Held) -> None:
    """Give an item back unanswered; the same person may get it again."""
    with caller.writing() as work:
        _, known = found_item(work, queue, item)
        work.store.claims.release(known.number, held.slot, held.token, number(caller))


@router.post(
    "/queues/{queue}/items/{item}/answer",
    responses={409: {"model": AnswerLate, "description": "Too late; the answer comes back"}},
)
def submit_answer(caller: Annotated[Caller, PEOPLE], queue: Name, item: Number, wanted: AnswerWanted) -> AnswerKept:
    """Keep an answer; the same one sent twice is kept once."""
    answered = submitted(caller, queue, item, wanted)
    if isinstance(answered, AnswerLate):
        # Not an exception: what the reviewer wrote must come back to them whole.
        return JSONResponse(answered.model_dump(mode="json"), 409)  # type: ignore[return-value]
    return answered


def submitted(caller: Caller, queue: str, item: int, wanted: AnswerWanted) -> AnswerKept | AnswerLate:
    """Keep an answer, or return it when it comes too late."""
    with caller.writing() as work:
        found, known = found_item(work, queue, item)
        kept = work.store.claims.submit(found, known.number, wanted.slot, wanted.token, number(caller), wanted.given)
        if isinstance(kept, TooLate):
            return AnswerLate(too_late=kept.item, given=wanted.given)
        why = known.explanation if kept.expected is not None else None
        return AnswerKept(
            review=kept.review, item=kept.item.number, closed=kept.closed, expected=kept.expected, explanation=why
        )


@router.put("/queues/{queue}/items/{item}/answer", status_code=204)
def edit_answer(caller: Annotated[Caller, PEOPLE], queue: Name, item: Number, wanted: AnswerEdited) -> None:
    """Change one's own answer while its item is open."""
    with caller.writing() as work:
        found, known = found_item(work, queue, item)
        if own_review(work, known, number(caller)) is not None and known.state != "open":
            raise Problem(409, "this item is closed; its answers stay as they are", "item", "answer the next one")
        work.store.claims.edit(found, known.number, number(caller), wanted.given)


@router.delete("/queues/{queue}/items/{item}/answer")
def undo_answer(caller: Annotated[Caller, PEOPLE], queue: Name, item: Number) -> HandedOut:
    """Take one's own answer back and have the item open again."""
    with caller.writing() as work:
        found, known = found_item(work, queue, item)
        with conflict("item", "answer the next one"):
            return _handed(work, found, work.store.claims.undo(found, known.number, number(caller)))


@router.post("/queues/{queue}/items/{item}/skip", status_code=204)
def skip_item(caller: Annotated[Caller, PEOPLE], queue: Name, item: Number, wanted: SkipWanted) -> None:
    """Give an item back for good: the person is not asked about it again."""
    with caller.writing() as work:
        _, known = found_item(work, queue, item)
        work.store.claims.decline(known.number, number(caller), wanted.reason)


@router.post("/queues/{queue}/items/{item}/reveal")
def reveal_item(caller: Annotated[Caller, PEOPLE], queue: Name, item: Number, held: Held) -> Revealed:
    """Show what the judges said of an item that one has open; it is remembered that one saw it."""
    with caller.writing() as work:
        found, known = found_item(work, queue, item)
        who, lease_s = number(caller), found.settings.lease_s
        if not work.store.claims.heartbeat(known.number, held.slot, held.token, who, lease_s):
            raise Problem(409, "you do not have this item open", "item", "claim the next one")
        judged = work.store.items.reveal(known.number, who)
        note(caller, work, "item.revealed", found, item=known.number)
        return Revealed(item=known.number, judged=judged)


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


@router.put("/queues-avoided")
def avoid_categories(caller: Annotated[Caller, PEOPLE], wanted: Avoided) -> Avoided:
    """Say which harm categories one is not to be handed, in any queue."""
    chosen = sorted(set(wanted.categories))
    user = caller.person.user
    with caller.writing() as work:
        work.access.set_settings(user.number, {**user.settings, "avoids": chosen})
    return Avoided(categories=tuple(chosen))


def number(caller: Caller) -> int:
    """Return the reviewer's number."""
    return caller.person.user.number


def reviewer(caller: Caller) -> Reviewer:
    """Return the person with the languages they read and the categories they avoid."""
    user = caller.person.user
    return Reviewer(user.number, user.languages, tuple(user.settings.get("avoids", ())))


def own_review(work: Work, item: Item, who: int) -> Review | None:
    """Return what a person answered about an item."""
    return next((one for one in work.store.reviews.of_item(item.number) if one.reviewer == who), None)


def given_of(review: Review) -> Given:
    """Return what was answered, without who and when."""
    return Given(**{name: getattr(review, name) for name in Given.model_fields})


def answer_seen(work: Work, queue: Queue, review: Review) -> AnswerSeen:
    """Return one's own answer; the rest of it once the item is closed."""
    item = work.store.items.read(work.connection, review.item)
    closed = item.state == "closed"
    told = item.reason == "practice"
    return AnswerSeen(
        item=item.number,
        given=given_of(review),
        editable=item.state == "open",
        content=work.store.items.content(work.connection, item),
        practice=told,
        expected=item.expected if told else None,
        explanation=item.explanation if told else None,
        judged=item.judged if closed or not queue.settings.blind_judge else None,
        peers=_peers(work, item, review.reviewer) if closed or not queue.settings.blind_peers else None,
        submitted_at=review.submitted_at,
        edited_at=review.edited_at,
    )


def found_item(work: Work, queue: str, item: int) -> tuple[Queue, Item]:
    """Return a queue and an item of it; raise Problem 404 for what is not there."""
    found = queue_named(work, queue)
    return found, item_of_queue(work, found, item)


def _handed(work: Work, queue: Queue, claimed: Claimed) -> HandedOut:
    item, settings = claimed.item, queue.settings
    return HandedOut(
        item=item.number,
        slot=claimed.slot,
        token=claimed.token,
        lease_until=claimed.lease_until,
        lease_s=settings.lease_s,
        language=item.language,
        harm=item.harm,
        practice=item.reason == "practice",
        content=work.store.items.content(work.connection, item),
        judged=None if settings.blind_judge else item.judged,
        peers=None if settings.blind_peers else _peers(work, item, None),
    )


def _peers(work: Work, item: Item, but: int | None) -> tuple[dict[str, str], ...]:
    return tuple(one.answers for one in work.store.reviews.of_item(item.number) if one.reviewer != but)
