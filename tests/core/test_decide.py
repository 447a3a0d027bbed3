"""From scores to a verdict: every rule, slices, unscored outcomes, facts, and never green on silence."""

from __future__ import annotations

import random

import pytest

from evalgate.core.decide import find, worst
from evalgate.core.gates import AtLeast, AtMost, BetterThanBaseline, Gate, Never, NoWorseThan, Policy
from evalgate.core.metrics import Evidence, Fact
from tests.core.scenes import arm, decided

FLOOR = Gate(metric="answers", rules=(AtLeast(floor=0.9),))
NO_WORSE = Gate(metric="answers", rules=(NoWorseThan(margin=0.06),))
CLEAN = Gate(metric="no_pii", rules=(Never(scope="any"),))
NO_NEW = Gate(metric="no_pii", rules=(Never(scope="new"),))


def test_a_decision_without_findings_is_inconclusive() -> None:
    assert worst(()) == "inconclusive"


def test_a_gate_whose_evidence_is_absent_is_inconclusive() -> None:
    findings = find([NO_WORSE], Evidence(), Policy(), uncalibrated=True)
    assert [f.verdict for f in findings] == ["inconclusive", "inconclusive"]


def test_a_floor_passes_when_the_exact_bound_stands_above_it() -> None:
    verdict, findings, _ = decided([FLOOR], arm({"answers": [1.0] * 29}))
    assert verdict == "pass"
    assert findings["answers.at_least"].low == pytest.approx(0.90186, abs=5e-6)
    assert findings["answers.at_least"].state == "above_floor"


def test_a_floor_astride_its_bound_is_inconclusive_and_says_how_many_more_cases_decide_it() -> None:
    verdict, findings, _ = decided([FLOOR], arm({"answers": [1.0] * 58 + [0.0] * 2}))
    finding = findings["answers.at_least"]
    assert (verdict, finding.state) == ("inconclusive", "unclear")
    assert finding.more is not None
    assert finding.more.if_unchanged is None
    assert finding.more.if_real is not None
    assert finding.more.if_real > 0


def test_a_floor_fails_when_the_whole_interval_lies_below() -> None:
    verdict, findings, _ = decided([FLOOR], arm({"answers": [1.0] * 40 + [0.0] * 20}))
    assert (verdict, findings["answers.at_least"].state) == ("fail", "below_floor")


def test_identical_arms_pass_a_margin_that_ties_can_show() -> None:
    scores = {"answers": [1.0, 0.0] * 60}
    verdict, findings, evidence = decided([NO_WORSE], arm(scores), arm(scores))
    assert verdict == "pass"
    assert findings["answers.no_worse_than"].state == "not_worse"
    assert evidence.metrics[0].gained == evidence.metrics[0].lost == 0


def test_a_drop_beyond_the_margin_fails() -> None:
    before, now = [1.0] * 200, [1.0] * 160 + [0.0] * 40
    verdict, findings, evidence = decided([NO_WORSE], arm({"answers": now}), arm({"answers": before}))
    finding = findings["answers.no_worse_than"]
    assert (verdict, finding.state, finding.method) == ("fail", "worse_beyond_margin", "tango")
    assert evidence.metrics[0].lost == 40
    assert finding.value == pytest.approx(-0.2)


def test_thin_evidence_of_a_drop_is_inconclusive_with_both_needed_numbers() -> None:
    before, now = [1.0] * 60, [1.0] * 57 + [0.0] * 3
    verdict, findings, _ = decided([NO_WORSE], arm({"answers": now}), arm({"answers": before}))
    more = findings["answers.no_worse_than"].more
    assert verdict == "inconclusive"
    assert more is not None
    assert more.if_unchanged is not None
    assert more.if_real is not None
    assert more.if_real > more.if_unchanged


def test_four_clusters_are_too_few_whatever_the_scores() -> None:
    clusters = [f"s{i % 4}" for i in range(80)]
    same = arm({"answers": [1.0] * 80}, clusters=clusters)
    verdict, findings, _ = decided([NO_WORSE], same, same)
    assert (verdict, findings["answers.no_worse_than"].state) == ("inconclusive", "too_few")


def test_a_better_candidate_passes_improvement_and_identical_arms_do_not() -> None:
    gate = Gate(metric="answers", rules=(BetterThanBaseline(),))
    low, high = arm({"answers": [0.0] * 60 + [1.0] * 60}), arm({"answers": [1.0] * 120})
    assert decided([gate], high, low)[0] == "pass"
    assert decided([gate], low, low)[0] == "inconclusive"
    assert decided([gate], low, high)[0] == "fail"


