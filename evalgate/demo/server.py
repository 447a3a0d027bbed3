"""The small OpenAI-shaped server that ships with the demo. It reads replies out; it thinks nothing up.

POST /v1/chat/completions answers with the reply written for the answer in the prompt, with 404 when another model is
asked for, and with 422 when nobody wrote a reply for this answer.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from evalgate.core.errors import ServiceBroke
from evalgate.demo.replies import MODEL, VERSION, Replies, prompt_of

if TYPE_CHECKING:
    from aiohttp import web

HOST = "127.0.0.1"
START_S = 10.0
CHARACTERS_A_TOKEN = 4
"""Tokens are counted so that usage is not empty; they cost nothing here."""


@contextmanager
def serving(replies: Replies, port: int = 0) -> Iterator[str]:
    """Serve on this machine from a thread and yield the base URL; port 0 is a free one.

    Raises ServiceBroke when nothing can listen on the port.
    """
    loop = asyncio.new_event_loop()
    up, stop = threading.Event(), asyncio.Event()
    found: list[int | OSError] = []

    def ready(told: int | OSError) -> None:
        found.append(told)
        up.set()

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(_serve(replies, port, ready, stop))

    thread = threading.Thread(target=work, name="demo replies", daemon=True)
    thread.start()
    if not up.wait(START_S) or isinstance(found[0], OSError):
        thread.join(START_S)
        why = found[0].strerror if found and isinstance(found[0], OSError) else f"nothing after {START_S:g} s"
        raise ServiceBroke(f"the demo's server cannot listen on {HOST}:{port} ({why}); leave out --port for a free one")
    try:
        yield f"http://{HOST}:{found[0]}/v1"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(START_S)


async def _serve(replies: Replies, port: int, ready: Callable[[int | OSError], None], until: asyncio.Event) -> None:
    from aiohttp import web

    async def answer(http: web.Request) -> web.Response:
        return _answer(replies, await http.read())

    app = web.Application(client_max_size=2**20)
    app.router.add_post("/v1/chat/completions", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
    except OSError as error:
        ready(error)
    else:
        ready(int(runner.addresses[0][1]))
        await until.wait()
    finally:
        await runner.cleanup()


def _answer(replies: Replies, body: bytes) -> web.Response:
    try:
        request = json.loads(body)
        prompt = prompt_of(request)
    except ValueError as error:
        return _refusal(400, f"not a chat-completion request: {error}")
    if request.get("model") != MODEL:
        return _refusal(404, f"this server knows {MODEL} alone", code="model_not_found")
    written = replies.find(prompt)
    if written is None:
        return _refusal(422, "nobody wrote a reply for this answer, and this server makes none up")
    return _json(200, _completion(prompt, written.text))


def _completion(prompt: str, text: str) -> dict[str, Any]:
    asked, got = (len(said) // CHARACTERS_A_TOKEN + 1 for said in (prompt, text))
    return {
        "id": "chatcmpl-demo",
        "object": "chat.completion",
        "created": 0,
        "model": VERSION,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": asked, "completion_tokens": got, "total_tokens": asked + got},
    }


def _refusal(status: int, message: str, *, code: str | None = None) -> web.Response:
    return _json(status, {"error": {"message": message, "type": "invalid_request_error", "code": code}})


def _json(status: int, told: dict[str, Any]) -> web.Response:
    from aiohttp import web

    return web.json_response(told, status=status)
