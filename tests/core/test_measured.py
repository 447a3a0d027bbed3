"""People's labels in a decision: cards that let a judge's pass count, margins they narrow, bounds they correct."""

from __future__ import annotations

import numpy as np
import pytest

from evalgate.core.correcting import PeopleSaid
from evalgate.core.decide import find, worst
from evalgate.core.decisions import Decision
from evalgate.core.evidence import People, gather
from evalgate.core.gates import AtLeast, AtMost, Calibrated, Gate, Never, NoWorseThan, Policy
from evalgate.core.metrics import Calibration
from evalgate.core.pairs import pair
from evalgate.core.records import record_bytes, verify_record
from tests.core.scenes import arm, decided

CARD = Calibration(
    metric="answers",
    holds="yes",
    card="c" * 32,
    informed_low=0.6,
    agreement=0.8,
    agreement_low=0.7,
    agreement_high=0.9,
    labels=300,
)
BLIND = CARD.model_copy(update={"holds": "no", "detail": "the judge is too blind", "informed_low": 0.2})
EXPIRED = CARD.model_copy(update={"holds": "unknown", "detail": "the card expired on 2026-01-01"})
FLOOR = Gate(metric="answers", rules=(AtLeast(floor=0.6),))
MARGIN = Gate(metric="answers", rules=(NoWorseThan(margin=0.1),))


def judged(scores):
    return arm({"answers": list(scores)}, annotator="llm")


def decided_with(gate, candidate, baseline=None, people=None, *, uncalibrated=False):
    pairs = None if baseline is None else pair(candidate, baseline)
    evidence = gather([gate], candidate, baseline, pairs, (), people or People())
    findings = find([gate], evidence, Policy(), uncalibrated=uncalibrated)
    return worst(findings), {f.gate: f for f in findings}, evidence


def said(columns, values, share):
    """Return people's labels of every row whose number is a multiple of 1/share, as likely as each other."""
    order = np.argsort(columns.positions)
    chosen = order[:: round(1 / share)]
    truth = np.asarray(values, dtype=float)[columns.positions[chosen]]
    keys = columns.answers[chosen]
    sort = np.argsort(keys)
    return PeopleSaid(keys[sort], truth[sort], np.full(len(keys), share))


CLEAR = [1.0] * 190 + [0.0] * 10


@pytest.mark.parametrize(
    ("cards", "verdict", "state"),
    [
        ((), "inconclusive", "uncalibrated"),
        ((EXPIRED,), "inconclusive", "uncalibrated"),
        ((BLIND,), "inconclusive", "uncalibrated"),
        ((CARD,), "pass", "above_floor"),
    ],
)
def test_a_judges_pass_counts_with_a_valid_card_alone(cards, verdict, state):
    found, findings, _ = decided_with(FLOOR, judged(CLEAR), people=People(calibrations=cards))
    assert (found, findings["answers.at_least"].state) == (verdict, state)


def test_the_reason_is_told():
    _, findings, _ = decided_with(FLOOR, judged(CLEAR), people=People(calibrations=(EXPIRED,)))
    assert findings["answers.at_least"].detail == "the card expired on 2026-01-01"


def test_a_judges_fail_counts_without_any_card():
    found, findings, _ = decided_with(FLOOR, judged([1.0] * 20 + [0.0] * 180))
    assert (found, findings["answers.at_least"].state) == ("fail", "below_floor")


def test_where_the_suite_counts_uncalibrated_judges_a_gate_may_still_ask_for_a_card():
    assert decided_with(FLOOR, judged(CLEAR), uncalibrated=True)[0] == "pass"
    asking = FLOOR.model_copy(update={"calibrated": Calibrated()})
    assert decided_with(asking, judged(CLEAR), uncalibrated=True)[0] == "inconclusive"
    assert decided_with(asking, judged(CLEAR), people=People(calibrations=(CARD,)), uncalibrated=True)[0] == "pass"


def test_a_code_checks_pass_needs_no_card():
    assert decided([FLOOR], arm({"answers": CLEAR}), uncalibrated=False)[0] == "pass"


def test_a_margin_is_narrowed_by_what_the_judge_misses():
    before = judged([1.0] * 400)
    now = judged([0.0] * 20 + [1.0] * 380)  # 5 points lost as the judge sees it
    counted, findings, _ = decided_with(MARGIN, now, before, uncalibrated=True)
    assert (counted, findings["answers.no_worse_than"].bound) == ("pass", 0.1)
    measured, findings, _ = decided_with(MARGIN, now, before, People(calibrations=(CARD,)))
    assert measured == "inconclusive"  # 0.6 x 10 points are 6, and the loss may be 7
    assert findings["answers.no_worse_than"].low < -0.06


def test_a_card_does_not_scale_graded_scores():
    before, now = judged([0.5, 0.75] * 100), judged([0.5, 0.75] * 100)
    _, findings, _ = decided_with(MARGIN, now, before, People(calibrations=(CARD,)))
    assert findings["answers.no_worse_than"].detail == "a card scales the margins of 0/1 scores; correct graded ones"


@pytest.mark.parametrize(
    ("floor", "verdict", "state"),
    [(0.6, "pass", "agrees"), (0.8, "inconclusive", "unclear"), (0.95, "fail", "disagrees")],
)
def test_agreement_with_people_is_decided_on_its_bounds(floor, verdict, state):
    gate = FLOOR.model_copy(update={"calibrated": Calibrated(agreement=floor)})
    found, findings, _ = decided_with(gate, judged(CLEAR), people=People(calibrations=(CARD,)))
    assert (found, findings["answers.agreement"].state, findings["answers.agreement"].n) == (verdict, state, 300)