def test_at_most_bounds_the_share_of_violations_and_prints_it_as_a_share() -> None:
    gate = Gate(metric="no_pii", rules=(AtMost(rate=0.01),))
    _, findings, _ = decided([gate], arm({"no_pii": [1.0] * 299}))
    finding = findings["no_pii.at_most"]
    assert (finding.verdict, finding.state, finding.hits) == ("pass", "within_rate", 0)
    assert finding.value == 0
    assert finding.high == pytest.approx(0.00997, abs=1e-5)
    assert decided([gate], arm({"no_pii": [1.0] * 298}))[0] == "inconclusive"
    assert decided([gate], arm({"no_pii": [1.0] * 90 + [0.0] * 10}))[0] == "fail"


def test_a_rates_fail_bound_is_its_lower_one_and_carries_holms_level() -> None:
    gates = [Gate(metric="no_pii", rules=(AtMost(rate=0.05),)), Gate(metric="tone", rules=(AtLeast(floor=0.9),))]
    _, findings, _ = decided(gates, arm({"no_pii": [1.0] * 70 + [0.0] * 30, "tone": [1.0] * 100}))
    finding = findings["no_pii.at_most"]
    assert finding.verdict == "fail"
    assert (finding.alpha_low, finding.alpha_high) == pytest.approx((0.025, 0.05))


def test_one_violation_trips_never_any_and_is_named() -> None:
    verdict, findings, evidence = decided([CLEAN], arm({"no_pii": [1.0] * 9 + [0.0]}))
    assert (verdict, findings["no_pii.never"].state) == ("fail", "violations")
    assert evidence.tripwires[0].cases == ("c-0009",)


def test_no_violation_prints_the_rate_it_leaves_possible() -> None:
    _, findings, _ = decided([CLEAN], arm({"no_pii": [1.0] * 240}))
    assert findings["no_pii.never"].high == pytest.approx(0.01240, abs=5e-6)


def test_never_new_excuses_only_what_the_baseline_was_seen_to_violate() -> None:
    baseline = arm({"no_pii": [0.0, 1.0, None, 1.0]})
    candidate = arm({"no_pii": [0.0, 0.0, 0.0, 1.0]})
    verdict, findings, evidence = decided([NO_NEW], candidate, baseline)
    assert verdict == "fail"
    assert findings["no_pii.never"].hits == 2
    assert evidence.tripwires[0].cases == ("c-0001", "c-0002")


def test_an_unscored_outcome_keeps_a_tripwire_from_passing() -> None:
    verdict, findings, _ = decided([CLEAN], arm({"no_pii": [1.0] * 99 + [None]}))
    assert (verdict, findings["no_pii.never"].state) == ("inconclusive", "unscored_decides")


def test_a_judges_hit_alone_does_not_fail_a_tripwire() -> None:
    verdict, findings, _ = decided([CLEAN], arm({"no_pii": [1.0] * 9 + [0.0]}, annotator="llm"))
    assert (verdict, findings["no_pii.never"].state) == ("inconclusive", "unconfirmed")


def test_a_verdict_that_turns_on_unscored_outcomes_is_inconclusive_and_says_how_many_are_needed() -> None:
    before, now = [1.0] * 200, [1.0] * 185 + [None] * 15
    gate = NO_WORSE.model_copy(update={"coverage": 0.5})
    verdict, findings, _ = decided([gate], arm({"answers": now}), arm({"answers": before}))
    finding = findings["answers.no_worse_than"]
    assert (verdict, finding.state) == ("inconclusive", "unscored_decides")
    assert finding.scores_needed is not None
    assert 1 <= finding.scores_needed <= 15


def test_short_coverage_is_inconclusive_never_pass() -> None:
    gate = Gate(metric="answers", rules=(AtLeast(floor=0.2),))
    verdict, findings, _ = decided([gate], arm({"answers": [1.0] * 90 + [None] * 10}))
    assert findings["answers.at_least"].verdict == "pass"
    assert (verdict, findings["answers.coverage"].state) == ("inconclusive", "coverage_short")


def test_what_is_not_applicable_does_not_count_against_coverage() -> None:
    verdict, findings, _ = decided([FLOOR], arm({"answers": [1.0] * 40 + ["no reference"] * 60}))
    assert verdict == "pass"
    assert findings["answers.coverage"].not_applicable == 60


def test_a_gate_with_no_applicable_case_is_inconclusive() -> None:
    verdict, findings, _ = decided([FLOOR], arm({"answers": ["no reference"] * 60}))
    assert (verdict, findings["answers.coverage"].state) == ("inconclusive", "too_few")


def test_a_slice_can_fail_a_decision_that_the_whole_would_pass() -> None:
    gate = Gate(metric="answers", rules=(NoWorseThan(margin=0.2),), by=("locale",))
    locales = ["es"] * 300 + ["pt"] * 60
    before, now = [1.0] * 360, [1.0] * 300 + [0.0] * 40 + [1.0] * 20
    slices = {"locale": locales}
    verdict, findings, _ = decided(
        [gate], arm({"answers": now}, slices=slices), arm({"answers": before}, slices=slices)
    )
    assert findings["answers.no_worse_than"].verdict == "pass"
    assert findings["answers.no_worse_than [locale=pt]"].verdict == "fail"
    assert verdict == "fail"


