"""OTLP's binary form becomes Spans and Entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from evalgate.traffic.refusals import ItemRefused, Malformed
from evalgate.traffic.spans import SPAN_BYTES, TRACE_BYTES, Broken, Entry, Event, Span, hex_id
from evalgate.traffic.wire import classes

Item = TypeVar("Item", Span, Entry)
_ERROR = 2


def spans(content: bytes) -> Iterator[Span | Broken]:
    """Yield every span of a trace export, or why it cannot be read. Raises Malformed for broken shells."""
    return _items(content, "Span", _span, ("resource_spans", "scope_spans", "spans"))


def entries(content: bytes) -> Iterator[Entry | Broken]:
    """Yield every record of a log export, or why it cannot be read. Raises Malformed for broken shells."""
    return _items(content, "LogRecord", _entry, ("resource_logs", "scope_logs", "log_records"))


def _items(
    content: bytes, name: str, build: Callable[[Any, dict[str, Any]], Item], words: tuple[str, str, str]
) -> Iterator[Item | Broken]:
    from google.protobuf.message import DecodeError

    known = classes()
    read = known[name].FromString
    try:
        request = known["Request"].FromString(content)
    except DecodeError as problem:
        raise Malformed("the body is not an OTLP request in protobuf; is the content type right?") from problem
    for i, group in enumerate(request.groups):
        resource = _attributes(group.resource.attributes)
        for j, scope in enumerate(group.scopes):
            for k, raw in enumerate(scope.items):
                try:
                    yield build(read(raw), resource)
                except DecodeError:
                    where = f"{words[0]}[{i}].{words[1]}[{j}].{words[2]}[{k}]"
                    yield Broken(where, ItemRefused("its bytes are no protobuf message"))
                except ItemRefused as problem:
                    yield Broken(f"{words[0]}[{i}].{words[1]}[{j}].{words[2]}[{k}]", problem)


def _span(sent: Any, resource: dict[str, Any]) -> Span:
    status = sent.status
    return Span(
        trace_id=hex_id(sent.trace_id, TRACE_BYTES, "trace id"),
        span_id=hex_id(sent.span_id, SPAN_BYTES, "span id"),
        parent_id=hex_id(sent.parent_span_id, SPAN_BYTES, "parent's span id") if sent.parent_span_id else "",
        name=sent.name,
        start=sent.start_time_unix_nano,
        end=sent.end_time_unix_nano,
        attributes=_attributes(sent.attributes),
        events=tuple(Event(e.time_unix_nano, e.name, _attributes(e.attributes)) for e in sent.events),
        failed=status.message if status.code == _ERROR else None,
        resource=resource,
    )


def _entry(sent: Any, resource: dict[str, Any]) -> Entry:
    attributes = _attributes(sent.attributes)
    return Entry(
        trace_id=hex_id(sent.trace_id, TRACE_BYTES, "trace id") if sent.trace_id else "",
        span_id=hex_id(sent.span_id, SPAN_BYTES, "span id") if sent.span_id else "",
        at=sent.time_unix_nano or sent.observed_time_unix_nano,
        name=sent.event_name or str(attributes.get("event.name", "")),
        attributes=attributes,
        body=_value(sent.body) if sent.HasField("body") else None,
        resource=resource,
    )


def _attributes(sent: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for pair in sent:
        value = pair.value
        if text := value.string_value:  # as most are; asking each for its kind costs as much as reading it
            found[pair.key] = text
        elif value.WhichOneof("value") is not None:
            found[pair.key] = _value(value)
    return found


def _value(sent: Any) -> Any:
    kind = sent.WhichOneof("value")
    if kind is None or kind == "bytes_value":
        return None
    inside = getattr(sent, kind)
    if kind == "array_value":
        return [_value(item) for item in inside.values]
    return _attributes(inside.values) if kind == "kvlist_value" else inside
