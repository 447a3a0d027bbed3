"""The rule `production`: pooled closed windows against a floor, and what lets a change through all the same."""

# mypy: no-check-untyped-defs
from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from evalgate.core.decide import find, worst
from evalgate.core.decisions import LET_THROUGH, Decision
from evalgate.core.estimates import score_estimate
from evalgate.core.evidence import gather
from evalgate.core.gates import AtLeast, Gate, Policy, Production
from evalgate.core.metrics import BrokenGlass, InProduction, Metric
from evalgate.core.pairs import pair
from evalgate.core.records import record_bytes, verify_record
from evalgate.core.sampled import Sampled
from evalgate.core.statistics.sampled import sampled_mean
from evalgate.core.statistics.weighting import Drawn
from tests.core.scenes import arm

GATE = Gate(metric="answers", rules=(Production(floor=0.8, days=7),))
UNTIL = datetime(2026, 11, 21, tzinfo=UTC)
GLASS = BrokenGlass(by="os:ana", reason="the shop is down", decision="D-00000000")
FINE = arm({"answers": [1.0] * 60})


def estimate(good: int, bad: int) -> Sampled:
    """Each interaction its own conversation, drawn with probability .1."""
    values = np.repeat([1.0, 0.0], [good, bad])
    return Sampled.of(sampled_mean(Drawn(values, np.full(len(values), 0.1))))


def level(good: int, bad: int, shed: int = 0, **said: object) -> Metric:
    given: dict[str, object] = {
        "name": "answers",
        "of": "level",
        "annotator": "code",
        "estimate": estimate(good, bad),
        "lowest": estimate(good, bad + shed),
        "highest": estimate(good + shed, bad),
        "planned": good + bad + shed,
        "scored": good + bad,
    }
    return Metric.model_validate(given | said)


def seen(found: Metric | None, **said: object) -> InProduction:
    given = {"metric": "answers", "days": 7, "windows": 168, "until": UNTIL, "covered": 1.0, "level": found}
    return InProduction.model_validate(given | said)


def decided(read, gates=(GATE,), *, baseline=None, candidate=FINE, uncalibrated=False):
    pairs = None if baseline is None else pair(candidate, baseline)
    evidence = gather(gates, candidate, baseline, pairs, (), production=(read,))
    findings = find(gates, evidence, Policy(), uncalibrated=uncalibrated)
    return findings, worst(findings), evidence


def only(read, **said):
    (found,), verdict, _ = decided(read, **said)
    assert found.gate == "answers.production"
    return found, verdict


def test_the_bound_that_decides_is_the_one_printed():
    # ΣT² = (360·.1² + 40·.9²)/400² = 36/400², SE = √(400/399·36)/400 = .0150188,
    # df = 36²/(360·.1⁴ + 40·.9⁴) = 1296/26.28 = 49.315, t_.05 = 1.67634
    found, verdict = only(seen(level(360, 40)))
    assert (found.verdict, found.state, verdict) == ("pass", "above_floor", "pass")
    assert found.value == pytest.approx(0.9)
    assert found.low == pytest.approx(0.9 - 1.67634 * 0.0150188, abs=1e-6)
    assert found.high == pytest.approx(0.9 + 1.67634 * 0.0150188, abs=1e-6)
    assert (found.alpha_low, found.alpha_high, found.n, found.clusters) == (0.05, 0.05, 400, 400)
    assert found.method == "sampled-t"


def test_a_fail_needs_the_upper_bound_below_the_floor_and_more_is_said_where_it_is_open():
    assert only(seen(level(280, 120)))[1] == "fail"
    open_, verdict = only(seen(level(325, 75)))
    assert (open_.state, verdict) == ("unclear", "inconclusive")
    assert open_.more is not None
    assert open_.more.if_real is not None
    assert open_.more.if_real > 400


def test_it_neither_shares_nor_spends_the_level_of_other_tests():
    alone = only(seen(level(280, 120)))[0]
    two = Gate(metric="answers", rules=(AtLeast(floor=0.5), Production(floor=0.8)))
    findings, _, _ = decided(seen(level(280, 120)), (two,))
    assert findings[1] == alone
    assert [finding.rule for finding in findings] == ["at_least", "production", "coverage"]


@pytest.mark.parametrize(
    ("read", "state"),
    [
        (InProduction(metric="answers", days=7), "no_windows"),
        (seen(level(400, 0), silent_days=2), "silent"),
        (seen(level(400, 0), covered=0.9), "windows_short"),
        (seen(level(20, 0)), "too_few"),
        (seen(level(0, 0)), "too_few"),
        (seen(level(400, 0, lowest=estimate(400, 0).model_copy(update={"suspect": True}))), "suspect_weights"),
        (seen(level(360, 40, shed=100)), "unscored_decides"),
    ],
)
def test_what_is_not_known_is_inconclusive_and_never_green(read, state):
    found, verdict = only(read)
    assert (found.state, found.verdict, verdict) == (state, "inconclusive", "inconclusive")


