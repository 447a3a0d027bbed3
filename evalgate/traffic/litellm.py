"""LiteLLM's StandardLoggingPayload, as its proxy's generic API logger sends it, becomes interactions."""

from __future__ import annotations

from typing import Any

from evalgate.traffic.attributes import flat
from evalgate.traffic.decoded import LIMIT, Decoded
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.payloads import decode_records, opened
from evalgate.traffic.reading import Reading, Table, amount, answered, asked, count, finishes, flag, name, text, when
from evalgate.traffic.refusals import ItemRefused

SOURCE = "litellm"
CALLS = frozenset(
    {
        *("completion", "acompletion", "text_completion", "atext_completion", "responses", "aresponses"),
        *(
            "anthropic_messages",
            "aanthropic_messages",
            "generate_content",
            "agenerate_content",
            "generate_content_stream",
        ),
        *("agenerate_content_stream",),
    }
)
"""The call types that are interactions; embeddings, images, speech, moderation and reranking are not."""

REDACTED = "redacted-by-litellm"
"""What the proxy writes in place of texts when it is told not to log them: no text, and so no content."""

TABLE = Table(
    Reading("conversation_id", name, ("metadata.session_id", "session_id", "requester_metadata.session_id")),
    Reading("trace_id", name, ("trace_id",)),
    Reading("user_id", name, ("end_user", "metadata.user_api_key_end_user_id")),
    Reading("started", when, ("startTime",)),
    Reading("ended", when, ("endTime",)),
    Reading("input", asked, ("messages",)),
    Reading("output", answered, ("response",)),
    Reading("finish_reasons", finishes, ("response",)),
    Reading("model_requested", text, ("model_group", "model")),
    Reading("model_answered", text, ("response.model", "model")),
    Reading("provider", text, ("custom_llm_provider",)),
    Reading("input_tokens", count, ("prompt_tokens",)),
    Reading("output_tokens", count, ("completion_tokens",)),
    Reading("cost_usd", amount, ("response_cost",)),
    Reading("cache_hit", flag, ("cache_hit",)),
    Reading("route", text, ("metadata.user_api_key_alias", "metadata.user_api_key_team_alias")),
)

KEPT = (
    *("call_type", "stream", "model_id", "request_tags", "response_time", "metadata.user_api_key_team_id"),
    *("metadata.user_api_key_team_alias", "status_fields.guardrail_status", "model_parameters.temperature"),
    *("model_parameters.max_tokens", "model_parameters.top_p"),
)
"""What is kept besides: no address, no hash of a key, no header."""


def decode_litellm(
    body: bytes, content_type: str | None = "application/json", encoding: str | None = None, limit: int = LIMIT
) -> Decoded:
    """Return the interactions in a body of the generic API logger, in any of its three formats.

    Raises Refused: 400, 413 or 415 in its `status`.
    """
    return decode_records(body, content_type, encoding, limit, called="payloads", build=litellm_interaction)


def litellm_interaction(payload: dict[str, Any]) -> Interaction | None:
    """Return the interaction that a payload is, None for a call that asks no model for an answer.

    Raises ItemRefused for a payload without an id.
    """
    kind = payload.get("call_type")
    if not isinstance(kind, str):
        raise ItemRefused("call_type is missing; is this a StandardLoggingPayload?")
    if kind not in CALLS:
        return None
    named = name(payload.get("id"))
    if named is None:
        raise ItemRefused("id is missing")
    told = opened(payload, "metadata", "response", "status_fields", "model_parameters", "error_information")
    found = TABLE.read(told)
    for side in ("input", "output"):
        if any(message.content == REDACTED for message in found.get(side, ())):
            del found[side]
    failed = payload.get("status") == "failure"
    if failed:
        found.pop("output", None)
        found["error"] = text(told.get("error_information.error_class")) or text(payload.get("error_str")) or "error"
    return Interaction(
        source=SOURCE,
        external_id=named,
        finished=failed or payload.get("status") == "success" or "ended" in found,
        attributes=flat({key: told[key] for key in KEPT if key in told}),
        **found,
    )
