"""From bodies to replies: what is read, and what is no reply."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.core.models import Interrupted, Reply
from evalgate.providers.replies import read_reply

WHOLE = orjson.dumps(
    {
        "id": "c-1",
        "model": "m-2026-01-01",
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": '{"label": "sí"}'}, "finish_reason": "stop"}
        ],
        "usage": {"prompt_tokens": 12, "completion_tokens": 3},
    }
)


def body(message: object, **more: object) -> bytes:
    return orjson.dumps({"model": "m", "choices": [{"message": message}], **more})


def test_a_whole_body_is_read() -> None:
    assert read_reply(WHOLE) == Reply(
        text='{"label": "sí"}', model="m-2026-01-01", finish_reason="stop", input_tokens=12, output_tokens=3
    )


@given(st.integers(min_value=0, max_value=len(WHOLE) - 1))
def test_a_body_cut_anywhere_is_interrupted(at: int) -> None:
    with pytest.raises(Interrupted):
        read_reply(WHOLE[:at])


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["choices", "message", "error", "x"]), inner),
        max_leaves=8,
    )
)
def test_any_other_json_is_interrupted_and_nothing_else(data: object) -> None:
    with pytest.raises(Interrupted):
        read_reply(orjson.dumps(data))


@given(
    st.dictionaries(
        st.sampled_from(["content", "refusal", "tool_calls", "function_call", "provider_specific_fields"]),
        st.recursive(
            st.none() | st.integers(-9, 9) | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["text", "function", "arguments"]), inner),
            max_leaves=6,
        ),
    )
)
def test_any_message_is_read_without_an_error(message: dict[str, object]) -> None:
    assert isinstance(read_reply(body(message)), Reply)


def test_parts_are_joined() -> None:
    parts = [{"type": "text", "text": "one "}, {"type": "image_url", "image_url": {}}, {"type": "text", "text": "two"}]
    assert read_reply(body({"content": parts})).text == "one two"


def test_a_refusal_among_the_parts_is_a_refusal() -> None:
    assert read_reply(body({"content": [{"type": "refusal", "refusal": "no"}]})).refusal == "no"


def test_content_goes_before_the_arguments_of_a_call() -> None:
    call = {"function": {"name": "f", "arguments": "{}"}}
    assert read_reply(body({"content": "text", "tool_calls": [call]})).text == "text"
    assert read_reply(body({"content": None, "tool_calls": [call]})).text == "{}"


def test_an_older_function_call_is_read() -> None:
    assert read_reply(body({"content": None, "function_call": {"name": "f", "arguments": '{"a":1}'}})).text == '{"a":1}'


def test_a_server_that_names_no_version_gives_an_empty_one() -> None:
    assert read_reply(orjson.dumps({"choices": [{"message": {"content": "x"}}]})).model == ""


@pytest.mark.parametrize("count", [-1, 1.5, "12", True, None], ids=repr)
def test_a_count_that_is_none_is_not_known(count: object) -> None:
    assert read_reply(body({"content": "x"}, usage={"prompt_tokens": count})).input_tokens is None


def test_an_error_in_place_of_a_completion_is_no_reply() -> None:
    with pytest.raises(Interrupted, match="not a chat completion"):
        read_reply(b'{"error": {"message": "upstream is busy", "code": 502}}')


def test_a_web_page_says_what_may_be_missing() -> None:
    with pytest.raises(Interrupted, match="web page; does the base URL lack /v1"):
        read_reply(b"<!doctype html>")
