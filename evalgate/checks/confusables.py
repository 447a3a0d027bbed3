"""`confusables`: no word borrows look-alike letters of another script to pass for a Latin one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, ClassVar

from pydantic import Field, JsonValue, field_validator

from evalgate.checks.evidence import HELD, FindingCheck
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.phrases import Phrase
from evalgate.checks.text.scripts import (
    LOOKED_AT_MOST,
    SCRIPTS,
    Script,
    as_latin,
    imitations,
    imitations_of,
    too_many_mixed,
)
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, NotApplicable, Severity, Unscored
from evalgate.core.samples import Subject


class Confusables(FindingCheck):
    """1 when every word is written in the letters it seems to be; words wholly in one script are, Russian or Greek."""

    kind: ClassVar[str] = "confusables"
    summary: ClassVar[str] = "No word passes for a Latin one with look-alike letters of another script."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {},
        {"min_letters": 4},
        {"scripts": ["cyrillic", "greek"]},
        {"names": ["Acme"], "severity": "block"},
        {"names": ["Acme"], "side": "context"},
        {"names": ["Acme"], "ignore_echo": True},
        {"names": ["Acme"]},
    )

    severity: Severity = "warn"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""
    min_letters: Annotated[int, Field(ge=2)] = 3
    """Words shorter than this are not looked at: units, symbols."""
    scripts: Annotated[tuple[Script, ...], Field(min_length=1)] = SCRIPTS
    """Whose letters are looked for: cyrillic, greek, armenian, cherokee, coptic, lisu, styled (𝐛𝐨𝐥𝐝, Ⓑ, full width)."""
    names: tuple[Phrase, ...] = ()
    """Names that no other script may imitate, not even with a whole word: the brand, the domain."""

    @field_validator("names")
    @classmethod
    def _are_words(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if not name.isalnum():
                raise ValueError(
                    f"{name!r} is no single word of letters and digits; write each word of a name by itself"
                )
        return names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(as_latin(name).casefold() for name in self.names)

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | NotApplicable | Unscored:
        """Return a violation for any imitation; Unscored without one where too many words mix scripts to be read."""
        mark = super().read(subject, texts, pieces)
        return _TOO_MANY if mark is HELD and any(map(too_many_mixed, pieces)) else mark

    def find(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:  # noqa: ARG002 - one shape
        """Return the words that imitate Latin ones, each with its Latin spelling."""
        hits: list[Hit] = []
        for number, piece in enumerate(pieces):
            text = piece[:READ_AT_MOST]
            found = imitations(text, self.min_letters, self.scripts)
            if self.names:
                found = sorted({*found, *imitations_of(self._names, text)})
            hits += [Hit(number, one.start, one.end, one.script, instead=one.latin) for one in found]
        return hits

    def explain(self, hits: Sequence[Hit]) -> str:
        """Return which scripts the false letters belong to."""
        return f"passes for Latin with letters that are {' and '.join(sorted({hit.label for hit in hits}))}"


_TOO_MANY = Unscored(
    reason="invalid", detail=f"more than {LOOKED_AT_MOST:,} words mix scripts; they were not all looked at"
)
