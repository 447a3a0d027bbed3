"""Attributes of an interaction: flat, few, small, with plain names, whatever the sender wrote."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

Plain = str | bool | int | float

MOST = 64
"""How many attributes are kept: the first ones in alphabetical order, which does not depend on who sent first."""
LONGEST_KEY = 128
LONGEST_VALUE = 1024
"""Longer values are cut, in code points."""
MOST_BYTES = 1 << 16
"""Lists and objects are looked at only up to this many bytes of JSON."""

_KEY = re.compile(rf"[A-Za-z0-9_][A-Za-z0-9_.:/@-]{{0,{LONGEST_KEY - 1}}}")
_SEGMENT = re.compile(r"[.:/@]")
_POISON = frozenset({"__proto__", "constructor", "prototype", "__class__", "__dict__", "__globals__", "__init__"})
_EXACT = 1 << 53


@lru_cache(maxsize=4096)
def is_plain_name(key: str) -> bool:
    """Say whether a key may be kept: ASCII letters, digits and `_ . : / @ -`, no part that means more to a program.

    >>> is_plain_name("app.tier"), is_plain_name("a.__proto__.b"), is_plain_name("<b>"), is_plain_name("k" * 129)
    (True, False, False, False)
    """
    return _KEY.fullmatch(key) is not None and _POISON.isdisjoint(_SEGMENT.split(key))


def flat(sent: Mapping[str, Any]) -> dict[str, Plain]:
    """Return the attributes that are kept: plain names in order, values cut; what cannot be kept is left out.

    >>> flat({"tier": "gold", "tags": ["a", "b"], "constructor": "x", "n": float("nan")})
    {'tags': '["a","b"]', 'tier': 'gold'}
    """
    kept: dict[str, Plain] = {}
    for key in sorted(key for key in sent if len(key) <= LONGEST_KEY and is_plain_name(key)):
        value = plain(sent[key])
        if value is not None:
            kept[key] = value
            if len(kept) == MOST:
                break
    return kept


def plain(value: Any) -> Plain | None:
    """Return a value as it is kept: text cut, lists and objects as JSON text, None for what is no value."""
    if isinstance(value, str):
        return tidy(value[:LONGEST_VALUE]) or None
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_EXACT <= value <= _EXACT else str(value)[:LONGEST_VALUE]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list | tuple | dict):
        return tidy(as_text(value)[:LONGEST_VALUE]) or None
    return None


def as_text(value: Any) -> str:
    """Return a value as compact JSON, or nothing when it is too deep, too long or no JSON."""
    try:
        written = orjson.dumps(value)
    except (TypeError, ValueError):
        return ""
    return written.decode() if len(written) <= MOST_BYTES else written[:MOST_BYTES].decode(errors="ignore")


def tidy(text: str) -> str:
    """Return text that every database can hold: U+FFFD in place of NUL and of halves of surrogate pairs.

    >>> tidy("a" + chr(0)), tidy(chr(0xD800)) == chr(0xFFFD), tidy("ñ")
    ('a�', True, 'ñ')
    """
    if "\x00" in text:
        text = text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
