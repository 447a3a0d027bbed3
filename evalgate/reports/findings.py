"""A finding in words: its name, its rule, its result in a cell, its sentence, and what would decide it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from evalgate.core.decisions import Beside, Decision, Finding
from evalgate.core.metrics import Metric, Tripwire
from evalgate.reports import in_production
from evalgate.reports.messages import Voice

CHANGES = ("no_worse_than", "better_than_baseline")
LONGEST_DETAIL = 300
UNKNOWN_IN_PRODUCTION = ("no_windows", "silent", "windows_short", "suspect_weights")
OWN_WAY = {"uncalibrated", "unconfirmed", "few_labels", *UNKNOWN_IN_PRODUCTION}
"""States that say themselves what would decide them."""
NOT_SEEN = {"too_few", "not_visible", "unscored_decides", "unconfirmed", *UNKNOWN_IN_PRODUCTION}
"""States in which nothing is claimed that a judge could have seen wrongly."""


class Result(NamedTuple):
    """What was measured: the figure itself, and what may be left out where space is short."""

    figure: str
    extra: str = ""

    @property
    def whole(self) -> str:
        """Both on one line."""
        return f"{self.figure} ({self.extra})" if self.extra else self.figure


def key_of(finding: Finding) -> str:
    """Return what `evalgate explain` calls a finding: `answers.no_worse_than`, `answers.no_worse_than[locale=es]`."""
    return finding.gate + (f"[{finding.slice}]" if finding.slice else "")


def metric_of(decision: Decision, finding: Finding) -> Metric | None:
    """Return the metric an interval finding was read from."""
    of = "change" if finding.rule in CHANGES else "level"
    margin = finding.bound if finding.rule == "no_worse_than" else None
    wanted = (finding.metric, finding.slice, of, margin)
    found = (m for m in decision.evidence.metrics if (m.name, m.slice, m.of, m.margin) == wanted)
    return next(found, None) if finding.rule in {*CHANGES, "at_least", "at_most"} else None


def tripwire_of(decision: Decision, finding: Finding) -> Tripwire | None:
    """Return the tripwire a `never` was read from."""
    if finding.rule != "never":
        return None
    new = finding.detail == "new"
    found = (t for t in decision.evidence.tripwires if t.name == finding.metric and (t.new is not None) == new)
    return next(found, None)


def judged(decision: Decision, metric: str) -> bool:
    """Say whether a judge marks this metric."""
    watched = (one.level for one in decision.evidence.production if one.level is not None)
    read: Iterable[Metric | Tripwire] = (*decision.evidence.metrics, *decision.evidence.tripwires, *watched)
    return any(one.name == metric and one.annotator == "llm" for one in read)


def as_judged(decision: Decision, finding: Finding) -> bool:
    """Say whether the finding holds only as a judge sees it whom people have not measured."""
    if not decision.uncalibrated or finding.rule in {"coverage", "agreement", "fact"}:
        return False
    corrected = finding.beside is not None and finding.beside.kind == "raw"
    return judged(decision, finding.metric) and not corrected


def levels_of(finding: Finding) -> tuple[float, float] | None:
    """Return the levels a pass and a fail were tested at: alpha, and Holm's, which is never larger."""
    if finding.alpha_low is None or finding.alpha_high is None:
        return None
    return max(finding.alpha_low, finding.alpha_high), min(finding.alpha_low, finding.alpha_high)


def advises(decision: Decision, finding: Finding) -> bool:
    """Say whether the finding does not count because its gate is advisory, and not because it is of a slice."""
    if finding.let_through:
        return False
    asked = [gate for gate in decision.gates if gate.metric == finding.metric]
    same = [gate for gate in asked if finding.rule in {"coverage", *(rule.kind for rule in gate.rules)}]
    return not finding.counted and (finding.slice is None or all(gate.advisory for gate in same))


def title(finding: Finding, voice: Voice) -> str:
    """Return what the finding is about, without its slice."""
    known = f"fact.{finding.metric}"
    if finding.rule == "fact" and voice.has(known):
        return voice.said(known)
    if finding.metric == voice.said("coverage.all") and finding.rule == "coverage":
        return finding.metric
    return voice.named(finding.metric)


def subject(finding: Finding, voice: Voice) -> str:
    """Return what the finding is about, with its slice."""
    if finding.slice is None:
        return title(finding, voice)
    return voice.said("in_slice", metric=voice.named(finding.metric), slice=voice.named(finding.slice))


