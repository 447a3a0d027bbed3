"""An OpenAI-shaped server that costs far less than any client: one asyncio protocol on httptools and uvloop.

    python -m benchmarks.mock_openai        prints its port; serves until its standard input is closed

    POST /v1/chat/completions   {"reasoning": …, "label": "pass" | "fail"}: a function of the case marker in the prompt
    GET  /stats                 counts since the last reset
    GET  /cases                 case → [asked, answered]: what a provider's ledger would show
    POST /reset                 zeroes the counts; the body is the settings that differ from the usual

Which request meets a fault is a function of (seed, case, attempt): all clients meet the same faults on the same cases.
"""

from __future__ import annotations

import asyncio
import hashlib
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httptools
import orjson

from benchmarks.truth import MARK, share, verdict

PHRASES = {200: b"OK", 400: b"Bad Request", 404: b"Not Found", 429: b"Too Many Requests", 500: b"Internal Server Error"}
ERRORS = {
    "429": b'{"error":{"message":"Rate limit reached","type":"rate_limit_error","code":"rate_limit_exceeded"}}',
    "500": b'{"error":{"message":"The server had an error","type":"server_error","code":null}}',
}
REFUSED_AFTER_S = 0.005


@dataclass(frozen=True)
class Settings:
    """How the server answers."""

    latency_ms: float = 50.0
    p429: float = 0.0
    p500: float = 0.0
    pcut: float = 0.0
    """A 200 whose body is half a JSON text: billed, and of no use to anybody."""
    retry_after: str = "1"
    seed: int = 7

    def fault(self, case: str, attempt: int) -> str | None:
        """Return what goes wrong with this attempt at this case, if anything does."""
        drawn = share("fault", self.seed, case, attempt)
        for name, rate in (("429", self.p429), ("500", self.p500), ("cut", self.pcut)):
            if drawn < rate:
                return name
            drawn -= rate
        return None


def cpu_seconds() -> float:
    """Return the CPU time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


@dataclass
class Ledger:
    """What was asked and answered since the last reset."""

    asked: Counter[str] = field(default_factory=Counter)
    """By case."""
    answered: Counter[str] = field(default_factory=Counter)
    """Whole replies handed to a client that was still there, by case."""
    sent: Counter[str] = field(default_factory=Counter)
    """Replies by kind: ok, 429, 500, cut, gone."""
    total: int = 0
    in_flight: int = 0
    max_in_flight: int = 0
    connections: int = 0
    cpu_before: float = field(default_factory=cpu_seconds)

    def told(self) -> dict[str, Any]:
        """Return the counts as plain data."""
        return {
            "total": self.total,
            "answered": self.answered.total(),
            "cases": len(self.asked),
            "answered_twice": self.answered.total() - len(self.answered),
            "sent": dict(self.sent),
            "in_flight": self.in_flight,
            "max_in_flight": self.max_in_flight,
            "connections": self.connections,
            "cpu_s": round(cpu_seconds() - self.cpu_before, 4),
        }


@dataclass
class State:
    """What all connections share; a reset replaces the values."""

    settings: Settings = field(default_factory=Settings)
    ledger: Ledger = field(default_factory=Ledger)


def prompt_in(request: dict[str, Any]) -> str:
    """Return the texts of all messages, one a line."""
    return "\n".join(message["content"] for message in request["messages"])


def completion(request: dict[str, Any], prompt: str, case: str, number: int) -> bytes:
    """Return a whole chat completion."""
    said = f'{{"reasoning": "mock verdict for {case}", "label": "{verdict(case)}"}}'
    asked, answered = len(prompt) // 4, len(said) // 4
    message = {"role": "assistant", "content": said, "refusal": None}
    return orjson.dumps(
        {
            "id": f"chatcmpl-{number}",
            "object": "chat.completion",
            "created": int(time.time()),
            "model": request.get("model", "mock"),
            "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
            "usage": {"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered},
            "system_fingerprint": "fp_mock",
        }
    )


def reply(status: int, body: bytes, extra: bytes = b"") -> bytes:
    """Return a whole HTTP reply."""
    head = b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%b\r\n"
    return head % (status, PHRASES[status], len(body), extra) + body


class Connection(asyncio.Protocol):
    """One client's connection: one request at a time, kept open."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._transport: asyncio.Transport | None = None
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's, which can write
        self._state.ledger.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._write(reply(400, b"{}"))

    def on_message_begin(self) -> None:
        self._url = self._body = b""

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        state, path = self._state, self._url.partition(b"?")[0]
        if path == b"/v1/chat/completions":
            self._chat(orjson.loads(self._body))
        elif path == b"/stats":
            self._write(reply(200, orjson.dumps(state.ledger.told())))
        elif path == b"/cases":
            ledger = state.ledger
            self._write(
                reply(200, orjson.dumps({case: [n, ledger.answered[case]] for case, n in ledger.asked.items()}))
            )
        elif path == b"/reset":
            state.settings, state.ledger = Settings(**orjson.loads(self._body or b"{}")), Ledger()
            self._write(reply(200, b"{}"))
        else:
            self._write(reply(404, b'{"error":{"message":"no such route"}}'))

    def _chat(self, request: dict[str, Any]) -> None:
        ledger, settings = self._state.ledger, self._state.settings
        prompt = prompt_in(request)
        mark = MARK.search(prompt)
        case = mark[1] if mark else hashlib.blake2b(prompt.encode(), digest_size=8).hexdigest()
        ledger.asked[case] += 1
        ledger.total += 1
        ledger.in_flight += 1
        ledger.max_in_flight = max(ledger.max_in_flight, ledger.in_flight)
        fault = settings.fault(case, ledger.asked[case])
        after = settings.latency_ms / 1000
        asyncio.get_running_loop().call_later(
            min(after, REFUSED_AFTER_S) if fault == "429" else after, self._answer, ledger, request, prompt, case, fault
        )

    def _answer(self, ledger: Ledger, request: dict[str, Any], prompt: str, case: str, fault: str | None) -> None:
        ledger.in_flight -= 1
        if self._transport is None or self._transport.is_closing():
            ledger.sent["gone"] += 1
            return
        ledger.sent[fault or "ok"] += 1
        if fault in ERRORS:
            wait = f"retry-after: {self._state.settings.retry_after}\r\n" if fault == "429" else ""
            self._write(reply(int(fault), ERRORS[fault], wait.encode()))
            return
        body = completion(request, prompt, case, ledger.total)
        if fault == "cut":
            body = body[: len(body) // 2]
        else:
            ledger.answered[case] += 1
        self._write(reply(200, body))

    def _write(self, content: bytes) -> None:
        if self._transport is not None:
            self._transport.write(content)


async def serve() -> None:
    """Print the port and serve until standard input is closed: nobody's server outlives them."""
    state, loop, over = State(), asyncio.get_running_loop(), asyncio.Event()
    server = await loop.create_server(lambda: Connection(state), "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.add_reader(sys.stdin.fileno(), over.set)
    await over.wait()
    server.close()


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve())
