"""`contains`: phrases that must be there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import ClassVar, Self

from pydantic import JsonValue, model_validator

from evalgate.checks.evidence import HELD, SideCheck, quoted, unread
from evalgate.checks.text.phrases import Ignored, Phrase, Phrases
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, Unscored, violated
from evalgate.core.samples import Subject


class Contains(SideCheck):
    """1 when the side has every phrase of `all` and at least one of `any`."""

    kind: ClassVar[str] = "contains"
    summary: ClassVar[str] = "Every phrase of `all` is there, and at least one of `any`."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"any": ["30 días", "30 dias", "30 days"]},
        {"all": ["términos y condiciones"], "ignore": ["case", "accents"]},
        {"all": ["ID"], "any": ["DNI", "CPF"], "ignore": [], "whole_words": True, "side": "tool_args", "severity": "warn"},
    )

    any: tuple[Phrase, ...] = ()
    """Of these phrases at least one."""
    all: tuple[Phrase, ...] = ()
    """Of these phrases each one."""
    ignore: tuple[Ignored, ...] = ("case",)
    """What may differ: case, accents."""
    whole_words: bool = False
    """Whether a phrase must begin and end where words do."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if not self.any and not self.all:
            raise ValueError("give the phrases: any: […], all: […], or both")
        return self

    @cached_property
    def _phrases(self) -> Phrases:
        return Phrases((*self.all, *self.any), self.ignore, whole_words=self.whole_words)

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | Unscored:  # noqa: ARG002 - one shape
        """Return whether the phrases asked for are there."""
        found: set[str] = set()
        for piece in range(len(pieces)):
            found |= {hit.label for hit in self._phrases.everywhere(texts, self.side, piece)}
        missing = [phrase for phrase in self.all if phrase not in found]
        none_of_any = bool(self.any) and found.isdisjoint(self.any)
        if not missing and not none_of_any:
            return HELD
        not_there = [quoted(missing)] if missing else []
        not_there += [f"any of {quoted(self.any)}"] if none_of_any else []
        return unread(pieces) or violated(f"the text lacks {' and '.join(not_there)}")
