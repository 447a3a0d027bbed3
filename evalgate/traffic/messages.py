"""Messages as senders write them, in every shape that is met, become messages of the core; nothing here refuses.

A production log is not a data file: what is no text is named in brackets (`[image]`), what is unknown is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from evalgate.core.samples import Message, Role, ToolCall
from evalgate.traffic.attributes import as_text

ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "developer",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "chatbot": "assistant",
    "tool": "tool",
    "function": "tool",
    "ipython": "tool",
}
"""The names by which senders call who speaks."""

_CALLS = frozenset({"tool_call", "tool_use", "function_call", "server_tool_call", "server_tool_use"})
_RESPONSES = frozenset({"tool_call_response", "tool_result", "function_call_output", "server_tool_call_response"})
_HIDDEN = frozenset({"reasoning", "thinking", "redacted_thinking"})
"""What the model told itself: no part of what a person read."""
_TEXTS = ("content", "text", "output_text", "input_text", "refusal", "value")
_MEDIA = {"image_url": "image", "input_image": "image", "input_audio": "audio", "blob": "file", "uri": "file"}
_TEXT_KINDS = ("text", "input_text", "output_text")
_PLAIN = frozenset({"role", "parts", "content", "finish_reason"})
_PLAIN_ROLES = frozenset(ROLES) - {"tool", "function", "ipython"}
_AROUND = ("messages", "message", "contents", "input", "prompt", "choices", "output", "content", "text")


def read_messages(value: Any, role: Role) -> tuple[Message, ...]:
    """Return the messages in a value: text, JSON as text, one message or a list; `role` speaks where none is named.

    >>> [m.content for m in read_messages('[{"role":"user","parts":[{"type":"text","content":"hola"}]}]', "user")]
    ['hola']
    >>> read_messages("hola", "user")[0].role, read_messages(None, "user"), read_messages("", "user")
    ('user', (), ())
    """
    parsed = parsed_json(value) if isinstance(value, str) else value
    if isinstance(parsed, list) and (plain := _plain_turns(parsed)):
        return plain
    if isinstance(value, str):
        if not isinstance(parsed, dict | list) or not _speaks(parsed):
            return (Message(role=role, content=value),) if value else ()
        value = parsed
    if isinstance(value, dict):
        return _one_object(value, role)
    if not isinstance(value, list | tuple):
        return ()
    if value and all(isinstance(item, dict) and "type" in item and "role" not in item for item in value):
        return _turn({"role": role, "content": value}, role)
    return tuple(said for item in value for said in _item(item, role))


def parsed_json(text: str) -> Any:
    """Return what JSON text holds, None for other text; only what begins like a list or an object is looked at.

    >>> parsed_json('[1]'), parsed_json("[draft] hello"), parsed_json("hello")
    ([1], None, None)
    """
    if text[:1] not in {"[", "{"} and text.lstrip()[:1] not in {"[", "{"}:
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def read_calls(value: Any) -> tuple[ToolCall, ...]:
    """Return tool calls, flat or nested under `function`; what names no tool is left out.

    >>> read_calls([{"id": "1", "function": {"name": "find", "arguments": {"q": 1}}}, {"id": "2"}])
    (ToolCall(name='find', arguments='{"q":1}', id='1'),)
    """
    if isinstance(value, str):
        value = parsed_json(value)
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list | tuple):
        return ()
    return tuple(call for item in value if isinstance(item, dict) and (call := _call(item)) is not None)


def _speaks(parsed: Any) -> bool:
    """Say whether JSON is a conversation and not just an answer that happens to be JSON."""
    if isinstance(parsed, list):
        return bool(parsed) and all(isinstance(item, dict) and (_is_turn(item) or _is_part(item)) for item in parsed)
    return _is_turn(parsed) or any(isinstance(parsed.get(key), list) and _speaks(parsed[key]) for key in _AROUND[:7])


def _is_turn(item: Mapping[str, Any]) -> bool:
    if "role" in item:
        return isinstance(item["role"], str)
    return ("parts" in item and isinstance(item["parts"], list)) or isinstance(item.get("message"), dict)


def _is_part(item: Mapping[str, Any]) -> bool:
    kind = _kind(item)
    if kind in _TEXT_KINDS:
        return "type" in item and isinstance(item.get("content", item.get("text")), str)
    return kind in _CALLS or kind in _RESPONSES or kind in _HIDDEN or kind in _MEDIA


def _kind(item: Mapping[str, Any]) -> str:
    kind = item.get("type")
    return kind if isinstance(kind, str) else "text"


def _one_object(value: dict[str, Any], role: Role) -> tuple[Message, ...]:
    if _is_turn(value):
        return _turn(value, role)
    for key in _AROUND:
        if value.get(key):
            return read_messages(value[key], role)
    calls = read_calls(value.get("tool_calls"))
    return (Message(role=role, tool_calls=calls),) if calls else ()


def _item(item: Any, role: Role) -> tuple[Message, ...]:
    if isinstance(item, str):
        return (Message(role=role, content=item),)
    return _turn(item, role) if isinstance(item, dict) and _kind(item) not in _HIDDEN else ()


def _turn(turn: dict[str, Any], role: Role) -> tuple[Message, ...]:
    """Return what one turn says; each answer of a tool in it is a message of its own, before the rest."""
    inner = turn.get("message")
    if isinstance(inner, dict) and "content" not in turn and "parts" not in turn:
        turn = {**turn, **inner}
    said = turn.get("role")
    speaker = ROLES.get(said.lower(), role) if isinstance(said, str) else role
    if (kind := _kind(turn)) in _RESPONSES or kind in _CALLS:
        turn = {"parts": [turn]}
    written = turn.get("parts") if turn.get("parts") is not None else turn.get("content", turn.get("text"))
    text, calls, answers = (written, (), ()) if isinstance(written, str) else _parts(written)
    calls += read_calls(turn.get("tool_calls")) + read_calls(turn.get("function_call"))
    if not text and isinstance(turn.get("refusal"), str):
        text = turn["refusal"]
    if answers and not text and not calls:
        return answers
    rest = Message(
        role=speaker,
        content=text,
        name=_short(turn.get("name")),
        tool_calls=calls,
        tool_call_id=_short(turn.get("tool_call_id", turn.get("id"))) if speaker == "tool" else None,
    )
    return (*answers, rest)


def _plain_turns(turns: list[Any]) -> tuple[Message, ...]:
    """Return turns that are a role and one text each, as most are; nothing when one of them is more than that."""
    said: list[Message] = []
    for turn in turns:
        plain = _plain_turn(turn) if isinstance(turn, dict) else None
        if plain is None:
            return ()
        said.append(plain)
    return tuple(said)


def _plain_turn(turn: dict[str, Any]) -> Message | None:
    role, content = turn.get("role"), turn.get("content")
    if not isinstance(role, str) or role not in _PLAIN_ROLES or not turn.keys() <= _PLAIN:
        return None
    if content is None:
        parts = turn.get("parts")
        part = parts[0] if isinstance(parts, list) and len(parts) == 1 else None
        content = part.get("content") if isinstance(part, dict) and part.get("type") == "text" else None
    return Message(role=ROLES[role], content=content) if isinstance(content, str) else None


def _parts(written: Any) -> tuple[str, tuple[ToolCall, ...], tuple[Message, ...]]:
    """Return the text, the tool calls and the tools' answers among the parts of a message."""
    texts: list[str] = []
    calls: list[ToolCall] = []
    answers: list[Message] = []
    for part in written if isinstance(written, list | tuple) else [written]:
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            kind = _kind(part)
            if kind in _CALLS or "function_call" in part or "functionCall" in part:
                calls += read_calls(part.get("function_call") or part.get("functionCall") or part)
            elif kind in _RESPONSES:
                answers.append(_answer(part))
            elif kind not in _HIDDEN:
                texts += _part_text(part, kind)
    return "\n".join(texts), tuple(calls), tuple(answers)


