"""What people's labels change in a decision: which bounds decide, how wide margins are, when a judge's pass counts."""

from __future__ import annotations

from typing import NamedTuple

from evalgate.core.decisions import Beside, Finding
from evalgate.core.gates import Gate, NoWorseThan, Rule
from evalgate.core.metrics import Calibration, Evidence, Metric
from evalgate.core.statistics.tails import Bounds
from evalgate.core.statistics.verdicts import against


class Sight(NamedTuple):
    """How a metric is looked at by one gate."""

    metric: Metric
    corrected: bool
    """Whether the corrected bounds decide."""

    def low(self, alpha: float) -> float:
        """Return the lower bound that decides, every unscored outcome at its worst end."""
        if not self.corrected or self.metric.corrected is None:
            return self.metric.lowest.bounds(alpha).low
        return self.metric.corrected.bounds(alpha).low + self.metric.lowest.point - self.metric.estimate.point

    def high(self, alpha: float) -> float:
        """Return the upper bound that decides, every unscored outcome at its best end."""
        if not self.corrected or self.metric.corrected is None:
            return self.metric.highest.bounds(alpha).high
        return self.metric.corrected.bounds(alpha).high + self.metric.highest.point - self.metric.estimate.point

    @property
    def point(self) -> float:
        """The value that is printed."""
        shown = self.metric.corrected if self.corrected else None
        return self.metric.estimate.point if shown is None else shown.point

    @property
    def method(self) -> str:
        """How the bounds are made."""
        shown = self.metric.corrected if self.corrected else None
        return self.metric.lowest.method if shown is None else shown.method

    @property
    def doubt(self) -> str | None:
        """Why corrected bounds that should decide cannot; None when they can, or need not."""
        if not self.corrected:
            return None
        return "no labels" if self.metric.corrected is None else self.metric.corrected.why

    def beside(self, alpha: float) -> Beside | None:
        """Return the other of raw and corrected; None without labels."""
        found = self.metric.corrected
        if found is None:
            return None
        if self.corrected:
            shown = Bounds(self.metric.lowest.bounds(alpha).low, self.metric.highest.bounds(alpha).high)
            return Beside(kind="raw", value=self.metric.estimate.point, low=shown.low, high=shown.high)
        shown = found.bounds(alpha)
        return Beside(
            kind="corrected", value=found.point, low=shown.low, high=shown.high, labels=found.labelled, doubt=found.why
        )


def mirrored(beside: Beside) -> Beside:
    """Return it for the share of violations, the mirror of the clean share."""
    return beside.model_copy(update={"value": 1 - beside.value, "low": 1 - beside.high, "high": 1 - beside.low})


def calibration_of(evidence: Evidence, metric: str) -> Calibration | None:
    """Return what the newest card says of the judge behind a metric."""
    return next((one for one in evidence.calibrations if one.metric == metric), None)


def narrowed(rule: Rule, gate: Gate, metric: Metric, evidence: Evidence, *, uncalibrated: bool) -> float:
    """Return the share of a margin that a judge with its errors may use up: a drop D shows as J·D.

    1 where people correct the judge, where no judge marks, and where the suite counts it as it sees.
    """
    if not isinstance(rule, NoWorseThan) or metric.annotator != "llm" or gate.corrected or not metric.binary:
        return 1.0
    card = calibration_of(evidence, gate.metric)
    demanded = gate.calibrated is not None or not uncalibrated
    usable = demanded and card is not None and card.holds == "yes" and card.informed_low is not None
    return float(card.informed_low) if usable and card is not None and card.informed_low is not None else 1.0


def as_measured(finding: Finding, gate: Gate, evidence: Evidence, *, uncalibrated: bool) -> Finding:
    """Return the finding; a judge's pass is inconclusive unless people measured it, correct it, or need not."""
    judged = {m.name for m in evidence.metrics if m.annotator == "llm"}
    judged |= {w.name for w in evidence.tripwires if w.annotator == "llm"}
    judged |= {p.metric for p in evidence.production if p.level is not None and p.level.annotator == "llm"}
    if finding.verdict != "pass" or finding.rule == "coverage" or finding.metric not in judged:
        return finding
    if (gate.corrected and finding.rule != "never") or (uncalibrated and gate.calibrated is None):
        return finding
    card = calibration_of(evidence, finding.metric)
    why = "no card" if card is None else card.detail
    if card is not None and card.holds == "yes":
        graded = [m for m in evidence.metrics if m.name == finding.metric and m.of == "change" and not m.binary]
        if finding.rule != "no_worse_than" or not graded:
            return finding
        why = "a card scales the margins of 0/1 scores; correct graded ones"
    # The detail of `never` is its scope.
    detail = finding.detail if finding.rule == "never" else why
    return finding.model_copy(update={"verdict": "inconclusive", "state": "uncalibrated", "detail": detail})


def agreement(gate: Gate, evidence: Evidence) -> Finding | None:
    """Return the finding on how well the judge agrees with people; None when the gate does not ask."""
    if gate.calibrated is None or gate.calibrated.agreement is None:
        return None
    floor = gate.calibrated.agreement
    card = calibration_of(evidence, gate.metric)
    said = Finding(
        gate=f"{gate.metric}.agreement",
        metric=gate.metric,
        rule="agreement",
        verdict="inconclusive",
        counted=not gate.advisory,
        state="few_labels",
        bound=floor,
        detail="no card" if card is None else card.detail,
    )
    if card is None or card.holds == "unknown" or card.agreement_low is None or card.agreement_high is None:
        return said
    verdict = against(floor, card.agreement_low, card.agreement_high)
    states = {"pass": "agrees", "fail": "disagrees", "inconclusive": "unclear"}
    update = {
        "verdict": verdict,
        "state": states[verdict],
        "value": card.agreement,
        "low": card.agreement_low,
        "high": card.agreement_high,
        "alpha_low": card.agreement_alpha,
        "alpha_high": card.agreement_alpha,
        "n": card.labels,
        "method": "ac1",
        "detail": "",
    }
    return said.model_copy(update=update)


def scores_needed(metric: Metric, bound: float, level: float, alpha: float) -> int:
    """Return how many of the outcomes that are not scored decide it, if they come out like the rest.

    level: that of the fail test; alpha: that of the pass test.
    """
    # Linear between "none of them" and "all of them, like the rest": the bounds move almost linearly in the share.
    missing = metric.planned - metric.scored
    seen_low, seen_high = metric.estimate.bounds(alpha).low, metric.estimate.bounds(level).high
    if seen_low >= bound:
        now = metric.lowest.bounds(alpha).low
        share = (bound - now) / (seen_low - now) if seen_low > now else 1.0
    else:
        now = metric.highest.bounds(level).high
        share = (now - bound) / (now - seen_high) if now > seen_high else 1.0
    return max(1, min(missing, int(missing * share + 0.999)))
