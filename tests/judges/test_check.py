from __future__ import annotations

import subprocess
import sys
import time

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from evalgate.core.checks import Loading
from evalgate.core.outcomes import Mark, NotApplicable, Unscored, Vote
from evalgate.core.samples import Case
from evalgate.judges.check import RubricCheck

TWO = """\
name: voice
question: How does it sound?
criteria:
  tone: {question: Is it warm?, labels: {warm: 1.0, cold: 0.0, unknown: unknown}}
  register: {question: Is it formal?, labels: {formal: 1.0, mixed: 0.5, informal: 0.0}}
"""


def said(label, reasoning="Because."):
    return {"reasoning": reasoning, "label": label}


def suite(judge="judge-1", files=None):
    return Loading(read=lambda name: (files or {})[name].encode(), judge=judge)


def refusal(data, loading):
    with pytest.raises(ValidationError) as caught:
        RubricCheck.model_validate(data, context=loading)
    (error,) = caught.value.errors()
    return error["loc"], error["msg"]


def test_the_suite_gives_the_judge_unless_the_check_names_one():
    assert RubricCheck.model_validate({"rubric": "faithful"}, context=suite()).judge == "judge-1"
    assert RubricCheck.model_validate({"rubric": "faithful", "judge": "mine"}, context=suite()).judge == "mine"


def test_without_any_judge_one_clear_line_says_where_to_write_it():
    assert refusal({"rubric": "faithful"}, suite(judge=None)) == (
        (),
        "no judge: write `judge: MODEL` at the top of the suite or in this check",
    )


def test_a_rubric_is_a_shipped_name_a_path_or_the_thing_itself(polite_yaml, polite, judged):
    files = suite(files={"r/polite.yaml": polite_yaml})
    by_path = RubricCheck.model_validate({"rubric": "r/polite.yaml"}, context=files)
    inline = RubricCheck.model_validate({"rubric": polite.model_dump(mode="json")}, context=suite())
    assert by_path == inline == judged(polite)


def test_a_problem_in_the_rubrics_file_is_reported_at_the_rubric_key(polite_yaml):
    broken = suite(files={"r.yaml": polite_yaml.replace("rude: 0.0", "rude: {5}")})
    where, problem = refusal({"rubric": "r.yaml"}, broken)
    assert where == ("rubric",)
    assert problem.startswith("r.yaml:6: ")


def test_a_misspelt_shipped_name_is_reported_at_the_rubric_key():
    where, problem = refusal({"rubric": "answer_the_question"}, suite())
    assert where == ("rubric",)
    assert problem.startswith("no shipped rubric 'answer_the_question'. Did you mean 'answers_the_question'?")


def test_a_check_is_read_back_from_its_dump(check):
    again = RubricCheck.model_validate(check.model_dump(mode="json"))
    assert (again, again.digest) == (check, check.digest)


def test_a_question_that_is_not_asked_in_the_language_is_refused(load, polite_yaml, judged):
    spanish = load(polite_yaml.replace("{en: Is the answer polite?, es:", "{es:"))
    with pytest.raises(ValidationError, match="rubric 'polite' does not ask its question in 'en'; set `language`"):
        judged(spanish)
    assert judged(spanish, language="es").language == "es"


def test_requests_carry_the_judge_the_prompt_and_a_strict_schema(check, subject, nonce):
    (request,) = check.requests(subject(), nonce)
    assert (request.model, request.repeat) == ("judge-1", 0)
    assert [message.role for message in request.messages] == ["system", "user"]
    assert (request.parameters["temperature"], request.parameters["max_tokens"]) == (0.0, 700)
    form = request.parameters["response_format"]["json_schema"]
    assert form["strict"] is True
    assert list(form["schema"]["properties"]) == ["reasoning", "label"]
    assert form["schema"]["properties"]["label"]["enum"] == ["polite", "rude", "unknown"]
    assert Draft202012Validator(form["schema"]).is_valid(said("rude"))
    assert not Draft202012Validator(form["schema"]).is_valid({**said("rude"), "score": 1})


