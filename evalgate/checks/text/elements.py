"""Elements of style in a text: headings, bullets, tables, code, bold, links, emoji, exclamation marks, capitals."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Element = Literal[
    "headings", "bullets", "numbered", "tables", "code", "bold", "italics", "quotes", "images", "links",
    "marked_links", "html", "emoji", "exclamations",
]  # fmt: skip
Place = tuple[int, int]


class Kind(NamedTuple):
    """How an element is found."""

    signs: tuple[str, ...]
    """A text with the element has one of them; without signs, it has a letter beyond Latin-1."""
    pattern: str
    instead: str
    """What could be written in its place, in a word; empty to leave it out."""
    plural: str = ""
    """What many of them are called, when it is not the element's name."""


_CODE = r"```(?:[^`]|`(?!``))*+(?:```)?|~~~[^~]*+(?:~~~)?|`[^`\n]++`"
_SEPARATOR = r"[ \t]*+\|?[ \t]*+:?-++:?[ \t]*+(?:\|[ \t]*+(?::?-++:?)?[ \t]*+)*+"
_TABLE = rf"(?m)^[^\n|]*+\|[^\n]*+\n(?=[^\n]*\|){_SEPARATOR}$(?:\n[^\n|]*+\|[^\n]*+)*+"
_BOLD = (
    r"(?<![\w*])\*\*(?=[^\s*])[^*\n]*+(?:\*(?!\*)[^*\n]*+)*+(?<=\S)\*\*"
    r"|(?<![\w_])__(?=[^\s_])(?![a-z]+(?:_[a-z]+)*__)[^_\n]*+(?:_(?!_)[^_\n]*+)*+(?<=\S)__(?!\w)"
)
_ITALICS = (
    r"(?<![\w*\\])\*(?=[^\s*])[^*\n]++(?<=\S)\*(?![\w*])"
    r"|(?<![\w_\\])_(?=[^\s_])[^_\n]++(?<=\S)_(?![\w_])"
)
_LINKED = r"(?<!!)\[[^\[\]\n]++\]\([^()\n]*+\)"
_TAGS = (
    "a|abbr|b|blockquote|body|br|button|center|code|del|div|em|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img"
    "|input|ins|kbd|label|li|link|main|mark|meta|nav|ol|option|p|pre|script|section|select|small|span|strike|strong"
    "|style|sub|summary|sup|svg|table|tbody|td|textarea|th|thead|title|tr|u|ul|video"
)
_HTML = rf"(?i)</?(?:{_TAGS})(?:\s[^<>]*+)?/?>|<!--|&(?:[a-z]{{2,8}}|\#\d{{2,5}}|\#x[0-9a-f]{{2,5}});"
_PICTURES = (
    "\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be"
    "\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757"
    "\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a"
    "\U0001f201-\U0001f265\U0001f300-\U0001f3fa\U0001f400-\U0001faff"
)
"""Characters shown as pictures; others become one before U+FE0F. ✓, ★ and ™ are signs."""
_SHADES = "[\ufe0f\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*+"
_EMOJI = (
    f"(?:[0-9#*]\ufe0f?\u20e3|[\U0001f1e6-\U0001f1ff]{{2}}|[{_PICTURES}]|[\xa9\xae\u203c-\u3299](?=\ufe0f)){_SHADES}"
    f"(?:\u200d[\u2190-\u2bff\U0001f300-\U0001faff]{_SHADES})*+"
)

ELEMENTS: dict[Element, Kind] = {
    "headings": Kind(
        ("#", "==="), r"(?m)^[ \t>]*+#{1,6}[ \t]++\S.*+$|^(?=[^\s=])[^\n]++\n={3,}+[ \t]*+$", "plain lines"
    ),
    "bullets": Kind(("- ", "* ", "+ ", "•", "‣", "◦", "▪", "·"), r"(?m)^[ \t>]*+[-*+•‣◦▪·][ \t]++\S.*+$", "sentences"),
    "numbered": Kind((". ", ") "), r"(?m)^[ \t>]*+\d{1,3}+[.)][ \t]++\S.*+$", "sentences", "numbered lines"),
    "tables": Kind(("|",), _TABLE, "a list"),
    "code": Kind(("`", "~~~"), _CODE, "plain words", "stretches of code"),
    "bold": Kind(("**", "__"), _BOLD, "plain words", "stretches in bold"),
    "italics": Kind(("*", "_"), _ITALICS, "plain words", "stretches in italics"),
    "quotes": Kind((">",), r"(?m)^[ \t]{0,3}+>[ \t]*+[^\s>].*+$", "plain lines", "quoted lines"),
    "images": Kind(("![",), r"!\[[^\[\]\n]*+\]\([^()\n]*+\)", ""),
    "links": Kind(("](", "://", "www.", "mailto:"), rf"{_LINKED}|(?:https?://|www\.|mailto:)[^\s<>\"')\]]++", ""),
    "marked_links": Kind(("](",), _LINKED, "the address", "links in Markdown"),
    "html": Kind(("<", "&"), _HTML, "plain words", "HTML tags"),
    "emoji": Kind((), _EMOJI, ""),
    "exclamations": Kind(("!", "！"), r"[!！](?!\[)", ".", "exclamation marks"),
}

_CAPITALS = 4
"""Letters from which on a word counts for capitals: DNI, CPF and PDF are names."""
_FEWEST_WORDS = 4
_LONG_WORD = re.compile(rf"[^\W\d_]{{{_CAPITALS},}}+")


@lru_cache(maxsize=len(ELEMENTS))
def _pattern(element: Element) -> re.Pattern[str]:
    return re.compile(ELEMENTS[element].pattern)


def places(element: Element, text: str) -> list[Place]:
    """Return where an element stands in a text, in order.

    >>> places("bold", "Un **dos** tres"), places("emoji", "¡Hola! 👍🏽👨‍👩‍👧"), places("headings", "# Uno")
    ([(3, 10)], [(7, 9), (9, 14)], [(0, 5)])
    """
    signs = ELEMENTS[element].signs
    if not (any(sign in text for sign in signs) if signs else _beyond_latin(text)):
        return []
    return [found.span() for found in _pattern(element).finditer(text)]


def without_code(text: str) -> str:
    """Return the text with its code as blanks: what looks like markup in code is none."""
    if "`" not in text and "~~~" not in text:
        return text
    return _pattern("code").sub(lambda code: " " * len(code[0]), text)


def capitals(text: str) -> tuple[list[Place], float]:
    """Return the words of four letters and more that are all capitals, and their share of such words.

    The share of fewer than four words is 0.
    """
    if not any(map(str.isupper, text.split())):
        return [], 0.0
    words = list(_LONG_WORD.finditer(text))
    shouted = [word.span() for word in words if word[0].isupper()]
    return shouted, len(shouted) / len(words) if len(words) >= _FEWEST_WORDS else 0.0


def _beyond_latin(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return True
    return False