def rule_text(finding: Finding, voice: Voice) -> str:
    """Return what the rule demands: `no worse than −6 pts`, `at least 85 %`, `never: new`."""
    return voice.said(f"rule.{finding.rule}", bound=_bound(finding, voice), scope=_scope(finding, voice))


def _scope(finding: Finding, voice: Voice) -> str:
    return voice.said(f"scope.{finding.detail or 'any'}") if finding.rule == "never" else ""


def _bound(finding: Finding, voice: Voice) -> str:
    if finding.bound is None:
        return ""
    if finding.rule == "no_worse_than":
        return voice.points(-finding.bound, signed=True)
    return voice.demanded(finding.bound)


def result_of(decision: Decision, finding: Finding, voice: Voice) -> Result:
    """Return what was measured, for a cell."""
    if finding.rule == "fact":
        return Result(_detail(finding, voice))
    if finding.rule == "coverage":
        return Result(voice.said("result.scored", n=voice.whole(finding.n), planned=voice.whole(finding.planned)))
    if finding.rule == "never":
        return _hits(decision, finding, voice)
    return _interval(decision, finding, voice)


def _interval(decision: Decision, finding: Finding, voice: Voice) -> Result:
    if finding.value is None or finding.low is None or finding.high is None:
        return Result(voice.said("result.not_measured"))
    if finding.state == "not_visible" and finding.visible_drop is not None:
        visible = voice.said("result.visible", visible=voice.drop(finding.visible_drop))
        return Result(voice.said("result.not_visible"), visible)
    change = finding.rule in CHANGES
    line = -(finding.bound or 0.0) if change else finding.bound or 0.0
    value = (voice.change if change else voice.percent)(finding.value, line)
    low, high = ((voice.change if change else voice.share)(bound, line) for bound in (finding.low, finding.high))
    figure = voice.said("result.interval", value=value, low=low, high=high)
    extra = [_beside(finding.beside, voice, line, change=change)] if finding.beside is not None else []
    if change:
        extra.insert(0, _levels(decision, finding, voice))
    elif finding.rule == "production":
        extra.insert(0, in_production.span(decision, finding, voice))
    elif finding.rule == "at_most" and finding.hits is not None and finding.beside is None:
        extra.append(voice.said("result.of_n", n=voice.whole(finding.hits), planned=voice.whole(finding.n)))
    return Result(figure, ", ".join(filter(None, extra)))


def _beside(beside: Beside, voice: Voice, line: float, *, change: bool) -> str:
    """Return the other of raw and corrected."""
    value = (voice.change if change else voice.percent)(beside.value, line)
    low, high = ((voice.change if change else voice.share)(bound, line) for bound in (beside.low, beside.high))
    figure = voice.said("result.interval", value=value, low=low, high=high)
    if beside.kind == "raw":
        return voice.said("result.raw", figure=figure)
    return voice.counted("result.corrected", beside.labels, figure=figure)


def _levels(decision: Decision, finding: Finding, voice: Voice) -> str:
    metric = metric_of(decision, finding)
    if metric is None or metric.baseline_level is None or metric.candidate_level is None:
        return ""
    before, now = voice.share(metric.baseline_level), voice.percent(metric.candidate_level)
    return voice.said("result.levels", before=before, now=now)


def _hits(decision: Decision, finding: Finding, voice: Voice) -> Result:
    scope = finding.detail or "any"
    if finding.hits is None:
        return Result(voice.said("result.not_measured"))
    figure = voice.counted(f"result.hits.{scope}", finding.hits)
    wire, extra = tripwire_of(decision, finding), []
    if wire is not None and wire.baseline_hits is not None:
        extra.append(voice.said("result.baseline_hits", n=voice.whole(wire.baseline_hits)))
    if finding.high is not None:
        extra.append(voice.said("result.true_rate", high=voice.percent(finding.high)))
    return Result(figure, ", ".join(extra))


def count_of(finding: Finding, voice: Voice) -> str:
    """Return the n of a finding, with what was planned where not all of it is scored."""
    if finding.rule == "fact":
        return ""
    n = voice.whole(finding.n)
    return f"{n}/{voice.whole(finding.planned)}" if finding.unscored else n


