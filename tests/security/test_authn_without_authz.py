"""CVE-2025-59305 and CVE-2026-13484: being signed in was enough, for routes that somebody had forgotten in a table.

tests/web/test_every_route.py walks every route × everybody. Here: whoever may do everything in their own project is
given every number and name of another one, in every path, query and body, and finds nothing and changes nothing there.
"""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import func, select

from evalgate.store.engine import Store
from evalgate.store.tables import metadata
from evalgate.web.app import ROUTERS, create_app
from evalgate.web.disguise import shown
from evalgate.web.guard import SAFE, Need, need_of
from tests.reports.scenes import failing
from tests.web.client import Client
from tests.web.furnished import with_scene
from tests.web.reading import HTML
from tests.web.review_scenes import GOOD, PLAIN, RUBRIC, answered, filled, let_in
from tests.web.scenes import ADDRESS, HOUR, House, _let_in
from tests.web.traffic_scene import with_traffic

OURS = "Only this project says so."
"""A text that no route may show to anybody of the other project."""
ALL = [
    (route, method)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in sorted((route.methods or set()) - {"HEAD"})
    if not (need_of(route) or Need()).open
]
OF_EVERYBODY = {"login"}
"""Logins are of the whole installation: to give somebody a role in one's own project takes nothing from another."""
LISTS = {"get_baseline_history", "make_card_by_form"}
"""What was accepted under a name, and the labels of a judge: nothing, for a name that the project does not know."""
NAMED = [
    (route, method) for route, method in ALL if set(route.param_convertors) - OF_EVERYBODY and route.name not in LISTS
]
BARE = [route for route, method in ALL if method == "GET" and not route.param_convertors]
FORM = {"slot": "1", "token": "1", "reason": "declined", "category": "x", "undo": "1", "state": "closed"}
FORM |= {"queue": "support", "quiet": "1h"} | {f"answer.{name}": label for name, label in GOOD["answers"].items()}


@pytest.fixture
def home(house: House) -> House:
    """A house whose first project holds one of everything, and whose second has somebody of every role and a key."""
    let_in(house)
    filled(house, (OURS, f"{OURS} Twice."))
    with_scene(house.service.store, failing())
    answered(house.as_("bea"), GOOD)
    with_traffic(house.service.store, words=OURS)
    access = house.service.access
    other = access.project("sales").number
    for role in ("reviewer", "maintainer", "auditor"):
        _let_in(house, f"other {role}", other, role)
    for scope in ("gate", "read"):
        _, token = access.create_key(other, scope, (scope,), HOUR, "user:other")
        house.headers[f"other {scope}"] = {"Authorization": f"Bearer {token}"}
    return house


def names(house: House) -> dict[str, str]:
    """Give what the first project's things are called, by the name of the parameter."""
    return {
        "run_id": house.run,
        "decision_id": house.decision,
        "suite": "support",
        "name": "main",
        "queue": "support",
        "item": str(shown(house.service.store, 1)),
        "key_id": house.headers["key:read"]["Authorization"].split("_")[1],
        "login": "reviewer",
        "metric": "answers",
        "number": "1",
        "digest": "2" * 32,
    }


def bodies(house: House) -> dict[str, Any]:
    """Give the example of a body for each route of the API, by its operation."""
    described = house.as_("anonymous").get("/api/v1/openapi.json").json()
    found: dict[str, Any] = {}
    for path in described["paths"].values():
        for operation in path.values():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            named = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
            if named:
                found[operation["operationId"]] = described["components"]["schemas"][named].get("examples", [{}])[0]
    return found


def holdings(store: Store) -> dict[str, int]:
    """Give how many rows of each table are the project's own."""
    with store.database.read() as connection:
        owned = {name: table for name, table in metadata.tables.items() if "project" in table.c and name != "session"}
        return {
            name: connection.execute(select(func.count()).where(table.c.project == store.project)).scalar_one()
            for name, table in owned.items()
        }


def callers(route: APIRoute) -> list[str]:
    need = need_of(route) or Need()
    roles = {"reviewer": "other reviewer", "maintainer": "other maintainer", "admin": "other"}
    people = [] if need.everywhere else [who for role, who in roles.items() if role in need.roles or need.own]
    return people + [f"other {scope}" for scope in ("gate", "read") if scope in need.scopes]


