"""Queues made, filled, paused and furnished with known items without a shell: over the API and by plain forms."""

from __future__ import annotations

import re

import httpx
import orjson
import pytest

from evalgate.review.filling import fill
from evalgate.review.rules import rule_of
from tests.web.reading import Read, csrf, reader
from tests.web.review_scenes import BAD, GOOD, PLAIN, RUBRIC, answered, let_in
from tests.web.scenes import House

QUEUE = "/api/v1/queues/support"
SETTINGS = {
    "reviews_required": "3",
    "max_extra": "1",
    "agreement_threshold": "0,8",
    "gold_rate": "0",
    "practice": "0",
    "lease_s": "600",
    "order": "value",
    "blind_judge": "1",
}


@pytest.fixture(params=["sqlite", "postgres"])
def home(request: pytest.FixtureRequest) -> House:
    """A house with an empty queue, on either database."""
    found: House = request.getfixturevalue(f"{request.param}_house")
    found.service.store.queues.create("support", RUBRIC, PLAIN, "user:zoe")
    return found


@pytest.fixture
def desk(house: House) -> House:
    let_in(house)
    house.service.store.queues.create("support", RUBRIC, PLAIN, "user:zoe")
    return house


def send(house: House, path: str, who: str = "maintainer", **sent: str) -> httpx.Response:
    return reader(house, who).post(path, data={"csrf": csrf(house, who), **sent})


def test_the_api_fills_as_the_command_does_and_only_once(home: House) -> None:
    store = home.service.store
    other = store.queues.create("other", RUBRIC, PLAIN, "user:zoe")
    wanted = {"run": home.run[:8], "rules": ["random:0.9", "chosen:c1"]}
    client = home.as_("maintainer")
    preview = client.post(f"{QUEUE}/fill/preview", json=wanted).json()
    first, again = (client.post(f"{QUEUE}/fill", json=wanted).json() for _ in range(2))
    by_command = fill(store, other, home.run, [rule_of(text) for text in wanted["rules"]])
    assert first == by_command._asdict()
    assert (preview["taken"], preview["added"], first["added"]) == (first["taken"], first["added"], first["added"])
    assert (first["added"] > 0, again["added"]) == (True, 0)
    facts = [
        [(one.sample_digest, one.probability, one.reason) for one in store.items.page(queue.number)]
        for queue in (store.queues.get("support"), other)
    ]
    assert facts[0] == facts[1]


def test_a_preview_counts_for_each_rule_and_puts_nothing_in(desk: House) -> None:
    wanted = {"run": desk.run, "rules": ["random:1", "chosen:nobody"]}
    seen = desk.as_("maintainer").post(f"{QUEUE}/fill/preview", json=wanted).json()
    assert seen == {"read": 3, "by_rule": [3, 0], "taken": 3, "added": 3}
    assert desk.as_("maintainer").get(f"{QUEUE}/items").json()["items"] == []


@pytest.mark.parametrize(
    ("change", "status", "where"),
    [
        ({"rules": ["random:1", "randum:1"]}, 422, "rules.1"),
        ({"rules": ["unknown:nothing"]}, 422, "rules"),
        ({"rules": ["flips:answers,beef"]}, 422, "rules"),
        ({"run": "beef"}, 404, "run"),
    ],
)
def test_what_cannot_be_filled_is_said_and_no_place_of_ours_is_told(desk, change, status, where) -> None:
    wanted = {"run": desk.run, "rules": ["random:1"], **change}
    answer = desk.as_("maintainer").post(f"{QUEUE}/fill", json=wanted)
    assert (answer.status_code, answer.json()["error"]["where"]) == (status, where)
    assert ".db" not in answer.text


def test_a_queue_is_made_by_a_form_with_a_rubric_file(desk: House) -> None:
    data = {"csrf": csrf(desk, "maintainer"), "name": "Café & té", **SETTINGS}
    files = {"file": ("rubric.yaml", orjson.dumps(RUBRIC.model_dump(mode="json")))}
    answer = reader(desk, "maintainer").post("/queues/new", data=data, files=files)
    assert answer.headers["location"] == "/queues/Caf%C3%A9%20%26%20t%C3%A9/fill?done=queue_made"
    made = desk.service.store.queues.get("Café & té")
    told = made.settings
    assert made.rubric == RUBRIC
    assert (told.reviews_required, told.agreement_threshold, told.order, told.blind_judge, told.blind_peers) == (
        3,
        0.8,
        "value",
        True,
        False,
    )


def test_a_wrong_form_says_so_beside_each_field_and_loses_nothing(desk: House) -> None:
    files = {"file": ("rubric.yaml", b"name: typed with care\ncriteria: 3\n")}
    data = {"csrf": csrf(desk, "maintainer"), "name": "a/b", **SETTINGS, "practice": "99"}
    answer = reader(desk, "maintainer", "pt").post("/queues/new", data=data, files=files)
    page = Read(answer)
    assert (answer.status_code, page.open) == (422, [])
    wrong = {one["name"] for tag in ("input", "textarea") for one in page.all(tag) if "aria-invalid" in one}
    assert wrong == {"name", "practice", "rubric"}
    assert "typed with care" in answer.text
    assert [one["value"] for one in page.all("input") if one.get("name") in {"name", "practice"}] == ["a/b", "99"]


def test_a_name_that_is_taken_is_told_beside_it(desk: House) -> None:
    answer = send(desk, "/queues/new", name="support", like="support", **SETTINGS)
    assert (answer.status_code, "There is a queue of this name already." in answer.text) == (422, True)


