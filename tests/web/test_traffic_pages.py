"""The pages of production traffic: every number with its interval, every reason, every break, and what may be done."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import event

from tests.web.reading import Read, csrf, reader
from tests.web.review_scenes import filled, let_in
from tests.web.scenes import House
from tests.web.test_api import statements
from tests.web.traffic_scene import FELL, NEW, OLD, Scene, grown, with_traffic

TREND = "/traffic/support/answers"


@pytest.fixture
def scene(house: House) -> Scene:
    return with_traffic(house.service.store)


def seen(house: House, path: str, who: str = "maintainer", language: str = "en") -> Read:
    answer = reader(house, who, language).get(path)
    assert answer.status_code == 200, answer.text
    read = Read(answer)
    read.text = re.sub(r"\s+", " ", read.text)
    return read


def test_the_overview_says_what_came_in_who_scores_it_and_what_the_newest_window_found(
    house: House, scene: Scene
) -> None:
    read = seen(house, "/traffic")
    assert "at work" in read.text
    assert "Duplicates 31 31Rejected 7 7" in read.text
    assert "All Accepted 1,290 1,290Still partial 2 2Without content 4 4" in read.text
    assert "63.0 % 57.0 % to 68.0 %" in read.text
    assert "70 of 1,200" in read.text
    states = ["Alert", "OK", "Warning", "Unknown", "No data"]
    assert [state for state in states if state not in read.text] == []
    assert f"/traffic/windows/{scene.window}" in {link["href"] for link in read.all("a")}


def test_without_a_worker_the_overview_says_that_nothing_is_scored(house: House) -> None:
    read = seen(house, "/traffic")
    assert "None has ever run" in read.text
    assert "No suite watches production yet" in read.text


def test_the_trend_breaks_where_the_check_changed_and_shows_what_was_not_measured(house: House, scene: Scene) -> None:
    read = seen(house, TREND)
    lines = [path for path in read.all("path") if path.get("class") == "way"]
    assert len(lines) == 3  # until there was no data, until the check changed, and since
    assert len([line for line in read.all("line") if line.get("class") == "changed"]) == 1
    assert f"new check {NEW[:8]}" in read.text
    assert f"{OLD[:8]} → {NEW[:8]}" in read.text
    assert [rect["class"] for rect in read.all("rect")] == ["no_data", "unknown"]
    assert "6 windows have no data. 2 windows are unknown." in read.text
    assert "floor 80 %" in read.text
    below = [group for group in read.all("g") if group.get("class") == "below"]
    assert len(below) == 60 - FELL


def test_the_table_under_the_trend_holds_the_numbers_that_are_drawn(house: House, scene: Scene) -> None:
    read = seen(house, TREND)
    assert "57.0 % to 68.0 %" in read.text
    assert "too few to say" in read.text
    windows = [link for link in read.all("a") if str(link["href"]).startswith("/traffic/windows/")]
    assert len(windows) == 60
    narrow = seen(house, f"{TREND}?range=24h&slice=release%3D2026.11")
    assert "Release: 2026.11" in narrow.text
    assert len([link for link in narrow.all("a") if str(link["href"]).startswith("/traffic/windows/")]) == 24


def test_a_windows_page_accounts_for_everything_with_reasons_and_probabilities(house: House, scene: Scene) -> None:
    read = seen(house, f"/traffic/windows/{scene.window}")
    assert "1,200 interactions completed in this window." in read.text
    assert "complainedInteractions 50" in read.text
    assert "drawn for judges 3.0 %drawn for people 0.30 %" in read.text
    assert "20 shed: the month’s budget was spent" in read.text
    assert "6 failed: the check itself broke" in read.text
    assert "4 filtered: the sender sent no content" in read.text
    assert "$0.02" in read.text
    assert "Attempts2" in read.text
    assert "Language: es" in read.text
    assert "99.1 %" in read.text


@pytest.mark.parametrize(("show", "many"), [("all", 29), ("violations", 5), ("shed", 4), ("failed", 3), ("queued", 0)])
def test_a_windows_interactions_are_found_by_what_became_of_them(
    house: House, scene: Scene, show: str, many: int
) -> None:
    read = seen(house, f"/traffic/windows/{scene.window}?show={show}")
    rows = [link for link in read.all("a") if str(link["href"]).startswith("/traffic/interactions/")]
    assert len(rows) == many


def test_a_list_goes_on_behind_the_last_interaction_that_it_showed(house: House, scene: Scene) -> None:
    grown(house.service.store, "support", 0, 90)
    path, found = f"/traffic/windows/{scene.window}", []
    for _ in range(3):
        links = [str(link["href"]) for link in seen(house, path).all("a")]
        found += [link for link in links if link.startswith("/traffic/interactions/")]
        path = next((link.partition("#")[0] for link in links if "after=" in link), "")
    assert path == ""
    assert len(found) == len(set(found)) == 29 + 90


def test_an_interaction_shows_what_was_said_and_each_checks_outcome_or_why_there_is_none(
    house: House, scene: Scene
) -> None:
    told = [seen(house, f"/traffic/interactions/{number}").text for number in scene.interactions[:8]]
    assert "Como cancelo meu plano? 1" in told[1]
    assert "Que tal conhecer o plano Premium?" in told[1]
    assert "0 · does_not_answer violation" in told[1]
    assert "It sells a plan instead of answering." in told[1]
    assert "rest · drawn with 3.0 %" in told[1]
    why = ["no question was asked", "the service did not answer in time · no answer within 60 s"]
    why += ["the month’s budget was spent", "not drawn", "outside what the suite watches", "waits to be scored"]
    assert [word for word, text in zip(why, told[2:8], strict=True) if word not in text] == []
    assert "answer: characters 5 to 18 (cpf)" in told[4]


@pytest.mark.parametrize(
    ("place", "word"),
    [(25, "no longer kept"), (26, "Erased"), (27, "Not complete yet"), (28, "sent no content")],
)
def test_an_interaction_without_its_texts_says_why_and_cannot_be_sent(
    house: House, scene: Scene, place: int, word: str
) -> None:
    let_in(house)
    filled(house, ("a",), name="triage")
    number = scene.interactions[place]
    read = seen(house, f"/traffic/interactions/{number}")
    assert word in read.text
    assert [form for form in read.all("form") if str(form["action"]).endswith("/review")] == []
    form = {"csrf": csrf(house, "maintainer"), "queue": "triage"}
    sent = reader(house, "maintainer").post(f"/traffic/interactions/{number}/review", data=form)
    assert sent.status_code == 409


def test_a_maintainer_sends_an_interaction_to_a_queue_without_a_probability(house: House, scene: Scene) -> None:
    let_in(house)
    filled(house, ("a",), name="triage")
    path = f"/traffic/interactions/{scene.interaction}"
    client, form = reader(house, "maintainer"), {"csrf": csrf(house, "maintainer"), "queue": "triage"}
    for _ in range(2):
        assert client.post(f"{path}/review", data=form).status_code == 303
    store = house.service.store
    (item,) = [one for one in store.items.page(store.queues.get("triage").number) if one.reason == "chosen"][-1:]
    assert (item.probability, item.case_id.partition(":")[0], item.language) == (None, "otlp", "pt")
    assert [(one.check, one.value) for one in item.judged] == [("answers", 0.0)]
    assert "In the queue triage" in seen(house, path).text
    assert "queue.chosen" in [entry.action for entry in house.service.audit.list(1)]
    found = seen(house, f"/traffic/windows/{scene.window}?show=queued")
    assert path in {link["href"] for link in found.all("a")}


def test_a_closed_queue_takes_nothing(house: House, scene: Scene) -> None:
    let_in(house)
    filled(house, ("a",), name="triage")
    store = house.service.store
    store.queues.set_state(store.queues.get("triage").number, "closed")
    form = {"csrf": csrf(house, "maintainer"), "queue": "triage"}
    path = f"/traffic/interactions/{scene.interaction}/review"
    assert reader(house, "maintainer").post(path, data=form).status_code == 409


def test_an_alert_says_what_was_seen_what_changed_and_who_was_told(house: House, scene: Scene) -> None:
    read = seen(house, f"/alerts/{scene.alert}")
    assert "It has fallen below the floor of 80 %." in read.text
    assert "62.0 % (95 % interval 56.0 % to 67.0 %) of 70 scored" in read.text
    assert "the evidence of a drop grew to 512, past the line of 365" in read.text
    assert "2026.11 Release Before 2.0 %Now 64.0 %" in read.text
    assert "90.0 % → 48.0 %" in read.text
    assert "93.0 %" in read.text
    links = {link["href"] for link in read.all("a")}
    assert {f"/traffic/interactions/{scene.interactions[1]}", f"/traffic/windows/{scene.window}", TREND} <= links
    assert "oncall: sentteam: waits to be sent 503" in read.text
    listed = seen(house, "/alerts")
    assert [word for word in ("Alert", "Warning", "Unknown", "No data", "OK") if word not in listed.text] == []


def test_an_alert_is_muted_for_a_while_and_spoken_of_again(house: House, scene: Scene) -> None:
    path, client = f"/alerts/{scene.alert}", reader(house, "maintainer")
    form = {"csrf": csrf(house, "maintainer"), "quiet": "1d"}
    assert client.post(f"{path}/mute", data=form).headers["location"] == f"{path}?done=alert_muted"
    assert "Nobody is told until" in seen(house, path).text
    assert client.post(f"{path}/mute", data={**form, "quiet": "9y"}).status_code == 422
    assert client.post(f"{path}/unmute", data=form).status_code == 303
    assert "Nobody is told until" not in seen(house, path).text
    audit = [(entry.action, entry.subject) for entry in house.service.audit.list(1)]
    assert audit[:2] == [("alert.unmuted", f"alert:{scene.alert}"), ("alert.muted", f"alert:{scene.alert}")]


def test_an_auditor_reads_everything_and_is_offered_nothing_to_do(house: House, scene: Scene) -> None:
    let_in(house)
    filled(house, ("a",))
    for path in ("/traffic", TREND, f"/alerts/{scene.alert}", f"/traffic/interactions/{scene.interaction}"):
        forms = [str(form["action"]) for form in seen(house, path, "auditor").all("form")]
        assert [action for action in forms if action not in {"/sign-out", TREND}] == []


def test_another_project_finds_none_of_it(house: House, scene: Scene) -> None:
    client = reader(house, "other")
    gone = (TREND, f"/traffic/windows/{scene.window}", f"/traffic/interactions/{scene.interaction}")
    assert {client.get(path).status_code for path in (*gone, f"/alerts/{scene.alert}")} == {404}
    assert "answers" not in client.get("/traffic").text


def test_the_front_page_says_how_a_suite_does_in_production(house: House, scene: Scene) -> None:
    assert "In production: Alert" in seen(house, "/").text


@pytest.mark.parametrize(
    "path", ["/traffic", TREND, "/traffic/windows/{window}", "/traffic/windows/{window}?show=shed"]
)
def test_a_page_sends_as_many_statements_for_much_as_for_little(house: House, scene: Scene, path: str) -> None:
    client, sent = reader(house, "maintainer"), []
    for windows, interactions in ((0, 0), (100, 300)):
        grown(house.service.store, "support", windows, interactions)
        with statements(house.service.store.database) as said:
            assert client.get(path.format(window=scene.window)).status_code == 200
        sent.append(len(said))
    assert sent[0] == sent[1] > 0


def test_no_page_reads_all_there_is_to_show_a_part_of_it(house: House, scene: Scene) -> None:
    window, engine = f"/traffic/windows/{scene.window}", house.service.store.database.engine
    asked: list[tuple[str, object]] = []
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    for path in (
        "/traffic",
        TREND,
        window,
        f"{window}?show=failed&after=2",
        f"/traffic/interactions/{scene.interaction}",
    ):
        assert reader(house, "maintainer").get(path).status_code == 200
    selects = [(said, given) for said, given in asked if said.startswith("SELECT")]
    with engine.connect() as connection:
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given).all() for said, given in selects]  # type: ignore[arg-type]
    steps = {row[3] for plan in plans for row in plan}
    assert [step for step in steps if re.match("SCAN (interaction|traffic_(score|estimate|window|count))", step)] == []
    assert len([step for step in steps if "ix_interaction_project_completed_at" in step]) > 0


def test_postgresql_finds_the_same(postgres_house: House) -> None:
    scene = with_traffic(postgres_house.service.store)
    window, told = f"/traffic/windows/{scene.window}", f"/traffic/interactions/{scene.interaction}"
    pages = ("/traffic", TREND, window, f"{window}?show=violations", told, f"/alerts/{scene.alert}")
    texts = [seen(postgres_house, path).text for path in pages]
    words = ("70 of 1,200", "6 windows have no data", "20 shed", "answers: violation", "rest · drawn with", "93.0")
    assert [word for word, text in zip(words, texts, strict=True) if word not in text] == []
    grown(postgres_house.service.store, "support", 0, 60)
    assert "after=" in str(seen(postgres_house, window).all("a"))
