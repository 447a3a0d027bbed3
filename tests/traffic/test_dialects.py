"""Each dialect, as its instruments write it, is read into the same interaction."""

from __future__ import annotations

from typing import Any

import pytest

from evalgate.traffic.dialects import CURRENT, DETAILS, OLDER, OPENINFERENCE, OPENLLMETRY
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.mapping import dialect_of
from evalgate.traffic.otlp import decode_logs, decode_traces
from tests.traffic.scenes import (
    JSON,
    PROTOBUF,
    binary_record,
    binary_request,
    binary_span,
    event,
    fixture,
    logs,
    record,
    span,
    traces,
)

DIALECTS = {
    "otel-1.44-attributes": "otel",
    "otel-1.44-structured-attributes": "otel",
    "otel-1.44-event-on-span": "otel",
    "otel-1.36-span-events": "otel-1.36",
    "otel-1.27-content-events": "otel-1.36",
    "openinference-messages": "openinference",
    "openinference-values-only": "openinference",
    "openllmetry-gen-ai-prompt": "openllmetry",
    "openllmetry-llm-prompts": "openllmetry",
    "openllmetry-messages": "openllmetry",
}
FACTS = (
    *("conversation_id", "user_id", "provider", "model_requested", "model_answered", "input_tokens", "output_tokens"),
    *("service", "release", "state"),
)


def seen(interaction: Interaction) -> dict[str, Any]:
    """What the fixtures say an interaction says."""
    return {field: getattr(interaction, field) for field in FACTS} | {
        "finish_reasons": list(interaction.finish_reasons),
        "said": [[message.role, message.content] for message in interaction.input],
        "called": [call.name for message in interaction.input for call in message.tool_calls],
        "answered": [message.content for message in interaction.output],
    }


def only(decoded: Any) -> Interaction:
    (interaction,) = decoded.interactions
    assert (decoded.rejected, decoded.why) == (0, "")
    return interaction


@pytest.mark.parametrize("name", DIALECTS)
def test_a_span_in_json_says_what_its_dialect_says(name: str):
    told = fixture(name)
    sent = span(told["attributes"], events=[event(*one) for one in told["events"]])
    assert seen(only(decode_traces(traces(sent, resource=told["resource"]), JSON))) == told["expected"]


@pytest.mark.parametrize("name", DIALECTS)
def test_a_span_in_protobuf_says_the_same_as_in_json(name: str):
    told = fixture(name)
    sent = binary_span(told["attributes"], events=tuple((what, plain) for what, plain in told["events"]))
    from_protobuf = only(decode_traces(binary_request(sent, resource=told["resource"]), PROTOBUF))
    as_json = span(told["attributes"], events=[event(*one) for one in told["events"]])
    from_json = only(decode_traces(traces(as_json, resource=told["resource"]), JSON))
    assert from_protobuf == from_json
    assert from_protobuf.digest == from_json.digest


@pytest.mark.parametrize(("name", "dialect"), DIALECTS.items())
def test_the_keys_of_a_span_decide_its_dialect(name: str, dialect: str):
    told = fixture(name)
    inside = {key for what, plain in told["events"] if what == DETAILS for key in plain}
    found = dialect_of(dict.fromkeys([*told["attributes"], *inside]))
    assert found is not None
    assert found.name == dialect


@pytest.mark.parametrize("name", DIALECTS)
def test_no_text_no_person_and_no_machine_is_kept_as_an_attribute(name: str):
    told = fixture(name)
    sent = span(told["attributes"], events=[event(*one) for one in told["events"]])
    kept = only(decode_traces(traces(sent, resource=told["resource"]), JSON)).attributes
    assert kept["deployment.environment.name"] == "prod"
    for text in ("tiempo", "Llueve", "breve", "u-1", "node-7"):
        assert text not in str(kept)


# ── what a span is ───────────────────────────────────────────────────────────────────────────────────────────────────

CHAT = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5"}


@pytest.mark.parametrize(
    "told",
    [
        CHAT,
        CHAT | {"gen_ai.operation.name": "text_completion"},
        CHAT | {"gen_ai.operation.name": "generate_content"},
        {"gen_ai.system": "openai", "gen_ai.request.model": "gpt-5"},
        {"openinference.span.kind": "LLM"},
        {"llm.request.type": "completion"},
        {"gen_ai.prompt.0.content": "hola", "gen_ai.completion.0.content": "¿sí?"},
    ],
)
def test_a_model_asked_for_an_answer_is_an_interaction(told: dict[str, Any]):
    assert len(decode_traces(traces(span(told)), JSON).interactions) == 1


