"""`brand_spelling`: the brand's names are written as the brand writes them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import Field, JsonValue

from evalgate.checks.evidence import FindingCheck, quoted
from evalgate.checks.text.hits import Hit, longest
from evalgate.checks.text.phrases import Phrase, Phrases
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Severity
from evalgate.core.samples import Subject

_JOINS = frozenset("@./_-#\\=&?%~")
"""What a name is joined to in addresses, file names and identifiers, where spelling is not the brand's to choose."""


class BrandSpelling(FindingCheck):
    """1 when every name is written as listed. Addresses, file names and identifiers do not count."""

    kind: ClassVar[str] = "brand_spelling"
    summary: ClassVar[str] = "The brand's names are written as the brand writes them."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"names": {"AcmeCare": ["Acme Care", "Acme-Care"]}},
        {"names": {"Café Acme": []}, "any_case": True},
        {"names": {"Café Acme": []}, "severity": "warn"},
        {"names": {"iAcme": []}, "side": "context", "ignore_echo": True},
    )

    severity: Severity = "info"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""
    names: Annotated[dict[Phrase, tuple[Phrase, ...]], Field(min_length=1)]
    """Each name as it must be written, and wrong forms beyond its case and accents."""
    any_case: bool = False
    """Whether the name's capitals and accents may differ, so that only the wrong forms listed count."""

    @cached_property
    def _forms(self) -> dict[str, str]:
        """Form to the name it should be."""
        return {form: name for name, wrong in self.names.items() for form in (name, *wrong)}

    @cached_property
    def _phrases(self) -> Phrases:
        return Phrases(tuple(self._forms), ("case", "accents"), whole_words=True)

    def find(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:  # noqa: ARG002 - one shape
        """Return where a name is written otherwise."""
        hits: list[Hit] = []
        for number, piece in enumerate(pieces):
            for hit in longest(self._phrases.everywhere(texts, self.side, number)):
                name = self._forms[hit.label]
                if self._is_wrong(piece[hit.start : hit.end], hit.label, name) and not _is_joined(piece, hit):
                    hits.append(hit._replace(label=name, instead=name))
        return hits

    def _is_wrong(self, written: str, form: str, name: str) -> bool:
        if form == name:
            return not self.any_case and " ".join(written.split()) != name
        return written != name

    def explain(self, hits: Sequence[Hit]) -> str:
        """Return which names are misspelt."""
        return f"misspells {quoted(sorted({hit.label for hit in hits}))}"


def _is_joined(text: str, hit: Hit) -> bool:
    """Return whether a hit is part of an address, a file name or an identifier."""
    before, after = text[hit.start - 1 : hit.start] if hit.start else "", text[hit.end : hit.end + 2]
    return before in _JOINS - {""} or (after[:1] in _JOINS and after[1:2].isalnum())
