from __future__ import annotations

import pytest

from evalgate.core.errors import SuiteInvalid
from evalgate.judges.check import RubricCheck
from evalgate.judges.self_judging import refuse_self_grading, same_model


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"),
        ("openai/gpt-4o", "azure/gpt-4o-2024-08-06"),
        ("gpt-4-0613", "GPT-4"),
        ("gpt-4-1106-preview", "gpt-4"),
        ("anthropic/claude-sonnet-4-20250514", "vertex_ai/claude-sonnet-4@20250514"),
        ("bedrock/us.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-latest"),
        ("openrouter/anthropic/claude-3.5-sonnet:beta", "claude-3-5-sonnet"),
        ("gemini/gemini-2.5-pro-preview-05-06", "gemini-2.5-pro"),
        ("models/gemini-1.5-flash-002", "gemini-1.5-flash"),
        ("mistral/mistral-large-2407", "mistral-large-latest"),
        ("command-r-08-2024", "cohere/command-r"),
        ("ollama/llama3.1:latest", "llama3.1"),
    ],
)
def test_one_model_under_two_names_is_one_model(one, other):
    assert same_model(one, other)
    assert same_model(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("gpt-4.1", "gpt-4.1-mini"),
        ("gpt-4o", "gpt-4o-mini"),
        ("gpt-4", "gpt-4-32k"),
        ("claude-3-5-sonnet", "claude-3-5-haiku"),
        ("claude-2.1", "claude-2.0"),
        ("ollama/llama3.1:8b", "ollama/llama3.1:70b"),
        ("llama-3.1-8b-instruct", "llama-3.1-405b-instruct"),
        ("o1", "o3"),
    ],
)
def test_two_models_of_a_family_are_two_models(one, other):
    assert not same_model(one, other)


@pytest.fixture
def judged_by(polite):
    return lambda judge, **fields: RubricCheck(rubric=polite, judge=judge, **fields)


def test_a_judge_that_wrote_the_outputs_is_refused_before_anything_is_asked(judged_by):
    with pytest.raises(SuiteInvalid) as caught:
        refuse_self_grading("kind", judged_by("openai/gpt-4.1-mini"), [None, "gpt-4.1-mini-2025-04-14"])
    assert str(caught.value) == (
        "checks.kind: the judge openai/gpt-4.1-mini would judge its own answers (outputs by gpt-4.1-mini-2025-04-14); "
        "name another judge, or write `allow_self_grading: true` in this check"
    )


def test_where_the_suite_allows_it_it_is_noted(judged_by):
    check = judged_by("gpt-4.1", allow_self_grading=True)
    assert refuse_self_grading("kind", check, ["gpt-4.1"]) == (
        "kind: the judge gpt-4.1 judges its own answers, as the suite allows"
    )


def test_outputs_that_name_no_model_are_noted_and_not_refused(judged_by):
    assert refuse_self_grading("kind", judged_by("gpt-4.1"), [None, "claude-3"]) == (
        "kind: some outputs name no model, so whether gpt-4.1 judges its own answers is not known"
    )


def test_another_model_than_the_judge_needs_no_note(judged_by):
    assert refuse_self_grading("kind", judged_by("gpt-4.1"), ["claude-3", "gpt-4.1-mini"]) is None