def test_a_gate_may_ask_for_less_coverage_of_the_days():
    gate = GATE.model_copy(update={"coverage": 0.5})
    assert only(seen(level(400, 20), covered=0.9), gates=(gate,))[1] == "pass"


def test_what_was_drawn_and_not_scored_is_at_its_worst_for_a_pass_and_at_its_best_for_a_fail():
    found, _ = only(seen(level(360, 40, shed=20)))
    assert found.low == pytest.approx(estimate(360, 60).bounds(0.05).low)
    assert found.high == pytest.approx(estimate(380, 40).bounds(0.05).high)
    assert (found.verdict, found.unscored) == ("pass", 20)


def test_a_judge_nobody_measured_gives_no_pass_and_may_fail():
    read = seen(level(400, 20, annotator="llm"))
    assert only(read)[0].state == "uncalibrated"
    assert only(read, uncalibrated=True)[1] == "pass"
    assert only(seen(level(280, 120, annotator="llm")))[1] == "fail"


@pytest.mark.parametrize(
    ("said", "state", "detail"),
    [
        ({"rollback": "c0ffee123456"}, "let_through_rollback", "c0ffee123456"),
        ({"glass": GLASS}, "let_through_glass", "os:ana: the shop is down"),
        ({"rollback": "c0ffee123456", "glass": GLASS}, "let_through_rollback", "c0ffee123456"),
    ],
)
@pytest.mark.parametrize("measured", [(280, 120), (325, 75)])
def test_who_is_let_through_keeps_the_verdict_that_was_measured_and_does_not_count(said, state, detail, measured):
    found, verdict = only(seen(level(*measured), **said))
    assert (found.state, found.detail, found.counted, verdict) == (state, detail, False, "pass")
    assert found.verdict in {"fail", "inconclusive"}
    assert found.low is not None
    assert found.state in LET_THROUGH


def test_nothing_but_the_production_rule_is_let_through():
    gates = (GATE, Gate(metric="answers", rules=(AtLeast(floor=0.99),)))
    bad = arm({"answers": [0.0] * 40 + [1.0] * 20})
    findings, verdict, _ = decided(seen(level(280, 120), glass=GLASS), gates, candidate=bad)
    assert findings[0].let_through
    assert verdict == "fail"


def test_a_pass_is_a_pass_whoever_else_would_let_it_through():
    found, _ = only(seen(level(400, 20), rollback="c0ffee123456", glass=GLASS))
    assert (found.state, found.counted) == ("above_floor", True)


def test_a_candidate_proven_better_in_the_metric_goes_in_though_no_gate_demands_it():
    worse = arm({"answers": [0.0] * 20 + [1.0] * 40})
    findings, verdict, evidence = decided(seen(level(280, 120)), baseline=worse)
    assert (findings[0].state, verdict) == ("let_through_better", "pass")
    assert evidence.production[0].improvement is not None
    assert only(seen(level(280, 120)), baseline=FINE)[0].state == "below_floor"


def test_better_in_the_eyes_of_a_judge_nobody_measured_is_not_proven():
    before, now = (arm({"answers": row}, annotator="llm") for row in ([0.0] * 20 + [1.0] * 40, [1.0] * 60))
    read = seen(level(280, 120, annotator="llm"))
    assert only(read, baseline=before, candidate=now)[0].state == "below_floor"
    assert only(read, baseline=before, candidate=now, uncalibrated=True)[0].state == "let_through_better"


def test_the_record_alone_gives_the_decision_again():
    gates = (GATE, Gate(metric="answers", rules=(AtLeast(floor=0.5),)))
    findings, verdict, evidence = decided(seen(level(280, 120), glass=GLASS), gates)
    made = Decision(
        suite="support",
        suite_digest="0" * 32,
        candidate="c",
        candidate_source="c.jsonl",
        verdict=verdict,
        findings=findings,
        gates=gates,
        policy=Policy(),
        evidence=evidence,
        evalgate="0",
    )
    again = verify_record(record_bytes(made))
    assert again.agrees
    assert record_bytes(again.decision) == record_bytes(made)
    nobody = [one.model_copy(update={"glass": None}) for one in evidence.production]
    forged = made.model_copy(update={"evidence": evidence.model_copy(update={"production": tuple(nobody)})})
    assert not verify_record(record_bytes(forged)).agrees


def test_a_sampled_mean_is_an_estimate_that_says_what_more_interactions_would_show():
    found = estimate(360, 40)
    assert found.sd == pytest.approx(0.3, abs=0.001)
    assert found.projected(1600, 0.9, 0.05).low == pytest.approx(0.9 - 1.6457 * 0.0150188 / 2, abs=1e-4)
    assert Sampled.model_validate_json(found.model_dump_json()) == found
    assert score_estimate([1.0] * 400).bounds(0.05).low > estimate(400, 0).bounds(0.05).low
