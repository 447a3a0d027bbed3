"""`student`: a small model of the team's own, trained from people's labels, finds no violation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, JsonValue, ValidationInfo

from evalgate.checks.evidence import HELD, in_pieces
from evalgate.checks.models.student import LONGEST_TEXT, LoadedStudent, Student, load_student, open_student
from evalgate.checks.text.views import side_texts
from evalgate.core.checks import BatchCheck, Loading
from evalgate.core.errors import SuiteInvalid
from evalgate.core.models import LocalModel
from evalgate.core.outcomes import Mark, Marks, NotApplicable, Severity, Side, Span, Unscored, violated
from evalgate.core.samples import Subject
from evalgate.core.values import Unit

_FIGURE: dict[str, JsonValue] = {"value": 0.8, "low": 0.7, "high": 0.9, "n": 96}
_CARD: dict[str, JsonValue] = {
    "name": "upsell",
    "learnt": "upsell",
    "texts": 412,
    "violations": 96,
    "clusters": 388,
    "threshold": 0.61,
    "recall": _FIGURE,
    "specificity": _FIGURE,
    "precision": _FIGURE,
    "sha256": "0" * 64,
    "scikit_learn": "1.9.1",
}


def _opened(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return open_student(Loading.of(info).locate(value))
    except SuiteInvalid as problem:
        raise ValueError(str(problem)) from None


class StudentCheck(BatchCheck):
    """1 when the student finds its violation less likely than the threshold; with `score` 1 minus its probability."""

    kind: ClassVar[str] = "student"
    summary: ClassVar[str] = "A small model trained from people's labels finds no violation."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"model": _CARD},
        {"model": _CARD, "threshold": 0.9},
        {"model": _CARD, "score": True},
        {"model": _CARD, "side": "input"},
        {"model": _CARD, "severity": "info"},
    )

    model: Annotated[Student, BeforeValidator(_opened, json_schema_input_type=str)]
    """The student's folder, relative to the suite; `evalgate models train` makes one."""
    threshold: Unit | None = None
    """From which probability on it is a violation; absent is the card's."""
    score: bool = False
    """Whether the mark is 1 minus the probability instead of 0 or 1."""
    side: Side = "output"
    """output, input, context or tool_args."""
    severity: Severity = "block"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""

    @property
    def binary(self) -> bool:
        """Whether marks are 0 or 1."""
        return not self.score

    @property
    def model_key(self) -> str:
        """The model's content."""
        return f"student {self.model.sha256}"

    def load(self) -> LoadedStudent:
        """Return the student, read without running code."""
        return load_student(self.model)

    def mark_many(self, subjects: Sequence[Subject], model: LocalModel) -> list[Marks]:
        """Return what the student says of each subject: of several texts on a side the worst counts."""
        pieces = [side_texts(subject.sample, self.side) for subject in subjects]
        windows = iter(model.read([text for texts in pieces for text in texts]))
        return [
            {"": self._result(subject, texts, [next(windows) for _ in texts])}
            for subject, texts in zip(subjects, pieces, strict=True)
        ]

    def _result(self, subject: Subject, texts: Sequence[str], windows: list[Any]) -> Mark | NotApplicable | Unscored:
        if not any(windows):
            return NotApplicable(why=f"there is no text to read ({self.side})")
        limit = self.model.threshold if self.threshold is None else self.threshold
        found = [(one.scores["violation"], number, one) for number, of in enumerate(windows) for one in of]
        share, piece, window = max(found, default=(0.0, 0, None), key=lambda one: one[0])
        if window is not None and share >= limit:
            message = piece if in_pieces(self.side, subject) else None
            span = Span(side=self.side, start=window.start, end=window.end, message=message, label=self.model.learnt)
            mark = violated(f"{self.model.learnt}: {share:.2f}, from {limit:.2f} on", span, severity=self.severity)
            return mark.model_copy(update={"value": round(1 - share, 6)}) if self.score else mark
        longest = max(map(len, texts))
        if longest > LONGEST_TEXT:
            return Unscored(
                reason="invalid", detail=f"the text has {longest:,} characters and a student reads {LONGEST_TEXT:,}"
            )
        return Mark(value=round(1 - share, 6), label="holds") if self.score else HELD
