"""The JSON API over a furnished house: what is listed page by page, and what is written, with its line in the audit."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from evalgate.core.records import verify_record
from evalgate.store.database import Database
from tests.web.scenes import House, with_decision, with_run

LETTERS = "bcdefghi"


@pytest.fixture(params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest) -> House:
    """The furnished house, on either database."""
    found: House = request.getfixturevalue(f"{request.param}_house")
    return found


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect the statements that the block sends to a database."""
    sent: list[str] = []

    def note(_1: object, _2: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def test_runs_come_page_by_page_the_newest_first_and_each_once(home: House) -> None:
    made = [home.run, *(with_run(home.service.store, letter) for letter in LETTERS)]
    client, pages, after = home.as_("key:read"), [], ""
    for _ in range(5):
        page = client.get(f"/api/v1/runs?limit=2{after}").json()
        pages.append([run["id"] for run in page["runs"]])
        after = f"&after={page['after']}"
    assert [len(page) for page in pages] == [2, 2, 2, 2, 1]
    assert [run for ids in pages for run in ids] == list(reversed(made))
    assert page["after"] is None


def test_a_run_stored_while_somebody_pages_moves_nothing(home: House) -> None:
    for letter in LETTERS:
        with_run(home.service.store, letter)
    client = home.as_("key:read")
    first = client.get("/api/v1/runs?limit=4").json()
    with_run(home.service.store, "0")
    second = client.get(f"/api/v1/runs?limit=200&after={first['after']}").json()
    ids = [run["id"] for run in first["runs"] + second["runs"]]
    assert len(ids) == len(set(ids)) == 9


def test_runs_and_decisions_are_filtered_by_suite(home: House) -> None:
    run = with_run(home.service.store, "b", "sales")
    name = with_decision(home.service.store, run, "sales", "fail")
    client = home.as_("key:read")
    assert [r["id"] for r in client.get("/api/v1/runs?suite=sales").json()["runs"]] == [run]
    assert [d["id"] for d in client.get("/api/v1/decisions?suite=sales").json()["decisions"]] == [name]
    assert client.get("/api/v1/runs?suite=none").json() == {"runs": [], "after": None}


@pytest.mark.parametrize("after", ["x", "WzEsMl0", "bnVsbA", "é", "W10="], ids=repr)
@pytest.mark.parametrize("noun", ["runs", "decisions"])
def test_a_cursor_we_did_not_write_is_refused_in_one_line(home: House, noun: str, after: str) -> None:
    answer = home.as_("key:read").get(f"/api/v1/{noun}", params={"after": after})
    assert answer.status_code == 400
    assert "no cursor of ours" in answer.json()["error"]["what"]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many"])
def test_a_page_has_its_limits(home: House, limit: str) -> None:
    answer = home.as_("key:read").get(f"/api/v1/runs?limit={limit}")
    assert (answer.status_code, answer.json()["error"]["where"]) == (422, "query.limit")


def test_a_run_is_found_by_its_first_digits_and_a_missing_one_is_404(home: House) -> None:
    client = home.as_("key:gate")
    seen = client.get(f"/api/v1/runs/{home.run[:6]}").json()
    assert (seen["id"], seen["suite"], seen["samples"], seen["finished"]) == (home.run, "support", 3, True)
    missing = client.get("/api/v1/runs/nothing")
    assert (missing.status_code, missing.json()["error"]["what"]) == (404, "run 'nothing' is not here")
    assert home.service.store.place not in missing.text


def test_samples_come_in_order_with_what_every_check_said(home: House) -> None:
    run = with_run(home.service.store, "b", samples=5)
    client = home.as_("maintainer")
    first = client.get(f"/api/v1/runs/{run}/samples?limit=3").json()
    rest = client.get(f"/api/v1/runs/{run}/samples?limit=3&after={first['after']}").json()
    samples = first["samples"] + rest["samples"]
    assert [sample["case"]["id"] for sample in samples] == [f"case-{n}" for n in range(5)]
    assert [o["check"]["name"] for o in samples[4]["outcomes"]] == ["no_pii", "answers"]
    assert (samples[0]["output"]["text"], rest["after"]) == ("Tres días.", None)


def test_a_record_comes_byte_for_byte_and_only_when_it_is_not_held_already(home: House) -> None:
    client = home.as_("auditor")
    record = client.get(f"/api/v1/decisions/{home.decision}/record")
    tag = record.headers["etag"]
    assert tag == f'"{hashlib.sha256(record.content).hexdigest()}"'
    assert verify_record(record.content).name == home.decision
    again = client.get(f"/api/v1/decisions/{home.decision}/record", headers={"If-None-Match": f'"x", W/{tag}'})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert record.headers["cache-control"] == "private, no-cache"


def test_suites_are_listed_with_their_latest_decision(home: House) -> None:
    store = home.service.store
    with_run(store, "b", "sales")
    latest = with_decision(store, with_run(store, "c"), "support", "fail")
    seen = home.as_("key:read").get("/api/v1/suites").json()["suites"]
    assert [(suite["name"], (suite["latest"] or {}).get("id")) for suite in seen] == [
        ("sales", None),
        ("support", latest),
    ]


def test_a_maintainer_accepts_a_run_that_passed_and_the_audit_says_so(home: House) -> None:
    run = with_run(home.service.store, "b")
    with_decision(home.service.store, run)
    answer = home.as_("maintainer").post("/api/v1/baselines/support/main", json={"run": run})
    assert (answer.status_code, answer.json()["accepted_by"]) == (201, "maintainer")
    assert home.service.store.baselines.current("support", "main") == run
    history = home.as_("auditor").get("/api/v1/baselines/support/main").json()["baselines"]
    assert [entry["run_id"] for entry in history] == [run, home.run]
    [entry, *_] = home.as_("auditor").get("/api/v1/audit").json()["entries"]
    assert (entry["actor"], entry["action"], entry["subject"], entry["detail"]) == (
        "user:maintainer",
        "baseline.accepted",
        "support/main",
        {"run": run},
    )


def test_a_run_that_has_not_passed_needs_a_reason(home: House) -> None:
    run = with_run(home.service.store, "b")
    client = home.as_("maintainer")
    refused = client.post("/api/v1/baselines/support/main", json={"run": run})
    assert (refused.status_code, refused.json()["error"]["do"]) == (
        409,
        "accept a run that passed, or say why in `reason`",
    )
    accepted = client.post("/api/v1/baselines/support/main", json={"run": run, "reason": "known and agreed"})
    assert accepted.status_code == 201


def test_a_run_of_another_suite_is_no_baseline_of_this_one(home: House) -> None:
    run = with_run(home.service.store, "b", "sales")
    answer = home.as_("maintainer").post("/api/v1/baselines/support/main", json={"run": run, "reason": "x"})
    assert (answer.status_code, answer.json()["error"]["where"]) == (409, "suite")


def test_what_fails_halfway_leaves_nothing_behind(home: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_1: object, **_2: object) -> None:
        raise RuntimeError("the audit cannot be written")

    monkeypatch.setattr(type(home.service.audit), "add", full)
    run = with_run(home.service.store, "b")
    answer = home.as_("maintainer").post("/api/v1/baselines/support/main", json={"run": run, "reason": "x"})
    assert answer.status_code == 500
    assert home.service.store.baselines.current("support", "main") == home.run


def test_a_keys_token_is_shown_once_and_opens_until_it_is_revoked(home: House) -> None:
    admin = home.as_("admin")
    made = admin.post("/api/v1/keys", json={"name": "shop", "scopes": ["read"], "days": 1}).json()
    key = home.as_("anonymous")
    bearer = {"Authorization": f"Bearer {made['token']}"}
    assert key.get("/api/v1/runs", headers=bearer).status_code == 200
    listed = admin.get("/api/v1/keys")
    assert made["token"].split("_")[2] not in listed.text
    assert admin.delete(f"/api/v1/keys/{made['key']['id']}").status_code == 204
    assert key.get("/api/v1/runs", headers=bearer).status_code == 401


@pytest.mark.parametrize(
    "wanted",
    [
        {"name": "k", "scopes": []},
        {"name": "k", "scopes": ["everything"]},
        {"name": "", "scopes": ["read"]},
        {"name": "k", "scopes": ["read"], "days": 100_000},
        {"name": "k", "scopes": ["read"], "project": 2},
    ],
    ids=str,
)
def test_a_key_that_asks_for_too_much_is_refused(home: House, wanted: dict[str, object]) -> None:
    assert home.as_("admin").post("/api/v1/keys", json=wanted).status_code == 422


def test_an_admin_sets_the_role_of_somebody_who_is_here(home: House) -> None:
    admin = home.as_("admin")
    answer = admin.put("/api/v1/members/reviewer", json={"role": "maintainer"})
    assert (answer.status_code, answer.json()["role"]) == (200, "maintainer")
    assert home.as_("reviewer").get("/api/v1/runs").status_code == 200
    assert admin.put("/api/v1/members/ghost", json={"role": "reviewer"}).status_code == 404
    roles = {member["login"]: member["role"] for member in admin.get("/api/v1/members").json()["members"]}
    assert roles == {"admin": "admin", "auditor": "auditor", "maintainer": "maintainer", "reviewer": "maintainer"}


def test_a_login_is_given_once(home: House) -> None:
    answer = home.as_("everywhere").post("/api/v1/users", json={"login": "Reviewer", "name": "R"})
    assert (answer.status_code, answer.json()["error"]["where"]) == (409, "login")


def test_the_audit_comes_page_by_page_and_its_chain_is_whole(home: House) -> None:
    admin = home.as_("admin")
    for number in range(3):
        admin.post("/api/v1/keys", json={"name": f"k{number}", "scopes": ["read"]})
    first = admin.get("/api/v1/audit?limit=2").json()
    second = admin.get(f"/api/v1/audit?limit=2&after={first['after']}").json()
    numbers = [entry["number"] for entry in first["entries"] + second["entries"]]
    assert (len(numbers), len(set(numbers)), second["after"]) == (3, 3, None)
    assert admin.get("/api/v1/audit/verify").json()["ok"] is True


@pytest.mark.parametrize("path", ["runs", "decisions", "suites", "baselines", "keys", "members", "runs/RUN/samples"])
def test_a_longer_list_takes_no_more_statements(home: House, path: str) -> None:
    store, client = home.service.store, home.as_("admin")
    address = "/api/v1/" + path.replace("RUN", home.run)
    with statements(store.database) as few:
        assert client.get(address).status_code == 200
    for letter in LETTERS:
        run = with_run(store, letter, f"suite-{letter}", samples=2)
        with_decision(store, run, f"suite-{letter}")
        store.baselines.accept("main", run, "admin", "first")
        client.post("/api/v1/keys", json={"name": letter, "scopes": ["read"]})
    more = with_run(store, "0", samples=50)
    with statements(store.database) as many:
        assert client.get(address.replace(home.run, more)).status_code == 200
    assert len(few) == len(many) <= 12
