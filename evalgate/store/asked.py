"""What an item for review is told beside its sample: its language, what judges said, what an answer is worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evalgate.checks.text.language import language_of
from evalgate.core.outcomes import Mark, NotApplicable, Outcome
from evalgate.runner.ports import Marked
from evalgate.store.items import Judged

MEASURED = ("llm", "classifier")
"""The annotators that people measure."""
LANGUAGE_SLICES = ("locale", "language", "lang")


def judged_of(outcomes: Iterable[Outcome]) -> tuple[Judged, ...]:
    """Return what judges and classifiers said; a check that had no business with the case said nothing."""
    return tuple(
        Judged(
            check=outcome.check.name,
            criterion=outcome.criterion,
            digest=outcome.check.digest,
            value=outcome.result.value if isinstance(outcome.result, Mark) else None,
            label=outcome.result.label if isinstance(outcome.result, Mark) else outcome.result.reason,
            explanation=outcome.result.explanation if isinstance(outcome.result, Mark) else outcome.result.detail,
        )
        for outcome in outcomes
        if outcome.check.annotator in MEASURED and not isinstance(outcome.result, NotApplicable)
    )


def priority(judged: Sequence[Judged], outcomes: Iterable[Outcome]) -> float:
    """Return how much a person's answer is worth, in [0, 3]: (1 + uncertainty)(1 + disagreement) - 1.

    Uncertainty: of the judge that is least sure, 1 - |2m - 1|, m the mean of its votes' values or its score; 1 where it
    gave none. Disagreement: how far apart the largest and the smallest score of the judges are.
    """
    values = [one.value for one in judged if one.value is not None]
    apart = max(values) - min(values) if values else 0.0
    votes = {
        (outcome.check.name, outcome.criterion): [vote.value for vote in outcome.result.votes if vote.value is not None]
        for outcome in outcomes
        if isinstance(outcome.result, Mark)
    }
    unsure = 0.0
    for one in judged:
        cast = votes.get((one.check, one.criterion)) or ([] if one.value is None else [one.value])
        unsure = max(unsure, 1 - abs(2 * sum(cast) / len(cast) - 1) if cast else 1.0)
    return (1 + unsure) * (1 + apart) - 1


def language(marked: Marked) -> str | None:
    """Return the language of a sample, as `es`: what its slices say, else that of the answer, else of the question."""
    case = marked.sample.case
    for name in LANGUAGE_SLICES:
        said = case.slices.get(name, "").replace("_", "-").partition("-")[0].strip().lower()
        if said:
            return said
    return language_of(marked.sample.output.text) or language_of(case.question)
