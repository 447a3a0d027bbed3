"""From a ModelRequest to the OpenAI chat-completion parameters that both transports send."""

from __future__ import annotations

from typing import Any

from evalgate.core.models import ModelRequest
from evalgate.core.samples import Message


def payload_of(request: ModelRequest, model: str) -> dict[str, Any]:
    """Return the request's parameters with `model`, under the name the provider knows, and the messages."""
    return {**request.parameters, "model": model, "messages": [_turn(message) for message in request.messages]}


def _turn(message: Message) -> dict[str, Any]:
    turn: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.name is not None:
        turn["name"] = message.name
    if message.tool_call_id is not None:
        turn["tool_call_id"] = message.tool_call_id
    if message.tool_calls:
        turn["tool_calls"] = [
            {
                "id": call.id or f"call_{n}",
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for n, call in enumerate(message.tool_calls)
        ]
    return turn
