from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.core.models import Reply
from evalgate.core.outcomes import Unscored
from evalgate.judges.verdicts import Pick, read_reply, shown

OFFERED = {"": ("polite", "rude", "unknown")}
TWO = {"tone": ("warm", "cold"), "register": ("formal", "informal")}
GOOD = '{"reasoning": "Kind.", "label": "polite"}'


def read(text, offered=OFFERED, **fields):
    return read_reply(Reply(text=text, model="m", **fields), offered)


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"\n  {GOOD}\t\n",
        f"```json\n{GOOD}\n```",
        f"  ```json\n{GOOD}\n```\n",
        '{"label": "polite", "reasoning": "Kind."}',
        '{"reasoning": "K\\u0069nd.", "label": "\\u0070olite"}',
    ],
)
def test_one_object_with_white_space_or_one_fence_around_it_is_read(text):
    assert read(text) == {"": Pick("polite", "Kind.")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "polite",
        '"polite"',
        "null",
        "[]",
        f"[{GOOD}]",
        f"Sure! {GOOD}",
        f"{GOOD} I hope this helps.",
        f"{GOOD}{GOOD}",
        f"{GOOD}\n{GOOD}",
        f"```\n{GOOD}\n```",
        f"```json\n{GOOD}\n```\nDone.",
        f"```json\n```json\n{GOOD}\n```\n```",
        f"<think>rude</think>{GOOD}",
        f"\ufeff{GOOD}",
        '{"label": "polite"}',
        '{"reasoning": "Kind."}',
        '{"reasoning": "Kind.", "label": "polite", "score": 1}',
        '{"reasoning": "Kind.", "label": "polite", "label": "rude"}',
        '{"reasoning": "Kind.", "label": "Polite"}',
        '{"reasoning": "Kind.", "label": "polite "}',
        '{"reasoning": "Kind.", "label": "polite | rude"}',
        '{"reasoning": "Kind.", "label": ["polite"]}',
        '{"reasoning": "Kind.", "label": null}',
        '{"reasoning": "Kind.", "label": 1}',
        '{"reasoning": ["Kind."], "label": "polite"}',
        '{"reasoning": null, "label": "polite"}',
        '{"reasoning": "Kind.", "label": ""}',
        "{'reasoning': 'Kind.', 'label': 'polite'}",
        '{"reasoning": "Kind.", "label": "polite",}',
        '{"reasoning": "Kind.", "label": "polite"',
        '{"reasoning": "The label is {"label": "polite"}", "label": "rude"}',
        '{"criteria": {"": {"reasoning": "Kind.", "label": "polite"}}}',
        '{"reasoning": "Kind.", "label": NaN}',
        '{"reasoning": "Kind.", "label": ' + "9" * 10_000 + "}",
        "[" * 40_000,
        '{"reasoning": "' + "x" * 60_000 + '", "label": "polite"}',
    ],
)
def test_anything_else_is_unreadable_with_a_short_reason(text):
    result = read(text)
    assert isinstance(result, Unscored)
    assert result.reason == "unreadable"
    assert 0 < len(result.detail) < 200


def test_a_label_quoted_in_the_reasoning_is_only_reasoning():
    reasoning = 'The answer says {"reasoning": "", "label": "polite"}; it is not.'
    assert read(json.dumps({"reasoning": reasoning, "label": "rude"})) == {"": Pick("rude", reasoning)}


def test_a_reply_cut_off_is_unreadable_even_when_it_parses():
    result = read(GOOD, finish_reason="length")
    assert (result.reason, result.detail) == ("unreadable", "the reply was cut off; raise max_tokens")


def test_a_refusal_is_refused_even_beside_a_label():
    assert read(GOOD, refusal="I cannot judge this.").detail == "the judge declined: I cannot judge this."
    assert read("", refusal="I cannot judge this.").reason == "refused"


def test_a_content_filter_is_a_refusal():
    assert read("", finish_reason="content_filter").reason == "refused"


def test_an_empty_refusal_field_refuses_nothing():
    assert read(GOOD, refusal="") == {"": Pick("polite", "Kind.")}


def test_every_criterion_gets_its_own_label():
    picks = {"tone": {"reasoning": "a", "label": "warm"}, "register": {"reasoning": "b", "label": "informal"}}
    assert read(json.dumps({"criteria": picks}), TWO) == {"tone": Pick("warm", "a"), "register": Pick("informal", "b")}


@pytest.mark.parametrize(
    "criteria",
    [
        {"tone": {"reasoning": "a", "label": "warm"}},
        {"tone": {"reasoning": "a", "label": "warm"}, "register": {"reasoning": "b", "label": "cold"}},
        {
            "tone": {"reasoning": "a", "label": "warm"},
            "register": {"reasoning": "b", "label": "formal"},
            "wit": {"reasoning": "c", "label": "warm"},
        },
        {"tone": "warm", "register": "formal"},
        [],
        None,
    ],
)
def test_one_criterion_wrong_makes_the_whole_reply_unreadable(criteria):
    assert read(json.dumps({"criteria": criteria}), TWO).reason == "unreadable"


def test_a_reasoning_is_kept_fit_to_store_and_print():
    text = json.dumps({"reasoning": " a\x00b\x1b[2J\ud800\u202e\r\nc " + "x" * 2_000, "label": "rude"})
    reasoning = read(text)[""].reasoning
    assert reasoning.startswith("a�b�[2J��\nc x")
    assert (len(reasoning), reasoning[-1]) == (1_000, "…")


@given(st.text())
def test_arbitrary_text_is_never_a_verdict(text):
    assert isinstance(read(text), Unscored)


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.sampled_from(["polite", "rude"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["reasoning", "label", "criteria", "x"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(VALUES)
def test_json_is_a_verdict_exactly_when_it_has_a_reasoning_and_an_offered_label(data):
    valid = (
        isinstance(data, dict)
        and data.keys() == {"reasoning", "label"}
        and isinstance(data["reasoning"], str)
        and data["label"] in ("polite", "rude", "unknown")
    )
    assert isinstance(read(json.dumps(data)), dict) == valid


@given(st.integers(0, len(GOOD)), st.text(min_size=1, max_size=3))
def test_a_valid_reply_with_anything_put_in_never_changes_its_label(position, extra):
    result = read(GOOD[:position] + extra + GOOD[position:])
    assert isinstance(result, Unscored) or result[""].label == "polite"


@given(st.text(max_size=3_000))
def test_what_is_shown_is_short_valid_and_idempotent(text):
    once = shown(text, 100)
    assert len(once) <= 100
    assert once.encode("utf-8").decode("utf-8") == once
    assert shown(once, 100) == once
