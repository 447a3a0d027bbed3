"""From evidence to a decision: every rule against its bound, Holm over the fail tests, the worst verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from evalgate.core.decisions import Finding, MoreCases, State
from evalgate.core.estimates import p_below
from evalgate.core.gates import (
    AtLeast,
    AtMost,
    BetterThanBaseline,
    Gate,
    Never,
    NoWorseThan,
    Policy,
    Production,
    Rule,
    Verdict,
)
from evalgate.core.measured import Sight, agreement, as_measured, mirrored, narrowed, scores_needed
from evalgate.core.metrics import Evidence, Fact, Holds, InProduction, Metric, Tripwire
from evalgate.core.production import held, let_through, seen_by
from evalgate.core.statistics.binary import never_upper
from evalgate.core.statistics.holm import holm
from evalgate.core.statistics.planning import cases_to_settle, detectable_margin, more_cases, smallest_tied_margin
from evalgate.core.statistics.tails import Bounds
from evalgate.core.statistics.verdicts import FEWEST_CLUSTERS, FEWEST_EFFECTIVE_CLUSTERS, against, change_state

FEWEST_IN_SLICE = 20

IntervalRule = AtLeast | AtMost | NoWorseThan | BetterThanBaseline


class Trial(NamedTuple):
    """One interval-based fail test: a rule on a metric, before Holm gives it its level."""

    gate: Gate
    rule: IntervalRule
    metric: Metric
    bound: float
    """What the metric must stand at or above, on the metric's own scale."""
    margin: float
    """Of `no_worse_than`: the margin, or what a judge's errors leave of it."""

    @property
    def sight(self) -> Sight:
        """How this gate looks at the metric."""
        return Sight(self.metric, self.gate.corrected)

    @property
    def visible(self) -> bool:
        """Whether there is enough to test; decided by n and clusters alone, never by the scores."""
        estimate = self.metric.estimate
        if self.metric.slice is not None and self.gate.require == "no_fail" and estimate.n < FEWEST_IN_SLICE:
            return False
        return (
            estimate.n > 0
            and estimate.clusters >= FEWEST_CLUSTERS
            and (exact(self.metric) or enough_clusters(self.metric))
        )


def exact(metric: Metric) -> bool:
    """Say whether the bound has a finite-sample guarantee at any n."""
    return metric.estimate.method == "clopper-pearson"


def enough_clusters(metric: Metric) -> bool:
    """Say whether there are enough effective clusters for an approximate bound."""
    return metric.estimate.effective_clusters >= FEWEST_EFFECTIVE_CLUSTERS


def find(gates: Sequence[Gate], evidence: Evidence, policy: Policy, *, uncalibrated: bool) -> tuple[Finding, ...]:
    """Return a finding for every rule, slice, coverage and fact, in the gates' order.

    `uncalibrated` says that the suite counts judges which people have not measured.
    """
    trials = list(_trials(gates, evidence, uncalibrated=uncalibrated))
    tested = [trial for trial in trials if trial.visible and not trial.gate.advisory]
    steps = holm([_p(trial) for trial in tested], policy.alpha)
    levels = {id(trial): step.level for trial, step in zip(tested, steps, strict=True)}
    findings: list[Finding] = []
    for gate in gates:
        mine: list[Finding] = []
        for rule in gate.rules:
            if isinstance(rule, Never):
                found = [_tripwire(gate, rule, t, policy) for t in evidence.tripwires if _reads(gate, rule, t)]
            elif isinstance(rule, Production):
                found = [_production(gate, rule, evidence, policy, uncalibrated=uncalibrated)]
            else:
                tried = (trial for trial in trials if trial.gate is gate and trial.rule is rule)
                found = [_interval(trial, levels.get(id(trial), policy.alpha), policy) for trial in tried]
            mine += found or [_unmeasured(gate, rule)]
        findings += [as_measured(finding, gate, evidence, uncalibrated=uncalibrated) for finding in mine]
        if not all(isinstance(rule, Production) for rule in gate.rules):
            findings.append(_coverage(gate, evidence))
        findings += filter(None, [agreement(gate, evidence)])
    return (*findings, *(_fact(fact) for fact in evidence.facts))


def worst(findings: Iterable[Finding]) -> Verdict:
    """Return fail if any counted finding fails, else inconclusive if any is or none is counted, else pass.

    With nothing else to count, what was let through is a pass.
    """
    found = tuple(findings)
    verdicts = {finding.verdict for finding in found if finding.counted}
    order: tuple[Verdict, ...] = ("fail", "inconclusive", "pass")
    nothing: Verdict = "pass" if any(finding.let_through for finding in found) else "inconclusive"
    return next((verdict for verdict in order if verdict in verdicts), nothing)


def _p(trial: Trial) -> float:
    """Return the p of "the truth is the bound or more", every unscored outcome at its best end."""
    metric = trial.metric
    if not trial.gate.corrected or metric.corrected is None:
        return p_below(metric.highest, trial.bound)
    return p_below(metric.corrected, trial.bound - (metric.highest.point - metric.estimate.point))


