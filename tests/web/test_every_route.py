"""Every route × everybody: who is let in is exactly who the route says, and nobody sees another project.

New endpoints missing from a table of rights have opened doors elsewhere; here a route that says nothing fails.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount

from evalgate.web.app import ROUTERS, create_app
from evalgate.web.guard import SAFE, Need, check_declared, need_of
from evalgate.web.service import Service
from tests.web.scenes import KEYS, House

ROUTES = [
    (route, method)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted(route.methods or ())
]
CLOSED = [(route, method) for route, method in ROUTES if not (need_of(route) or Need()).open]
SIGNED_IN = ("reviewer", "maintainer", "admin", "auditor", "other", "nobody's member", "everywhere")
STRANGERS = ("anonymous", "nonsense", "key:expired", "key:revoked")
OPEN = {
    "get_health",
    "get_readiness",
    "get_metrics",
    "get_openapi_description",
    "sign_in",
    "make_first_admin",
    "choose_password",
    "show_sign_in",
    "sign_in_by_form",
    "leave_for_issuer",
    "come_back_from_issuer",
    "show_first",
    "make_first_admin_by_form",
    "show_join",
    "choose_password_by_form",
}
"""What anybody may call; a new name here is a decision, not an accident."""
RESULTS = (
    "/api/v1/runs",
    "/api/v1/decisions",
    "/api/v1/cards",
    "/runs",
    "/decisions",
    "/judges",
    "/traffic",
    "/alerts",
)


def called(of: tuple[APIRoute, str]) -> str:
    return f"{of[1]} {of[0].path}"


def address(route: APIRoute, house: House) -> str:
    """Give a route's path with the names of things that the first project really holds."""
    held = {
        "run_id": house.run,
        "decision_id": house.decision,
        "suite": "support",
        "name": "main",
        "login": "reviewer",
        "key_id": house.headers["key:read"]["Authorization"].split("_")[1],
    }
    return route.path_format.format_map(Held(held))


class Held(dict):
    """Names that later rooms may add; any other parameter is a number."""

    def __missing__(self, name: str) -> str:
        return "1"


def let_in(need: Need, who: str) -> bool:
    """Say whether somebody should come in."""
    if who.startswith("key:"):
        return who.removeprefix("key:") in need.scopes
    if need.everywhere:
        return who == "everywhere"
    role = {"everywhere": "admin", "other": "admin"}.get(who, who)
    return need.own or role in need.roles


@pytest.mark.parametrize("of", CLOSED, ids=called)
def test_a_route_lets_in_exactly_who_it_says(of: tuple[APIRoute, str], house: House) -> None:
    route, method = of
    need = need_of(route)
    assert need is not None
    expected = {who: let_in(need, who) for who in (*SIGNED_IN, *(f"key:{scope}" for scope in KEYS))}
    expected |= dict.fromkeys(STRANGERS, False)
    body: dict[str, str] | None = None if method in {*SAFE, "DELETE"} else {}
    answers = {who: house.as_(who).request(method, address(route, house), json=body) for who in expected}
    assert {who: answer.status_code not in {401, 403} for who, answer in answers.items()} == expected
    assert {answers[who].status_code for who in STRANGERS} == {401}
    assert [answer.status_code for answer in answers.values() if answer.status_code >= 500] == []


@pytest.mark.parametrize("of", [o for o in CLOSED if o[1] not in SAFE], ids=called)
def test_a_session_without_its_token_writes_nothing(of: tuple[APIRoute, str], house: House) -> None:
    route, method = of
    answers = [house.as_(who, forms=False).request(method, address(route, house)) for who in SIGNED_IN]
    assert {answer.status_code for answer in answers} == {403}


def test_only_a_few_named_routes_are_open() -> None:
    assert {route.name for route, _ in ROUTES if (need_of(route) or Need()).open} == OPEN


def test_auditors_and_reading_keys_never_write() -> None:
    writing = {route.name: need_of(route) for route, method in CLOSED if method not in SAFE}
    may_write = {n for n, need in writing.items() if need and ("auditor" in need.roles or "read" in need.scopes)}
    assert may_write == set()


def test_reviewers_do_not_see_what_judges_said() -> None:
    results = [route for route, _ in CLOSED if route.path.startswith(RESULTS)]
    assert [route.name for route in results if "reviewer" in (need_of(route) or Need()).roles] == []
    assert len(results) >= 6


def test_the_admin_of_another_project_reads_nothing_of_this_one(house: House) -> None:
    client = house.as_("other")
    texts = {
        route.path: client.get(address(route, house)).text.replace(address(route, house), "")
        for route, method in CLOSED
        if method == "GET"
    }
    texts_of_ours = ("Tres días", "candidate.jsonl", "a.jsonl", "first baseline", "key to read")
    ours = (*texts_of_ours, '"support"', '"login":"maintainer"', ">maintainer<")
    assert {path: mark for path, text in texts.items() for mark in ours if mark in text} == {}
    assert "key to read" in house.as_("admin").get("/api/v1/keys").text


def test_the_admin_of_another_project_changes_nothing_of_this_one(house: House) -> None:
    other, key = house.as_("other"), house.headers["key:read"]["Authorization"].split("_")[1]
    assert other.delete(f"/api/v1/keys/{key}").status_code == 404
    assert other.post("/api/v1/baselines/support/main", json={"run": house.run, "reason": "x"}).status_code == 404
    assert house.as_("key:read").get("/api/v1/runs").status_code == 200


def test_no_project_is_taken_from_the_path_or_the_body(service: Service) -> None:
    described = create_app(service)
    names = {part.name for route in _api_routes(described) for part in route.dependant.path_params}
    names |= {part.name for route in _api_routes(described) for part in route.dependant.query_params}
    assert "project" not in names


def test_a_route_that_says_nothing_keeps_the_application_from_starting() -> None:
    app = FastAPI()
    app.get("/forgotten")(lambda: "open to all")
    with pytest.raises(ValueError, match="/forgotten does not say who may call it"):
        check_declared(app)


def test_there_is_no_way_in_beside_the_declared_routes(service: Service) -> None:
    others = [route for route in create_app(service).routes if not isinstance(route, APIRoute)]
    assert [route for route in others if not (isinstance(route, Mount) and route.name == "static")] == []


def _api_routes(app: FastAPI) -> Iterator[APIRoute]:
    return (route for route in app.routes if isinstance(route, APIRoute))
