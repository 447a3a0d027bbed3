"""What a finding of the `production` rule was read from, in the pieces that its sentences are made of."""

from __future__ import annotations

from datetime import datetime

from evalgate.core.decisions import Decision, Finding
from evalgate.core.gates import Gate, Production
from evalgate.core.metrics import InProduction
from evalgate.core.production import seen_by
from evalgate.reports.messages import Voice


def seen(decision: Decision, finding: Finding) -> InProduction | None:
    """Return what the finding was read from; None for every other rule."""
    asked = _asked(decision, finding)
    return None if asked is None else seen_by(*asked, decision.evidence)


def span(decision: Decision, finding: Finding, voice: Voice) -> str:
    """Return how much was read, for a cell: `168 windows, 7 days`; empty where nothing was."""
    found = seen(decision, finding)
    if found is None or found.level is None:
        return ""
    said = pieces(decision, finding, voice)
    return voice.said("result.production", windows=said["windows"], days=said["days"])


def pieces(decision: Decision, finding: Finding, voice: Voice) -> dict[str, str]:
    """Return what the sentences name besides the figures."""
    found = seen(decision, finding) or InProduction(metric=finding.metric, days=0)
    return {
        "days": voice.counted("production.days", found.days),
        "windows": voice.counted("production.windows", found.windows),
        "others": voice.counted("production.others", found.other_windows) if found.other_windows else "",
        "silent": voice.counted("production.days", found.silent_days),
        "covered": voice.percent(found.covered, *_coverage(decision, finding)),
        "since": _moment(found.since),
        "until": _moment(found.until),
        "population": voice.whole(found.population),
    }


def _asked(decision: Decision, finding: Finding) -> tuple[Gate, Production] | None:
    """Return the gate and the rule that the finding answers."""
    if finding.rule != "production":
        return None
    asked = (
        (gate, rule)
        for gate in decision.gates
        for rule in gate.rules
        if isinstance(rule, Production) and (gate.metric, rule.floor) == (finding.metric, finding.bound)
    )
    return next(asked, None)


def _coverage(decision: Decision, finding: Finding) -> tuple[float, ...]:
    asked = _asked(decision, finding)
    return () if asked is None else (asked[0].coverage,)


def _moment(at: datetime | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d %H:%M}"
