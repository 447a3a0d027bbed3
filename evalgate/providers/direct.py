"""The direct transport: any OpenAI-compatible server over one pool of connections, at a fraction of a library's cost.

This module brings aiohttp with it; `select.open_client` imports it when a run first needs it.
"""

from __future__ import annotations

import io

import aiohttp
import orjson
from yarl import URL

from evalgate import __version__
from evalgate.core.models import Interrupted, ModelRequest, ModelTrouble, Rejected, Unusable
from evalgate.providers.payloads import payload_of
from evalgate.providers.replies import completion_in
from evalgate.providers.troubles import FarSide, retry_after_in, said_in

LARGEST_REPLY = 4 * 2**20
"""Bytes; a judge's reply has a few thousand."""
LARGEST_ERROR = 64 * 2**10
CONNECT_S = 10.0
_COPIED_IN_ONE_GO = 2**20  # aiohttp warns beyond this: raw bytes would hold up the loop


class DirectClient:
    """Asks one model at one OpenAI-compatible address. Use it in one event loop, then close it."""

    def __init__(
        self,
        base_url: str,
        key: str | None = None,
        *,
        model: str,
        timeout_s: float = 60.0,
        connections: int = 64,
        proxy: str | None = None,
        key_variable: str | None = "OPENAI_API_KEY",
        address_variable: str | None = "OPENAI_BASE_URL",
    ) -> None:
        """`model` is the name to send, whatever the request calls it; `timeout_s` covers one whole call."""
        self._url = URL(base_url.rstrip("/") + "/chat/completions")
        self._far = FarSide(base_url.rstrip("/"), model, address_variable, key_variable, key)
        self._headers = {"Content-Type": "application/json", "User-Agent": f"evalgate/{__version__}"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._timeout_s = timeout_s
        self._connections = connections
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, request: ModelRequest) -> bytes:
        """Return the body, which holds a whole completion; raise Overloaded, Interrupted, Rejected or Unusable."""
        session = self._session or self._open()
        try:
            payload = orjson.dumps(payload_of(request, self._far.model))
        except orjson.JSONEncodeError as error:
            raise Rejected(f"the request holds text that is no valid Unicode ({error})") from error
        data = payload if len(payload) < _COPIED_IN_ONE_GO else io.BytesIO(payload)
        try:
            async with session.post(self._url, data=data, allow_redirects=False) as response:
                status = response.status
                most = LARGEST_REPLY if status < 300 else LARGEST_ERROR
                body = await _read(response.content, most)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._lost(error) from None  # the cause may quote headers, and headers hold the key
        if status < 300 and len(body) <= LARGEST_REPLY:
            return self._whole(body)
        if status < 300:
            raise Rejected(f"the reply of {self._far.where} is longer than {LARGEST_REPLY // 2**20} MB")
        said, code = said_in(body)
        wait = retry_after_in({name.lower(): value for name, value in response.headers.items()})
        raise self._far.trouble(status, said, code=code, retry_after=wait)

    async def close(self) -> None:
        """Release the connections; a later `ask` opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, ttl_dns_cache=300),
            headers=self._headers,
            timeout=aiohttp.ClientTimeout(total=self._timeout_s, sock_connect=min(CONNECT_S, self._timeout_s)),
            cookie_jar=aiohttp.DummyCookieJar(),  # calls are independent; nothing a server sets is sent back
            proxy=self._proxy,
        )
        return self._session

    def _whole(self, body: bytes) -> bytes:
        """Return the body if it holds a completion; some gateways send errors with status 200, their code inside."""
        try:
            completion_in(body)
        except Interrupted as error:
            said, code = said_in(body)
            if code.isdecimal() and 400 <= int(code) < 600:
                raise self._far.trouble(int(code), said) from None
            raise self._far.cut(f"{error}: {said}" if said else str(error)) from None
        return body

    def _lost(self, error: Exception) -> ModelTrouble:
        match error:
            case aiohttp.ClientConnectorCertificateError():
                return self._far.untrusted(str(error.certificate_error))
            case aiohttp.ClientHttpProxyError():
                return Unusable(f"the proxy refuses to connect to {self._far.where} ({error.status}); correct it")
            case aiohttp.ClientConnectorError():
                return self._far.unreachable(error.strerror or str(error.os_error))
            case aiohttp.ConnectionTimeoutError():
                return self._far.unreachable("no connection in time")
            case TimeoutError():
                return self._far.timed_out(self._timeout_s)
            case _:
                return self._far.cut(str(error) or type(error).__name__)


async def _read(content: aiohttp.StreamReader, most: int) -> bytes:
    """Return the body, or its first bytes, more than `most`, if it is longer: a body is never held whole unseen."""
    body = await content.readany()
    if content.at_eof():  # nearly always: one packet
        return body
    parts, size = [body], len(body)
    while size <= most and not content.at_eof():
        part = await content.readany()
        parts.append(part)
        size += len(part)
    return b"".join(parts)
