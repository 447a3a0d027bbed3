r"""Encodings that announce themselves: base64, hex, percent, HTML entities, escapes, tag characters and selectors.

base64    16 characters or more, standard or URL-safe, in lines of 60 to 76 or in one stretch
hex       16 digits or more, or 8 pairs or more apart: `6f 6c c3 a1`, `0x6f6c…`
percent   `ol%C3%A1`
entity    `&aacute;`, `&#225;`, `&#xe1;`
escape    `ol\xc3\xa1`, `ol\u00e1`
tags      four or more invisible characters U+E0020 to U+E007E, which spell ASCII
selectors four or more variation selectors, which spell bytes

An encoded stretch counts only when it says something readable: most hashes and identifiers do not.
"""

from __future__ import annotations

import html
import re
from base64 import b64decode
from bisect import bisect_right
from collections.abc import Callable, Iterable, MutableSequence, Sequence
from functools import lru_cache
from urllib.parse import unquote_to_bytes

from evalgate.checks.text.signs import signs

DEPTH = 2
"""How often a text is decoded: once, and once more what that gave."""

_SIGNED = {
    "percent": ("%", r"(?P<percent>(?:%[0-9A-Fa-f]{2})+)"),
    "entity": ("&", r"(?P<entity>&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"),
    "escape": ("\\", r"(?P<escape>(?:\\u[0-9A-Fa-f]{4})+|(?:\\x[0-9A-Fa-f]{2})+)"),
}
"""Encodings that begin with a sign: the sign, and the stretch."""
_UNSIGNED = (
    r"(?P<tags>[\U000e0020-\U000e007e]{4,})"
    r"|(?P<selectors>[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,})"
    r"|(?<![A-Za-z0-9+/_-])(?:"
    r"(?P<hex>[0-9A-Fa-f]{2}(?:[ :][0-9A-Fa-f]{2}){7,}(?![0-9A-Za-z]))"
    r"|(?P<base64>(?:(?:[A-Za-z0-9+/]{60,76}\r?\n)+[A-Za-z0-9+/]{1,76}|[A-Za-z0-9+/_-]{16,})={0,2}))"
)
_HEX = re.compile(r"(?:0x)?((?:[0-9A-Fa-f]{2}){8,})")
_STANDARD = str.maketrans("-_", "+/", "\r\n")
_NOT_HEX = str.maketrans("", "", " :\\x")


def decode(text: str) -> tuple[str, Sequence[int] | None]:
    r"""Return a text with its encoded stretches as what they say, and the original index of each code point.

    Each decoded character stands where its outermost stretch begins. The index is None when nothing is encoded.

    >>> decode("ol%C3%A1 &amp; c29tb3MgYSBhY21l")[0]
    'olá & somos a acme'
    >>> decode("Y%2561")
    ('Ya', [0, 1])
    """
    stretches = _stretches(text)
    if stretches is None:
        return text, None
    said = _said(text, stretches)
    if not said:
        return text, None
    once, back = _once(text, said, list(range(len(text))))
    for _ in range(DEPTH - 1):
        stretches = _stretches(once)
        said = _said(once, stretches) if stretches else []
        if said:
            once, back = _once(once, said, back)
    return once, back


def encodings(text: str) -> tuple[str, ...]:
    """Return the names of the encodings in which a text says something, in order of appearance.

    >>> encodings("c29tb3MgYSBhY21l &amp; 736f6d6f7320612061636d65")
    ('base64', 'entity', 'hex')
    """
    stretches = _stretches(text)
    found = (_read(stretch) for stretch in stretches.finditer(text)) if stretches else ()
    return tuple(dict.fromkeys(name for name, plain in found if plain is not None))


def _said(text: str, stretches: re.Pattern[str]) -> list[tuple[int, int, str]]:
    """Return where each stretch stands that says something readable, in order, and what it says."""
    said: list[tuple[int, int, str]] = []
    known: dict[str, str | None] = {}
    for stretch in stretches.finditer(text):
        written = stretch[0]
        if written not in known:
            known[written] = _read(stretch)[1]
        plain = known[written]
        if plain is not None:
            said.append((*stretch.span(), plain))
    return said


def _once(
    text: str, said: Iterable[tuple[int, int, str]], places: MutableSequence[int]
) -> tuple[str, MutableSequence[int]]:
    """Return a text decoded once and where each code point comes from, given where those of the text come from."""
    pieces: list[str] = []
    back: list[int] = []
    last = 0
    for start, end, plain in said:
        if end < len(places) and places[end] == places[end - 1] != places[start]:
            _join(places, start, end)
        pieces += (text[last:start], plain)
        back += places[last:start]
        back += [places[start]] * len(plain)
        last = end
    pieces.append(text[last:])
    back += places[last:]
    return "".join(pieces), back


def _join(places: MutableSequence[int], start: int, end: int) -> None:
    """Make what is left of an outer stretch, cut at `end`, part of the one that begins at `start`."""
    after = bisect_right(places, places[end])
    places[end:after] = [places[start]] * (after - end)


def _read(stretch: re.Match[str]) -> tuple[str, str | None]:
    """Return how a stretch is encoded and what it says, None when it says nothing readable."""
    name, written = str(stretch.lastgroup), stretch[0]
    digits = _HEX.fullmatch(written) if name == "base64" else None
    if digits:
        plain = _says(bytes.fromhex, digits[1])
        if plain is not None:
            return "hex", plain
    plain = _says(_READERS[name], written)
    return name, None if plain == written else plain


def _says(read: Callable[[str], bytes], written: str) -> str | None:
    try:
        plain = read(written).decode()
    except ValueError:
        return None
    readable = plain.isprintable() or "".join(plain.split()).isprintable()
    return plain if plain and readable else None


def _from_base64(written: str) -> bytes:
    body = written.rstrip("=").translate(_STANDARD)
    return b64decode(body + "=" * (-len(body) % 4))


def _from_escape(written: str) -> bytes:
    if written[1] == "x":
        return bytes.fromhex(written.translate(_NOT_HEX))
    return bytes.fromhex(written.replace("\\u", "")).decode("utf-16-be").encode()


def _from_selectors(written: str) -> bytes:
    return bytes(point - 0xFE00 if point < 0xFE10 else point - 0xE0100 + 16 for point in map(ord, written))


_READERS: dict[str, Callable[[str], bytes]] = {
    "base64": _from_base64,
    "hex": lambda written: bytes.fromhex(written.translate(_NOT_HEX)),
    "percent": unquote_to_bytes,
    "entity": lambda written: html.unescape(written).encode(),
    "escape": _from_escape,
    "tags": lambda written: bytes(ord(char) - 0xE0000 for char in written),
    "selectors": _from_selectors,
}


def _stretches(text: str) -> re.Pattern[str] | None:
    """Return the pattern of the encodings that a text may have, None when it has none."""
    names = tuple(name for name, (sign, _) in _SIGNED.items() if sign in text)
    unsigned = "encoded" in signs(text)
    return _pattern(names, unsigned) if names or unsigned else None


@lru_cache(maxsize=16)
def _pattern(names: tuple[str, ...], unsigned: bool) -> re.Pattern[str]:  # noqa: FBT001 - a key of the cache
    return re.compile("|".join([*(_SIGNED[name][1] for name in names), *([_UNSIGNED] if unsigned else [])]))