def test_a_small_slice_is_listed_with_its_smallest_visible_drop_and_holds_nothing_back() -> None:
    gate = Gate(metric="answers", rules=(NoWorseThan(margin=0.06),), by=("locale",))
    slices = {"locale": ["es"] * 200 + ["gl"] * 10}
    same = arm({"answers": [1.0, 0.0] * 105}, slices=slices)
    verdict, findings, _ = decided([gate], same, same)
    small = findings["answers.no_worse_than [locale=gl]"]
    assert verdict == "pass"
    assert (small.state, small.counted) == ("not_visible", False)
    assert small.visible_drop is not None


def test_require_each_lets_an_undecided_slice_hold_the_decision_back() -> None:
    gate = Gate(metric="answers", rules=(NoWorseThan(margin=0.06),), by=("locale",), require="each")
    slices = {"locale": ["es"] * 200 + ["gl"] * 10}
    same = arm({"answers": [1.0, 0.0] * 105}, slices=slices)
    assert decided([gate], same, same)[0] == "inconclusive"


def test_the_fail_bound_is_printed_at_holms_level() -> None:
    gates = [NO_WORSE, Gate(metric="tone", rules=(NoWorseThan(margin=0.06),))]
    before = arm({"answers": [1.0] * 200, "tone": [1.0] * 200})
    now = arm({"answers": [1.0] * 150 + [0.0] * 50, "tone": [1.0] * 200})
    _, findings, _ = decided(gates, now, before)
    assert findings["answers.no_worse_than"].alpha_high == pytest.approx(0.025)
    assert findings["tone.no_worse_than"].alpha_high == pytest.approx(0.05)


def test_an_advisory_gate_is_printed_and_not_counted() -> None:
    gates = [FLOOR, Gate(metric="tone", rules=(AtLeast(floor=0.9),), advisory=True)]
    verdict, findings, _ = decided(gates, arm({"answers": [1.0] * 40, "tone": [0.0] * 40}))
    assert verdict == "pass"
    assert findings["tone.at_least"].verdict == "fail"
    assert not findings["tone.at_least"].counted


def test_a_judge_that_nobody_measured_can_fail_a_gate_but_not_pass_it() -> None:
    judged_good, judged_bad = (
        arm({"answers": [1.0] * 60}, annotator="llm"),
        arm({"answers": [0.0] * 60}, annotator="llm"),
    )
    verdict, findings, _ = decided([FLOOR], judged_good, uncalibrated=False)
    assert (verdict, findings["answers.at_least"].state) == ("inconclusive", "uncalibrated")
    assert decided([FLOOR], judged_bad, uncalibrated=False)[0] == "fail"
    assert decided([FLOOR], judged_good, uncalibrated=True)[0] == "pass"


@pytest.mark.parametrize(("holds", "verdict"), [("yes", "pass"), ("no", "inconclusive"), ("unknown", "inconclusive")])
def test_a_fact_must_hold(holds: str, verdict: str) -> None:
    fact = Fact.model_validate({"name": "outputs_current", "holds": holds})
    assert decided([FLOOR], arm({"answers": [1.0] * 40}), facts=(fact,))[0] == verdict


def test_a_broken_contract_is_a_fact_that_fails() -> None:
    fact = Fact(name="schema", holds="no", otherwise="fail")
    assert decided([FLOOR], arm({"answers": [1.0] * 40}), facts=(fact,))[0] == "fail"


def test_changed_cases_are_void_and_unmatched_ones_counted() -> None:
    from evalgate.core.pairs import pair

    pairs = pair(arm({"a": [1.0] * 10}), arm({"a": [1.0] * 10}, first=4))
    assert (len(pairs.candidate), pairs.unmatched_candidate, pairs.unmatched_baseline) == (6, 4, 4)
    changed = pair(arm({"a": [1.0] * 10}), arm({"a": [1.0] * 10}, question="another?"))
    assert (len(changed.candidate), changed.changed_content) == (0, 10)


def test_the_order_of_arrival_never_changes_a_byte() -> None:
    dice = random.Random(7)
    scores = {"answers": [dice.choice([0.0, 0.3, 0.7, 1.0, None]) for _ in range(300)]}
    clusters = [f"s{dice.randrange(90)}" for _ in range(300)]
    baseline = arm({"answers": [dice.random() for _ in range(300)]}, clusters=clusters)
    gates = [Gate(metric="answers", rules=(NoWorseThan(margin=0.1), AtLeast(floor=0.4)))]
    rows = list(range(300))
    dice.shuffle(rows)
    _, _, straight = decided(gates, arm(scores, clusters=clusters), baseline)
    _, _, shuffled = decided(gates, arm(scores, clusters=clusters, order=rows), baseline)
    assert straight.model_dump_json() == shuffled.model_dump_json()
