"""The native record: what `POST /v1/interactions` takes, strictly, one object an interaction."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue

from evalgate.core.samples import Amount, Count
from evalgate.core.values import Value
from evalgate.suites.messages import Misread, read_messages
from evalgate.traffic.attributes import LONGEST_VALUE, MOST, flat
from evalgate.traffic.decoded import LIMIT, Decoded
from evalgate.traffic.interactions import Id, Interaction, Source, Thumbs, Words
from evalgate.traffic.messages import read_messages as read_leniently
from evalgate.traffic.payloads import decode_records
from evalgate.traffic.refusals import ItemRefused

SOURCE = "api"

EXAMPLES: list[JsonValue] = [
    {
        "id": "req-7f3a",
        "conversation_id": "chat-81",
        "user_id": "u-19",
        "started_at": "2026-11-20T10:00:00Z",
        "ended_at": "2026-11-20T10:00:02Z",
        "input": "¿Cuándo llega mi pedido?",
        "output": "Mañana antes de las 18:00.",
        "context": ["Pedido 1182: entrega prevista el 21 de noviembre."],
        "model": "gpt-4.1-mini",
        "release": "2026.11.3",
        "route": "orders",
    },
    {
        "id": "req-7f3b",
        "input": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Is it raining?"}],
        "output": [
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"id": "c1", "name": "weather", "arguments": '{"city": "Lisboa"}'}],
            }
        ],
        "attributes": {"tier": "gold"},
    },
    {"id": "req-7f3a", "feedback": "down"},
]


class SentInteraction(Value):
    """One interaction as a client sends it; sending the same `id` again completes the record and never doubles it."""

    model_config = ConfigDict(json_schema_extra={"examples": EXAMPLES})

    id: Annotated[Id, Field(description="Your own id of the exchange: the key of repeats and of later parts.")]
    source: Annotated[Source, Field(description="Who sends, when one project has several senders.")] = SOURCE
    conversation_id: Id | None = None
    user_id: Annotated[Id | None, Field(description="Who asked, in your words; an erasure looks for it.")] = None
    trace_id: Id | None = None
    started_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    partial: Annotated[bool, Field(description="True while more of this exchange is to come.")] = False
    input: Annotated[str | list[dict[str, JsonValue]] | None, Field(description="Text, or messages.")] = None
    output: Annotated[str | list[dict[str, JsonValue]] | None, Field(description="Text, or messages.")] = None
    context: Annotated[tuple[str, ...], Field(max_length=256)] = ()
    model: Annotated[Words | None, Field(description="The model that answered.")] = None
    model_requested: Words | None = None
    provider: Words | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cost_usd: Amount | None = None
    cache_hit: bool | None = None
    finish_reasons: Annotated[tuple[Words, ...], Field(max_length=16)] = ()
    error: Words | None = None
    service: Words | None = None
    route: Words | None = None
    release: Words | None = None
    language: Words | None = None
    attributes: Annotated[
        dict[str, JsonValue],
        Field(max_length=MOST, description=f"Flat facts to slice by; a value is cut at {LONGEST_VALUE} characters."),
    ] = {}
    feedback: Annotated[Thumbs | None, Field(description="The person's thumb.")] = None

    @property
    def _is_thumb(self) -> bool:
        """Whether the record is nothing but a person's thumb: what it is about has come, or is still to come."""
        return self.feedback is not None and self.input is None and self.output is None

    def interaction(self) -> Interaction:
        """Return the interaction. Raises ItemRefused for messages that cannot be read."""
        same = self.model_dump(
            exclude={"id", "started_at", "ended_at", "partial", "input", "output", "model", "attributes"}
        )
        return Interaction(
            external_id=self.id,
            started=self.started_at,
            ended=self.ended_at,
            finished=not (self.partial or self._is_thumb),
            input=_said(self.input, "input"),
            output=_said(self.output, "output"),
            model_answered=self.model,
            attributes=flat(self.attributes),
            **same,
        )


def decode_interactions(
    body: bytes, content_type: str | None = "application/json", encoding: str | None = None, limit: int = LIMIT
) -> Decoded:
    """Return the interactions in a native body: an object, a list, `{"interactions": […]}` or JSON Lines.

    Raises Refused: 400, 413 or 415 in its `status`.
    """
    return decode_records(body, content_type, encoding, limit, called="interactions", build=_sent)


def _sent(record: dict[str, Any]) -> Interaction:
    return SentInteraction.model_validate(record).interaction()


def _said(value: str | list[dict[str, JsonValue]] | None, field: str) -> Any:
    if isinstance(value, list):
        try:
            return read_messages(value)
        except Misread as problem:
            raise ItemRefused(f"{field} {problem}") from problem
    return () if value is None else read_leniently([value], "user" if field == "input" else "assistant")
