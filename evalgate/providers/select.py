"""Which transport asks a model, at which address and with which key: decided by its name and the environment.

EVALGATE_JUDGE_BASE_URL   an OpenAI-compatible server that every judge is asked at, under the names the suite writes
EVALGATE_JUDGE_API_KEY    the key for it; no other key is ever sent there
OPENAI_BASE_URL           the server for `gpt-4.1-mini`, `openai/gpt-4.1-mini` and prefixes nobody else claims
OPENAI_API_KEY            the key for it; the public server needs one
EVALGATE_TRANSPORT        `direct` or `litellm`: insist on one
ANTHROPIC_API_KEY …       the key of a provider that the model's prefix names (see `catalogue`)
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from functools import cached_property
from typing import Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from evalgate.core.errors import WrongAsWritten, did_you_mean
from evalgate.core.models import ModelClient, Unusable
from evalgate.core.values import Value
from evalgate.providers.catalogue import PROVIDERS, provider_meant, provider_of

PUBLIC_OPENAI = "https://api.openai.com/v1"
Transport = Literal["direct", "litellm"]


class Endpoint(Value):
    """Where a model is asked and how. The key is in no dump, digest or representation of it."""

    model: str
    """As the suite names it."""
    sent_as: str
    """As the transport is told."""
    provider: str
    """`openai`, a catalogued prefix, or `compatible` for a server of one's own."""
    transport: Transport
    base_url: str | None = None
    """None where litellm knows the address."""
    address_variable: str | None = None
    """The environment variable that says the address; None for the provider's own."""
    key_variable: str | None = None
    """The environment variable that holds the key."""
    key: SecretStr | None = Field(default=None, exclude=True, repr=False)
    key_needed: bool = False
    proxy: str | None = Field(default=None, exclude=True, repr=False)
    """Its address may hold a password."""

    @cached_property
    def limit_key(self) -> str:
        """What a provider counts calls by; calls with equal limit keys share one limiter."""
        secret = self.key.get_secret_value() if self.key else ""
        return f"{self.provider} {self.base_url or ''} {hashlib.sha256(secret.encode()).hexdigest()[:12]}"


def endpoint_for(model: str, environ: Mapping[str, str]) -> Endpoint:
    """Return where a model is asked; raise WrongAsWritten for a name, an address or a setting nothing can use.

    A missing key is no error yet: a plan is made without one. `open_client` asks for it.
    """
    insisted = _insisted(environ)
    provider = provider_of(model)
    if environ.get("EVALGATE_JUDGE_BASE_URL"):
        found = _at_server(model, model, "EVALGATE_JUDGE_BASE_URL", "EVALGATE_JUDGE_API_KEY", environ)
    elif provider is None:
        _refuse_strangers(model, environ)
        found = _at_server(model, model.removeprefix("openai/"), "OPENAI_BASE_URL", "OPENAI_API_KEY", environ)
    elif insisted == "direct":
        raise WrongAsWritten(
            f"EVALGATE_TRANSPORT=direct: {model} is not at an OpenAI-compatible server; "
            "set EVALGATE_JUDGE_BASE_URL to one, or unset EVALGATE_TRANSPORT"
        )
    else:
        return _via_litellm(model, provider.prefix, provider.keys, environ)
    if insisted == "litellm":
        return found.model_copy(update={"transport": "litellm", "sent_as": f"openai/{found.sent_as}"})
    return found


def open_client(endpoint: Endpoint, *, timeout_s: float = 60.0, connections: int = 64) -> ModelClient:
    """Return a client for the endpoint; nothing is sent before its first call. Raise Unusable if its key is missing.

    `timeout_s` covers one call, `connections` is the most that are open at once (direct transport).
    """
    key = endpoint.key.get_secret_value() if endpoint.key else None
    if endpoint.key_needed and key is None:
        raise Unusable(f"{endpoint.key_variable} is not set, so judge {endpoint.model} cannot be asked; set it")
    if key is not None and not (key.isascii() and key.isprintable()):
        raise Unusable(f"{endpoint.key_variable} holds a character that no key has; copy the key again")
    if endpoint.transport == "litellm":
        from evalgate.providers.via_litellm import LitellmClient

        return LitellmClient(
            endpoint.sent_as,
            base_url=endpoint.base_url,
            key=key,
            timeout_s=timeout_s,
            key_variable=endpoint.key_variable,
            address_variable=endpoint.address_variable,
        )
    from evalgate.providers.direct import DirectClient

    return DirectClient(
        endpoint.base_url or PUBLIC_OPENAI,
        key,
        model=endpoint.sent_as,
        timeout_s=timeout_s,
        connections=connections,
        proxy=endpoint.proxy,
        key_variable=endpoint.key_variable,
        address_variable=endpoint.address_variable,
    )