def test_the_schema_of_several_criteria_is_closed_at_every_level(load, judged):
    schema = judged(load(TWO))._parameters["response_format"]["json_schema"]["schema"]
    valid = Draft202012Validator(schema).is_valid
    assert valid({"criteria": {"tone": said("warm"), "register": said("mixed")}})
    assert not valid({"criteria": {"tone": said("warm")}})
    assert not valid({"criteria": {"tone": said("warm"), "register": said("warm")}})


def test_parameters_that_a_server_refuses_can_be_left_out(polite, subject, nonce, judged):
    check = judged(polite, temperature=None, max_tokens=None, structured=False)
    assert check.requests(subject(), nonce)[0].parameters == {}


def test_the_same_question_has_the_same_key_and_another_nonce_or_answer_another(check, subject):
    pairs = [("a", "1f"), ("a", "1f"), ("a", "2f"), ("b", "1f")]
    keys = [check.requests(subject(text), nonce)[0].key for text, nonce in pairs]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_repeats_differ_in_their_index_alone(polite, subject, nonce, judged):
    requests = judged(polite, repeats=3).requests(subject(), nonce)
    assert [request.repeat for request in requests] == [0, 1, 2]
    assert len({request.messages for request in requests}) == 1
    assert len({request.key for request in requests}) == 3


def test_a_label_becomes_the_number_its_file_gives_it_and_the_version_that_answered_is_kept(check, subject, reply):
    marks = check.read(subject(), [reply(said("rude", "It insults."))])
    vote = Vote(judge="judge-1", model="judge-1-2025-04-14", label="rude", value=0.0)
    assert marks == {"": Mark(value=0.0, label="rude", explanation="It insults.", votes=(vote,))}


def test_unknown_goes_unscored_with_its_reason(check, subject, reply):
    result = check.read(subject(), [reply(said("unknown", "No words."))])[""]
    assert (result.kind, result.reason, result.detail) == ("unscored", "unknown", "No words.")
    assert (result.votes[0].label, result.votes[0].value) == ("unknown", None)


def test_an_unreadable_reply_goes_unscored_and_keeps_who_answered(check, subject, reply):
    result = check.read(subject(), [reply("polite!")])[""]
    assert (result.kind, result.reason) == ("unscored", "unreadable")
    assert (result.votes[0].model, result.votes[0].label) == ("judge-1-2025-04-14", None)


def test_a_rubric_with_criteria_marks_each_and_one_unknown_leaves_the_others(load, subject, reply, judged):
    check = judged(load(TWO))
    answer = {"criteria": {"tone": said("unknown", "No words."), "register": said("mixed")}}
    marks = check.read(subject(), [reply(answer)])
    assert check.criteria == tuple(marks) == ("tone", "register")
    assert (marks["tone"].kind, marks["register"].value, check.binary) == ("unscored", 0.5, False)


@pytest.mark.parametrize(
    ("labels", "value", "label"),
    [
        (["polite", "polite", "polite"], 1.0, "polite"),
        (["polite", "rude", "polite"], 2 / 3, "polite"),
        (["rude", "polite", "unknown"], 0.5, None),
        (["unknown", "rude", "rude"], 0.0, "rude"),
    ],
)
def test_the_mark_of_repeats_is_the_mean_of_those_that_gave_a_number(
    polite, subject, reply, labels, value, label, judged
):
    check = judged(polite, repeats=3)
    mark = check.read(subject(), [reply(said(each, each)) for each in labels])[""]
    assert (mark.value, mark.label) == (pytest.approx(value), label)
    assert [(vote.repeat, vote.label, vote.explanation) for vote in mark.votes] == [
        (repeat, each, each) for repeat, each in enumerate(labels)
    ]


def test_repeats_without_a_number_from_more_than_half_are_unscored(polite, subject, reply, judged):
    check = judged(polite, repeats=4)
    result = check.read(subject(), [reply(each) for each in (said("polite"), "?", said("polite"), said("unknown"))])[""]
    assert (result.kind, result.reason, len(result.votes)) == ("unscored", "unreadable", 4)


