"""What senders other than OpenTelemetry write: LiteLLM's proxy, the native route, Langfuse's export."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from evalgate.traffic.langfuse import langfuse_interactions
from evalgate.traffic.litellm import decode_litellm
from evalgate.traffic.merging import merged
from evalgate.traffic.native import EXAMPLES, SentInteraction, decode_interactions
from evalgate.traffic.refusals import Malformed, TooLarge, UnknownKind
from tests.traffic.scenes import JSON, fixture

LITELLM = fixture("litellm")


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


# ── LiteLLM ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_payload_of_the_proxy_is_an_interaction():
    (interaction,) = decode_litellm(body(LITELLM)).interactions
    assert interaction.key == ("litellm", "chatcmpl-9")
    assert [m.role for m in interaction.input] == ["system", "user", "assistant", "tool"]
    assert (interaction.output[0].content, interaction.finish_reasons) == ("Llueve y hay 14 °C.", ("stop",))
    assert (interaction.model_requested, interaction.model_answered) == ("chat-default", "gpt-5-2026-08-07")
    assert (interaction.user_id, interaction.trace_id, interaction.route) == ("u-1", "t-9", "shop")
    assert (interaction.input_tokens, interaction.cost_usd, interaction.latency_ms) == (97, 0.00042, 1500.0)
    assert interaction.started == datetime(2025, 11, 20, 10, tzinfo=UTC)
    assert (interaction.state, interaction.cache_hit) == ("complete", None)


def test_addresses_and_hashes_of_keys_are_not_kept():
    (interaction,) = decode_litellm(body(LITELLM)).interactions
    assert interaction.attributes["metadata.user_api_key_team_alias"] == "retail"
    for secret in ("203.0.113.9", "88dc28d0", "owner@acme.example", "api.example"):
        assert secret not in interaction.model_dump_json()


@pytest.mark.parametrize(
    ("sent", "content_type"),
    [
        (body(LITELLM), JSON),
        (body([LITELLM]), JSON),
        (body(LITELLM) + b"\n" + body(LITELLM | {"id": "other"}), "application/x-ndjson"),
        (body(LITELLM) + b"\n\n" + body(LITELLM | {"id": "other"}) + b"\n", JSON),
    ],
    ids=["single", "json_array", "ndjson", "ndjson that says it is json"],
)
def test_all_formats_of_the_generic_logger_are_read(sent: bytes, content_type: str):
    decoded = decode_litellm(gzip.compress(sent), content_type, "gzip")
    assert decoded.interactions[0].state == "complete"
    assert decoded.seen == len(decoded.interactions)


def test_a_failure_keeps_its_kind_and_not_its_text():
    failed = {"status": "failure", "response": None, "error_str": "litellm.RateLimitError: user u-1 is over"}
    told = LITELLM | failed | {"error_information": {"error_class": "RateLimitError", "traceback": "…"}}
    (interaction,) = decode_litellm(body(told)).interactions
    assert (interaction.state, interaction.error, interaction.output) == ("complete", "RateLimitError", ())


def test_texts_that_the_proxy_was_told_not_to_log_are_no_content():
    told = json.loads(json.dumps(LITELLM))
    told["messages"] = [{"role": "user", "content": "redacted-by-litellm"}]
    told["response"]["choices"][0]["message"]["content"] = "redacted-by-litellm"
    (interaction,) = decode_litellm(body(told)).interactions
    assert (interaction.state, interaction.input, interaction.output) == ("no_content", (), ())
    assert (interaction.output_tokens, interaction.finish_reasons) == (12, ("stop",))


def test_a_cache_hit_says_so():
    (interaction,) = decode_litellm(body(LITELLM | {"cache_hit": True})).interactions
    assert interaction.cache_hit is True


@pytest.mark.parametrize("call_type", ["embedding", "aembedding", "image_generation", "moderation", "rerank"])
def test_other_calls_through_the_proxy_are_none(call_type: str):
    decoded = decode_litellm(body(LITELLM | {"call_type": call_type}))
    assert (decoded.interactions, decoded.passed_over) == ((), 1)


def test_broken_payloads_take_no_neighbour_with_them():
    decoded = decode_litellm(body([{"id": "x"}, 3, LITELLM, LITELLM | {"id": None}, LITELLM | {"id": "b"}]))
    assert (len(decoded.interactions), decoded.rejected) == (2, 3)
    assert decoded.why.startswith("payloads[0]: call_type is missing; is this a StandardLoggingPayload?; payloads[1]: ")


# ── native ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_examples_of_the_native_record_are_taken():
    decoded = decode_interactions(body(EXAMPLES))
    assert (decoded.seen, decoded.rejected, len(decoded.interactions)) == (3, 0, 2)
    first, second = decoded.interactions
    assert (first.state, first.feedback, first.release) == ("complete", "down", "2026.11.3")
    assert second.tool_calls[0].arguments == '{"city": "Lisboa"}'


def test_the_native_record_explains_itself():
    schema = SentInteraction.model_json_schema()
    assert schema["examples"] == EXAMPLES
    assert schema["required"] == ["id"]
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize(
    "sent", [{"interactions": [{"id": "1"}, {"id": "2"}]}, [{"id": "1"}, {"id": "2"}]], ids=["named", "list"]
)
def test_a_body_of_several_records_is_read(sent: object):
    assert [one.external_id for one in decode_interactions(body(sent)).interactions] == ["1", "2"]


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({}, "id: Field required"),
        ({"id": ""}, "id: String should have at least 1 character"),
        ({"id": "1", "inputs": "x"}, "inputs: Extra inputs are not permitted"),
        ({"id": "1", "started_at": "2026-11-20T10:00:00"}, "started_at"),
        ({"id": "1", "source": "Not a word"}, "source"),
        ({"id": "1", "input": [{"role": "wizard", "content": "x"}]}, "input message 0: role"),
        ({"id": "1", "output": []}, "output is an empty list of messages"),
        ({"id": "1", "cost_usd": -1}, "cost_usd"),
        ({"id": "1", "feedback": "meh"}, "feedback"),
        ({"id": "1", "attributes": {str(n): n for n in range(65)}}, "attributes"),
        ("1", "a record is an object"),
    ],
)
def test_a_native_record_is_read_strictly_and_alone(record: object, why: str):
    decoded = decode_interactions(body([{"id": "good"}, record]))
    assert (len(decoded.interactions), decoded.rejected) == (1, 1)
    assert decoded.why.startswith(f"interactions[1]: {why}")


def test_a_thumb_may_come_before_or_after_its_interaction_and_from_another_sender():
    (asked,) = decode_litellm(body(LITELLM)).interactions
    (thumb,) = decode_interactions(body({"source": "litellm", "id": "chatcmpl-9", "feedback": "down"})).interactions
    assert (thumb.state, merged(thumb, asked).state, merged(thumb, asked).feedback) == (
        "partial",
        "complete",
        "down",
    )


def test_a_record_that_says_it_is_partial_is():
    sent = {"id": "1", "input": "?", "output": "so f", "partial": True}
    assert decode_interactions(body(sent)).interactions[0].state == "partial"


def test_one_broken_line_of_json_lines_is_one_refusal():
    decoded = decode_interactions(b'{"id": "1"}\n{"id": \n{"id": "3"}', "application/x-ndjson")
    assert ([one.external_id for one in decoded.interactions], decoded.rejected) == (["1", "3"], 1)
    assert decoded.why == "interactions[1]: broken JSON on this line"


def test_bodies_of_records_are_refused_like_all_others():
    with pytest.raises(Malformed, match="broken JSON at byte"):
        decode_interactions(b"[1,")
    with pytest.raises(Malformed, match="an object or a list of objects"):
        decode_interactions(b"3")
    with pytest.raises(Malformed, match="send at most 10000"):
        decode_interactions(b"[" + b"1," * 10_000 + b"1]")
    with pytest.raises(UnknownKind):
        decode_interactions(b"{}", "text/csv")
    with pytest.raises(TooLarge):
        decode_interactions(b'{"id": "1"}', limit=5)


def test_an_interaction_is_frozen_and_knows_no_other_field():
    (interaction,) = decode_interactions(b'{"id": "1"}').interactions
    with pytest.raises(ValidationError):
        interaction.user_id = "other"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        type(interaction).model_validate(interaction.model_dump() | {"project": "other"})


# ── Langfuse ─────────────────────────────────────────────────────────────────────────────────────────────────────────

LANGFUSE = fixture("langfuse")


def test_a_generation_is_an_interaction_with_what_its_trace_says():
    decoded = langfuse_interactions(LANGFUSE["traces"], LANGFUSE["observations"], LANGFUSE["scores"])
    assert (decoded.seen, decoded.passed_over, decoded.rejected) == (3, 1, 0)
    first, second = decoded.interactions
    assert (first.conversation_id, first.user_id, first.release) == ("conv-1", "u-1", "2026.11.3")
    assert (first.route, first.model_requested, first.input_tokens, first.cost_usd) == (
        "weather-es",
        "gpt-5",
        97,
        0.00042,
    )
    assert (first.output[0].content, first.latency_ms, first.state) == ("Llueve y hay 14 °C.", 1500.0, "complete")
    assert (first.feedback, second.feedback) == ("down", None)
    assert (second.state, second.error, second.route) == ("complete", "RateLimitError", "weather")
    assert first.attributes["environment"] == "prod"


def test_a_trace_with_its_observations_inside_says_the_same():
    nested = [LANGFUSE["traces"][0] | {"observations": LANGFUSE["observations"], "scores": LANGFUSE["scores"]}]
    apart = langfuse_interactions(LANGFUSE["traces"], LANGFUSE["observations"], LANGFUSE["scores"])
    assert langfuse_interactions(nested, []) == apart


def test_the_thumb_of_a_trace_goes_to_its_last_answer():
    thumb = [{"traceId": "t1", "name": "user-feedback", "value": 1}]
    decoded = langfuse_interactions(LANGFUSE["traces"], LANGFUSE["observations"], thumb)
    assert [one.feedback for one in decoded.interactions] == [None, "up"]


def test_the_files_of_a_bucket_write_their_columns_with_underscores():
    observation = {
        "id": "o1",
        "trace_id": "t1",
        "type": "GENERATION",
        "input": '[{"role": "user", "content": "hola"}]',
        "output": "¿sí?",
        "start_time": "2026-11-20 10:00:00.000000",
        "end_time": "2026-11-20 10:00:01.000000",
        "provided_model_name": "gpt-5",
        "usage_details": {"input": 5, "output": 2},
    }
    trace = {"id": "t1", "session_id": "conv-1", "user_id": "u-1"}
    (interaction,) = langfuse_interactions([trace], [observation]).interactions
    assert (interaction.conversation_id, interaction.input_tokens, interaction.latency_ms) == ("conv-1", 5, 1000.0)
    assert [(m.role, m.content) for m in interaction.input] == [("user", "hola")]


def test_what_is_no_observation_is_counted():
    decoded = langfuse_interactions([], [{"type": "GENERATION"}, 3])  # type: ignore[list-item]
    assert (decoded.rejected, decoded.interactions) == (2, ())
