"""Labels: what people say of one criterion of one sample, with how it came to be asked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from evalgate.core.outcomes import metric_name
from evalgate.core.values import Finite, Unit, Value

Split = Literal["fewshot", "dev", "test", "control"]
"""What a label may be used for: examples in a prompt, writing the prompt, measuring the judge, watching the sample."""
Basis = Literal["agreed", "adjudicated", "single", "imported"]
Probability = Annotated[Finite, Field(gt=0, le=1)]


class Label(Value):
    """One label. Without a known probability it measures a judge and corrects nothing."""

    check: str
    criterion: str = ""
    sample_digest: str
    """That of the sample's raw content, which ties the label to every run that holds the same answer."""
    case_id: str
    cluster: str | None = None
    language: str | None = None
    stratum: str | None = None
    value: Unit
    label: str
    probability: Probability | None = None
    """How likely the sample was to be asked about."""
    people: Annotated[int, Field(ge=1)] = 1
    """How many of them agree."""
    basis: Basis = "single"
    blind: bool = True
    """Nobody of them had seen what the judge said."""
    split: Split
    rubric_digest: str | None = None
    source: str
    """queue:NAME, terminal, or import:NAME."""
    at: AwareDatetime

    @property
    def metric(self) -> str:
        """The metric that it is a label of: `answers`, `answers.tone`."""
        return metric_name(self.check, self.criterion)
