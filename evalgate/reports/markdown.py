"""The comment on a pull request: verdict first, why in one sentence each, the worst flips; always short enough to post.

Names and texts of others stand as inline code in which nothing works: no mention, link, image, HTML, reference, table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from evalgate.core.decisions import Decision, Finding
from evalgate.core.gates import Verdict
from evalgate.core.reporting import Report
from evalgate.reports.findings import (
    as_judged,
    count_of,
    decided_by,
    interval_note,
    key_of,
    result_of,
    rule_text,
    title,
)
from evalgate.reports.messages import Language, Voice, capital
from evalgate.reports.page import lines_of
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

LONGEST = 65_000
"""GitHub takes 65,536 characters; counted here as it may count them, in UTF-16 units."""
SIGNS: dict[Verdict, str] = {"pass": "✅", "fail": "❌", "inconclusive": "❔"}
WORST_FIRST: tuple[Verdict, ...] = ("fail", "inconclusive", "pass")
MOST_ROWS, MOST_REASONS, MOST_CASES = 60, 12, 20
NAME, TEXT = 60, 160
"""Characters of a name, and of a question, an answer or a reason."""
LOOKALIKES = str.maketrans({"`": "ˋ", "|": "∣"})
"""What would end the code or the cell is shown by a sign that looks the same and does nothing."""
NOT_IN_A_MARKER = re.compile(r"[^A-Za-z0-9_.]+")


def code(text: str) -> str:
    r"""Return a text of others, on one line already, as inline code in which nothing works.

    >>> code("@ana see #1 | <img src=x> `rm` ![x](http://x.example)"), code("")
    ('`@ana see #1 ∣ <img src=x> ˋrmˋ ![x](http://x.example)`', '` `')
    """
    inert = text.translate(LOOKALIKES) or " "
    # GitHub reads $`…`$ as mathematics, across code; a space on both sides of code is not shown.
    return f"` {inert} `" if "$" in {inert[0], inert[-1]} else f"`{inert}`"


def markdown(report: Report, language: Language) -> str:
    """Return the comment for a report that is masked already; always shorter than `LONGEST`."""
    voice = Voice(language, code)
    told = reasons(report, voice)
    before = [*_head(report, told, voice), *_table(report.decision, voice)]
    after = [*_open(report.decision, voice), *_next(report, voice), *_small(report, voice)]
    cases = _worst(told)
    for shown in range(min(MOST_CASES, len(cases)), -1, -1):
        left_out = len(cases) - shown + report.cases_left_out * bool(cases)
        text = "\n".join([*before, *_cases(cases[:shown], left_out, voice), *after]) + "\n"
        if units(text) < LONGEST:
            break
    return text


def units(text: str) -> int:
    """Return the length in UTF-16 units, never less than that in characters.

    >>> units("é"), units("🎉")
    (1, 2)
    """
    return len(text.encode("utf-16-le")) // 2


def marker(suite: str) -> str:
    """Return the first line, by which a pipeline finds the comment it wrote before.

    >>> marker("support"), marker("a --> b")
    ('<!-- evalgate:support -->', '<!-- evalgate:a.b -->')
    """
    return f"<!-- evalgate:{NOT_IN_A_MARKER.sub('.', suite)[:NAME]} -->"


def _head(report: Report, told: Sequence[Why], voice: Voice) -> Iterator[str]:
    decision = report.decision
    key = f"advisory.{decision.verdict}" if decision.advisory else decision.verdict
    date = decision.policy.advisory_until or ""
    yield marker(decision.suite)
    yield f"## {SIGNS[decision.verdict]} {voice.said(f'headline.{key}', suite=voice.named(decision.suite), date=date)}"
    yield from ("", f"**{lead(decision, voice)}**")
    if told:
        yield ""
    for why in told[:MOST_REASONS]:
        yield f"- {why.said} {why.more}".rstrip()
    if len(told) > MOST_REASONS:
        yield f"- {voice.counted('findings.more', len(told) - MOST_REASONS)}"
    for note in notes(report, voice):
        yield from ("", f"> {note}")
    yield ""


def _table(decision: Decision, voice: Voice) -> Iterator[str]:
    """Yield the findings, in the gates' order; where there are too many, the worst verdicts stay."""
    heads = [capital(voice.said(f"page.{name}")) for name in ("verdict", "check", "rule", "result")]
    yield f"| {' | '.join([*heads, 'n'])} |"
    yield "|---|---|---|---|---|"
    findings = lines_of(decision, voice)
    ranked = sorted(range(len(findings)), key=lambda place: WORST_FIRST.index(findings[place].verdict))
    kept = sorted(ranked[:MOST_ROWS])
    for place in kept:
        yield _row(decision, findings[place], voice)
    if len(kept) < len(findings):
        yield from ("", voice.counted("findings.more", len(findings) - len(kept)))
    footnote = interval_note(decision, voice)
    if any(as_judged(decision, finding) for finding in findings):
        footnote += f"; † {voice.said('result.as_judged')}"
    yield from ("", f"<sub>{footnote}</sub>", "")


