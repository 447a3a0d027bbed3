"""From the raw body of a chat completion to a Reply. The journal keeps the body, so a better reader re-buys nothing."""

from __future__ import annotations

from typing import Any

import orjson

from evalgate.core.models import Interrupted, Reply

FILTERED = "stopped by the provider's content filter"


def completion_in(body: bytes) -> dict[str, Any]:
    """Return the parsed chat completion, which has a first choice with a message; raise Interrupted if it has none."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        page = "is a web page; does the base URL lack /v1?" if body.lstrip().startswith(b"<") else "is cut or not JSON"
        raise Interrupted(f"the reply {page}") from error
    try:
        whole = isinstance(data["choices"][0]["message"], dict)
    except (TypeError, KeyError, IndexError):
        whole = False
    if not whole:
        raise Interrupted("the reply is not a chat completion")
    completion: dict[str, Any] = data
    return completion


def read_reply(body: bytes) -> Reply:
    """Return what a model answered, from the first choice; raise Interrupted for a body that is cut or another shape.

    The text is the content; the arguments of the first tool call where the model was made to call one and wrote no
    content; "" where it wrote nothing. `model` is the version the provider names, "" when it names none.

    >>> read_reply(b'{"model": "m-2026", "choices": [{"message": {"content": "yes"}}]}').text
    'yes'
    """
    data = completion_in(body)
    choice = data["choices"][0]
    message = choice["message"]
    usage = data.get("usage")
    tokens: dict[str, Any] = usage if isinstance(usage, dict) else {}
    text = _text_of(message.get("content")) or _arguments_of(message)
    finish = _str_or_none(choice.get("finish_reason"))
    return Reply(
        text=text,
        model=_str_or_none(data.get("model")) or "",
        finish_reason=finish,
        refusal=_refusal_of(message) or (FILTERED if finish == "content_filter" and not text else None),
        input_tokens=_count(tokens.get("prompt_tokens")),
        output_tokens=_count(tokens.get("completion_tokens")),
    )


def _text_of(content: object) -> str:
    if isinstance(content, str):
        return content
    return _joined(content, "text")


def _joined(content: object, field: str) -> str:
    """Return the texts under one field of a list of content parts, one after another."""
    if not isinstance(content, list):
        return ""
    found = (part.get(field) if isinstance(part, dict) else part for part in content)
    return "".join(text for text in found if isinstance(text, str))


def _arguments_of(message: dict[str, Any]) -> str:
    """Return the arguments of the first tool call, or of the older single function call."""
    calls = message.get("tool_calls")
    called = calls[0].get("function") if isinstance(calls, list) and calls and isinstance(calls[0], dict) else None
    called = called or message.get("function_call")
    return (_str_or_none(called.get("arguments")) or "") if isinstance(called, dict) else ""


def _refusal_of(message: dict[str, Any]) -> str | None:
    extra = message.get("provider_specific_fields")  # where litellm puts what its own message type has no place for
    content = message.get("content")
    return (
        _str_or_none(message.get("refusal"))
        or (_str_or_none(extra.get("refusal")) if isinstance(extra, dict) else None)
        or (_joined(content, "refusal") if isinstance(content, list) else None)
        or None
    )


def _str_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None
