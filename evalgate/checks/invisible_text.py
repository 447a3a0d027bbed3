"""`invisible_text`: nothing is hidden in characters that nobody sees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import Field, JsonValue

from evalgate.checks.evidence import FindingCheck
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.invisibles import CLASSES, Invisible, runs
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, Severity, Unscored
from evalgate.core.samples import Subject

_WORST: dict[Severity, int] = {"info": 0, "warn": 1, "block": 2}
_SAID: dict[Invisible, str] = {
    "bidi": "marks that turn the direction of writing",
    "tags": "tag characters, which spell text that only machines read",
    "zero_width": "characters without width",
    "selectors": "variation selectors that select nothing",
    "private_use": "private-use characters",
    "control": "control characters",
    "other": "other format characters",
}


class InvisibleText(FindingCheck):
    """1 when every invisible character is one that its language or its emoji needs."""

    kind: ClassVar[str] = "invisible_text"
    summary: ClassVar[str] = "No invisible character stands where no language and no emoji needs one."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {},
        {"classes": ["bidi", "tags"]},
        {"severity": "info"},
        {"severities": {"zero_width": "block"}},
        {"side": "context"},
        {"ignore_echo": True},
    )

    classes: Annotated[tuple[Invisible, ...], Field(min_length=1)] = CLASSES
    """What is looked for: bidi, tags, zero_width, selectors, private_use, control, other."""
    severity: Severity = "warn"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""
    severities: dict[Invisible, Severity] = {"bidi": "block", "tags": "block"}
    """Classes that are worse or less bad than `severity`."""

    def find(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:  # noqa: ARG002 - one shape
        """Return the runs of invisible characters; leaving them out is the fix."""
        return [
            Hit(number, run.start, run.end, run.name, instead="")
            for number, piece in enumerate(pieces)
            for run in runs(piece[:READ_AT_MOST], self.classes)
        ]

    def explain(self, hits: Sequence[Hit]) -> str:
        """Return which classes are hidden, and how many characters of each."""
        hidden: Counter[str] = Counter()
        for hit in hits:
            hidden[hit.label] += hit.end - hit.start
        return "hides " + "; ".join(f"{hidden[name]:,} {_SAID[name]}" for name in CLASSES if name in hidden)

    def none_of(
        self, hits: Sequence[Hit], subject: Subject, pieces: Sequence[str], explanation: str
    ) -> Mark | Unscored:
        """Return a violation as bad as the worst class found."""
        if not hits:
            return super().none_of(hits, subject, pieces, explanation)
        labels = {hit.label for hit in hits}
        worst = max((self._severity(name) for name in CLASSES if name in labels), key=_WORST.__getitem__)
        return self.violation(hits, subject, explanation, worst)

    def _severity(self, name: Invisible) -> Severity:
        return self.severities.get(name) or self.severity
