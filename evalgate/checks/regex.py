"""`regex`: a pattern matches, or does not."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, JsonValue, field_validator, model_validator

from evalgate.checks.evidence import HELD, SPANS_AT_MOST, SideCheck, unread
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.patterns import Pattern
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, Unscored, violated
from evalgate.core.samples import Subject

Count = Annotated[int, Field(ge=0, le=1_000)]


class Regex(SideCheck):
    """1 when the pattern matches (or does not match) as often as asked; matches are counted over the whole side."""

    kind: ClassVar[str] = "regex"
    summary: ClassVar[str] = "A pattern matches, or never does."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"pattern": r"\bhttps?://", "must": "not_match", "flags": ["i"]},
        {"pattern": r"^(Hola|Olá|Hello)\b", "flags": ["m"], "min_count": 1, "max_count": 1, "side": "output"},
        {"pattern": r"protocolo n[ºo] \d{6}", "min_count": 2, "side": "context", "severity": "info"},
    )

    pattern: str
    """RE2 syntax, with `\\b`, `\\w`, `\\d`, `\\s` and `[[:alpha:]]` meaning what they mean in Unicode."""
    must: Literal["match", "not_match"] = "match"
    """Whether the pattern must match, or must not."""
    flags: tuple[Literal["i", "m", "s"], ...] = ()
    """i: ignore case; m: ^ and $ at every line; s: the dot takes newlines too."""
    min_count: Count = 1
    """Fewest matches, for must: match."""
    max_count: Count | None = None
    """Most matches, for must: match; absent is any number."""

    @field_validator("pattern")
    @classmethod
    def _readable(cls, pattern: str) -> str:
        Pattern(pattern)
        return pattern

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.must == "not_match" and (self.min_count != 1 or self.max_count is not None):
            raise ValueError("min_count and max_count count what must match; with must: not_match drop them")
        if self.max_count is not None and self.max_count < self.min_count:
            raise ValueError(f"max_count {self.max_count} is below min_count {self.min_count}")
        if self.min_count == 0 and self.max_count is None:
            raise ValueError("min_count: 0 without max_count holds for every text")
        return self

    @cached_property
    def _compiled(self) -> Pattern:
        return Pattern(self.pattern, self.flags)

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | Unscored:  # noqa: ARG002 - one shape
        """Return whether the side matches as asked."""
        if self.must == "not_match":
            hits = self._hits(pieces, SPANS_AT_MOST)
            return self.none_of(hits, subject, pieces, f"the pattern matches {_places(len(hits))}" if hits else "")
        most = self.max_count
        hits = self._hits(pieces, self.min_count if most is None else most + 1)
        if most is not None and len(hits) > most:
            return self.violation(hits, subject, f"the pattern matches more than {most} times")
        not_read = unread(pieces)
        if len(hits) >= self.min_count and (most is None or not_read is None):
            return HELD
        return not_read or violated(f"the pattern matches {len(hits)} times; {self.min_count} are asked for")

    def _hits(self, pieces: Sequence[str], limit: int) -> list[Hit]:
        """Return the first matches; one that ends where reading stops may not be one, and is left out."""
        hits: list[Hit] = []
        for number, piece in enumerate(pieces):
            cut = len(piece) > READ_AT_MOST
            for start, end in self._compiled.spans(piece[:READ_AT_MOST] if cut else piece, limit - len(hits)):
                if not (cut and end == READ_AT_MOST):
                    hits.append(Hit(number, start, end))
            if len(hits) >= limit:
                break
        return hits


def _places(count: int) -> str:
    return "once" if count == 1 else f"in {count} places" if count < SPANS_AT_MOST else f"in {count} places or more"
