"""A small OpenAI-shaped server whose every reply and fault is scripted. It needs aiohttp alone, nothing of evalgate.

    python -m tests.providers.server --port 0 [--script script.json]     prints its port, then serves until it is killed

In a test: `with running() as far:` (a thread) or `with started() as far:` (a process); `far.url` is the base URL,
`far.script({...})` replaces the script and forgets what was counted, `far.stats()` and `far.requests()` tell.

    POST /v1/chat/completions   what is tested
    POST /v1/messages           the same in another provider's shape: content and errors, no tools
    POST /script                replaces the script, zeroes the counts; the body is the script
    GET  /stats                 the counts, see Stats
    GET  /requests              the last 100 requests: {"path", "headers", "body"}

A script says how every request is answered, unless one of its rules says otherwise:

    {"label": "yes", "reasoning": "…",    the content is {"label": …, "reasoning": …}; without a label, the first
                                          one that the request's response schema offers
     "content": "text",                   the content itself, or a list of parts, or null
     "refusal": "…", "arguments": "{}",   a refusal; the arguments of a tool call
     "model": "m-2026-01-01",             the version that answers; otherwise the name that was asked
     "finish_reason": "stop", "usage": true, "delay_ms": 0, "jitter_ms": 0,
     "key": "sk-…",                       any other key is answered with 401
     "status": 429, "message": "slow down", "code": "…", "headers": {"Retry-After": "1"},     an error
     "body": "…", "content_type": "text/html",                                                a raw body, status 200
     "fault": "drop",                     drop: no reply · cut: half a JSON · short: fewer bytes than announced ·
                                          huge: 6 MB · hang: nothing for an hour · redirect: 307 elsewhere
     "seed": 7,
     "rules": [{"when": "text in the prompt", "times": 2, "rate": 0.05, … any of the above}]}

The first rule that applies decides: its text is in the prompt, it has been used fewer than `times` times, and the
request falls within its `rate` — a function of the seed, the prompt and how often it was seen, not of the order of
arrival, so that two runs meet the same faults on the same prompts. A Python callable may stand in for a script: it is
given the parsed request and returns a rule.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import random
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Rule = dict[str, Any]
Decide = Callable[[dict[str, Any]], Rule]

KNOWN = {
    *("when", "times", "rate", "label", "reasoning", "content", "refusal", "arguments", "model", "finish_reason"),
    *("usage", "delay_ms", "jitter_ms", "key", "status", "message", "code", "headers", "body", "content_type", "fault"),
}
TOP_LEVEL = (KNOWN - {"when", "times", "rate"}) | {"seed", "rules"}
ACTIONS = ("content", "label", "refusal", "arguments", "status", "body", "fault")
CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
HUGE = 6 * 2**20
HOUR = 3600.0


def prompt_of(request: dict[str, Any]) -> str:
    """Return the texts of all messages, one a line."""
    texts = []
    for message in request.get("messages") or ():
        content = message.get("content")
        parts = content if isinstance(content, list) else [{"text": content}]
        texts += [part["text"] for part in parts if isinstance(part.get("text"), str)]
    return "\n".join(texts)


def share(*parts: object) -> float:
    """Return a number in [0, 1) that depends on the parts alone."""
    text = "|".join(map(str, parts)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big") / 2.0**64


@dataclass
class Stats:
    """What was asked and answered since the script was set."""

    total: int = 0
    answered: int = 0
    """Whole replies with status 200: what a provider would send the bill for, cut bodies apart."""
    sent: Counter[str] = field(default_factory=Counter)
    """By status, or by fault."""
    asked: Counter[str] = field(default_factory=Counter)
    """Requests by prompt digest."""
    paid: Counter[str] = field(default_factory=Counter)
    """Whole replies by digest of prompt and model."""
    in_flight: int = 0
    max_in_flight: int = 0
    connections: int = 0
    first_at: float = 0.0
    last_at: float = 0.0

    def told(self) -> dict[str, Any]:
        """Return the counts as plain data."""
        return {
            "total": self.total,
            "answered": self.answered,
            "sent": dict(self.sent),
            "distinct_prompts": len(self.asked),
            "paid_twice": sum(self.paid.values()) - len(self.paid),
            "in_flight": self.in_flight,
            "max_in_flight": self.max_in_flight,
            "connections": self.connections,
            "first_to_last_s": round(self.last_at - self.first_at, 4),
        }


class Script:
    """A script or a callable, with what it has used up."""

    def __init__(self, given: Rule | Decide | None = None) -> None:
        self.decide = given if callable(given) else None
        self.top: Rule = {} if given is None or callable(given) else dict(given)
        self.rules: list[Rule] = self.top.pop("rules", [])
        unknown = {*self.top} - TOP_LEVEL | {name for rule in self.rules for name in rule} - KNOWN
        if unknown:
            raise ValueError(f"no script says {', '.join(sorted(unknown))}")
        self.used: Counter[int] = Counter()

    def answer(self, request: dict[str, Any], prompt: str, attempt: int) -> Rule:
        """Return the rule for one request, over what the script says in general."""
        if self.decide is not None:
            return self.decide(request)
        for index, rule in enumerate(self.rules):
            if self._applies(index, rule, prompt, attempt):
                self.used[index] += 1
                own = any(name in rule for name in ACTIONS)
                general = {name: value for name, value in self.top.items() if not (own and name in ACTIONS)}
                return {**general, **rule}
        return self.top

    def _applies(self, index: int, rule: Rule, prompt: str, attempt: int) -> bool:
        if rule.get("when", "") not in prompt or self.used[index] >= rule.get("times", float("inf")):
            return False
        return "rate" not in rule or share(self.top.get("seed", 7), index, prompt, attempt) < rule["rate"]


def first_label(request: dict[str, Any]) -> str:
    """Return the first label the request's JSON schema offers, "yes" where it offers none."""
    shape = (request.get("response_format") or {}).get("json_schema") or {}
    labels = (((shape.get("schema") or {}).get("properties") or {}).get("label") or {}).get("enum") or ["yes"]
    return str(labels[0])


