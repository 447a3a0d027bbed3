"""`evalgate show`: cases side by side, the question, both answers, every mark with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evalgate.core.outcomes import Mark, NotApplicable, Result
from evalgate.core.reporting import CaseView, MarkPair
from evalgate.reports.inert import visible
from evalgate.reports.masked import masked_cases
from evalgate.reports.messages import Language, Voice
from evalgate.reports.sheet import Piece, Sheet, screen_width, show
from evalgate.reports.story import because, kind_of

ARROWS = {"violation": "✗", "worse": "▼", "better": "▲", "unscored": "?", "same": " "}
STYLE = {"violation": "fail", "worse": "fail", "better": "pass", "unscored": "inconclusive", "same": ""}
OURS = ("holds", "violates")
"""Labels that evalgate's own checks give; all others are the rubric's."""
MOST_LINES = 60
"""Lines of one text; what is longer says how much is left out."""


def print_cases(
    cases: Sequence[CaseView], language: Language, *, flips: str | None = None, by: str | None = None, left_out: int = 0
) -> None:
    """Print cases; `flips` names the check they were chosen by, `by` a slice to group them by."""
    show(cases_sheet(masked_cases(cases), Voice(language), screen_width(), flips=flips, by=by, left_out=left_out))


def cases_sheet(
    cases: Sequence[CaseView],
    voice: Voice,
    width: int,
    *,
    flips: str | None = None,
    by: str | None = None,
    left_out: int = 0,
) -> Sheet:
    """Return the page of cases that are masked already."""
    sheet = Sheet(width)
    if not cases:
        sheet.line(voice.said("cases.no_flips", check=flips) if flips else voice.said("cases.none"))
        return sheet
    if flips:
        sheet.line(Piece(voice.said("cases.flips", check=flips, n=voice.whole(len(cases) + left_out)), "strong"))
    for name, group in _grouped(cases, by):
        if name:
            sheet.heading(f"{name} ({voice.whole(len(group))})")
        for case in group:
            sheet.blank()
            _case(sheet, case, voice, flips)
    if left_out:
        sheet.blank()
        sheet.line(Piece(voice.counted("cases.left_out", left_out), "quiet"))
    return sheet


def _grouped(cases: Sequence[CaseView], by: str | None) -> Iterable[tuple[str, list[CaseView]]]:
    if by is None:
        return [("", list(cases))]
    groups: dict[str, list[CaseView]] = {}
    for case in cases:
        groups.setdefault(f"{by}={case.slices.get(by, '–')}", []).append(case)
    return groups.items()


def _case(sheet: Sheet, case: CaseView, voice: Voice, flips: str | None) -> None:
    where = voice.joined(f"{name}={value}" for name, value in sorted(case.slices.items()))
    repeat = voice.said("case.repeat", n=case.repeat) if case.repeat else ""
    sheet.line(Piece(case.id, "strong"), "  ", Piece(voice.joined([where, repeat]), "quiet"))
    _text(sheet, voice.said("case.question"), case.question, voice)
    for passage in case.context:
        _text(sheet, voice.said("case.context"), passage, voice)
    if case.before is not None:
        _text(sheet, voice.said("case.was"), case.before, voice)
    _text(sheet, voice.said("case.now"), case.now, voice)
    for mark in sorted(case.marks, key=lambda mark: mark.metric != flips):
        _mark(sheet, mark, voice)


def _text(sheet: Sheet, label: str, text: str, voice: Voice) -> None:
    sheet.line("  ", Piece(label, "quiet"))
    lines = visible(text).split("\n")
    for line in lines[:MOST_LINES] if text.strip() else [voice.said("case.no_answer")]:
        sheet.prose(line, indent=4)
    if len(lines) > MOST_LINES:
        sheet.line("    ", Piece(voice.counted("cases.lines_left_out", len(lines) - MOST_LINES), "quiet"))


def _mark(sheet: Sheet, mark: MarkPair, voice: Voice) -> None:
    kind = kind_of(mark)
    said = written(mark.now, voice)
    if mark.before is not None and written(mark.before, voice) != said:
        said = voice.said("result.levels", before=written(mark.before, voice), now=said)
    reason = because(mark)
    told = f" – {reason}" if reason and reason != getattr(mark.now, "label", None) else ""
    sheet.prose(f"{mark.metric}: {said}{told}", indent=4, first=f"  {ARROWS[kind]}", style=STYLE[kind])


def written(result: Result, voice: Voice) -> str:
    """Return a mark as people read it: its score and label, or why there is none."""
    if isinstance(result, NotApplicable):
        return voice.said("mark.not_applicable")
    if not isinstance(result, Mark):
        return voice.said("mark.unscored_why", reason=voice.said(f"unscored.{result.reason}"))
    if result.label in OURS:
        return voice.said(f"mark.{result.label}")
    score = voice.plain(result.value)
    return f"{score} ({result.label})" if result.label else score
