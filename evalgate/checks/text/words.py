"""Where words begin and end in any script: letters, digits, marks and the underscore make words."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache


def in_word(char: str) -> bool:
    """Return whether a character is part of a word.

    >>> [in_word(char) for char in "ñ7_-’"]
    [True, True, True, False, False]
    """
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"


def is_whole(text: str, start: int, end: int) -> bool:
    """Return whether text[start:end] starts and ends where words do; an edge that is no word character always does.

    >>> is_whole("el año nuevo", 3, 6), is_whole("el año nuevo", 4, 5)
    (True, False)
    """
    if start and in_word(text[start]) and in_word(text[start - 1]):
        return False
    return not (end < len(text) and in_word(text[end - 1]) and in_word(text[end]))


@lru_cache(maxsize=2)
def blank_words(text: str) -> list[str]:
    """Return what blanks divide, in small letters; several checks ask this of one text after another."""
    return text.lower().split()


@lru_cache(maxsize=1)
def words() -> re.Pattern[str]:
    """Return the pattern of a whole word, as its one group; linear: one class, one repetition."""
    return re.compile(rf"([\w{_marks()}]+)")


def _marks() -> str:
    """Return the ranges of the combining marks of living scripts (the basic plane), for a character class."""
    ranges: list[list[int]] = []
    for point in range(0x300, 0x10000):
        if unicodedata.category(chr(point))[0] == "M":
            if ranges and ranges[-1][1] == point - 1:
                ranges[-1][1] = point
            else:
                ranges.append([point, point])
    return "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)
