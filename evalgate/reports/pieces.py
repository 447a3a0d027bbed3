"""A text cut where spans begin and end, so that what a check points at can be highlighted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from evalgate.core.outcomes import Mark, Side, Span
from evalgate.core.reporting import CaseView, MarkPair


class Piece(NamedTuple):
    """A stretch of a text; `why` names the check that points at it, empty where none does."""

    text: str
    why: str = ""


class Passage(NamedTuple):
    """A text as a page shows it, and how many characters of it are left out."""

    pieces: tuple[Piece, ...]
    left_out: int = 0

    @property
    def empty(self) -> bool:
        """Whether there is nothing to read."""
        return not any(piece.text.strip() for piece in self.pieces)


class Pointer(NamedTuple):
    """A span with the check it comes from."""

    start: int
    end: int
    why: str


def cut(text: str, pointers: Iterable[Pointer], most: int) -> Passage:
    """Return the beginning of a text in pieces; a pointer that lies outside, or in another one, is left aside.

    >>> cut("my CPF is <CPF>", [Pointer(10, 15, "no_pii")], 100).pieces
    (Piece(text='my CPF is ', why=''), Piece(text='<CPF>', why='no_pii'))
    """
    shown = text[:most]
    pieces: list[Piece] = []
    at = 0
    for start, end, why in sorted(pointers):
        if at <= start < min(end, len(shown)):
            pieces += [Piece(shown[at:start]), Piece(shown[start:end], why)]
            at = min(end, len(shown))
    return Passage(tuple(piece for piece in (*pieces, Piece(shown[at:])) if piece.text), len(text) - len(shown))


def question(case: CaseView, most: int) -> Passage:
    """Return the question, with what checks of the candidate point at."""
    # A span in a conversation counts from its message's start, which the joined text no longer shows.
    return cut(case.question, _pointers(case.marks, "input", None, now=True), most)


def answer(case: CaseView, most: int, *, now: bool) -> Passage:
    """Return an answer, the candidate's or the baseline's, with what checks of that arm point at."""
    text = case.now if now else case.before or ""
    return cut(text, _pointers(case.marks, "output", None, now=now), most)


def context(case: CaseView, most: int) -> tuple[Passage, ...]:
    """Return the passages the answer rests on, with what checks of the candidate point at."""
    return tuple(
        cut(passage, _pointers(case.marks, "context", number, now=True), most)
        for number, passage in enumerate(case.context)
    )


def _pointers(marks: Sequence[MarkPair], side: Side, message: int | None, *, now: bool) -> list[Pointer]:
    return [
        Pointer(span.start, span.end, mark.metric)
        for mark in marks
        for span in _spans(mark.now if now else mark.before)
        if span.side == side and span.message == message
    ]


def _spans(result: object) -> tuple[Span, ...]:
    return result.spans if isinstance(result, Mark) else ()