def test_replies_that_never_came_are_unavailable(polite, subject, reply, judged):
    check = judged(polite, repeats=3)
    assert check.read(subject(), [])[""] == Unscored(
        reason="unavailable", detail="too few of the repeats were answered"
    )
    assert check.read(subject(), [reply(said("polite"))])[""].reason == "unavailable"


def test_a_mean_over_repeats_is_not_binary(polite, judged):
    assert [judged(polite, repeats=n).binary for n in (1, 2)] == [True, False]


def test_a_case_without_what_the_rubric_needs_is_not_applicable_and_says_what(judged):
    check = judged("faithful", where={"lang": "es"})
    bare, spanish = Case(id="c", input="Hi"), {"lang": "es"}
    given = bare.model_copy(update={"context": ("A passage.",)})
    assert check.not_for(bare.model_copy(update={"metadata": spanish})) == NotApplicable(why="the case has no context")
    assert check.not_for(bare) == check.not_for(given) == NotApplicable(why="lang is not 'es'")
    assert check.not_for(given.model_copy(update={"metadata": spanish})) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Is the answer polite?", "Is the answer courteous?"),
        ("Kind words throughout.", "Kind words."),
        ("value: 1.0", "value: 0.9"),
        ("rude: 0.0", "harsh: 0.0"),
        ("version: 1", "version: 2"),
        ("  unknown: unknown\n", ""),
    ],
)
def test_what_the_judge_reads_or_a_label_is_worth_changes_the_digest(load, polite_yaml, check, old, new):
    assert old in polite_yaml
    assert RubricCheck(rubric=load(polite_yaml.replace(old, new)), judge="judge-1").digest != check.digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("title: Polite", "title: {es: Cortés}"),
        ("¿La respuesta es cortés?", "¿Es cortés la respuesta?"),
        ("Palavras gentis.", "Palavras cordiais."),
        ("name: polite", "name: courteous"),
    ],
)
def test_what_only_people_read_does_not_change_the_digest(load, polite_yaml, check, old, new):
    assert old in polite_yaml
    assert RubricCheck(rubric=load(polite_yaml.replace(old, new)), judge="judge-1").digest == check.digest


@pytest.mark.parametrize(
    "changed",
    [{"judge": "judge-2"}, {"language": "es"}, {"temperature": 0.5}, {"max_tokens": 99}, {"repeats": 2},
     {"structured": False}, {"where": {"lang": "es"}}],
)  # fmt: skip
def test_another_judge_or_another_way_of_asking_changes_the_digest(polite, check, changed, judged):
    assert judged(polite, **changed).digest != check.digest


def test_what_moves_no_mark_does_not_change_the_digest(polite, check, judged):
    same = judged(polite, advisory=True, allow_self_grading=True)
    assert same.digest == check.digest


def test_the_schema_of_the_check_takes_a_name_or_a_whole_rubric():
    kinds = RubricCheck.model_json_schema()["properties"]["rubric"]["anyOf"]
    assert {"type": "string"} in kinds
    assert len(kinds) == 2


def test_importing_the_check_imports_neither_jinja2_nor_yaml():
    code = (
        "import sys, evalgate.judges.self_judging, evalgate.judges.examples; print({'jinja2', 'yaml'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_asking_and_reading_cost_less_than_150_microseconds_a_sample(subject, reply, nonce, judged):
    check = judged("faithful")
    sample = subject("You have 60 days. " * 20, input="How many days? " * 5, context=("Returns: 30 days. " * 30,))
    answer = reply(said("unfaithful", "The passage says 30 days and the answer says 60. " * 3))
    rounds = []
    for _ in range(7):
        start = time.perf_counter()
        for _ in range(200):
            assert check.requests(sample, nonce)[0].key
            assert check.read(sample, [answer])
        rounds.append((time.perf_counter() - start) / 200)
    assert min(rounds) < 150e-6
