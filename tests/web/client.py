"""An HTTP client that talks to an application in its own process, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any

import httpx


class Pieces(httpx.AsyncByteStream):
    """A request's body, piece by piece."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        assert isinstance(self._request.stream, Iterable)
        for piece in self._request.stream:
            yield piece


class InProcess(httpx.BaseTransport):
    """Runs each request in an event loop of its own."""

    def __init__(self, app: Any, address: tuple[str, int] = ("127.0.0.1", 50_000)) -> None:
        self._app = httpx.ASGITransport(app, raise_app_exceptions=False, client=address)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return asyncio.run(self._answered(request))

    async def _answered(self, request: httpx.Request) -> httpx.Response:
        response = await self._app.handle_async_request(
            httpx.Request(request.method, request.url, headers=request.headers, stream=Pieces(request))
        )
        return httpx.Response(
            response.status_code, headers=response.headers, content=await response.aread(), request=request
        )


class Client(httpx.Client):
    """A client of an application in this process; requests come from `address`."""

    def __init__(self, app: Any, base_url: str, headers: dict[str, str] | None = None, at: str = "127.0.0.1") -> None:
        super().__init__(base_url=base_url, headers=headers, transport=InProcess(app, (at, 50_000)), trust_env=False)
