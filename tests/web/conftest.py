"""The service over a real SQLite store, and whoever may knock at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evalgate.web.app import create_app
from evalgate.web.service import Service, service_of
from evalgate.wiring.server import ServerSettings, opened
from tests.store.conftest import postgres, postgres_place, sqlite_place, sqlite_template
from tests.web.client import Client
from tests.web.scenes import ADDRESS, House, furnish

__all__ = ["postgres", "postgres_place", "sqlite_place", "sqlite_template"]


@pytest.fixture
def service(sqlite_place: str) -> Iterator[Service]:
    """A service over an empty store."""
    settings = ServerSettings(database=sqlite_place)
    with opened(settings) as parts:
        yield service_of(parts, settings)


@pytest.fixture
def house(service: Service) -> House:
    """A service with two projects, somebody of every role, keys of every scope, and a run that passed."""
    return furnish(service)


@pytest.fixture
def sqlite_house(house: House) -> House:
    """That house under the name of its database."""
    return house


@pytest.fixture
def postgres_house(postgres_place: str) -> Iterator[House]:
    """The same house on PostgreSQL."""
    settings = ServerSettings(database=postgres_place)
    with opened(settings) as parts:
        yield furnish(service_of(parts, settings))


@pytest.fixture
def anybody(service: Service) -> Iterator[Client]:
    """A client that nobody has signed in with."""
    with Client(create_app(service), ADDRESS) as client:
        yield client
