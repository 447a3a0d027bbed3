"""The litellm transport: every provider that is not OpenAI-compatible, as the same bodies and the same troubles.

litellm costs 2 to 6 s to import and 3.65 ms of CPU a call, so it is imported at the first call, in a thread.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import threading
import warnings
from types import ModuleType
from typing import Any

import orjson

from evalgate.core.models import ModelRequest, ModelTrouble, Rejected
from evalgate.providers.payloads import payload_of
from evalgate.providers.replies import completion_in
from evalgate.providers.troubles import FarSide, retry_after_in, said_in

SAID_WITHOUT_REPLY = {400, 401, 403, 404, 429}
"""Statuses that are believed without a reply that bears them: litellm's own refusals, errors that came with status 200.
Any other it makes up, 422 and 500 above all, for replies it cannot read."""
_loading = threading.Lock()
_NO_KEY = "none"
"""What is sent where a server needs no key: without one, litellm would send the key of another provider."""


class LitellmClient:
    """Asks one model through litellm. Use it in one event loop, then close it."""

    def __init__(
        self,
        model: str,
        *,
        base_url: str | None = None,
        key: str | None = None,
        timeout_s: float = 60.0,
        key_variable: str | None = None,
        address_variable: str | None = None,
    ) -> None:
        """`model` is litellm's name, as `anthropic/claude-haiku-4-5`; without `base_url` litellm knows the address."""
        where, named = (base_url, model.removeprefix("openai/")) if base_url else (model.partition("/")[0], model)
        self._far = FarSide(where, named, address_variable, key_variable, key)
        self._model = model
        self._options: dict[str, object] = {"timeout": timeout_s, "num_retries": 0, "max_retries": 0}
        if base_url is not None:
            self._options |= {"api_base": base_url, "api_key": key or _NO_KEY}
        elif key is not None:
            self._options["api_key"] = key
        self._timeout_s = timeout_s
        self._litellm: ModuleType | None = None
        self._unsupported: list[str] = []
        self._starting = asyncio.Lock()

    async def ask(self, request: ModelRequest) -> bytes:
        """Return the body, which holds a whole completion; raise Overloaded, Interrupted, Rejected or Unusable."""
        litellm = self._litellm or await self._start()
        payload = payload_of(request, self._model)
        for name in self._unsupported:
            payload.pop(name, None)
        try:
            response = await litellm.acompletion(**payload, **self._options)
            body: bytes = response.model_dump_json(warnings=False).encode()
        except Exception as error:  # noqa: BLE001  litellm raises its own, openai's, httpx's and the built-in ones
            raise self._trouble(error) from None  # the cause may quote headers, and headers hold the key
        completion_in(body)
        return body

    async def close(self) -> None:
        """Release the connections litellm holds, for all its models: it keeps them in one place."""
        litellm, self._litellm = self._litellm, None
        if litellm is not None:
            await litellm.close_litellm_async_clients()
            litellm.in_memory_llm_clients_cache.flush_cache()

    async def _start(self) -> ModuleType:
        async with self._starting:
            if self._litellm is None:
                litellm = await asyncio.to_thread(load_litellm)
                supported = litellm.get_supported_openai_params(self._model) or ["seed"]
                # A seed asks for repeatability, not for another answer: it is left out where a provider has none.
                self._unsupported = [name for name in ("seed",) if name not in supported]
                self._litellm = litellm
            return self._litellm

    def _trouble(self, error: Exception) -> ModelTrouble:
        """Return what an exception means: litellm wraps what happened, so what lies beneath it counts."""
        beneath = _chain(error)
        said, code = _said_by(beneath)
        for one in reversed(beneath):
            if type(one).__name__ == "HTTPStatusError":  # a reply that came; litellm makes up others
                response: Any = getattr(one, "response", None)
                wait = retry_after_in({name.lower(): value for name, value in response.headers.items()})
                return self._far.trouble(response.status_code, said, code=code, retry_after=wait)
        status = getattr(error, "status_code", None)
        return self._lost(beneath) or (
            self._far.trouble(status, said, code=code) if status in SAID_WITHOUT_REPLY else self._far.cut(said)
        )

    def _lost(self, beneath: list[BaseException]) -> ModelTrouble | None:
        """Return what kept a reply from coming, or None when something else happened."""
        names = {type(one).__name__ for one in beneath}
        if "UnicodeEncodeError" in names:
            return Rejected("the request holds text that is no valid Unicode")
        if "SSLCertVerificationError" in names:
            return self._far.untrusted(str(beneath[-1]))
        if names & {"ConnectError", "ConnectTimeout", "ClientConnectorError"}:
            return self._far.unreachable(str(beneath[-1]))
        if names & {"APITimeoutError", "ReadTimeout", "WriteTimeout", "PoolTimeout"}:
            return self._far.timed_out(self._timeout_s)
        return None


def load_litellm() -> ModuleType:
    """Return litellm, imported with its bundled price map and without its banners: no address is asked."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    with _loading, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # those of the libraries it imports
        collecting = gc.isenabled()
        gc.disable()  # a quarter of the import's time, spent on objects that all stay
        try:
            import litellm

            litellm.ModelResponse()  # pydantic builds its models at the first use, and warns of their types then
        finally:
            if collecting:
                gc.enable()
    litellm.suppress_debug_info = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # its errors reach people as troubles, without the prompt
    module: ModuleType = litellm
    return module


def _chain(error: BaseException) -> list[BaseException]:
    """Return an exception and all that lie beneath it, outermost first."""
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or one.__context__
    return found


def _said_by(beneath: list[BaseException]) -> tuple[str, str]:
    """Return the provider's message and error code; without a body, litellm's words less what it puts before them."""
    for one in beneath:
        body = getattr(one, "body", None)
        if isinstance(body, dict):
            return said_in(orjson.dumps(body, default=str))
    text = str(getattr(beneath[0], "message", None) or beneath[0] or type(beneath[0]).__name__)
    for one in beneath:
        message = str(getattr(one, "message", ""))
        if message.startswith("{"):
            return said_in(message.encode(errors="replace"))
    return text.rpartition("Exception - ")[2], ""
