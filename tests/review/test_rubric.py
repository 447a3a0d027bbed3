"""What a queue asks and how it works, as people write them."""

from __future__ import annotations

from typing import Any

import pytest

from evalgate.core.checks import Loading
from evalgate.core.errors import WrongAsWritten
from evalgate.core.review import QueueSettings
from evalgate.judges.rubrics import Rubric
from evalgate.review.rubric import asking_people, rubric_of
from evalgate.review.settings import settings_of

GOOD_OR_BAD = {"good": {"value": 1.0, "title": {"es": "Bien", "pt": "Bom", "en": "Good"}}, "bad": {"value": 0.0}}


def asked(**criteria: Any) -> dict[str, Any]:
    return {"name": "support", "criteria": {"tone": {"check": "tone", "labels": GOOD_OR_BAD}, **criteria}}


def nothing_to_read(name: str) -> bytes:
    raise AssertionError(name)


def test_the_same_words_in_three_languages_are_one_rubric_with_one_digest() -> None:
    rubric = rubric_of(asked())
    assert rubric.criteria["tone"].labels["good"].title == {"es": "Bien", "pt": "Bom", "en": "Good"}
    assert rubric.digest == rubric_of(asked()).digest


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_another_word_in_any_language_is_another_rubric(language: str) -> None:
    labels = {**GOOD_OR_BAD, "bad": {"value": 0.0, "help": {language: "…"}}}
    assert rubric_of(asked(tone={"check": "tone", "labels": labels})).digest != rubric_of(asked()).digest


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ([], "is a mapping of names to values; this is a list"),
        ({"criteria": {}}, "'name' is missing"),
        ({**asked(), "nmae": "x"}, r"unknown key 'nmae'. Did you mean 'name'\?"),
        (asked(other={"check": "other", "lables": {}}), "'criteria.other.labels' is missing"),
        (
            asked(tone={"check": "tone", "labels": GOOD_OR_BAD, "helpp": {}}),
            r"unknown key 'criteria.tone.helpp'. Did you mean 'help'\?",
        ),
        (asked(tone={"check": "tone", "labels": {**GOOD_OR_BAD, "unknown": {"value": 0.5}}}), "can always be answered"),
        (asked(tone={"check": "tone", "labels": {"a": {"value": 1}, "b": {"value": 1}}}), "tell nothing apart"),
        (asked(again={"check": "tone", "labels": GOOD_OR_BAD}), "'tone' and 'again' both ask about tone"),
    ],
)
def test_what_is_wrong_with_a_rubric_is_one_line(data: Any, line: str) -> None:
    with pytest.raises(WrongAsWritten, match=line) as refused:
        rubric_of(data)
    assert "\n" not in str(refused.value)


def test_people_are_asked_in_the_words_of_the_judge() -> None:
    judge = Rubric.load("answers_the_question", Loading(read=nothing_to_read))
    rubric = asking_people("answers", judge)
    (criterion,) = rubric.criteria.values()
    assert criterion.check == "answers"
    assert criterion.title == judge.question
    assert {name: label.value for name, label in criterion.labels.items()} == {
        "answers": 1.0,
        "partly": 0.5,
        "does_not_answer": 0.0,
    }
    assert criterion.labels["partly"].title["pt"] == "Em parte"
    assert "unknown" not in criterion.labels


def test_settings_that_are_not_written_are_the_defaults() -> None:
    assert settings_of({}) == QueueSettings()
    assert settings_of({"reviews_required": 1}).reviews_required == 1


@pytest.mark.parametrize(
    ("data", "line"),
    [
        ({"lease": 60}, r"unknown key 'lease'. Did you mean 'lease_s'\?"),
        ({"reviews_required": 0}, "reviews_required: .* greater than or equal to 1"),
        ({"order": "random"}, "order: "),
    ],
)
def test_what_is_wrong_with_settings_is_one_line(data: Any, line: str) -> None:
    with pytest.raises(WrongAsWritten, match=line):
        settings_of(data)