def test_a_form_previews_then_fills(desk: House) -> None:
    ticked = {"run": desk.run, "random": "1", "random.p": "1", "chosen": "1", "chosen.cases": "nobody"}
    preview = send(desk, "/queues/support/fill", do="preview", **ticked)
    page = Read(preview)
    assert (preview.status_code, page.open) == (200, [])
    assert "3 new items: 3 taken of 3 samples." in page.text
    assert [one["name"] for one in page.all("input") if "checked" in one] == ["random", "chosen"]
    assert desk.service.store.queues.progress() == {}
    done = send(desk, "/queues/support/fill", do="fill", **ticked)
    assert done.headers["location"] == "/queues/support/settings?done=queue_filled"
    assert [one.open for one in desk.service.store.queues.progress().values()] == [3]


def test_a_rule_that_cannot_be_used_is_told_beside_it(desk: House) -> None:
    answer = send(desk, "/queues/support/fill", run=desk.run, random="1", **{"random.p": "7"}, do="fill")
    page = Read(answer)
    assert answer.status_code == 422
    assert [one["name"] for one in page.all("input") if "aria-invalid" in one] == ["random"]
    assert [one["value"] for one in page.all("input") if one.get("name") == "random.p"] == ["7"]
    assert "Tick at least one rule." in send(desk, "/queues/support/fill", run=desk.run).text


def test_a_queue_is_changed_paused_and_opened_by_forms(desk: House) -> None:
    queues = desk.service.store.queues
    send(desk, "/queues/support/settings", **SETTINGS)
    assert queues.get("support").settings.reviews_required == 3
    send(desk, "/queues/support/state", state="closed")
    assert queues.get("support").state == "closed"
    send(desk, "/queues/support/state", state="open")
    assert queues.get("support").state == "open"
    refused = send(desk, "/queues/support/settings", **{**SETTINGS, "lease_s": "soon"})
    assert (refused.status_code, 'value="soon"' in refused.text) == (422, True)


def test_the_rubric_changes_until_the_queue_holds_an_item(desk: House) -> None:
    client = desk.as_("maintainer")
    other = {**RUBRIC.model_dump(mode="json"), "version": "2"}
    assert client.put(f"{QUEUE}/rubric", json={"rubric": other}).json()["rubric"]["version"] == "2"
    client.post(f"{QUEUE}/fill", json={"run": desk.run, "rules": ["random:1"]})
    assert client.put(f"{QUEUE}/rubric", json={"rubric": {**other, "version": "3"}}).status_code == 409


@pytest.mark.parametrize("kind", ["gold", "practice"])
def test_an_item_whose_answer_is_known_is_put_in_by_a_form(desk: House, kind: str) -> None:
    store = desk.service.store
    case = next(store.runs.stream(desk.run)).sample.case.id
    known = {"expected.answers": "answered", "expected.tone": "kind", "explanation": "It says so."}
    done = send(desk, "/queues/support/known", run=desk.run, case=case, kind=kind, **known)
    assert done.headers["location"].endswith("done=known_added")
    [item] = store.items.page(store.queues.get("support").number)
    assert (item.reason, item.expected, item.explanation) == (
        kind,
        {"answers": "answered", "tone": "kind"},
        "It says so.",
    )
    half = send(desk, "/queues/support/known", run=desk.run, case="nobody", kind=kind, explanation="kept")
    wrong = {one["name"] for tag in ("input", "select") for one in Read(half).all(tag) if "aria-invalid" in one}
    assert (half.status_code, wrong) == (422, {"case", "expected.answers", "expected.tone"})
    assert "kept</textarea>" in half.text


def test_what_people_agree_on_is_promoted_with_where_it_came_from_and_the_rest_counted(desk: House) -> None:
    keeper = desk.as_("maintainer")
    keeper.post(f"{QUEUE}/fill", json={"run": desk.run, "rules": ["random:1"]})
    for given in (GOOD, BAD):
        numbers = [answered(desk.as_(who), given)[0] for who in ("bea", "rui")]
        assert len(numbers) == 2
    done = keeper.post(f"{QUEUE}/promotion", json={"suite": "gold"}).json()
    assert done["added"] + done["known"] + done["personal"] + done["unsure"] == 2
    again = keeper.post(f"{QUEUE}/promotion", json={"suite": "gold"}).json()
    assert again["added"] == 0
    cases = keeper.get("/api/v1/gold-cases", params={"suite": "gold"}).json()["cases"]
    assert [(one["origin"]["queue"], one["origin"]["run"], one["promoted_by"]) for one in cases] == [
        ("support", desk.run, "user:maintainer")
    ] * done["added"]
    lines = keeper.get("/api/v1/gold-cases/file", params={"suite": "gold"}).text.splitlines()
    assert (len(lines), "people.answers" in orjson.loads(lines[0])) == (done["added"], True)
    page = send(desk, "/queues/support/promotion", suite="gold")
    assert re.search(r"0 promoted\. Left out: \d known already", page.text)


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("path", ["/queues/new", "/queues/support/fill", "/queues/support/settings"])
def test_the_pages_are_whole_in_each_language_and_closed_to_reviewers(desk: House, path: str, language: str) -> None:
    answer = reader(desk, "maintainer", language).get(path)
    assert (answer.status_code, Read(answer).open) == (200, [])
    assert reader(desk, "reviewer").get(path).status_code == 403
    assert reader(desk, "auditor").get(path).status_code == 403


@pytest.mark.parametrize(
    "path", ["/queues/new", "/queues/support/fill", "/queues/support/settings", "/queues/support/known"]
)
def test_a_form_that_is_sent_blank_comes_back_with_what_is_missing(desk: House, path: str) -> None:
    answer = send(desk, path)
    assert answer.status_code in {404, 422}
    assert Read(answer).open == []
