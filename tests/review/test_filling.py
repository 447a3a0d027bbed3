"""Filling a queue from a run: which samples rules take, and how likely each was to be taken."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.core.outcomes import Mark
from evalgate.core.splitting import split_of
from evalgate.review.filling import fill, new_items, uniform
from evalgate.review.rules import rule_of
from evalgate.store.engine import Store
from evalgate.store.items import NewItem
from tests.review.scenes import CANNOT_TELL, NO, PLAIN, RUBRIC, YES, sample, stored


def taken(store: Store, run: str, *rules: str, stratum: str | None = None) -> Sequence[NewItem]:
    return list(new_items(store, run, [rule_of(rule) for rule in rules], stratum=stratum))


def cases(items: Sequence[NewItem]) -> list[str]:
    return [item.case_id for item in items]


def test_what_the_judge_cannot_tell_is_taken_with_what_it_said(store: Store) -> None:
    run = stored(store, [sample(0), sample(1, CANNOT_TELL)])
    (item,) = taken(store, run, "unknown:answers")
    assert (item.case_id, item.reason, item.probability) == ("case-1", "unknown", None)
    assert [(said.check, said.value, said.label) for said in item.judged] == [
        ("answers", None, "unknown"),
        ("student", 1.0, "yes"),
    ]
    assert item.split == split_of(item.sample_digest)


def test_two_checks_disagree_when_one_marks_good_what_the_other_marks_bad(store: Store) -> None:
    run = stored(store, [sample(0), sample(1, YES, NO), sample(2, NO, NO), sample(3, CANNOT_TELL, NO)])
    assert cases(taken(store, run, "disagreement:answers,student")) == ["case-1"]


def test_a_score_as_far_from_the_threshold_as_allowed_is_near(store: Store) -> None:
    run = stored(store, [sample(n, Mark(value=value)) for n, value in enumerate((0.3, 0.39, 0.4, 0.6, 0.61))])
    assert cases(taken(store, run, "near_threshold:answers,0.5,0.1")) == ["case-2", "case-3"]


def test_a_case_flips_when_the_other_run_marked_it_otherwise(store: Store) -> None:
    before = stored(store, [sample(0, YES, text="Antes"), sample(1, YES, text="Antes")], "b")
    run = stored(store, [sample(0, NO), sample(1, YES), sample(2, NO)])
    (item,) = taken(store, run, f"flips:answers,{before[:8]}")
    assert (item.case_id, item.reason) == ("case-0", "flip")


def test_chosen_cases_are_taken_whatever_was_said(store: Store) -> None:
    run = stored(store, [sample(n) for n in range(4)])
    assert cases(taken(store, run, "chosen:case-3,case-1")) == ["case-1", "case-3"]


def test_one_draw_for_each_cluster_keeps_conversations_whole_and_smaller_samples_inside_larger(store: Store) -> None:
    run = stored(store, [sample(n, cluster=f"session-{n % 50}") for n in range(200)])
    few, many = taken(store, run, "random:0.1"), taken(store, run, "random:0.4")
    assert set(cases(few)) < set(cases(many))
    assert {item.cluster for item in many} == {f"session-{n}" for n in range(50) if uniform(f"session-{n}") < 0.4}
    assert len(many) == 4 * len({item.cluster for item in many})


def test_the_largest_known_probability_counts_and_what_came_without_one_has_none(store: Store) -> None:
    run = stored(store, [sample(n, CANNOT_TELL if n % 2 else YES) for n in range(200)])
    items = taken(store, run, "unknown:answers", "unknown:answers@0.5", "random:0.2")
    for item in items:
        place, odd = uniform(item.case_id), int(item.case_id.removeprefix("case-")) % 2
        expected = {0: 0.2, 1: 0.5 if place < 0.5 else None}[odd]
        assert item.probability == expected
    assert {item.probability for item in items} == {None, 0.2, 0.5}


def test_weighted_by_its_probability_a_mixed_queue_tells_the_share_of_the_whole_run(store: Store) -> None:
    run = stored(store, [sample(n, CANNOT_TELL if n % 5 == 0 else YES) for n in range(4_000)])
    items = taken(store, run, "unknown:answers", "unknown:answers@0.6", "random:0.1")
    weights = [(1 / item.probability, item.judged[0].value is None) for item in items if item.probability]
    share = sum(weight for weight, unknown in weights if unknown) / sum(weight for weight, _ in weights)
    raw = sum(item.judged[0].value is None for item in items) / len(items)
    assert abs(share - 0.2) < 0.02
    assert raw > 0.6


def test_the_language_is_what_a_slice_says_and_else_that_of_the_answer(store: Store) -> None:
    spoken = "The parcel will be with you in the next three days."
    run = stored(store, [sample(0, locale="pt_BR"), sample(1, text=spoken, locale="")])
    assert [item.language for item in taken(store, run, "random:1")] == ["pt", "en"]


def test_an_item_remembers_the_value_of_the_slice_it_is_drawn_by(store: Store) -> None:
    run = stored(store, [sample(0)])
    assert taken(store, run, "random:1", stratum="locale")[0].stratum == "es-MX"


def test_what_judges_are_unsure_of_and_disagree_about_comes_first(store: Store) -> None:
    both = (sample(0), sample(1, CANNOT_TELL), sample(2, YES, NO), sample(3, Mark(value=0.5), NO))
    items = taken(store, stored(store, both), "random:1")
    assert [item.priority for item in items] == [0.0, 1.0, 1.0, 2.0]


def test_filling_again_adds_only_what_is_new(store: Store) -> None:
    run = stored(store, [sample(n) for n in range(10)])
    queue = store.queues.create("weekly", RUBRIC, PLAIN, "user:ana")
    assert fill(store, queue, run, [rule_of("chosen:case-1,case-2")]) == (10, 2, 2)
    assert fill(store, queue, run, [rule_of("random:1")]) == (10, 10, 8)


def test_filling_a_queue_needs_no_more_memory_for_a_larger_run(store: Store) -> None:
    run = stored(store, [sample(n) for n in range(4_000)])

    def peak(most: int) -> int:
        tracemalloc.start()
        for number, _ in enumerate(new_items(store, run, [rule_of("random:1")])):
            if number == most:
                break
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return found

    peak(400)
    assert peak(3_999) < 1.5 * peak(800)


@pytest.mark.parametrize(
    ("rule", "complaint"),
    [
        ("unknwn:answers", "Did you mean 'unknown'?"),
        ("unknown", "it is written unknown:CHECK"),
        ("near_threshold:answers,0.5", "it is written near_threshold:CHECK,AT,WITHIN"),
        ("near_threshold:answers,high,0.1", "at: Input should be a valid number"),
        ("random:0", "probability: Input should be greater than 0"),
        ("unknown:answers@2", "probability: Input should be less than or equal to 1"),
        ("disagreement:answers,answers", "a check does not disagree with itself"),
        ("chosen:", "cases: "),
    ],
)
def test_a_rule_that_cannot_be_used_says_what_is_wrong_with_it(rule: str, complaint: str) -> None:
    with pytest.raises(WrongAsWritten) as refused:
        rule_of(rule)
    assert complaint in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_rule_about_a_check_that_the_run_does_not_have_is_refused_with_the_nearest_name(store: Store) -> None:
    run = stored(store, [sample(0)])
    with pytest.raises(WrongAsWritten, match=r"no check 'answer'\. Did you mean 'answers'"):
        taken(store, run, "unknown:answer")
