"""A body as sent becomes its bytes: unpacked, and never more of them than the limit, however small it came in."""

from __future__ import annotations

import json
import zlib
from typing import Any

import orjson

from evalgate.traffic.attributes import tidy
from evalgate.traffic.refusals import Malformed, TooLarge, UnknownKind

ENCODINGS = ("identity", "gzip", "deflate")
_EITHER_HEADER = 47
"""zlib's word for: a gzip or a zlib header, whichever is there."""


def unpacked(body: bytes, encoding: str | None, limit: int) -> bytes:
    """Return at most `limit` bytes of content.

    Raises UnknownKind (415) for another encoding, TooLarge (413) for more than the limit as sent or once unpacked,
    Malformed (400) for what is not a whole file of its encoding.
    """
    if len(body) > limit:
        raise TooLarge(f"the body has {len(body)} bytes, the limit is {limit}; send smaller batches")
    named = (encoding or "identity").strip().lower()
    if named not in {*ENCODINGS, ""}:
        raise UnknownKind(f"content encoding {named[:40]!r} is not read; known are {', '.join(ENCODINGS)}")
    return body if named in {"identity", ""} else _inflated(body, limit)


def _inflated(body: bytes, limit: int) -> bytes:
    parts: list[bytes] = []
    left, rest = limit, body
    while rest:
        stream = zlib.decompressobj(_EITHER_HEADER)
        try:
            part = stream.decompress(rest, left + 1)
        except zlib.error as problem:
            raise Malformed(f"the body cannot be unpacked: {problem}; send it again or without encoding") from problem
        if len(part) > left:
            raise TooLarge(f"the body unpacks to more than {limit} bytes; send smaller batches")
        if not stream.eof:
            raise Malformed("the body is cut off: its compressed stream has no end")
        parts.append(part)
        left -= len(part)
        rest = stream.unused_data
    return b"".join(parts)


def media_type(content_type: str | None) -> str:
    """Return a content type without its parameters.

    >>> media_type("Application/JSON; charset=utf-8"), media_type(None)
    ('application/json', '')
    """
    return (content_type or "").split(";", 1)[0].strip().lower()


def json_body(content: bytes) -> Any:
    """Return the JSON in a body. Raises Malformed with the place where it breaks."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as problem:
        # Half a surrogate pair, which a sender leaves that cuts a text by its length, is no reason to lose a batch.
        try:
            return _tidied(json.loads(content))
        except (ValueError, RecursionError):
            raise Malformed(f"broken JSON at byte {problem.pos}: {problem.msg}") from problem


def _tidied(value: Any) -> Any:
    if isinstance(value, str):
        return tidy(value)
    if isinstance(value, dict):
        return {tidy(key): _tidied(inside) for key, inside in value.items()}
    return [_tidied(inside) for inside in value] if isinstance(value, list) else value
