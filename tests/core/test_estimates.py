"""The closed union of estimates: what every one of them keeps to, whatever the data."""

# mypy: no-check-untyped-defs
from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import get_args

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from evalgate.core.estimates import (
    Corrected,
    Estimate,
    Mean,
    PairedBinary,
    PairedMean,
    Proportion,
    Resampled,
    Sequence,
    change_estimate,
    p_below,
    score_estimate,
    sequence_estimate,
)
from evalgate.core.sampled import Sampled
from evalgate.core.statistics.sampled import sampled_mean
from evalgate.core.statistics.weighting import Drawn
from evalgate.core.values import canonical

ANY = TypeAdapter(Estimate)
KINDS = get_args(get_args(Estimate)[0])

RESAMPLED = Resampled(
    point=0.7, replicates=tuple(0.6 + step / 5000 for step in range(999)), n=300, clusters=300, effective_clusters=300
)
CORRECTED = Corrected(
    point=0.1, se=0.02, df=12, lam=0.4, people=0.12, raw=0.2, n=900, clusters=60, effective_clusters=60, support=(-1, 1)
)
SAMPLED = Sampled.of(sampled_mean(Drawn(np.repeat([1.0, 0.0], [30, 30]), np.full(60, 0.1))))


def rows(values):
    """Rows of (value, cluster); few clusters, so that many are shared, and some alone."""
    return st.lists(st.tuples(values, st.integers(0, 12)), min_size=2, max_size=40)


GRADES = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1).map(lambda value: round(value, 3)))
SCORES = st.one_of(rows(GRADES), rows(st.sampled_from([0.0, 1.0])), rows(st.just(0.7)))
CHANGES = st.one_of(
    rows(st.floats(-1, 1).map(lambda value: round(value, 3))),
    rows(st.sampled_from([-1.0, 0.0, 1.0])),
    rows(st.sampled_from([0.0, 0.0, 0.0, -1.0, 0.5])),
    rows(st.just(0.0)),
)


def split(pairs):
    return np.array([value for value, _ in pairs]), np.array([cluster for _, cluster in pairs])


def estimates(scores, changes):
    """One estimate of each kind that builders make, with and without clusters."""
    values, clusters = split(scores)
    differences, groups = split(changes)
    return [
        score_estimate(values),
        score_estimate(values, clusters),
        change_estimate(differences, 0.05),
        change_estimate(differences, 0.05, groups),
        sequence_estimate(differences),
        sequence_estimate(differences, groups, largest=40),
    ]


EVERY = st.builds(estimates, SCORES, CHANGES).flatmap(st.sampled_from)
ALPHAS = st.sampled_from([0.2, 0.05, 0.025, 0.05 / 7, 1e-4])


@given(EVERY, ALPHAS)
def test_the_point_lies_between_its_bounds_and_they_never_meet(estimate, alpha):
    low, high = estimate.bounds(alpha)
    assert low <= estimate.point <= high
    assert low < high
    assert estimate.support[0] <= low
    assert high <= estimate.support[1]


@given(EVERY)
def test_bounds_widen_as_alpha_falls(estimate):
    ends = [estimate.bounds(alpha) for alpha in (0.2, 0.05, 0.025, 0.005, 1e-4)]
    lows, highs = [low for low, _ in ends], [high for _, high in ends]
    assert lows == sorted(lows, reverse=True)
    assert highs == sorted(highs)


@given(EVERY, ALPHAS)
def test_a_record_read_back_gives_the_same_bounds_to_the_last_bit(estimate, alpha):
    again = ANY.validate_json(canonical(estimate.model_dump(mode="json")))
    assert again == estimate
    assert type(again) is type(estimate)
    assert again.bounds(alpha) == estimate.bounds(alpha)


@given(SCORES, CHANGES, st.randoms(use_true_random=False))
def test_the_order_of_rows_and_the_names_of_clusters_change_not_one_bit(scores, changes, random):
    shuffled = random.sample(scores, len(scores)), random.sample(changes, len(changes))
    names = random.sample([f"session-{number}" for number in range(13)], 13)
    renamed = [[(value, names[cluster]) for value, cluster in pairs] for pairs in shuffled]
    for before, after in zip(estimates(scores, changes), estimates(*renamed), strict=True):
        assert canonical(before.model_dump(mode="json")) == canonical(after.model_dump(mode="json"))


