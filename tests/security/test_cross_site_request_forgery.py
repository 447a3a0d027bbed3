"""Forged requests: another site's page makes a browser that is signed in here send a form.

Known of Label Studio and others between 2023 and 2025. Every write needs the session's own token and must come from a
page of this server, signing in included: nobody is signed in to somebody else's account without knowing.
"""

from __future__ import annotations

import pytest
from fastapi.routing import APIRoute

from evalgate.web.app import ROUTERS
from evalgate.web.guard import SAFE, Need, need_of
from tests.web.reading import HTML
from tests.web.scenes import ADDRESS, House
from tests.web.test_every_route import Held

WRITES = [
    (route, method)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted((route.methods or set()) - SAFE)
]
CLOSED = [(route, method) for route, method in WRITES if not (need_of(route) or Need()).open]
BY_PEOPLE = [(route, method) for route, method in CLOSED if not {"gate"} & (need_of(route) or Need()).scopes]
OPEN = [(route, method) for route, method in WRITES if (need_of(route) or Need()).open]
READ = [
    route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and "GET" in (route.methods or ())
]
FOREIGN = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
)
"""What a browser says of a form on somebody else's page, or on no page."""


def address(route: APIRoute) -> str:
    return route.path_format.format_map(Held({}))


def written(house: House) -> tuple[int, int, int]:
    """Give what every write would change."""
    service = house.service
    return len(service.audit.list(limit=10_000)), len(service.access.users()), len(service.access.keys(1))


def test_there_are_pages_and_routes_to_try() -> None:
    assert len(CLOSED) >= 30
    assert len([route for route, _ in BY_PEOPLE if not route.include_in_schema]) >= 15


@pytest.mark.parametrize("kind", ["none", "another session's", "guessed", "blank"])
def test_no_write_passes_without_its_sessions_own_token(house: House, kind: str) -> None:
    tokens = {"another session's": house.headers["maintainer"]["X-CSRF"], "guessed": "a" * 43, "blank": ""}
    before, client = written(house), house.as_("everywhere", forms=False)
    sent = {"csrf": tokens[kind]} if kind in tokens else {}
    answers = {
        (method, route.path, how): client.request(method, address(route), headers={**HTML, **said}, **body).status_code
        for route, method in BY_PEOPLE
        for how, said, body in (
            ("form", {}, {"data": {**sent, "login": "eve", "name": "eve"}}),
            ("json", {"X-CSRF": sent.get("csrf", "")}, {"json": {}}),
            ("text", {"Content-Type": "text/plain"}, {"content": b'{"csrf": "x"}'}),
        )
    }
    assert {where: status for where, status in answers.items() if status != 403} == {}
    assert written(house) == before


@pytest.mark.parametrize("said", FOREIGN, ids=str)
def test_no_write_passes_that_another_sites_page_sends(house: House, said: dict[str, str]) -> None:
    """Even with the right token, which such a page cannot know."""
    before, client = written(house), house.as_("everywhere")
    token = house.headers["everywhere"]["X-CSRF"]
    statuses = {
        (method, route.path): client.request(method, address(route), headers=said, data={"csrf": token}).status_code
        for route, method in BY_PEOPLE
    }
    assert {where: status for where, status in statuses.items() if status != 403} == {}
    assert written(house) == before


@pytest.mark.parametrize("said", FOREIGN, ids=str)
def test_another_sites_page_signs_nobody_in_as_somebody_else(house: House, said: dict[str, str]) -> None:
    client = house.as_("anonymous")
    sent = {"login": "eve", "password": "x" * 20, "token": "x", "name": "Eve"}
    answers = [client.request(method, address(route), headers=said, data=sent) for route, method in OPEN]
    assert {answer.status_code for answer in answers} == {403}
    assert [answer for answer in answers if "set-cookie" in answer.headers] == []


def test_no_page_of_ours_changes_anything_when_it_is_only_looked_at(house: House) -> None:
    """A GET needs no token, so none may write into the audit, make people or make keys."""
    before, client = written(house), house.as_("everywhere")
    for route in READ:
        client.get(address(route), headers=HTML)
    assert written(house) == before


def test_a_page_of_ours_sends_its_token_home_alone(house: House) -> None:
    answer = house.as_("everywhere").get("/admin", headers=HTML)
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "form-action 'self'" in answer.headers["content-security-policy"]
    assert ADDRESS not in answer.text
