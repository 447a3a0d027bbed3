"""What a check says of a sample: a Mark, NotApplicable or Unscored; with its case and CheckRef, an Outcome."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evalgate.core.values import Unit, Value

Annotator = Literal["code", "classifier", "llm", "human"]
Side = Literal["input", "output", "context", "tool_args"]
View = Literal["raw", "folded", "squashed", "decoded"]
Severity = Literal["info", "warn", "block"]
Reason = Literal[
    "missing",  # the value to read is not there
    "invalid",  # it is there and cannot be read as a score
    "unknown",  # the judge or the person chose "unknown"; people look at these
    "unreadable",  # a reply that is not an offered label
    "refused",  # the model declined or the provider rejected the request
    "unavailable",  # transport errors outlasted the retries
    "over_budget",  # the spend cap was reached first
    "order",  # the two orders of a pairwise question disagree
    "not_comparable",  # marked by another version of the check than the other arm
    "crashed",  # the check itself raised
]


class Span(Value):
    """A stretch of text, in code points of the original: [start, end) of one side, found in one view of it."""

    side: Side
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    message: int | None = None
    """Index of the message when the side is a conversation or the passage when it is context."""
    view: View = "raw"
    label: str = ""


class Vote(Value):
    """One judge's answer in one repeat; `model` is the version that answered."""

    judge: str
    model: str
    repeat: int = 0
    label: str | None = None
    value: Unit | None = None
    explanation: str = ""


class Mark(Value):
    """A score in [0, 1] and what supports it. A mark of value 0 is a violation."""

    kind: Literal["mark"] = "mark"
    value: Unit
    label: str | None = None
    explanation: str = ""
    spans: tuple[Span, ...] = ()
    severity: Severity | None = None
    fix: str | None = None
    votes: tuple[Vote, ...] = ()


class NotApplicable(Value):
    """The check has no business with this case; counted apart and never against coverage."""

    kind: Literal["not_applicable"] = "not_applicable"
    why: str


class Unscored(Value):
    """It should have been scored and was not; counts against coverage and in the worst-case bounds."""

    kind: Literal["unscored"] = "unscored"
    reason: Reason
    detail: str = ""
    votes: tuple[Vote, ...] = ()


Result = Annotated[Mark | NotApplicable | Unscored, Field(discriminator="kind")]

Marks = dict[str, Mark | NotApplicable | Unscored]
"""Criterion to result; a check with one criterion uses the empty name."""


class CheckRef(Value):
    """Which check spoke. The digest covers its parameters, prompt and model: a changed judge is a new judge."""

    name: str
    annotator: Annotator
    digest: str


class Outcome(Value):
    """A result with the case it is about and the check that gave it."""

    case_id: str
    repeat: int = 0
    check: CheckRef
    criterion: str = ""
    result: Result

    @property
    def metric(self) -> str:
        """The metric this outcome feeds: `answers`, or `answers.tone` for a check with several criteria."""
        return metric_name(self.check.name, self.criterion)


def metric_name(check: str, criterion: str) -> str:
    """Return the name a gate uses for one criterion of a check.

    >>> metric_name("answers", ""), metric_name("answers", "tone")
    ('answers', 'answers.tone')
    """
    return f"{check}.{criterion}" if criterion else check


def held(explanation: str = "") -> Mark:
    """Return the mark of a virtue that holds."""
    return Mark(value=1.0, label="holds", explanation=explanation)


def violated(explanation: str, *spans: Span, severity: Severity = "block", fix: str | None = None) -> Mark:
    """Return the mark of a violation, with where it is."""
    return Mark(value=0.0, label="violates", explanation=explanation, spans=spans, severity=severity, fix=fix)
