"""Reviewing by page: the next item, one's own answers, and deciding where people disagree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import orjson
from fastapi import Query, Request, Response
from pydantic import Field, ValidationError

from evalgate.core.errors import WrongAsWritten
from evalgate.core.review import Given, check_answers
from evalgate.core.values import Value
from evalgate.store.queues import Queue
from evalgate.web.api import adjudication, answers, queues, review
from evalgate.web.api.queues import LARGEST, Number
from evalgate.web.api.routing import KEEPERS, Name
from evalgate.web.guard import Caller
from evalgate.web.pages.queues import BLANK, Fields, blocks, given_in, passages, text_of, told_answers
from evalgate.web.pages.rendering import Words, asked, go, language_of, page, page_router
from evalgate.web.problems import Problem

router = page_router()

PEOPLE = review.PEOPLE
MOST_SHOWN = 20


@router.get("/queues/{queue}/review")
def show_review(caller: Annotated[Caller, PEOPLE], request: Request, queue: Name) -> Response:
    """Show the next item; a page that is loaded again shows the same one."""
    return _review_page(caller, request, queue)


@router.post("/queues/{queue}/review")
def answer_by_form(caller: Annotated[Caller, PEOPLE], request: Request, queue: Name, sent: Fields) -> Response:
    """Keep an answer and go on to the next item; a practice item explains itself first."""
    found = _queue(caller, queue)
    wanted = _held(sent)
    try:
        given = _given(sent, found)
    except Problem as problem:
        return _review_page(caller, request, queue, filled=given_in(sent, found.rubric), problem=problem)
    item = _item(sent)
    kept = review.submitted(caller, queue, item, review.AnswerWanted(**wanted.model_dump(), given=given))
    if isinstance(kept, review.AnswerLate):
        parts = _blocks(request, caller, found)
        told = told_answers(parts, given.answers)
        return page(request, caller, "review/late.html", status=409, queue=found, told=told, given=given)
    if kept.expected is not None:
        return go(f"{_path(queue)}/answers/{item}", "practised")
    return go(f"{_path(queue)}/review", "answered")


@router.post("/queues/{queue}/review/reveal")
def reveal_by_form(caller: Annotated[Caller, PEOPLE], request: Request, queue: Name, sent: Fields) -> Response:
    """Show what the judges said beside the item, with what was filled in so far."""
    found = _queue(caller, queue)
    revealed = review.reveal_item(caller, queue, _item(sent), _held(sent))
    return _review_page(caller, request, queue, filled=given_in(sent, found.rubric), judged=revealed.judged)


@router.post("/queues/{queue}/review/skip")
def skip_by_form(caller: Annotated[Caller, PEOPLE], queue: Name, sent: Fields) -> Response:
    """Give an item back for good."""
    wanted = asked(review.SkipWanted, reason=text_of(sent, "reason"))
    review.skip_item(caller, queue, _item(sent), wanted)
    return go(f"{_path(queue)}/review", "skipped")


@router.post("/queues/{queue}/review/avoid")
def avoid_by_form(caller: Annotated[Caller, PEOPLE], queue: Name, sent: Fields) -> Response:
    """Be handed nothing of this item's harm category any more."""
    category, before = text_of(sent, "category"), caller.person.user.settings.get("avoids", ())
    wanted = asked(review.Avoided, categories=(*before, category))
    review.skip_item(caller, queue, _item(sent), review.SkipWanted(reason="affects_me"))
    review.avoid_categories(caller, wanted)
    return go(f"{_path(queue)}/review", "avoided")


@router.post("/queues/{queue}/review/undo")
def undo_by_form(caller: Annotated[Caller, PEOPLE], queue: Name, sent: Fields) -> Response:
    """Take the last answer back, or the one named, and have its item open again."""
    found = _queue(caller, queue)
    named = text_of(sent, "undo")
    mine = answers.list_my_answers(caller, found.name, None, 1).answers
    if not named.isdecimal() and not mine:
        raise Problem(409, "there is no answer to take back", "undo", "answer an item first")
    item = asked(Numbered, item=named).item if named.isdecimal() else mine[0].item
    if text_of(sent, "item"):
        # Otherwise the next page would still show the item that is open now.
        review.release_item(caller, queue, _item(sent), _held(sent))
    review.undo_answer(caller, queue, item)
    return go(f"{_path(queue)}/review", "undone")


@router.get("/queues/{queue}/answers")
def show_answers(
    caller: Annotated[Caller, PEOPLE],
    request: Request,
    queue: Name,
    before: Annotated[int | None, Query(ge=1, le=LARGEST)] = None,
) -> Response:
    """Show one's own answers, the newest first."""
    found = _queue(caller, queue)
    listed = answers.list_my_answers(caller, queue, before, MOST_SHOWN)
    parts = _blocks(request, caller, found)
    rows = [(one, passages(one.content), told_answers(parts, one.given.answers)) for one in listed.answers]
    return page(
        request,
        caller,
        "review/answers.html",
        queue=found,
        path=_path(queue),
        rows=rows,
        before=listed.before,
        first=before is None,
    )


@router.get("/queues/{queue}/answers/{item}")
def show_answer(caller: Annotated[Caller, PEOPLE], request: Request, queue: Name, item: Number) -> Response:
    """Show one answer to change or contest, or what a practice item expected."""
    return _answer_page(caller, request, queue, item)


