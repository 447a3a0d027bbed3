"""What was asked and what was answered: Case, Output, and both together as a Sample or a Subject."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from evalgate.core.values import Finite, Value, digest

Role = Literal["system", "developer", "user", "assistant", "tool"]
Count = Annotated[int, Field(ge=0)]
Amount = Annotated[Finite, Field(ge=0)]


class ToolCall(Value):
    """A tool the model asked for; `arguments` is the text as the model wrote it, valid JSON or not."""

    name: str
    arguments: str = "{}"
    id: str | None = None


class Message(Value):
    """One turn of a conversation."""

    role: Role
    content: str = ""
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None


class Case(Value):
    """What was asked. `id` is stable across runs; it pairs a candidate with its baseline."""

    id: Annotated[str, Field(min_length=1)]
    input: str | tuple[Message, ...]
    reference: str | None = None
    context: tuple[str, ...] = ()
    slices: dict[str, str] = {}
    """Slice name to value, as {"locale": "es"}."""
    cluster: str | None = None
    """What cases share when they are not independent: a conversation, a user, a document."""
    metadata: dict[str, JsonValue] = {}
    """Columns that a check's `where` reads."""

    @cached_property
    def digest(self) -> str:
        """The content a pair must share to be comparable; id, slices and cluster are not content."""
        asked = self.input if isinstance(self.input, str) else [m.model_dump(mode="json") for m in self.input]
        content = {"reference": self.reference, "context": self.context, "metadata": self.metadata}
        return digest({"input": asked, **content})

    @property
    def question(self) -> str:
        """The input as one text: the string itself, or the messages' contents joined by blank lines."""
        return self.input if isinstance(self.input, str) else "\n\n".join(m.content for m in self.input)


class Output(Value):
    """What was answered. Unknown facts are None, never zero."""

    text: str
    tool_calls: tuple[ToolCall, ...] = ()
    model: str | None = None
    revision: str | None = None
    created_at: datetime | None = None
    latency_ms: Amount | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cost_usd: Amount | None = None
    repeat: Count = 0
    """Which of several answers to the same case this is."""
    recorded: dict[str, JsonValue] = {}
    """Columns measured elsewhere, read by `recorded` checks."""


class Sample(Value):
    """A Case with its Output; `weight` is 1 / the probability with which it was drawn."""

    case: Case
    output: Output
    weight: Annotated[Finite, Field(gt=0)] = 1.0

    @cached_property
    def digest(self) -> str:
        """The address of this content: equal for the same case content and the same answer."""
        output = self.output
        calls = [call.model_dump(mode="json") for call in output.tool_calls]
        answer = {"text": output.text, "tool_calls": calls, "recorded": output.recorded}
        return digest([self.case.digest, answer])


class Subject(Value):
    """What a check looks at: a Sample and, for pairwise checks, the baseline's Sample of the same case."""

    sample: Sample
    baseline: Sample | None = None
