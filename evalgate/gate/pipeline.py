"""The gate: two arms in, a decision out. The order: look at everything written, then spend, then decide, then keep."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

from evalgate.checks.privacy.masking import Masker
from evalgate.core.checks import JudgedCheck
from evalgate.core.decide import find, worst
from evalgate.core.decisions import Decision
from evalgate.core.evidence import gather
from evalgate.core.gates import Never
from evalgate.core.models import Price
from evalgate.core.pairs import Pairs, pair
from evalgate.core.records import decision_name, record_bytes
from evalgate.core.reporting import Report
from evalgate.gate.cases import MOST_CASES, views, worst_rows
from evalgate.gate.facts import Change, one_judge, outputs_current
from evalgate.gate.looking import look
from evalgate.gate.marking import Arm, Bench, mark_arms
from evalgate.gate.people import people_of
from evalgate.gate.production import Asked, act_of, glass_to_break, in_production, watches, with_glass
from evalgate.gate.sources import FileArm
from evalgate.judges.check import RubricCheck
from evalgate.judges.self_judging import refuse_self_grading
from evalgate.runner.execute import Judging
from evalgate.runner.marking import Marker, Named
from evalgate.runner.ports import Progress
from evalgate.suites.suite import NamedSource

if TYPE_CHECKING:
    from evalgate.core.metrics import Evidence
    from evalgate.gate.stored import Glass, Stored, Watched
    from evalgate.suites.suite import Suite


WRITTEN_BY_HAND = "demo-replies"
"""How the demo's server calls itself: a report of its replies says whose they are."""


class OpenPurse(Protocol):
    """Opens the way to the judges with prices and a spend cap."""

    def __call__(self, prices: Mapping[str, Price], cap_usd: float) -> AbstractAsyncContextManager[Judging]:
        """Return the context in which questions can be asked."""


@dataclass(frozen=True)
class Tools:
    """Everything outside the suite that a gate uses; wiring fills it in."""

    store: Stored
    watched: Watched
    glass: Glass
    masker: Masker
    price_of: Callable[[str, Mapping[str, Price]], Price]
    """Raises WrongAsWritten with the line to add when nobody knows the price."""
    open_judging: OpenPurse
    progress: Progress
    wall: Callable[[], float]
    """A monotonic clock in seconds, for the report only."""
    evalgate: str


@dataclass(frozen=True)
class Job:
    """One suite to decide on."""

    suite: Suite
    today: date
    until: datetime
    """Windows of production that end later are left aside; aware."""
    change: Change
    break_glass: str | None = None
    """Why a change goes in that `production` rules alone would stop."""


def decide_suite(job: Job, tools: Tools) -> Report:
    """Mark both arms, decide, keep the decision, and return its report."""
    started = tools.wall()
    suite = job.suite
    candidate_source, baseline_source, missing = look(suite, tools.store)
    models = [model for source in (candidate_source, baseline_source) if source is not None for model in source.models]
    for name, check in suite.checks.items():
        refuse_self_grading(name, check, models)
    bench = prepare(suite, tools)
    arms = mark_arms(bench, [s for s in (baseline_source, candidate_source) if s is not None])
    candidate, baseline = arms[-1], arms[0] if baseline_source is not None else None
    pairs = None if baseline is None else pair(candidate.columns, baseline.columns)
    facts = [missing, outputs_current(candidate_source.inventory, job.change)]
    facts.append(None if baseline is None else one_judge(candidate, baseline))
    revision = job.change.revision or candidate.source.revision
    asked = Asked(suite.name, suite.gates, job.until, revision)
    evidence = gather(
        suite.gates,
        candidate.columns,
        None if baseline is None else baseline.columns,
        pairs,
        tuple(fact for fact in facts if fact is not None),
        people_of(tools.store, suite.gates, bench.checks, job.today, uncalibrated=suite.uncalibrated),
        in_production(asked, bench.checks, tools.watched, tools.store.baselines),
    )
    decision, decision_id = _decided(job, tools, evidence, candidate, baseline)
    said = () if job.break_glass is None or not watches(suite) else ("glass_not_broken",)
    if job.break_glass is not None and (metrics := glass_to_break(decision)):
        act = act_of(decision, decision_id, metrics, tools.masker.mask(job.break_glass))
        # What is overruled is stored already, and the act stands in the audit before anything is let through.
        evidence, said = with_glass(evidence, act, tools.glass(act)), ()
        decision, decision_id = _decided(job, tools, evidence, candidate, baseline)
    report = _report(decision, decision_id, candidate, baseline, pairs, tools)
    written = suite.data.baseline
    # On the first day there is one thing to do, and only here is the baseline's name known.
    accept: tuple[str, ...] = ()
    if missing is not None and isinstance(written, NamedSource):
        accept = (f"evalgate baseline accept {shlex.quote(written.name)} --first",)
    return report.model_copy(
        update={
            "wall_s": tools.wall() - started,
            "notes": (*said, *notes(suite, job.change, candidate_source, report)),
            "next_commands": accept,
        }
    )


