"""Spans and log records in both encodings of OTLP, written by an encoder of this file's own."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent / "fixtures"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
PARENT = "b7ad6b7169203331"
START, END = 1_763_632_800_000_000_000, 1_763_632_801_500_000_000
PROTOBUF, JSON = "application/x-protobuf", "application/json"


def fixture(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))


# ── JSON ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def any_value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [any_value(item) for item in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": attributes(value)}}
    return {"stringValue": value}


def attributes(plain: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": any_value(value)} for key, value in plain.items()]


def span(told: dict[str, Any], **fields: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "traceId": TRACE,
        "spanId": SPAN,
        "name": "chat",
        "kind": "SPAN_KIND_CLIENT",
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(END),
        "attributes": attributes(told),
    }
    return plain | fields


def event(name: str, told: dict[str, Any], at: int = START) -> dict[str, Any]:
    return {"name": name, "timeUnixNano": str(at), "attributes": attributes(told)}


def record(name: str, body: Any = None, told: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "traceId": TRACE,
        "spanId": SPAN,
        "timeUnixNano": str(START),
        "eventName": name,
        "attributes": attributes(told or {}),
    }
    return plain | ({} if body is None else {"body": any_value(body)}) | fields


def traces(*spans: Any, resource: dict[str, Any] | None = None) -> bytes:
    told = {"attributes": attributes(resource or {})}
    return json.dumps({"resourceSpans": [{"resource": told, "scopeSpans": [{"spans": list(spans)}]}]}).encode()


def logs(*records: Any, resource: dict[str, Any] | None = None) -> bytes:
    told = {"attributes": attributes(resource or {})}
    return json.dumps({"resourceLogs": [{"resource": told, "scopeLogs": [{"logRecords": list(records)}]}]}).encode()


# ── protobuf ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def varint(number: int) -> bytes:
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def inside(field: int, content: bytes | str) -> bytes:
    """A length-delimited field: text, bytes or a message."""
    raw = content.encode() if isinstance(content, str) else content
    return varint(field << 3 | 2) + varint(len(raw)) + raw


def fixed64(field: int, number: int) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<Q", number)


def whole(field: int, number: int) -> bytes:
    return varint(field << 3) + varint(number)


def binary_value(value: Any) -> bytes:
    if isinstance(value, bool):
        return whole(2, value)
    if isinstance(value, int):
        return whole(3, value)
    if isinstance(value, float):
        return varint(4 << 3 | 1) + struct.pack("<d", value)
    if isinstance(value, list):
        return inside(5, b"".join(inside(1, binary_value(item)) for item in value))
    if isinstance(value, dict):
        return inside(6, binary_pairs(1, value))
    return inside(1, value)


def binary_pairs(field: int, plain: dict[str, Any]) -> bytes:
    return b"".join(inside(field, inside(1, key) + inside(2, binary_value(value))) for key, value in plain.items())


def binary_span(
    told: dict[str, Any],
    *,
    span_id: str = SPAN,
    parent: str = "",
    failed: str | None = None,
    events: tuple[tuple[str, dict[str, Any]], ...] = (),
) -> bytes:
    around = inside(1, bytes.fromhex(TRACE)) + inside(2, bytes.fromhex(span_id)) + inside(4, bytes.fromhex(parent))
    timed = inside(5, "chat") + whole(6, 3) + fixed64(7, START) + fixed64(8, END)
    happened = b"".join(
        inside(11, fixed64(1, START) + inside(2, name) + binary_pairs(3, plain)) for name, plain in events
    )
    status = b"" if failed is None else inside(15, inside(2, failed) + whole(3, 2))
    return around + timed + binary_pairs(9, told) + happened + status + inside(3, "k=v") + whole(10, 1)


def binary_record(name: str, body: Any, told: dict[str, Any]) -> bytes:
    ids = inside(9, bytes.fromhex(TRACE)) + inside(10, bytes.fromhex(SPAN))
    timed = fixed64(11, START) + whole(2, 9) + inside(12, name)
    return timed + inside(5, binary_value(body)) + binary_pairs(6, told) + ids


def binary_request(*items: bytes, resource: dict[str, Any] | None = None) -> bytes:
    scope = inside(1, inside(1, "an instrument")) + b"".join(inside(2, item) for item in items)
    return inside(1, inside(1, binary_pairs(1, resource or {})) + inside(2, scope))