def _trials(gates: Sequence[Gate], evidence: Evidence, *, uncalibrated: bool) -> Iterable[Trial]:
    for gate in gates:
        for rule in gate.rules:
            if isinstance(rule, Never | Production):
                continue
            for metric in evidence.metrics:
                if metric.name == gate.metric and _asks(rule, metric) and _in_slices(gate, metric.slice):
                    share = narrowed(rule, gate, metric, evidence, uncalibrated=uncalibrated)
                    margin = rule.margin * share if isinstance(rule, NoWorseThan) else 0.0
                    yield Trial(gate, rule, metric, -margin if margin else _bound(rule), margin)


def _asks(rule: IntervalRule, metric: Metric) -> bool:
    if isinstance(rule, NoWorseThan):
        return metric.of == "change" and metric.margin == rule.margin
    if isinstance(rule, BetterThanBaseline):
        return metric.of == "change" and metric.margin is None
    return metric.of == "level"


def _in_slices(gate: Gate, slice_name: str | None) -> bool:
    return slice_name is None or slice_name.partition("=")[0] in gate.by


def _bound(rule: IntervalRule) -> float:
    if isinstance(rule, NoWorseThan):
        return -rule.margin
    if isinstance(rule, AtLeast):
        return rule.floor
    # A rate of violations at most r is a clean share of at least 1 - r: one bound, one comparison.
    return 1 - rule.rate if isinstance(rule, AtMost) else 0.0


def _interval(trial: Trial, level: float, policy: Policy) -> Finding:
    gate, rule, metric, bound, margin = trial
    sight = trial.sight
    low = sight.low(policy.alpha)
    if low >= bound:
        # Nothing is left to fail: the upper bound decides no verdict, only which pass it is, at the level of the lower.
        level = policy.alpha
    high = sight.high(level)
    verdict = against(bound, low, high)
    state = _state(rule, margin, low, high, verdict)
    seen = metric.estimate.bounds(policy.alpha)
    needed = None
    if not trial.visible:
        small_slice = metric.slice is not None and gate.require == "no_fail"
        verdict, state = "inconclusive", "not_visible" if small_slice else "too_few"
    elif sight.doubt is not None:
        verdict, state = "inconclusive", "few_labels"
    elif verdict == "inconclusive" and not gate.corrected and _decided(seen, metric, bound, level):
        state, needed = "unscored_decides", scores_needed(metric, bound, level, policy.alpha)
    shown, alphas = (sight.point, low, high), (policy.alpha, level)
    beside = sight.beside(policy.alpha)
    if isinstance(rule, AtMost):
        beside = None if beside is None else mirrored(beside)
        # The share of violations is the mirror of the clean share: its bounds, and their levels, change sides.
        shown, alphas = (1 - shown[0], 1 - high, 1 - low), (level, policy.alpha)
    measured = metric.estimate.n > 0
    return Finding(
        gate=f"{gate.metric}.{rule.kind}",
        metric=gate.metric,
        rule=rule.kind,
        slice=metric.slice,
        verdict=verdict,
        counted=_counted(gate, metric.slice, verdict),
        state=state,
        bound=_written(rule),
        value=shown[0] if measured else None,
        low=shown[1] if measured else None,
        high=shown[2] if measured else None,
        alpha_low=alphas[0],
        alpha_high=alphas[1],
        n=metric.scored,
        clusters=metric.estimate.clusters,
        effective_clusters=metric.estimate.effective_clusters,
        method=sight.method,
        planned=metric.planned,
        unscored=metric.planned - metric.scored,
        not_applicable=metric.not_applicable,
        beside=beside,
        detail=sight.doubt or "",
        hits=round(metric.estimate.n * shown[0]) if isinstance(rule, AtMost) and measured else None,
        visible_drop=_visible_drop(metric) if state == "not_visible" and measured else None,
        more=_more(metric, rule, bound) if verdict == "inconclusive" and measured and not gate.corrected else None,
        scores_needed=needed,
    )


def _production(gate: Gate, rule: Production, evidence: Evidence, policy: Policy, *, uncalibrated: bool) -> Finding:
    seen = seen_by(gate, rule, evidence)
    measured = as_measured(held(gate, rule, seen, policy), gate, evidence, uncalibrated=uncalibrated)
    return let_through(measured, seen, better=_better(gate, seen, evidence, policy, uncalibrated=uncalibrated))


def _better(gate: Gate, seen: InProduction | None, evidence: Evidence, policy: Policy, *, uncalibrated: bool) -> bool:
    """Say whether the candidate passes `better_than_baseline` in this metric, whether or not the suite demands it."""
    if seen is None or seen.improvement is None:
        return False
    trial = Trial(gate, BetterThanBaseline(), seen.improvement, 0.0, 0.0)
    found = as_measured(_interval(trial, policy.alpha, policy), gate, evidence, uncalibrated=uncalibrated)
    return found.verdict == "pass"


def _decided(seen: Bounds, metric: Metric, bound: float, level: float) -> bool:
    """Say whether what was scored would decide alone."""
    return against(bound, seen.low, metric.estimate.bounds(level).high) != "inconclusive"