def sentence(decision: Decision, finding: Finding, voice: Voice) -> str:
    """Return what follows, in one sentence that a product owner understands."""
    variants = (finding.rule, finding.detail, "none" if finding.n == 0 else "")
    keys = [f"state.{finding.state}/{variant}" for variant in variants if variant]
    key = next((key for key in keys if voice.has(key)), f"state.{finding.state}")
    values = _values(finding, voice)
    if finding.rule == "production":
        values |= in_production.pieces(decision, finding, voice)
        values["shown"] = _interval(decision, finding, voice).figure
    said = voice.numbered(key, finding.hits, what=subject(finding, voice), **values)
    if finding.state in NOT_SEEN or not as_judged(decision, finding):
        return said
    return f"{said[:-1]} ({voice.said('result.as_judged')})."


def _values(finding: Finding, voice: Voice) -> dict[str, str]:
    change = finding.rule in CHANGES
    line = (-1 if change else 1) * (finding.bound or 0.0)

    def written(value: float | None) -> str:
        if value is None:
            return voice.said("mark.none")
        return voice.change(value, line) if change else voice.percent(value, line)

    bound = "" if finding.bound is None else (voice.points if change else voice.demanded)(finding.bound)
    return {
        "value": voice.said("number.points", number=written(finding.value)) if change else written(finding.value),
        "low": written(finding.low),
        "high": written(finding.high) if finding.rule != "never" else voice.percent(finding.high or 0.0),
        "bound": bound,
        "n": voice.whole(finding.n),
        "planned": voice.whole(finding.planned),
        "unscored": voice.whole(finding.unscored),
        "hits": voice.whole(finding.hits or 0),
        "clusters": voice.whole(finding.clusters),
        "visible": voice.drop(finding.visible_drop or 0.0),
        "detail": _detail(finding, voice),
    }


def _detail(finding: Finding, voice: Voice) -> str:
    return voice.named(finding.detail, LONGEST_DETAIL) if finding.detail else voice.said("no_reason")


def decided_by(finding: Finding, voice: Voice) -> str:
    """Return what would decide a finding that is open, as a clause."""
    if finding.state in {"unscored_decides", "coverage_short"}:
        needed = finding.scores_needed or _missing(finding)
        key = "decide.scores" if finding.state == "unscored_decides" else "decide.coverage"
        return voice.numbered(key, needed, needed=voice.whole(needed), unscored=voice.whole(finding.unscored))
    small = finding.rule == "production" and finding.state == "too_few"
    if small or finding.state in OWN_WAY:
        return voice.said("decide.production_sample" if small else f"decide.{finding.state}")
    if finding.rule == "fact":
        return voice.said("decide.fact", detail=_detail(finding, voice))
    if finding.state == "not_visible" and finding.visible_drop is not None:
        return voice.said("decide.visible", visible=voice.drop(finding.visible_drop))
    if finding.more is None or finding.value is None:
        return voice.said("decide.cases" if finding.verdict == "inconclusive" else "decide.nothing")
    return _more(finding, voice)


def _missing(finding: Finding) -> int:
    """Return how many more outcomes must be scored to reach the coverage demanded."""
    return max(1, math.ceil((finding.bound or 0.0) * finding.planned - finding.n - 1e-9))


def _more(finding: Finding, voice: Voice) -> str:
    more, value = finding.more, finding.value or 0.0
    unchanged, real = (more.if_unchanged, more.if_real) if more else (None, None)
    size = voice.change(abs(value)).removeprefix("+")
    if unchanged is not None:
        key = "more.lost" if real is None else "more.same" if value == 0 else "more.drop" if value < 0 else "more.gain"
        amounts = {"unchanged": voice.about(unchanged), "real": voice.about(real or 0), "size": size}
        return voice.numbered(key, unchanged, **amounts)
    if real is None:
        return voice.said("more.never")
    passes = value <= (finding.bound or 0.0) if finding.rule == "at_most" else value >= (finding.bound or 0.0)
    shown = _values(finding, voice)["value"]
    key = "more.production_to" if finding.rule == "production" else "more.to"
    return voice.numbered(f"{key}_{'pass' if passes else 'fail'}", real, real=voice.about(real), value=shown)


def interval_note(decision: Decision, voice: Voice) -> str:
    """Return which bounds are printed, and at which level a fail was tested."""
    alpha = decision.policy.alpha
    level = voice.demanded(1 - alpha)
    finest = min((levels[1] for f in decision.findings if (levels := levels_of(f)) is not None), default=alpha)
    if finest >= alpha:
        return voice.said("intervals.plain", level=level)
    return voice.said("intervals.holm", level=level, alpha=voice.percent(finest))
