"""Tables of readings: which field is read from which keys, in which order, and how. The tables are data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from evalgate.core.samples import Message
from evalgate.traffic.interactions import MOST_ID, MOST_WORDS
from evalgate.traffic.messages import parsed_json, read_messages

MOST_COUNT = 1 << 53


class Reading(NamedTuple):
    """One row of a table: the first key that gives a value wins, and the first row of a field that gives one."""

    field: str
    how: Callable[[Any], Any]
    keys: tuple[str, ...]


class Table:
    """Readings, arranged by key: a record is read in one look at the keys that it has."""

    def __init__(self, *readings: Reading) -> None:
        self.readings = readings
        ranked = ((field, how, key) for field, how, keys in readings for key in keys)
        self._rows: dict[str, list[tuple[int, str, Callable[[Any], Any], str]]] = {}
        for rank, (field, how, key) in enumerate(ranked):
            self._rows.setdefault(key, []).append((rank, field, how, key))

    def read(self, sent: Mapping[str, Any], found: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return each field that some key gives, beside what is `found`; what cannot be read is an unknown fact."""
        found = {} if found is None else found
        rows = self._rows
        for _, field, how, key in sorted([row for present in sent.keys() & rows.keys() for row in rows[present]]):
            if field not in found and (value := how(sent[key])) is not None and value != ():
                found[field] = value
        return found


def text(value: Any) -> str | None:
    """Return a few words; of a list the first one.

    >>> text("gpt-5"), text(""), text(3), text(["a", "b"]), text({})
    ('gpt-5', None, '3', 'a', None)
    """
    if isinstance(value, str):
        return value[:MOST_WORDS] or None
    if isinstance(value, list | tuple):
        return text(value[0]) if value and not isinstance(value[0], list | tuple) else None
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def name(value: Any) -> str | None:
    """Return a sender's id of something."""
    found = text(value)
    return found[:MOST_ID] if found else None


def count(value: Any) -> int | None:
    """Return a number of tokens; what is negative, absurd or no whole number is unknown.

    >>> count(7), count("7"), count(7.0), count(-1), count(True), count("many")
    (7, 7, 7, None, None, None)
    """
    if type(value) is int and 0 <= value < MOST_COUNT:
        return value
    number = amount(value)
    return int(number) if number is not None and number.is_integer() and number < MOST_COUNT else None


def amount(value: Any) -> float | None:
    """Return a number from zero up, also one written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number >= 0 else None


def flag(value: Any) -> bool | None:
    """Return yes or no, also as text."""
    known = {"true": True, "false": False}
    return value if isinstance(value, bool) else known.get(value.lower()) if isinstance(value, str) else None


def listed(value: Any) -> tuple[str, ...]:
    """Return a list of words, also one word and a list written as JSON.

    >>> listed(["stop"]), listed('["stop"]'), listed("stop"), listed(None)
    (('stop',), ('stop',), ('stop',), ())
    """
    if isinstance(value, str):
        value = parsed_json(value) or [value]
    if not isinstance(value, list | tuple):
        return ()
    return tuple(word for item in value if (word := text(item)) is not None)


def finishes(value: Any) -> tuple[str, ...]:
    """Return why each of a list of answers ended, where it says so."""
    value = parsed_json(value) if isinstance(value, str) else value
    if isinstance(value, dict):
        value = value.get("choices", [value])
    if not isinstance(value, list | tuple):
        return ()
    return tuple(why for item in value if isinstance(item, dict) and (why := text(item.get("finish_reason"))))


def asked(value: Any) -> tuple[Message, ...]:
    """Return what was asked; a text without a role is the user's."""
    return read_messages(value, "user")


def answered(value: Any) -> tuple[Message, ...]:
    """Return what was answered; a text without a role is the assistant's."""
    return read_messages(value, "assistant")


def instructed(value: Any) -> tuple[Message, ...]:
    """Return the instructions; a text without a role is the system's."""
    return read_messages(value, "system")


def passages(value: Any) -> tuple[str, ...]:
    """Return the texts of retrieved documents: texts, or objects with one under a usual name.

    >>> passages('[{"content": "a"}, "b", {"id": "3"}]')
    ('a', 'b')
    """
    if isinstance(value, str):
        parsed = parsed_json(value)
        value = [value] if parsed is None else parsed
    if isinstance(value, dict):
        value = value.get("documents", [value])
    if not isinstance(value, list | tuple):
        return ()
    return tuple(told for item in value if (told := _passage(item)))


def _passage(item: Any) -> str:
    if isinstance(item, str):
        return item
    names = ("content", "text", "page_content", "document", "passage", "chunk")
    for _ in range(2):  # `{"document": {"content": …}}`
        item = next((item[key] for key in names if item.get(key)), "") if isinstance(item, dict) else item
    return item if isinstance(item, str) else ""


def when(value: Any) -> datetime | None:
    """Return a time: seconds since 1970, or ISO 8601, which is UTC where it names no zone.

    >>> when(1_700_000_000.5).isoformat(), when("2026-11-20T10:00:00Z").hour, when("soon"), when(0)
    ('2023-11-14T22:13:20.500000+00:00', 10, None, None)
    """
    try:
        if isinstance(value, datetime):
            found = value
        elif isinstance(value, str):
            found = datetime.fromisoformat(value)
        elif isinstance(value, int | float) and value > 0:
            found = datetime.fromtimestamp(value, UTC)
        else:
            return None
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def thumbs(value: Any) -> str | None:
    """Return `up` or `down` as people write it; anything between is no thumb.

    >>> thumbs("👍"), thumbs(1), thumbs(-1), thumbs(False), thumbs("meh"), thumbs(0.5)
    ('up', 'up', 'down', 'down', None, None)
    """
    if isinstance(value, bool):
        return "up" if value else "down"
    if isinstance(value, int | float):
        return "up" if value == 1 else "down" if value in {0, -1} else None
    words = {"up": "up", "👍": "up", "positive": "up", "good": "up", "like": "up", "thumbs_up": "up", "1": "up"}
    words |= {"down": "down", "👎": "down", "negative": "down", "bad": "down", "dislike": "down"}
    words |= {"thumbs_down": "down", "0": "down", "-1": "down", "true": "up", "false": "down"}
    return words.get(value.strip().lower()) if isinstance(value, str) else None