def _decided(job: Job, tools: Tools, evidence: Evidence, candidate: Arm, baseline: Arm | None) -> tuple[Decision, str]:
    """Return what follows from the evidence, and what it is called; it is stored."""
    suite = job.suite
    findings = find(suite.gates, evidence, suite.policy, uncalibrated=suite.uncalibrated)
    until = suite.policy.advisory_until
    judges = candidate.columns.judge_models | (frozenset() if baseline is None else baseline.columns.judge_models)
    decision = Decision(
        suite=suite.name,
        suite_digest=suite.digest,
        candidate=candidate.run_id,
        baseline=None if baseline is None else baseline.run_id,
        candidate_source=candidate.source.name,
        baseline_source=None if baseline is None else baseline.source.name,
        revision=job.change.revision or candidate.source.revision,
        judges=tuple(sorted(judges)),
        verdict=worst(findings),
        advisory=until is not None and job.today <= until,
        findings=findings,
        gates=suite.gates,
        policy=suite.policy,
        uncalibrated=suite.uncalibrated,
        evidence=evidence,
        evalgate=tools.evalgate,
    )
    record = record_bytes(decision)
    decision_id = decision_name(record)
    tools.store.decisions.keep(decision_id, decision, record)
    return decision, decision_id


def prepare(suite: Suite, tools: Tools) -> Bench:
    """Return the bench that marks this suite's arms; refuse unknown prices first."""
    prices: dict[str, Price] = {}
    for check in suite.checks.values():
        if isinstance(check, RubricCheck):
            prices[check.judge] = tools.price_of(check.judge, suite.prices)
    checks = Named.all_of(suite.checks)
    return Bench(
        suite=suite.name,
        checks=checks,
        slices=tuple(suite.data.slices),
        listed=frozenset(gate.metric for gate in suite.gates if any(isinstance(rule, Never) for rule in gate.rules)),
        marker=Marker(checks, tools.masker, tools.store.nonce_key),
        runs=tools.store.runs,
        open_judging=lambda: tools.open_judging(prices, suite.policy.spend_cap_usd),
        progress=tools.progress,
        evalgate=tools.evalgate,
    )


def _report(
    decision: Decision, decision_id: str, candidate: Arm, baseline: Arm | None, pairs: Pairs | None, tools: Tools
) -> Report:
    columns = candidate.columns
    rows = worst_rows(decision.gates, columns, None if baseline is None else baseline.columns, pairs)
    arms = [candidate] if baseline is None else [candidate, baseline]
    return Report(
        decision=decision,
        decision_id=decision_id,
        cases=views(tools.store.runs, candidate, baseline, rows[:MOST_CASES]),
        cases_left_out=max(0, len(rows) - MOST_CASES),
        planned=len(columns),
        pairs=0 if pairs is None else len(pairs.candidate),
        clusters=len(set(columns.clusters.tolist())),
        unmatched_candidate=0 if pairs is None else pairs.unmatched_candidate,
        unmatched_baseline=0 if pairs is None else pairs.unmatched_baseline,
        changed_content=0 if pairs is None else pairs.changed_content,
        outputs_unchanged=0 if pairs is None else pairs.unchanged_outputs,
        calls_answered=sum(arm.totals.answered for arm in arms),
        calls_recalled=sum(arm.totals.recalled for arm in arms),
        spent_usd=max((arm.spent_usd for arm in arms), default=0.0) if decision.judges else None,
    )


def notes(suite: Suite, change: Change, candidate: FileArm, report: Report) -> tuple[str, ...]:
    """Return the keys of the sentences that belong on the first screen of every report."""
    said = []
    if not change.known:
        said.append("age_not_checked")
    if report.unmatched_baseline:
        said.append("baseline_cases_unanswered")
    if report.unmatched_candidate and report.pairs:
        said.append("candidate_cases_new")
    if report.changed_content:
        said.append("content_changed")
    judged = any(isinstance(check, JudgedCheck) for check in suite.checks.values())
    if judged and suite.uncalibrated:
        said.append("uncalibrated")
    if any(judge.startswith(WRITTEN_BY_HAND) for judge in report.decision.judges):
        said.append("replies_by_hand")
    if judged and None in candidate.models:
        said.append("candidate_model_unknown")
    return tuple(said)
