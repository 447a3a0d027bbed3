"""`readability`: the text is as easy to read as is wanted, and no sentence is too long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

from pydantic import Field, JsonValue, model_validator

from evalgate.checks.evidence import HELD, SideCheck, unread
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.prose import prose
from evalgate.checks.text.sentences import sentences
from evalgate.checks.text.syllables import COUNTERS
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, NotApplicable, Severity, Unscored
from evalgate.core.samples import Subject

SCORED = 20_000
"""Characters that the score is of: a mean over 3,000 words stands."""
_SHOWN = 3
"""How many of the longest sentences are shown where only the score is out of bounds."""


class Formula(NamedTuple):
    """A reading ease of the Flesch family: constant − words × words per sentence − syllables × syllables per word."""

    name: str
    constant: float
    words: float
    syllables: float


FORMULAS = {
    "en": Formula("Flesch", 206.835, 1.015, 84.6),  # Flesch 1948
    "es": Formula("Szigriszt-Pazos", 206.835, 1.0, 62.3),  # Szigriszt Pazos 1993, read on the INFLESZ scale
    "pt": Formula("Martins", 248.835, 1.015, 84.6),  # Martins et al. 1996
}


Place = tuple[int, int]


class Readability(SideCheck):
    """1 when the reading ease is within its bounds and no sentence has more words than allowed."""

    kind: ClassVar[str] = "readability"
    summary: ClassVar[str] = "The answer is as easy to read as is wanted."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"min_score": 55},
        {"min_score": 55, "max_score": 90, "max_sentence_words": 30},
        {"min_score": 40, "language": "pt", "min_words": 50},
        {"max_sentence_words": 25, "side": "input", "severity": "warn"},
    )

    severity: Severity = "info"
    """How bad a violation is: info, warn or block."""
    min_score: float | None = None
    """Lowest reading ease, where 100 is very easy and 0 very hard."""
    max_score: float | None = None
    """Highest reading ease."""
    max_sentence_words: Annotated[int, Field(ge=1)] | None = None
    """Most words of one sentence; a line of a list is a sentence."""
    language: Literal["en", "es", "pt"] | None = None
    """Whose formula and syllables count; absent is the language that the text is in."""
    min_words: Annotated[int, Field(ge=1)] = 20
    """Fewest words that have a reading ease: the score of a shorter text is chance."""

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        if self.min_score is None and self.max_score is None and self.max_sentence_words is None:
            raise ValueError("give a bound: min_score: 55, max_score: 90 or max_sentence_words: 30")
        if self.min_score is not None and self.max_score is not None and self.min_score > self.max_score:
            raise ValueError(f"min_score {self.min_score:g} is above max_score {self.max_score:g}")
        return self

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | NotApplicable | Unscored:
        """Return a violation of the bounds with the sentences that are too long."""
        said = [prose(piece[:READ_AT_MOST]) for piece in pieces]
        parts = [sentences(text) for text in said]
        hits = [hit for piece, text in enumerate(said) for hit in self._too_long(piece, text, parts[piece])]
        many = f"{len(hits)} sentences have" if len(hits) > 1 else "a sentence has"
        why = [f"{many} more than {self.max_sentence_words} words"] if hits else []
        lacking: list[NotApplicable | Unscored] = []
        for piece, text in enumerate(said if self._has_score else ()):
            score = self._score(texts, piece, text, parts[piece])
            if not isinstance(score, tuple):
                lacking.append(score)
            elif outside := self._outside(*score):
                why.append(outside)
                if not hits and self.min_score is not None and score[0] < self.min_score:
                    longest = sorted(_counted(text, parts[piece]), key=lambda one: -one[2])[:_SHOWN]
                    hits = [_shown(piece, *one) for one in longest]
        if why:
            return self.violation(sorted(hits, key=lambda hit: hit[:2]), subject, "; ".join(why))
        return self._untold(lacking, len(said)) or unread(pieces) or HELD

    @property
    def _has_score(self) -> bool:
        return self.min_score is not None or self.max_score is not None

    def _untold(self, lacking: Sequence[NotApplicable | Unscored], texts: int) -> NotApplicable | Unscored | None:
        """Return why nothing is said of the side: a text that cannot be scored, or none long enough for a score."""
        unscored = [one for one in lacking if isinstance(one, Unscored)]
        if unscored:
            return unscored[0]
        return self._too_short if len(lacking) == texts and self.max_sentence_words is None else None

    def _too_long(self, piece: int, text: str, parts: Sequence[Place]) -> Iterator[Hit]:
        if self.max_sentence_words is not None:
            for start, end, words in _counted(text, parts):
                if words > self.max_sentence_words:
                    yield _shown(piece, start, end, words)

    def _score(
        self, texts: Texts, piece: int, text: str, parts: Sequence[Place]
    ) -> tuple[float, str] | NotApplicable | Unscored:
        """Return the reading ease and the formula's name, or why there is none."""
        tokens = text[:SCORED].split()
        if len(tokens) < self.min_words:
            return self._too_short
        language = self.language or texts.language(self.side, piece)
        if language is None:
            return Unscored(reason="unknown", detail="the language cannot be told; write language: en, es or pt")
        counted = list(map(COUNTERS[language], tokens))
        words = len(counted) - counted.count(0)
        if words < self.min_words:
            return self._too_short
        formula = FORMULAS[language]
        read = parts if len(text) <= SCORED else [place for place in parts if place[0] < SCORED]
        score = formula.constant - formula.words * words / len(read) - formula.syllables * sum(counted) / words
        return score, formula.name

    @property
    def _too_short(self) -> NotApplicable:
        return NotApplicable(why=f"fewer than {self.min_words} words have no reading ease")

    def _outside(self, score: float, name: str) -> str | None:
        if self.min_score is not None and score < self.min_score:
            return f"the reading ease ({name}) is {score:.1f}, at least {self.min_score:g} is asked for"
        if self.max_score is not None and score > self.max_score:
            return f"the reading ease ({name}) is {score:.1f}, at most {self.max_score:g} is allowed"
        return None


def _counted(text: str, parts: Sequence[Place]) -> Iterator[tuple[int, int, int]]:
    """Yield start, end and number of words of each sentence."""
    for start, end in parts:
        yield start, end, len(text[start:end].split())


def _shown(piece: int, start: int, end: int, words: int) -> Hit:
    return Hit(piece, start, end, f"{words} words")
