"""`repetition`: the text does not say the same again and again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Annotated, ClassVar

from pydantic import Field, JsonValue

from evalgate.checks.evidence import HELD, SideCheck, unread
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.repeats import GRAM, again, copied, located, loops, may_repeat, same_sentences, words_of
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, Severity, Unscored
from evalgate.core.samples import Subject

WORDS_AT_MOST = 20_000
"""Words of one text that are compared: 100,000 characters of prose have fewer."""
_LOOP_WORDS = 12
"""Words of a loop at least: "no, no, no" and "ja ja ja ja" are none."""
_SENTENCE_WORDS = 5
"""Words of a sentence that counts: short ones, as "Disponible.", return in every list."""
_SHARE_WORDS = 50
"""Words of a text that has a share of repeated words."""


class Repetition(SideCheck):
    """1 when no stretch stands too often in a row, no sentence too often at all, and most words are said once."""

    kind: ClassVar[str] = "repetition"
    summary: ClassVar[str] = "The answer does not say the same again and again."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {},
        {"max_in_a_row": 1, "max_same_sentence": 1, "severity": "block"},
        {"max_share": 0.2, "stretch": 6, "side": "context"},
    )

    severity: Severity = "warn"
    """How bad a violation is: info, warn or block."""
    max_in_a_row: Annotated[int, Field(ge=1)] = 2
    """Most copies of a stretch one after another, of a word or of a paragraph; together they have 12 words or more."""
    max_same_sentence: Annotated[int, Field(ge=1)] = 3
    """How often the same sentence of five words or more may stand, wherever it does."""
    max_share: Annotated[float, Field(ge=0, lt=1)] = 0.5
    """The share of the words, of 50 or more, that may stand in stretches said before."""
    stretch: Annotated[int, Field(ge=4, le=50)] = 8
    """Words in a row from which on they are a stretch said before."""

    @cached_property
    def _grams(self) -> int:
        """How many runs of four words stand a second time at least where a bound is broken.

        Half of what it is in words: blanks divide a text into fewer words than its letters do.
        """
        in_sentences = self.max_same_sentence * (_SENTENCE_WORDS - GRAM + 1)
        return max(1, int(min(self._again_in_loops, in_sentences, self._again_in_share(_SHARE_WORDS)) / 2))

    @cached_property
    def _again_in_loops(self) -> int:
        """How many runs of four words stand a second time at least where a loop does."""
        copies = self.max_in_a_row + 1
        shortest = min(max(_LOOP_WORDS, period * copies) - period for period in range(1, _LOOP_WORDS))
        return shortest - GRAM + 1

    def _again_in_share(self, words: int) -> float:
        """Return how many runs of four words stand a second time at least where too many of the words do."""
        return self.max_share * words * (self.stretch - GRAM + 1) / self.stretch

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | Unscored:  # noqa: ARG002 - one shape
        """Return a violation with the copies, the first of each left out."""
        hits: list[Hit] = []
        why: list[str] = []
        many = 0
        for number, piece in enumerate(pieces):
            text = piece[:READ_AT_MOST]
            if may_repeat(text, self._grams):
                words = words_of(text)
                many = max(many, len(words))
                for problem, copies in islice(self._problems(text, words[:WORDS_AT_MOST]), 1):
                    why.append(problem)
                    hits += (Hit(number, *place, "repeated", "raw", "") for place in copies)
        if why:
            return self.violation(hits, subject, "; ".join(dict.fromkeys(why)))
        if many > WORDS_AT_MOST:
            return Unscored(reason="invalid", detail=f"the text has {many:,} words, and {WORDS_AT_MOST:,} are compared")
        return unread(pieces) or HELD

    def _problems(self, text: str, words: list[str]) -> Iterator[tuple[str, list[tuple[int, int]]]]:
        """Yield what a text says too often, in words, with the copies: loops, then sentences, then the share."""
        said_again = again(words)
        found = loops(words, self.max_in_a_row + 1, _LOOP_WORDS) if said_again >= self._again_in_loops else []
        if found:
            worst = max(found, key=lambda loop: loop.copies * loop.period)
            spoken = "a word stands" if worst.period == 1 else f"a stretch of {worst.period} words stands"
            why = f"{spoken} {worst.copies} times in a row, at most {self.max_in_a_row} may"
            yield why, located(text, _apart([(loop.first + loop.period, loop.last) for loop in found]))
        same = same_sentences(text, _SENTENCE_WORDS, self.max_same_sentence)
        if same:
            most = max(map(len, same))
            copies = sorted(place for where in same for place in where[1:])
            yield f"a sentence stands {most} times, at most {self.max_same_sentence} may", copies
        enough = len(words) >= _SHARE_WORDS and said_again >= self._again_in_share(len(words))
        stretches = copied(words, self.stretch) if enough else []
        share = sum(last - first for first, last in stretches) / max(1, len(words))
        if share > self.max_share:
            said = f"{share:.0%} of the words stand in stretches said before, at most {self.max_share:.0%} may"
            yield said, located(text, stretches)


def _apart(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return stretches, in order, with those that overlap made one."""
    apart: list[tuple[int, int]] = []
    for first, last in stretches:
        if apart and first < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(last, apart[-1][1]))
        else:
            apart.append((first, last))
    return apart
