from __future__ import annotations

import pytest

from evalgate.core.checks import Loading
from evalgate.core.errors import DataInvalid, SuiteInvalid
from evalgate.judges.examples import read_examples
from evalgate.judges.rubrics import MAX_BYTES, Label, Rubric

PROMPT = """\
messages:
  - role: system
    content: |
      {{ caution }}
      {{ reply_format }}
  - role: user
    content: |
      {{ input }}
      {{ output }}
"""

LABELS = "name: r\nquestion: Good?\nlabels: {good: 1.0, bad: 0.0}\n"


@pytest.fixture
def problem(load):
    """Return the one line that refuses a rubric."""

    def of(text):
        with pytest.raises(SuiteInvalid) as caught:
            load(text)
        assert "\n" not in str(caught.value)
        return str(caught.value)

    return of


def test_a_question_and_labels_are_a_whole_rubric(load):
    rubric = load(LABELS)
    assert rubric.labels == {"good": Label(value=1.0), "bad": Label(value=0.0)}
    assert [turn.role for turn in rubric.prompt] == ["system", "user"]


def test_a_dumped_rubric_is_read_back_as_the_same(polite):
    assert Rubric.model_validate(polite.model_dump(mode="json")) == polite


def test_an_unknown_key_names_its_line_and_the_nearest(problem):
    assert problem("name: r\nquestion: Good?\nlables: {good: 1, bad: 0}\n").startswith(
        "mine.yaml:3: unknown key 'lables'. Did you mean 'labels'? Known here: name, version"
    )


def test_an_unknown_key_of_a_label_names_what_a_label_knows(problem):
    text = "name: r\nquestion: Good?\nlabels:\n  good:\n    value: 1\n    titel: x\n  bad: 0\n"
    assert problem(text) == (
        "mine.yaml:6: unknown key 'labels.good.titel'. Did you mean 'title'? Known here: value, title, help"
    )


def test_a_missing_key_is_named(problem):
    assert problem("name: r\nlabels: {good: 1, bad: 0}\n") == "mine.yaml:1: 'question' is missing"


def test_a_misspelt_variable_names_its_own_line_in_the_file(problem):
    text = LABELS + PROMPT.replace("{{ input }}", "{{ imput }}")
    assert problem(text).startswith("mine.yaml:11: messages[1].content: no variable 'imput'. Did you mean 'input'?")


def test_a_message_that_forgets_the_answer_is_refused(problem):
    text = LABELS + PROMPT.replace("{{ output }}", "")
    assert problem(text) == "mine.yaml:4: no message writes {{ output }}"


def test_messages_without_caution_or_reply_format_are_refused(problem):
    text = LABELS + PROMPT.replace("{{ caution }}", "").replace("{{ reply_format }}", "x")
    assert "no message writes {{ caution }}, {{ reply_format }}" in problem(text)


def test_the_answer_may_not_stand_in_a_system_message(problem):
    text = LABELS + PROMPT.replace("{{ caution }}", "{{ caution }}\n      {{ output }}")
    assert problem(text).startswith("mine.yaml:8: messages[0]: {{ output }} is material to judge")


def test_material_a_case_may_lack_must_be_needed_or_guarded(problem, load):
    bare = LABELS + PROMPT.replace("{{ input }}", "{{ context }}")
    guarded = LABELS + PROMPT.replace("{{ input }}", "{% if context %}{{ context }}{% endif %}")
    assert "mine.yaml:11: messages[1]: a case may have no context; add `needs: [context]`" in problem(bare)
    assert load(guarded).needs == ()
    assert load(bare + "needs: [context]\n").needs == ("context",)


def test_a_need_that_no_message_shows_is_refused(problem):
    assert "no message writes {{ reference }}" in problem(LABELS + PROMPT + "needs: [reference]\n")


def test_a_need_that_no_case_has_is_refused(problem):
    assert problem(LABELS + "needs: [contxt]\n").startswith("mine.yaml:4: needs[0]: ")


def test_a_need_named_twice_is_refused(problem):
    assert problem(LABELS + "needs: [context, context]\n") == "mine.yaml:4: needs names a field twice"


@pytest.mark.parametrize("value", ["1.5", "-0.1", "true", "'0.5'", "good", "[1]", "null"])
def test_a_label_stands_for_a_number_from_0_to_1_or_for_unknown(problem, value):
    assert "a label's value must be a number from 0 to 1" in problem(
        f"name: r\nquestion: Good?\nlabels: {{good: 1.0, bad: {value}}}\n"
    )


def test_an_unknown_that_stands_for_a_number_is_refused(problem):
    text = "name: r\nquestion: Good?\nlabels: {good: 1.0, bad: 0.0, unknown: 0.5}\n"
    assert problem(text) == "mine.yaml:3: labels: the label unknown stands for no number: write `unknown: unknown`"


def test_labels_that_cannot_tell_two_outputs_apart_are_refused(problem):
    text = "name: r\nquestion: Q?\nlabels: {a: 1.0, b: 1.0, unknown: unknown}\n"
    assert "at least two different numbers" in problem(text)


