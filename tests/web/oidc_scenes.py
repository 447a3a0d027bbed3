"""An issuer where Ana is signed in, a service for which it vouches, and browsers that go from one to the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from evalgate.web.app import create_app
from evalgate.web.service import Service, service_of
from evalgate.wiring.oidc import OidcSettings
from evalgate.wiring.server import ServerSettings, opened
from tests.web.client import Client
from tests.web.issuer import CLIENT_ID, CLIENT_SECRET, LocalIssuer, running
from tests.web.reading import HTML
from tests.web.scenes import ADDRESS

NOBODY = "Nobody let you in here yet."
UNTRUSTED = "cannot be trusted"
BEGIN_AGAIN = "Begin again."
BROKEN = "does not answer as it should"


@pytest.fixture(scope="module")
def keys() -> list[RSAKey]:
    """Two keys of an issuer, the first in use."""
    return [RSAKey.generate_key(2048, auto_kid=True) for _ in range(2)]


@pytest.fixture
def issuer(keys: list[RSAKey]) -> Iterator[LocalIssuer]:
    """An issuer where Ana is signed in."""
    with running(LocalIssuer(keys[:1])) as local:
        yield local


@pytest.fixture
def service(sqlite_place: str, issuer: LocalIssuer) -> Iterator[Service]:
    """A service for which that issuer vouches, with Ana invited as a maintainer."""
    oidc = OidcSettings(
        issuer=issuer.address, client_id=CLIENT_ID, client_secret=SecretStr(CLIENT_SECRET), name="Example <ID>"
    )
    settings = ServerSettings(database=sqlite_place, oidc=oidc)
    with opened(settings) as parts:
        user = parts.access.create_user("ana@example.org", "Ana", None, ("es",))
        parts.access.set_member(1, user.number, "maintainer")
        yield service_of(parts, settings)


@pytest.fixture
def browser(service: Service) -> Client:
    return browser_of(service)


def browser_of(service: Service) -> Client:
    return Client(create_app(service), ADDRESS, {**HTML, "Accept-Language": "en"})


def closed_to_passwords(service: Service) -> Service:
    """Give the same service where everybody signs in through the issuer."""
    assert service.settings.oidc is not None
    only = service.settings.oidc.model_copy(update={"only": True})
    return replace(service, settings=service.settings.model_copy(update={"oidc": only}))


def left(browser: Client, wanted: str = "") -> str:
    """Leave for the issuer, be let in there, and return the address that it sends the browser to."""
    there = browser.get(f"/sign-in/oidc{wanted}")
    assert there.status_code == 303, there.text
    with httpx.Client(trust_env=False) as away:
        return away.get(there.headers["location"]).headers["location"]


def signed_in(browser: Client, wanted: str = "") -> httpx.Response:
    """Go all the way."""
    return browser.get(left(browser, wanted))


def who(browser: Client) -> str | None:
    answer = browser.get("/api/v1/session", headers={"Accept": "application/json"})
    return answer.json().get("login")


def sessions(service: Service) -> int:
    with service.store.database.read() as connection:
        count: int = connection.exec_driver_sql("SELECT count(*) FROM session").scalar_one()
    return count


def audited(service: Service) -> list[tuple[str, str, dict[str, Any]]]:
    with service.store.database.read() as connection:
        rows = connection.exec_driver_sql("SELECT action, subject, detail FROM audit ORDER BY number").all()
    return [(row.action, row.subject, json.loads(row.detail)) for row in rows]