def _row(decision: Decision, finding: Finding, voice: Voice) -> str:
    verdict = f"{SIGNS[finding.verdict]} {voice.said(f'verdict.{finding.verdict}')}"
    if not finding.counted and finding.verdict != "pass":
        verdict = f"{SIGNS[finding.verdict]} ({voice.said(f'verdict.{finding.verdict}').lower()})"
    elif finding.verdict == "fail":
        verdict = f"{SIGNS['fail']} **{voice.said('verdict.fail')}**"
    name = f"… {voice.named(finding.slice)}" if finding.slice else title(finding, voice)
    result = result_of(decision, finding, voice).whole
    if as_judged(decision, finding):
        result += " †"
    return f"| {verdict} | {name} | {rule_text(finding, voice)} | {result} | {count_of(finding, voice)} |"


def _worst(told: Sequence[Why]) -> list[Shown]:
    """Return the cases behind the reasons, the worst of each reason first, no case twice."""
    rounds = max((len(why.cases) for why in told), default=0)
    first: dict[tuple[str, int], Shown] = {}
    for shown in (why.cases[turn] for turn in range(rounds) for why in told if turn < len(why.cases)):
        first.setdefault((shown.case.id, shown.case.repeat), shown)
    return list(first.values())


def _cases(cases: Sequence[Shown], left_out: int, voice: Voice) -> Iterator[str]:
    if not cases and not left_out:
        return
    if cases:
        yield f"<details><summary>{voice.counted('cases.worst', len(cases))}</summary>"
        yield ""
        heads = ("cases.case", "page.check", "case.question", "case.was", "case.now", "case.because")
        yield f"| {' | '.join(capital(voice.said(head)) for head in heads)} |"
        yield "|---|---|---|---|---|---|"
        yield from (_case(shown, voice) for shown in cases)
        yield from ("", "</details>", "")
    if left_out:
        yield from (voice.counted("cases.more", left_out), "")


def _case(shown: Shown, voice: Voice) -> str:
    case, mark = shown
    where = " ".join(voice.named(f"{name}={value}", 40) for name, value in sorted(case.slices.items())[:4])
    before = voice.named(case.before, TEXT) if case.before is not None else voice.said("mark.none")
    told = [voice.named(case.question, TEXT), before, voice.named(case.now, TEXT), voice.named(because(mark), TEXT)]
    return f"| {voice.named(case.id)} {where} | {voice.named(mark.metric)} | {' | '.join(told)} |"


def _open(decision: Decision, voice: Voice) -> Iterator[str]:
    found = undecided(decision)
    if not found:
        return
    yield f"**{voice.said('page.not_decided')}**"
    yield ""
    for finding in found[:MOST_REASONS]:
        yield f"- {voice.named(key_of(finding), 80)}: {decided_by(finding, voice)}"
    if len(found) > MOST_REASONS:
        yield f"- {voice.counted('findings.more', len(found) - MOST_REASONS)}"
    yield ""


def _next(report: Report, voice: Voice) -> Iterator[str]:
    commands = next_commands(report)
    if commands:
        told = " · ".join(voice.named(command, 120) for command in commands)
        yield from (f"**{voice.said('page.next')}:** {told}", "")


def _small(report: Report, voice: Voice) -> Iterator[str]:
    decision = report.decision
    spent = "" if report.spent_usd is None else voice.money(report.spent_usd)
    judges = about_judges(decision, voice)
    facts = [compared(decision, voice), *about_run(report, voice), judges, spent]
    yield f"<sub>{voice.joined([*facts, voice.said('page.decision', name=report.decision_id)])}</sub>"
