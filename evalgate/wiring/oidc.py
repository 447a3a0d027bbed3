"""What the environment says of an issuer that vouches for people: OpenID Connect.

EVALGATE_OIDC_ISSUER         its address, as its discovery document writes it
EVALGATE_OIDC_CLIENT_ID      what it calls this server
EVALGATE_OIDC_CLIENT_SECRET  what this server shows it
EVALGATE_OIDC_NAME           what people call it, on the button; its host unless set
EVALGATE_OIDC_ONLY           1: nobody signs in any other way
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr

from evalgate.core.errors import WrongAsWritten
from evalgate.core.values import Value

ISSUER = "EVALGATE_OIDC_ISSUER"
CLIENT_ID = "EVALGATE_OIDC_CLIENT_ID"
CLIENT_SECRET = "EVALGATE_OIDC_CLIENT_SECRET"  # noqa: S105 a variable's name
NAME = "EVALGATE_OIDC_NAME"
ONLY = "EVALGATE_OIDC_ONLY"
_YES, _NO = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})
THIS_MACHINE = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST_NAME = 60


class OidcSettings(Value):
    """An issuer, and who this server is there."""

    issuer: str
    client_id: str
    client_secret: SecretStr
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    """On the button."""
    only: bool = False
    """Nobody signs in any other way."""


def read_oidc_settings(environ: Mapping[str, str]) -> OidcSettings | None:
    """Return the issuer that is written down, None for none; raise WrongAsWritten naming what cannot be used.

    >>> read_oidc_settings({}) is None
    True
    """
    given = {name: environ.get(name, "").strip() for name in (ISSUER, CLIENT_ID, CLIENT_SECRET, NAME, ONLY)}
    if not any(given.values()):
        return None
    for name in (ISSUER, CLIENT_ID, CLIENT_SECRET):
        if not given[name]:
            raise WrongAsWritten(f"{name} is not set; an issuer takes {ISSUER}, {CLIENT_ID} and {CLIENT_SECRET}")
    only = given[ONLY].lower()
    if only and only not in _YES | _NO:
        raise WrongAsWritten(f"{ONLY}={given[ONLY]}: write 1 or 0")
    host = _host(given[ISSUER])
    if len(given[NAME]) > LONGEST_NAME:
        raise WrongAsWritten(f"{NAME} is longer than {LONGEST_NAME} characters; a button holds no more")
    return OidcSettings(
        issuer=given[ISSUER],
        client_id=given[CLIENT_ID],
        client_secret=SecretStr(given[CLIENT_SECRET]),
        name=given[NAME] or host[:LONGEST_NAME],
        only=only in _YES,
    )


def travels_safely(address: str) -> bool:
    """Say whether nobody on the way can read or change what goes to an address.

    >>> travels_safely("https://id.example.org"), travels_safely("http://127.0.0.1:9"), travels_safely("http://id.org")
    (True, True, False)
    """
    with suppress(ValueError):  # brackets that are none
        parts = urlsplit(address)
        return bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in THIS_MACHINE)
        )
    return False


def _host(issuer: str) -> str:
    """Return an issuer's host; raise WrongAsWritten for what is no issuer's address."""
    if travels_safely(issuer) and issuer.isprintable() and " " not in issuer:
        parts = urlsplit(issuer)
        if parts.hostname and not (parts.username or parts.query or parts.fragment):
            return parts.hostname
    raise WrongAsWritten(f"{ISSUER} is no issuer's address; write it as https://id.example.org, without a query")
