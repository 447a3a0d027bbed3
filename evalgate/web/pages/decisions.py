"""Decisions: the list, and one decision with its findings and the worst cases of both arms side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import Request, Response

from evalgate.core.decisions import Decision, Finding
from evalgate.core.gates import Never
from evalgate.core.reporting import CaseView, MarkPair, Report
from evalgate.gate.cases import view
from evalgate.reports.cases_page import ARROWS, written
from evalgate.reports.findings import (
    as_judged,
    count_of,
    decided_by,
    interval_note,
    key_of,
    result_of,
    rule_text,
    sentence,
    title,
)
from evalgate.reports.html import MarkRow, Row
from evalgate.reports.intervals import HEIGHT, WIDTH, Drawing, drawings
from evalgate.reports.messages import Voice, capital
from evalgate.reports.page import lines_of, word_of
from evalgate.reports.pieces import Passage, answer, context, question
from evalgate.reports.story import about_judges, because, compared, kind_of, lead, reasons, undecided
from evalgate.store.pages import Decided, Pages
from evalgate.store.tables.runs import StoredRun
from evalgate.store.tallies import pushed_by, worst_positions
from evalgate.web.api.routing import After, Name, SuiteFilter
from evalgate.web.guard import Caller
from evalgate.web.pages.kept import Kept
from evalgate.web.pages.rendering import language_of, page, page_router
from evalgate.web.pages.runs import MOST_TEXT, READERS, ROWS, judge_of
from evalgate.web.problems import missing
from evalgate.web.transactions import Work

router = page_router()

Kind = Literal["raw", "corrected"]

MOST_ROWS, MOST_CASES, LINKED, MOST_OPEN = 400, 40, 3, 12
NAME = 90
_worst: Kept[tuple[int, ...]] = Kept(most=500)
"""By store and record: neither a record nor the runs it was made from change."""


class Second(NamedTuple):
    """The same quantity known the other way, drawn below on the same scale."""

    main: Kind
    """What the row itself shows."""
    other: Kind
    drawing: Drawing | None


class CaseCard(NamedTuple):
    """A case of both arms."""

    anchor: str
    case: CaseView
    question: Passage
    before: Passage | None
    now: Passage
    context: tuple[Passage, ...]
    marks: tuple[MarkRow, ...]
    same: tuple[str, ...]
    """Checks that mark both answers alike."""


@router.get("/decisions")
def show_decisions(
    caller: Annotated[Caller, READERS], request: Request, suite: SuiteFilter = None, after: After = None
) -> Response:
    """Show the decisions, the newest first."""
    with caller.reading() as work:
        found = Pages(work.store.database, caller.project).decisions(suite or None, after, ROWS)
        pushed = pushers(work, caller.project, [one.id for one in found.rows])
    return page(
        request, caller, "decisions.html", decisions=found.rows, pushed=pushed, after=found.after, suite=suite or ""
    )


@router.get("/decisions/{decision_id}")
def show_decision(caller: Annotated[Caller, READERS], request: Request, decision_id: Name) -> Response:
    """Show a decision: its verdict, why, every finding, and the worst cases."""
    voice = Voice(language_of(request, caller))
    with caller.reading() as work:
        pages = Pages(work.store.database, caller.project)
        with missing("decision", decision_id, "/decisions"):
            decided = pages.decision(decision_id)
        decision = Decision.model_validate_json(pages.record(decided.digest))
        candidate, baseline = (_run(work, name) for name in (decision.candidate, decision.baseline))
        cases = _cases(work, decided, decision, candidate, baseline)
        by = pushers(work, caller.project, [decided.id]).get(decided.id)
    cards = [_card(number, case, voice) for number, case in enumerate(cases)]
    return page(
        request,
        caller,
        "decision.html",
        decided=decided,
        decision=decision,
        by=by,
        candidate=candidate,
        baseline=baseline,
        cards=cards,
        measured=_measured(decision, candidate),
        **_told(decision, decided, cases, cards, voice),
    )


def _measured(decision: Decision, candidate: StoredRun | None) -> list[tuple[str, str]]:
    """Return the metrics of a decision whose judge people measured or corrected, each with the judge's page."""
    gates = [gate.metric for gate in decision.gates if gate.calibrated is not None or gate.corrected]
    known = [one.metric for one in decision.evidence.calibrations]
    metrics = dict.fromkeys([*gates, *known]) if candidate else {}
    pages = {metric: judge_of(candidate, metric) for metric in metrics if candidate}
    return [(metric, path) for metric, path in pages.items() if path is not None]


