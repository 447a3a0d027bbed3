"""The exit: whatever a report is going to show passes the masker once more, though it was stored masked."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from evalgate.core.outcomes import Mark, NotApplicable, Result, Span

if TYPE_CHECKING:
    from evalgate.checks.privacy.masking import Masker
    from evalgate.core.decisions import Decision
    from evalgate.core.reporting import CaseView, Report

ResultT = TypeVar("ResultT", bound=Result | None)


@cache
def _masker() -> Masker:
    # Patterns take milliseconds to compile: built once, and only by those who show texts.
    from evalgate.checks.privacy.masking import Masker

    return Masker()


def masked(report: Report) -> Report:
    """Return the report with every text masked; names by which cases are joined and grouped stay as they are."""
    return report.model_copy(
        update={
            "decision": masked_decision(report.decision),
            "cases": masked_cases(report.cases),
            "notes": tuple(_masker().mask(note) for note in report.notes),
        }
    )


def masked_decision(decision: Decision) -> Decision:
    """Return the decision with the reasons of its facts masked."""
    mask = _masker().mask
    return decision.model_copy(
        update={"findings": tuple(f.model_copy(update={"detail": mask(f.detail)}) for f in decision.findings)}
    )


def masked_cases(cases: Sequence[CaseView]) -> tuple[CaseView, ...]:
    """Return the cases with every text masked."""
    return tuple(_case(case) for case in cases)


def _case(case: CaseView) -> CaseView:
    mask = _masker().mask
    question, now = mask(case.question), mask(case.now)
    before = None if case.before is None else mask(case.before)
    context = tuple(mask(passage) for passage in case.context)
    # A span points into the text as it was stored; where this mask changed that text, the place is no longer known.
    same = {"input": question == case.question, "context": context == case.context, "tool_args": False}
    new_before, new_now = same | {"output": before == case.before}, same | {"output": now == case.now}
    marks = tuple(
        mark.model_copy(update={"before": _result(mark.before, new_before), "now": _result(mark.now, new_now)})
        for mark in case.marks
    )
    return case.model_copy(
        update={"question": question, "before": before, "now": now, "context": context, "marks": marks}
    )


def _result(result: ResultT, same: dict[str, bool]) -> ResultT:
    mask = _masker().mask
    if result is None:
        return result
    if isinstance(result, NotApplicable):
        return result.model_copy(update={"why": mask(result.why)})
    if isinstance(result, Mark):
        return result.model_copy(
            update={
                "label": None if result.label is None else mask(result.label),
                "explanation": mask(result.explanation),
                "fix": None if result.fix is None else mask(result.fix),
                "spans": _kept(result.spans, same),
                "votes": (),
            }
        )
    return result.model_copy(update={"detail": mask(result.detail), "votes": ()})


def _kept(spans: Sequence[Span], same: dict[str, bool]) -> tuple[Span, ...]:
    return tuple(span.model_copy(update={"label": _masker().mask(span.label)}) for span in spans if same[span.side])
