"""Items whose expected answer is contested: seen by who keeps the project, withdrawn, then nobody's measure."""

from __future__ import annotations

import pytest

from evalgate.core.review import QueueSettings
from tests.web.reading import Read, reader
from tests.web.review_scenes import BAD, GOOD, PLAIN, QUEUE, answered, claimed, filled, let_in
from tests.web.scenes import House

PATH = "/queues/support"
HIDDEN = QueueSettings(**{**PLAIN.model_dump(), "gold_rate": 1})
TRAINING = QueueSettings(**{**PLAIN.model_dump(), "practice": 1})
WHY = "No dice en qué ciudad."


@pytest.fixture(params=["sqlite_house", "postgres_house"])
def desk(request: pytest.FixtureRequest) -> House:
    """Two hidden items that both reviewers answered; bea contests what the first one expects."""
    house: House = request.getfixturevalue(request.param)
    let_in(house)
    filled(house, ("Tres días.", "Una semana."), HIDDEN, reason="gold")
    answered(house.as_("bea"), {**BAD, "contested": True, "comment": WHY})
    answered(house.as_("bea"), GOOD)
    answered(house.as_("rui"), GOOD)
    answered(house.as_("rui"), BAD)
    return house


def gold(house: House) -> dict[str, tuple[int, int, int]]:
    found = house.as_("zoe").get(f"{QUEUE}/agreement").json()["gold"]
    return {one["reviewer"]: (one["right"], one["answered"], one["contested"]) for one in found}


def contested(house: House) -> list[dict]:
    found: list[dict] = house.as_("zoe").get(f"{QUEUE}/agreement").json()["contested"]
    return found


def withdraw(house: House, who: str, item: int) -> int:
    return house.as_(who).delete(f"{QUEUE}/items/{item}/expected").status_code


def test_a_withdrawn_answer_measures_nobody_and_its_item_is_asked_no_more(desk: House) -> None:
    (one,) = contested(desk)
    assert (one["expected"], one["by"], one["why"]) == (GOOD["answers"], {"bea": BAD["answers"]}, {"bea": WHY})
    assert gold(desk) == {"bea": (3, 4, 1), "rui": (3, 4, 0)}
    assert withdraw(desk, "zoe", one["item"]) == 204
    assert contested(desk) == []
    assert gold(desk) == {"bea": (2, 2, 0), "rui": (1, 2, 0)}
    assert desk.as_("zoe").post(f"{QUEUE}/claim").json()["item"]["item"] != one["item"]
    listed = {row["number"]: row for row in desk.as_("zoe").get(f"{QUEUE}/items").json()["items"]}
    assert (listed[one["item"]]["expected"], listed[one["item"]]["state"]) == (None, "removed")
    last = desk.service.audit.list(desk.service.store.project)[-1]
    assert (last.action, last.actor, last.detail["expected"]) == ("item.withdrawn", "user:zoe", GOOD["answers"])


def test_only_who_contested_it_is_told(desk: House) -> None:
    (one,) = contested(desk)
    withdraw(desk, "zoe", one["item"])
    told = {
        who: {mine["item"]: mine["withdrawn"] for mine in desk.as_(who).get(f"{QUEUE}/answers").json()["answers"]}
        for who in ("bea", "rui")
    }
    assert (told["bea"][one["item"]], told["rui"][one["item"]]) == (True, False)
    assert sum(told["bea"].values()) == 1
    said = "You were right to doubt"
    pages = (f"{PATH}/answers", f"{PATH}/answers/{one['item']}")
    assert [said in Read(reader(desk, "bea").get(page)).text for page in pages] == [True, True]
    assert [said in Read(reader(desk, "rui").get(page)).text for page in pages] == [False, False]


def test_an_answer_is_withdrawn_once_and_by_nobody_who_reviews_or_only_reads(desk: House) -> None:
    (one,) = contested(desk)
    before = gold(desk)
    assert [withdraw(desk, who, one["item"]) for who in ("bea", "auditor", "key:read")] == [403, 403, 403]
    assert gold(desk) == before
    assert [withdraw(desk, "zoe", one["item"]) for _ in range(2)] == [204, 409]
    assert withdraw(desk, "zoe", 999_999) == 404


def test_what_was_answered_there_is_neither_changed_nor_taken_back(desk: House) -> None:
    (one,) = contested(desk)
    withdraw(desk, "zoe", one["item"])
    path = f"{QUEUE}/items/{one['item']}/answer"
    assert desk.as_("bea").put(path, json={"given": GOOD}).status_code == 409
    assert desk.as_("bea").delete(path).status_code == 409


def test_the_agreement_page_shows_the_contested_item_and_withdraws_it_by_a_plain_form(desk: House) -> None:
    (one,) = contested(desk)
    maintainer = reader(desk, "zoe")
    page = Read(maintainer.get(f"{PATH}/agreement"))
    assert "answers: Yes, tone: kind" in page.text
    assert WHY in page.text
    form = next(form for form in page.all("form") if "/contested/" in str(form["action"]))
    assert form["action"] == f"{PATH}/contested/{one['item']}"
    assert maintainer.post(str(form["action"])).status_code == 403
    csrf = next(str(field["value"]) for field in page.all("input") if field.get("name") == "csrf")
    sent = maintainer.post(str(form["action"]), data={"csrf": csrf})
    assert (sent.status_code, sent.headers["location"]) == (303, f"{PATH}/agreement?done=withdrawn")
    after = Read(maintainer.get(sent.headers["location"])).text
    assert "The expected answer is withdrawn." in after
    assert WHY not in after


def test_an_auditor_reads_what_is_contested_and_withdraws_nothing(desk: House) -> None:
    page = Read(reader(desk, "auditor").get(f"{PATH}/agreement"))
    assert WHY in page.text
    assert [form for form in page.all("form") if "/contested/" in str(form["action"])] == []


def test_a_contested_practice_item_is_seen_too_and_asked_of_nobody_once_withdrawn(house: House) -> None:
    let_in(house)
    filled(house, ("Tres días.",), TRAINING, reason="practice")
    item, _ = answered(house.as_("bea"), {**BAD, "contested": True})
    assert claimed_or_none(house, "rui") is not None
    assert [one["item"] for one in contested(house)] == [item]
    assert withdraw(house, "zoe", item) == 204
    assert claimed_or_none(house, "zoe") is None
    (mine,) = house.as_("bea").get(f"{QUEUE}/answers").json()["answers"]
    assert (mine["withdrawn"], mine["expected"]) == (True, None)


def claimed_or_none(house: House, who: str) -> dict | None:
    return claimed(house.as_(who))
