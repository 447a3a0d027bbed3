from __future__ import annotations

from collections import Counter

import pytest

from evalgate.core.checks import Loading
from evalgate.core.samples import Case, Output, Sample, Subject
from evalgate.judges.check import RubricCheck
from evalgate.judges.examples import shipped_examples
from evalgate.judges.rubrics import Rubric
from evalgate.judges.shipped import rubrics_folder, shipped_rubrics
from evalgate.judges.wording import LANGUAGES

ALL = tuple(shipped_rubrics())
GUARDS = ("granite_guardian", "llama_guard", "qwen3guard", "shieldgemma_")
NAMES = tuple(name for name in ALL if not name.startswith(GUARDS))
"""Rubrics for judges; guard models have no label unknown and no examples, see test_guards."""


def nothing(name):
    raise AssertionError(name)


@pytest.fixture(params=NAMES)
def rubric(request):
    return Rubric.load(request.param, Loading(read=nothing))


def test_the_shipped_rubrics_are_these():
    assert NAMES == ("answers_the_question", "faithful", "helpful", "on_brand_tone", "safe_refusal")


def test_a_rubric_is_named_as_its_file_and_lets_the_judge_say_unknown(rubric):
    assert rubric.name in NAMES
    assert rubric.parts[""].labels["unknown"].value == "unknown"
    assert {0.0, 1.0} <= {label.value for label in rubric.parts[""].labels.values()}


@pytest.mark.parametrize("name", ALL)
def test_people_find_a_question_a_title_and_help_in_three_languages(name):
    rubric = Rubric.load(name, Loading(read=nothing))
    labels = rubric.parts[""].labels.values()
    texts = [rubric.question, *(label.title for label in labels), *(label.help for label in labels)]
    assert all(isinstance(text, dict) and list(text) == list(LANGUAGES) for text in texts)


def test_every_rubric_is_asked_in_every_language_of_every_example(rubric, nonce):
    for language in LANGUAGES:
        check = RubricCheck(rubric=rubric, judge="j", language=language)
        for number, example in enumerate(shipped_examples(rubric)):
            case = Case(id=str(number), input=example.input, context=example.context, reference=example.reference)
            sample = Sample(case=case, output=Output(text=example.output))
            system, user = check.requests(Subject(sample=sample), nonce)[0].messages
            assert rubric.question[language] in system.content
            assert f"<<output {nonce}>>\n{example.output}\n<</output {nonce}>>" in user.content
            assert "None" not in user.content.replace(example.output, "")


def test_examples_are_a_dozen_or_more_in_three_languages_with_every_label(rubric):
    examples = shipped_examples(rubric)
    languages = Counter(example.language for example in examples)
    assert len(examples) >= 12
    assert set(languages) == set(LANGUAGES)
    assert min(languages.values()) >= 4
    assert {example.label for example in examples} == set(rubric.parts[""].labels)
    assert len({(str(example.input), example.output) for example in examples}) == len(examples)


def test_the_labels_the_demo_and_the_docs_rely_on_keep_their_numbers():
    def numbers(name):
        labels = Rubric.load(name, Loading(read=nothing)).parts[""].labels
        return {label: value.value for label, value in labels.items()}

    assert numbers("answers_the_question") == {
        "answers": 1.0,
        "partly": 0.5,
        "does_not_answer": 0.0,
        "unknown": "unknown",
    }
    assert numbers("faithful") == {"faithful": 1.0, "unfaithful": 0.0, "unknown": "unknown"}


def test_the_readme_names_every_rubric():
    readme = (rubrics_folder() / "README.md").read_text(encoding="utf-8")
    assert [name for name in ALL if f"`{name}`" not in readme] == []
