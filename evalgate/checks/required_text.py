"""`required_text`: phrases that must be there, always or where a topic asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from evalgate.checks.evidence import HELD, SideCheck, quoted, unread
from evalgate.checks.packs.pack import Tag
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.patterns import Pattern
from evalgate.checks.text.phrases import Ignored, Phrase, Phrases
from evalgate.checks.text.views import fold
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, NotApplicable, Side, Unscored
from evalgate.core.samples import Subject

NEAR_READS = 20_000
"""Characters in which `near` compares: likeness costs a hundred times what equality does."""


class RequiredText(SideCheck):
    """1 when the side has every phrase of `all` and one of `any`, `patterns` and the phrases of its language."""

    kind: ClassVar[str] = "required_text"
    summary: ClassVar[str] = "What must be said is said, wherever it is asked for."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"any": ["30 días", "30 dias", "30 days"]},
        {"all": ["términos y condiciones"], "ignore": ["case", "accents"], "near": 90},
        {
            "by_language": {"es": ["puede perder dinero"], "pt": ["pode perder dinheiro"]},
            "only_if": ["inversión", "investimento"],
            "only_if_side": "input",
        },
        {"any": ["Hola", "Olá"], "position": "start", "within": 40},
        {"all": ["ID"], "any": ["DNI"], "patterns": [r"CPF \d{3}"], "ignore": [], "whole_words": True},
        {"any": ["DNI"], "by_language": {"pt": ["CPF"]}, "side": "tool_args", "severity": "warn"},
    )

    any: tuple[Phrase, ...] = ()
    """Of these phrases at least one."""
    all: tuple[Phrase, ...] = ()
    """Of these phrases each one."""
    by_language: dict[Tag, Annotated[tuple[Phrase, ...], Field(min_length=1)]] = {}
    """Language to phrases of which at least one is there, as es: […]; a text of no clear language may have any."""
    patterns: tuple[str, ...] = ()
    """Patterns for RE2; one that matches counts as a phrase of `any`."""
    only_if: tuple[Phrase, ...] = ()
    """Words that make it a duty: a case without any of them is not applicable."""
    only_if_side: Side = "output"
    """Where those words are looked for."""
    position: Literal["anywhere", "start", "end"] = "anywhere"
    """Where it must stand."""
    within: Annotated[int, Field(ge=1, le=READ_AT_MOST)] = 300
    """Characters that are the start, or the end."""
    near: Annotated[int, Field(ge=60, le=99)] | None = None
    """How alike, in percent, a stretch may be to count as a phrase of five words or more; absent is word for word."""
    ignore: tuple[Ignored, ...] = ("case",)
    """What may differ: case, accents."""
    whole_words: bool = False
    """Whether a phrase must begin and end where words do."""

    @field_validator("patterns")
    @classmethod
    def _readable(cls, patterns: tuple[str, ...]) -> tuple[str, ...]:
        for pattern in patterns:
            Pattern(pattern)
        return patterns

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not (self.any or self.all or self.by_language or self.patterns):
            raise ValueError("give the phrases: any: […], all: […], by_language: {es: […]} or patterns: […]")
        return self

    @cached_property
    def _phrases(self) -> Phrases:
        spoken = [phrase for phrases in self.by_language.values() for phrase in phrases]
        return Phrases((*self.all, *self.any, *spoken), self.ignore, whole_words=self.whole_words)

    @cached_property
    def _triggers(self) -> Phrases:
        return Phrases(self.only_if, ("case", "accents"), whole_words=True)

    @cached_property
    def _compiled(self) -> tuple[Pattern, ...]:
        return tuple(Pattern(pattern, ("i",) if "case" in self.ignore else ()) for pattern in self.patterns)

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | NotApplicable | Unscored:
        """Return whether what is asked for is there; spans show the words that ask for it."""
        triggers: list[Hit] = []
        if self.only_if:
            asked = range(len(texts.pieces(self.only_if_side)))
            triggers = [hit for piece in asked for hit in self._triggers.find(texts, self.only_if_side, piece)]
            if not triggers:
                return NotApplicable(why=f"none of the words that ask for it is in the {self.only_if_side}")
        found = set(self._found(texts, pieces))
        lacks, fix = self._lacking(found, texts, pieces)
        if not lacks:
            return HELD
        here = triggers if self.only_if_side == self.side else []
        mark = self.violation(here, subject, f"the text lacks {' and '.join(lacks)}{self._where()}")
        return unread(pieces) or mark.model_copy(update={"fix": f"+ {fix}"})

    def _found(self, texts: Texts, pieces: Sequence[str]) -> Iterator[str]:
        """Yield each phrase, or pattern, that stands where it must."""
        for number, piece in enumerate(pieces):
            low, high = self._stretch(len(piece))
            for hit in self._phrases.everywhere(texts, self.side, number):
                if low <= hit.start and hit.end <= high:
                    yield hit.label
            stretch = piece[low : min(high, low + READ_AT_MOST)]
            yield from (pattern.source for pattern in self._compiled if pattern.found(stretch))
            if self.near is not None:
                yield from self._alike(stretch[-NEAR_READS:] if self.position == "end" else stretch[:NEAR_READS])

    def _alike(self, stretch: str) -> Iterator[str]:
        from rapidfuzz.fuzz import partial_ratio

        text = fold(stretch)[0]
        for phrase in self._phrases.phrases:
            folded = fold(phrase)[0]
            # A shorter phrase is alike to too much, and a text shorter than it is not the phrase but a part of it.
            if (
                len(folded.split()) >= 5
                and len(folded) <= len(text)
                and partial_ratio(folded, text) >= (self.near or 0)
            ):
                yield phrase

    def _stretch(self, length: int) -> tuple[int, int]:
        if self.position == "start":
            return 0, self.within
        return (max(0, length - self.within) if self.position == "end" else 0), length

    def _lacking(self, found: set[str], texts: Texts, pieces: Sequence[str]) -> tuple[list[str], str]:
        """Return what is not there, in words, and the first phrase that would mend it."""
        groups = [[phrase] for phrase in self.all]
        if self.any or self.patterns:
            groups.append([*self.any, *self.patterns])
        if self.by_language:
            language = texts.language(self.side, 0) if pieces else None
            spoken = self.by_language.get(language or "")
            groups.append(list(spoken or (phrase for phrases in self.by_language.values() for phrase in phrases)))
        missing = [group for group in groups if found.isdisjoint(group)]
        alone = [group[0] for group in missing if len(group) == 1]
        lacks = [quoted(alone)] if alone else []
        lacks += [f"any of {quoted(group)}" for group in missing if len(group) > 1]
        return lacks, missing[0][0] if missing else ""

    def _where(self) -> str:
        if self.position == "anywhere":
            return ""
        return f" in its {'first' if self.position == 'start' else 'last'} {self.within} characters"
