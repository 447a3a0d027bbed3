"""Changing one's own password: who knows the old one may, and whoever else used it is out."""

from __future__ import annotations

from datetime import timedelta

import pytest

from evalgate.web import passwords
from evalgate.web.app import create_app
from evalgate.web.guard import COOKIE
from evalgate.web.service import Service
from evalgate.web.throttle import Throttle
from tests.web.client import Client
from tests.web.reading import HTML, Read
from tests.web.scenes import ADDRESS, PASSWORD

NEW = "five other words nobody says"
ANA = {"login": "ana@example.org", "password": PASSWORD}


@pytest.fixture
def ana(service: Service) -> Client:
    """Ana, signed in, looking at her second project."""
    stored = passwords.hashed(PASSWORD, ANA["login"])
    number = service.access.create_user(ANA["login"], "Ana", stored, ("es",)).number
    sales = service.access.create_project("sales", "Sales").number
    service.access.set_member(1, number, "maintainer")
    service.access.set_member(sales, number, "reviewer")
    client = signed_in(service)
    service.access.look_at(client.cookies[COOKIE], sales)
    return client


def signed_in(service: Service, password: str = PASSWORD) -> Client:
    client = Client(create_app(service), ADDRESS)
    assert client.post("/api/v1/session", json={**ANA, "password": password}).status_code == 204
    client.headers["X-CSRF"] = client.get("/api/v1/session").json()["csrf"]
    return client


def test_a_new_password_ends_every_other_session_and_renews_this_one(service: Service, ana: Client) -> None:
    elsewhere, old = signed_in(service), ana.cookies[COOKIE]
    assert ana.post("/api/v1/session/password", json={"old": PASSWORD, "new": NEW}).status_code == 204
    assert elsewhere.get("/api/v1/session").status_code == 401
    stolen = Client(create_app(service), ADDRESS, {"Cookie": f"{COOKIE}={old}"})
    assert stolen.get("/api/v1/session").status_code == 401
    assert ana.get("/api/v1/session").json()["project"] == 2
    assert Client(create_app(service), ADDRESS).post("/api/v1/session", json=ANA).status_code == 401
    assert signed_in(service, NEW).get("/api/v1/session").status_code == 200


def test_the_audit_says_that_it_was_changed_and_not_to_what(service: Service, ana: Client) -> None:
    ana.post("/api/v1/session/password", json={"old": PASSWORD, "new": NEW})
    entries = [entry for entry in service.audit.list() if entry.action == "password.changed"]
    assert [(entry.actor, entry.subject, entry.detail) for entry in entries] == [
        ("user:ana@example.org", "user:ana@example.org", {})
    ]


@pytest.mark.parametrize(
    ("sent", "status", "where"),
    [
        ({"old": "not the old one", "new": NEW}, 400, "old"),
        ({"old": PASSWORD, "new": "short"}, 400, "password"),
        ({"old": PASSWORD, "new": ANA["login"]}, 400, "password"),
        ({"new": NEW}, 422, "body.old"),
        ({"old": "", "new": NEW}, 422, "body.old"),
    ],
)
def test_a_change_that_is_refused_leaves_password_and_sessions_as_they_were(
    service: Service, ana: Client, sent: dict[str, str], status: int, where: str
) -> None:
    elsewhere = signed_in(service)
    answer = ana.post("/api/v1/session/password", json=sent)
    assert (answer.status_code, answer.json()["error"]["where"]) == (status, where)
    assert elsewhere.get("/api/v1/session").status_code == 200
    assert signed_in(service).get("/api/v1/session").status_code == 200


def test_guessing_the_old_password_in_a_session_left_open_is_slowed(service: Service, ana: Client) -> None:
    object.__setattr__(service.throttles, "logins", Throttle(burst=2, every_s=30))
    tries = [ana.post("/api/v1/session/password", json={"old": f"guess {n}", "new": NEW}) for n in range(3)]
    assert [answer.status_code for answer in tries] == [400, 400, 429]
    assert int(tries[2].headers["retry-after"]) >= 1


def test_who_has_no_password_gives_themselves_none(service: Service) -> None:
    number = service.access.create_user("rui@example.org", "Rui", None, ("pt",)).number
    token = service.access.start_session(number, timedelta(hours=1))
    rui = Client(create_app(service), ADDRESS, {"Cookie": f"{COOKIE}={token}"})
    rui.headers["X-CSRF"] = rui.get("/api/v1/session").json()["csrf"]
    assert rui.post("/api/v1/session/password", json={"old": "nobody has this login", "new": NEW}).status_code == 400
    assert "old" not in {field.get("name") for field in Read(rui.get("/account", headers=HTML)).all("input")}


def test_the_account_page_changes_it_without_a_script(ana: Client) -> None:
    token = ana.headers.pop("X-CSRF")
    ana.headers.update({**HTML, "Accept-Language": "es"})
    assert {"old", "new"} <= {field.get("name") for field in Read(ana.get("/account")).all("input")}
    wrong = ana.post("/account/password", data={"csrf": token, "old": "not the old one", "new": NEW})
    assert (wrong.status_code, "La contraseña que tiene ahora es otra." in Read(wrong).text) == (400, True)
    right = ana.post("/account/password", data={"csrf": token, "old": PASSWORD, "new": NEW})
    assert (right.status_code, right.headers["location"]) == (303, "/account?done=password_changed")
    assert "La contraseña está cambiada." in Read(ana.get(right.headers["location"])).text
    assert not {PASSWORD, NEW} & {field.get("value") for field in Read(wrong).all("input")}
