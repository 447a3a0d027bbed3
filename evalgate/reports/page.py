"""The console page of a decision: the verdict, one line a rule, why it fails, what is not decided, what to do next."""

from __future__ import annotations

from collections.abc import Sequence

from evalgate.core.decisions import Decision, Finding
from evalgate.core.reporting import Report
from evalgate.reports.findings import (
    advises,
    count_of,
    decided_by,
    interval_note,
    key_of,
    result_of,
    rule_text,
    sentence,
)
from evalgate.reports.inert import one_line
from evalgate.reports.masked import masked
from evalgate.reports.messages import Language, Voice
from evalgate.reports.sheet import Cell, Column, Piece, Sheet, cells, screen_width, shortened, show
from evalgate.reports.story import (
    Shown,
    Why,
    about_judges,
    about_run,
    because,
    compared,
    lead,
    next_commands,
    notes,
    reasons,
    undecided,
)

CASES_EACH, MOST_CASES = 3, 8
"""Cases shown for one reason, and for all of them."""
MOST_OPEN = 8
NAME, RESULT = 28, 60
"""Characters of a name and of a result in the table."""


def print_page(report: Report, language: Language, *, quiet: bool, written: Sequence[str] = ()) -> None:
    """Print a decision's page; `quiet` leaves the verdict line, `written` names the reports that were written."""
    show(page(masked(report), Voice(language), screen_width(), quiet=quiet, written=written))


def page_text(report: Report, language: Language, width: int) -> str:
    """Return a decision's page as plain text."""
    return page(masked(report), Voice(language), width).text


def page(report: Report, voice: Voice, width: int, *, quiet: bool = False, written: Sequence[str] = ()) -> Sheet:
    """Return the page of a report that is masked already."""
    sheet = Sheet(width)
    _verdict(sheet, report, voice)
    if quiet:
        # Whatever is left out, this is not: somebody overruled the gate.
        for finding in report.decision.findings:
            if finding.let_through:
                sheet.prose(sentence(report.decision, finding, voice), style="strong")
        return sheet
    _facts(sheet, report, voice)
    _table(sheet, report.decision, voice)
    _why(sheet, reasons(report, voice), voice)
    _open(sheet, report.decision, voice)
    _next(sheet, report, voice, written)
    return sheet


def _verdict(sheet: Sheet, report: Report, voice: Voice) -> None:
    decision = report.decision
    said = decision.verdict.upper()
    if decision.advisory:
        said = voice.said("advisory.would_be", verdict=said)
    spent = "" if report.spent_usd is None else voice.money(report.spent_usd)
    ending = voice.joined([voice.said("exit", code=decision.exit_code), voice.duration(report.wall_s), spent])
    rest = f"  {one_line(decision.suite, 60)} · {compared(decision, voice)}"
    sheet.ends(Piece(said, decision.verdict), rest, ending)


def _facts(sheet: Sheet, report: Report, voice: Voice) -> None:
    advice = voice.said(f"advice.{report.decision.verdict}")
    sheet.prose(f"{advice} {lead(report.decision, voice)}", style="strong")
    sheet.prose(voice.joined(about_run(report, voice)))
    if judges := about_judges(report.decision, voice):
        sheet.prose(judges)
    for note in notes(report, voice):
        sheet.prose(note, style="quiet")
    sheet.blank()


def _table(sheet: Sheet, decision: Decision, voice: Voice) -> None:
    columns = (
        Column(voice.said("page.verdict")),
        Column(voice.said("page.check"), least=12, gives_way=2),
        Column(voice.said("page.rule"), least=14, gives_way=3),
        Column(voice.said("page.result"), least=22, gives_way=1),
        Column("n", right=True),
    )
    sheet.table(columns, [_line(decision, finding, voice) for finding in lines_of(decision, voice)])
    footnotes = [interval_note(decision, voice)]
    if any(word_of(finding).islower() for finding in decision.findings):
        footnotes.append(voice.said("intervals.not_counted"))
    sheet.prose("; ".join(footnotes), indent=1, style="quiet")


