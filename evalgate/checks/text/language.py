"""Which of the languages evalgate speaks a text is in, by its commonest words: quick, and None when it cannot tell."""

from __future__ import annotations

import re

_WORDS = {
    "en": """
        the and is are you your to of in for with that this it be have has will can not we our they do does what when
        how why from at on or if but was were there their would could should please about which my i'm don't it's
        """,
    "es": """
        el los las un una y es son está están usted tú su sus de del en con por para que esto eso se no lo le les más
        pero como cuando cuál qué cómo si ha han hay puede puedes muy también fue ser hasta desde este esta yo mi
        """,
    "pt": """
        o os as um uma e é são está estão você seu sua seus suas do da dos das em no na nos nas com por para que isso
        isto se não mais mas como quando qual já foi ser até desde este esta eu meu minha pelo pela pode ao aos à também
        """,
}


def _only(language: str) -> frozenset[str]:
    others = " ".join(words for other, words in _WORDS.items() if other != language)
    return frozenset(_WORDS[language].split()) - frozenset(others.split())


_ONLY = {language: _only(language) for language in _WORDS}
"""Words that only one of the languages has among its commonest."""
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_READ = 1_500
"""Characters that are enough to tell."""


def language_of(text: str) -> str | None:
    """Return en, es or pt, or None when no language has clearly the most words.

    >>> [language_of(text) for text in ("¿Cómo está usted hoy?", "Você não está só", "Where are you?", "OK", "12 €")]
    ['es', 'pt', 'en', None, None]
    """
    words = set(_WORD.findall(text[:_READ].lower()))
    counts = sorted(((len(words & only), language) for language, only in _ONLY.items()), reverse=True)
    (most, language), (second, _) = counts[:2]
    return language if most > second else None
