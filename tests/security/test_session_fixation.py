"""Sessions that others chose or kept: planted before signing in, or alive after password, account or time ended."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from evalgate.store.sessions import IDLE
from evalgate.web import passwords
from evalgate.web.app import create_app
from evalgate.web.guard import COOKIE
from tests.web.client import Client
from tests.web.scenes import ADDRESS, HOST, PASSWORD, House

SESSION = "/api/v1/session"
ANA = {"login": "reviewer", "password": PASSWORD}


@pytest.fixture
def home(house: House) -> House:
    """A house in which the reviewer has a password."""
    house.service.access.set_password(number(house), passwords.hashed(PASSWORD, "reviewer"))
    return house


def number(house: House) -> int:
    user = house.service.access.user("reviewer")
    assert user is not None
    return user.number


def signed_in(house: House, address: str = ADDRESS, **headers: str) -> httpx.Response:
    answer = Client(create_app(house.service), address).post(SESSION, json=ANA, headers=headers)
    assert answer.status_code == 204
    return answer


def test_a_token_that_somebody_planted_is_not_the_one_that_is_signed_in(home: House) -> None:
    planted = "A" * 43
    answer = signed_in(home, Cookie=f"{COOKIE}={planted}")
    assert answer.cookies[COOKIE] != planted
    assert home.as_("anonymous").get(SESSION, headers={"Cookie": f"{COOKIE}={planted}"}).status_code == 401


def test_a_session_of_somebody_else_that_was_planted_ends_instead_of_being_taken_over(home: House) -> None:
    planted = home.headers["auditor"]["Cookie"]
    answer = signed_in(home, Cookie=planted)
    assert home.as_("auditor").get(SESSION).status_code == 401
    seen = home.as_("anonymous").get(SESSION, headers={"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}"})
    assert seen.json()["login"] == "reviewer"


def test_every_sign_in_has_a_token_of_its_own_that_nobody_guesses(home: House) -> None:
    tokens = {signed_in(home).cookies[COOKIE] for _ in range(3)}
    assert len(tokens) == 3
    assert min(map(len, tokens)) >= 43


def test_the_cookie_is_for_this_host_out_of_reach_of_scripts_and_over_https_alone_where_there_is_https(
    home: House,
) -> None:
    flags = signed_in(home, f"https://{HOST}").headers["set-cookie"].lower().split("; ")
    assert {"httponly", "samesite=lax", "secure", "path=/"} <= set(flags)
    assert [flag for flag in flags if flag.startswith("domain")] == []


def test_a_closed_account_is_out_at_once_and_stays_out(home: House) -> None:
    answer = signed_in(home)
    cookie = {"Cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}
    assert home.as_("anonymous").get(SESSION, headers=cookie).status_code == 200
    home.service.access.set_active(number(home), active=False)
    assert home.as_("anonymous").get(SESSION, headers=cookie).status_code == 401
    assert home.as_("anonymous").post(SESSION, json=ANA).status_code in {401, 403}
    home.service.access.set_active(number(home), active=True)
    assert home.as_("anonymous").get(SESSION, headers=cookie).status_code == 401


def test_a_new_password_ends_whoever_held_the_old_one(home: House) -> None:
    cookie = {"Cookie": f"{COOKIE}={signed_in(home).cookies[COOKIE]}"}
    token = home.service.access.make_link("new_password", lifetime=timedelta(hours=1), user=number(home))
    sent = {"token": token, "password": f"{PASSWORD} again"}
    assert home.as_("anonymous").post("/api/v1/join", json=sent).status_code == 204
    assert home.as_("anonymous").get(SESSION, headers=cookie).status_code == 401
    assert home.as_("anonymous").post(SESSION, json=ANA).status_code == 401


@pytest.mark.parametrize("later", [IDLE + timedelta(minutes=1), timedelta(hours=13)], ids=["idle", "too long"])
def test_a_session_ends_by_itself(home: House, later: timedelta) -> None:
    cookie = {"Cookie": f"{COOKIE}={signed_in(home).cookies[COOKIE]}"}
    database = home.service.store.database
    then = database.clock() + later
    database.clock = lambda: then
    assert home.as_("anonymous").get(SESSION, headers=cookie).status_code == 401


def test_who_is_no_member_any_more_reads_nothing_with_a_session_that_goes_on(home: House) -> None:
    client = home.as_("maintainer")
    assert client.get("/api/v1/runs").status_code == 200
    user = home.service.access.user("maintainer")
    assert user is not None
    home.service.access.remove_member(1, user.number)
    assert client.get("/api/v1/runs").status_code == 403
