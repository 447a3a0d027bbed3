"""`recorded`: a value measured elsewhere — how the results of any other tool, model or person enter."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, field_validator, model_validator

from evalgate.core.checks import CodeCheck, Texts
from evalgate.core.outcomes import Annotator, Mark, Marks, NotApplicable, Unscored
from evalgate.core.samples import Subject
from evalgate.core.values import Finite, Unit, Value, digest

Label = Annotated[str, Field(min_length=1)]


class RecordedFiles(Value):
    """Where the column stands when it is not in the data: a file an arm, joined by case id."""

    candidate: str
    baseline: str | None = None


class Recorded(CodeCheck):
    """The value of a column as a score: a number on a range, or a label with the number it is worth."""

    model_config = ConfigDict(serialize_by_alias=True)

    kind: ClassVar[str] = "recorded"
    summary: ClassVar[str] = "A score measured elsewhere, read from a column."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"column": "preference", "range": [1, 2], "annotator": "llm"},
        {
            "column": "final_label",
            "labels": {"1_full_compliance": 1, "2_full_refusal": 0, "off_topic": "not_applicable"},
            "annotator": "human",
        },
        {"column": "passed", "range": [0, 1], "binary": True},
        {"column": "stars", "range": [5, 1], "file": {"candidate": "scores/new.jsonl", "baseline": "scores/old.jsonl"}},
    )

    column: Annotated[str, Field(min_length=1)]
    """The column of each arm's rows."""
    range: tuple[Finite, Finite] | None = None
    """The worst and the best value the column can have; [5, 1] when less is better. Absent with labels: 0 to 1."""
    labels: dict[Label, Unit | Literal["not_applicable"]] | None = None
    """What each label is worth, from 0 to 1, or not_applicable. A label not listed is Unscored."""
    annotator: Annotator = "code"
    """Who measured: code, classifier, llm or human."""
    declared_binary: bool = Field(default=False, alias="binary")
    """That a range holds only its two ends, as `never` and `at_most` need; any other value is then Unscored."""
    file: RecordedFiles | None = None
    """The files that hold the column, when the data do not."""

    @field_validator("labels", mode="before")
    @classmethod
    def _named(cls, labels: Any) -> Any:
        return {_spelled(label): worth for label, worth in labels.items()} if isinstance(labels, Mapping) else labels

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if self.labels is not None and (self.range is not None or self.declared_binary):
            raise ValueError("labels say what each value is worth; drop range and binary")
        if self.labels is not None and not any(worth != "not_applicable" for worth in self.labels.values()):
            raise ValueError("labels give no label a number; at least one is worth something from 0 to 1")
        if self.range is not None and self.range[0] == self.range[1]:
            raise ValueError(f"range {list(self.range)} has no extent; give the worst and the best value")
        return self

    @property
    def annotated_by(self) -> Annotator:
        """Who measured."""
        return self.annotator

    @property
    def binary(self) -> bool:
        """Whether every mark is 0 or 1: by the labels' worth, or as declared."""
        if self.labels is None:
            return self.declared_binary
        return all(worth in {0, 1, "not_applicable"} for worth in self.labels.values())

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns this check reads."""
        return (self.column,)

    @property
    def files(self) -> RecordedFiles | None:
        """The files to join by case id into Output.recorded, None when the data hold the column."""
        return self.file

    @cached_property
    def digest(self) -> str:
        """As every check's, but for `file`: where a column is kept moves no mark, what it says is in the sample."""
        return digest([self.kind, self.version, self.model_dump(mode="json", exclude={"advisory", "file"})])

    @cached_property
    def _missing(self) -> Unscored:
        return Unscored(reason="missing", detail=f"column {self.column!r} has no value")

    @cached_property
    def _worth(self) -> dict[str, Mark | NotApplicable]:
        return {
            label: NotApplicable(why=f"{self.column} is {label!r}")
            if worth == "not_applicable"
            else Mark(value=worth, label=label)
            for label, worth in (self.labels or {}).items()
        }

    def mark(self, subject: Subject, texts: Texts) -> Marks:  # noqa: ARG002 - the shape of every check
        """Return the column's value as a score; no value is Unscored missing, an unusable one Unscored invalid."""
        value = subject.sample.output.recorded.get(self.column)
        if value is None or value == "":
            return {"": self._missing}
        return {"": self._by_label(value) if self.labels is not None else self._on_range(value)}

    def _by_label(self, value: JsonValue) -> Mark | NotApplicable | Unscored:
        return self._worth.get(_spelled(value)) or self._invalid(value, "is not among the labels")

    def _on_range(self, value: JsonValue) -> Mark | Unscored:
        number = _number(value)
        if number is None:
            return self._invalid(value, "is not a number")
        worst, best = self.range or (0.0, 1.0)
        if not min(worst, best) <= number <= max(worst, best):
            return self._invalid(value, f"is outside {worst:g} to {best:g}")
        score = min(1.0, max(0.0, (number - worst) / (best - worst)))
        if self.declared_binary and score not in {0.0, 1.0}:
            return self._invalid(value, f"is neither {worst:g} nor {best:g}, and the check says binary")
        return Mark(value=score)

    def _invalid(self, value: JsonValue, why: str) -> Unscored:
        return Unscored(reason="invalid", detail=f"column {self.column!r}: {_spelled(value)[:80]!r} {why}")


def _spelled(value: Any) -> str:
    """Return a value as a label is written: true, 1, 0.5, good.

    >>> [_spelled(value) for value in (True, 1, 1.0, 0.5, "good")]
    ['true', '1', '1', '0.5', 'good']
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _number(value: Any) -> float | None:
    """Return a finite number, written as a number or as text; None for anything else.

    >>> [_number(value) for value in (True, "0.5", " 1e-3 ", "0,5", "nan", float("nan"), [1])]
    [1.0, 0.5, 0.001, None, None, None, None]
    """
    if isinstance(value, str) and "_" in value:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
