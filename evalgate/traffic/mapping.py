"""Spans and log records become Interactions: one function reads every dialect's table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from evalgate.core.samples import Message
from evalgate.traffic.attributes import LONGEST_KEY, Plain, flat
from evalgate.traffic.dialects import (
    DETAILS,
    DIALECTS,
    EVENTS,
    FACTS,
    KEPT_OF_RESOURCE,
    RESOURCE,
    SHARED,
    TEXTUAL,
    Dialect,
    Told,
)
from evalgate.traffic.families import numbered
from evalgate.traffic.interactions import Interaction, moment
from evalgate.traffic.messages import parsed_json, read_messages
from evalgate.traffic.reading import name, text
from evalgate.traffic.refusals import ItemRefused
from evalgate.traffic.spans import Entry, Event, Span

SOURCE = "otlp"
_READ_ELSEWHERE = frozenset(key for reading in SHARED for key in reading.keys)


def dialect_of(attributes: Mapping[str, Any]) -> Dialect | None:
    """Return the dialect that reads a span with these attributes, None for a span about something else."""
    keys = attributes.keys()
    return next((dialect for dialect in DIALECTS if not dialect.marks.isdisjoint(keys)), None)


def kind_of(dialect: Dialect, attributes: Mapping[str, Any]) -> tuple[str | None, frozenset[str]]:
    """Return what the first of the dialect's kind keys says, and the values of it that are interactions."""
    return next(
        ((str(attributes[key]), counted) for key, counted in dialect.kinds if key in attributes), (None, frozenset())
    )


def counts(dialect: Dialect, attributes: Mapping[str, Any]) -> bool:
    """Say whether a span is an interaction: a model that was asked for an answer, not what stands around that."""
    kind, counted = kind_of(dialect, attributes)
    return kind in counted if kind is not None else not dialect.otherwise.isdisjoint(attributes)


def interaction_of(span: Span) -> Interaction | None:
    """Return the interaction that a span is, None when it is none."""
    attributes = with_details(span)
    dialect = dialect_of(attributes)
    if dialect is None or not counts(dialect, attributes):
        return None
    found = fields_of(dialect, attributes)
    for side, messages in told_by(span.events).items():
        found.setdefault(side, messages)
    if "error" not in found and span.failed is not None:
        found["error"] = _error(span)
    RESOURCE.read(span.resource, found)
    return Interaction(
        source=SOURCE,
        external_id=f"{span.trace_id}:{span.span_id}",
        trace_id=span.trace_id,
        parent_id=f"{span.trace_id}:{span.parent_id}" if span.parent_id else None,
        started=moment(span.start),
        ended=moment(span.end),
        finished=span.end > 0,
        attributes=kept(attributes, span.resource),
        **found,
    )


def lent_by(span: Span) -> tuple[str, ...]:
    """Return the documents that a retrieval span found, nothing for any other span."""
    dialect = dialect_of(span.attributes)
    if dialect is None or kind_of(dialect, span.attributes)[0] not in dialect.lends:
        return ()
    passages: tuple[str, ...] = fields_of(dialect, span.attributes).get("context", ())
    return passages