def _visible_drop(metric: Metric) -> float:
    estimate = metric.estimate
    return min(1.0, max(detectable_margin(estimate.sd, estimate.n), smallest_tied_margin(estimate.clusters)))


def _state(rule: IntervalRule, margin: float, low: float, high: float, verdict: Verdict) -> State:
    if isinstance(rule, NoWorseThan):
        return change_state(low, high, margin)
    if isinstance(rule, BetterThanBaseline):
        named: dict[Verdict, State] = {"pass": "better", "fail": "worse_beyond_margin", "inconclusive": "unclear"}
    elif isinstance(rule, AtLeast):
        named = {"pass": "above_floor", "fail": "below_floor", "inconclusive": "unclear"}
    else:
        named = {"pass": "within_rate", "fail": "beyond_rate", "inconclusive": "unclear"}
    return named[verdict]


def _written(rule: IntervalRule) -> float:
    if isinstance(rule, NoWorseThan):
        return rule.margin
    if isinstance(rule, AtLeast):
        return rule.floor
    return rule.rate if isinstance(rule, AtMost) else 0.0


def _counted(gate: Gate, slice_name: str | None, verdict: Verdict) -> bool:
    if gate.advisory:
        return False
    return slice_name is None or gate.require == "each" or verdict == "fail"


def _more(metric: Metric, rule: IntervalRule, bound: float) -> MoreCases:
    if isinstance(rule, NoWorseThan):
        needed = more_cases(metric.estimate, rule.margin)
        return MoreCases(if_unchanged=needed.if_unchanged, if_real=needed.if_real)
    # A floor knows no "unchanged": only what was observed can be taken for real.
    return MoreCases(if_unchanged=None, if_real=cases_to_settle(metric.estimate, bound))


def _reads(gate: Gate, rule: Never, tripwire: Tripwire) -> bool:
    return tripwire.name == gate.metric and (tripwire.new is not None) == (rule.scope == "new")


def _unmeasured(gate: Gate, rule: Rule) -> Finding:
    return Finding(
        gate=f"{gate.metric}.{rule.kind}",
        metric=gate.metric,
        rule=rule.kind,
        verdict="inconclusive",
        counted=not gate.advisory,
        state="too_few",
    )


def _tripwire(gate: Gate, rule: Never, wire: Tripwire, policy: Policy) -> Finding:
    hits = wire.hits if wire.new is None else wire.new
    verdict: Verdict
    state: State
    if hits and wire.annotator in {"llm", "classifier"}:
        verdict, state = "inconclusive", "unconfirmed"
    elif hits:
        verdict, state = "fail", "violations"
    elif wire.scored == 0:
        verdict, state = "inconclusive", "too_few"
    elif wire.scored < wire.planned:
        verdict, state = "inconclusive", "unscored_decides"
    else:
        verdict, state = "pass", "clean"
    return Finding(
        gate=f"{gate.metric}.never",
        metric=gate.metric,
        rule="never",
        verdict=verdict,
        counted=not gate.advisory,
        state=state,
        value=float(hits),
        high=never_upper(wire.clusters_hit, wire.clusters, policy.alpha) if wire.clusters else None,
        alpha_high=policy.alpha,
        n=wire.scored,
        clusters=wire.clusters,
        effective_clusters=float(wire.clusters),
        method="clopper-pearson",
        planned=wire.planned,
        unscored=wire.planned - wire.scored,
        not_applicable=wire.not_applicable,
        hits=hits,
        scores_needed=wire.planned - wire.scored if state == "unscored_decides" else None,
        detail=rule.scope,
    )


def _coverage(gate: Gate, evidence: Evidence) -> Finding:
    """The least covered of what this gate's rules read, on all cases."""
    read: list[tuple[int, int, int]] = [
        (m.scored, m.planned, m.not_applicable) for m in evidence.metrics if m.name == gate.metric and m.slice is None
    ]
    read += [(w.scored, w.planned, w.not_applicable) for w in evidence.tripwires if w.name == gate.metric]
    scored, planned, not_applicable = min(read, key=lambda r: r[0] / r[1] if r[1] else 0.0, default=(0, 0, 0))
    share = scored / planned if planned else 0.0
    covered = planned > 0 and share >= gate.coverage
    state: State = "covered" if covered else "too_few" if planned == 0 else "coverage_short"
    return Finding(
        gate=f"{gate.metric}.coverage",
        metric=gate.metric,
        rule="coverage",
        verdict="pass" if covered else "inconclusive",
        counted=not gate.advisory,
        state=state,
        bound=gate.coverage,
        value=share,
        n=scored,
        planned=planned,
        unscored=planned - scored,
        not_applicable=not_applicable,
        method="census",
    )


def _fact(fact: Fact) -> Finding:
    verdicts: dict[Holds, Verdict] = {"yes": "pass", "no": fact.otherwise, "unknown": "inconclusive"}
    states: dict[Holds, State] = {"yes": "holds", "no": "does_not_hold", "unknown": "not_known"}
    return Finding(
        gate=f"fact.{fact.name}",
        metric=fact.name,
        rule="fact",
        verdict=verdicts[fact.holds],
        state=states[fact.holds],
        detail=fact.detail,
    )
