"""Alive is not ready: a database that is gone shows, and shows again when it is back."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalgate.web.app import create_app
from evalgate.web.service import Service, service_of
from evalgate.wiring.server import ServerSettings, opened
from tests.store.conftest import Postgres
from tests.web.client import Client
from tests.web.scenes import ADDRESS


def test_a_service_that_can_work_says_so(anybody: Client) -> None:
    assert anybody.get("/healthz").json() == {"alive": True}
    assert anybody.get("/readyz").json() == {"ready": True, "reason": None}


def test_a_sqlite_file_that_was_deleted_shows_although_sqlite_does_not_mind(service: Service, anybody: Client) -> None:
    Path(service.store.database.place).unlink()
    answer = anybody.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)
    assert service.store.database.place not in answer.text
    assert anybody.get("/healthz").status_code == 200


@pytest.mark.filterwarnings("ignore:.*:ResourceWarning")
def test_a_postgresql_database_that_is_dropped_shows_and_every_route_says_503(postgres: Postgres) -> None:
    name = postgres.create("evalgate_template")
    settings = ServerSettings(database=postgres.at(name))
    with opened(settings) as parts:
        service = service_of(parts, settings)
        _, token = service.access.create_key(1, "k", ("read",), service.settings.link_lifetime, "user:ana")
        client = Client(create_app(service), ADDRESS, {"Authorization": f"Bearer {token}"})
        before = client.get("/readyz").status_code, client.get("/api/v1/runs").status_code
        postgres.drop(name)
        gone = client.get("/readyz"), client.get("/api/v1/runs")
        assert before == (200, 200)
        assert [answer.status_code for answer in gone] == [503, 503]
        assert gone[1].json()["error"]["what"] == "the service cannot use its database right now"
        assert name not in gone[0].text + gone[1].text
        assert "evalgate_database_errors_total 1.0" in client.get("/metrics").text
        assert client.get("/healthz").status_code == 200
