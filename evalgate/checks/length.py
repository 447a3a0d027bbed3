"""`length`: the text is neither too short nor too long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, ClassVar, Self

from pydantic import Field, JsonValue, model_validator

from evalgate.checks.evidence import HELD, SideCheck
from evalgate.checks.text.hits import Hit
from evalgate.checks.text.sentences import sentences
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, Severity
from evalgate.core.samples import Subject

Count = Annotated[int, Field(ge=0)]

_WORD = re.compile(r"\S+")


class Length(SideCheck):
    """1 when the length of the side, of each of its texts, is within every bound given, ends included."""

    kind: ClassVar[str] = "length"
    version: ClassVar[int] = 2
    summary: ClassVar[str] = "The answer is neither too short nor too long."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"max_words": 120},
        {"min_characters": 1, "max_characters": 900},
        {"min_words": 3, "max_words": 80, "min_sentences": 1, "max_sentences": 4},
        {"max_words": 200, "side": "context", "severity": "info"},
    )

    severity: Severity = "warn"
    """How bad a violation is: info, warn or block."""
    min_characters: Count | None = None
    """Fewest characters. They are code points: an accented letter is one, a family emoji several."""
    max_characters: Count | None = None
    """Most characters."""
    min_words: Count | None = None
    """Fewest words. They are what blanks divide."""
    max_words: Count | None = None
    """Most words."""
    min_sentences: Count | None = None
    """Fewest sentences. The lines of a list are sentences; the stop of an abbreviation ends none."""
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

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark:  # noqa: ARG002 - one shape
        """Return the first text that is out of bounds; a span covers what is too much."""
        for piece, text in enumerate(pieces):
            mark = (
                self._within(subject, piece, "characters", text, self.min_characters, self.max_characters)
                or self._within(subject, piece, "words", text, self.min_words, self.max_words)
                or self._within(subject, piece, "sentences", text, self.min_sentences, self.max_sentences)
            )
            if mark:
                return mark
        return HELD

    def _within(
        self, subject: Subject, piece: int, unit: str, text: str, low: int | None, high: int | None
    ) -> Mark | None:
        """Return the violation of one unit's bounds, None when there is none."""
        if low is None and high is None:
            return None
        count = _UNITS[unit](text)
        if low is not None and count < low:
            mark = self.violation([], subject, f"has {_amount(count, unit)}, at least {low} are asked for")
            return mark.model_copy(update={"fix": f"add {_amount(low - count, unit)}"})
        if high is not None and count > high:
            excess = Hit(piece, _start_of_excess(unit, text, high), len(text), unit)
            mark = self.violation([excess], subject, f"has {_amount(count, unit)}, at most {high} are allowed")
            return mark.model_copy(update={"fix": f"cut {_amount(count - high, unit)}"})
        return None


def count_words(text: str) -> int:
    """Return how many words blanks divide a text into.

    >>> count_words("Olá, tudo bem?")
    3
    """
    return len(text.split())


def count_sentences(text: str) -> int:
    """Return how many sentences with a letter or a digit a text has.

    >>> count_sentences("Custa 1.299,00 €. ¿Lo quiere? “Sim!” disse a Sra. Lima"), count_sentences("...")
    (3, 0)
    """
    return len(_sentence_ends(text))


def _sentence_ends(text: str) -> list[int]:
    return [end for start, end in sentences(text) if any(map(str.isalnum, text[start:end]))]


def _start_of_excess(unit: str, text: str, high: int) -> int:
    if unit == "characters" or high == 0:
        return high
    if unit == "words":
        return [word.start() for word in _WORD.finditer(text)][high]
    return _sentence_ends(text)[high - 1]


def _amount(count: int, unit: str) -> str:
    return f"{count} {unit if count != 1 else unit[:-1]}"


_UNITS = {"characters": len, "words": count_words, "sentences": count_sentences}
