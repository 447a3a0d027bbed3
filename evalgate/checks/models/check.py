"""What checks by a local model have in common: the model, how it reads long texts, thresholds, and the mark."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from evalgate.checks.models.folder import open_folder
from evalgate.checks.models.loaded import load_model
from evalgate.checks.models.manifest import MANIFEST, PinnedModel
from evalgate.core.checks import BatchCheck, Loading
from evalgate.core.errors import did_you_mean
from evalgate.core.models import LocalModel
from evalgate.core.outcomes import Mark, Severity, Span, held, violated

LANGUAGES = ("en", "es", "pt")
"""The languages that are told apart."""
SPANS_AT_MOST = 100
"""Places kept in one mark."""

Threshold = Annotated[float, Field(strict=True, gt=0, le=1)]


class ModelCheck(BatchCheck):
    """A check by the model in a folder, which is loaded once however many checks name it."""

    model: PinnedModel
    """The model's folder, relative to the suite, with an evalgate-model.yaml in it. The check holds what that says."""
    threshold: dict[Literal["en", "es", "pt", "default"], Threshold] = {"default": 0.5}
    """The probability that decides: one for all texts, or one a language (en, es, pt) and a default."""
    window: Annotated[int, Field(ge=16)] | None = None
    """The most tokens read at once, special ones included; what the model can when absent."""
    overlap: Annotated[int, Field(ge=0)] = 64
    """Tokens that two neighbouring windows of a long text share."""
    score: bool = False
    """Whether the mark is the probability itself, and not 0 or 1 by the threshold."""
    severity: Severity = "block"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""

    @field_validator("model", mode="before", json_schema_input_type=str)
    @classmethod
    def _open(cls, model: Any, info: ValidationInfo) -> Any:
        return open_folder(Loading.of(info).locate(model)) if isinstance(model, str) else model

    @field_validator("threshold", mode="before", json_schema_input_type=float | dict[str, float])
    @classmethod
    def _one_for_all(cls, threshold: Any) -> Any:
        if not isinstance(threshold, Mapping):
            return {"default": threshold}
        for language in threshold:
            if language not in {*LANGUAGES, "default"}:
                raise ValueError(f"threshold names {language!r}; it is one of {', '.join(LANGUAGES)}, or default")
        if "default" not in threshold:
            raise ValueError("threshold has no default, for texts whose language cannot be told; add one")
        return threshold

    @model_validator(mode="after")
    def _fits_the_model(self) -> ModelCheck:
        longest = self.model.max_tokens
        if self.window is not None and self.window > longest:
            raise ValueError(f"window: {self.window} is more than the {longest} tokens the model reads; leave it out")
        if self.overlap > (self.window or longest) // 2:
            most = (self.window or longest) // 2
            raise ValueError(f"overlap: {self.overlap} is more than half of a window; write at most {most}")
        return self

    def must_know(self, label: str) -> None:
        """Raise ValueError unless the model has the label and its self-test speaks of it."""
        known = self.model.labels.values()
        if label not in known:
            told = f"the model has no label {label!r}.{did_you_mean(label, known)}"
            raise ValueError(f"{told} It has {', '.join(known)}")
        if label not in self.model.self_test:
            raise ValueError(f"{label!r} has no self_test in {MANIFEST}, so nobody knows whether the model tells it")

    @property
    def binary(self) -> bool:
        """Whether every mark is exactly 0 or 1."""
        return not self.score

    @property
    def model_key(self) -> str:
        """The folder: checks that name the same one share the model."""
        return str(self.model.folder.resolve()) if self.model.folder else ""

    def load(self) -> LocalModel:
        """Return the model, verified file by file and held to its self-test; raise SuiteInvalid in one line."""
        return load_model(self.model)

    def threshold_in(self, language: str | None) -> float:
        """Return what decides for a text in a language; None when that cannot be told."""
        decided: dict[Any, float] = self.threshold
        return decided.get(language, self.threshold["default"])

    def marked(self, good: float, explanation: str, spans: list[Span], *, is_violation: bool) -> Mark:
        """Return the mark of a text with this much good in it, from 0 to 1."""
        if not self.score:
            shown = spans[:SPANS_AT_MOST]
            return violated(explanation, *shown, severity=self.severity) if is_violation else held(explanation)
        return Mark(
            value=min(max(round(good, 4), 0.0), 1.0),
            label="violates" if is_violation else "holds",
            explanation=explanation,
            spans=tuple(spans[:SPANS_AT_MOST]) if is_violation else (),
            severity=self.severity if is_violation else None,
        )
