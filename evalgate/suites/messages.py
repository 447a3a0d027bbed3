"""Conversations as providers write them become messages: null contents, text parts, tool calls with their function."""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import ValidationError

from evalgate.core.samples import Message, ToolCall

_KEYS = {"role", "content", "name", "tool_calls", "tool_call_id"}
_AROUND_A_CALL = {"function", "type", "index"}


class Misread(ValueError):
    """A value that cannot be what its field needs; the message says why, the caller adds where."""


def read_messages(value: list[Any]) -> tuple[Message, ...]:
    """Return a list of `{role, content, tool_calls …}` as messages; keys that are null are not there.

    >>> read_messages([{"role": "user", "content": [{"type": "text", "text": "hola"}], "audio": None}])[0].content
    'hola'
    """
    if not value:
        raise Misread("is an empty list of messages")
    return tuple(_message(turn, index) for index, turn in enumerate(value))


def _message(turn: Any, index: int) -> Message:
    if not isinstance(turn, dict):
        raise Misread(f"message {index} is no object with role and content")
    written = {key: inside for key, inside in turn.items() if inside is not None}
    for key in written:
        if key not in _KEYS:
            raise Misread(f"message {index} has the key {key!r}; known are {', '.join(sorted(_KEYS))}")
    written["content"] = _content(written.get("content", ""), index)
    if "tool_calls" in written:
        written["tool_calls"] = read_tool_calls(written["tool_calls"])
    try:
        return Message(**written)
    except ValidationError as problem:
        raise Misread(f"message {index}: {first_error(problem)}") from problem


def _content(value: Any, index: int) -> str:
    """Return the text of a content: as it is, or the text parts of a list joined by line breaks."""
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, list) else [value]
    texts = [part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None for part in parts]
    if not all(isinstance(text, str) for text in texts):
        raise Misread(f"message {index} has content that is not text; only text is read")
    return "\n".join(str(text) for text in texts)


def read_tool_calls(value: Any) -> tuple[ToolCall, ...]:
    """Return tool calls, flat `{name, arguments}` or as providers nest them under `function`.

    >>> read_tool_calls([{"id": "1", "type": "function", "function": {"name": "find", "arguments": {"q": "a"}}}])
    (ToolCall(name='find', arguments='{"q":"a"}', id='1'),)
    """
    if not isinstance(value, list):
        raise Misread("is a list of calls, each with name and arguments")
    return tuple(_tool_call(call) for call in value)


def _tool_call(call: Any) -> ToolCall:
    if not isinstance(call, dict):
        raise Misread("holds a call that is no object with name and arguments")
    inside = call.get("function")
    flat = {**call, **inside} if isinstance(inside, dict) else call
    written = {key: item for key, item in flat.items() if item is not None and key not in _AROUND_A_CALL}
    if isinstance(written.get("arguments"), dict | list):
        written["arguments"] = as_json(written["arguments"])
    try:
        return ToolCall(**written)
    except ValidationError as problem:
        raise Misread(f"holds a call that cannot be read: {first_error(problem)}") from problem


def as_json(value: Any) -> str:
    """Return a value as compact JSON; nesting deeper than any real tool's arguments is refused."""
    try:
        return orjson.dumps(value).decode()
    except TypeError as problem:
        raise Misread("is nested too deeply, or holds something that is not JSON") from problem


def first_error(problem: ValidationError) -> str:
    """Return what pydantic found first, in one clause."""
    error = problem.errors(include_url=False)[0]
    where = ".".join(str(step) for step in error["loc"])
    return f"{where}: {error['msg']}" if where else error["msg"]