def completion(request: dict[str, Any], rule: Rule, number: int) -> bytes:
    """Return the body of a whole reply."""
    told = {"label": rule.get("label") or first_label(request), "reasoning": rule.get("reasoning", "as scripted")}
    content = rule.get("content", json.dumps(told, ensure_ascii=False))
    message: dict[str, Any] = {"role": "assistant", "content": content, "refusal": rule.get("refusal")}
    if "refusal" in rule:
        message["content"] = None
    if "arguments" in rule:
        called = {"name": "answer", "arguments": rule["arguments"]}
        message |= {"content": None, "tool_calls": [{"id": f"call_{number}", "type": "function", "function": called}]}
    body: dict[str, Any] = {
        "id": f"chatcmpl-{number}",
        "object": "chat.completion",
        "created": 1_767_225_600,
        "model": rule.get("model") or request.get("model"),
        "choices": [{"index": 0, "message": message, "finish_reason": rule.get("finish_reason", "stop")}],
        "system_fingerprint": "fp_scripted",
    }
    if rule.get("usage", True):
        asked, got = len(prompt_of(request)) // 4 + 1, len(str(content)) // 4 + 1
        body["usage"] = {"prompt_tokens": asked, "completion_tokens": got, "total_tokens": asked + got}
    return json.dumps(body, ensure_ascii=False).encode()


def as_message(body: bytes) -> bytes:
    """Return a completion as the messages API has it."""
    told = json.loads(body)
    usage = told.get("usage") or {}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": told["model"],
        "content": [{"type": "text", "text": told["choices"][0]["message"]["content"]}],
        "stop_reason": "end_turn",
        "usage": {"input_tokens": usage.get("prompt_tokens", 0), "output_tokens": usage.get("completion_tokens", 0)},
    }
    return json.dumps(message).encode()


