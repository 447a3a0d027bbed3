"""Stretches that a text says again: in a row, as a loop does, or scattered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from evalgate.checks.text.sentences import sentences
from evalgate.checks.text.words import blank_words

GRAM = 4
"""Words that two copies share at least."""
_ONE_BY_ONE = "\u3040-\u30ff\u3400-\u9fff"
_TOKEN = re.compile(
    # At most 24 letters, so that one endless word is a row of words; ideographs and pictures one by one.
    f"[{_ONE_BY_ONE}\u2600-\u27bf\U0001f300-\U0001faff]|[^\\W_{_ONE_BY_ONE}]{{1,24}}"
)
_LONGEST_WORD = 40
"""Characters without a blank from which on a text may be one endless word, or of a script without blanks."""

Stretch = tuple[int, int]
"""Where words stand, as word numbers [first, last)."""


class Loop(NamedTuple):
    """A stretch of `period` words that stands `copies` times in a row, as word numbers [first, last)."""

    first: int
    last: int
    period: int
    copies: int


def may_repeat(text: str, grams: int) -> bool:
    """Return False, quickly, for a text in which fewer than so many runs of four words stand a second time.

    Words are what blanks divide. A text with a very long one may always repeat: it may be of a script without blanks.
    """
    words = blank_words(text)
    return again(words) >= grams or max(map(len, words), default=0) > _LONGEST_WORD


def again(words: list[str]) -> int:
    """Return how many runs of four words stood before.

    >>> again("um momento um momento um momento".split())
    1
    """
    runs = max(0, len(words) - GRAM + 1)
    return runs - len(set(zip(words, words[1:], words[2:], words[3:], strict=False)))


def words_of(text: str) -> list[str]:
    """Return the words and numbers of a text in small letters."""
    return _TOKEN.findall(_small(text))


def loops(words: list[str], copies: int, fewest: int) -> list[Loop]:
    """Return the stretches that stand at least `copies` times in a row with `fewest` words in all, in order.

    >>> loops("por favor espere um momento um momento um momento um momento".split(), 3, 6)
    [Loop(first=3, last=11, period=2, copies=4)]
    """
    found: list[Loop] = []
    seen: dict[tuple[str, ...], int] = {}
    start = period = 0  # since `start`, each four words stood before, `period` words back: so do they in a loop
    for at, gram in enumerate(zip(words, words[1:], words[2:], words[3:], strict=False)):
        back = at - seen.get(gram, at)
        seen[gram] = at
        if back != period:
            _keep(found, Loop(start - period, at + GRAM - 1, period, copies), fewest)
            start, period = at, back
    _keep(found, Loop(start - period, len(words), period, copies), fewest)
    return found


def _keep(found: list[Loop], loop: Loop, fewest: int) -> None:
    """Add a loop if it has as many copies as it says and enough words."""
    length = loop.last - loop.first
    if loop.period and length >= max(loop.copies * loop.period, fewest):
        found.append(loop._replace(copies=length // loop.period))


def copied(words: list[str], stretch: int) -> list[Stretch]:
    """Return the words that repeat an earlier stretch of at least so many words."""
    found: list[Stretch] = []
    seen: set[tuple[str, ...]] = set()
    for at, gram in enumerate(zip(*(words[offset:] for offset in range(stretch)), strict=False)):
        if gram not in seen:
            seen.add(gram)
        elif found and at <= found[-1][1]:
            found[-1] = (found[-1][0], at + stretch)
        else:
            found.append((at, at + stretch))
    return found


def same_sentences(text: str, fewest: int, most: int) -> list[list[tuple[int, int]]]:
    """Return, for every sentence of at least so many words that stands more often than `most`, where it stands."""
    if _most_often(blank_words(text), fewest - 2) <= most:  # its words stand each time, the first and the last apart
        return []
    places: dict[str, list[tuple[int, int]]] = {}
    for start, end in sentences(text):
        words = text[start:end].lower().split()
        if len(words) >= fewest:
            places.setdefault(" ".join(words), []).append((start, end))
    return [where for where in places.values() if len(where) > most]


def _most_often(words: list[str], length: int) -> int:
    """Return how often the commonest run of so many words stands."""
    runs = Counter(zip(*(words[offset:] for offset in range(length)), strict=False))
    return max(runs.values(), default=0)


def located(text: str, stretches: Iterable[Stretch]) -> list[tuple[int, int]]:
    """Return where stretches of words, in order and apart from one another, stand in their text."""
    tokens = _TOKEN.finditer(_small(text))
    places: list[tuple[int, int]] = []
    number = 0
    for first, last in stretches:
        begins = next(islice(tokens, first - number, None))
        ends = next(islice(tokens, last - first - 2, None)) if last - first > 1 else begins
        places.append((begins.start(), ends.end()))
        number = last
    return places


def _small(text: str) -> str:
    """Return a text in small letters where that moves no letter, else as it is: İ becomes two."""
    small = text.lower()
    return small if len(small) == len(text) else text
