"""What holds for every request and response whatever its route: headers, host names, body sizes, a line in the log."""

from __future__ import annotations

import secrets
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection

from evalgate.traffic.decoded import LIMIT
from evalgate.web.guard import COOKIE
from evalgate.web.logs import LOGGER, masked
from evalgate.web.problems import Problem, Trouble, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from evalgate.web.metrics import Metrics

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked for by address from inside a cluster; they show nothing of anybody and set no cookie."""
STATIC = "/static/"
DOOR = "/api/v1/door/"
TRAFFIC = "/v1/"
FILES = ("/runs", "/labels")
"""Where addresses end at which people import files."""
LARGE_BODY = 256 * 2**20
"""What a pipeline pushes, or somebody imports from a file, is larger than what a person types, but only a working key
or session may send it: a body is read before the route looks who sends it."""


class SafeHeaders:
    """Every response tells the browser what it may do; nothing is kept unless the route says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the headers in place."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if not scope["path"].startswith(STATIC):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        await self._app(scope, receive, send_safely)


class Observed:
    """Every request has an id, a line in the log and a count; an unforeseen error is a 500 that tells the id."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, then say how it went."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        state["request_id"] = number = secrets.token_hex(8)
        status = 0

        async def send_watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = number
            await send(message)

        began = time.perf_counter()
        self._metrics.running.inc()
        try:
            await self._app(scope, receive, send_watched)
        except Exception:  # noqa: BLE001 whatever it is: the caller reads an id, the log says where it arose
            LOGGER.exception("bug", extra={"fields": {"id": number}})
            if not status:
                await _bug(scope["path"], number)(scope, receive, send_watched)
        finally:
            self._metrics.running.dec()
            self._note(scope, status, time.perf_counter() - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # The template, not the path: a path may hold a token, and there is no end of paths.
        route = getattr(scope.get("route"), "path", "unmatched")
        self._metrics.answered(scope["method"], route, status, seconds)
        state = scope["state"]
        fields = {
            "id": state["request_id"],
            "method": scope["method"],
            "route": route,
            "query": masked(scope["query_string"].decode("latin-1")),
            "status": status,
            "ms": round(seconds * 1000, 1),
            "actor": state.get("actor"),
            "project": state.get("project"),
            "address": scope["client"][0] if scope.get("client") else None,
        }
        if trouble := state.get("trouble"):
            fields["trouble"] = trouble
        LOGGER.log(40 if status >= HTTPStatus.INTERNAL_SERVER_ERROR else 20, "request", extra={"fields": fields})


class Admitted:
    """Requests for another host's name or with too large a body go no further."""

    def __init__(
        self,
        app: ASGIApp,
        hosts: frozenset[str],
        body_limit: int,
        opens: Callable[[str], bool],
        knows: Callable[[str], bool],
    ) -> None:
        """`opens` says whether a key works, `knows` whether a session's cookie does."""
        self._app = app
        self._hosts = hosts
        self._body_limit = body_limit
        self._opens = opens
        self._knows = knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its body counted as it arrives."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        limit = await self._limit(HTTPConnection(scope), scope["method"])
        problem = self._host_problem(headers, scope["path"]) or _size_problem(headers, limit)
        if problem is not None:
            await refused(problem.status_code, problem.trouble)(scope, receive, send)
            return
        read = 0

        async def receive_counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _too_large(limit)
            return message

        await self._app(scope, receive_counted, send)

    async def _limit(self, request: HTTPConnection, method: str) -> int:
        path = request.url.path
        said = request.headers.get("content-length", "")
        if path.startswith(TRAFFIC) and (not said.isdigit() or int(said) > self._body_limit):
            return await self._traffic_limit(request)
        files = method == "POST" and path.endswith(FILES)
        token = request.headers.get("authorization", "").partition(" ")[2].strip()
        cookie = request.cookies.get(COOKIE, "")
        if (files or path.startswith(DOOR)) and token:
            large = await run_in_threadpool(self._opens, token)
        else:
            large = files and cookie != "" and await run_in_threadpool(self._knows, cookie)
        return LARGE_BODY if large else self._body_limit

    async def _traffic_limit(self, request: HTTPConnection) -> int:
        """Return the limit of a body of traffic that is larger than most, or does not say how large it is."""
        token = request.headers.get("authorization", "").partition(" ")[2].strip()
        large = token != "" and await run_in_threadpool(self._opens, token)
        return max(LIMIT, self._body_limit) if large else self._body_limit

    def _host_problem(self, headers: Headers, path: str) -> Problem | None:
        if path in PROBES or host_name(headers.get("host", "")) in self._hosts:
            return None
        return Problem(400, "this server has another name", "Host", "add the name to EVALGATE_ALLOWED_HOSTS")


def host_name(host: str) -> str:
    """Return a Host header's name without its port.

    >>> host_name("Evals.example.org:8080"), host_name("[::1]:80"), host_name("[::1]")
    ('evals.example.org', '[::1]', '[::1]')
    """
    name, _, port = host.rpartition(":")
    return (name if name and port.isdigit() else host).lower()


def _size_problem(headers: Headers, limit: int) -> Problem | None:
    said = headers.get("content-length", "0")
    return _too_large(limit) if said.isdigit() and int(said) > limit else None


def _too_large(limit: int) -> Problem:
    return Problem(413, f"the body is larger than {limit // 2**20} MB", "body", "send less at once")


def _bug(path: str, number: str) -> ASGIApp:
    do = f"report it with this id: {number}"
    return refused(500, Trouble(what="this is a bug in evalgate", where=path, do=do))
