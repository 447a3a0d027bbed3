"""Every message is there in every language, and says the same."""

from __future__ import annotations

import re
import string
from typing import get_args

import pytest

from evalgate.core import estimates
from evalgate.core.decisions import Decision, Finding, State
from evalgate.core.gates import Policy
from evalgate.core.metrics import Evidence
from evalgate.core.outcomes import Reason
from evalgate.reports.cases_page import ARROWS
from evalgate.reports.explain import parts_of
from evalgate.reports.findings import CHANGES, decided_by, result_of, rule_text, sentence
from evalgate.reports.messages import LANGUAGES, Language, Voice, messages

KEYS = sorted(messages("en"))
OTHERS: list[Language] = ["es", "pt"]
RULES = (
    *("never", "at_least", "at_most", "no_worse_than", "better_than_baseline", "production"),
    *("agreement", "coverage", "fact"),
)
STATES: dict[str, tuple[str, ...]] = {
    "better": CHANGES,
    "not_worse": ("no_worse_than",),
    "worse_within_margin": ("no_worse_than",),
    "worse_size_unclear": ("no_worse_than",),
    "worse_beyond_margin": CHANGES,
    "unclear": (*CHANGES, "at_least", "at_most", "production", "agreement"),
    "above_floor": ("at_least", "production"),
    "below_floor": ("at_least", "production"),
    "within_rate": ("at_most",),
    "beyond_rate": ("at_most",),
    "clean": ("never",),
    "violations": ("never",),
    "covered": ("coverage",),
    "holds": ("fact",),
    "does_not_hold": ("fact",),
    "not_known": ("fact",),
    "too_few": tuple(rule for rule in RULES if rule not in {"agreement", "fact"}),
    "not_visible": (*CHANGES, "at_least", "at_most"),
    "unscored_decides": (*CHANGES, "at_least", "at_most", "never", "production"),
    "coverage_short": ("coverage",),
    "uncalibrated": RULES[:-3],
    "few_labels": (*CHANGES, "at_least", "at_most", "agreement", "production"),
    "agrees": ("agreement",),
    "disagrees": ("agreement",),
    "unconfirmed": ("never",),
    "no_windows": ("production",),
    "silent": ("production",),
    "windows_short": ("production",),
    "suspect_weights": ("production",),
    "let_through_better": ("production",),
    "let_through_rollback": ("production",),
    "let_through_glass": ("production",),
}
NOTES = (
    "age_not_checked",
    "baseline_cases_unanswered",
    "candidate_cases_new",
    "content_changed",
    "uncalibrated",
    "candidate_model_unknown",
    "advisory",
    "replies_by_hand",
    "glass_not_broken",
)
METHODS = (
    *("t", "t-clustered", "t-guarded", "t-clustered-guarded", "all-tied", "clopper-pearson", "korn-graubard"),
    *("tango", "census", "percentile", "betting", "ppi++", "people-only", "ac1"),
    *("sampled-t", "sampled-korn-graubard", "sampled-census"),
)


def placeholders(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


def finding(state: str, rule: str, detail: str, n: int) -> Finding:
    return Finding.model_validate(
        {
            "gate": f"answers.{rule}",
            "metric": "answers",
            "rule": rule,
            "verdict": "inconclusive",
            "state": state,
            "bound": 0.06,
            "value": -0.036 if rule in CHANGES else 0.871,
            "low": -0.083 if rule in CHANGES else 0.831,
            "high": 0.007 if rule in CHANGES else 0.902,
            "n": n,
            "hits": 2,
            "planned": n + 3,
            "unscored": 3,
            "visible_drop": 0.183,
            "detail": detail,
        }
    )


def decision(of: Finding) -> Decision:
    return Decision(
        suite="support",
        suite_digest="0" * 32,
        candidate="c",
        candidate_source="c.jsonl",
        verdict="inconclusive",
        findings=(of,),
        gates=(),
        policy=Policy(),
        evidence=Evidence(),
        evalgate="0",
    )


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_messages(language):
    assert sorted(messages(language)) == KEYS


@pytest.mark.parametrize("language", OTHERS)
def test_a_message_fills_in_the_same_things_in_every_language(language):
    here = messages(language)
    assert {key: placeholders(here[key]) for key in KEYS} == {key: placeholders(messages("en")[key]) for key in KEYS}


@pytest.mark.parametrize("language", OTHERS)
def test_no_message_was_left_in_english(language):
    same = {key for key in KEYS if messages(language)[key] == messages("en")[key] and len(messages("en")[key]) > 14}
    assert {key for key in same if re.search(r"[a-z]{4}", re.sub(r"\{\w+\}", "", messages("en")[key]))} == set()


def test_every_state_of_the_core_is_told_of():
    assert set(STATES) == set(get_args(State))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("state", "rule"), [(state, rule) for state, rules in STATES.items() for rule in rules])
@pytest.mark.parametrize("n", [140, 0])
@pytest.mark.parametrize("detail", ["any", "new"])
def test_every_state_gives_a_sentence_with_its_numbers(state, rule, n, detail, language):
    voice = Voice(language)
    told = finding(state, rule, detail, n)
    said = sentence(decision(told), told, voice)
    assert said.endswith(".")
    assert "{" not in said
    assert re.search(r"\d|`|\((any|new)\)|: (any|new)\.|measured|medi", said) or n == 0
    assert decided_by(told, voice)
    assert rule_text(told, voice)
    assert result_of(decision(told), told, voice).figure


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", RULES)
def test_every_rule_is_named_and_explained(rule, language):
    scope = ".any" if rule == "never" else ""
    assert Voice(language).has(f"rule.{rule}")
    assert Voice(language).has(f"explain.demands.{rule}{scope}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_note_reason_method_and_kind_has_its_words(language):
    wanted = [f"note.{key}" for key in NOTES] + [f"unscored.{reason}" for reason in get_args(Reason)]
    wanted += [f"method.{part}" for method in METHODS for part in parts_of(method)]
    wanted += [f"html.kind.{kind}" for kind in ARROWS]
    assert [key for key in wanted if not Voice(language).has(key)] == []


def test_every_method_that_an_estimate_names_is_explained():
    fixed = {kind.method for kind in vars(estimates).values() if isinstance(getattr(kind, "method", None), str)}
    assert fixed
    assert fixed <= set(METHODS)


@pytest.mark.parametrize("number", [0.0599999, 0.05996, 0.0600001, 0.06])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_rounded_number_never_crosses_the_line_it_was_held_against(number, language):
    written = Voice(language).change(-number, -0.06).replace("\u2212", "-").replace(",", ".")
    assert (float(written) < -6) == (number > 0.06)
    assert (float(written) == -6) == (number == 0.06)


def test_a_change_that_is_not_zero_is_not_printed_as_zero():
    assert Voice("en").change(-0.0000004) == "\u22120.00004"
    assert Voice("en").change(0.0) == "0.0"
