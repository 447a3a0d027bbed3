"""Packs: terms and patterns in a file of their own, with examples that hold them to their word.

A file is `{name, version, terms, patterns, allow, examples}`; it is read strictly, with line numbers, and refused when
one of its own examples does not hold. A check holds the content, not the path: a changed pack is a changed check.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from evalgate.checks.packs.scanning import check_pattern
from evalgate.checks.text.phrases import Phrase
from evalgate.core.outcomes import Severity
from evalgate.core.values import Value


def _tag(value: str) -> str:
    if not (value.islower() and value.isalpha() and len(value) in {2, 3}):
        raise ValueError(f"{value!r} is no code of two or three small letters, as es, pt, mx")
    return value


Tag = Annotated[str, AfterValidator(_tag)]
"""A language (ISO 639) or a country (ISO 3166), in small letters."""


class Entry(Value):
    """One thing to find: a term, or a pattern for RE2 over the folded text (small letters, no accents)."""

    term: Phrase | None = None
    pattern: str | None = None
    view: Literal["folded", "squashed"] = "folded"
    """What a pattern reads: the folded text, or the squashed one, which is its letters and digits alone."""
    label: str = ""
    """Which group it belongs to, as `override` or `usted`; checks say what they make of it."""
    language: Tag | None = None
    """The language it belongs to; None for the pack's own, or any."""
    countries: tuple[Tag, ...] = ()
    """Where it is meant; empty is everywhere the language is spoken."""
    severity: Severity | None = None
    instead: str | None = None
    """What could be written in its place."""

    @field_validator("pattern")
    @classmethod
    def _readable(cls, pattern: str | None) -> str | None:
        if pattern is not None:
            check_pattern(pattern)
        return pattern

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if (self.term is None) == (self.pattern is None):
            raise ValueError("an entry is a term or a pattern")
        return self


class Example(Value):
    """A text and what the pack says of it; `country` and `label` as an entry's."""

    text: Annotated[str, Field(min_length=1)]
    label: str | None = None
    country: Tag | None = None


class Examples(Value):
    """Texts in which the pack must find something, and hard ones in which it must find nothing."""

    positive: tuple[Example, ...] = ()
    negative: tuple[Example, ...] = ()


class Pack(Value):
    """A named, versioned list of terms and patterns."""

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    language: Tag | None = None
    """The language of every entry that names none."""
    terms: tuple[Entry, ...] = ()
    patterns: tuple[Entry, ...] = ()
    allow: tuple[Phrase, ...] = ()
    """Phrases in which nothing counts: `pinto beans` for `pinto`."""
    examples: Examples = Examples()

    @field_validator("terms", mode="before")
    @classmethod
    def _bare_terms(cls, terms: Any) -> Any:
        return _entries(terms, "term")

    @field_validator("patterns", mode="before")
    @classmethod
    def _bare_patterns(cls, patterns: Any) -> Any:
        return _entries(patterns, "pattern")

    @field_validator("examples", mode="before")
    @classmethod
    def _bare_examples(cls, examples: Any) -> Any:
        if not isinstance(examples, dict):
            return examples
        return {kind: _entries(texts, "text") for kind, texts in examples.items()}

    @model_validator(mode="after")
    def _finds_something(self) -> Self:
        if not self.terms and not self.patterns:
            raise ValueError("has no terms and no patterns")
        return self

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Terms, then patterns."""
        return self.terms + self.patterns


def _entries(written: Any, key: str) -> Any:
    """Return a list in which every bare string is an entry with that key."""
    return [{key: one} if isinstance(one, str) else one for one in written] if isinstance(written, list) else written
