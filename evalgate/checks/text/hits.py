"""A hit: where something stands in a text, in which view it was seen, and what could stand there instead."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from evalgate.core.outcomes import View

READ_AT_MOST = 100_000
"""Code points of one text that a check reads. A hit in them counts; without a hit a longer text is Unscored."""


class Hit(NamedTuple):
    """A stretch of one piece of a side, in code points of the original."""

    piece: int
    start: int
    end: int
    label: str = ""
    """What was found, in the words of the check: a term, a kind of data, a rule's name."""
    view: View = "raw"
    instead: str | None = None
    """What could stand there; empty to leave it out, None when there is nothing to suggest."""


def longest(hits: Iterable[Hit]) -> list[Hit]:
    """Return the hits of one piece in order, without those that overlap a longer one that starts no later."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if not kept or hit.start >= kept[-1].end:
            kept.append(hit)
    return kept


def utf16(text: str, offset: int) -> int:
    """Return an offset in code points as one in UTF-16 units, in which browsers count.

    >>> utf16("👍ñ!", 2)
    3
    """
    return offset + sum(1 for char in text[:offset] if ord(char) > 0xFFFF)
