"""What a text may have that few texts have, told in one pass over it: a check asks here before it looks closer."""

from __future__ import annotations

import codecs
from functools import lru_cache
from typing import Any, Literal, get_args

Sign = Literal["encoded", "leet", "rot13", "link", "rare"]

_TELLTALE = """
    and but for from have not that the this with you your all ignore instructions previous prompt system
    password secret reveal forget disregard above rules
    que los las por con del para como ignora ignore olvida instrucciones instruções anteriores sistema contraseña
    revela reglas secreto clave
    não você uma dos das mais esqueça senha regras segredo revele
"""
"""Words of which one at least stands in whatever is worth hiding; in rot13 they are words of no language."""
_ROTATED = "|".join(codecs.encode(word, "rot13") for word in sorted(set(_TELLTALE.split())))

PATTERNS: dict[Sign, str] = {
    "encoded": (
        r"[A-Za-z0-9+/_-]{16}|[0-9A-Fa-f]{2}(?:[ :][0-9A-Fa-f]{2}){7}"
        r"|[\x{e0020}-\x{e007e}]{4}|[\x{fe00}-\x{fe0f}\x{e0100}-\x{e01ef}]{4}"
    ),
    "leet": r"(?i)[a-z][013457$]{1,2}[a-z]|\b[0134578@$][a-z]{2}[a-z0-9]*[013457]|[a-z]@[a-z]+(?:[^a-z0-9@.-]|\z)",
    "rot13": rf"(?i)\b(?:{_ROTATED})\b",
    "link": (
        r"(?i)://|:\\|[\pL\pN]\.\pL|\]\(|\]:|<[a-z]"
        r"|(?:https?|javascript|vbscript|mailto|blob|view-source):\S|data:[a-z]*/?[^\s:;,]*[;,]"
    ),
    "rare": (
        r"[^\t\n\r -~\x{a0}-\x{ac}\x{ae}-\x{24f}\x{2010}-\x{2027}\x{2030}-\x{205e}\x{20a0}-\x{20bf}\x{2190}-\x{21ff}]"
    ),
}
"""For RE2.

encoded  what an encoded stretch without a sign of its own contains
leet     digits and signs inside words
rot13    a word of which one at least stands in whatever is hidden in rot13
link     what every link contains
rare     a character beyond Latin letters, common punctuation, money and arrows: what is invisible, what only looks
         Latin, what disguises a link and what other scripts write is among these
"""
_ORDER: tuple[Sign, ...] = get_args(Sign)


@lru_cache(maxsize=8)
def signs(text: str) -> frozenset[Sign]:
    """Return the signs that a text has; several checks ask this of one text after another.

    >>> sorted(signs("Olá, são 3 dias úteis – “grátis”.")), sorted(signs("https://аcme.example"))
    ([], ['link', 'rare'])
    """
    return frozenset([_ORDER[number] for number in _all().Match(text) or ()])


@lru_cache(maxsize=1)
def _all() -> Any:
    import re2

    together = re2.Set.SearchSet()
    for sign in _ORDER:
        together.Add(PATTERNS[sign])
    together.Compile()
    return together