def test_sums_of_many_digits_come_out_the_same_in_any_order():
    rng = np.random.default_rng(4)
    values, clusters, order = rng.uniform(-1, 1, 500), rng.integers(0, 20, 500), rng.permutation(500)
    assert change_estimate(values, 0.05, clusters) == change_estimate(values[order], 0.05, 19 - clusters[order])


@given(CHANGES, ALPHAS)
def test_swapping_the_arms_mirrors_the_bounds(changes, alpha):
    values, clusters = split(changes)
    there, back = change_estimate(values, 0.05, clusters), change_estimate(-values, 0.05, clusters)
    assert back.bounds(alpha) == pytest.approx(there.bounds(alpha).mirrored(), abs=1e-9)


@given(EVERY, st.floats(-0.9, 0.9))
def test_the_p_below_a_bound_is_the_level_at_which_the_upper_bound_crosses_it(estimate, bound):
    p = p_below(estimate, bound)
    assume(1e-12 < p < 0.99)
    assert estimate.bounds(p * 1.001).high < bound
    assert estimate.bounds(p * 0.999).high >= bound


@given(SCORES)
def test_clusters_of_one_are_no_clusters(scores):
    values, _ = split(scores)
    assert score_estimate(values, np.arange(len(values))[::-1]) == score_estimate(values)


@given(SCORES)
def test_raising_a_failed_case_never_lowers_the_bounds_of_a_share(scores):
    values = np.round(split(scores)[0])
    assume((values == 0).any())
    raised = values.copy()
    raised[values.argmin()] = 1
    before, after = score_estimate(values).bounds(0.05), score_estimate(raised).bounds(0.05)
    assert after.low >= before.low
    assert after.high >= before.high


@pytest.mark.parametrize(
    "estimate",
    [
        score_estimate([1, 0, 1]),
        score_estimate([0.5, 0.25, 1]),
        change_estimate([0, 1, -1], 0.05),
        change_estimate([0.5, 0.25, -1], 0.05, [1, 1, 2]),
        sequence_estimate([0.5, 0.25]),
        RESAMPLED,
        CORRECTED,
        SAMPLED,
    ],
    ids=lambda estimate: estimate.kind,
)
def test_every_kind_says_what_a_finding_prints(estimate):
    assert type(estimate) in KINDS
    assert ANY.validate_json(estimate.model_dump_json()) == estimate
    assert estimate.n >= estimate.clusters >= estimate.effective_clusters > 0
    assert estimate.sd > 0
    low, high = estimate.bounds(0.05)
    assert low < estimate.point < high


def test_the_union_is_these_eight_kinds():
    assert set(KINDS) == {Mean, Proportion, PairedMean, PairedBinary, Resampled, Sequence, Corrected, Sampled}


def test_a_record_is_legible_and_small_whatever_its_length():
    record = json.loads(change_estimate([0.0] * 9_000 + [0.5] * 1_000, 0.05).model_dump_json())
    assert record["kind"] == "paired_mean"
    assert record["sums"]["sizes"] == [[1, 10_000]]
    assert record["informative"] == 1_000
    assert set(record) == {"kind", "sums", "informative", "margin"}


def test_an_unknown_kind_or_field_is_refused():
    with pytest.raises(ValidationError, match="kind"):
        ANY.validate_python({"kind": "hunch", "point": 0.9})
    with pytest.raises(ValidationError, match="trust_me"):
        ANY.validate_python({"kind": "proportion", "hits": 1, "n": 2, "trust_me": True})


def test_counts_that_cannot_be_are_refused():
    with pytest.raises(ValidationError, match="hits 3 exceed n 2"):
        Proportion(hits=3, n=2)
    with pytest.raises(ValidationError, match="losses 2 and gains 2 exceed n 3"):
        PairedBinary(losses=2, gains=2, n=3)


@pytest.mark.parametrize("value", [1.0001, -0.1, float("nan"), float("inf")])
def test_a_score_outside_zero_and_one_is_a_broken_promise(value):
    with pytest.raises(ValueError, match=r"one row within \[0, 1\]"):
        score_estimate([0.5, value])


