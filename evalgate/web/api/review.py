"""Reviewing: an item is handed out, answered, given back or decided; who answers is blind to judge and peers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field

from evalgate.core.review import Given, SkipReason
from evalgate.core.values import Value
from evalgate.store.claims import UNDO, Claimed, TooLate
from evalgate.store.items import Content, Item, Judged
from evalgate.store.queues import Queue
from evalgate.store.reviews import Review
from evalgate.store.slots import Reviewer
from evalgate.web.api.hidden import Looks, held_inside, held_outside, looks
from evalgate.web.api.queues import LARGEST, Number, item_of_queue, note, queue_named
from evalgate.web.api.routing import Name, api_router, shown_as
from evalgate.web.disguise import shown
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
        slot, token = held_inside(work, known.number, held.slot, held.token)
        lease_s = found.settings.lease_s
        return Beat(kept=work.store.claims.heartbeat(known.number, slot, token, number(caller), lease_s))


@router.post("/queues/{queue}/items/{item}/release", status_code=204)
def release_item(caller: Annotated[Caller, PEOPLE], queue: Name, item: Number, held: Held) -> None:
    """Give an item back unanswered; the same person may get it again."""
    with caller.writing() as work:
        _, known = found_item(work, queue, item)
        slot, token = held_inside(work, known.number, held.slot, held.token)
        work.store.claims.release(known.number, slot, token, number(caller))


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
        slot, token = held_inside(work, known.number, wanted.slot, wanted.token)
        kept = work.store.claims.submit(found, known.number, slot, token, number(caller), wanted.given)
        if isinstance(kept, TooLate):
            return AnswerLate(too_late=item, given=wanted.given)
        closed = kept.closed or looks(work, found, kept.item).state == "closed"
        why = known.explanation if kept.expected is not None else None
        return AnswerKept(review=kept.review, item=item, closed=closed, expected=kept.expected, explanation=why)


@router.put("/queues/{queue}/items/{item}/answer", status_code=204)
def edit_answer(caller: Annotated[Caller, PEOPLE], queue: Name, item: Number, wanted: AnswerEdited) -> None:
    """Change one's own answer while its item is open."""
    with caller.writing() as work:
        found, known = found_item(work, queue, item)
        mine = own_review(work, known, number(caller))
        if mine is not None and looks(work, found, known).state != "open":
            raise Problem(409, "this item is closed; its answers stay as they are", "item", "answer the next one")
        work.store.claims.edit(found, known.number, number(caller), wanted.given)


@router.delete("/queues/{queue}/items/{item}/answer")
def undo_answer(caller: Annotated[Caller, PEOPLE], queue: Name, item: Number) -> HandedOut:
    """Take one's own answer back and have the item open again."""
    with caller.writing() as work:
        found, known = found_item(work, queue, item)
        _check_undone(caller, work, found, known)
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
        slot, token = held_inside(work, known.number, held.slot, held.token)
        if not work.store.claims.heartbeat(known.number, slot, token, who, lease_s):
            raise Problem(409, "you do not have this item open", "item", "claim the next one")
        judged = work.store.items.reveal(known.number, who)
        note(caller, work, "item.revealed", found, item=item)
        return Revealed(item=item, judged=judged)


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


def found_item(work: Work, queue: str, item: int) -> tuple[Queue, Item]:
    """Return a queue and an item of it; raise Problem 404 for what is not there."""
    found = queue_named(work, queue)
    return found, item_of_queue(work, found, item)


def _handed(work: Work, queue: Queue, claimed: Claimed) -> HandedOut:
    item, settings = claimed.item, queue.settings
    slot, token = held_outside(work, item.number, claimed.slot, claimed.token)
    return HandedOut(
        item=shown(work.store, item.number),
        slot=slot,
        token=token,
        lease_until=claimed.lease_until,
        lease_s=settings.lease_s,
        language=item.language,
        harm=item.harm,
        practice=item.reason == "practice",
        content=work.store.items.content(work.connection, item),
        judged=None if settings.blind_judge else item.judged,
        peers=None if settings.blind_peers else peers_told(looks(work, queue, item), None),
    )


def peers_told(seems: Looks, but: int | None) -> tuple[dict[str, str], ...]:
    """Return what the others answered."""
    return tuple(one.answers for one in seems.answers if one.reviewer != but)


def _check_undone(caller: Caller, work: Work, queue: Queue, item: Item) -> None:
    """Raise Problem 409 for an answer to a hidden item that could not be taken back if it were any other's."""
    mine, seems = own_review(work, item, number(caller)), looks(work, queue, item)
    if mine is None or item.reason != "gold" or seems.state in {"open", "removed"}:
        return
    last = seems.answers[-1].number == mine.number
    if not last or caller.service.clock() - mine.submitted_at > UNDO:
        what = "others have answered since, or it is too long ago; this answer stays"
        raise Problem(409, what, "item", "answer the next one")
