"""`length`: the answer is neither too short nor too long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, ClassVar, Self

from pydantic import Field, JsonValue, model_validator

from evalgate.checks.evidence import HELD
from evalgate.core.checks import CodeCheck, Texts
from evalgate.core.outcomes import Mark, Marks, Span, violated
from evalgate.core.samples import Subject

Count = Annotated[int, Field(ge=0)]

_WORD = re.compile(r"\S+")
_STOP = re.compile(r"[.!?…。！？]+|\n[^\S\n]*\n")
_CLOSING = "\"'”’»)]"


class Length(CodeCheck):
    """1 when the answer's length is within every bound given, ends included."""

    kind: ClassVar[str] = "length"
    summary: ClassVar[str] = "The answer is neither too short nor too long."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"max_words": 120},
        {"min_characters": 1, "max_characters": 900},
        {"min_words": 3, "max_words": 80, "min_sentences": 1, "max_sentences": 4},
    )

    min_characters: Count | None = None
    """Fewest characters. They are code points: an accented letter is one, a family emoji several."""
    max_characters: Count | None = None
    """Most characters."""
    min_words: Count | None = None
    """Fewest words. They are what blanks divide."""
    max_words: Count | None = None
    """Most words."""
    min_sentences: Count | None = None
    """Fewest sentences. They end with . ! ? … before a blank, a closing quote or the end, or with an empty line."""
    max_sentences: Count | None = None
    """Most sentences."""

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        pairs = [(unit, getattr(self, f"min_{unit}"), getattr(self, f"max_{unit}")) for unit in _UNITS]
        if all(low is None and high is None for _, low, high in pairs):
            raise ValueError("give a bound: min_ or max_ with characters, words or sentences, as max_words: 120")
        for unit, low, high in pairs:
            if low is not None and high is not None and low > high:
                raise ValueError(f"min_{unit} {low} is above max_{unit} {high}")
        return self

    def mark(self, subject: Subject, texts: Texts) -> Marks:  # noqa: ARG002 - the shape of every check
        """Return whether the answer is within the bounds; a span covers what is too much."""
        text = texts.pieces("output")[0]
        return {
            "": self._within("characters", text, self.min_characters, self.max_characters)
            or self._within("words", text, self.min_words, self.max_words)
            or self._within("sentences", text, self.min_sentences, self.max_sentences)
            or HELD
        }

    def _within(self, unit: str, text: str, low: int | None, high: int | None) -> Mark | None:
        """Return the violation of one unit's bounds, None when there is none."""
        if low is None and high is None:
            return None
        count = _UNITS[unit](text)
        if low is not None and count < low:
            return violated(f"has {count} {unit}, at least {low} are asked for")
        if high is not None and count > high:
            excess = Span(side="output", start=_start_of_excess(unit, text, high), end=len(text), label=unit)
            return violated(f"has {count} {unit}, at most {high} are allowed", excess)
        return None


def count_words(text: str) -> int:
    """Return how many words blanks divide a text into.

    >>> count_words("Olá, tudo bem?")
    3
    """
    return len(text.split())


def count_sentences(text: str) -> int:
    """Return how many sentences a text has, by its stops and empty lines: abbreviations before a blank count as ends.

    >>> count_sentences("Custa 1.299,00 €. ¿Lo quiere? “Sim!” disse ela"), count_sentences("...")
    (4, 0)
    """
    return sum(1 for _ in _sentence_ends(text))


def _sentence_ends(text: str) -> Iterator[int]:
    start = 0
    for stop in _STOP.finditer(text):
        end = stop.end()
        inside_a_word = end < len(text) and not (text[end].isspace() or text[end] in _CLOSING or text[end - 1] == "\n")
        if not inside_a_word and any(map(str.isalnum, text[start : stop.start()])):
            yield end
            start = end
    if any(map(str.isalnum, text[start:])):
        yield len(text)


def _start_of_excess(unit: str, text: str, high: int) -> int:
    if unit == "characters" or high == 0:
        return high
    if unit == "words":
        return [word.start() for word in _WORD.finditer(text)][high]
    return list(_sentence_ends(text))[high - 1]


_UNITS = {"characters": len, "words": count_words, "sentences": count_sentences}
