"""The queue through the API: two who review, one who decides, and nobody told what they should not know."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from evalgate.core.review import QueueSettings
from tests.web.client import Client
from tests.web.review_scenes import (
    BAD,
    GOOD,
    PLAIN,
    QUEUE,
    RUBRIC,
    SAID,
    answered,
    claimed,
    filled,
    let_in,
)
from tests.web.scenes import House

TEXTS = ("Tres días.", "Una semana.", "No sé.")
PENDING = {"closed": False, "expected": None, "explanation": None}


@pytest.fixture
def desk(house: House) -> House:
    let_in(house)
    filled(house, TEXTS)
    return house


def actions(house: House) -> list[str]:
    return [entry.action for entry in house.service.audit.list(house.service.store.project)]


def test_two_who_agree_close_an_item_and_its_labels_come_out_as_lines(desk: House) -> None:
    bea, rui = desk.as_("bea"), desk.as_("rui")
    item, first = answered(bea, GOOD)
    again, second = answered(rui, GOOD)
    assert (item, first["closed"], second["closed"]) == (again, False, True)
    lines = desk.as_("key:read").get("/api/v1/labels").text.splitlines()
    assert {json.loads(line)["label"] for line in lines} == {"answered", "kind"}
    assert {json.loads(line)["source"] for line in lines} == {"queue:support"}


def test_a_reviewer_is_told_neither_what_judges_and_peers_said_nor_why_they_are_asked(desk: House) -> None:
    answered(desk.as_("bea"), {**GOOD, "comment": "peer's words"})
    handed = claimed(desk.as_("rui"))
    mine = desk.as_("bea").get(f"{QUEUE}/answers").json()["answers"][0]
    text = json.dumps([handed, mine])
    assert SAID not in text
    assert "peer's words" not in json.dumps(handed)
    assert not handed.keys() & {"reason", "expected", "split", "probability", "priority", "case_id"}
    assert (handed["judged"], handed["peers"], mine["judged"], mine["peers"]) == (None, None, None, None)


def test_a_closed_item_tells_its_reviewers_what_the_others_said(desk: House) -> None:
    answered(desk.as_("bea"), GOOD)
    answered(desk.as_("rui"), GOOD)
    mine = desk.as_("bea").get(f"{QUEUE}/answers").json()["answers"][0]
    assert mine["judged"][0]["explanation"] == SAID
    assert mine["peers"] == [GOOD["answers"]]
    assert mine["editable"] is False


def test_items_and_disputes_are_not_for_reviewers(desk: House) -> None:
    bea = desk.as_("bea")
    paths = (f"{QUEUE}/items", f"{QUEUE}/adjudication", "/api/v1/labels", "/api/v1/cards")
    assert [bea.get(path).status_code for path in paths] == [403] * 4
    assert desk.as_("zoe").get(f"{QUEUE}/items").json()["items"][0]["judged"][0]["explanation"] == SAID


def test_no_key_reviews_for_a_person(desk: House) -> None:
    assert [desk.as_(f"key:{scope}").post(f"{QUEUE}/claim").status_code for scope in ("review", "read")] == [403, 403]


def test_who_disagree_are_adjudicated_by_somebody_who_did_not_answer(desk: House) -> None:
    zoe = desk.as_("zoe")
    item, _ = answered(desk.as_("bea"), GOOD)
    answered(desk.as_("rui"), {**BAD, "comment": "no asks"})
    disputed = zoe.get(f"{QUEUE}/adjudication").json()["items"]
    assert [one["item"] for one in disputed] == [item]
    assert [one["answers"]["answers"] for one in disputed[0]["answers"]] == ["answered", "not_answered"]
    assert zoe.post(f"{QUEUE}/items/{item}/adjudication", json={**GOOD, "comment": "yes"}).status_code == 200
    assert zoe.get(f"{QUEUE}/progress").json()["closed"] == 1
    assert zoe.post(f"{QUEUE}/items/{item}/adjudication", json=GOOD).status_code == 409
    assert "item.adjudicated" in actions(desk)


def test_who_answered_an_item_does_not_decide_it(desk: House) -> None:
    item, _ = answered(desk.as_("zoe"), GOOD)
    answered(desk.as_("bea"), BAD)
    refused = desk.as_("zoe").post(f"{QUEUE}/items/{item}/adjudication", json=GOOD)
    assert (refused.status_code, refused.json()["error"]["what"]) == (409, "you answered this item yourself")


def test_an_answer_that_comes_too_late_comes_back_whole(desk: House) -> None:
    bea = desk.as_("bea")
    late = claimed(bea)
    held = {"slot": late["slot"], "token": late["token"]}
    assert bea.post(f"{QUEUE}/items/{late['item']}/release", json=held).status_code == 204
    answered(desk.as_("rui"), GOOD)
    answered(desk.as_("zoe"), GOOD)
    sent = {**held, "given": {**GOOD, "comment": "long thought"}}
    refused = bea.post(f"{QUEUE}/items/{late['item']}/answer", json=sent)
    assert refused.status_code == 409
    assert (refused.json()["too_late"], refused.json()["given"]["comment"]) == (late["item"], "long thought")


def test_an_answer_is_edited_and_taken_back_while_its_item_is_open(desk: House) -> None:
    bea = desk.as_("bea")
    item, _ = answered(bea, GOOD)
    path = f"{QUEUE}/items/{item}/answer"
    assert bea.put(path, json={"given": {**BAD, "contested": True}}).status_code == 204
    assert bea.get(f"{QUEUE}/answers").json()["answers"][0]["given"]["contested"] is True
    assert bea.delete(path).json()["item"] == item
    assert bea.get(f"{QUEUE}/answers").json()["answers"] == []


def test_a_closed_answer_stays(desk: House) -> None:
    item, _ = answered(desk.as_("bea"), GOOD)
    answered(desk.as_("rui"), GOOD)
    assert desk.as_("bea").put(f"{QUEUE}/items/{item}/answer", json={"given": BAD}).status_code == 409
    assert desk.as_("bea").delete(f"{QUEUE}/items/{item}/answer").status_code == 409


def test_what_is_skipped_is_not_asked_again(desk: House) -> None:
    bea = desk.as_("bea")
    first = claimed(bea)["item"]
    assert bea.post(f"{QUEUE}/items/{first}/skip", json={"reason": "affects_me"}).status_code == 204
    assert claimed(bea)["item"] != first


def test_a_heartbeat_says_whether_the_item_is_still_ones_own(desk: House) -> None:
    bea = desk.as_("bea")
    item = claimed(bea)
    path, held = f"{QUEUE}/items/{item['item']}/heartbeat", {"slot": item["slot"], "token": item["token"]}
    assert bea.post(path, json=held).json() == {"kept": True}
    assert bea.post(path, json={**held, "token": 99}).json() == {"kept": False}
    assert desk.as_("rui").post(path, json=held).json() == {"kept": False}


def test_a_reveal_is_for_who_has_the_item_open_and_is_written_down(desk: House) -> None:
    bea = desk.as_("bea")
    item = claimed(bea)
    path, held = f"{QUEUE}/items/{item['item']}/reveal", {"slot": item["slot"], "token": item["token"]}
    assert desk.as_("rui").post(path, json=held).status_code == 409
    assert bea.post(path, json=held).json()["judged"][0]["explanation"] == SAID
    assert actions(desk).count("item.revealed") == 1
    answered(bea, GOOD)
    answered(desk.as_("rui"), GOOD)
    lines = desk.as_("zoe").get("/api/v1/labels").text.splitlines()
    assert {json.loads(line)["blind"] for line in lines} == {False}


def test_practice_tells_afterwards_what_was_expected_and_gold_never_does(house: House) -> None:
    let_in(house)
    filled(house, ("Tres días.",), QueueSettings(practice=1, gold_rate=0), reason="practice")
    bea = house.as_("bea")
    assert claimed(bea)["practice"] is True
    _, said = answered(bea, BAD)
    assert (said["expected"], said["explanation"]) == (GOOD["answers"], "It names the days.")


def test_gold_looks_like_any_other_item(house: House) -> None:
    let_in(house)
    filled(house, ("Tres días.",), QueueSettings(practice=0, gold_rate=1), reason="gold")
    bea = house.as_("bea")
    assert claimed(bea)["practice"] is False
    _, said = answered(bea, BAD)
    mine = bea.get(f"{QUEUE}/answers").json()["answers"][0]
    assert (said["expected"], mine["expected"], mine["explanation"]) == (None, None, None)


def test_a_category_that_somebody_avoids_is_not_handed_to_them(house: House) -> None:
    let_in(house)
    filled(house, ("Texto.",), harm="violence")
    assert house.as_("bea").put("/api/v1/queues-avoided", json={"categories": ["violence"]}).status_code == 200
    assert claimed(house.as_("rui"))["harm"] == "violence"
    assert house.as_("bea").post(f"{QUEUE}/claim").json() == {"item": None}


def test_a_queue_is_made_filled_settled_and_closed_by_who_keeps_the_project(house: House) -> None:
    let_in(house)
    zoe = house.as_("zoe")
    made = zoe.post("/api/v1/queues", json={"name": "support", "rubric": RUBRIC.model_dump(mode="json")})
    assert (made.status_code, made.json()["progress"]["open"]) == (201, 0)
    items = [{"run": house.run, "position": position} for position in (0, 1)]
    assert zoe.post(f"{QUEUE}/items", json={"items": items}).json() == {"added": 2}
    assert zoe.post(f"{QUEUE}/items", json={"items": items}).json() == {"added": 0}
    gold = {"run": house.run, "position": 2, "reason": "gold", "expected": GOOD["answers"]}
    assert zoe.post(f"{QUEUE}/items", json={"items": [gold]}).json() == {"added": 1}
    listed = zoe.get(f"{QUEUE}/items").json()["items"]
    assert [(one["language"], one["reason"]) for one in listed] == [("es", "chosen"), ("es", "chosen"), ("es", "gold")]
    changed = zoe.put(f"{QUEUE}/settings", json={"settings": {"reviews_required": 3}})
    assert changed.json()["settings"]["reviews_required"] == 3
    assert zoe.delete(f"{QUEUE}/items/{listed[0]['number']}").status_code == 204
    assert zoe.get(f"{QUEUE}/progress").json() == {"open": 2, "adjudicating": 0, "closed": 0, "removed": 1}
    assert zoe.put(f"{QUEUE}/state", json={"state": "closed"}).json()["state"] == "closed"
    assert house.as_("bea").post(f"{QUEUE}/claim").json() == {"item": None}
    done = ["queue.created", "queue.filled", "queue.settings", "item.removed", "queue.closed"]
    assert [one for one in reversed(actions(house)) if one in done] == [
        "queue.created",
        *["queue.filled"] * 3,
        "queue.settings",
        "item.removed",
        "queue.closed",
    ]


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"position": 9}, "has no sample 9"),
        ({"run": "nowhere"}, "'nowhere' is not here"),
        ({"reason": "gold"}, "expects a label of every criterion"),
        ({"expected": {"answers": "answered"}}, "only gold and practice items expect an answer"),
        ({"reason": "gold", "expected": {"answers": "maybe", "tone": "kind"}}, "'maybe' is no label of 'answers'"),
    ],
)
def test_what_cannot_be_put_into_a_queue_is_refused_in_one_line(desk: House, item: dict, said: str) -> None:
    wanted = {"run": desk.run, "position": 0, **item}
    refused = desk.as_("zoe").post(f"{QUEUE}/items", json={"items": [wanted]})
    assert refused.status_code in {404, 422}
    assert said in refused.json()["error"]["what"]


def test_a_name_that_is_taken_and_a_rubric_that_tells_nothing_apart_are_refused(desk: House) -> None:
    zoe = desk.as_("zoe")
    body: dict[str, Any] = {"name": "support", "rubric": RUBRIC.model_dump(mode="json")}
    assert zoe.post("/api/v1/queues", json=body).status_code == 409
    body["rubric"]["criteria"]["tone"]["labels"]["rude"]["value"] = 1.0
    assert zoe.post("/api/v1/queues", json={**body, "name": "other"}).status_code == 400


def test_another_project_does_not_see_the_queue(desk: House) -> None:
    other = desk.as_("other")
    item = claimed(desk.as_("bea"))["item"]
    assert other.get("/api/v1/queues").json() == {"queues": []}
    assert other.post(f"{QUEUE}/claim").status_code == 404
    assert other.post(f"{QUEUE}/items/{item}/heartbeat", json={"slot": 1, "token": 1}).status_code == 404


def test_labels_from_elsewhere_are_kept_in_the_split_of_their_sample(desk: House) -> None:
    label = {"check": "answers", "sample_digest": "0" * 31 + "1", "case_id": "c", "value": 1.0, "label": "answered"}
    given = {"source": "vendor", "labels": [label]}
    zoe = desk.as_("zoe")
    assert [zoe.post("/api/v1/labels", json=given).json() for _ in range(2)] == [{"kept": 1}] * 2
    lines = [json.loads(line) for line in zoe.get("/api/v1/labels?check=answers").text.splitlines()]
    assert [(one["source"], one["split"], one["basis"]) for one in lines] == [("import:vendor", "dev", "imported")]
    assert zoe.get("/api/v1/labels?check=other").text == ""
    assert actions(desk).count("labels.imported") == 2
    assert zoe.get("/api/v1/cards").json() == {"cards": []}


def test_my_answers_come_by_page(desk: House) -> None:
    bea = desk.as_("bea")
    numbers = [answered(bea, GOOD)[0] for _ in TEXTS]
    first = bea.get(f"{QUEUE}/answers?limit=2").json()
    second = bea.get(f"{QUEUE}/answers?limit=2&before={first['before']}").json()
    seen = [one["item"] for page in (first, second) for one in page["answers"]]
    assert (seen, second["before"]) == (numbers[::-1], None)


def test_a_lease_that_ended_is_told(house: House) -> None:
    let_in(house)
    filled(house, ("Tres días.",), QueueSettings(**{**PLAIN.model_dump(), "lease_s": 30, "reviews_required": 1}))
    bea, rui = house.as_("bea"), house.as_("rui")
    item = claimed(bea)
    start = house.service.store.database.clock()
    house.service.store.database.clock = lambda: start + timedelta(seconds=31)
    assert claimed(rui)["item"] == item["item"]
    held = {"slot": item["slot"], "token": item["token"]}
    assert bea.post(f"{QUEUE}/items/{item['item']}/heartbeat", json=held).json() == {"kept": False}
    sent = {**held, "given": GOOD}
    assert bea.post(f"{QUEUE}/items/{item['item']}/answer", json=sent).status_code == 409


def test_who_reviews_sees_how_far_they_are(desk: House) -> None:
    bea: Client = desk.as_("bea")
    answered(bea, GOOD)
    assert bea.get("/api/v1/queues").json()["queues"][0]["mine"] == {"done": 1, "waiting": 2}


def test_by_value_what_is_worth_most_comes_first(house: House) -> None:
    let_in(house)
    zoe = house.as_("zoe")
    made = {"name": "support", "rubric": RUBRIC.model_dump(mode="json"), "settings": {"order": "value", "practice": 0}}
    assert zoe.post("/api/v1/queues", json=made).status_code == 201
    worth = {0: 0.2, 1: 2.5, 2: 0.9}
    items = [{"run": house.run, "position": position, "priority": value} for position, value in worth.items()]
    assert zoe.post(f"{QUEUE}/items", json={"items": items}).json() == {"added": 3}
    priorities = {one["number"]: one["priority"] for one in zoe.get(f"{QUEUE}/items").json()["items"]}
    assert [priorities[answered(house.as_("bea"), GOOD)[0]] for _ in items] == [2.5, 0.9, 0.2]


def test_where_two_disagree_a_third_person_is_asked_and_closes_the_item(house: House) -> None:
    let_in(house)
    filled(house, ("Tres días.",), PLAIN.model_copy(update={"max_extra": 1}))
    zoe = house.as_("zoe")
    item, _ = answered(house.as_("bea"), GOOD)
    assert answered(house.as_("rui"), BAD) == (item, {**PENDING, "review": 2, "item": item})
    assert zoe.get(f"{QUEUE}/progress").json() == {"open": 1, "adjudicating": 0, "closed": 0, "removed": 0}
    assert zoe.get(f"{QUEUE}/items").json()["items"][0]["slots"] == 3
    third, said = answered(zoe, GOOD)
    assert (third, said["closed"]) == (item, True)
    labels = [json.loads(line) for line in zoe.get("/api/v1/labels").text.splitlines()]
    assert [(one["label"], one["people"], one["basis"]) for one in labels] == [
        ("answered", 2, "agreed"),
        ("kind", 3, "agreed"),
    ]
    assert zoe.get(f"{QUEUE}/adjudication").json()["items"] == []


def test_three_practice_items_come_first_however_many_there_are(house: House) -> None:
    let_in(house)
    filled(house, ("Uno.", "Dos.", "Tres.", "Cuatro."), QueueSettings(gold_rate=0), reason="practice")
    zoe = house.as_("zoe")
    items = [{"run": house.run, "position": position} for position in (0, 1)]
    assert zoe.post(f"{QUEUE}/items", json={"items": items}).json() == {"added": 2}
    for who in ("bea", "rui"):
        handed = []
        for _ in range(5):
            handed.append(claimed(house.as_(who))["practice"])
            answered(house.as_(who), GOOD)
        assert handed == [True, True, True, False, False]
        assert house.as_(who).post(f"{QUEUE}/claim").json() == {"item": None}
    assert zoe.get(f"{QUEUE}/progress").json()["closed"] == 2


def test_what_is_asked_can_change_while_there_is_no_item_and_then_stays(house: House) -> None:
    let_in(house)
    zoe = house.as_("zoe")
    rubric = RUBRIC.model_dump(mode="json")
    assert zoe.post("/api/v1/queues", json={"name": "support", "rubric": rubric}).status_code == 201
    other = {**rubric, "version": "2"}
    assert zoe.put(f"{QUEUE}/rubric", json={"rubric": other}).json()["rubric"]["version"] == "2"
    zoe.post(f"{QUEUE}/items", json={"items": [{"run": house.run, "position": 0}]})
    refused = zoe.put(f"{QUEUE}/rubric", json={"rubric": rubric})
    assert refused.status_code == 409
    assert refused.json()["error"]["what"] == "queue 'support' holds items, so its rubric stays"
    assert zoe.get(QUEUE).json()["rubric"]["version"] == "2"
    assert zoe.put(f"{QUEUE}/rubric", json={"rubric": other}).status_code == 200
    assert house.as_("bea").put(f"{QUEUE}/rubric", json={"rubric": other}).status_code == 403
