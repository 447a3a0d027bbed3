"""Syllables of words as they are written: exact for nearly all of Spanish and Portuguese, close for English."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

_LONGEST = 40
"""Characters of one word that are read: none of the three languages has a longer one."""

_ES_SILENT = re.compile("(?<=[qg])u(?=[eiéí])|h")
_ES_NUCLEUS = re.compile("[aeoáéíóúàèòâêôäëö]|(?<![aeoáéíóúiuü])[iuü]++(?![aeoáéíóú])")

_PT_STRONG = "aeoáéíóúâêôãõà"
_PT_GLIDE = re.compile(f"(?<=[qg])u(?=[{_PT_STRONG}iu])")
_PT_NASAL = re.compile("(?<=ã)[eo]|(?<=õ)e")
_PT_APART = f"nh|[mnlrz](?![{_PT_STRONG}iu])"
"""What follows an i or u that does not join the vowel before it: rainha, ainda, ruim, juiz, cair."""
_PT_NUCLEUS = re.compile(f"(?:[{_PT_STRONG}]|[iu])(?:[iu](?!{_PT_APART}))?")
_PT_LIGHT_END = re.compile("[áéíóúâêô](?=[^aeiou]+[eiou][aeo]s?$)[^aeiou]+[eiou][aeo]")
"""An accent, then an end like that of história, área and série: said as one syllable."""
_PT_ONE = frozenset(["ao", "aos"])

_EN_NUCLEUS = re.compile("[aeiouy]+")
_EN_SILENT = re.compile(
    r"(?<=[^aeiouyl])e$|(?<=[aeiouy]l)e$"  # price, file; but table
    r"|(?<=[^aeiouyslxzcg])es$|(?<=[aeiouy]l)es$|(?<=th)es$"  # times, files; but boxes, prices, tables
    r"|(?<=[^aeiouytd])ed$"  # changed; but wanted
    r"|(?<=[^aeiouyl])e(?=ment|ful|less|ness)|(?<=[^aeiouy])e(?=ly$)"  # statement, completely
    r"|(?<=^som)e(?=.)|(?<=^ther)e(?=f)|(?<=^hom)e(?=p)|(?<=^lif)e(?=t)|(?<=^ev)e(?=ry)|(?<=^bus)i(?=ness)"
)
"""Vowels that are written and not said."""
_EN_APART = re.compile(
    r"(?<![tcsgx])i(?=a)|(?<![tcsgxnl])i(?=o)|i(?=u|et)|(?<![tc])i(?=en[ct])|(?<=^sc)i(?=en)|(?<![qg])u(?=a)"
    r"|(?<=[aeiouy])(?=ing)|(?<=[aeou])y(?=[aeo])|(?<=cr)e(?=at)|(?<=id|ar)e(?=a)|(?<=^r)e(?=al[il])|e(?=os?$)"
    r"|(?<=[ds])(?=n't)|(?<=i)(?=sms?$)|(?<=th)(?=ms?$)"
)
"""Where two syllables meet within one run of vowels, or one is said without a vowel."""


def _spanish(word: str) -> int:
    word = word[:_LONGEST].lower()
    if word.endswith("y"):
        word = word[:-1] + "i"
    return len(_ES_NUCLEUS.findall(_ES_SILENT.sub("", word))) or _any(word)


def _portuguese(word: str) -> int:
    word = word[:_LONGEST].lower()
    if word in _PT_ONE:
        return 1
    plain = _PT_NASAL.sub("", _PT_GLIDE.sub("", word))
    return len(_PT_NUCLEUS.findall(plain)) - len(_PT_LIGHT_END.findall(plain)) or _any(word)


def _english(word: str) -> int:
    word = word[:_LONGEST].lower().replace("’", "'")
    nuclei = len(_EN_NUCLEUS.findall(word))
    return max(_any(word), nuclei - len(_EN_SILENT.findall(word)) + len(_EN_APART.findall(word)))


def _any(word: str) -> int:
    """Return 1 for what has a letter and is said somehow, 0 for what has none."""
    return int(any(map(str.isalpha, word)))


_KNOWN = 1 << 15
COUNTERS: dict[str, Callable[[str], int]] = {
    "en": lru_cache(_KNOWN)(_english),
    "es": lru_cache(_KNOWN)(_spanish),
    "pt": lru_cache(_KNOWN)(_portuguese),
}
"""Language to what counts the syllables of what stands between two blanks: 0 without a letter. Counted once a word."""


def syllables(word: str, language: str) -> int:
    """Return how many syllables a word of en, es or pt has, at least one.

    >>> syllables("averigüéis", "es"), syllables("situações", "pt"), syllables("completely", "en")
    (4, 4, 3)
    """
    return COUNTERS[language](word)
