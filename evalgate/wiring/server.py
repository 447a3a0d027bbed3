"""What the server is told by the environment, and the store it opens.

EVALGATE_DATABASE_URL     where the store lies, as for every command
EVALGATE_ALLOWED_HOSTS    the host names people reach the server by, between commas; this machine's own always work
EVALGATE_SECURE_COOKIES   1: cookies travel over https alone, even if the proxy in front does not say it speaks it
EVALGATE_TRUSTED_PROXIES  addresses, between commas, whose X-Forwarded-For and X-Forwarded-Proto are believed
EVALGATE_BODY_LIMIT_MB    the largest body of a request, 1 unless set
EVALGATE_OIDC_…           who else vouches for people: evalgate/wiring/oidc.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

from pydantic import Field, ValidationError

from evalgate.core.errors import WrongAsWritten
from evalgate.core.values import Value
from evalgate.wiring.oidc import OidcSettings, read_oidc_settings
from evalgate.wiring.settings import DATABASE

if TYPE_CHECKING:
    from evalgate.store.access import Access
    from evalgate.store.audit import Audit
    from evalgate.store.engine import Store

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Names of this machine: no foreign page can make a browser send one of them for a site of its own."""
_WISHES = {
    "allowed_hosts": ("EVALGATE_ALLOWED_HOSTS", "write host names between commas, as evals.example.org"),
    "body_limit_mb": ("EVALGATE_BODY_LIMIT_MB", "write a whole number of megabytes from 1 to 1024"),
    "secure_cookies": ("EVALGATE_SECURE_COOKIES", "write 1 or 0"),
    "trusted_proxies": ("EVALGATE_TRUSTED_PROXIES", "write addresses between commas, as 10.0.0.7"),
}

HostName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.\-\[\]:]+$")]


class ServerSettings(Value):
    """How the server behaves."""

    database: str = DATABASE
    allowed_hosts: tuple[HostName, ...] = ()
    """Lower case, without a port."""
    secure_cookies: bool = False
    trusted_proxies: tuple[HostName, ...] = ()
    body_limit_mb: Annotated[int, Field(ge=1, le=1024)] = 1
    session_lifetime: timedelta = timedelta(hours=12)
    link_lifetime: timedelta = timedelta(hours=24)
    """Of the first admin's link, an invitation and a new password."""
    oidc: OidcSettings | None = None
    """Who vouches for people beside us."""

    @property
    def hosts(self) -> frozenset[str]:
        """Every name the server answers to."""
        return frozenset({*LOOPBACK, *self.allowed_hosts})


def read_server_settings(environ: Mapping[str, str], database: str | None = None) -> ServerSettings:
    """Return the settings; raise WrongAsWritten naming the variable that cannot be used.

    >>> read_server_settings({"EVALGATE_ALLOWED_HOSTS": "Evals.example.org, evals"}).allowed_hosts
    ('evals.example.org', 'evals')
    """
    given: dict[str, object] = {"oidc": read_oidc_settings(environ)}
    if place := database or environ.get("EVALGATE_DATABASE_URL"):
        given["database"] = place
    for name, (variable, _) in _WISHES.items():
        if written := environ.get(variable, "").strip():
            given[name] = _listed(written) if name in {"allowed_hosts", "trusted_proxies"} else written
    try:
        return ServerSettings.model_validate(given)
    except ValidationError as error:
        variable, wish = _WISHES[str(error.errors(include_url=False)[0]["loc"][0])]
        raise WrongAsWritten(f"{variable}={environ[variable]}: {wish}") from None


def _listed(written: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in written.split(",") if part.strip())


@dataclass(frozen=True)
class Opened:
    """An open database as the server uses it."""

    store: Store
    access: Access
    audit: Audit


@contextmanager
def opened(settings: ServerSettings) -> Iterator[Opened]:
    """Yield the store, who may use it and the audit; they close with the context."""
    from evalgate.store.access import Access
    from evalgate.store.audit import Audit
    from evalgate.store.engine import open_store

    with open_store(settings.database) as store:
        yield Opened(store, Access(store.database, store.secret), Audit(store.database))


def worker_environ(environ: Mapping[str, str], settings: ServerSettings) -> dict[str, str]:
    """Return the environment of a worker that shares the server's store."""
    return {name: value for name, value in environ.items() if name != "EVALGATE_SERVER"} | {
        "EVALGATE_DATABASE_URL": settings.database
    }
