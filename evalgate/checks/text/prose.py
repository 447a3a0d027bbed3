"""The prose of a text: what people read as sentences, without the code, addresses and quotations that stand in it."""

from __future__ import annotations

import re

_CODE = r"```(?:[^`]|`(?!``))*+(?:```)?|~~~[^~]*+(?:~~~)?|`[^`\n]++`"
_ADDRESS = (
    r"|(?:https?://|www\.)\S++"
    r"|(?<![\w.+-])[\w.+-]++@[\w.-]++"
    r"|</?[A-Za-z][^<>\n]*+>"
    r"|(?<![\w.-])(?:[a-z0-9-]++\.)++(?:com|org|net|es|br|pt|mx|ar|co|cl|example)\b(?:/\S*+)?"
)
_QUOTED = re.compile(r'«[^«»]*+»|“[^“”]*+”|„[^„“”]*+[“”]|(?<!\w)"[^"\n]*+"|(?m:^[ \t]*+>.*+$)')
_NO_PROSE = re.compile(_CODE + _ADDRESS)
_SIGNS = ("`", "~~~", "@", "://", "www.", "<")
_DOTTED = re.compile(r"\.[a-z]")
_QUOTES = ("«", "“", "„", '"', ">")


def prose(text: str, *, quotes: bool = True) -> str:
    """Return the text with code, addresses and tags as blanks, and quotations too when they are not wanted.

    What is left stands where it stood.

    >>> prose("Use `pip` em https://a.example agora"), prose('Diga "good day" hoje.', quotes=False)
    ('Use       em                   agora', 'Diga            hoje.')
    """
    if any(sign in text for sign in _SIGNS) or _DOTTED.search(text):
        text = _NO_PROSE.sub(_blank, text)
    if not quotes and any(quote in text for quote in _QUOTES):
        text = _QUOTED.sub(_blank, text)
    return text


def _blank(stretch: re.Match[str]) -> str:
    return " " * len(stretch[0])
