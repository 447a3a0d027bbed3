"""Which sentences of a text are in a language that is not wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from evalgate.checks.text.language import identify, language_of, tally
from evalgate.checks.text.prose import prose
from evalgate.checks.text.sentences import sentences
from evalgate.checks.text.signs import signs

SURE = 0.9
"""How likely the model must find a language before a text is called foreign."""
_AGREED = 0.7
"""How likely it must be when the commonest words say the same."""
_LIKELY = 0.5
"""How likely it must be of a language that is wanted."""
_STRETCHES = 100
"""Into so many stretches a long text is cut, at ends of sentences."""
_LONG = 100
"""Characters of such a stretch from which on it is told as a whole, not sentence by sentence."""
_END = re.compile(r"[.!?…。！？]\s*+|\n\s*+")
_FAR_LETTER = re.compile("[\\u0370-\\u1dff\\u2c00-\\u2dff\\u3040-\\ua71f\\ua800-\\ud7ff\\uf900-\\ufaff]")
"""A letter of a script in which neither Spanish nor Portuguese nor English is written."""


class Stretch(NamedTuple):
    """A part of a text in one language."""

    start: int
    end: int
    language: str


class Reading(NamedTuple):
    """What could be told of a text."""

    letters: int
    """Letters of its prose."""
    told: int
    """Letters in sentences whose language could be told."""
    foreign: tuple[Stretch, ...] = ()
    foreign_letters: int = 0

    @property
    def share(self) -> float:
        """The share of the letters that stand in foreign sentences."""
        return self.foreign_letters / self.letters if self.letters else 0.0


def clearly_in(text: str, language: str | None, wanted: frozenset[str]) -> bool:
    """Return whether a text, of what `language_of` says, is in a wanted one with hardly a word of another."""
    if language is None or language not in wanted or ("rare" in signs(text) and _FAR_LETTER.search(text)):
        return False
    own, alien = tally(text, language)
    return own >= 3 and alien <= min(own / 8, 2)


def reading(text: str, wanted: frozenset[str], fewest: int) -> Reading:
    """Return the foreign sentences of a text; one of fewer than `fewest` letters tells nothing.

    Code, addresses and quotations are no evidence, nor are names: words with a capital inside a sentence. A text
    whose sentences are all too short is told as a whole, and one that is all quotation by what it quotes.
    """
    said = prose(text, quotes=False)
    letters = letters_of(said)
    if letters < fewest:
        said = prose(text)
        letters = letters_of(said)
        if letters < fewest:
            return Reading(letters, 0)
    told = foreign_letters = 0
    foreign: list[Stretch] = []
    for start, end, size, language in _told(said, wanted, fewest):
        told += size
        if language not in wanted:
            foreign_letters += size
            foreign.append(Stretch(start, end, language))
    if not told:
        whole = _by_model(said, language_of(said), wanted)
        if whole is not None:
            start = len(said) - len(said.lstrip())
            elsewhere = whole not in wanted
            return Reading(
                letters, letters, (Stretch(start, len(said.rstrip()), whole),) * elsewhere, letters * elsewhere
            )
    return Reading(letters, told, tuple(foreign), foreign_letters)


def _told(said: str, wanted: frozenset[str], fewest: int) -> Iterator[tuple[int, int, int, str]]:
    """Yield start, end, letters and language of every sentence that tells its language."""
    for start, end in _stretches(said):
        sentence = _without_names(said[start:end])
        if letters_of(sentence) < fewest:
            continue
        quick = language_of(sentence)
        language = quick if clearly_in(sentence, quick, wanted) else _by_model(sentence, quick, wanted)
        if language is not None:
            yield start, end, letters_of(said[start:end]), language


def _stretches(said: str) -> Iterator[tuple[int, int]]:
    """Yield the sentences of a text, of a long one several together."""
    size = len(said) // _STRETCHES
    if size < _LONG:
        yield from sentences(said)
        return
    begins = 0
    while begins < len(said):
        end = _END.search(said, begins + size)
        stop = end.end() if end else len(said)
        yield begins, stop
        begins = stop


def _by_model(text: str, quick: str | None, wanted: frozenset[str]) -> str | None:
    """Return the language of a text that is perhaps foreign, None when model and words cannot tell."""
    language, likely = identify(text, wanted)
    enough = _LIKELY if language in wanted else _AGREED if language == quick else SURE
    if likely >= enough:
        return language
    return quick if quick in wanted else None


def _without_names(sentence: str) -> str:
    """Return a sentence without the words that begin with a capital inside it, or with a digit."""
    if sentence.isupper():
        return sentence.lower()
    first, *others = sentence.split() or [""]
    return " ".join([first, *[word for word in others if not (word[0].isupper() or word[0].isdigit())]])


def letters_of(text: str) -> int:
    """Return how many letters a text has."""
    return sum(map(str.isalpha, text))
