"""How spans say what a model was asked and what it answered: one table a dialect. `mapping` reads them; they are data.

Names are those of the OpenTelemetry GenAI conventions (current and up to 1.36), of OpenInference and of OpenLLMetry.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple

from evalgate.core.samples import Role
from evalgate.traffic.families import Leaves, documents, family_finishes, family_messages
from evalgate.traffic.reading import (
    Reading,
    Table,
    amount,
    answered,
    asked,
    count,
    finishes,
    flag,
    instructed,
    listed,
    name,
    passages,
    text,
)


class Family(NamedTuple):
    """A row of a table whose value is spread over the numbered keys below a prefix."""

    field: str
    how: Callable[[list[dict[str, Any]]], Any]
    prefix: str


class Dialect(NamedTuple):
    """One way of writing a call down."""

    name: str
    marks: frozenset[str]
    """A span is in this dialect when it has any of these keys."""
    kinds: tuple[tuple[str, frozenset[str]], ...]
    """Keys that say what a span is, with the values that make it an interaction; the first key it has decides."""
    otherwise: frozenset[str]
    """What makes it one when it has none of those keys: any of these."""
    lends: frozenset[str]
    """The kinds that retrieved documents for calls of the same trace."""
    table: Table
    families: tuple[Family, ...] = ()

    @property
    def prefixes(self) -> tuple[str, ...]:
        """The beginnings of its families' keys."""
        return tuple(prefix for _, _, prefix in self.families)


class Told(NamedTuple):
    """What an event about one message means: whose it is, and who speaks where it does not say."""

    side: Literal["input", "output"]
    role: Role


CALLS = frozenset({"chat", "text_completion", "generate_content"})
DETAILS = "gen_ai.client.inference.operation.details"
"""The event that carries what a span would: its attributes are read as the span's own."""

EVENTS = {
    "gen_ai.system.message": Told("input", "system"),
    "gen_ai.user.message": Told("input", "user"),
    "gen_ai.assistant.message": Told("input", "assistant"),
    "gen_ai.tool.message": Told("input", "tool"),
    "gen_ai.choice": Told("output", "assistant"),
    "gen_ai.content.prompt": Told("input", "user"),
    "gen_ai.content.completion": Told("output", "assistant"),
}
"""Events up to 1.36, one message each, on a span or as log records; `gen_ai.content.*` are older still."""

_PROPERTIES = "traceloop.association.properties."

SHARED = (
    Reading("provider", text, ("gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system")),
    Reading("model_requested", text, ("gen_ai.request.model", "llm.request.model_name", "llm.model_name")),
    Reading("model_answered", text, ("gen_ai.response.model", "llm.response.model_name")),
    Reading(
        "input_tokens",
        count,
        (
            "gen_ai.usage.input_tokens",
            "gen_ai.usage.prompt_tokens",
            "llm.token_count.prompt",
            "llm.usage.prompt_tokens",
        ),
    ),
    Reading(
        "output_tokens",
        count,
        (
            *("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion"),
            "llm.usage.completion_tokens",
        ),
    ),
    Reading("cost_usd", amount, ("gen_ai.usage.cost", "llm.cost.total", "gen_ai.usage.total_cost")),
    Reading("cache_hit", flag, ("gen_ai.response.cache_hit", "llm.cache_hit")),
    Reading(
        "conversation_id",
        name,
        (
            *("gen_ai.conversation.id", "session.id", f"{_PROPERTIES}session_id", f"{_PROPERTIES}conversation_id"),
            f"{_PROPERTIES}chat_id",
        ),
    ),
    Reading("user_id", name, ("user.id", "enduser.id", f"{_PROPERTIES}user_id", "gen_ai.user.id")),
    Reading("error", text, ("error.type", "exception.type")),
    Reading(
        "route",
        text,
        (
            *("http.route", "gen_ai.workflow.name", "traceloop.workflow.name", "gen_ai.agent.name", "agent.name"),
            *("gen_ai.prompt.name", "llm.prompt_template.name"),
        ),
    ),
    Reading(
        "finish_reasons", listed, ("gen_ai.response.finish_reasons", "llm.finish_reason", "llm.response.stop_reason")
    ),
)
"""Facts that mean the same whoever writes them; a dialect's table adds where the texts are."""

FACTS = Table(*SHARED)
RESOURCE = Table(
    Reading("service", text, ("service.name",)),
    Reading("release", text, ("service.version", "deployment.id", "vcs.ref.head.revision")),
)
"""What the sending program says about itself."""

KEPT_OF_RESOURCE = ("deployment.environment.name", "deployment.environment", "service.namespace")

_JSON = (
    Reading("instructions", instructed, ("gen_ai.system_instructions",)),
    Reading("input", asked, ("gen_ai.input.messages",)),
    Reading("output", answered, ("gen_ai.output.messages",)),
    Reading("finish_reasons", finishes, ("gen_ai.output.messages",)),
    Reading("context", passages, ("gen_ai.retrieval.documents",)),
)

_FLAT = Leaves()
_NESTED = Leaves(
    role="message.role",
    content="message.content",
    name="message.name",
    answers="message.tool_call_id",
    finish="message.finish_reason",
    calls="message.tool_calls.",
    call_name="tool_call.function.name",
    call_arguments="tool_call.function.arguments",
    call_id="tool_call.id",
    parts="message.contents.",
    part_text="message_content.text",
    part_kind="message_content.type",
)

