"""The HTML page: one file, no request to anywhere, readable without scripts; texts of others are nothing but text."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple

from evalgate.core.decisions import Decision, Finding
from evalgate.core.records import record_bytes
from evalgate.core.reporting import CaseView, MarkPair, Report
from evalgate.reports import pieces
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
from evalgate.reports.inert import visible
from evalgate.reports.intervals import HEIGHT, WIDTH, Drawing, drawings
from evalgate.reports.messages import Language, Voice, capital
from evalgate.reports.page import lines_of, word_of
from evalgate.reports.story import (
    Kind,
    Why,
    about_judges,
    about_run,
    because,
    compared,
    gaps,
    kind_of,
    lead,
    next_commands,
    notes,
    reasons,
    undecided,
    unscored,
)

if TYPE_CHECKING:
    from jinja2 import Environment

LIMITS = (8000, 4000, 2000, 1000, 500, 250)
"""Characters of one text: the first with which the texts of all cases stay within the budget."""
BUDGET = 1_200_000
"""Bytes for all texts, escaped: with what stands around them 300 cases stay below 3 MB."""
MOST_ROWS, MOST_OPEN, LINKED = 400, 12, 3
NAME = 90


class Row(NamedTuple):
    """A line of the table of findings."""

    finding: Finding
    word: str
    name: str
    rule: str
    result: str
    extra: str
    n: str
    said: str
    drawing: Drawing | None
    drawn: str
    """What the drawing shows, for those who do not see it."""
    as_judged: bool


class MarkRow(NamedTuple):
    """A mark of a case."""

    metric: str
    kind: Kind
    arrow: str
    before: str | None
    now: str
    reason: str
    fix: str


class CaseCard(NamedTuple):
    """A case on the page."""

    anchor: str
    case: CaseView
    question: pieces.Passage
    before: pieces.Passage | None
    now: pieces.Passage
    context: tuple[pieces.Passage, ...]
    marks: tuple[MarkRow, ...]
    same: tuple[str, ...]
    """Checks that mark both answers alike."""
    tokens: str
    """`check:kind` pairs for the filter, the check by its number."""
    slices: str
    """Numbers of its slices for the filter."""


class Filters(NamedTuple):
    """What the cases can be chosen by."""

    checks: list[str]
    slices: list[str]
    kinds: list[str]


def html(report: Report, language: Language) -> str:
    """Return the page for a report that is masked already."""
    voice = Voice(language)
    decision = report.decision
    style, script = _asset("report.css"), _asset("report.js")
    filters = _filters(report)
    most = _limit(report.cases)
    cards = [_card(number, case, filters, most, voice) for number, case in enumerate(report.cases)]
    anchors = {(card.case.id, card.case.repeat): card.anchor for card in cards}
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            language=language,
            say=voice.said,
            counted=voice.counted,
            voice=voice,
            report=report,
            decision=decision,
            policy=_policy(style, script),
            style=style,
            script=script,
            headline=_headline(decision, voice),
            word=_word(decision, voice),
            lead=lead(decision, voice),
            facts=_facts(report, voice),
            notes=[*filter(None, [about_judges(decision, voice)]), *notes(report, voice)],
            reasons=[(why, _links(why, anchors)) for why in reasons(report, voice)],
            open=[
                (voice.named(key_of(finding), NAME), capital(decided_by(finding, voice)))
                for finding in undecided(decision)[:MOST_OPEN]
            ],
            more_open=max(0, len(undecided(decision)) - MOST_OPEN),
            commands=next_commands(report),
            rows=_rows(decision, voice),
            more_rows=max(0, len(decision.findings) - MOST_ROWS),
            capital=capital,
            aside=any(word_of(finding).islower() for finding in decision.findings),
            note=interval_note(decision, voice),
            drawing={"width": WIDTH, "height": HEIGHT},
            cards=cards,
            filters=filters,
            gaps=[
                (name, voice.whole(counts.total()), gaps(counts, voice))
                for name, counts in unscored(decision).items()
                if counts
            ],
            digest=hashlib.sha256(record_bytes(decision)).hexdigest(),
        )
    )


@cache
def _asset(name: str) -> str:
    return (resources.files("evalgate.reports") / "templates" / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_asset),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Every value that is printed passes here; templates and Markup of our own do not.
        finalize=_finalized,
    )
    environment.filters["code"] = _code
    return environment


def _finalized(value: Any) -> Any:
    return visible(value) if type(value) is str else value


def _code(said: str) -> Any:
    """Return a message of ours with what stands between backticks as code."""
    from markupsafe import Markup, escape

    parts = [escape(part) for part in said.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else p for i, p in enumerate(parts))


def _policy(style: str, script: str) -> str:
    """Return the content policy: nothing may be loaded, and only this very style and script act."""
    hashes = {
        kind: base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        for kind, content in (("style", style), ("script", script))
    }
    allowed = " ".join(f"{kind}-src 'sha256-{value}';" for kind, value in hashes.items())
    return f"default-src 'none'; {allowed} base-uri 'none'; form-action 'none'"


def _headline(decision: Decision, voice: Voice) -> str:
    key = f"advisory.{decision.verdict}" if decision.advisory else decision.verdict
    return voice.said(f"headline.{key}", suite=voice.named(decision.suite), date=decision.policy.advisory_until or "")


def _word(decision: Decision, voice: Voice) -> str:
    said = decision.verdict.upper()
    return voice.said("advisory.would_be", verdict=said) if decision.advisory else said


def _facts(report: Report, voice: Voice) -> list[str]:
    spent = [] if report.spent_usd is None else [voice.money(report.spent_usd)]
    ending = [voice.said("exit", code=report.decision.exit_code), voice.duration(report.wall_s), *spent]
    return [compared(report.decision, voice), *about_run(report, voice), *ending]


def _links(why: Why, anchors: dict[tuple[str, int], str]) -> list[tuple[str, str]]:
    cases = [(shown.case.id, anchors[shown.case.id, shown.case.repeat]) for shown in why.cases]
    return cases[:LINKED]


def _rows(decision: Decision, voice: Voice) -> list[Row]:
    findings = lines_of(decision, voice)[:MOST_ROWS]
    return [
        _row(decision, finding, drawing, voice) for finding, drawing in zip(findings, drawings(findings), strict=True)
    ]


def _row(decision: Decision, finding: Finding, drawing: Drawing | None, voice: Voice) -> Row:
    result = result_of(decision, finding, voice)
    rule = rule_text(finding, voice)
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


def _filters(report: Report) -> Filters:
    gated = list(dict.fromkeys(gate.metric for gate in report.decision.gates))
    marked = dict.fromkeys(mark.metric for case in report.cases for mark in case.marks if kind_of(mark) != "same")
    checks = [metric for metric in gated if metric in marked] + [metric for metric in marked if metric not in gated]
    slices = sorted({f"{name}={value}" for case in report.cases for name, value in case.slices.items()})
    kinds = {kind_of(mark) for case in report.cases for mark in case.marks}
    return Filters(checks, slices, [kind for kind in ARROWS if kind in kinds and kind != "same"])


def _card(number: int, case: CaseView, filters: Filters, most: int, voice: Voice) -> CaseCard:
    told = [mark for mark in case.marks if kind_of(mark) != "same"]
    order = {metric: place for place, metric in enumerate(filters.checks)}
    return CaseCard(
        anchor=f"case-{number}",
        case=case,
        question=pieces.question(case, most),
        before=None if case.before is None else pieces.answer(case, most, now=False),
        now=pieces.answer(case, most, now=True),
        context=pieces.context(case, most),
        marks=tuple(_mark(mark, most, voice) for mark in sorted(told, key=lambda mark: order[mark.metric])),
        same=tuple(mark.metric for mark in case.marks if mark.applies and kind_of(mark) == "same"),
        tokens=" ".join(f"{order[mark.metric]}:{kind_of(mark)}" for mark in told),
        slices=" ".join(str(filters.slices.index(f"{name}={value}")) for name, value in case.slices.items()),
    )


def _mark(mark: MarkPair, most: int, voice: Voice) -> MarkRow:
    kind = kind_of(mark)
    return MarkRow(
        metric=mark.metric,
        kind=kind,
        arrow=ARROWS[kind],
        before=None if mark.before is None else written(mark.before, voice),
        now=written(mark.now, voice),
        reason=because(mark)[:most],
        fix=(getattr(mark.now, "fix", None) or "")[:most],
    )


def _limit(cases: Sequence[CaseView]) -> int:
    """Return how many characters of a text are shown, so that all of them together keep the page light."""
    for most in LIMITS:
        if sum(_weight(text[:most]) for case in cases for text in _texts(case)) <= BUDGET:
            return most
    return LIMITS[-1]


def _texts(case: CaseView) -> Iterable[str]:
    yield from (case.question, case.before or "", case.now, *case.context)
    yield from (because(mark) for mark in case.marks if kind_of(mark) != "same")


def _weight(text: str) -> int:
    """Return the bytes a text takes at most once it is escaped."""
    return len(text.encode("utf-8", "replace")) + 5 * sum(map(text.count, "&<>\"'"))