def test_a_change_without_a_margin_is_refused():
    with pytest.raises(ValidationError, match="greater than 0"):
        change_estimate([0.5, 0.2, 0.1], 0.0)


@pytest.mark.parametrize("empty", [score_estimate([]), change_estimate([], 0.05), sequence_estimate([])])
def test_no_case_is_an_estimate_that_bounds_nothing(empty):
    assert (empty.n, empty.clusters, empty.effective_clusters) == (0, 0, 0)
    assert empty.bounds(0.05) == empty.support
    assert empty.point == sum(empty.support) / 2
    assert empty.sd == 0.5
    assert p_below(empty, 0.3) == 1
    assert ANY.validate_json(empty.model_dump_json()) == empty


def test_replicates_bound_by_rank_and_not_finer_than_their_number():
    # 999 replicates in even steps: the 50th from either end.
    assert RESAMPLED.bounds(0.05) == pytest.approx((0.6 + 49 / 5000, 0.6 + 949 / 5000))
    assert RESAMPLED.bounds(0.001) == pytest.approx((0.6, 0.6 + 998 / 5000))
    assert RESAMPLED.bounds(0.0009) == (0, 1)


def test_replicates_that_never_move_are_ties():
    still = RESAMPLED.model_copy(update={"replicates": (0.7,) * 999})
    assert still.bounds(0.05) == pytest.approx((0.7 * 0.05 ** (1 / 300), 1 - 0.3 * 0.05 ** (1 / 300)))
    assert RESAMPLED.model_copy(update={"clusters": 1}).bounds(0.05) == (0, 1)


def test_section_11_a_corrected_mean_carries_a_t_interval():
    assert CORRECTED.bounds(0.05) == pytest.approx((0.1 - 1.782288 * 0.02, 0.1 + 1.782288 * 0.02))
    assert CORRECTED.model_copy(update={"se": 0.0}).bounds(0.05) == (-1, 1)


def test_section_11_a_corrected_mean_is_bounded_by_what_a_score_can_be():
    assert CORRECTED.model_copy(update={"se": 0.7}).bounds(0.05) == (-1, 1)
    assert CORRECTED.model_copy(update={"point": 0.99, "support": (0, 1)}).bounds(0.05).high == 1


def test_section_11_a_judge_who_is_not_believed_leaves_people_only():
    assert CORRECTED.method == "ppi++"
    assert CORRECTED.model_copy(update={"lam": 0.0}).method == "people-only"


def test_section_11_a_corrected_change_has_a_p_of_lying_below_a_bound():
    p = p_below(CORRECTED, 0.15)
    assert CORRECTED.bounds(p * 1.001).high < 0.15 <= CORRECTED.bounds(p * 0.999).high
    assert p_below(CORRECTED.model_copy(update={"se": 0.0}), 0.15) == 1


def test_section_11_four_times_the_cases_halve_the_interval_and_none_measured_is_half_a_point_wide():
    assert CORRECTED.projected(3600, 0.1, 0.05) == pytest.approx((0.1 - 1.782288 * 0.01, 0.1 + 1.782288 * 0.01))
    still = CORRECTED.model_copy(update={"se": 0.0})
    assert still.projected(10_000, 0.0, 0.05) == pytest.approx((-1.782288 * 0.005, 1.782288 * 0.005))


def test_section_11_a_corrected_mean_without_its_labels_said_is_not_trusted():
    assert not CORRECTED.trusted
    assert "differ from the usual in 0 clusters" in CORRECTED.why
    said = CORRECTED.model_copy(update={"labelled": 80, "departing": 30, "largest_share": 0.05})
    assert said.trusted
    assert said.why is None


def test_naming_an_estimate_loads_neither_numpy_nor_scipy():
    code = (
        "import sys; from evalgate.core.estimates import Proportion; Proportion(hits=1, n=2);"
        "print([name for name in ('numpy', 'scipy', 'statistics') if name in sys.modules])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


def test_a_hundred_thousand_values_take_well_under_a_second():
    rng = np.random.default_rng(2)
    values, clusters = rng.uniform(-1, 1, 100_000), rng.integers(0, 30_000, 100_000)
    start = time.process_time()
    change_estimate(values, 0.05, clusters).bounds(0.05)
    change_estimate(values, 0.05).bounds(0.05)
    assert time.process_time() - start < 1
