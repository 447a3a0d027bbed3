"""OpenAI's own files become interactions: batch input and output, and logs of request and response side by side.

A batch is two files. Each line of either is a part of one interaction under its `custom_id`; merged, the parts are
whole, so neither file has to be held in memory and either may come first.
"""

from __future__ import annotations

from typing import Any

from evalgate.traffic.interactions import Interaction
from evalgate.traffic.payloads import opened
from evalgate.traffic.reading import Reading, Table, answered, asked, count, finishes, instructed, name, text, when
from evalgate.traffic.refusals import ItemRefused

SOURCE = "openai-batch"
_NO_ANSWER = ("/embeddings", "/moderations", "/images", "/audio")

REQUEST = Table(
    Reading("instructions", instructed, ("instructions",)),
    Reading("input", asked, ("messages", "input", "prompt")),
    Reading("model_requested", text, ("model",)),
    Reading("conversation_id", name, ("metadata.conversation_id", "metadata.session_id")),
    Reading("user_id", name, ("user", "safety_identifier")),
)
RESPONSE = Table(
    Reading("output", answered, ("choices", "output")),
    Reading("finish_reasons", finishes, ("choices",)),
    Reading("model_answered", text, ("model",)),
    Reading("input_tokens", count, ("usage.prompt_tokens", "usage.input_tokens")),
    Reading("output_tokens", count, ("usage.completion_tokens", "usage.output_tokens")),
    Reading("started", when, ("created", "created_at")),
)


def completion_interaction(line: dict[str, Any], source: str = SOURCE) -> Interaction | None:
    """Return what one line tells of an interaction, None for a call that asks no model for an answer.

    A line is a batch's request (`custom_id`, `body`), its result (`custom_id`, `response.body`) or a pair (`request`,
    `response`). Raises ItemRefused for anything else.
    """
    url = line.get("url")
    if isinstance(url, str) and url.rstrip("/").endswith(_NO_ANSWER):
        return None
    asked_for = line.get("body") if "body" in line else line.get("request")
    told = line.get("response")
    if not isinstance(asked_for, dict) and not isinstance(told, dict) and not line.get("error"):
        raise ItemRefused("neither a request (body), a result (response) nor both; is this an OpenAI batch file?")
    status = told.get("status_code", 200) if isinstance(told, dict) else 200
    answer = told.get("body", told) if isinstance(told, dict) else None
    if isinstance(answer, dict) and answer.get("object") in ("list", "embedding"):
        return None
    named = name(line.get("custom_id")) or (name(answer.get("id")) if isinstance(answer, dict) else None)
    if named is None:
        raise ItemRefused("no custom_id and no response id; without one it cannot be told from the others")
    found = _request(asked_for) | _response(answer)
    if (error := _error(line, status, answer)) is not None:
        found.pop("output", None)
        found["error"] = error
    return Interaction(source=source, external_id=named, finished=told is not None or error is not None, **found)


def _request(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        return {}
    found = REQUEST.read(opened(body, "metadata"))
    if instructions := found.pop("instructions", ()):
        found["input"] = (*instructions, *found.get("input", ()))
    return found


def _response(body: Any) -> dict[str, Any]:
    return RESPONSE.read(opened(body, "usage")) if isinstance(body, dict) else {}


def _error(line: dict[str, Any], status: Any, answer: Any) -> str | None:
    told = line.get("error") or (answer.get("error") if isinstance(answer, dict) else None)
    if told:
        return (
            text(told.get("code") or told.get("type") or "error") if isinstance(told, dict) else text(told) or "error"
        )
    return None if not isinstance(status, int) or status < 400 else f"HTTP {status}"
