"""How the core speaks of models: a request as asked, a reply as read, and the protocols that carry them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import NamedTuple, Protocol

from pydantic import JsonValue

from evalgate.core.errors import EvalgateError
from evalgate.core.samples import Message
from evalgate.core.values import Value, digest


class ModelRequest(Value):
    """One question to a model, as asked. `repeat` tells fresh answers to the same question apart."""

    model: str
    messages: tuple[Message, ...]
    parameters: dict[str, JsonValue] = {}
    """OpenAI chat-completion parameters: temperature, max_tokens, seed, response_format."""
    repeat: int = 0

    @cached_property
    def key(self) -> str:
        """The journal's key: equal requests give equal keys."""
        messages = [(m.role, m.content) if not m.tool_calls else m.model_dump(mode="json") for m in self.messages]
        return digest([self.model, messages, self.parameters, self.repeat])


class Reply(Value):
    """A model's answer, read from the raw chat-completion body that the journal keeps."""

    text: str
    model: str
    """The version that answered, as the provider reports it."""
    finish_reason: str | None = None
    refusal: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None


class Price(Value):
    """US dollars per million tokens."""

    input: float
    output: float

    def of(self, input_tokens: int, output_tokens: int) -> float:
        """Return the cost of a call in US dollars.

        >>> Price(input=0.4, output=1.6).of(1_000_000, 500_000)
        1.2
        """
        return (self.input * input_tokens + self.output * output_tokens) / 1e6


class ModelTrouble(EvalgateError):
    """A model call that did not give a reply."""


class Overloaded(ModelTrouble):
    """The provider asks for fewer calls (429, 529); `retry_after` is in seconds when it said so."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Interrupted(ModelTrouble):
    """The transport failed: a 5xx, a dropped connection, a time-out, a cut body. Worth another try."""


class Rejected(ModelTrouble):
    """The provider will not answer this one request (400, 413, 422); asking again changes nothing."""


class Unusable(ModelTrouble):
    """No request can succeed: wrong key, unknown model, server not there. The run stops."""


class ModelClient(Protocol):
    """Asks one provider and returns the raw OpenAI-shaped chat-completion body."""

    async def ask(self, request: ModelRequest) -> bytes:
        """Return the body; raise Overloaded, Interrupted, Rejected or Unusable."""

    async def close(self) -> None:
        """Release the connections."""


class Window(NamedTuple):
    """A stretch of a text that a local model read at once, in code points, and what the model says of it."""

    start: int
    end: int
    scores: Mapping[str, float]
    """Label to probability; NaN where the model gave no number."""


class LocalModel(Protocol):
    """A loaded classifier. Long texts are read in windows, many texts in one call."""

    def read(
        self, texts: Sequence[str | tuple[str, str]], window: int | None = None, overlap: int = 0
    ) -> list[list[Window]]:
        """Return the windows of each text, in order; of a pair, the windows of its first text, the second in each.

        `window` is the most tokens read at once (None: all the model can), `overlap` the tokens two neighbours share.
        A text without a word in it has no window, nor has a pair whose second text leaves no room for the first.
        """
