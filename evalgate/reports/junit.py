"""JUnit XML: one suite, one entry a finding. Only a pass is green; what does not count is skipped, with its reason."""

from __future__ import annotations

import re
from typing import Literal
from xml.etree import ElementTree as ET

from evalgate.core.decisions import Decision, Finding
from evalgate.core.reporting import Report
from evalgate.reports.findings import decided_by, interval_note, result_of, rule_text, sentence
from evalgate.reports.inert import one_line, visible
from evalgate.reports.messages import Language, Voice
from evalgate.reports.story import because, cases_behind, compared

Outcome = Literal["failure", "error", "skipped"]

ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry in any form."""
ENTRY = "test" + "case"
"""JUnit's word for an entry, in two pieces because it is none of ours."""
MOST_CASES = 5
TEXT = 200


def junit(report: Report, language: Language) -> str:
    """Return the XML for a report that is masked already."""
    voice = Voice(language)
    decision = report.decision
    outcomes = [outcome_of(decision, finding) for finding in decision.findings]
    totals = {
        "name": text(decision.suite),
        "tests": str(len(outcomes)),
        "failures": str(outcomes.count("failure")),
        "errors": str(outcomes.count("error")),
        "skipped": str(outcomes.count("skipped")),
        "time": f"{report.wall_s:.3f}",
    }
    root = ET.Element("testsuites", {**totals, "name": "evalgate"})
    suite = ET.SubElement(root, "testsuite", totals)
    _properties(suite, report, voice)
    for finding, outcome in zip(decision.findings, outcomes, strict=True):
        _entry(suite, report, finding, outcome, voice)
    said = ET.SubElement(suite, "system-out")
    said.text = text(f"{compared(decision, voice)}\n{interval_note(decision, voice)}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def outcome_of(decision: Decision, finding: Finding) -> Outcome | None:
    """Return what a finding is to a CI server; None is green."""
    if finding.verdict == "pass":
        return None
    if decision.advisory or not finding.counted:
        return "skipped"
    return "failure" if finding.verdict == "fail" else "error"


def text(written: str, most: int | None = None) -> str:
    r"""Return a text that XML can carry.

    >>> text("a\x00b\ufffe")
    'a‹U+0000›b‹U+FFFE›'
    """
    return ILLEGAL.sub("", visible(written) if most is None else one_line(written, most))


def _properties(suite: ET.Element, report: Report, voice: Voice) -> None:
    decision = report.decision
    told = {
        "decision": report.decision_id,
        "verdict": decision.verdict,
        "exit_code": str(decision.exit_code),
        "candidate": decision.candidate_source,
        "baseline": decision.baseline_source or voice.said("no_baseline"),
        "revision": decision.revision or "",
        "judges": ", ".join(decision.judges),
        "evalgate": decision.evalgate,
    }
    properties = ET.SubElement(suite, "properties")
    for name, value in told.items():
        ET.SubElement(properties, "property", {"name": name, "value": text(value, TEXT)})


def _entry(suite: ET.Element, report: Report, finding: Finding, outcome: Outcome | None, voice: Voice) -> None:
    decision = report.decision
    name = f"{finding.gate} [{finding.slice}]" if finding.slice else finding.gate
    entry = ET.SubElement(
        suite, ENTRY, {"classname": text(decision.suite, TEXT), "name": text(name, TEXT), "time": "0"}
    )
    if outcome is None:
        return
    said = sentence(decision, finding, voice)
    if decision.advisory:
        said = f"{voice.said('advisory.would_be', verdict=finding.verdict.upper())}: {said}"
    element = ET.SubElement(entry, outcome, {"message": text(said, 500)})
    if outcome != "skipped":
        element.set("type", finding.state)
        element.text = text("\n".join(_body(report, finding, voice)))


def _body(report: Report, finding: Finding, voice: Voice) -> list[str]:
    lines = [f"{rule_text(finding, voice)}: {result_of(report.decision, finding, voice).whole}"]
    if finding.verdict == "inconclusive":
        lines.append(decided_by(finding, voice))
    for shown in cases_behind(report, finding)[:MOST_CASES]:
        question, now = one_line(shown.case.question, TEXT), one_line(shown.case.now, TEXT)
        lines.append(f"{one_line(shown.case.id, 60)}: “{question}” → “{now}”")
        if reason := one_line(because(shown.mark), TEXT):
            lines.append(f"  {reason}")
    return lines
