"""Characters that nobody sees, by what they are used for, and the places where a language or an emoji needs them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Literal, NamedTuple, get_args

from evalgate.checks.text.signs import signs

Invisible = Literal["bidi", "tags", "zero_width", "selectors", "private_use", "control", "other"]
CLASSES: tuple[Invisible, ...] = get_args(Invisible)
RUNS_AT_MOST = 1_000
"""Runs of one class in one text that are told apart."""

_RIGHT_TO_LEFT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
_JOINING = (  # scripts in which joiners shape letters: Arabic and its kin, Mongolian, the Indic ones
    "\u0600-\u07bf\u0840-\u08ff\u0900-\u0dff\u0f00-\u0fff\u1000-\u109f\u1780-\u18af\u1900-\u1aaf\u1b00-\u1c4f"
    "\ua840-\ua95f\ua980-\uaadf\uabc0-\uabff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00010aff\U00011000-\U000119ff"
)
_UNSPACED = "\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aaf\u3040-\u30ff\u3400-\u9fff"
"""Scripts that write no spaces and may break lines at a zero-width one."""
_HANGUL = "\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff"
_IDEOGRAPHS = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_PICTURES = "\u00a9\u00ae\u203c-\u3299\ufe0f\U0001f000-\U0001faff"
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_TAGS = "\U000e0000-\U000e007f"
_FLAG = "\U0001f3f4(?:{country})[{letters}]{{2,3}}\U000e007f".format(
    country="|".join(
        "".join(chr(0xE0000 + ord(letter)) for letter in code)
        for code in ("gb", "us", "ca", "es", "pt", "br", "mx", "ar", "co", "cl", "fr", "de", "it")
    ),
    letters="\U000e0030-\U000e0039\U000e0061-\U000e007a",
)
"""The flag of a part of a country, as England's: a black flag, tag letters, the cancel tag."""

_OVERRIDES = "\u202d\u202e"
_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_FILLERS = "\u115f\u1160\u3164\uffa0"
_ZERO_WIDTH = "\u034f\u17b4\u17b5\u180e\u2060-\u2064"
_OTHER = (  # format characters that show nothing and that no living text needs
    "\u206a-\u206f\ufff9-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U00013430-\U0001343f"
)
_PRIVATE = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
_CONTROL = "\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f"

ANY = f"{_CONTROL}{_BIDI}{_FILLERS}{_ZERO_WIDTH}\u200b-\u200d\ufeff{_SELECTORS}{_TAGS}{_OTHER}{_PRIVATE}"
"""Every character that may belong to a class, for a character class of a pattern."""

_PATTERNS: tuple[tuple[Invisible, str, str], ...] = (
    ("bidi", _BIDI, f"[{_BIDI}]+"),
    ("tags", _TAGS, f"(?P<flag>{_FLAG})|[{_TAGS}]+"),
    ("zero_width", _ZERO_WIDTH, f"[{_ZERO_WIDTH}]+"),
    ("zero_width", "\ufeff", r"\ufeff(?<!\A\ufeff)"),
    ("zero_width", "\u200b", rf"\u200b(?<![{_UNSPACED}]\u200b)(?![{_UNSPACED}])"),
    ("zero_width", "\u200c", rf"\u200c(?<![{_JOINING}]\u200c)(?![{_JOINING}])"),
    (
        "zero_width",
        "\u200d",
        rf"\u200d(?<![{_JOINING}{_PICTURES}]\u200d)|\u200d(?<![{_JOINING}]\u200d)(?![{_PICTURES}])",
    ),
    ("zero_width", _FILLERS, f"[{_FILLERS}](?<![{_HANGUL}].)(?![{_HANGUL}])"),
    # an emoji pasted twice over carries two
    ("selectors", _SELECTORS, rf"[{_SELECTORS}]{{3,}}|[{_SELECTORS}]{{2}}(?<!\ufe0f\ufe0f)"),
    # after nothing, or after a character that has no other picture
    ("selectors", _SELECTORS, rf"[{_SELECTORS}](?<![^\x00-\"$-)+-/:-\x7f].)"),
    ("selectors", "\U000e0100-\U000e01ef", rf"[\U000e0100-\U000e01ef](?<![{_IDEOGRAPHS}{_SELECTORS}].)"),
    ("private_use", _PRIVATE, f"[{_PRIVATE}]+"),
    ("control", _CONTROL, f"[{_CONTROL}]+"),
    ("other", _OTHER, f"[{_OTHER}]+"),
)
"""Class, the characters it begins with, and where they count: each begins with them, which is quick to find."""


class Run(NamedTuple):
    """A run of invisible characters of one class."""

    start: int
    end: int
    name: Invisible


def runs(text: str, classes: Collection[Invisible] = CLASSES) -> list[Run]:
    """Return the runs of invisible characters that nothing nearby needs, in order, up to RUNS_AT_MOST of each class.

    >>> [run.name for run in runs("a\u200bb \u202e \U0001f469\u200d\U0001f467 caf\u00ad\u00e9")]
    ['zero_width', 'bidi']
    """
    if "rare" not in signs(text):
        return []
    present = "".join(set(_any().findall(text)))
    if not present:
        return []
    found: list[Run] = []
    for name, begins, pattern in _patterns():
        if name in classes and begins.search(present):
            found += islice(_runs_of(name, pattern, text), RUNS_AT_MOST)
    return _joined(sorted(found))


def _runs_of(name: Invisible, pattern: re.Pattern[str], text: str) -> Iterator[Run]:
    needed = _right_to_left().search(text) if name == "bidi" else None  # there, only an override has no business
    for match in (_overrides() if needed else pattern).finditer(text):
        if name != "tags" or match["flag"] is None:
            yield Run(*match.span(), name)


def _joined(found: Iterable[Run]) -> list[Run]:
    """Return runs with those of one class that touch or overlap made one."""
    joined: list[Run] = []
    for run in found:
        if joined and joined[-1].name == run.name and run.start <= joined[-1].end:
            joined[-1] = joined[-1]._replace(end=max(run.end, joined[-1].end))
        else:
            joined.append(run)
    return joined


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[Invisible, re.Pattern[str], re.Pattern[str]], ...]:
    return tuple((name, re.compile(f"[{begins}]"), re.compile(pattern)) for name, begins, pattern in _PATTERNS)


@lru_cache(maxsize=1)
def _any() -> re.Pattern[str]:
    return re.compile(f"[{ANY}]")


@lru_cache(maxsize=1)
def _overrides() -> re.Pattern[str]:
    return re.compile(f"[{_OVERRIDES}]+")


@lru_cache(maxsize=1)
def _right_to_left() -> re.Pattern[str]:
    return re.compile(f"[{_RIGHT_TO_LEFT}]")
