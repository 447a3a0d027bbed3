"""`banned_terms`: words and phrases that must not be there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, JsonValue, ValidationInfo, field_validator, model_validator

from evalgate.checks.evidence import FindingCheck, quoted
from evalgate.checks.packs.loading import load_pack
from evalgate.checks.packs.matching import Matcher
from evalgate.checks.packs.pack import Entry, Pack, Tag
from evalgate.checks.text.hits import Hit
from evalgate.checks.text.phrases import Ignored, Phrase
from evalgate.core.checks import Loading, Texts
from evalgate.core.samples import Subject


class BannedTerms(FindingCheck):
    """1 when no banned term is said; a term within an allowed phrase does not count."""

    kind: ClassVar[str] = "banned_terms"
    summary: ClassVar[str] = "No banned word or phrase is said."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"terms": ["garantizado", "sem risco", "risk-free"], "instead": {"sem risco": "com risco baixo"}},
        {"pack": {"name": "brand", "version": "1", "terms": ["Globex", "Initech"]}, "allow": ["Globex Day"]},
        {"terms": ["café"], "ignore": ["case", "accents"], "whole_words": False, "views": ["folded", "squashed"]},
        {"terms": ["Vivo"], "ignore": [], "side": "context", "ignore_echo": True, "severity": "warn"},
        {
            "pack": {"name": "b", "version": "1", "terms": [{"term": "coger", "countries": ["mx"]}, "gratis"]},
            "countries": ["mx"],
        },
    )

    terms: tuple[Phrase, ...] = ()
    """The words and phrases that must not be said."""
    instead: dict[str, str] = {}
    """What could be said for a term: the fix that is suggested."""
    pack: Pack | None = None
    """The terms in a file of their own: its path, relative to the suite, or a shipped pack. The check holds it all."""
    countries: tuple[Tag, ...] = ()
    """Whose entries of the pack count besides those that count everywhere, as mx."""
    ignore: tuple[Ignored, ...] = ("case",)
    """What may differ: case, accents. Accents tell words apart (año, ano; avó, avô): ignore them knowingly."""
    whole_words: bool = True
    """Whether a term must begin and end where words do, in any script."""
    allow: tuple[Phrase, ...] = ()
    """Phrases in which a term is no violation."""
    views: Annotated[tuple[Literal["folded", "squashed", "decoded"], ...], Field(min_length=1)] = ("folded",)
    """Where to look: folded; squashed sees "b.a.d"; decoded sees base64, percent and HTML entities."""

    @field_validator("pack", mode="before")
    @classmethod
    def _read(cls, pack: Any, info: ValidationInfo) -> Any:
        return load_pack(pack, Loading.of(info).read) if isinstance(pack, str) else pack

    @model_validator(mode="after")
    def _has_terms(self) -> Self:
        if bool(self.terms) == bool(self.pack):
            raise ValueError("give either terms: […] or pack: FILE")
        if strays := set(self.instead) - set(self.terms):
            raise ValueError(f"instead names {quoted(sorted(strays))}, which is not among the terms")
        return self

    @cached_property
    def _banned(self) -> Matcher:
        listed = tuple(Entry(term=term, instead=self.instead.get(term)) for term in self.terms)
        pack = self.pack or Pack(name="terms", version="1", terms=listed)
        pack = pack.model_copy(update={"allow": pack.allow + self.allow})
        return Matcher([pack], self.countries, self.ignore, whole_words=self.whole_words)

    def find(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:  # noqa: ARG002 - one shape
        """Return where banned terms stand."""
        return [
            found.hit
            for piece in range(len(pieces))
            for found in self._banned.find(texts, self.side, piece, self.views)
        ]

    def explain(self, hits: Sequence[Hit]) -> str:
        """Return which terms are said."""
        return f"says {quoted(sorted({hit.label for hit in hits}))}"
