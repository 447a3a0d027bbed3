"""`profanity`: no insult, slur or vulgar word, for readers of the countries that matter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar, Literal, get_args

from pydantic import JsonValue, model_validator

from evalgate.checks.evidence import FindingCheck, quoted
from evalgate.checks.packs.matching import Matcher
from evalgate.checks.packs.pack import Tag
from evalgate.checks.packs.using import PackedCheck
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.patterns import compiled
from evalgate.checks.text.phrases import Phrase
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, Severity, Unscored, View
from evalgate.core.samples import Subject

Tier = Literal["mild", "strong", "slur"]
TIERS: tuple[Tier, ...] = get_args(Tier)
SEVERITY: dict[str, Severity] = {"mild": "info", "strong": "warn", "slur": "block"}
_VEILED = r"[a-z][013457@$*#_.-]{1,3}[a-z]|(?:\b[a-z][^a-z0-9]){3}"
"""What hides a word: signs or digits between letters, letters that stand alone."""


class Profanity(PackedCheck, FindingCheck):
    """1 when no word of the packs is said that is vulgar in its language, or in one of the countries named."""

    kind: ClassVar[str] = "profanity"
    summary: ClassVar[str] = "No insult, slur or vulgar word is said."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"countries": ["mx", "ar"]},
        {"countries": ["es"], "at_least": "strong"},
        {"at_least": "strong"},
        {"allow": ["Moby Dick"]},
        {"side": "input", "ignore_echo": False},
        {"side": "context", "ignore_echo": True},
        {"side": "context", "severity": "block"},
        {"side": "context"},
        {"pin": "2026.11"},
        {"pack": {"name": "ours", "version": "1", "terms": [{"term": "chafa", "label": "mild"}]}},
    )

    severity: Severity = "warn"
    """How bad a violation is; unless given, info for mild words, warn for strong ones, block for slurs."""
    countries: tuple[Tag, ...] = ()
    """Whose readers: words that are vulgar there only count too, as coger in mx and ar, bicha in br."""
    at_least: Tier = "mild"
    """From which tier on a word counts: mild, strong or slur."""
    allow: tuple[Phrase, ...] = ()
    """Phrases in which nothing counts: names, titles, quotations."""

    @model_validator(mode="after")
    def _tiers_are_known(self) -> Profanity:
        labels = {entry.label for entry in self.pack.entries} if self.pack else set()
        if strays := sorted(labels - {*TIERS, ""}):
            raise ValueError(f"the pack has the labels {quoted(strays)}; known are {', '.join(TIERS)}")
        return self

    @cached_property
    def _matcher(self) -> Matcher:
        first, *others = self.packs
        first = first.model_copy(update={"allow": first.allow + self.allow})
        return Matcher([first, *others], self.countries)

    @cached_property
    def _veiled(self) -> Any:
        return compiled(_VEILED)

    def find(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:  # noqa: ARG002 - one shape
        """Return where words of the wanted tiers stand, plain or with signs and digits among their letters."""
        wanted = TIERS[TIERS.index(self.at_least) :]
        hits: list[Hit] = []
        for piece in range(len(pieces)):
            folded = texts.view(self.side, piece, "folded")[0][:READ_AT_MOST]
            views: list[View] = ["folded", "squashed"] if self._veiled.search(folded) else ["folded"]
            for found in self._matcher.find(texts, self.side, piece, views, at_most=100):
                tier = found.entry.label or "strong"
                if tier in wanted:
                    hits.append(found.hit._replace(label=tier, instead=found.entry.instead))
        return hits

    def none_of(
        self, hits: Sequence[Hit], subject: Subject, pieces: Sequence[str], explanation: str
    ) -> Mark | Unscored:
        """Return a violation as bad as the worst word found."""
        found = super().none_of(hits, subject, pieces, explanation)
        if not hits or not isinstance(found, Mark) or "severity" in self.model_fields_set:
            return found
        worst = max((hit.label for hit in hits), key=lambda label: TIERS.index(label) if label in TIERS else 1)
        return found.model_copy(update={"severity": SEVERITY[worst]})

    def explain(self, hits: Sequence[Hit]) -> str:
        """Return how strong the words are."""
        labels = {hit.label for hit in hits}
        return f"{', '.join(tier for tier in TIERS if tier in labels)} language"
