"""Whom an issuer lets in here, and a service where it is the only way in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fastapi import Request, Response

from evalgate.web import passwords
from evalgate.web.first import first_link
from evalgate.web.guard import COOKIE
from evalgate.web.problems import Problem
from evalgate.web.service import Service, service_of
from evalgate.web.sessions import Door, begin_session
from evalgate.web.transactions import writing
from evalgate.wiring.server import ServerSettings, opened
from tests.web.client import Client
from tests.web.issuer import ANA, LocalIssuer
from tests.web.oidc_scenes import (
    NOBODY,
    audited,
    browser,
    browser_of,
    closed_to_passwords,
    issuer,
    keys,
    service,
    sessions,
    signed_in,
    who,
)
from tests.web.reading import Read
from tests.web.scenes import PASSWORD

__all__ = ["browser", "issuer", "keys", "service"]


def test_nobody_registers_themselves(service: Service, issuer: LocalIssuer, browser: Client) -> None:
    issuer.person = {"sub": "eve", "email": "eve@example.org", "email_verified": True}
    answer = signed_in(browser)
    assert (answer.status_code, NOBODY in Read(answer).text) == (403, True)
    assert (service.access.user("eve@example.org"), sessions(service), audited(service)) == (None, 0, [])


@pytest.mark.parametrize(
    "changed",
    [
        {"email_verified": False},
        {"email_verified": None},
        {"email_verified": "true"},
        {"email": None},
        {"email": ["ana@example.org"]},
        {"email": "ａna@example.org"},
        {"email": " ana@example.org"},
    ],
    ids=str,
)
def test_an_email_that_the_issuer_did_not_verify_to_the_letter_takes_no_account_as_in_noauth(
    service: Service, issuer: LocalIssuer, browser: Client, changed: dict[str, Any]
) -> None:
    """Services that matched people by an e-mail anybody could write into their profile gave accounts away."""
    issuer.changed = changed
    answer = signed_in(browser)
    assert (answer.status_code, NOBODY in Read(answer).text, sessions(service)) == (403, True, 0)
    ana = service.access.user("ana@example.org")
    assert ana is not None
    assert ana.subject is None


def test_once_linked_the_email_is_not_looked_at_any_more(
    service: Service, issuer: LocalIssuer, browser: Client
) -> None:
    signed_in(browser)
    issuer.person = {**ANA, "email": "ana.new@example.org", "email_verified": False}
    moved = browser_of(service)
    signed_in(moved)
    assert who(moved) == "ana@example.org"
    issuer.person = {**ANA, "sub": "who has the address now"}
    assert signed_in(browser_of(service)).status_code == 403
    assert sessions(service) == 2


def test_the_same_subject_of_another_issuer_is_somebody_else(service: Service, issuer: LocalIssuer) -> None:
    ana = service.access.user("ana@example.org")
    assert ana is not None
    assert service.access.link_subject(ana.number, f"https://id.other.example {ANA['sub']}")
    assert signed_in(browser_of(service)).status_code == 403
    assert issuer.asked.count("/token") == 1


def test_a_closed_account_stays_closed_and_is_not_even_linked(service: Service, browser: Client) -> None:
    ana = service.access.user("ana@example.org")
    assert ana is not None
    service.access.set_active(ana.number, active=False)
    answer = signed_in(browser)
    assert (answer.status_code, "This account is closed." in Read(answer).text) == (403, True)
    again = service.access.user("ana@example.org")
    assert again is not None
    assert (sessions(service), again.subject, audited(service)) == (0, None, [])


def test_without_an_issuer_there_is_no_such_door(sqlite_place: str) -> None:
    settings = ServerSettings(database=sqlite_place)
    with opened(settings) as parts:
        plain = browser_of(service_of(parts, settings))
        answers = [plain.get("/sign-in/oidc"), plain.get("/sign-in/oidc/return?state=a&code=b")]
        page = Read(plain.get("/sign-in"))
    assert [answer.status_code for answer in answers] == [404, 404]
    assert [link for link in page.all("a") if "oidc" in str(link.get("href"))] == []


def test_where_the_issuer_is_the_only_way_no_other_door_gives_a_session_as_in_the_langfuse_sso_bypass(
    service: Service,
) -> None:
    """A password reset once gave a session although single sign-on was enforced: here no door has its own way in."""
    ana = service.access.user("ana@example.org")
    assert ana is not None
    service.access.set_password(ana.number, passwords.hashed(PASSWORD, ana.login))
    links = [
        service.access.make_link(purpose, lifetime=timedelta(hours=1), user=ana.number)
        for purpose in ("invitation", "new_password")
    ]
    only = closed_to_passwords(service)
    tries: list[tuple[str, dict[str, str]]] = [
        ("/api/v1/session", {"login": ana.login, "password": PASSWORD}),
        *(("/api/v1/join", {"token": link, "password": PASSWORD + "!"}) for link in links),
    ]
    answers = [browser_of(only).post(path, json=sent) for path, sent in tries]
    answers += [
        browser_of(only).post("/sign-in", data={"login": ana.login, "password": PASSWORD}),
        *(browser_of(only).post(f"/join/{link}", data={"password": PASSWORD + "!"}) for link in links),
        *(browser_of(only).get(f"/join/{link}") for link in links),
    ]
    assert [answer.status_code for answer in answers] == [403] * 8
    assert [answer for answer in answers if COOKIE in answer.headers.get("set-cookie", "")] == []
    assert sessions(service) == 0
    unchanged = service.access.user("ana@example.org")
    assert unchanged is not None
    assert passwords.matches(PASSWORD, unchanged.password)
    issuer_way = browser_of(only)
    signed_in(issuer_way)
    assert who(issuer_way) == "ana@example.org"


@pytest.mark.parametrize("door", ["password", "link"])
def test_the_one_function_that_begins_sessions_knows_which_doors_are_shut(service: Service, door: Door) -> None:
    only, request, answer = closed_to_passwords(service), Request({"type": "http", "headers": []}), Response()
    ana = service.access.user("ana@example.org")
    assert ana is not None
    with pytest.raises(Problem, match="through the issuer"), writing(service.store) as work:
        begin_session(only, work, request, answer, ana, by=door)
    assert (sessions(service), answer.headers.get("set-cookie")) == (0, None)


def test_a_shut_door_does_not_tell_whether_a_password_fits(service: Service) -> None:
    ana = service.access.user("ana@example.org")
    assert ana is not None
    service.access.set_password(ana.number, passwords.hashed(PASSWORD, ana.login))
    only = closed_to_passwords(service)
    answers = [
        browser_of(only).post("/api/v1/session", json={"login": ana.login, "password": password})
        for password in (PASSWORD, "not the password at all")
    ]
    assert answers[0].json() == answers[1].json()


def test_where_the_issuer_is_the_only_way_the_page_asks_for_no_password(service: Service) -> None:
    read = Read(browser_of(closed_to_passwords(service)).get("/sign-in"))
    assert "password" not in {field.get("type") for field in read.all("input")}
    assert "An administrator lets your e-mail address in." in read.text


def test_the_first_administrator_still_comes_in_by_their_link_for_nobody_else_could_let_them_in(
    service: Service,
) -> None:
    only = closed_to_passwords(service)
    token = str(first_link(only)).removeprefix("/first/")
    wanted = {"token": token, "login": "root@example.org", "name": "Root", "password": PASSWORD}
    first = browser_of(only)
    assert first.post("/api/v1/first", json=wanted).status_code == 204
    assert who(first) == "root@example.org"
    again = browser_of(only).post("/api/v1/session", json={"login": wanted["login"], "password": PASSWORD})
    assert again.status_code == 403


def test_where_the_issuer_is_the_only_way_an_invitation_is_the_sign_in_page(service: Service) -> None:
    only = closed_to_passwords(service)
    token = str(first_link(only)).removeprefix("/first/")
    admin = browser_of(only)
    admin.post("/api/v1/first", json={"token": token, "login": "root", "name": "Root", "password": PASSWORD})
    admin.headers["X-CSRF"] = admin.get("/api/v1/session").json()["csrf"]
    made = admin.post("/api/v1/users", json={"login": "rui@example.org", "name": "Rui"})
    assert made.json()["link"] == "/sign-in"
    assert admin.post("/api/v1/users/rui@example.org/link").status_code == 403
    changed = admin.post("/api/v1/session/password", json={"old": PASSWORD, "new": PASSWORD + "!"})
    assert changed.status_code == 403
    assert "old" not in {field.get("name") for field in Read(admin.get("/account")).all("input")}


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "Nobody let you in here yet."),
        ("es", "Nadie le ha dado acceso todavía."),
        ("pt", "Ninguém liberou o seu acesso ainda."),
    ],
)
def test_a_refusal_is_told_in_the_readers_language(
    service: Service, issuer: LocalIssuer, language: str, told: str
) -> None:
    issuer.person = {"sub": "eve"}
    browser = browser_of(service)
    browser.headers["Accept-Language"] = language
    assert told in Read(signed_in(browser)).text


def test_knocking_too_often_is_slowed_here_too(service: Service) -> None:
    browser = browser_of(service)
    statuses = {browser.get("/sign-in/oidc/return?state=a&code=b").status_code for _ in range(31)}
    assert statuses == {400, 429}
