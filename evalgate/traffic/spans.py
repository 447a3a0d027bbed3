"""Spans and log records as they came out of a body, whichever way it was encoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from evalgate.traffic.refusals import ItemRefused

TRACE_BYTES = 16
SPAN_BYTES = 8


class Event(NamedTuple):
    """Something a span says happened within it."""

    at: int
    name: str
    attributes: Mapping[str, Any]


class Span(NamedTuple):
    """One span: ids in hex, times in ns since 1970 (0: unknown), attributes as plain values."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    start: int
    end: int
    attributes: dict[str, Any]
    events: tuple[Event, ...]
    failed: str | None
    """What the status says when it is an error, which may be nothing."""
    resource: Mapping[str, Any]


class Entry(NamedTuple):
    """One log record; ids are empty when it belongs to no span."""

    trace_id: str
    span_id: str
    at: int
    name: str
    attributes: dict[str, Any]
    body: Any
    resource: Mapping[str, Any]


def hex_id(raw: bytes, length: int, called: str) -> str:
    """Return an id as hex. Raises ItemRefused for one of another length or of zeros only."""
    if len(raw) != length:
        raise ItemRefused(f"a {called} has {length} bytes, not {len(raw)}")
    if not any(raw):
        raise ItemRefused(f"a {called} is not all zeros")
    return raw.hex()


class Broken(NamedTuple):
    """A span or record that cannot be read: where it stands in its body, and why."""

    where: str
    problem: Exception