@pytest.mark.parametrize(
    "told",
    [
        *(
            CHAT | {"gen_ai.operation.name": kind}
            for kind in ("embeddings", "retrieval", "execute_tool", "create_agent", "invoke_agent", "invoke_workflow")
        ),
        *(
            {"openinference.span.kind": kind, "input.value": "hola", "output.value": "¿sí?"}
            for kind in ("CHAIN", "RETRIEVER", "RERANKER", "TOOL", "AGENT", "GUARDRAIL", "EVALUATOR", "EMBEDDING")
        ),
        *(
            {"traceloop.span.kind": kind, "traceloop.entity.input": "hola", "gen_ai.operation.name": "chat"}
            for kind in ("workflow", "task", "agent", "tool")
        ),
        {"llm.request.type": "embedding", "gen_ai.request.model": "embed-3"},
        {"http.request.method": "GET", "http.route": "/orders"},
        {},
    ],
    ids=str,
)
def test_what_stands_around_a_call_is_none(told: dict[str, Any]):
    decoded = decode_traces(traces(span(told)), JSON)
    assert (decoded.interactions, decoded.seen, decoded.passed_over, decoded.rejected) == ((), 1, 1, 0)


def test_a_span_with_keys_of_two_dialects_is_read_by_the_first_of_them():
    assert dialect_of({"openinference.span.kind": "LLM"} | CHAT) is OPENINFERENCE
    assert dialect_of({"traceloop.workflow.name": "w"} | CHAT) is OPENLLMETRY
    assert dialect_of({"gen_ai.system": "openai"} | CHAT) is CURRENT
    assert dialect_of({"gen_ai.system": "openai"}) is OLDER


def test_a_call_without_content_is_a_state_of_its_own():
    interaction = only(decode_traces(traces(span(CHAT)), JSON))
    assert (interaction.state, interaction.input, interaction.output) == ("no_content", (), ())


def test_a_span_that_has_not_ended_is_partial():
    told = CHAT | {"gen_ai.input.messages": "[]", "gen_ai.output.messages": '[{"role":"assistant","content":"hm"}]'}
    assert only(decode_traces(traces(span(told, endTimeUnixNano="0")), JSON)).state == "partial"


def test_a_failed_call_is_complete_with_its_question_and_its_error():
    told = {"openinference.span.kind": "LLM", "input.value": "hola"}
    thrown = event("exception", {"exception.type": "RateLimitError", "exception.message": "for u-1"})
    status = {"code": "STATUS_CODE_ERROR", "message": "too many"}
    interaction = only(decode_traces(traces(span(told, status=status, events=[thrown])), JSON))
    assert (interaction.state, interaction.error) == ("complete", "RateLimitError")


def test_an_answer_that_happens_to_be_json_stays_text():
    told = {"openinference.span.kind": "LLM", "input.value": "as JSON", "output.value": '{"answer": [1, 2]}'}
    assert only(decode_traces(traces(span(told)), JSON)).output[0].content == '{"answer": [1, 2]}'


def test_a_result_of_a_tool_is_read_under_the_schemas_word_and_under_the_examples():
    parts = [
        {"type": "tool_call_response", "id": "a", "response": "1"},
        {"type": "tool_call_response", "result": {"x": 2}},
    ]
    interaction = only(
        decode_traces(traces(span(CHAT | {"gen_ai.input.messages": [{"role": "tool", "parts": parts}]})), JSON)
    )
    assert [(m.role, m.content, m.tool_call_id) for m in interaction.input] == [
        ("tool", "1", "a"),
        ("tool", '{"x":2}', None),
    ]


def test_what_is_no_text_is_named_in_brackets():
    parts = [
        {"type": "text", "content": "what is this?"},
        {"type": "blob", "mime_type": "image/png", "modality": "image", "content": "aGk="},
        {"type": "uri", "modality": "video", "uri": "https://example.com/a.mp4"},
    ]
    told = CHAT | {"gen_ai.input.messages": [{"role": "user", "parts": parts}]}
    assert only(decode_traces(traces(span(told)), JSON)).input[0].content == "what is this?\n[image]\n[video]"


# ── logs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