@router.post("/queues/{queue}/answers/{item}")
def edit_by_form(
    caller: Annotated[Caller, PEOPLE], request: Request, queue: Name, item: Number, sent: Fields
) -> Response:
    """Change one's answer while its item is open."""
    found = _queue(caller, queue)
    try:
        given = _given(sent, found)
        review.edit_answer(caller, queue, item, review.AnswerEdited(given=given))
    except Problem as problem:
        return _answer_page(caller, request, queue, item, problem=problem)
    return go(f"{_path(queue)}/answers/{item}", "changed")


@router.get("/queues/{queue}/adjudication")
def show_disputed(
    caller: Annotated[Caller, KEEPERS],
    request: Request,
    queue: Name,
    after: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
) -> Response:
    """Show the items on which people disagree, one to decide at a time."""
    found = _queue(caller, queue)
    listed = adjudication.list_disputed(caller, queue, after, MOST_SHOWN)
    parts = _blocks(request, caller, found)
    rows = [
        (one, passages(one.content), [told_answers(parts, said.answers) for said in one.answers])
        for one in listed.items
    ]
    return page(
        request,
        caller,
        "review/adjudication.html",
        queue=found,
        path=_path(queue),
        rows=rows,
        parts=parts,
        after=listed.after,
    )


@router.post("/queues/{queue}/adjudication/{item}")
def adjudicate_by_form(caller: Annotated[Caller, KEEPERS], queue: Name, item: Number, sent: Fields) -> Response:
    """Decide an item."""
    given = _given(sent, _queue(caller, queue))
    wanted = adjudication.DecisionWanted(answers=given.answers, comment=given.comment)
    adjudication.adjudicate_item(caller, queue, item, wanted)
    return go(f"{_path(queue)}/adjudication", "decided")


class Numbered(Value):
    """The number of an item that a form names."""

    item: Annotated[int, Field(ge=1, le=LARGEST)]


def _path(queue: str) -> str:
    return f"/queues/{quote(queue, safe='')}"


def _queue(caller: Caller, name: str) -> Queue:
    with caller.reading() as work:
        return queues.queue_named(work, name)


def _item(sent: Mapping[str, object]) -> int:
    return asked(Numbered, item=text_of(sent, "item")).item


def _held(sent: Mapping[str, object]) -> review.Held:
    return asked(review.Held, slot=text_of(sent, "slot"), token=text_of(sent, "token"))


def _given(sent: Mapping[str, object], queue: Queue) -> Given:
    """Return the answer that a form sent; raise Problem 422 for one that the queue does not ask for."""
    plain = given_in(sent, queue.rubric)
    try:
        given = Given.model_validate({**plain, "spans": orjson.loads(str(plain["spans"]))})
        check_answers(queue.rubric, given)
    except (ValidationError, WrongAsWritten, orjson.JSONDecodeError) as error:
        what = str(error) if isinstance(error, WrongAsWritten) else "the form cannot be read"
        raise Problem(422, what, "answer", "choose an answer to every question") from None
    return given


def _blocks(request: Request, caller: Caller, queue: Queue) -> Any:
    language = language_of(request, caller)
    return blocks(queue.rubric, language, Words(language).said("review.unknown"))


def _review_page(
    caller: Caller,
    request: Request,
    name: str,
    *,
    filled: Mapping[str, object] | None = None,
    judged: Any = None,
    problem: Problem | None = None,
) -> Response:
    item = review.claim_item(caller, name).item
    with caller.reading() as work:
        queue = queues.queue_named(work, name)
        done, waiting = queues.mine(caller, work, [queue]).get(queue.number, (0, 0))
        left = waiting + (item is not None)
    harmful = item is not None and item.harm is not None and queue.settings.harm_warning
    return page(
        request,
        caller,
        "review/review.html",
        status=problem.status_code if problem else 200,
        problem=problem,
        queue=queue,
        path=_path(name),
        done_by_me=done,
        left=left,
        item=item,
        harmful=harmful,
        texts=passages(item.content) if item else (),
        judged=judged if judged is not None else (item.judged if item else None),
        parts=_blocks(request, caller, queue),
        filled=filled or {**BLANK.model_dump(), "spans": "[]"},
    )


def _answer_page(caller: Caller, request: Request, name: str, item: int, *, problem: Problem | None = None) -> Response:
    with caller.reading() as work:
        queue, known = review.found_item(work, name, item)
        mine = review.own_review(work, known, review.number(caller))
        if mine is None:
            raise Problem(404, "you have not answered this item", "item", f"see your answers: {_path(name)}/answers")
        seen = answers.answer_seen(work, queue, mine)
    parts = _blocks(request, caller, queue)
    return page(
        request,
        caller,
        "review/answer.html",
        status=problem.status_code if problem else 200,
        problem=problem,
        queue=queue,
        path=_path(name),
        answer=seen,
        texts=passages(seen.content),
        parts=parts,
        expected=told_answers(parts, seen.expected) if seen.expected else (),
        said=told_answers(parts, seen.given.answers),
        peers=[told_answers(parts, one) for one in seen.peers or ()],
        filled={
            **seen.given.model_dump(),
            "spans": orjson.dumps([one.model_dump() for one in seen.given.spans]).decode(),
        },
    )
