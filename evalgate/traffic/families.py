"""Families of attributes: `llm.input_messages.0.message.role` and its neighbours, one key a leaf, become messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from evalgate.core.samples import Message, Role, ToolCall
from evalgate.traffic.attributes import as_text
from evalgate.traffic.messages import ROLES, parsed_json, read_messages

MOST_INDEX_DIGITS = 4
"""An index of more digits is no index."""


class Leaves(NamedTuple):
    """What a dialect calls the leaves of one message; a trailing dot marks the beginning of a family."""

    role: str = "role"
    content: str = "content"
    name: str = "name"
    answers: str = "tool_call_id"
    finish: str = "finish_reason"
    calls: str = "tool_calls."
    call_name: str = "name"
    call_arguments: str = "arguments"
    call_id: str = "id"
    parts: str = ""
    part_text: str = ""
    part_kind: str = ""


def numbered(attributes: Mapping[str, Any], prefixes: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    """Return the families that are there: prefix to members in order, each the rest of its keys to the values.

    >>> numbered({"p.1.role": "user", "p.0.role": "system", "p.x.role": "?", "role": "?"}, ("p.", "q."))
    {'p.': [{'role': 'system'}, {'role': 'user'}]}
    """
    found: dict[str, dict[int, dict[str, Any]]] = {}
    for key, value in attributes.items():
        if key.startswith(prefixes):
            prefix = next(prefix for prefix in prefixes if key.startswith(prefix))
            index, _, rest = key[len(prefix) :].partition(".")
            if index.isascii() and index.isdecimal() and len(index) <= MOST_INDEX_DIGITS:
                found.setdefault(prefix, {}).setdefault(int(index), {})[rest] = value
    return {prefix: [members[index] for index in sorted(members)] for prefix, members in found.items()}


def family_messages(members: list[dict[str, Any]], leaves: Leaves, role: Role) -> tuple[Message, ...]:
    """Return the messages of a family; content that is JSON parts is read as such."""
    return tuple(said for member in members for said in _member(member, leaves, role))


def family_finishes(members: list[dict[str, Any]], leaves: Leaves) -> tuple[str, ...]:
    """Return why each answer of a family ended, where the sender says so."""
    return tuple(str(member[leaves.finish]) for member in members if member.get(leaves.finish))


def documents(members: list[dict[str, Any]]) -> tuple[str, ...]:
    """Return the texts of `retrieval.documents.N.document.content`."""
    texts = (member.get("document.content") for member in members)
    return tuple(text for text in texts if isinstance(text, str) and text)


def _member(member: dict[str, Any], leaves: Leaves, role: Role) -> tuple[Message, ...]:
    said = member.get(leaves.role)
    if len(member) == 2 and isinstance(text := member.get(leaves.content), str) and said in ROLES and text[:2] != "[{":
        return (Message(role=ROLES[said], content=text),)  # as most are
    speaker = ROLES.get(said.lower(), role) if isinstance(said, str) else role
    content = _content(member, leaves, speaker)
    calls = tuple(call for sent in _inside(member, leaves.calls) if (call := _call(sent, leaves)) is not None)
    if not content and not calls and said is None:
        return ()
    name, answers = member.get(leaves.name), member.get(leaves.answers)
    return (
        Message(
            role=speaker,
            content=content,
            name=str(name) if name else None,
            tool_calls=calls,
            tool_call_id=str(answers) if answers else None,
        ),
    )


def _inside(member: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    return numbered(member, (prefix,)).get(prefix, [])


def _content(member: dict[str, Any], leaves: Leaves, role: Role) -> str:
    content = member.get(leaves.content)
    if content is None and leaves.parts:
        return "\n".join(_parts(_inside(member, leaves.parts), leaves))
    if isinstance(content, str) and content[:2] != "[{":
        return content
    told = read_messages([{"role": role, "content": _parsed(content)}], role) if content is not None else ()
    return "\n".join(message.content for message in told)


def _parsed(content: Any) -> Any:
    """Return content that is a JSON list of parts as that list; any other JSON is what was said."""
    if not isinstance(content, str):
        return content
    parts = parsed_json(content)
    listed = isinstance(parts, list) and all(isinstance(part, dict) and "type" in part for part in parts)
    return parts if listed else content


def _parts(parts: list[dict[str, Any]], leaves: Leaves) -> list[str]:
    texts = []
    for part in parts:
        text, kind = part.get(leaves.part_text), part.get(leaves.part_kind, "text")
        if isinstance(text, str):
            texts.append(text)
        elif kind != "text":
            texts.append(f"[{str(kind)[:40]}]")
    return texts


def _call(sent: dict[str, Any], leaves: Leaves) -> ToolCall | None:
    named = sent.get(leaves.call_name)
    if not isinstance(named, str) or not named:
        return None
    asked = sent.get(leaves.call_arguments) or "{}"
    given = sent.get(leaves.call_id)
    arguments = asked if isinstance(asked, str) else as_text(asked)
    return ToolCall(name=named, arguments=arguments, id=str(given) if given else None)
