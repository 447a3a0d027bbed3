"""Texts that models and people wrote, made harmless to look at: nothing hidden, nothing that acts on what is around.

What is hidden or acts on a screen (control characters, ANSI escapes, bidirectional overrides, invisible letters, tags,
heaps of accents) is replaced by what it is, as ‹U+202E›, so that a reader sees that it was there.
"""

from __future__ import annotations

import re

_EMOJI = r"\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_JOINER = rf"(?<![{_EMOJI}])\u200d|\u200d(?![{_EMOJI}])"
"""A zero-width joiner is at home between two emoji only."""
_HIDDEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f"
    r"\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff\ud800-\udfff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ACCENTS = r"\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
_HARMFUL = re.compile(
    rf"(?:[{_HIDDEN}]|{_JOINER})+|(?<=[{_ACCENTS}]{{4}})[{_ACCENTS}]+|(?<=[\ufe00-\ufe0f])[\ufe00-\ufe0f]+"
)
_SPACES = re.compile(r"[^\S\u00a0]+")
"""No-break spaces stay: they keep a number and its unit together."""


def visible(text: str) -> str:
    r"""Return a text in which everything can be seen and nothing acts; line breaks and tabs stay.

    >>> visible("a\x1b[31mb\u202ec\r\nd"), visible("\u200b" * 9), visible("👩‍💻 ñ")
    ('a‹U+001B›[31mb‹U+202E›c\nd', '‹U+200B ×9›', '👩\u200d💻 ñ')
    """
    if text.isascii() and text.isprintable():
        return text
    return _HARMFUL.sub(_named, text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str, most: int | None = None) -> str:
    r"""Return a text that can be seen, on one line, at most so many characters long.

    >>> one_line("a\n  b\tc"), one_line("abcdef", 4)
    ('a b c', 'abc…')
    """
    line = _SPACES.sub(" ", visible(text)).strip()
    return line if most is None or len(line) <= most else f"{line[: most - 1].rstrip()}…"


def _named(found: re.Match[str]) -> str:
    run = found.group()
    times = f" ×{len(run)}" if len(run) > 1 else ""
    return f"‹U+{ord(run[0]):04X}{times}›"
