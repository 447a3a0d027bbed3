"""`lexical_overlap`: the answer shares its words, or its letters, with the reference."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue

from evalgate.checks.evidence import HELD
from evalgate.checks.text.overlap import TooLong, chrf, rouge_l
from evalgate.checks.text.phrases import Ignored, alike
from evalgate.core.checks import CodeCheck, Texts
from evalgate.core.outcomes import Mark, Marks, NotApplicable, Severity, Unscored, violated
from evalgate.core.samples import Subject

_MEASURES = {"rouge_l": ("ROUGE-L", rouge_l), "chrf": ("chrF", chrf)}
_NO_REFERENCE = NotApplicable(why="the case has no reference")
_EMPTY_REFERENCE = NotApplicable(why="the reference has no word")


class LexicalOverlap(CodeCheck):
    """The overlap of the answer with the case's reference, from 0 to 1; with `at_least`, 1 from that overlap on."""

    kind: ClassVar[str] = "lexical_overlap"
    summary: ClassVar[str] = "The answer shares its wording with the reference."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {},
        {"measure": "chrf", "ignore": ["case", "accents"]},
        {"measure": "chrf", "ignore": [], "at_least": 0.5},
        {"at_least": 0.4, "severity": "warn"},
    )

    measure: Literal["rouge_l", "chrf"] = "rouge_l"
    """`rouge_l` compares words in their order, `chrf` runs of 1 to 6 letters, which inflected words share too."""
    at_least: Annotated[float, Field(gt=0, le=1)] | None = None
    """The overlap that makes a mark of 1; a lower one is a violation. Absent, the mark is the overlap itself."""
    ignore: tuple[Ignored, ...] = ("case",)
    """What may differ: case, accents."""
    severity: Severity = "info"
    """How bad a violation is: info, warn or block."""

    @property
    def binary(self) -> bool:
        """Whether a least overlap is given."""
        return self.at_least is not None

    def mark(self, subject: Subject, texts: Texts) -> Marks:
        """Return the overlap; not applicable without a reference, unscored where the texts are too long."""
        reference = subject.sample.case.reference
        if reference is None:
            return {"": _NO_REFERENCE}
        if not any(map(str.isalnum, reference)):
            return {"": _EMPTY_REFERENCE}
        name, measured = _MEASURES[self.measure]
        try:
            overlap = measured(alike(texts.pieces("output")[0], self.ignore), alike(reference, self.ignore))
        except TooLong as error:
            return {"": Unscored(reason="invalid", detail=str(error))}
        return {"": self._judged(overlap, name)}

    def _judged(self, overlap: float, name: str) -> Mark:
        if self.at_least is None:
            return Mark(value=overlap, explanation=f"{name} with the reference is {overlap:.2f}")
        if overlap >= self.at_least:
            return HELD
        why = f"{name} with the reference is {overlap:.2f}, at least {self.at_least:g} is asked for"
        return violated(why, severity=self.severity)
