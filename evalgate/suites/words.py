"""How errors speak of what people wrote: what a value is, which name is nearest, which ids come first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import islice
from typing import Any

from evalgate.core.errors import did_you_mean

FIRST = 3
"""How many ids an error names."""


def unknown(what: str, name: str, known: Collection[str], where: str = "") -> str:
    """Return the sentence for a name nobody knows, with the nearest known one or with all of them.

    >>> unknown("key", "judgee", ["judge", "name"])
    "unknown key 'judgee'. Did you mean 'judge'?"
    >>> unknown("key", "zebra", ["judge", "name"], " in the suite")
    "unknown key 'zebra' in the suite; known are: judge, name"
    """
    listed = ", ".join(known) or "none"
    return f"unknown {what} {shown(name)}{where}" + (nearest(name, known) or f"; known are: {listed}")


def nearest(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence that names the nearest known name, or nothing.

    >>> nearest("no_pi", ["no_pii"]), nearest("zebra", ["no_pii"])
    (". Did you mean 'no_pii'?", '')
    """
    hint = did_you_mean(name, known)
    return hint and f".{hint}"


def kind_of(value: Any) -> str:
    """Return what a value is, in the words of people who write YAML.

    >>> [kind_of(value) for value in (None, True, 3, "3", [], {})]
    ['empty', 'true', 'the number 3', "the text '3'", 'a list', 'a mapping']
    """
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return f"the number {value}"
    if isinstance(value, str):
        return f"the text {shown(value)}"
    return "a list" if isinstance(value, list | tuple) else "a mapping"


def shown(value: Any) -> str:
    """Return a value for an error: on one line and not longer than a glance."""
    written = repr(value) if isinstance(value, str) else kind_of(value).removeprefix("the number ")
    return written if len(written) <= 60 else f"{written[:56]} …"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun and verb.

    >>> counted(1, "id"), counted(2000, "case")
    ('1 id is', '2,000 cases are')
    """
    return f"{number:,} {noun} is" if number == 1 else f"{number:,} {noun}s are"


def named(ids: Iterable[str]) -> str:
    """Return the first ids for an error.

    >>> named(["c-1", "c-2", "c-3", "c-4"])
    "first: 'c-1', 'c-2', 'c-3'"
    """
    return f"first: {', '.join(repr(case_id) for case_id in islice(ids, FIRST))}"
