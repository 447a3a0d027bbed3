"""Reading a judge's reply: one JSON object with a label that was offered, or Unscored. Never a guess."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from pydantic import JsonValue

from evalgate.core.models import Reply
from evalgate.core.outcomes import Unscored

LONGEST_REPLY = 50_000
LONGEST_REASONING = 1_000

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Pick(NamedTuple):
    """What a judge said of one criterion."""

    label: str
    reasoning: str


class _Unreadable(ValueError):
    """The reply is not what was asked for."""


def read_reply(reply: Reply, offered: Mapping[str, Collection[str]]) -> dict[str, Pick] | Unscored:
    """Return the label picked for each criterion, or why the whole reply says nothing.

    `offered` holds the labels of each criterion; a rubric with one criterion uses the empty name.
    """
    if trouble := unfinished(reply):
        return trouble
    try:
        return _picks(_object(reply.text), offered)
    except _Unreadable as error:
        return Unscored(reason="unreadable", detail=str(error))


def unfinished(reply: Reply) -> Unscored | None:
    """Return why a reply was not given to its end, None when it was."""
    if reply.refusal:
        return Unscored(reason="refused", detail=f"the judge declined: {shown(reply.refusal, 200)}")
    if reply.finish_reason == "content_filter":
        return Unscored(reason="refused", detail="the provider's content filter stopped the reply")
    if reply.finish_reason == "length":
        return Unscored(reason="unreadable", detail="the reply was cut off; raise max_tokens")
    return None


def reply_schema(offered: Mapping[str, Collection[str]]) -> dict[str, JsonValue]:
    """Return the `response_format` that makes a provider hold the judge to the form that is read."""
    text: JsonValue = {"type": "string"}
    picks = {name: _closed({"reasoning": text, "label": _one_of(labels)}) for name, labels in offered.items()}
    schema = picks[""] if "" in picks else _closed({"criteria": _closed(picks)})
    return {"type": "json_schema", "json_schema": {"name": "verdict", "strict": True, "schema": schema}}


def shown(text: str, longest: int = LONGEST_REASONING) -> str:
    r"""Return a model's text fit to store and print: no control, direction or half characters, not too long.

    >>> shown("a\x1b[31mb\x00", 80), shown("abcdef", 4)
    ('a�[31mb�', 'abc…')
    """
    text = _UNPRINTABLE.sub("�", text.strip().replace("\r\n", "\n"))
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _object(text: str) -> dict[str, Any]:
    """Return the one JSON object that a text is, but for white space and one ```json fence around it."""
    text = text.strip()
    if not text:
        raise _Unreadable("the reply is empty")
    if len(text) > LONGEST_REPLY:
        raise _Unreadable(f"the reply is longer than {LONGEST_REPLY:,} characters")
    if text.startswith("```json\n") and text.endswith("\n```"):
        text = text[8:-4]
    try:
        data = json.loads(text, object_pairs_hook=_without_repeats)
    except _Unreadable:
        raise
    except (ValueError, RecursionError):
        raise _Unreadable(f"not one JSON object: {shown(text, 120)}") from None
    if not isinstance(data, dict):
        raise _Unreadable(f"not a JSON object: {shown(text, 120)}")
    return data


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise _Unreadable("a key is written twice")
    return data


def _picks(data: dict[str, Any], offered: Mapping[str, Collection[str]]) -> dict[str, Pick]:
    if "" in offered:
        return {"": _pick(data, offered[""])}
    _has_exactly(data, {"criteria"})
    criteria = data["criteria"]
    _has_exactly(criteria, offered.keys())
    return {name: _pick(criteria[name], labels) for name, labels in offered.items()}


def _pick(data: Any, offered: Collection[str]) -> Pick:
    _has_exactly(data, {"reasoning", "label"})
    reasoning, label = data["reasoning"], data["label"]
    if not isinstance(reasoning, str):
        raise _Unreadable("the reasoning is not text")
    if not isinstance(label, str):
        raise _Unreadable("the label is not text")
    if label not in offered:
        raise _Unreadable(f"the label {shown(label, 60)!r} was not offered")
    return Pick(label, shown(reasoning))


def _has_exactly(data: Any, keys: Collection[str]) -> None:
    if not isinstance(data, dict) or data.keys() != set(keys):
        found = ", ".join(map(str, data)) if isinstance(data, dict) else type(data).__name__
        raise _Unreadable(f"needs exactly {', '.join(sorted(keys))}; found {shown(found, 80) or 'nothing'}")


def _closed(properties: dict[str, JsonValue]) -> JsonValue:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _one_of(labels: Collection[str]) -> JsonValue:
    return {"type": "string", "enum": list(labels)}
