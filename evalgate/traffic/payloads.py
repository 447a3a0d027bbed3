"""Bodies of JSON that hold records of one kind: one object, a list, or one object a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from evalgate.traffic.decoded import Decoded, Tally
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.merging import folded
from evalgate.traffic.refusals import ItemRefused, Malformed, UnknownKind
from evalgate.traffic.unpacking import json_body, media_type, unpacked

KINDS = ("application/json", "application/x-ndjson", "application/jsonl", "application/x-jsonlines")
MOST_ITEMS = 10_000
_BROKEN = object()


def decode_records(
    body: bytes,
    content_type: str | None,
    encoding: str | None,
    limit: int,
    *,
    called: str,
    build: Callable[[dict[str, Any]], Interaction | None],
) -> Decoded:
    """Return the interactions in a body of records, each read on its own; records of one interaction become one.

    Raises Refused: 400, 413 or 415 in its `status`.
    """
    kind = media_type(content_type)
    if kind not in KINDS:
        raise UnknownKind(f"content type {kind[:80]!r} is not read here; send {KINDS[0]} or {KINDS[1]}")
    content = unpacked(body, encoding, limit)
    items = _lines(content) if kind != KINDS[0] or _is_lines(content) else _whole(content, called)
    if len(items) > MOST_ITEMS:
        raise Malformed(f"{len(items)} records in one body; send at most {MOST_ITEMS}")
    tally = Tally()
    found: list[Interaction] = []
    for index, item in enumerate(items):
        found += tally.read(item, lambda sent: build(_object(sent)), called, "[", index, "]")
    return tally.decoded(folded(found), found)


def _is_lines(content: bytes) -> bool:
    """Say whether a body that calls itself JSON holds one object a line, as some senders write it."""
    head = content.lstrip()
    if head[:1] != b"{" or b"\n" not in head.rstrip():
        return False
    try:
        return isinstance(orjson.loads(head.split(b"\n", 1)[0]), dict)
    except orjson.JSONDecodeError:
        return False


def _lines(content: bytes) -> list[Any]:
    return [_line(raw) for raw in content.split(b"\n") if raw and not raw.isspace()]


def _line(raw: bytes) -> Any:
    try:
        return json_body(raw)
    except Malformed:
        return _BROKEN


def _whole(content: bytes, called: str) -> list[Any]:
    found = json_body(content)
    if isinstance(found, dict) and isinstance(listed := found.get(called), list):
        return listed
    if isinstance(found, dict):
        return [found]
    if isinstance(found, list):
        return found
    raise Malformed(f"the body is an object or a list of objects, one for each of its {called}")


def _object(item: Any) -> dict[str, Any]:
    if isinstance(item, dict):
        return item
    raise ItemRefused("broken JSON on this line" if item is _BROKEN else "a record is an object")


def opened(record: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return a record with the keys of the named objects in it beside its own, as `metadata.user`.

    >>> opened({"id": 1, "usage": {"input": 7}, "meta": None}, "usage", "meta")["usage.input"]
    7
    """
    flat = dict(record)
    for name in names:
        inside = flat.get(name)
        if isinstance(inside, dict):
            flat |= {f"{name}.{key}": value for key, value in inside.items()}
    return flat