def test_agreement_without_a_card_is_not_known():
    gate = FLOOR.model_copy(update={"calibrated": Calibrated(agreement=0.6)})
    _, findings, _ = decided_with(gate, judged(CLEAR))
    assert (findings["answers.agreement"].verdict, findings["answers.agreement"].state) == (
        "inconclusive",
        "few_labels",
    )


def test_never_needs_a_card_too():
    gate = Gate(metric="answers", rules=(Never(scope="any"),))
    _, findings, _ = decided_with(gate, judged([1.0] * 50))
    assert (findings["answers.never"].state, findings["answers.never"].detail) == ("uncalibrated", "any")
    assert decided_with(gate, judged([1.0] * 50), people=People(calibrations=(CARD,)))[0] == "pass"


def lenient(seed=7, n=1000, share=0.5):
    """Return what people say of n answers, and a judge who passes half of those that they do not."""
    dice = np.random.default_rng(seed)
    truth = (dice.random(n) < share).astype(float)
    return truth, np.where((truth == 0) & (dice.random(n) < 0.5), 1.0, truth)


def test_a_corrected_floor_is_decided_by_what_people_say():
    truth, judge = lenient()
    columns = judged(judge)
    labels = People(labels={"answers": said(columns, truth, 0.2)})
    raw, findings, _ = decided_with(FLOOR, columns, people=labels, uncalibrated=True)
    beside = findings["answers.at_least"].beside
    assert raw == "pass"
    assert (beside.kind, beside.labels, beside.doubt) == ("corrected", 200, None)
    assert beside.low < truth.mean() < beside.high
    gate = FLOOR.model_copy(update={"corrected": True})
    found, findings, _ = decided_with(gate, columns, people=labels)
    finding = findings["answers.at_least"]
    assert (found, finding.state, finding.method, finding.beside.kind) == ("fail", "below_floor", "ppi++", "raw")
    assert finding.low < truth.mean() < finding.high


def test_a_corrected_rate_is_the_mirror_of_the_clean_share():
    truth, judge = lenient()
    columns = judged(judge)
    gate = Gate(metric="answers", rules=(AtMost(rate=0.7),), corrected=True)
    _, findings, _ = decided_with(gate, columns, people=People(labels={"answers": said(columns, truth, 0.2)}))
    finding = findings["answers.at_most"]
    assert finding.verdict == "pass"
    assert finding.low < 1 - truth.mean() < finding.high
    assert finding.beside.value == pytest.approx(1 - judge.mean())


@pytest.mark.parametrize(("share", "doubt"), [(0.01, "labels in 10 clusters"), (None, "no labels")])
def test_too_few_labels_decide_nothing(share, doubt):
    truth, judge = lenient()
    columns = judged(judge)
    labels = {} if share is None else {"answers": said(columns, truth, share)}
    found, findings, _ = decided_with(FLOOR.model_copy(update={"corrected": True}), columns, people=People(labels))
    assert (found, findings["answers.at_least"].state) == ("inconclusive", "few_labels")
    assert findings["answers.at_least"].detail.startswith(doubt)


def test_a_corrected_change_uses_labels_of_both_arms():
    truth, judge = lenient(seed=1)
    worse = np.where(np.arange(len(truth)) % 5 == 0, 0.0, truth)  # people see a loss of about 10 points
    before = judged(judge)
    now = arm({"answers": list(np.maximum(worse, judge))}, annotator="llm", order=range(1000))  # the judge sees none
    candidate = now
    candidate.answers[:] = candidate.answers + np.uint64(1)  # other answers than the baseline's
    parts = [said(before, truth, 0.5), said(candidate, worse, 0.5)]
    keys = np.concatenate([part.answers for part in parts])
    order = np.argsort(keys)
    both = PeopleSaid(
        keys[order],
        np.concatenate([part.values for part in parts])[order],
        np.concatenate([part.chances for part in parts])[order],
    )
    people = People(labels={"answers": both})
    gate = Gate(metric="answers", rules=(NoWorseThan(margin=0.04),), corrected=True)
    found, findings, _ = decided_with(gate, candidate, before, people)
    finding = findings["answers.no_worse_than"]
    assert (found, finding.state) == ("fail", "worse_beyond_margin")
    assert finding.low < (worse - truth).mean() < finding.high


def test_unscored_outcomes_widen_corrected_bounds_too():
    truth, judge = lenient()
    columns, gaps = judged(judge), judged([None if at % 10 == 9 else value for at, value in enumerate(judge)])
    gate = FLOOR.model_copy(update={"corrected": True, "coverage": 0.5})
    _, whole, _ = decided_with(gate, columns, people=People(labels={"answers": said(columns, truth, 0.2)}))
    _, holed, _ = decided_with(gate, gaps, people=People(labels={"answers": said(gaps, truth, 0.2)}))
    wide = holed["answers.at_least"].high - holed["answers.at_least"].low
    assert wide > whole["answers.at_least"].high - whole["answers.at_least"].low + 0.08


def test_a_record_with_labels_is_decided_again_from_itself_alone():
    truth, judge = lenient()
    columns = judged(judge)
    gate = FLOOR.model_copy(update={"corrected": True, "calibrated": Calibrated(agreement=0.6)})
    people = People({"answers": said(columns, truth, 0.2)}, (CARD,))
    verdict, findings, evidence = decided_with(gate, columns, people=people)
    decision = Decision(
        suite="support",
        suite_digest="a" * 64,
        candidate="c",
        candidate_source="c.jsonl",
        verdict=verdict,
        findings=tuple(findings.values()),
        gates=(gate,),
        policy=Policy(),
        evidence=evidence,
        evalgate="0",
    )
    assert verify_record(record_bytes(decision)).agrees
