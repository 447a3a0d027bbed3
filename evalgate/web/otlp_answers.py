"""What an OTLP sender reads: a response with `partial_success`, or a status, in the encoding of its request."""

from __future__ import annotations

from typing import Literal

import orjson
from fastapi import Response

from evalgate.traffic.otlp import JSON, PROTOBUF
from evalgate.traffic.unpacking import media_type

Signal = Literal["traces", "logs"]
LONGEST = 1_000
"""Characters of a message."""
_REJECTED = {"traces": "rejectedSpans", "logs": "rejectedLogRecords"}
_VARINT, _BYTES = 0, 2
"""How a field of protobuf is written: as a number, or with its length before it."""


def taken(content_type: str | None, signal: Signal, rejected: int, why: str) -> Response:
    """Return an Export…ServiceResponse; with nothing rejected it is empty, which says that everything was taken."""
    if _is_json(content_type):
        partial = {_REJECTED[signal]: str(rejected), "errorMessage": why[:LONGEST]}
        return Response(orjson.dumps({"partialSuccess": partial} if rejected else {}), media_type=JSON)
    inside = _field(1, _VARINT, _varint(rejected)) + _text(2, why[:LONGEST])
    return Response(_field(1, _BYTES, _sized(inside)) if rejected else b"", media_type=PROTOBUF)


def refused(content_type: str | None, status: int, why: str, after_s: int | None = None) -> Response:
    """Return a google.rpc.Status with a message; `after_s` says when to come back."""
    headers = None if after_s is None else {"Retry-After": str(after_s)}
    if _is_json(content_type):
        return Response(orjson.dumps({"message": why[:LONGEST]}), status, headers, media_type=JSON)
    return Response(_text(2, why[:LONGEST]), status, headers, media_type=PROTOBUF)


def _is_json(content_type: str | None) -> bool:
    return media_type(content_type) != PROTOBUF


def _text(number: int, text: str) -> bytes:
    return _field(number, _BYTES, _sized(text.encode())) if text else b""


def _field(number: int, how: int, written: bytes) -> bytes:
    return _varint(number << 3 | how) + written


def _sized(content: bytes) -> bytes:
    return _varint(len(content)) + content


def _varint(number: int) -> bytes:
    """Return a whole number as protobuf writes it: seven bits a byte, the last ones first.

    >>> _varint(1).hex(), _varint(300).hex()
    ('01', 'ac02')
    """
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*written, number))
