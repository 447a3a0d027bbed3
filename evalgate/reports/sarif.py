"""SARIF 2.1.0: one result a finding that fails or stays open and counts, for tools that read code-scanning results."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from evalgate.core.decisions import Decision, Finding
from evalgate.core.reporting import Report
from evalgate.core.values import canonical, digest
from evalgate.reports.findings import decided_by, key_of, rule_text, sentence
from evalgate.reports.inert import one_line
from evalgate.reports.messages import Language, Voice

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LONGEST = 1000
LEVELS = {"fail": "error", "inconclusive": "warning"}


def sarif(report: Report, language: Language) -> str:
    """Return the log for a report that is masked already."""
    voice = Voice(language)
    decision = report.decision
    told = [f for f in decision.findings if f.let_through or (f.counted and f.verdict != "pass")]
    rules = list(dict.fromkeys(finding.gate for finding in decision.findings))
    described = {finding.gate: rule_text(finding, voice) for finding in reversed(decision.findings)}
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "evalgate",
                        "version": decision.evalgate,
                        "rules": [_rule(gate, described[gate]) for gate in rules],
                    }
                },
                "automationDetails": {"id": f"evalgate/{quote(decision.suite, safe='')}/"},
                "invocations": [{"executionSuccessful": True, "exitCode": decision.exit_code}],
                "results": [_result(decision, finding, rules.index(finding.gate), voice) for finding in told],
                "properties": {
                    "decision": report.decision_id,
                    "verdict": decision.verdict,
                    "advisory": decision.advisory,
                },
            }
        ],
    }
    return canonical(log).decode() + "\n"


def _rule(gate: str, said: str) -> dict[str, Any]:
    name = one_line(gate, LONGEST)
    return {"id": name, "shortDescription": {"text": f"{name}: {one_line(said, LONGEST)}"}}


def _result(decision: Decision, finding: Finding, index: int, voice: Voice) -> dict[str, Any]:
    said = sentence(decision, finding, voice)
    if finding.verdict == "inconclusive" and not finding.let_through:
        said = f"{said} {decided_by(finding, voice)}."
    name = one_line(key_of(finding), LONGEST)
    source = decision.candidate_source
    return {
        "ruleId": one_line(finding.gate, LONGEST),
        "ruleIndex": index,
        # While advisory nothing may stop a deploy, here neither.
        "level": "note" if decision.advisory or finding.let_through else LEVELS[finding.verdict],
        "message": {"text": one_line(said, LONGEST)},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": quote(source, safe="/")}, "region": {"startLine": 1}},
                "logicalLocations": [{"fullyQualifiedName": f"{one_line(decision.suite, 60)}/{name}"}],
            }
        ],
        "partialFingerprints": {"evalgateFinding/v1": digest([decision.suite, finding.gate, finding.slice])},
        "properties": {
            "state": finding.state,
            "n": finding.n,
            "value": finding.value,
            "low": finding.low,
            "high": finding.high,
        },
    }
