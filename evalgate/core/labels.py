"""Labels: what people say of one criterion of one sample, with how it came to be asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from evalgate.core.outcomes import metric_name
from evalgate.core.values import Finite, Unit, Value

Split = Literal["fewshot", "dev", "test", "control"]
"""What a label may be used for: examples in a prompt, writing the prompt, measuring the judge, watching the sample."""
INDEPENDENT: frozenset[Split] = frozenset({"test", "control"})
"""Labels that no prompt was written with."""
Basis = Literal["agreed", "adjudicated", "single", "imported"]
Probability = Annotated[Finite, Field(gt=0, le=1)]
_TRUST: dict[Basis, int] = {"single": 0, "imported": 1, "agreed": 2, "adjudicated": 3}


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


def standing(labels: Iterable[Label]) -> dict[str, Label]:
    """Return, by sample digest, the label of one criterion that counts: the best founded, then the newest.

    It is as likely as the likeliest of the sample's labels: one draw decides over a sample wherever it is drawn, and
    that somebody also chose it by hand takes nothing from that.
    """
    best: dict[str, Label] = {}
    likely: dict[str, float] = {}
    for one in labels:
        known = best.get(one.sample_digest)
        if known is None or (_TRUST[one.basis], one.at) >= (_TRUST[known.basis], known.at):
            best[one.sample_digest] = one
        if one.probability is not None:
            likely[one.sample_digest] = max(one.probability, likely.get(one.sample_digest, 0.0))
    return {
        sample: one if one.probability == likely.get(sample) else one.model_copy(update={"probability": likely[sample]})
        for sample, one in best.items()
    }