def lines_of(decision: Decision, voice: Voice) -> list[Finding]:
    """Return the findings as lines: where every coverage passes alike, the least covered speaks for all, at the end."""
    coverage = [f for f in decision.findings if f.rule == "coverage"]
    if len(coverage) < 2 or any(f.verdict != "pass" for f in coverage) or len({f.bound for f in coverage}) > 1:
        return list(decision.findings)
    least = min(coverage, key=lambda f: (f.value or 0.0, -f.n))
    others = [finding for finding in decision.findings if finding.rule != "coverage"]
    return [*others, least.model_copy(update={"metric": voice.said("coverage.all")})]


def _line(decision: Decision, finding: Finding, voice: Voice) -> tuple[Cell, ...]:
    sliced = finding.slice is not None
    result = result_of(decision, finding, voice)
    style = finding.verdict if finding.counted or finding.verdict == "pass" else "quiet"
    return (
        Cell(word_of(finding), style),
        Cell(one_line(finding.slice or finding.metric, NAME), indent=2 if sliced else 0),
        Cell("" if sliced else _rule(decision, finding, voice)),
        Cell(one_line(result.figure, RESULT), extra=result.extra),
        Cell(count_of(finding, voice)),
    )


def word_of(finding: Finding) -> str:
    """Return the verdict of a finding; in lower case where it is printed and not counted."""
    counts = finding.counted or finding.verdict == "pass"
    return finding.verdict.upper() if counts else finding.verdict


def _rule(decision: Decision, finding: Finding, voice: Voice) -> str:
    rule = rule_text(finding, voice)
    return voice.said("rule.advisory", rule=rule) if advises(decision, finding) else rule


def _why(sheet: Sheet, told: Sequence[Why], voice: Voice) -> None:
    if not told:
        return
    sheet.heading(voice.said("page.why"))
    left = MOST_CASES
    for number, why in enumerate(told, 1):
        sheet.prose(f"{why.said} {why.more}".strip(), indent=4, first=f" {number}")
        chosen = why.cases[: min(CASES_EACH, left)]
        left -= len(chosen)
        for shown in chosen:
            _case(sheet, shown, voice)
        if more := len(why.cases) - len(chosen):
            sheet.line("    ", Piece(voice.said("why.more_cases", n=voice.whole(more)), "quiet"))


def _case(sheet: Sheet, shown: Shown, voice: Voice) -> None:
    case, mark = shown
    where = " · ".join(f"{name}={value}" for name, value in sorted(case.slices.items()))
    head = shortened(one_line(f"{case.id} ({where})" if where else case.id), sheet.width // 2)
    labels = [voice.said(f"case.{key}") for key in ("was", "now", "because")]
    wide = max(map(len, labels)) + 2
    room = sheet.width - 6
    sheet.line("    ", Piece(head, "strong"), "  ", quoted(case.question, sheet.width - 6 - cells(head)))
    told = [(labels[1], quoted(case.now, room - wide))]
    if case.before is not None:
        told.insert(0, (labels[0], quoted(case.before, room - wide)))
    if reason := one_line(because(mark), max(20, room - wide)):
        told.append((labels[2], reason))
    for label, text in told:
        sheet.line("      ", Piece(label.ljust(wide), "quiet"), text)


def quoted(text: str, most: int) -> str:
    """Return a text on one line in quotation marks, at most so many cells wide."""
    return f"“{shortened(one_line(text), max(20, most - 2))}”"


def _open(sheet: Sheet, decision: Decision, voice: Voice) -> None:
    found = undecided(decision)
    if not found:
        return
    sheet.heading(voice.said("page.not_decided"))
    for finding in found[:MOST_OPEN]:
        name = one_line(key_of(finding), 60)
        sheet.prose(f"{name}: {decided_by(finding, voice)}", indent=3, first=" ")
    if (more := len(found) - MOST_OPEN) > 0:
        sheet.line("   ", Piece(voice.said("why.more_cases", n=voice.whole(more)), "quiet"))


def _next(sheet: Sheet, report: Report, voice: Voice, written: Sequence[str]) -> None:
    commands = next_commands(report)
    if commands or written:
        sheet.heading(voice.said("page.next"))
    for command in commands:
        sheet.line(f"   {one_line(command)}")
    for path in written:
        sheet.line("   ", Piece(voice.said("page.report"), "quiet"), f" {one_line(path)}")
    sheet.blank()
    sheet.line(Piece(voice.said("page.decision", name=report.decision_id), "quiet"))
