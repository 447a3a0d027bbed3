"""The API's own description: names that stay, an example of everything, and nothing it allows breaks the server."""

from __future__ import annotations

import copy
from collections import defaultdict

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from evalgate.web.app import create_app
from evalgate.web.service import Service, Throttles
from evalgate.web.throttle import Throttle
from tests.web.client import Client
from tests.web.scenes import ADDRESS, House

LIMITED = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
METHODS = {"get", "post", "put", "delete", "patch"}
NAMES = {
    "accept_baseline",
    "add_items",
    "adjudicate_item",
    "avoid_categories",
    "break_glass",
    "change_password",
    "choose_password",
    "choose_project",
    "claim_item",
    "create_key",
    "create_queue",
    "create_user",
    "edit_answer",
    "erase_traffic_of_user",
    "export_gold_cases",
    "export_queue_labels",
    "fill_queue",
    "get_alert",
    "get_baseline_history",
    "get_decision",
    "get_door_accepted",
    "get_door_baseline",
    "get_door_production",
    "get_openapi_description",
    "get_queue",
    "get_queue_progress",
    "get_record",
    "get_run",
    "get_session",
    "import_labels",
    "import_queue_labels",
    "import_run",
    "keep_item",
    "keep_replies",
    "list_alerts",
    "list_audit",
    "list_baselines",
    "list_cards",
    "list_decisions",
    "list_disputed",
    "list_gold_cases",
    "list_items",
    "list_keys",
    "list_labels",
    "list_members",
    "list_my_answers",
    "list_projects",
    "list_queues",
    "list_runs",
    "list_samples",
    "list_suites",
    "make_first_admin",
    "make_password_link",
    "mute_alert",
    "open_door",
    "preview_fill",
    "promote_items",
    "pull_cards",
    "pull_labels",
    "pull_run",
    "push_decision",
    "push_run",
    "recall_replies",
    "release_item",
    "remove_item",
    "remove_member",
    "reveal_item",
    "revoke_key",
    "send_interactions",
    "send_litellm_payloads",
    "send_logs",
    "send_traces",
    "set_member_role",
    "set_queue_rubric",
    "set_queue_settings",
    "set_queue_state",
    "sign_in",
    "sign_out",
    "skip_item",
    "submit_answer",
    "undo_answer",
    "unmute_alert",
    "verify_audit",
}
"""Clients were generated from these: they may grow, none may change."""


RAW_BODIES = {"push_run", "push_decision", "import_run", "import_queue_labels"}
RAW_BODIES |= {"send_interactions", "send_litellm_payloads", "send_logs", "send_traces"}


@pytest.fixture
def description(service: Service) -> dict:
    return Client(create_app(service), ADDRESS).get("/api/v1/openapi.json").json()


def operations(description: dict) -> list[dict]:
    return [operation for path in description["paths"].values() for name, operation in path.items() if name in METHODS]


def test_the_names_of_operations_stay_and_none_stands_for_two(description: dict) -> None:
    names = [operation["operationId"] for operation in operations(description)]
    assert len(names) == len(set(names))
    assert set(names) >= NAMES


def test_every_body_has_an_example(description: dict) -> None:
    bodies = {
        content["schema"]["$ref"].rpartition("/")[2]
        for operation in operations(description)
        for part in [operation.get("requestBody", {}), *operation["responses"].values()]
        for content in part.get("content", {}).values()
        if "$ref" in content.get("schema", {})
    }
    schemas = description["components"]["schemas"]
    assert {name for name in bodies if not schemas[name].get("examples")} == set()
    assert len(bodies) >= 20


def test_every_operation_says_what_it_does_and_who_may_call_it(description: dict) -> None:
    found = operations(description)
    assert [operation["operationId"] for operation in found if not operation.get("description")] == []
    assert {o["operationId"] for o in found if o["security"] == []} == {
        "get_openapi_description",
        "sign_in",
        "make_first_admin",
        "choose_password",
    }


# What is allowed goes furthest, to the database that is stricter about texts; what is not is stopped before any.
@pytest.mark.parametrize(
    ("where", "mode"), [("postgres_house", GenerationMode.POSITIVE), ("house", GenerationMode.NEGATIVE)]
)
def test_nothing_anybody_sends_breaks_the_server(
    where: str, mode: GenerationMode, request: pytest.FixtureRequest
) -> None:
    """What the description allows and what it forbids, sent by who may do everything: no answer is a 5xx."""
    house: House = request.getfixturevalue(where)
    object.__setattr__(house.service, "throttles", Throttles(*(Throttle(10**9, 1) for _ in range(3))))
    app = create_app(house.service)
    client = Client(app, ADDRESS)
    answers: dict[str, set[int]] = defaultdict(set)

    def send(case: schemathesis.Case) -> None:
        sent = case.as_transport_kwargs(base_url=ADDRESS)
        path = case.operation.path
        who = "key:gate" if "/door" in path else "key:ingest" if path.startswith("/v1/") else "everywhere"
        who = "key:break_glass" if path.endswith("/break-glass") else who
        sent["headers"] = {**sent["headers"], **house.headers[who]}
        sent |= {"cookies": None, "content": sent.pop("data", None)}
        answers[case.operation.label].add(client.request(**sent).status_code)

    # Signing out would end the session that all the others need.
    described = schemathesis.openapi.from_dict(unlocked(client.get("/api/v1/openapi.json").json()))
    found = list(described.exclude(operation_id="sign_out").get_all_operations())
    every = [one.ok() for one in found if isinstance(one, Ok)]
    assert len(every) == len(found)
    taking = [one for one in every if {"parameters", "requestBody"} & set(one.definition.raw)]
    # A pushed body may be any bytes at all, so nothing can be sent that the description forbids.
    anything = RAW_BODIES if mode is GenerationMode.NEGATIVE else set()
    taking = [one for one in taking if one.definition.raw["operationId"] not in anything]
    for operation in taking:
        LIMITED(given(operation.as_strategy(generation_mode=mode))(send))()
    assert {label: seen for label, seen in answers.items() if max(seen) >= 500} == {}
    assert set(answers) == {operation.label for operation in taking}
    assert len(answers) >= 18


def unlocked(description: dict) -> dict:
    """Give a description without its locks: the requests carry a session that opens them all."""
    bare = copy.deepcopy(description)
    del bare["components"]["securitySchemes"]
    for operation in operations(bare):
        del operation["security"]
    return bare