def _part_text(part: Mapping[str, Any], kind: str) -> Iterable[str]:
    if kind in _MEDIA or "modality" in part:
        return [f"[{_short(part.get('modality')) or _MEDIA.get(kind, 'file')}]"]
    texts = [part[key] for key in _TEXTS if isinstance(part.get(key), str)]
    return texts[:1] or ([] if kind == "text" else [f"[{kind[:40]}]"])


def _answer(part: Mapping[str, Any]) -> Message:
    """Return a tool's answer; the schema says `response`, the conventions' own example says `result`."""
    told = next((part[key] for key in ("response", "result", "output", "content") if part.get(key) is not None), "")
    if isinstance(told, list) and all(isinstance(item, dict) and item.get("type") == "text" for item in told):
        told = "\n".join(str(item.get("text", "")) for item in told)
    call = part.get("id") or part.get("tool_use_id") or part.get("call_id")
    return Message(role="tool", content=told if isinstance(told, str) else as_text(told), tool_call_id=_short(call))


def _call(item: dict[str, Any]) -> ToolCall | None:
    inside = item.get("function")
    inside = inside if isinstance(inside, dict) else item
    named = inside.get("name") or item.get("name")
    if not isinstance(named, str) or not named:
        return None
    asked = next((inside[key] for key in ("arguments", "args", "input", "parameters") if inside.get(key)), None)
    arguments = "{}" if asked is None else asked if isinstance(asked, str) else as_text(asked)
    return ToolCall(name=named, arguments=arguments, id=_short(item.get("id") or item.get("call_id")))


def _short(value: Any) -> str | None:
    return value[:256] if isinstance(value, str) and value else None