def fields_of(dialect: Dialect, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a dialect's table finds; a family of numbered keys goes before one key of the same field."""
    found: dict[str, Any] = {}
    gathered = numbered(attributes, dialect.prefixes) if dialect.families else {}
    for field, how, prefix in dialect.families:
        if field not in found and prefix in gathered and (value := how(gathered[prefix])):
            found[field] = value
    dialect.table.read(attributes, found)
    instructions = found.pop("instructions", ())
    if instructions and not any(message.role == "system" for message in found.get("input", ())):
        found["input"] = (*instructions, *found.get("input", ()))
    return found


def with_details(span: Span) -> dict[str, Any]:
    """Return a span's attributes with those of its details event, which tells what the span leaves out."""
    for event in span.events:
        if event.name == DETAILS:
            return {**event.attributes, **span.attributes}
    return span.attributes


def told_by(events: Iterable[Event]) -> dict[str, tuple[Message, ...]]:
    """Return input and output as events on a span tell them, one message an event, in the span's order."""
    said: dict[str, tuple[Message, ...]] = {}
    for event in events:
        if (told := EVENTS.get(event.name)) is not None:
            said[told.side] = said.get(told.side, ()) + message_of(told, event.attributes)
    return said


def message_of(told: Told, body: Any) -> tuple[Message, ...]:
    """Return the message in the body of an event; a choice holds its message one level deeper."""
    if isinstance(body, Mapping):
        written = next(
            (body[key] for key in ("gen_ai.event.content", "gen_ai.prompt", "gen_ai.completion") if key in body), None
        )
        if written is not None:
            return read_messages(written, told.role)
        inner = body.get("message")
        inner = parsed_json(inner) or inner if isinstance(inner, str) else inner
        body = {"role": told.role, **body, **(inner if isinstance(inner, dict) else {})}
        if isinstance(inner, str):
            body["content"] = inner
    return read_messages(body, told.role)


def fragment_of(entry: Entry) -> Interaction | None:
    """Return the part of an interaction that a log record tells, None when it tells none.

    A details event is the whole of it, the older events one message each; both complete when the span comes.
    Raises ItemRefused for a record that names neither its span nor its response: it can be joined with nothing.
    """
    if entry.name == DETAILS:
        return _details(entry)
    told = EVENTS.get(entry.name)
    if told is None:
        return None
    body = entry.body if entry.body is not None else entry.attributes
    said = message_of(told, body)
    found = FACTS.read(entry.attributes)
    if told.side == "output" and isinstance(body, Mapping) and (why := text(body.get("finish_reason"))):
        found.setdefault("finish_reasons", (why,))
    return _fragment(entry, finished=told.side == "output", said={told.side: said}, found=found)


def _details(entry: Entry) -> Interaction | None:
    body = entry.body if isinstance(entry.body, dict) else {}
    attributes = {**body, **entry.attributes}
    dialect = dialect_of(attributes)
    if dialect is None or not counts(dialect, attributes):
        return None
    return _fragment(entry, finished=True, said={}, found=fields_of(dialect, attributes))


def _fragment(
    entry: Entry, *, finished: bool, said: dict[str, tuple[Message, ...]], found: dict[str, Any]
) -> Interaction:
    response = name(entry.attributes.get("gen_ai.response.id"))
    named = f"{entry.trace_id}:{entry.span_id}" if entry.trace_id and entry.span_id else response
    if named is None:
        raise ItemRefused("names neither its span nor its response; without one it can be joined with nothing")
    times = {f"{side}_at": tuple(range(entry.at, entry.at + len(messages))) for side, messages in said.items()}
    return Interaction(
        source=SOURCE,
        external_id=named,
        trace_id=entry.trace_id or None,
        ended=moment(entry.at) if finished else None,
        finished=finished,
        attributes=kept(entry.attributes, entry.resource),
        **{**found, **said, **times, **RESOURCE.read(entry.resource)},
    )


def kept(attributes: Mapping[str, Any], resource: Mapping[str, Any]) -> dict[str, Plain]:
    """Return the attributes that stay beside the fields: flat, no texts, no addresses, nothing read already."""
    chosen = {key: value for key, value in attributes.items() if len(key) <= LONGEST_KEY and is_kept(key)}
    chosen |= {key: resource[key] for key in KEPT_OF_RESOURCE if key in resource}
    return flat(chosen)


@lru_cache(maxsize=4096)
def is_kept(key: str) -> bool:
    """Say whether a span's attribute of this name is kept."""
    return key not in _READ_ELSEWHERE and not key.startswith(TEXTUAL)


def _error(span: Span) -> str:
    thrown = (event.attributes.get("exception.type") for event in span.events if event.name == "exception")
    return next((kind for kind in map(text, thrown) if kind), None) or text(span.failed) or "error"
