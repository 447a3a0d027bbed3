"""The `production` rule: pooled closed windows against a floor, and what lets a change through all the same."""

from __future__ import annotations

from evalgate.core.decisions import Finding, MoreCases, State
from evalgate.core.gates import Gate, Policy, Production, Verdict
from evalgate.core.measured import Sight, scores_needed
from evalgate.core.metrics import Evidence, InProduction, Metric
from evalgate.core.sampled import Sampled
from evalgate.core.statistics.planning import cases_to_settle
from evalgate.core.statistics.verdicts import against


def seen_by(gate: Gate, rule: Production, evidence: Evidence) -> InProduction | None:
    """Return what the rule reads."""
    asked = (gate.metric, rule.days)
    return next((one for one in evidence.production if (one.metric, one.days) == asked), None)


def held(gate: Gate, rule: Production, seen: InProduction | None, policy: Policy) -> Finding:
    """Return the finding on what production shows: pass L ≥ floor, fail U < floor, each at alpha, else inconclusive.

    No window, too few of them, too long a silence, too small a sample, suspect weights: inconclusive.
    """
    level = None if seen is None else seen.level
    said = Finding(
        gate=f"{gate.metric}.production",
        metric=gate.metric,
        rule="production",
        verdict="inconclusive",
        counted=not gate.advisory,
        state="no_windows",
        bound=rule.floor,
    )
    if seen is None or level is None:
        return said
    sight = Sight(level, gate.corrected)
    low, high = sight.low(policy.alpha), sight.high(policy.alpha)
    verdict = against(rule.floor, low, high)
    doubt = _doubt(gate, seen, sight) or _unscored(gate, rule, level, policy, verdict)
    named: dict[Verdict, State] = {"pass": "above_floor", "fail": "below_floor", "inconclusive": "unclear"}
    verdict, state = ("inconclusive", doubt) if doubt else (verdict, named[verdict])
    shown = level.scored > 0
    more = MoreCases(if_unchanged=None, if_real=cases_to_settle(level.estimate, rule.floor, policy.alpha))
    update = {
        "verdict": verdict,
        "state": state,
        "value": sight.point if shown else None,
        "low": low if shown else None,
        "high": high if shown else None,
        "alpha_low": policy.alpha,
        "alpha_high": policy.alpha,
        "n": level.scored,
        "clusters": level.estimate.clusters,
        "effective_clusters": level.estimate.effective_clusters,
        "method": sight.method,
        "planned": level.planned,
        "unscored": level.planned - level.scored,
        "not_applicable": level.not_applicable,
        "beside": sight.beside(policy.alpha),
        "more": more if shown and state in {"unclear", "too_few"} and not gate.corrected else None,
        "scores_needed": scores_needed(level, rule.floor, policy.alpha, policy.alpha)
        if state == "unscored_decides"
        else None,
        "detail": (sight.doubt or "") if state == "few_labels" else "",
    }
    return said.model_copy(update=update)


def let_through(finding: Finding, seen: InProduction | None, *, better: bool) -> Finding:
    """Return the finding as it stands, or as one that does not stop this change; its verdict stays what was measured.

    better: whether the candidate is proven better than the baseline in this metric.
    """
    if finding.verdict == "pass" or seen is None:
        return finding
    state: State
    if better:
        state, detail = "let_through_better", ""
    elif seen.rollback is not None:
        state, detail = "let_through_rollback", seen.rollback
    elif seen.glass is not None:
        state, detail = "let_through_glass", f"{seen.glass.by}: {seen.glass.reason}"
    else:
        return finding
    return finding.model_copy(update={"state": state, "detail": detail, "counted": False, "more": None})


def _doubt(gate: Gate, seen: InProduction, sight: Sight) -> State | None:
    """Return why the windows decide nothing, whatever their mean is."""
    if seen.silent_days:
        return "silent"
    if seen.covered < gate.coverage:
        return "windows_short"
    reasons = {each.reason for each in (sight.metric.lowest, sight.metric.highest) if isinstance(each, Sampled)}
    if "suspect_weights" in reasons:
        return "suspect_weights"
    if "nothing_sampled" in reasons:
        return "too_few"
    if sight.doubt is not None:
        return "few_labels"
    return "too_few" if reasons != {None} and not gate.corrected else None


def _unscored(gate: Gate, rule: Production, level: Metric, policy: Policy, verdict: Verdict) -> State | None:
    """Return `unscored_decides` where what was scored would decide alone."""
    alone = against(rule.floor, *level.estimate.bounds(policy.alpha))
    return "unscored_decides" if verdict == "inconclusive" != alone and not gate.corrected else None


__all__ = ["held", "let_through", "seen_by"]
