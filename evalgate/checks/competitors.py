"""`competitors`: no competitor is named, unless the user asked about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar

from pydantic import Field, JsonValue, field_validator

from evalgate.checks.evidence import FindingCheck, quoted
from evalgate.checks.text.hits import Hit, longest
from evalgate.checks.text.phrases import Ignored, Phrase, Phrases
from evalgate.checks.text.views import fold
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Severity, Side
from evalgate.core.samples import Subject
from evalgate.core.values import Value

NEARBY = 120
"""Characters to either side of a name in which a word may stand that says the company is meant."""


class Competitor(Value):
    """How a competitor is called besides its name, and how to know that it is meant."""

    aliases: tuple[Phrase, ...] = ()
    """Other names, abbreviations, products."""
    near: tuple[Phrase, ...] = ()
    """For names that are words too (Claro, Vivo, Oi, Apple): one of these must stand near, as operadora."""
    ignore: tuple[Ignored, ...] = ("case", "accents")
    """What may differ; [] for names that only count with their capital."""


class Competitors(FindingCheck):
    """1 when no competitor is named. With `ignore_echo` one that the user named, by any alias, may be spoken of."""

    kind: ClassVar[str] = "competitors"
    summary: ClassVar[str] = "No competitor is named."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"competitors": {"Globex": ["Globex SA", "GBX"], "Initech": []}, "ignore_echo": True},
        {"competitors": {"Claro": {"near": ["operadora", "plan", "plano"], "ignore": []}}, "instead": "otra empresa"},
        {"competitors": {"Claro": {"near": ["operadora", "plan", "plano"], "ignore": []}}, "side": "tool_args"},
        {"competitors": {"Movilux": {"aliases": ["Movi Lux"]}}, "severity": "block"},
    )

    severity: Severity = "warn"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""
    competitors: Annotated[dict[Phrase, Competitor], Field(min_length=1)]
    """Name to aliases, or to {aliases, near, ignore}."""
    instead: str | None = None
    """What could be written for a name: the fix that is suggested."""

    @field_validator("competitors", mode="before")
    @classmethod
    def _bare_aliases(cls, written: Any) -> Any:
        if not isinstance(written, dict):
            return written
        return {
            name: {"aliases": said} if isinstance(said, list | tuple) else said or {} for name, said in written.items()
        }

    @cached_property
    def _names(self) -> list[tuple[str, Phrases, Phrases]]:
        """Each competitor with the phrases that name it, and the words that must stand near."""
        return [
            (
                name,
                Phrases((name, *known.aliases), known.ignore, whole_words=True),
                Phrases(known.near, ("case", "accents"), whole_words=True),
            )
            for name, known in self.competitors.items()
        ]

    @cached_property
    def _any_name(self) -> Phrases:
        every = [phrase for name, known in self.competitors.items() for phrase in (name, *known.aliases)]
        return Phrases(every, ("case", "accents"), whole_words=True)

    def find(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:  # noqa: ARG002 - one shape
        """Return where competitors are named."""
        named = [piece for piece in range(len(pieces)) if self._any_name.everywhere(texts, self.side, piece)]
        return [hit for piece in named for hit in longest(self._named(texts, self.side, piece))]

    def _named(self, texts: Texts, side: Side, piece: int) -> list[Hit]:
        found: list[Hit] = []
        for name, phrases, near in self._names:
            hits = phrases.find(texts, side, piece)
            if hits and near.phrases:
                words = near.find(texts, side, piece)
                hits = [hit for hit in hits if any(_is_near(hit, word) for word in words)]
            found += (hit._replace(label=name, instead=self.instead) for hit in hits)
        return found

    def without_echo(
        self,
        hits: Sequence[Hit],
        subject: Subject,
        texts: Texts,
        pieces: Sequence[str],  # noqa: ARG002 - one shape
    ) -> Sequence[Hit]:
        """Return the hits of competitors that the user did not name."""
        asked = subject.sample.case.input
        turns = [
            number
            for number in range(len(texts.pieces("input")))
            if isinstance(asked, str) or asked[number].role == "user"
        ]
        spoken_of = {
            name for name, phrases, _ in self._names if any(phrases.everywhere(texts, "input", turn) for turn in turns)
        }
        return [hit for hit in hits if hit.label not in spoken_of]

    def explain(self, hits: Sequence[Hit]) -> str:
        """Return who is named."""
        return f"names {quoted(sorted({hit.label for hit in hits}, key=fold))}"


def _is_near(hit: Hit, word: Hit) -> bool:
    return (
        word.end >= hit.start - NEARBY
        and word.start <= hit.end + NEARBY
        and (word.end <= hit.start or word.start >= hit.end)
    )
