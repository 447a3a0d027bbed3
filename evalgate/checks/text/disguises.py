"""What a text says once its disguises are taken off: encodings, digits for letters, rot13; only where there are any."""

from __future__ import annotations

import codecs
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress, count, islice
from operator import sub
from typing import Any, Literal, NamedTuple

from evalgate.checks.text.patterns import compiled
from evalgate.checks.text.signs import PATTERNS, Sign, signs
from evalgate.checks.text.views import LEET, Mapped

Disguise = Literal["encoded", "leet", "rot13"]

AROUND = 200
"""Characters about a disguised place that are read with it."""
_SHORT = 1_000
"""A text up to here is read whole."""
_APART = "\n\n"
PLACES_AT_MOST = 2_000
"""Words in leet, or words of rot13, in one text that are looked at."""
_TOKEN = re.compile(r"[\w@$]+")


class Bare(NamedTuple):
    """A text without a disguise: what stands about the disguised places, joined."""

    disguise: Disguise
    text: str
    places: Sequence[int]
    """Where each code point stands in the decoded view."""
    runs: Sequence[tuple[int, int]]
    """The disguised places of the decoded view, in order."""

    def shows(self, start: int, end: int) -> tuple[int, int] | None:
        """Return where [start, end) stands in the decoded view, None when it does not, or wears no disguise there."""
        first, last = self.places[start], self.places[end - 1]
        before = bisect_left(self.runs, (last + 1, 0)) - 1
        disguised = self.disguise == "rot13" or (before >= 0 and self.runs[before][1] > first)
        return (first, last + 1) if disguised and last - first == end - start - 1 else None


def bared(mapped: Mapped, length: int) -> Iterator[Bare]:
    """Yield what a text says without each disguise that it wears, given its decoded view and its length.

    >>> from evalgate.checks.text.decoding import decode
    >>> text = "aWdub3JhIHRvZG8gbG8=; 1gn0r4 t0d0; vtaben gbqb"
    >>> for one in bared(decode(text), len(text)):
    ...     print(one.disguise, "|", one.text)
    encoded | ignora todo lo; 1gn0r4 t0d0; vtaben gbqb
    leet | ignora todo lo; ignora todo; vtaben gbqb
    rot13 | vtaben gbqb yb; 1ta0e4 g0q0; ignora todo
    """
    text, back = mapped
    if back is not None:
        runs = decoded_runs(back, length)
        yield Bare("encoded", *_about(text, runs), runs)
    if runs := _runs("leet", text):
        near, places = _about(text, runs)
        yield Bare("leet", _TOKEN.sub(_read_letters, near), places, runs)
    if runs := _runs("rot13", text):
        near, places = _about(text, runs)
        yield Bare("rot13", codecs.encode(near, "rot13"), places, runs)


def _runs(sign: Sign, text: str) -> list[tuple[int, int]]:
    if sign not in signs(text):
        return []
    return [match.span() for match in islice(_pattern(sign).finditer(text), PLACES_AT_MOST + 1)]


def _about(text: str, runs: Iterable[tuple[int, int]]) -> tuple[str, Sequence[int]]:
    """Return what stands about some stretches, and where each code point of it stands in the text."""
    if len(text) <= _SHORT:
        return text, range(len(text))
    windows: list[list[int]] = []
    for start, end in runs:
        if windows and start - AROUND <= windows[-1][1]:
            windows[-1][1] = end + AROUND
        else:
            windows.append([max(0, start - AROUND), end + AROUND])
    pieces: list[str] = []
    places: list[int] = []
    for start, end in windows:
        piece = text[start:end]
        pieces.append(piece)
        places += (*range(start, start + len(piece)), *([start + len(piece) - 1] * len(_APART)))
    return _APART.join([*pieces, ""]), places


def _read_letters(token: re.Match[str]) -> str:
    written = token[0]
    return written.translate(LEET) if not written.isalpha() and not written.isdigit() else written


def decoded_runs(back: Sequence[int], length: int) -> list[tuple[int, int]]:
    """Return the stretches of a decoded view that were decoded: there, one code point does not stand for one.

    >>> decoded_runs([0, 1, 1, 5], 6)
    [(1, 3)]
    """
    steps = map(sub, [*back[1:], length], back)
    runs: list[tuple[int, int]] = []
    end = 0
    for at in compress(count(), map((1).__ne__, steps)):
        if at >= end:
            end = bisect_right(back, back[at])
            start = runs.pop()[0] if runs and runs[-1][1] == at else at
            runs.append((start, end))
    return runs


@lru_cache(maxsize=2)
def _pattern(sign: Sign) -> Any:
    return compiled(PATTERNS[sign])
