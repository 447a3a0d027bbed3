"""The list of queues, and what the pages of a queue share: its questions in somebody's language, its texts to mark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NamedTuple

from fastapi import Depends, Request, Response
from starlette.datastructures import FormData, UploadFile

from evalgate.core.review import UNKNOWN, Given, Language, ReviewRubric, Texts
from evalgate.reports.inert import visible
from evalgate.store.items import Content
from evalgate.web.api import queues, review
from evalgate.web.guard import Caller, needs
from evalgate.web.pages.rendering import READ, go, language_of, page, page_router

router = page_router()

LOOKERS = needs("reviewer", "maintainer", "admin", "auditor")


class Said(NamedTuple):
    """A text of the rubric in the best language there is."""

    text: str
    lang: str | None
    """None when it is in the page's own language, or only a name."""


class Choice(NamedTuple):
    """One label to choose."""

    value: str
    title: Said
    help: Said | None
    key: str
    """The digit that chooses it."""


class Block(NamedTuple):
    """One question."""

    name: str
    title: Said
    help: Said | None
    choices: tuple[Choice, ...]


class Piece(NamedTuple):
    """A stretch of a text; `n` code points that are shown as something else, None for those shown as they are."""

    text: str
    n: int | None


class Passage(NamedTuple):
    """One text that a reviewer reads and may mark."""

    side: str
    place: int
    role: str
    pieces: tuple[Piece, ...]


async def fields(request: Request) -> FormData:
    """Return what a form sent."""
    return await request.form()


Fields = Annotated[FormData, Depends(fields)]


@router.get("/queues")
def show_queues(caller: Annotated[Caller, LOOKERS], request: Request) -> Response:
    """Show the queues with one's own progress."""
    language = language_of(request, caller)
    found = queues.list_queues(caller).queues
    rows = [(one, best(one.rubric.instructions, language)) for one in found]
    user = caller.person.user
    return page(
        request,
        caller,
        "review/queues.html",
        rows=rows,
        reviews=caller.role != "auditor",
        decides=caller.role in READ - {"auditor"},
        reads_results=caller.role in READ,
        avoids=tuple(user.settings.get("avoids", ())),
        reads=user.languages,
    )


@router.post("/queues-avoided")
def set_avoided(caller: Annotated[Caller, review.PEOPLE], sent: Fields) -> Response:
    """Be handed a category again."""
    again = text_of(sent, "category")
    kept = tuple(one for one in caller.person.user.settings.get("avoids", ()) if one != again)
    review.avoid_categories(caller, review.Avoided(categories=kept))
    return go("/queues", "avoided")


def text_of(sent: Mapping[str, object], name: str) -> str:
    """Return a field's text, blank when it was not sent."""
    value = sent.get(name, "")
    return value if isinstance(value, str) else ""


def file_of(sent: Mapping[str, object], name: str) -> UploadFile | None:
    """Return what a form uploads; None when no file was chosen."""
    found = sent.get(name)
    return found if isinstance(found, UploadFile) and found.filename else None


def best(texts: Texts, language: Language, name: str = "") -> Said | None:
    """Return a text in a language, else in English, else the name; None without any."""
    if found := texts.get(language):
        return Said(found, None)
    if found := texts.get("en"):
        return Said(found, "en")
    return Said(name, None) if name else None


def blocks(rubric: ReviewRubric, language: Language, unknown: str) -> tuple[Block, ...]:
    """Return the questions of a rubric; `unknown` is the last choice of each, under the digit 0."""
    made = []
    for name, criterion in rubric.criteria.items():
        choices = [
            Choice(value, best(label.title, language) or Said(value, None), best(label.help, language), str(place))
            for place, (value, label) in enumerate(criterion.labels.items(), start=1)
        ]
        choices.append(Choice(UNKNOWN, Said(unknown, None), None, "0"))
        title = best(criterion.title, language) or Said(name, None)
        made.append(Block(name, title, best(criterion.help, language), tuple(choices)))
    return tuple(made)


def told_answers(parts: tuple[Block, ...], answers: Mapping[str, str]) -> list[tuple[Said, Said]]:
    """Return each question with the title of the label that answers it."""
    found = []
    for part in parts:
        titles = {choice.value: choice.title for choice in part.choices}
        value = answers.get(part.name, "")
        found.append((part.title, titles.get(value, Said(value, None))))
    return found


def passages(content: Content) -> tuple[Passage, ...]:
    """Return the texts of an item in the order in which they are read: what was asked, its sources, the answer."""
    turns = content.input if isinstance(content.input, list) else [{"role": "user", "content": content.input}]
    said = [turn for turn in turns if isinstance(turn, dict)]
    found = [
        Passage("input", place, str(turn.get("role", "user")), pieces(str(turn.get("content") or "")))
        for place, turn in enumerate(said)
    ]
    found += [Passage("context", place, "source", pieces(text)) for place, text in enumerate(content.context)]
    found.append(Passage("output", 0, "output", pieces(content.text)))
    return tuple(found)


def pieces(text: str) -> tuple[Piece, ...]:
    r"""Return a text in stretches, so that what is marked can be told in the code points that are stored.

    >>> [(piece.text, piece.n) for piece in pieces("a\u202eb")]
    [('a', None), ('‹U+202E›', 1), ('b', None)]
    """
    found: list[Piece] = []
    start = 0
    while start < len(text):
        hidden = _hidden(text, start)
        end = start + 1
        while end < len(text) and _hidden(text, end) == hidden and not text.startswith("\r\n", start):
            end += 1
        if text.startswith("\r\n", start):
            end = start + 2
        shown = visible(text[start:end])
        found.append(Piece(shown, None if shown == text[start:end] else end - start))
        start = end
    return tuple(found)


def _hidden(text: str, place: int) -> str:
    """Return what a character is apart from the visible ones: blank for those."""
    one = text[place]
    if one == "\r":
        return f"line {place}"
    return "" if visible(one) == one or text[place - 1 : place] == "\r" else one


def given_in(sent: Mapping[str, object], rubric: ReviewRubric) -> dict[str, object]:
    """Return the fields of a Given that a form sent; what is missing stays out."""
    answers = {name: text_of(sent, f"answer.{name}") for name in rubric.criteria}
    return {
        "answers": {name: label for name, label in answers.items() if label},
        "comment": text_of(sent, "comment").replace("\r\n", "\n"),
        "flagged": bool(text_of(sent, "flagged")),
        "contested": bool(text_of(sent, "contested")),
        "spans": text_of(sent, "spans") or "[]",
        "seconds": text_of(sent, "seconds") or None,
    }


BLANK = Given(answers={})
