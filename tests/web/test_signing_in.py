"""Signing in and out: one way to begin a session, a cookie that scripts and other sites cannot use, slow guessing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from evalgate.web import passwords
from evalgate.web.app import create_app
from evalgate.web.first import first_link
from evalgate.web.guard import COOKIE
from evalgate.web.service import Service
from evalgate.web.throttle import Throttle
from tests.web.client import Client
from tests.web.scenes import ADDRESS, HOST, PASSWORD, House

ANA = {"login": "ana@example.org", "password": PASSWORD}


@pytest.fixture
def ana(service: Service) -> None:
    """Somebody with a password."""
    stored = passwords.hashed(PASSWORD, ANA["login"])
    number = service.access.create_user(ANA["login"], "Ana", stored, ("es",), admin=False).number
    service.access.set_member(1, number, "maintainer")


@pytest.mark.usefixtures("ana")
def test_a_password_opens_a_session_and_signing_out_ends_it(anybody: Client) -> None:
    assert anybody.post("/api/v1/session", json={**ANA, "login": "Ana@Example.org"}).status_code == 204
    seen = anybody.get("/api/v1/session").json()
    assert (seen["login"], seen["role"], seen["project"]) == ("ana@example.org", "maintainer", 1)
    stolen = anybody.cookies[COOKIE]
    assert anybody.delete("/api/v1/session", headers={"X-CSRF": seen["csrf"]}).status_code == 204
    assert anybody.cookies.get(COOKIE) is None
    assert anybody.get("/api/v1/session", headers={"Cookie": f"{COOKIE}={stolen}"}).status_code == 401


@pytest.mark.usefixtures("ana")
def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(anybody: Client) -> None:
    cookie = anybody.post("/api/v1/session", json=ANA).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie


@pytest.mark.usefixtures("ana")
def test_over_https_the_cookie_travels_over_https_alone(service: Service) -> None:
    client = Client(create_app(service), f"https://{HOST}")
    assert "; secure" in client.post("/api/v1/session", json=ANA).headers["set-cookie"].lower()


@pytest.mark.usefixtures("ana")
def test_signing_in_again_ends_the_session_this_browser_had(anybody: Client) -> None:
    anybody.post("/api/v1/session", json=ANA)
    old = anybody.cookies[COOKIE]
    anybody.post("/api/v1/session", json=ANA)
    assert anybody.cookies[COOKIE] != old
    assert anybody.get("/api/v1/session", headers={"Cookie": f"{COOKIE}={old}"}).status_code == 401


@pytest.mark.usefixtures("ana")
def test_a_wrong_password_and_a_login_nobody_has_read_the_same(anybody: Client) -> None:
    answers = [
        anybody.post("/api/v1/session", json={**ANA, **wrong})
        for wrong in ({"password": "not the password at all"}, {"login": "nobody@example.org"})
    ]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


@pytest.mark.usefixtures("ana")
def test_guessing_at_one_login_is_slowed_from_however_many_addresses(service: Service) -> None:
    object.__setattr__(service.throttles, "logins", Throttle(burst=2, every_s=30))
    app = create_app(service)
    answers = [
        Client(app, ADDRESS, at=f"10.0.0.{number}").post("/api/v1/session", json={**ANA, "password": "guessed" * 3})
        for number in range(3)
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert 1 <= int(answers[2].headers["retry-after"]) <= 30


def test_guessing_from_one_address_is_slowed_whatever_the_login(service: Service) -> None:
    object.__setattr__(service.throttles, "addresses", Throttle(burst=2, every_s=10))
    app = create_app(service)
    tries = [{"login": f"login{number}", "password": "guessed" * 3} for number in range(3)]
    statuses = [Client(app, ADDRESS).post("/api/v1/session", json=one).status_code for one in tries]
    assert statuses == [401, 401, 429]
    assert Client(app, ADDRESS, at="10.0.0.9").post("/api/v1/session", json=tries[0]).status_code == 401


def test_the_first_administrator_comes_in_by_a_link_that_works_once(service: Service, anybody: Client) -> None:
    link = first_link(service)
    assert link is not None
    wanted = {**ANA, "name": "Ana", "token": link.removeprefix("/first/")}
    assert anybody.post("/api/v1/first", json=wanted).status_code == 204
    seen = anybody.get("/api/v1/session").json()
    assert (seen["login"], seen["admin"], seen["role"]) == ("ana@example.org", True, "admin")
    again = Client(create_app(service), ADDRESS).post("/api/v1/first", json={**wanted, "login": "eve"})
    assert again.status_code == 400
    assert first_link(service) is None


def test_a_second_link_replaces_the_first_so_that_one_administrator_is_made(service: Service, anybody: Client) -> None:
    links = [first_link(service), first_link(service)]
    tokens = [str(link).removeprefix("/first/") for link in links]
    statuses = [
        anybody.post("/api/v1/first", json={**ANA, "login": f"{n}", "name": "A", "token": token}).status_code
        for n, token in enumerate(tokens)
    ]
    assert statuses == [400, 204]  # the newer link replaces the older
    assert service.access.user("0") is None


def test_a_first_administrator_who_is_refused_leaves_the_link_as_it_was(service: Service, anybody: Client) -> None:
    wanted = {**ANA, "name": "Ana", "token": str(first_link(service)).removeprefix("/first/")}
    assert anybody.post("/api/v1/first", json={**wanted, "password": "short"}).status_code == 400
    assert anybody.post("/api/v1/first", json=wanted).status_code == 204


def test_a_link_of_another_kind_makes_no_administrator(house: House) -> None:
    user = house.service.access.user("reviewer")
    assert user is not None
    token = house.service.access.make_link("invitation", lifetime=timedelta(hours=1), user=user.number)
    client = house.as_("anonymous")
    assert client.post("/api/v1/first", json={**ANA, "name": "Eve", "token": token}).status_code == 400
    assert client.post("/api/v1/join", json={"token": token, "password": PASSWORD}).status_code == 204


def test_an_invitation_leads_to_a_password_and_a_session(house: House) -> None:
    made = house.as_("everywhere").post(
        "/api/v1/users", json={"login": "Rui@Example.org", "name": "Rui", "languages": ["pt"], "role": "reviewer"}
    )
    assert made.status_code == 201
    token = made.json()["link"].removeprefix("/join/")
    rui = house.as_("anonymous")
    assert rui.post("/api/v1/join", json={"token": token, "password": PASSWORD}).status_code == 204
    assert rui.get("/api/v1/session").json()["role"] == "reviewer"
    assert rui.post("/api/v1/join", json={"token": token, "password": PASSWORD + "!"}).status_code == 400


def test_a_new_password_ends_every_session_of_the_old_one(house: House) -> None:
    made = house.as_("everywhere").post("/api/v1/users/reviewer/link")
    token = made.json()["link"].removeprefix("/join/")
    assert house.as_("reviewer").get("/api/v1/session").status_code == 200
    house.as_("anonymous").post("/api/v1/join", json={"token": token, "password": PASSWORD})
    assert house.as_("reviewer").get("/api/v1/session").status_code == 401


def test_a_project_admin_cannot_take_over_an_account(house: House) -> None:
    admin = house.as_("admin")
    assert admin.post("/api/v1/users/everywhere/link").status_code == 403
    assert admin.post("/api/v1/users", json={"login": "eve", "name": "Eve", "admin": True}).status_code == 403