def knock(house: House, route: APIRoute, method: str, who: str, examples: dict[str, Any]) -> httpx.Response:
    """Send what a route takes to the first project's things, as somebody."""
    client, path = house.as_(who), route.path_format.format_map(names(house))
    if method in SAFE:
        return client.request(method, path, headers={} if route.include_in_schema else HTML)
    if route.include_in_schema:
        return client.request(method, path, json=examples.get(route.name, {}))
    return client.request(
        method, path, headers=HTML, data={**FORM, "item": names(house)["item"], "csrf": house.headers[who]["X-CSRF"]}
    )


def test_the_names_of_another_project_lead_nowhere_in_any_path(home: House) -> None:
    before, examples = holdings(home.service.store), bodies(home)
    answers = {
        (method, route.path, who): knock(home, route, method, who, examples)
        for route, method in NAMED
        for who in callers(route)
    }
    assert [(*where, answer.status_code) for where, answer in answers.items() if answer.status_code != 404] == []
    assert [where for where, answer in answers.items() if OURS in answer.text] == []
    assert len(answers) > 80
    assert holdings(home.service.store) == before


def test_a_queue_of_the_same_name_leads_to_no_item_of_the_other(home: House) -> None:
    """The number of an item is of the whole database."""
    other = home.service.store.within(home.service.access.project("sales").number)
    other.queues.create("support", RUBRIC, PLAIN, "user:other")
    before, examples = holdings(home.service.store), bodies(home)
    answers = {
        (method, route.path, who): knock(home, route, method, who, examples)
        for route, method in NAMED
        if "item" in route.param_convertors
        for who in callers(route)
    }
    assert {where: answer.text[:200] for where, answer in answers.items() if answer.status_code != 404} == {}
    assert holdings(home.service.store) == before


def test_no_list_of_another_project_shows_anything_of_this_one(home: House) -> None:
    marks = (OURS, home.run, home.decision, "Tres días", '"case_id"', "Does it answer?", "first baseline")
    after = {"after": "1", "before": "99", "suite": "support", "name": "main", "check": "answers", "state": "open"}
    texts = {
        (route.path, who, bool(asked)): home.as_(who).get(route.path, params=asked, headers=headers).text
        for route in BARE
        for headers in ({} if route.include_in_schema else HTML,)
        for known in ({one.name for one in route.dependant.query_params},)
        for asked in ({}, {name: value for name, value in after.items() if name in known})
        for who in callers(route)
    }
    assert {where: mark for where, text in texts.items() for mark in marks if mark in text} == {}
    assert OURS in home.as_("bea").post("/api/v1/queues/support/claim").text


@pytest.mark.parametrize("field", ["project", "project_id", "projectId"])
def test_a_project_in_the_body_or_the_address_moves_nothing(home: House, field: str) -> None:
    """The project comes from the key or the session: a body that names another is refused, a query is not looked at."""
    examples, other = bodies(home), home.service.store.within(home.service.access.project("sales").number)
    before = holdings(other)
    statuses = {
        (method, route.path): home.as_("everywhere" if need.roles or need.own else f"key:{min(need.scopes)}")
        .request(
            method,
            f"{route.path_format.format_map(names(home))}?{field}={other.project}",
            json={**examples[route.name], field: other.project},
        )
        .status_code
        for route, method in ALL
        if method not in SAFE and route.name in examples
        for need in (need_of(route) or Need(),)
    }
    assert {where: status for where, status in statuses.items() if status != 422} == {}
    assert len(statuses) >= 15
    assert holdings(other) == before


def test_a_header_or_cookie_that_names_a_project_moves_nothing(home: House) -> None:
    said = {"X-Project": "1", "X-Project-Id": "1", "Project": "1"}
    assert home.as_("other").get("/api/v1/runs", headers=said).json()["runs"] == []
    cookie = f"{home.headers['other']['Cookie']}; project=1"
    client = Client(create_app(home.service), ADDRESS, {"Cookie": cookie})
    assert client.get("/api/v1/runs", headers=said).json()["runs"] == []


def test_a_session_cannot_look_at_a_project_that_its_person_is_no_member_of(home: House) -> None:
    other, token = home.as_("other"), home.headers["other"]["X-CSRF"]
    for named in ("default", "Default", "1", "default ", "sales' OR '1'='1"):
        answer = other.post("/account/project", data={"to": named, "csrf": token})
        assert answer.status_code == 404
    assert other.get("/api/v1/session").json()["project"] == home.service.access.project("sales").number
