"""Small scenes for tests of the core: two arms of scores, told in one line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evalgate.core.decide import find, worst
from evalgate.core.decisions import Finding
from evalgate.core.evidence import gather
from evalgate.core.gates import Gate, Policy, Verdict
from evalgate.core.metrics import Evidence, Fact
from evalgate.core.outcomes import Annotator, CheckRef, Mark, NotApplicable, Outcome, Unscored
from evalgate.core.pairs import pair
from evalgate.core.samples import Case, Output, Sample
from evalgate.core.tally import Columns, Tally

Given = float | str | None
"""A score, "n/a", or None for an unscored outcome."""


def outcome(case_id: str, ref: CheckRef, given: Given) -> Outcome:
    result: Mark | NotApplicable | Unscored
    if given is None:
        result = Unscored(reason="unavailable", detail="scripted")
    elif isinstance(given, str):
        result = NotApplicable(why=given)
    else:
        result = Mark(value=given)
    return Outcome(case_id=case_id, check=ref, result=result)


def arm(
    scores: Mapping[str, Sequence[Given]],
    *,
    slices: Mapping[str, Sequence[str]] | None = None,
    clusters: Sequence[str] | None = None,
    annotator: Annotator = "code",
    first: int = 0,
    order: Sequence[int] | None = None,
    question: str = "?",
) -> Columns:
    """Return an arm's columns: case i has every check's i-th score."""
    refs = {name: CheckRef(name=name, annotator=annotator, digest=name) for name in scores}
    tally = Tally([(ref, ("",)) for ref in refs.values()], tuple(slices or ()))
    rows = len(next(iter(scores.values())))
    for row in order or range(rows):
        case = Case(
            id=f"c-{first + row:04d}",
            input=question,
            slices={name: values[row] for name, values in (slices or {}).items()},
            cluster=clusters[row] if clusters else None,
        )
        sample = Sample(case=case, output=Output(text=f"answer {row}"))
        outcomes = [outcome(case.id, refs[name], given[row]) for name, given in scores.items()]
        tally.add(row, case, 0, case.digest, sample.digest, outcomes)
    return Columns(tally)


def decided(
    gates: Sequence[Gate],
    candidate: Columns,
    baseline: Columns | None = None,
    *,
    facts: tuple[Fact, ...] = (),
    uncalibrated: bool = True,
) -> tuple[Verdict, dict[str, Finding], Evidence]:
    """Return the verdict, the findings by gate name (and slice), and the evidence."""
    pairs = None if baseline is None else pair(candidate, baseline)
    evidence = gather(gates, candidate, baseline, pairs, facts)
    findings = find(gates, evidence, Policy(), uncalibrated=uncalibrated)
    named = {f.gate + (f" [{f.slice}]" if f.slice else ""): f for f in findings}
    return worst(findings), named, evidence
