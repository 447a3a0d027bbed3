"""OTLP's JSON form becomes Spans and Entries: ids in hex, 64-bit numbers as text, enums by name or number.

Keys that are not known are skipped, as the protocol demands of receivers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from evalgate.traffic.refusals import ItemRefused, Malformed
from evalgate.traffic.spans import SPAN_BYTES, TRACE_BYTES, Broken, Entry, Event, Span, hex_id
from evalgate.traffic.unpacking import json_body

Item = TypeVar("Item", Span, Entry)
DEEPEST = 32
"""Values nested deeper are refused."""
_ERROR = (2, "2", "STATUS_CODE_ERROR")
_LARGEST = 1 << 64


def spans(content: bytes) -> Iterator[Span | Broken]:
    """Yield every span of a trace export, or why it cannot be read. Raises Malformed for broken shells."""
    return _items(content, ("resourceSpans", "scopeSpans", "spans"), _span)


def entries(content: bytes) -> Iterator[Entry | Broken]:
    """Yield every record of a log export, or why it cannot be read. Raises Malformed for broken shells."""
    return _items(content, ("resourceLogs", "scopeLogs", "logRecords"), _entry)


def _items(
    content: bytes, words: tuple[str, str, str], build: Callable[[Any, dict[str, Any]], Item]
) -> Iterator[Item | Broken]:
    request = json_body(content)
    if not isinstance(request, dict):
        raise Malformed(f"an OTLP request is an object with {words[0]}")
    outer, middle, inner = words
    for i, group in enumerate(_list(request, outer, "the request")):
        resource = _resource(group, f"{outer}[{i}]")
        for j, scope in enumerate(_list(group, middle, f"{outer}[{i}]")):
            for k, sent in enumerate(_list(scope, inner, f"{outer}[{i}].{middle}[{j}]")):
                try:
                    yield build(sent, resource)
                except ItemRefused as problem:
                    yield Broken(f"{outer}[{i}].{middle}[{j}].{inner}[{k}]", problem)


def _list(around: Any, key: str, where: str) -> list[Any]:
    if not isinstance(around, dict):
        raise Malformed(f"{where} is an object with {key}")
    found = around.get(key)
    if found is None:
        return []
    if not isinstance(found, list):
        raise Malformed(f"{where}: {key} is a list")
    return found


def _resource(group: Any, where: str) -> dict[str, Any]:
    resource = group.get("resource") if isinstance(group, dict) else None
    try:
        return _attributes(resource.get("attributes")) if isinstance(resource, dict) else {}
    except ItemRefused as problem:
        raise Malformed(f"{where}.resource: {problem}") from problem


def _span(sent: Any, resource: dict[str, Any]) -> Span:
    if not isinstance(sent, dict):
        raise ItemRefused("a span is an object")
    status = sent.get("status")
    status = status if isinstance(status, dict) else {}
    return Span(
        trace_id=_id(sent.get("traceId"), TRACE_BYTES, "trace id"),
        span_id=_id(sent.get("spanId"), SPAN_BYTES, "span id"),
        parent_id=_id(parent, SPAN_BYTES, "parent's span id") if (parent := sent.get("parentSpanId")) else "",
        name=str(sent.get("name") or ""),
        start=_nanoseconds(sent.get("startTimeUnixNano")),
        end=_nanoseconds(sent.get("endTimeUnixNano")),
        attributes=_attributes(sent.get("attributes")),
        events=tuple(map(_event, sent.get("events") or ())) if isinstance(sent.get("events"), list) else (),
        failed=str(status.get("message") or "") if status.get("code") in _ERROR else None,
        resource=resource,
    )


def _event(sent: Any) -> Event:
    if not isinstance(sent, dict):
        raise ItemRefused("an event is an object")
    at, attributes = _nanoseconds(sent.get("timeUnixNano")), _attributes(sent.get("attributes"))
    return Event(at, str(sent.get("name") or ""), attributes)


def _entry(sent: Any, resource: dict[str, Any]) -> Entry:
    if not isinstance(sent, dict):
        raise ItemRefused("a log record is an object")
    attributes = _attributes(sent.get("attributes"))
    return Entry(
        trace_id=_id(trace, TRACE_BYTES, "trace id") if (trace := sent.get("traceId")) else "",
        span_id=_id(span, SPAN_BYTES, "span id") if (span := sent.get("spanId")) else "",
        at=_nanoseconds(sent.get("timeUnixNano")) or _nanoseconds(sent.get("observedTimeUnixNano")),
        name=str(sent.get("eventName") or attributes.get("event.name") or ""),
        attributes=attributes,
        body=_value(sent["body"], 0) if sent.get("body") is not None else None,
        resource=resource,
    )


def _id(sent: Any, length: int, called: str) -> str:
    if not isinstance(sent, str):
        raise ItemRefused(f"a {called} is text in hex")
    try:
        raw = bytes.fromhex(sent)
    except ValueError:
        raise ItemRefused(f"a {called} is written in hex, {length * 2} digits, not {sent[:40]!r}") from None
    return hex_id(raw, length, called)


def _nanoseconds(sent: Any) -> int:
    if sent is None or sent == "":
        return 0
    number = _integer(sent)
    if not 0 <= number < _LARGEST:
        raise ItemRefused(f"{str(sent)[:40]} is no time in nanoseconds since 1970")
    return number


def _integer(sent: Any) -> int:
    """Return a 64-bit number, which JSON writes as text."""
    if isinstance(sent, bool) or not isinstance(sent, int | str):
        raise ItemRefused(f"a whole number is expected, not {str(sent)[:40]!r}")
    if isinstance(sent, int):
        return sent
    if len(sent) > 20 or not (sent.isascii() and sent.removeprefix("-").isdecimal()):
        raise ItemRefused(f"a whole number is expected, not {sent[:40]!r}")
    return int(sent)


def _attributes(sent: Any, depth: int = 0) -> dict[str, Any]:
    if not sent:
        return {}
    if not isinstance(sent, list):
        raise ItemRefused("attributes are a list of objects with key and value")
    found: dict[str, Any] = {}
    for pair in sent:
        if not isinstance(pair, dict) or not isinstance(key := pair.get("key"), str):
            raise ItemRefused("attributes are a list of objects with key and value")
        value = pair.get("value")
        if value is not None and (read := _value(value, depth)) is not None:
            found[key] = read
    return found


def _value(sent: Any, depth: int) -> Any:
    if not isinstance(sent, dict):
        raise ItemRefused("a value is an object with stringValue, intValue, boolValue, doubleValue, arrayValue or so")
    if isinstance(text := sent.get("stringValue"), str):
        return text
    if depth >= DEEPEST:
        raise ItemRefused(f"a value is nested deeper than {DEEPEST}")
    for kind, inside in sent.items():
        if (read := _KINDS.get(kind)) is not None and inside is not None:
            return read(inside, depth + 1)
    return None


def _double(sent: Any, _depth: int) -> float:
    try:
        return float(sent)
    except (TypeError, ValueError, OverflowError):
        raise ItemRefused(f"doubleValue is a number, not {str(sent)[:40]!r}") from None


def _bool(sent: Any, _depth: int) -> bool:
    if not isinstance(sent, bool):
        raise ItemRefused("boolValue is true or false")
    return sent


def _array(sent: Any, depth: int) -> list[Any]:
    values = sent.get("values") if isinstance(sent, dict) else sent
    if values is not None and not isinstance(values, list):
        raise ItemRefused("arrayValue is an object with a list of values")
    return [_value(item, depth) for item in values or ()]


def _map(sent: Any, depth: int) -> dict[str, Any]:
    return _attributes(sent.get("values") if isinstance(sent, dict) else sent, depth)


def _text(sent: Any, _depth: int) -> str:
    raise ItemRefused(f"stringValue is text, not {str(sent)[:40]!r}")


_KINDS: dict[str, Callable[[Any, int], Any]] = {
    "stringValue": _text,
    "boolValue": _bool,
    "intValue": lambda sent, _depth: _integer(sent),
    "doubleValue": _double,
    "arrayValue": _array,
    "kvlistValue": _map,
}