OPENINFERENCE = Dialect(
    name="openinference",
    marks=frozenset({"openinference.span.kind"}),
    kinds=(("openinference.span.kind", frozenset({"LLM"})),),
    otherwise=frozenset(),
    lends=frozenset({"RETRIEVER"}),
    table=Table(
        *SHARED,
        Reading("input", asked, ("input.value",)),
        Reading("output", answered, ("output.value",)),
    ),
    families=(
        Family("input", partial(family_messages, leaves=_NESTED, role="user"), "llm.input_messages."),
        Family("output", partial(family_messages, leaves=_NESTED, role="assistant"), "llm.output_messages."),
        Family("context", documents, "retrieval.documents."),
        Family("finish_reasons", partial(family_finishes, leaves=_NESTED), "llm.output_messages."),
    ),
)

CURRENT = Dialect(
    name="otel",
    marks=frozenset(
        {
            *("gen_ai.provider.name", "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions"),
            *("gen_ai.retrieval.documents", "gen_ai.retrieval.query.text"),
        }
    ),
    kinds=(("gen_ai.operation.name", CALLS),),
    otherwise=frozenset({"gen_ai.input.messages", "gen_ai.output.messages"}),
    lends=frozenset({"retrieval"}),
    table=Table(*SHARED, *_JSON),
)

OPENLLMETRY = Dialect(
    name="openllmetry",
    marks=frozenset(
        {
            *("llm.request.type", "traceloop.span.kind", "traceloop.workflow.name", "traceloop.entity.name"),
            *("gen_ai.prompt.0.role", "gen_ai.prompt.0.content", "gen_ai.prompt.0.tool_calls.0.name"),
            *("gen_ai.completion.0.role", "gen_ai.completion.0.content", "gen_ai.completion.0.finish_reason"),
            *("llm.prompts.0.role", "llm.prompts.0.content", "llm.completions.0.content", "llm.vendor"),
        }
    ),
    kinds=(
        ("traceloop.span.kind", frozenset()),
        ("llm.request.type", frozenset({"chat", "completion", "acompletion", "responses"})),
        ("gen_ai.operation.name", CALLS),
    ),
    otherwise=frozenset(
        {
            *("gen_ai.prompt.0.role", "gen_ai.prompt.0.content", "gen_ai.completion.0.role"),
            *("gen_ai.completion.0.content", "llm.prompts.0.content", "llm.completions.0.content"),
        }
    ),
    lends=frozenset({"retrieval"}),
    table=Table(
        *_JSON,
        *SHARED,
        Reading("model_requested", text, ("llm.request.model",)),
        Reading("model_answered", text, ("llm.response.model",)),
        Reading("provider", text, ("llm.vendor",)),
    ),
    families=(
        Family("input", partial(family_messages, leaves=_FLAT, role="user"), "gen_ai.prompt."),
        Family("output", partial(family_messages, leaves=_FLAT, role="assistant"), "gen_ai.completion."),
        Family("finish_reasons", partial(family_finishes, leaves=_FLAT), "gen_ai.completion."),
        Family("input", partial(family_messages, leaves=_FLAT, role="user"), "llm.prompts."),
        Family("output", partial(family_messages, leaves=_FLAT, role="assistant"), "llm.completions."),
        Family("finish_reasons", partial(family_finishes, leaves=_FLAT), "llm.completions."),
    ),
)

OLDER = Dialect(
    name="otel-1.36",
    marks=frozenset({"gen_ai.system", "gen_ai.operation.name", "gen_ai.request.model"}),
    kinds=(("gen_ai.operation.name", CALLS),),
    otherwise=frozenset({"gen_ai.request.model"}),
    lends=frozenset({"retrieval"}),
    table=Table(
        *SHARED,
        Reading("input", asked, ("gen_ai.prompt",)),
        Reading("output", answered, ("gen_ai.completion",)),
    ),
)

DIALECTS = (OPENINFERENCE, OPENLLMETRY, CURRENT, OLDER)
"""In the order in which they are tried: the first whose mark a span has reads it, and none of the others."""

TEXTUAL = (
    *("gen_ai.prompt", "gen_ai.completion", "gen_ai.input.", "gen_ai.output.", "gen_ai.system_instructions"),
    *("gen_ai.tool.", "gen_ai.retrieval.", "gen_ai.request.functions", "gen_ai.request.tools", "gen_ai.event.content"),
    *("llm.input_messages", "llm.output_messages", "llm.prompt", "llm.completions", "llm.invocation_parameters"),
    *("llm.tools", "llm.functions", "llm.function_call", "llm.request.functions", "llm.choices", "input.", "output."),
    *("retrieval.", "reranker.", "embedding.", "document.", "tool.", "message.", "metadata", "traceloop.entity."),
    *("exception.", "db.", "http.request.", "http.response.", "http.url", "http.target", "url.", "client.", "net."),
    *("network.", "server.", "source.", "destination.", "user_agent.", "host.", "process.", "code.", "thread."),
    *("user.", "enduser.", f"{_PROPERTIES}user"),
)
"""Keys that begin like this are not kept as attributes: texts, addresses, headers, people, machines."""
