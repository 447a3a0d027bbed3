"""What leaves memory of an interaction: nothing of anybody's data, in whatever field it was sent."""

from __future__ import annotations

import json

import pytest

from evalgate.checks.privacy.masking import Masker
from evalgate.core.samples import Message, ToolCall
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.masked import masked, user_key
from tests.traffic.personal import sentences

MASKER, KEY = Masker(), b"names"
ANA = "ana.lopez@example.com"
CLEAN = Interaction(
    source="otlp",
    external_id="4bf92f3577b34da6a3ce929d0e0e4736:00f067aa0ba902b7",
    trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    conversation_id="chat-1",
    finished=True,
    input=(Message(role="user", content="Where is it?"),),
    output=(Message(role="assistant", content="On its way.", tool_calls=(ToolCall(name="track", id="c1"),)),),
    model_answered="gpt-4.1-mini",
    attributes={"tier": "gold", "port": 443, "beta": True, "share": 0.5},
)


def everywhere(value):
    """Return an interaction with a value in every field that a sender fills."""
    call = ToolCall(name=value, arguments=json.dumps({"to": value}), id=value)
    said = Message(role="tool", content=value, name=value, tool_call_id=value, tool_calls=(call,))
    words = ("model_requested", "model_answered", "provider", "error", "service", "route", "release", "language")
    ids = ("external_id", "trace_id", "parent_id", "conversation_id", "user_id")
    return Interaction(source="api", external_id="e").model_copy(
        update={
            **dict.fromkeys((*words, *ids), value),
            "input": (said,),
            "output": (said,),
            "context": (value,),
            "finish_reasons": (value,),
            "attributes": {"note": value},
        }
    )


def test_an_interaction_without_anybodys_data_stays_the_same_object():
    assert masked(CLEAN, MASKER, KEY) is CLEAN


@pytest.mark.parametrize(("text", "value"), sentences().values(), ids=sentences())
def test_no_kind_of_data_is_left_in_any_field(text, value):
    assert value in repr(everywhere(text))
    assert value not in repr(masked(everywhere(text), MASKER, KEY))


def test_an_id_that_shows_somebody_becomes_one_name_and_another_id_another():
    one, again, other = (
        masked(CLEAN.model_copy(update={"external_id": name, "parent_id": name}), MASKER, KEY)
        for name in (f"chat of {ANA}", f"chat of {ANA}", "chat of eva@example.com")
    )
    assert one.external_id == one.parent_id == again.external_id
    assert one.external_id.startswith("id:")
    assert one.external_id != other.external_id
    assert masked(CLEAN.model_copy(update={"external_id": ANA}), MASKER, b"another key").external_id != one.external_id


def test_who_asked_is_never_kept_even_where_the_name_says_nothing():
    kept = masked(CLEAN.model_copy(update={"user_id": "u-19"}), MASKER, KEY)
    assert kept.user_id == user_key("u-19", KEY)
    assert "u-19" not in kept.model_dump_json()


def test_names_of_attributes_whole_numbers_and_escapes_hide_nothing():
    sent = CLEAN.model_copy(
        update={
            "attributes": {ANA: "x", "card": 4111111111111111, "as_float": 4111111111111111.0},
            "output": (
                Message(
                    role="assistant",
                    tool_calls=(ToolCall(name="mail", arguments='{"to": "ana.lopez\\u0040example.com"}'),),
                ),
            ),
        }
    )
    kept = masked(sent, MASKER, KEY)
    assert {"4111111111111111", ANA, "ana.lopez"} & set(kept.model_dump_json().split('"')) == set()
    assert kept.output[0].tool_calls[0].arguments == '{"to":"<EMAIL>"}'


def test_what_is_masked_can_be_read_again_however_much_longer_the_masks_are():
    crowd = " ".join(f"a{number}@b.io" for number in range(60))
    kept = masked(CLEAN.model_copy(update={"error": crowd[:512], "source": "52998224725"}), MASKER, KEY)
    assert Interaction.model_validate_json(kept.model_dump_json()) == kept