TOLD = [
    ("gen_ai.system.message", {"content": "Be brief."}),
    ("gen_ai.user.message", {"content": "Is it raining?"}),
    ("gen_ai.choice", {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Yes."}}),
]


def test_older_events_as_log_records_become_one_interaction():
    sent = [record(name, body, timeUnixNano=str(10**18 + at)) for at, (name, body) in enumerate(TOLD)]
    interaction = only(decode_logs(logs(*sent, resource={"service.name": "bot"}), JSON))
    assert [(m.role, m.content) for m in interaction.input] == [("system", "Be brief."), ("user", "Is it raining?")]
    assert (interaction.output[0].content, interaction.finish_reasons) == ("Yes.", ("stop",))
    assert (interaction.state, interaction.service) == ("complete", "bot")


def test_log_records_in_protobuf_say_the_same():
    sent = [binary_record(name, body, {"gen_ai.system": "openai"}) for name, body in TOLD]
    interaction = only(decode_logs(binary_request(*sent), PROTOBUF))
    assert [m.content for m in interaction.input] == ["Be brief.", "Is it raining?"]
    assert (interaction.output[0].content, interaction.provider) == ("Yes.", "openai")


def test_the_details_event_as_a_log_record_is_the_whole_interaction():
    told = CHAT | {
        "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "Is it raining?"}]}],
        "gen_ai.output.messages": [{"role": "assistant", "parts": [{"type": "text", "content": "Yes."}]}],
    }
    interaction = only(decode_logs(logs(record(DETAILS, told=told)), JSON))
    assert (interaction.state, interaction.model_requested) == ("complete", "gpt-5")
    older = record("", told=told | {"event.name": DETAILS})
    assert only(decode_logs(logs(older), JSON)).output[0].content == "Yes."


def test_content_in_logs_completes_a_span_without_content():
    from evalgate.traffic.merging import merged

    span_alone = only(decode_traces(traces(span(CHAT)), JSON))
    content = only(decode_logs(logs(*(record(name, body) for name, body in TOLD)), JSON))
    whole = merged(span_alone, content)
    assert span_alone.state == "no_content"
    assert (whole.state, whole.model_requested, whole.started) == ("complete", "gpt-5", span_alone.started)


def test_a_record_that_can_be_joined_with_nothing_is_rejected_and_any_other_is_passed_over():
    decoded = decode_logs(
        logs(record(TOLD[0][0], TOLD[0][1], traceId="", spanId=""), record("app.started", "up")), JSON
    )
    assert (decoded.seen, decoded.passed_over, decoded.rejected) == (2, 1, 1)
    assert decoded.why.startswith("log record 1: names neither its span nor its response")
    by_response = record(*TOLD[2], {"gen_ai.response.id": "resp-1"}, traceId="", spanId="")
    assert only(decode_logs(logs(by_response), JSON)).external_id == "resp-1"


# ── several spans of one trace ───────────────────────────────────────────────────────────────────────────────────────


def test_documents_that_were_retrieved_before_a_call_are_its_context():
    found = {
        "openinference.span.kind": "RETRIEVER",
        "retrieval.documents.0.document.content": "Delivery is on Monday.",
        "retrieval.documents.1.document.content": "Returns take 14 days.",
    }
    asked = {"openinference.span.kind": "LLM", "input.value": "When?", "output.value": "On Monday."}
    before = span(found, spanId="0" * 15 + "1", startTimeUnixNano="1", endTimeUnixNano="1763632800000000000")
    after = span(found, spanId="0" * 15 + "2", endTimeUnixNano="1763632999000000000")
    elsewhere = span(asked, traceId="a" * 32, spanId="0" * 15 + "3")
    decoded = decode_traces(traces(span(asked), before, elsewhere), JSON)
    assert [interaction.context for interaction in decoded.interactions] == [
        ("Delivery is on Monday.", "Returns take 14 days."),
        (),
    ]
    assert only(decode_traces(traces(span(asked), after), JSON)).context == ()


@pytest.mark.parametrize("around", [{}, {"traceloop.workflow.name": "answer"}])
def test_documents_of_the_current_conventions_are_context_too(around: dict[str, Any]):
    found = {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.retrieval.documents": '[{"id": "1", "content": "On Monday."}]',
    }
    before = span(found | around, spanId="0" * 15 + "1", startTimeUnixNano="1", endTimeUnixNano="1763632800000000000")
    assert only(decode_traces(traces(before, span(CHAT)), JSON)).context == ("On Monday.",)


def test_a_call_that_two_instruments_reported_is_one_interaction():
    outer = span(CHAT | {"gen_ai.conversation.id": "c"}, spanId="1" * 16)
    inner = span(
        {"openinference.span.kind": "LLM", "input.value": "hola", "output.value": "¿sí?", "llm.model_name": "other"},
        spanId="2" * 16,
        parentSpanId="1" * 16,
    )
    interaction = only(decode_traces(traces(inner, outer), JSON))
    assert interaction.external_id.endswith("1" * 16)
    assert (interaction.model_requested, interaction.conversation_id) == ("gpt-5", "c")
    assert (interaction.output[0].content, interaction.state) == ("¿sí?", "complete")


def test_an_agent_that_calls_its_model_twice_is_two_interactions():
    agent = span(CHAT | {"gen_ai.operation.name": "invoke_agent"}, spanId="1" * 16)
    calls = [span(CHAT, spanId=digit * 16, parentSpanId="1" * 16) for digit in "23"]
    decoded = decode_traces(traces(*calls, agent), JSON)
    assert [one.external_id[-1] for one in decoded.interactions] == ["2", "3"]
    assert decoded.interactions[0].group == decoded.interactions[1].group


def test_a_span_that_came_twice_is_one_interaction():
    decoded = decode_traces(traces(span(CHAT), span(CHAT)), JSON)
    assert (len(decoded.interactions), decoded.seen) == (1, 2)