def _told(
    decision: Decision, decided: Decided, cases: Sequence[CaseView], cards: Sequence[CaseCard], voice: Voice
) -> dict[str, Any]:
    """Return what a decision's page says in words."""
    planned = max((metric.planned for metric in decision.evidence.metrics), default=len(cases))
    report = Report(decision=decision, decision_id=decided.id, cases=tuple(cases), planned=planned)
    anchors = {(card.case.id, card.case.repeat): card.anchor for card in cards}
    key = f"advisory.{decision.verdict}" if decision.advisory else decision.verdict
    word = decision.verdict.upper()
    until = decision.policy.advisory_until or ""
    open_ones = undecided(decision)
    return {
        "word": voice.said("advisory.would_be", verdict=word) if decision.advisory else word,
        "headline": voice.said(f"headline.{key}", suite=voice.named(decision.suite), date=until),
        "lead": lead(decision, voice),
        "facts": [compared(decision, voice), voice.said("exit", code=decision.exit_code)],
        "judges": about_judges(decision, voice),
        "reasons": [
            (why, [(s.case.id, anchors[s.case.id, s.case.repeat]) for s in why.cases[:LINKED]])
            for why in reasons(report, voice)
        ],
        "open": [(voice.named(key_of(f), NAME), capital(decided_by(f, voice))) for f in open_ones[:MOST_OPEN]],
        "more_open": max(0, len(open_ones) - MOST_OPEN),
        "rows": _rows(decision, voice),
        "more_rows": max(0, len(decision.findings) - MOST_ROWS),
        "note": interval_note(decision, voice),
        "aside": any(word_of(finding).islower() for finding in decision.findings),
        "drawing": {"width": WIDTH, "height": HEIGHT},
        "capital": capital,
    }


def pushers(work: Work, project: int, decisions: Sequence[str]) -> dict[str, str]:
    """Return who pushed each of these decisions: a key by its name, a person by their login."""
    found = pushed_by(work.store.database, project, decisions)
    keys = {f"key:{key.id}": key.name for key in work.access.keys(project)} if found else {}
    return {name: keys.get(actor, actor) for name, actor in found.items()}


def _run(work: Work, run_id: str | None) -> StoredRun | None:
    """Return a run of a decision; None for one that is no longer here, which its record outlives."""
    if run_id is None or not work.store.runs.is_finished(run_id):
        return None
    return work.store.runs.get(run_id)


def _cases(
    work: Work, decided: Decided, decision: Decision, candidate: StoredRun | None, baseline: StoredRun | None
) -> list[CaseView]:
    if candidate is None:
        return []
    metrics = list(dict.fromkeys(gate.metric for gate in decision.gates))
    tripping = {gate.metric for gate in decision.gates if any(isinstance(rule, Never) for rule in gate.rules)}
    database, here = work.store.database, candidate

    def find() -> tuple[int, ...]:
        return worst_positions(database, here, baseline, metrics, tripping, MOST_CASES)

    positions = _worst.get((work.store.id, decided.digest, baseline is None), find)
    ours = work.store.runs.at(candidate.id, positions)
    keys = [(marked.sample.case.id, marked.sample.output.repeat) for marked in ours]
    theirs = {} if baseline is None else work.store.runs.marked(baseline.id, keys)
    return [view(marked, theirs.get(key)) for marked, key in zip(ours, keys, strict=True)]


def _rows(decision: Decision, voice: Voice) -> list[tuple[Row, Second | None]]:
    findings = lines_of(decision, voice)[:MOST_ROWS]
    # All are drawn at once: what is known two ways stands on one scale.
    drawn = drawings([*findings, *map(_other_way, findings)])
    seconds = map(_second, findings, drawn[len(findings) :])
    rows = (_row(decision, finding, drawing, voice) for finding, drawing in zip(findings, drawn, strict=False))
    return list(zip(rows, seconds, strict=True))


def _other_way(finding: Finding) -> Finding:
    """Return a finding as the other of raw and corrected has it, not drawn where there is no other."""
    other = finding.beside
    values = {"low": None} if other is None else {"value": other.value, "low": other.low, "high": other.high}
    return finding.model_copy(update=values)


def _second(finding: Finding, drawing: Drawing | None) -> Second | None:
    if finding.beside is None:
        return None
    kind = finding.beside.kind
    return Second("corrected" if kind == "raw" else "raw", kind, drawing)


def _row(decision: Decision, finding: Finding, drawing: Drawing | None, voice: Voice) -> Row:
    result, rule = result_of(decision, finding, voice), rule_text(finding, voice)
    return Row(
        finding=finding,
        word=word_of(finding),
        name=voice.named(finding.slice, NAME) if finding.slice else title(finding, voice),
        rule=rule,
        result=result.figure,
        extra=result.extra,
        n=count_of(finding, voice),
        said=sentence(decision, finding, voice),
        drawing=drawing,
        drawn=f"{result.figure}; {rule}",
        as_judged=as_judged(decision, finding),
    )


def _card(number: int, case: CaseView, voice: Voice) -> CaseCard:
    return CaseCard(
        anchor=f"case-{number}",
        case=case,
        question=question(case, MOST_TEXT),
        before=None if case.before is None else answer(case, MOST_TEXT, now=False),
        now=answer(case, MOST_TEXT, now=True),
        context=context(case, MOST_TEXT),
        marks=tuple(_mark(mark, voice) for mark in case.marks if kind_of(mark) != "same"),
        same=tuple(mark.metric for mark in case.marks if mark.applies and kind_of(mark) == "same"),
    )


def _mark(mark: MarkPair, voice: Voice) -> MarkRow:
    kind = kind_of(mark)
    return MarkRow(
        metric=mark.metric,
        kind=kind,
        arrow=ARROWS[kind],
        before=None if mark.before is None else written(mark.before, voice),
        now=written(mark.now, voice),
        reason=because(mark)[:MOST_TEXT],
        fix=(getattr(mark.now, "fix", None) or "")[:MOST_TEXT],
    )
