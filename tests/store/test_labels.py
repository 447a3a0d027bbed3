"""People's labels on both databases."""

from __future__ import annotations

import pytest

from evalgate.core.labels import Label
from evalgate.store.engine import Store
from tests.store.scenes import NOON


def label(number: int, **changes: object) -> Label:
    return Label.model_validate(
        {
            "check": "answers",
            "sample_digest": f"{number:064x}",
            "case_id": f"case-{number}",
            "language": "es",
            "value": 1.0,
            "label": "answered",
            "probability": 0.25,
            "split": "test",
            "source": "queue:support",
            "at": NOON,
            **changes,
        }
    )


def test_labels_come_back_as_they_were_given(store: Store) -> None:
    given = [
        label(1),
        label(2, criterion="tone", value=0.0, label="rude", probability=None, cluster="c", stratum="s", basis="agreed"),
        label(3, blind=False, people=3, basis="adjudicated", rubric_digest="9" * 32, split="control"),
    ]
    store.labels.keep(given)
    assert list(store.labels.stream()) == given


def test_what_a_source_says_last_stands(store: Store) -> None:
    store.labels.keep([label(1), label(1, value=0.0, label="refused")])
    store.labels.keep([label(1, value=0.5, label="partly"), label(1, source="terminal")])
    assert [(one.label, one.source) for one in store.labels.stream()] == [
        ("partly", "queue:support"),
        ("answered", "terminal"),
    ]


def test_labels_are_chosen_by_check_criterion_and_split(store: Store) -> None:
    store.labels.keep([label(1), label(2, criterion="tone"), label(3, check="tone"), label(4, split="dev")])
    assert [one.case_id for one in store.labels.stream("answers", "", {"test"})] == ["case-1"]
    assert [one.case_id for one in store.labels.stream("answers")] == ["case-1", "case-2", "case-4"]


def test_more_labels_than_one_page_are_streamed_in_order(store: Store) -> None:
    given = [label(number) for number in range(1201)]
    store.labels.keep(given)
    assert list(store.labels.stream()) == given


def test_the_labels_of_chosen_samples_are_found(store: Store) -> None:
    store.labels.keep([label(number) for number in range(600)])
    found = store.labels.of_samples([label(number).sample_digest for number in (*range(3, 600), 700)])
    assert [one.case_id for one in found] == [f"case-{number}" for number in range(3, 600)]


def test_labels_are_counted_by_criterion_and_split(store: Store) -> None:
    store.labels.keep([label(1), label(2), label(3, split="dev"), label(4, criterion="tone")])
    assert [tuple(one) for one in store.labels.counts()] == [
        ("answers", "", "dev", 1),
        ("answers", "", "test", 2),
        ("answers", "tone", "test", 1),
    ]


def test_another_project_has_labels_of_its_own(store: Store) -> None:
    store.labels.keep([label(1)])
    assert list(store.within(2).labels.stream()) == []


def test_a_call_that_cannot_be_kept_whole_keeps_nothing(store: Store) -> None:
    with pytest.raises(Exception, match="case_id"):
        store.labels.keep([label(1), label(2).model_copy(update={"case_id": None})])
    assert list(store.labels.stream()) == []