def test_a_scale_without_0_and_1_is_allowed_and_is_not_binary(load):
    assert not load("name: r\nquestion: Q?\nlabels: {weak: 0.2, strong: 0.9}\n").binary


def test_unknown_does_not_keep_a_rubric_from_being_binary(polite):
    assert polite.binary


def test_labels_and_criteria_exclude_one_another(problem):
    both = LABELS + "criteria: {tone: {question: Kind?, labels: {yes: 1, no: 0}}}\n"
    assert "write either labels or criteria" in problem(both)
    assert "write either labels or criteria" in problem("name: r\nquestion: Q?\n")
    assert "write either labels or criteria" in problem("name: r\nquestion: Q?\ncriteria: {}\n")


def test_a_criterion_with_a_dot_in_its_name_is_refused(problem):
    text = "name: r\nquestion: Q?\ncriteria:\n  a.b: {question: Kind?, labels: {yes: 1, no: 0}}\n"
    assert problem(text).startswith("mine.yaml:4: criteria.a.b")


def test_a_question_in_a_language_there_is_none_for_is_refused(problem):
    text = "name: r\nquestion: {en: Good?, fr: Bon ?}\nlabels: {good: 1.0, bad: 0.0}\n"
    assert problem(text) == "mine.yaml:2: question: no language 'fr'. Known: en, es, pt"


@pytest.mark.parametrize("question", ["''", "{}", "{en: ''}", "3", "[a]"])
def test_a_question_without_words_is_refused(problem, question):
    text = f"name: r\nquestion: {question}\nlabels: {{good: 1.0, bad: 0.0}}\n"
    assert problem(text).startswith("mine.yaml:2: question: ")


def test_a_question_falls_back_to_english_and_then_to_the_first_there_is(load):
    both = load(LABELS.replace("Good?", "{es: ¿Bien?, en: Good?}"))
    spanish = load(LABELS.replace("Good?", "{es: ¿Bien?}"))
    assert [both.question_in(language) for language in ("en", "es", "pt")] == ["Good?", "¿Bien?", "Good?"]
    assert [spanish.question_in(language) for language in ("en", "es", "pt")] == ["¿Bien?"] * 3


def test_an_example_whose_label_is_not_offered_is_refused(problem):
    text = LABELS + "examples:\n  - {input: Hi, output: Hello, label: god, why: kind}\n"
    assert problem(text).startswith("mine.yaml:5: examples[0]: no label 'god'. Did you mean 'good'?")


def test_examples_that_no_message_shows_are_refused(problem):
    text = LABELS + PROMPT + "examples:\n  - {input: Hi, output: Hello, label: good, why: kind}\n"
    assert "no message writes {{ examples }}" in problem(text)


def test_a_file_that_is_no_mapping_is_refused(problem):
    assert problem("- a\n- b\n") == "mine.yaml:1: a rubric is a mapping with name, question and labels"
    assert problem("") == "mine.yaml:1: a rubric is a mapping with name, question and labels"


def test_a_file_that_is_not_plain_yaml_is_refused_with_its_line(problem):
    assert problem(LABELS + "name: s\n") == "mine.yaml:4: 'name' is written twice, on lines 1 and 4"


def test_a_file_longer_than_a_page_is_refused(problem):
    assert problem(LABELS + "#" * MAX_BYTES).startswith("mine.yaml: larger than 200,000 bytes; ")


def test_labels_may_be_called_yes_and_no(load):
    rubric = load("name: r\nquestion: Good?\nlabels: {yes: 1, no: 0}\n")
    assert rubric.labels == {"yes": Label(value=1.0), "no": Label(value=0.0)}


def test_criteria_may_share_their_labels_by_an_alias(load):
    first = "  tone: {question: Kind?, labels: &scale {good: 1, bad: 0}}\n"
    rubric = load(f"name: r\nquestion: Good?\ncriteria:\n{first}  help: {{question: Useful?, labels: *scale}}\n")
    assert rubric.parts["tone"].labels == rubric.parts["help"].labels


def test_a_shipped_name_misspelt_gets_the_nearest_and_the_list():
    with pytest.raises(SuiteInvalid) as caught:
        Rubric.load("faithfull", Loading(read=lambda name: name.encode()))
    assert str(caught.value).startswith("no shipped rubric 'faithfull'. Did you mean 'faithful'? Shipped: answers_")


def test_a_line_of_examples_that_the_rubric_cannot_have_names_its_line(polite):
    good = b'{"input": "Hi", "output": "Hello", "label": "polite", "why": "kind"}\n'
    assert len(read_examples(good + b"\n" + good, polite, "x.jsonl")) == 2
    for line, problem in [
        (b"{", "x.jsonl:2: not JSON"),
        (good.replace(b"polite", b"nice"), "x.jsonl:2: no label 'nice'"),
        (good.replace(b"why", b"wy"), "x.jsonl:2: 'why' is missing"),
        (good.replace(b"{", b'{"lang": "en", ', 1), "x.jsonl:2: unknown key 'lang'. Did you mean 'language'?"),
    ]:
        with pytest.raises(DataInvalid) as caught:
            read_examples(good + line, polite, "x.jsonl")
        assert str(caught.value).startswith(problem)
