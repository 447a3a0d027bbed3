"""`evalgate explain`: what a rule demands, what was measured, how the bound was found, how the verdict follows."""

from __future__ import annotations

from collections.abc import Mapping

from evalgate.core.decisions import Decision, Finding
from evalgate.core.errors import WrongAsWritten, did_you_mean
from evalgate.reports import in_production
from evalgate.reports.findings import (
    CHANGES,
    UNKNOWN_IN_PRODUCTION,
    advises,
    as_judged,
    decided_by,
    key_of,
    levels_of,
    metric_of,
    result_of,
    sentence,
    subject,
    tripwire_of,
)
from evalgate.reports.inert import one_line
from evalgate.reports.masked import masked_decision
from evalgate.reports.messages import Language, Voice, capital
from evalgate.reports.page import word_of
from evalgate.reports.sheet import Piece, Sheet, screen_width, show
from evalgate.reports.story import gaps, unscored

MOST_IDS = 12
UNFOLLOWED = {"too_few", "not_visible", *UNKNOWN_IN_PRODUCTION}
"""States whose bounds decide nothing."""
INDENT = 4


def print_explanation(decision: Decision, finding: str, language: Language) -> None:
    """Print why a finding, or every finding of a check, is what it is; raise WrongAsWritten for a name nobody has."""
    show(explanation(masked_decision(decision), finding, Voice(language), screen_width()))


def explanation_text(decision: Decision, finding: str, language: Language, width: int) -> str:
    """Return the explanation as plain text."""
    return explanation(masked_decision(decision), finding, Voice(language), width).text


def explanation(decision: Decision, name: str, voice: Voice, width: int) -> Sheet:
    """Return the explanation of every finding that a name means."""
    sheet = Sheet(width)
    for finding in named(decision, name):
        sheet.blank()
        _finding(sheet, decision, finding, voice)
    sheet.blank()
    sheet.line(Piece(voice.said("explain.more"), "quiet"))
    return sheet


def named(decision: Decision, name: str) -> list[Finding]:
    """Return the findings that a name means: one of them, all of a rule, or all of a check or fact."""
    wanted = name.replace(" [", "[").strip()
    for names in (key_of, lambda finding: finding.gate, lambda finding: finding.metric):
        found = [finding for finding in decision.findings if names(finding) == wanted]
        if found:
            return found
    known = list(dict.fromkeys([f.metric for f in decision.findings] + [key_of(f) for f in decision.findings]))
    hint = did_you_mean(name, known) or f" It has: {', '.join(known)}"
    message = f"this decision has no finding {name!r}.{hint}"
    raise WrongAsWritten(message)


def _finding(sheet: Sheet, decision: Decision, finding: Finding, voice: Voice) -> None:
    style = finding.verdict if finding.counted else "quiet"
    sheet.line(Piece(word_of(finding), style), "  ", Piece(one_line(key_of(finding)), "strong"))
    parts = {
        "demands": _demands(decision, finding, voice),
        "measured": _measured(decision, finding, voice),
        "bound": _method(finding, voice),
        "verdict": _follows(decision, finding, voice),
        "change": _would_change(finding, voice),
    }
    for part, said in parts.items():
        if said:
            sheet.line("  ", Piece(voice.said(f"explain.{part}"), "quiet"))
            sheet.prose(said, indent=INDENT)


def _demands(decision: Decision, finding: Finding, voice: Voice) -> str:
    scope = f".{finding.detail or 'any'}" if finding.rule == "never" else ""
    written = voice.points if finding.rule in CHANGES else voice.demanded
    bound = "" if finding.bound is None else written(finding.bound)
    said = voice.said(f"explain.demands.{finding.rule}{scope}", what=subject(finding, voice), bound=bound)
    if finding.counted or finding.let_through:
        return said
    return f"{said} {voice.said('explain.advisory' if advises(decision, finding) else 'explain.slice_not_counted')}"


def _measured(decision: Decision, finding: Finding, voice: Voice) -> str:
    result = result_of(decision, finding, voice)
    said = [f"{capital(result.whole)}."]
    if finding.rule not in {"coverage", "fact"}:
        said.append(voice.said("explain.counts", n=voice.whole(finding.n), planned=voice.whole(finding.planned)))
    if finding.unscored:
        said.append(_gaps(decision, finding, voice))
    if finding.not_applicable:
        said.append(voice.counted("explain.not_applicable", finding.not_applicable))
    if finding.clusters and finding.clusters != finding.n and finding.rule != "coverage":
        effective = voice.whole(round(finding.effective_clusters))
        said.append(voice.counted("explain.clusters", finding.clusters, effective=effective))
    if (read := in_production.seen(decision, finding)) is not None and read.level is not None:
        said.append(voice.said("explain.production", **in_production.pieces(decision, finding, voice)))
    metric = metric_of(decision, finding)
    if metric is not None and finding.rule in CHANGES:
        said.append(voice.said("why.moved", lost=voice.whole(metric.lost), gained=voice.whole(metric.gained)))
    wire = tripwire_of(decision, finding)
    if wire is not None and wire.cases:
        ids = ", ".join(one_line(case, 40) for case in wire.cases[:MOST_IDS])
        said.append(voice.said("explain.cases", ids=ids + (" …" if len(wire.cases) > MOST_IDS else "")))
    if as_judged(decision, finding):
        said.append(voice.said("explain.as_judged"))
    return " ".join(said)


def _gaps(decision: Decision, finding: Finding, voice: Voice) -> str:
    missing: Mapping[str, int] = unscored(decision).get(finding.metric, {})
    if (read := in_production.seen(decision, finding)) is not None:
        missing = {} if read.level is None else read.level.unscored
    return voice.counted("explain.unscored", finding.unscored, reasons=gaps(missing, voice))


def _method(finding: Finding, voice: Voice) -> str:
    """Return how the bound was found: the method's parts, one sentence each."""
    if not finding.method:
        return ""
    said = [voice.said(f"method.{part}") for part in parts_of(finding.method)]
    if (levels := levels_of(finding)) is not None:
        passes, fails = levels
        key = "method.holm" if fails < passes else "method.level"
        said.append(voice.said(key, passes=voice.demanded(passes), fails=voice.percent(fails)))
    return " ".join(said)


def parts_of(method: str) -> list[str]:
    """Return the parts of a method's name that are explained apart.

    >>> parts_of("t-clustered-guarded"), parts_of("clopper-pearson")
    (['t', 'clustered', 'guarded'], ['clopper-pearson'])
    """
    return method.split("-") if method.startswith("t-") else [method]


def _follows(decision: Decision, finding: Finding, voice: Voice) -> str:
    said = sentence(decision, finding, voice)
    if finding.rule not in {*CHANGES, "at_least", "at_most", "production"} or finding.state in UNFOLLOWED:
        return said
    if finding.let_through:
        return said
    side = "high" if finding.rule == "at_most" else "low"
    return f"{said} {voice.said(f'explain.follows.{finding.verdict}.{side}')}"


def _would_change(finding: Finding, voice: Voice) -> str:
    if finding.verdict == "inconclusive" and not finding.let_through:
        return f"{capital(decided_by(finding, voice))}."
    if finding.rule in {"coverage", "fact"}:
        return ""
    rule = f"{finding.rule}." if finding.rule in {"never", "production"} else ""
    verdict = "pass" if finding.verdict == "pass" else "fail"
    return voice.said(f"explain.change.{rule}{verdict}")