class Server:
    """The server's state and its one handler."""

    def __init__(self, script: Rule | Decide | None = None) -> None:
        self.script = Script(script)
        self.stats = Stats()
        self.last: deque[dict[str, Any]] = deque(maxlen=100)
        self.connections: set[int] = set()

    async def handle(self, http: Any) -> Any:
        from aiohttp import web

        if http.path == "/stats":
            return web.json_response(self.stats.told())
        if http.path == "/requests":
            return web.json_response(list(self.last))
        if http.path == "/script":
            try:
                self.script = Script(json.loads(await http.content.read() or b"{}"))
            except ValueError as error:
                return web.json_response({"error": str(error)}, status=400)
            self.forget()
            return web.json_response({})
        if http.path not in {CHAT, MESSAGES} or http.method != "POST":
            return web.json_response({"error": {"message": f"no route {http.path}"}}, status=404)
        return await self._chat(http)

    def forget(self) -> None:
        """Zero the counts; requests under way stay on the old ones."""
        self.stats = Stats()
        self.last.clear()
        self.connections.clear()

    async def _chat(self, http: Any) -> Any:
        request = json.loads(await http.content.read())
        stats, prompt = self.stats, prompt_of(request)
        self.last.append({"path": http.path, "headers": dict(http.headers), "body": request})
        digest = hashlib.blake2b(prompt.encode(), digest_size=12).hexdigest()
        rule = self.script.answer(request, prompt, stats.asked[digest])
        now = time.monotonic()
        stats.total += 1
        stats.first_at, stats.last_at = stats.first_at or now, now
        stats.asked[digest] += 1
        self.connections.add(id(http.transport))
        stats.connections = len(self.connections)
        stats.in_flight += 1
        stats.max_in_flight = max(stats.max_in_flight, stats.in_flight)
        try:
            wait = rule.get("delay_ms", 0) + rule.get("jitter_ms", 0) * random.random()
            if wait:
                await asyncio.sleep(wait / 1000)
            return await self._reply(http, request, rule, stats, f"{digest} {request.get('model')}")
        finally:
            stats.in_flight -= 1

    async def _reply(self, http: Any, request: dict[str, Any], rule: Rule, stats: Stats, bill: str) -> Any:
        from aiohttp import web

        if "key" in rule and http.headers.get("Authorization") != f"Bearer {rule['key']}":
            rule = {"status": 401, "message": f"Incorrect API key provided: {http.headers.get('Authorization')}"}
        if "status" in rule:
            stats.sent[str(rule["status"])] += 1
            error = {"message": rule.get("message", "as scripted"), "type": "scripted", "code": rule.get("code")}
            return web.json_response({"error": error}, status=rule["status"], headers=rule.get("headers"))
        if "fault" in rule:
            stats.sent[rule["fault"]] += 1
            return await self._fault(http, rule["fault"], completion(request, rule, stats.total))
        stats.sent["200"] += 1
        kind = rule.get("content_type", "application/json")
        if "body" in rule:
            return web.Response(body=rule["body"].encode(), content_type=kind)
        stats.answered += 1
        stats.paid[bill] += 1
        body = completion(request, rule, stats.total)
        return web.Response(body=as_message(body) if http.path == MESSAGES else body, content_type=kind)

    async def _fault(self, http: Any, fault: str, body: bytes) -> Any:
        from aiohttp import web

        match fault:
            case "cut":
                return web.Response(body=body[: len(body) // 2], content_type="application/json")
            case "huge":
                return web.Response(body=body[:-1] + b" " * HUGE + b"}", content_type="application/json")
            case "redirect":
                return web.Response(status=307, headers={"Location": "http://127.0.0.1:9/v1/chat/completions"})
            case "hang":
                await asyncio.sleep(HOUR)
            case "short":
                head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                http.transport.write(head + body[: len(body) // 2])
                http.transport.close()
            case "drop":
                http.transport.abort()
            case _:
                raise ValueError(f"no fault is called {fault}")
        return web.Response()


class Far:
    """A server at work, seen from a test; everything goes over HTTP."""

    def __init__(self, port: int, server: Server | None = None) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}/v1"
        self.server = server

    def script(self, script: Rule | Decide) -> None:
        """Replace the script and forget what was counted; a callable only where the server is a thread of ours."""
        if callable(script):
            assert self.server is not None, "a server in another process takes no callable"
            self.server.script = Script(script)
            self.server.forget()
        else:
            self._get("/script", json.dumps(script).encode())

    def stats(self) -> dict[str, Any]:
        """Return the counts."""
        told: dict[str, Any] = self._get("/stats")
        return told

    def requests(self) -> list[dict[str, Any]]:
        """Return the last 100 requests, oldest first."""
        told: list[dict[str, Any]] = self._get("/requests")
        return told

    def _get(self, path: str, body: bytes | None = None) -> Any:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"http://127.0.0.1:{self.port}{path}", data=body, timeout=10) as reply:
            return json.loads(reply.read())


async def serve(server: Server, port: int, ready: Callable[[int], object], until: asyncio.Event | None = None) -> None:
    """Serve on a port of this machine, 0 for a free one; `ready` is told which."""
    from aiohttp import web

    runner = web.ServerRunner(web.Server(server.handle), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    ready(int(runner.addresses[0][1]))
    try:
        await (until or asyncio.Event()).wait()
    finally:
        await runner.cleanup()


@contextmanager
def running(script: Rule | Decide | None = None) -> Iterator[Far]:
    """Serve from a thread of this process."""
    server, up = Server(script), threading.Event()
    port: list[int] = []
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    def ready(number: int) -> None:
        port.append(number)
        up.set()

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve(server, 0, ready, stop))

    thread = threading.Thread(target=work, name="far model", daemon=True)
    thread.start()
    assert up.wait(10), "the scripted server did not start"
    try:
        yield Far(port[0], server)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)


@contextmanager
def started(script: Rule | None = None) -> Iterator[Far]:
    """Serve from a process of its own: it outlives a client that is killed, and takes none of its time."""
    command = [sys.executable, str(Path(__file__)), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            far = Far(int(process.stdout.readline()))
            far.script(script or {})
            yield far
        finally:
            process.kill()


def say(port: int) -> None:
    """Tell whoever started the process which port it serves on."""
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser(description="A scripted OpenAI-shaped server.")
    parser.add_argument("--port", type=int, default=0, help="0: a free one; it is printed")
    parser.add_argument("--script", type=Path, help="a JSON file")
    asked = parser.parse_args()
    script = json.loads(asked.script.read_text(encoding="utf-8")) if asked.script else None
    with asyncio.Runner() as runner:
        runner.run(serve(Server(script), asked.port, say))


if __name__ == "__main__":
    main()
