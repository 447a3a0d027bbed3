"""Interaction: one exchange in production, as received, whoever sent it and however it was written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from evalgate.core.samples import Amount, Count, Message, ToolCall
from evalgate.core.values import Value, digest
from evalgate.traffic.attributes import LONGEST_KEY, LONGEST_VALUE, MOST, Plain, is_plain_name, tidy

State = Literal["complete", "partial", "no_content"]
Thumbs = Literal["up", "down"]

MOST_ID = 256
MOST_WORDS = 512
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Id = Annotated[str, Field(min_length=1, max_length=MOST_ID), AfterValidator(tidy)]
Words = Annotated[str, Field(min_length=1, max_length=MOST_WORDS), AfterValidator(tidy)]
Source = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")]
Said = Annotated[tuple[Message, ...], AfterValidator(lambda said: tuple(map(_tidied, said)))]
Texts = Annotated[tuple[str, ...], AfterValidator(lambda texts: tuple(map(tidy, texts)))]


def _small(sent: dict[str, Plain]) -> dict[str, Plain]:
    """Return attributes that are within the limits; a value built past `attributes.flat` is refused otherwise."""
    if len(sent) > MOST:
        raise ValueError(f"more than {MOST} attributes")
    for key, value in sent.items():
        if not is_plain_name(key):
            raise ValueError(f"an attribute's name is up to {LONGEST_KEY} ASCII letters, digits and _ . : / @ -")
        if isinstance(value, str) and len(value) > LONGEST_VALUE:
            raise ValueError(f"an attribute's value is up to {LONGEST_VALUE} characters")
    return sent


Attributes = Annotated[dict[str, Plain], AfterValidator(_small)]


class Interaction(Value):
    """One exchange. (project, source, external id) names it; unknown facts are None, never zero."""

    source: Source
    """The door's word for the sender: `otlp`, `litellm`, `api`, `file`, `openai-batch`, `langfuse`."""
    external_id: Id
    """The sender's own id; for a span `<trace id>:<span id>` in hex."""
    trace_id: Id | None = None
    parent_id: Id | None = None
    """The external id of the span around this one, counted or not."""
    conversation_id: Id | None = None
    user_id: Id | None = None
    """Who asked, as the sender names people; what an erasure looks for."""
    started: AwareDatetime | None = None
    ended: AwareDatetime | None = None
    finished: bool = False
    """Whether the sender said that the exchange is over, with or without a time."""
    input: Said = ()
    output: Said = ()
    """What was answered, one message a choice."""
    input_at: tuple[int, ...] = ()
    """When each message of the input was told, in ns, rising; empty when they came as one list."""
    output_at: tuple[int, ...] = ()
    context: Texts = ()
    """The passages that were retrieved for the answer."""
    model_requested: Words | None = None
    model_answered: Words | None = None
    provider: Words | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cost_usd: Amount | None = None
    cache_hit: bool | None = None
    finish_reasons: tuple[Words, ...] = ()
    error: Words | None = None
    """The kind of error, in a few words."""
    service: Words | None = None
    route: Words | None = None
    """Which part of the product asked: a route, a workflow, a prompt's name."""
    release: Words | None = None
    language: Words | None = None
    """None: unknown; what the text is written in is for checks to find."""
    attributes: Attributes = {}
    feedback: Thumbs | None = None

    @model_validator(mode="after")
    def _times_are_of_messages(self) -> Self:
        for times, said in ((self.input_at, self.input), (self.output_at, self.output)):
            if times and len(times) != len(said):
                raise ValueError("as many times as messages, or none")
        return self

    @property
    def key(self) -> tuple[str, str]:
        """What tells an interaction from all others of a project."""
        return self.source, self.external_id

    @property
    def state(self) -> State:
        """Return `complete` when nothing is missing that will come, `no_content` when it is over and carries no text.

        A question without its answer, or an answer without its question, is `partial`: the rest may come in another
        batch. An exchange that failed has no answer to wait for.
        """
        if not self.finished:
            return "partial"
        if not self.input and not self.output:
            return "no_content"
        return "complete" if self.input and (self.output or self.error) else "partial"

    @property
    def tool_calls(self) -> tuple[ToolCall, ...]:
        """What the model asked for in its answer."""
        return tuple(call for message in self.output for call in message.tool_calls)

    @property
    def group(self) -> str:
        """What interactions share that belong together: the conversation, else the trace, else nothing but itself."""
        return self.conversation_id or self.trace_id or self.external_id

    @property
    def latency_ms(self) -> float | None:
        """The time from start to end; None when either is unknown or they are in the wrong order."""
        if self.started is None or self.ended is None or self.ended < self.started:
            return None
        return (self.ended - self.started).total_seconds() * 1000

    @property
    def digest(self) -> str:
        """Equal for records that say the same; a second delivery of one record has the digest of the first."""
        return digest(self.model_dump(mode="json"))


def _tidied(message: Message) -> Message:
    content = tidy(message.content)
    calls = message.tool_calls
    if content is message.content and not calls and message.name is None and message.tool_call_id is None:
        return message
    clean = tuple(_tidied_call(call) for call in calls)
    changed: dict[str, Any] = {"content": content, "tool_calls": clean}
    changed["name"] = None if message.name is None else tidy(message.name)
    changed["tool_call_id"] = None if message.tool_call_id is None else tidy(message.tool_call_id)
    return message.model_copy(update=changed)


def _tidied_call(call: ToolCall) -> ToolCall:
    given = None if call.id is None else tidy(call.id)
    return call.model_copy(update={"name": tidy(call.name), "arguments": tidy(call.arguments), "id": given})


def moment(nanoseconds: int) -> datetime | None:
    """Return a time in ns since 1970 as UTC, to the microsecond; zero is no time.

    >>> moment(1_700_000_000_123_456_789).isoformat(), moment(0)
    ('2023-11-14T22:13:20.123456+00:00', None)
    """
    if nanoseconds <= 0:
        return None
    try:
        return _EPOCH + timedelta(microseconds=nanoseconds // 1000)
    except OverflowError:
        raise ValueError(f"{nanoseconds} ns is no time of this age") from None
