"""Labelling tools found open in May 2026: sign-in was on, but anybody could register, which opened them again.

Here nobody makes an account without an administrator's session or a link that works once.
"""

from __future__ import annotations

import ast
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from evalgate.web.app import ROUTERS, create_app
from evalgate.web.first import first_link
from evalgate.web.guard import SAFE
from evalgate.web.service import Service
from tests.web.client import Client
from tests.web.scenes import ADDRESS, HOUR, PASSWORD, House

ROOT = Path(__file__).resolve().parents[2]
EVE = {"login": "eve", "name": "Eve", "password": PASSWORD, "token": "guessed", "role": "admin", "admin": True}
MAKES = {
    ("evalgate/web/api/session.py", "make_first_admin"),
    ("evalgate/web/api/users.py", "create_user"),
}
"""What makes an account: through the first link, or by an administrator of the installation."""
JOIN = "/api/v1/join"


def link_for(house: House, login: str = "reviewer", lifetime: timedelta = HOUR) -> str:
    user = house.service.access.user(login)
    assert user is not None
    return house.service.access.make_link("invitation", lifetime=lifetime, user=user.number)


def test_the_places_that_make_accounts_are_known() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), function.name)
        for path in sorted((ROOT / "evalgate").rglob("*.py"))
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".access.create_user")
    }
    assert found >= MAKES
    # A single sign-on makes one as well; it lets in only whom its own settings name, and has its own tests.
    assert {where for where, _ in found - MAKES} <= {"evalgate/web/oidc.py", "evalgate/web/api/oidc.py"}


def test_nobody_without_a_session_makes_an_account_by_any_route(house: House) -> None:
    client, before = house.as_("anonymous"), house.service.access.users()
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            path = route.path_format.format_map(dict.fromkeys(route.param_convertors, "1"))
            for method in (route.methods or set()) - SAFE:
                client.request(method, path, json=EVE)
                client.request(method, path, data={name: str(value) for name, value in EVE.items()})
    assert house.service.access.users() == before


def test_no_member_however_mighty_in_one_project_lets_people_in(house: House) -> None:
    wanted = {"login": "eve", "name": "Eve", "role": "reviewer"}
    statuses = {who: house.as_(who).post("/api/v1/users", json=wanted).status_code for who in ("admin", "maintainer")}
    assert statuses == {"admin": 403, "maintainer": 403}
    assert house.service.access.user("eve") is None


def test_a_link_works_once(house: House) -> None:
    token, client = link_for(house), house.as_("anonymous")
    sent = {"token": token, "password": PASSWORD}
    assert [client.post(JOIN, json=sent).status_code for _ in range(2)] == [204, 400]


def test_a_link_ends(house: House) -> None:
    token = link_for(house, lifetime=timedelta(microseconds=1))
    assert house.as_("anonymous").post(JOIN, json={"token": token, "password": PASSWORD}).status_code == 400


def test_an_older_link_ends_with_the_newer_one(house: House) -> None:
    """A reset link that lay in an old message would open the account for whoever finds it."""
    older, newer = link_for(house), link_for(house)
    answers = [house.as_("anonymous").post(JOIN, json={"token": one, "password": PASSWORD}) for one in (older, newer)]
    assert [answer.status_code for answer in answers] == [400, 204]


def test_a_link_for_an_account_that_was_closed_opens_nothing(house: House) -> None:
    token, user = link_for(house), house.service.access.user("reviewer")
    assert user is not None
    house.service.access.set_active(user.number, active=False)
    answer = house.as_("anonymous").post(JOIN, json={"token": token, "password": PASSWORD})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("where", ["sqlite_house", "postgres_house"])
def test_of_many_who_use_a_link_at_once_one_comes_in(where: str, request: pytest.FixtureRequest) -> None:
    house: House = request.getfixturevalue(where)
    app, token = create_app(house.service), link_for(house)

    def join(number: int) -> int:
        client = Client(app, ADDRESS, at=f"10.0.0.{number}")
        return client.post(JOIN, json={"token": token, "password": f"{PASSWORD} {number}"}).status_code

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(join, range(4))) == [204, 400, 400, 400]


def test_of_two_first_administrators_at_once_one_is_made(service: Service) -> None:
    app, link = create_app(service), str(first_link(service)).removeprefix("/first/")

    def first(number: int) -> int:
        sent = {"login": f"ana{number}", "name": "Ana", "password": PASSWORD, "token": link}
        return Client(app, ADDRESS, at=f"10.0.0.{number}").post("/api/v1/first", json=sent).status_code

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(first, range(3))) == [204, 400, 400]
    assert len(service.access.users()) == 1
