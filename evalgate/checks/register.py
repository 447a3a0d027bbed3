"""`register`: people are addressed as the brand addresses them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, JsonValue, field_validator

from evalgate.checks.evidence import FindingCheck
from evalgate.checks.packs.matching import Matcher
from evalgate.checks.packs.using import PackedCheck
from evalgate.checks.text.hits import Hit
from evalgate.checks.text.phrases import Phrase
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, NotApplicable, Severity, Unscored
from evalgate.core.samples import Subject

Language = Literal["en", "es", "pt"]
REGISTERS: Mapping[str, tuple[str, ...]] = {
    "es": ("tu", "usted", "vos"),
    "pt": ("voce", "tu", "senhor"),
    "en": ("formal", "informal"),
}
"""Language to the ways of addressing somebody."""

BREAKS: Mapping[tuple[str, str], frozenset[str]] = {
    # Half of the forms of tú are those of vos too: te, tu pedido, compraste. They break usted only.
    ("es", "tu"): frozenset({"usted", "vos"}),
    ("es", "usted"): frozenset({"tu", "tuvos", "vos", "vosotros"}),
    ("es", "vos"): frozenset({"tu", "usted", "vosotros"}),
    ("pt", "voce"): frozenset({"tu", "senhor"}),
    ("pt", "tu"): frozenset({"voce", "senhor"}),
    ("pt", "senhor"): frozenset({"voce", "tu", "slang"}),
    ("en", "formal"): frozenset({"informal"}),
    ("en", "informal"): frozenset({"formal"}),
}
_NAMES = {"tuvos": "tu", "voce": "você", "senhor": "o senhor"}


class Register(PackedCheck, FindingCheck):
    """1 when nothing in the text addresses people in another way than expected; a text that addresses nobody holds."""

    kind: ClassVar[str] = "register"
    summary: ClassVar[str] = "People are addressed as the brand addresses them."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"expect": {"es": "usted", "pt": "voce", "en": "formal"}},
        {"expect": {"es": "tu"}},
        {"expect": {"es": "tu"}, "allow": ["usted decide"]},
        {"expect": {"es": "vos"}, "severity": "block"},
        {"expect": {"es": "vos"}, "side": "context", "ignore_echo": True},
        {"expect": {"es": "vos"}, "side": "context"},
        {"expect": {"es": "vos"}, "pin": "2026.11"},
        {"expect": {"es": "vos"}},
        {
            "expect": {"pt": "senhor"},
            "pack": {
                "name": "ours",
                "version": "1",
                "terms": [{"term": "campeão", "label": "slang", "language": "pt"}],
            },
        },
        {"expect": {"pt": "senhor"}},
    )

    severity: Severity = "warn"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""
    expect: Annotated[dict[Language, str], Field(min_length=1)]
    """Language to how people are addressed: es: tu, usted or vos; pt: voce, tu or senhor; en: formal or informal."""
    allow: tuple[Phrase, ...] = ()
    """Phrases in which nothing counts: slogans, names."""

    @field_validator("expect", mode="before")
    @classmethod
    def _by_language(cls, written: Any) -> Any:
        """Return a register that only one language has as {language: register}."""
        if not isinstance(written, str):
            return written
        languages = [language for language, known in REGISTERS.items() if written in known]
        if len(languages) != 1:
            known = "; ".join(f"{language}: {' or '.join(names)}" for language, names in REGISTERS.items())
            raise ValueError(f"say of which language, as {{es: {written}}}. Known: {known}")
        return {languages[0]: written}

    @field_validator("expect")
    @classmethod
    def _known(cls, expect: dict[Language, str]) -> dict[Language, str]:
        for language, register in expect.items():
            if register not in REGISTERS[language]:
                raise ValueError(f"{language} has {', '.join(REGISTERS[language])}, not {register!r}")
        return expect

    @cached_property
    def _matcher(self) -> Matcher:
        first, *others = self.packs
        # Accents tell forms apart: estás and estas, revisá and revisa.
        return Matcher([first.model_copy(update={"allow": first.allow + self.allow}), *others], ignore=("case",))

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | NotApplicable | Unscored:
        """Return whether the register holds; a side in another language than those expected is not applicable."""
        if pieces and not any(self._language(texts, piece) for piece in range(len(pieces))):
            return NotApplicable(why=f"the {self.side} is in none of the languages {', '.join(self.expect)}")
        return super().read(subject, texts, pieces)

    def find(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:  # noqa: ARG002 - one shape
        """Return where people are addressed otherwise."""
        hits: list[Hit] = []
        for piece in range(len(pieces)):
            language = self._language(texts, piece)
            if language is None:
                continue
            breaks = BREAKS[language, self.expect[language]]
            for found in self._matcher.find(texts, self.side, piece, at_most=100):
                if found.entry.language in {language, None} and found.entry.label in breaks:
                    better = found.entry.instead if (found.entry.label, self.expect[language]) in _SUGGESTED else None
                    hits.append(found.hit._replace(label=found.entry.label, instead=better))
        return hits

    def _language(self, texts: Texts, piece: int) -> Language | None:
        """Return the expected language a piece is in; one that cannot be told is taken for the only one expected."""
        spoken = texts.language(self.side, piece)
        only = next(iter(self.expect)) if len(self.expect) == 1 else None
        return next((language for language in self.expect if language == spoken), only if spoken is None else None)

    def explain(self, hits: Sequence[Hit]) -> str:
        """Return how people are addressed."""
        return f"addresses as {', '.join(sorted({_NAMES.get(hit.label, hit.label) for hit in hits}))}"


_SUGGESTED = {("tu", "usted"), ("tuvos", "usted"), ("usted", "tu"), ("vos", "tu")}
"""Label and expectation for which the packs say what to write instead."""
