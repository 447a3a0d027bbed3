"""The `production` rule at the gate: what is asked of closed windows, and who may go in all the same."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.gates import Production
from evalgate.core.metrics import BrokenGlass, Evidence, InProduction
from evalgate.core.outcomes import metric_name
from evalgate.gate.facts import same_revision
from evalgate.gate.stored import Act
from evalgate.production.evidence import Question

if TYPE_CHECKING:
    from evalgate.core.decisions import Decision
    from evalgate.core.gates import Gate
    from evalgate.gate.stored import Names, Watched
    from evalgate.runner.marking import Named
    from evalgate.suites.suite import Suite

LONGEST_REASON = 500
AUDITED = "gate.break_glass"
"""The audit's word for the act."""


class Asked(NamedTuple):
    """One suite at one moment, with the revision that would go in."""

    suite: str
    gates: tuple[Gate, ...]
    until: datetime
    revision: str | None


def watches(suite: Suite) -> bool:
    """Say whether any gate of a suite reads production."""
    return any(isinstance(rule, Production) for gate in suite.gates for rule in gate.rules)


def in_production(asked: Asked, checks: Iterable[Named], watched: Watched, accepted: Names) -> tuple[InProduction, ...]:
    """Return what production shows for every `production` rule, each once, and whether the candidate is a rollback."""
    wanted = {(gate.metric, rule.days) for gate in asked.gates for rule in gate.rules if isinstance(rule, Production)}
    if not wanted:
        return ()
    rollback = _rollback(asked, accepted)
    by_metric = {
        metric_name(named.ref.name, criterion): (named, criterion)
        for named in checks
        for criterion in named.check.criteria
    }
    found = []
    for metric, days in sorted(wanted):
        named, criterion = by_metric[metric]
        question = Question(
            suite=asked.suite,
            check=named.ref.name,
            criterion=criterion,
            digest=named.ref.digest,
            metric=metric,
            days=days,
            until=asked.until,
        )
        found.append(watched(question).model_copy(update={"rollback": rollback}))
    return tuple(found)


def glass_to_break(decision: Decision) -> tuple[str, ...]:
    """Return the metrics whose `production` rules alone stop a change; none where it is not stopped, or not by them."""
    stopping = [finding for finding in decision.findings if finding.counted and finding.verdict != "pass"]
    if decision.exit_code == 0 or any(finding.rule != "production" for finding in stopping):
        return ()
    return tuple(sorted({finding.metric for finding in stopping}))


def act_of(decision: Decision, name: str, metrics: tuple[str, ...], reason: str) -> Act:
    """Return the act that overrules a decision, its reason on one line."""
    return Act(suite=decision.suite, decision=name, metrics=metrics, reason=" ".join(reason.split())[:LONGEST_REASON])


def with_glass(evidence: Evidence, act: Act, by: str) -> Evidence:
    """Return the evidence with who let these metrics through."""
    broken = BrokenGlass(by=by, reason=act.reason, decision=act.decision)
    production = tuple(
        one.model_copy(update={"glass": broken}) if one.metric in act.metrics else one for one in evidence.production
    )
    return evidence.model_copy(update={"production": production})


def _rollback(asked: Asked, accepted: Names) -> str | None:
    if asked.revision is None:
        return None
    known = accepted.accepted(asked.suite)
    return next((one.run for one in known if same_revision(one.revision, asked.revision)), None)
