"""`banned_terms`: words and phrases that must not be there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, JsonValue, ValidationInfo, field_validator, model_validator

from evalgate.checks.evidence import Hit, SideCheck, quoted
from evalgate.checks.packs import Pack, read_pack
from evalgate.checks.phrases import Ignored, Phrase, Phrases, longest
from evalgate.core.checks import Loading, Texts
from evalgate.core.outcomes import Mark, Unscored
from evalgate.core.samples import Subject


class BannedTerms(SideCheck):
    """1 when no banned term is said; a term within an allowed phrase does not count."""

    kind: ClassVar[str] = "banned_terms"
    summary: ClassVar[str] = "No banned word or phrase is said."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"terms": ["garantizado", "sem risco", "risk-free"]},
        {"pack": {"name": "brand", "version": "1", "terms": ["Globex", "Initech"]}, "allow": ["Globex Day"]},
        {"terms": ["café"], "ignore": ["case", "accents"], "whole_words": False, "views": ["folded", "squashed"]},
        {"terms": ["Vivo"], "ignore": [], "side": "context"},
    )

    terms: tuple[Phrase, ...] = ()
    """The words and phrases that must not be said."""
    pack: Pack | None = None
    """The terms in a file of their own: its path, relative to the suite. The check holds its content."""
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
        return read_pack(Loading.of(info).read(pack), pack) if isinstance(pack, str) else pack

    @model_validator(mode="after")
    def _has_terms(self) -> Self:
        if bool(self.terms) == bool(self.pack):
            raise ValueError("give either terms: […] or pack: FILE")
        return self

    @cached_property
    def _banned(self) -> Phrases:
        terms = self.pack.terms if self.pack else self.terms
        return Phrases(terms, self.ignore, whole_words=self.whole_words)

    @cached_property
    def _allowed(self) -> Phrases:
        return Phrases(self.allow, self.ignore, whole_words=self.whole_words)

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | Unscored:
        """Return whether a banned term is said, and where."""
        hits: list[Hit] = []
        for piece in range(len(pieces)):
            for view in self.views:
                hits += self._banned.find(texts, self.side, piece, view)
        if not hits:
            return self.none_of((), subject, pieces, "")
        hits = self._without_allowed(hits, texts)
        said = sorted({hit.label for hit in hits})
        return self.none_of(hits, subject, pieces, f"says {quoted(said)}")

    def _without_allowed(self, hits: list[Hit], texts: Texts) -> list[Hit]:
        """Return what is left of the hits: each place once, and none inside an allowed phrase."""
        left: list[Hit] = []
        for piece in sorted({hit.piece for hit in hits}):
            allowed = self._allowed.find(texts, self.side, piece) if self.allow else []
            here = (hit for hit in hits if hit.piece == piece)
            left += (
                hit for hit in longest(here) if not any(a.start <= hit.start and hit.end <= a.end for a in allowed)
            )
        return left
