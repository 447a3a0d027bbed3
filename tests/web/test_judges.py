"""The pages of judges: measured by people before one's eyes, with what that means for a gate."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from evalgate.core.cards import CalibrationCard
from evalgate.web.pages.judging import state_of
from tests.web.judge_scenes import JUDGE, LATER, PATH, answer, good, judged, lenient, measured, queued
from tests.web.reading import Read, csrf, reader
from tests.web.scenes import House

CARDS = "/api/v1/cards"


def seen(house: House, path: str, who: str = "maintainer", language: str = "en") -> Read:
    page = reader(house, who, language).get(path)
    assert page.status_code == 200, page.text
    read = Read(page)
    read.text = re.sub(r"\s+", " ", read.text)
    return read


def test_a_judge_nobody_measured_is_listed_as_such(house: House) -> None:
    judged(house, 3)
    assert "not measured" in seen(house, "/judges").text
    page = seen(house, PATH).text
    assert "No card is kept, so people have not measured this judge." in page
    assert "0 labels since the card." in page
    assert "Make the card" not in page


def test_the_page_changes_as_reviewers_close_items_and_the_card_when_somebody_makes_it(house: House) -> None:
    queue = queued(house, judged(house, 160))
    answer(house, queue, "ana", good)
    answer(house, queue, "rui", good, most=60)
    before = house.service.store.labels.counts()
    first = seen(house, PATH).text
    made = reader(house, "maintainer").post(PATH, data={"csrf": csrf(house, "maintainer")})
    assert (made.status_code, made.headers["location"]) == (303, f"{PATH}?done=card_made")
    (card,) = house.service.store.cards.newest()
    assert f"{card.n} labels since the card." in first
    assert "0 labels since the card." in seen(house, PATH).text
    answer(house, queue, "rui", good)
    later = seen(house, PATH).text
    tested = sum(one.labels for one in house.service.store.labels.counts() if one.split == "test")
    assert tested > card.n == sum(one.labels for one in before if one.split == "test")
    assert f"{tested - card.n} labels since the card." in later
    assert house.as_("maintainer").post(CARDS, json={"check": "answers"}).status_code == 201
    assert [one.n for one in house.service.store.cards.history("answers", "", JUDGE)] == [tested, card.n]


def test_the_card_says_what_it_means_for_a_gate_and_links_where_judge_and_people_differ(house: House) -> None:
    measured(house)
    assert house.as_("maintainer").post(CARDS, json={"check": "answers"}).status_code == 201
    (card,) = house.service.store.cards.newest()
    read = seen(house, PATH)
    assert state_of(card, card.made_on, superseded=False) == "usable"
    assert "A gate with calibrated: max_age_days 90, agreement 0.6 may count on this judge." in read.text
    assert "counts 90 more days" in read.text
    assert f"The judge passes what people do not: {card.counts.fp:.0f}" in read.text
    assert "The judge refuses what people accept: 0" in read.text
    run = house.service.store.runs.list(limit=1)[0].id
    links = {str(link["href"]) for link in read.all("a") if str(link["href"]).startswith(f"/runs/{run}/samples")}
    assert len(links) == card.counts.fp > 0
    first = min(links)
    position = int(first.rpartition("=")[2]) + 1
    assert (lenient(position), good(position)) == (True, False)
    assert f"case-{position}" in seen(house, first).text


@pytest.mark.parametrize(
    ("change", "days", "superseded", "state"),
    [
        ({}, 0, False, "usable"),
        ({}, 91, False, "expired"),
        ({}, 0, True, "superseded"),
        ({"max_age_days": 7}, 8, False, "expired"),
    ],
)
def test_a_card_counts_until_it_is_old_or_its_judge_replaced(
    house: House, change: dict[str, int], days: int, superseded: bool, state: str
) -> None:
    measured(house)
    house.as_("maintainer").post(CARDS, json={"check": "answers"})
    card = house.service.store.cards.newest()[0].model_copy(update=change)
    assert state_of(card, card.made_on + timedelta(days=days), superseded=superseded) == state


def test_a_judge_that_sees_nothing_is_too_blind_and_one_with_few_labels_incomplete(house: House) -> None:
    queue = queued(house, judged(house, 160, says=lambda number: number % 4 < 2))
    answer(house, queue, "ana", good, most=30)
    answer(house, queue, "rui", good, most=30)
    house.as_("maintainer").post(CARDS, json={"check": "answers"})
    answer(house, queue, "ana", good)
    answer(house, queue, "rui", good)
    house.as_("maintainer").post(CARDS, json={"check": "answers"})
    cards = house.service.store.cards.history("answers", "", JUDGE)
    assert [state_of(one, one.made_on, superseded=False) for one in cards] == ["blind", "incomplete"]
    assert "too blind" in seen(house, "/judges").text
    assert "No gate counts on what it passes." in seen(house, PATH).text


def test_drift_is_broken_where_the_judge_changed_and_its_card_is_replaced(house: House) -> None:
    measured(house)
    house.as_("maintainer").post(CARDS, json={"check": "answers"})
    alone = seen(house, PATH)
    judged(house, 160, LATER, source="k", says=good)
    house.as_("maintainer").post(CARDS, json={"check": "answers"})
    read = seen(house, PATH)
    assert [line for line in alone.all("line") if line.get("class") == "changed"] == []
    assert len([line for line in read.all("line") if line.get("class") == "changed"]) >= 3
    assert "Another judge does this work now" in read.text
    assert f"/judges/answers/{LATER}" in {link["href"] for link in read.all("a")}
    assert "may count on this judge" in seen(house, f"/judges/answers/{LATER}").text


def test_making_a_card_is_written_into_the_audit_with_what_it_says(house: House) -> None:
    measured(house)
    house.as_("maintainer").post(CARDS, json={"check": "answers"})
    (card,) = house.service.store.cards.newest()
    row = next(one for one in house.service.audit.list(1) if one.action == "card.made")
    assert (row.actor, row.subject) == ("user:maintainer", "metric:answers")
    assert row.detail == {"judge": JUDGE, "card": card.digest, "n": card.n}


def test_the_api_lists_makes_and_tells_the_history_of_cards(house: House) -> None:
    measured(house)
    made = house.as_("maintainer").post(CARDS, json={"check": "answers"}).json()["cards"]
    listed = house.as_("key:read").get(CARDS, params={"check": "answers"}).json()["cards"]
    history = house.as_("auditor").get(f"{CARDS}/history", params={"judge": JUDGE, "criterion": ""}).json()["cards"]
    assert made == listed == [one["card"] for one in history]
    assert CalibrationCard.model_validate(made[0]).judge_digest == JUDGE
    assert house.as_("auditor").get(f"{CARDS}/history", params={"check": "tone"}).json() == {"cards": []}


def test_a_card_without_labels_is_refused_with_what_to_do(house: House) -> None:
    judged(house, 3)
    refused = house.as_("maintainer").post(CARDS, json={"check": "answers"})
    assert refused.status_code == 400
    assert "has no blind label in the split `test`" in refused.json()["error"]["what"]
    assert house.service.store.cards.newest() == ()


@pytest.mark.parametrize("path", ["/judges", PATH, CARDS, f"{CARDS}/history", "/api/v1/queues/weekly/agreement"])
def test_a_reviewer_reads_nothing_of_what_measures_judges(house: House, path: str) -> None:
    queued(house, judged(house, 3))
    assert house.as_("reviewer").get(path).status_code == 403
    assert house.as_("auditor").get(path).status_code == 200


def test_an_auditor_sees_no_button_and_a_form_without_its_token_makes_no_card(house: House) -> None:
    measured(house, 40)
    assert "Make the card" not in seen(house, PATH, "auditor").text
    assert reader(house, "maintainer").post(PATH).status_code == 403
    assert house.service.store.cards.newest() == ()


def test_a_judge_that_is_not_here_is_a_page_that_says_so(house: House) -> None:
    page = reader(house, "maintainer").get("/judges/answers/0000")
    assert page.status_code == 404
    assert "/judges" in page.text


@pytest.mark.parametrize("language", ["en", "es", "pt-BR"])
def test_the_pages_speak_the_readers_language(house: House, language: str) -> None:
    measured(house)
    house.as_("maintainer").post(CARDS, json={"check": "answers"})
    said = {"en": "may count on this judge", "es": "puede basarse en este juez", "pt-BR": "pode se basear neste juiz"}
    assert said[language] in seen(house, PATH, language=language).text


def test_a_run_links_its_judges(house: House) -> None:
    judged(house, 3)
    run = house.service.store.runs.list(limit=1)[0].id
    assert PATH in {link["href"] for link in seen(house, f"/runs/{run}").all("a")}


def test_labels_of_other_splits_are_told_apart_and_stay_off_the_card(house: House) -> None:
    measured(house)
    house.as_("maintainer").post(CARDS, json={"check": "answers"})
    counts = {one.split: one.labels for one in house.service.store.labels.counts()}
    assert set(counts) == {"fewshot", "dev", "test", "control"}
    assert house.service.store.cards.newest()[0].n == counts["test"] < sum(counts.values())
    text = seen(house, PATH).text
    assert [name for name in counts if f"{name} " not in text] == []


def test_another_version_of_the_model_under_the_same_name_is_told(house: House) -> None:
    measured(house, model="gpt-x-2025-06-01")
    text = seen(house, PATH).text
    told = "gpt-x-2026-01-01; the labelled answers were judged by gpt-x-2025-06-01. Measure it again."
    assert told in text


def test_the_version_that_still_answers_is_told_without_a_warning(house: House) -> None:
    measured(house)
    text = seen(house, PATH).text
    assert "Answered by: gpt-x-2026-01-01" in text
    assert "Measure it again" not in text