def _insisted(environ: Mapping[str, str]) -> Transport | None:
    named = environ.get("EVALGATE_TRANSPORT")
    match named:
        case None | "":
            return None
        case "direct" | "litellm":
            return named
        case _:
            known = get_args(Transport)
            raise WrongAsWritten(
                f"EVALGATE_TRANSPORT={named}: write direct or litellm, or unset it.{did_you_mean(named, known)}"
            )


def _refuse_strangers(model: str, environ: Mapping[str, str]) -> None:
    """Raise WrongAsWritten for a name that the public OpenAI server cannot know; a server of one's own may know it."""
    if environ.get("OPENAI_BASE_URL") or model.startswith("openai/"):
        return
    meant = provider_meant(model)
    if meant is not None:
        raise WrongAsWritten(f"judge {model}: write {meant.prefix}/{model}, so that the provider is known")
    prefix, slash, _ = model.partition("/")
    if slash:
        raise WrongAsWritten(
            f"judge {model}: no provider is called {prefix!r}.{did_you_mean(prefix, [*PROVIDERS, 'openai'])} "
            "For an OpenAI-compatible server of your own set EVALGATE_JUDGE_BASE_URL"
        )


def _at_server(
    model: str, sent_as: str, address_variable: str, key_variable: str, environ: Mapping[str, str]
) -> Endpoint:
    written = environ.get(address_variable)
    base_url = _address(written or PUBLIC_OPENAI, address_variable)
    host = urlsplit(base_url).hostname
    public = host == urlsplit(PUBLIC_OPENAI).hostname
    return Endpoint(
        model=model,
        sent_as=sent_as,
        provider="openai" if public else "compatible",
        transport="direct",
        base_url=base_url,
        address_variable=address_variable if written else None,
        key_variable=key_variable,
        key=_key((key_variable,), environ)[1],
        key_needed=public,
        proxy=_proxy(base_url, environ),
    )


def _via_litellm(model: str, prefix: str, variables: tuple[str, ...], environ: Mapping[str, str]) -> Endpoint:
    variable, key = _key(variables, environ)
    return Endpoint(
        model=model,
        sent_as=model,
        provider=prefix,
        transport="litellm",
        key_variable=variable,
        key=key,
        key_needed=bool(variables),
    )


def _key(variables: tuple[str, ...], environ: Mapping[str, str]) -> tuple[str | None, SecretStr | None]:
    """Return the first variable that is set and its key; otherwise the one to set, and no key."""
    for variable in variables:
        if key := environ.get(variable, "").strip():
            return variable, SecretStr(key)
    return (variables[0] if variables else None), None


def _address(written: str, variable: str) -> str:
    """Return a base URL without a final slash; raise WrongAsWritten if it is none, or holds a password or a query."""
    try:
        url = urlsplit(written.strip())
        usable = url.scheme in {"http", "https"} and bool(url.hostname) and (url.port is None or url.port > 0)
    except ValueError:
        usable = False
    if not usable:
        raise WrongAsWritten(f"{variable}={written}: write an address such as https://models.example/v1")
    if url.username or url.password or url.query or url.fragment:
        raise WrongAsWritten(f"{variable}: an address holds no password and no query; the key has its own variable")
    return written.strip().rstrip("/")


def is_loopback(host: str | None) -> bool:
    """Return whether a host is this machine.

    >>> is_loopback("localhost"), is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("models.example")
    (True, True, True, False)
    """
    try:
        return host is not None and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


def _proxy(base_url: str, environ: Mapping[str, str]) -> str | None:
    """Return the proxy the environment names for an address; this machine is reached without one."""
    url = urlsplit(base_url)
    name = f"{url.scheme}_proxy"
    proxy = next((value for one in (name, name.upper(), "all_proxy", "ALL_PROXY") if (value := environ.get(one))), None)
    if proxy is None or is_loopback(url.hostname):
        return None
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # public, missing in typeshed

    direct = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if proxy_bypass_environment(url.netloc, {"no": direct}):
        return None
    if urlsplit(proxy).scheme not in {"http", "https"}:
        raise WrongAsWritten(f"{name}: only http:// and https:// proxies are supported by the direct transport")
    return proxy
