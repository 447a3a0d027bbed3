"""What a scrape says of queues and decisions: true figures, in as many statements whatever there is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import event

from evalgate.store.engine import Store
from tests.web.review_scenes import BAD, GOOD, PLAIN, RUBRIC, answered, claimed, filled, let_in
from tests.web.scenes import House, with_decision, with_run

Figures = dict[tuple[str, ...], float]


def scraped(house: House) -> Figures:
    """Give the figures by name and labels, as Prometheus reads them."""
    text = house.as_("anonymous").get("/metrics").text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of_queue(figures: Figures, queue: str = "support") -> dict[str, float]:
    return {name: value for (name, *labels), value in figures.items() if labels == ["1", queue]}


@pytest.mark.parametrize("where", ["sqlite_house", "postgres_house"])
def test_a_scrape_tells_how_queues_and_decisions_stand(where: str, request: pytest.FixtureRequest) -> None:
    house: House = request.getfixturevalue(where)
    let_in(house)
    filled(house, tuple(f"Respuesta {number}." for number in range(4)))
    with_decision(house.service.store, with_run(house.service.store, "c"), verdict="fail")
    answered(house.as_("bea"), GOOD)
    answered(house.as_("rui"), BAD)
    claimed(house.as_("bea"))
    figures = scraped(house)
    age = of_queue(figures).pop("evalgate_queue_oldest_open_seconds")
    assert 0 < age < 120
    assert of_queue(figures) == {
        "evalgate_queue_open_items": 3,
        "evalgate_queue_adjudicating_items": 1,
        "evalgate_queue_held_slots": 1,
        "evalgate_queue_oldest_open_seconds": age,
    }
    assert (figures["evalgate_decisions", "1", "pass"], figures["evalgate_decisions", "1", "fail"]) == (1, 1)


def test_gold_items_wait_for_nobody(house: House) -> None:
    filled(house, ("Tres días.",), PLAIN, reason="gold")
    assert set(of_queue(scraped(house)).values()) == {0}


def test_a_queue_that_is_closed_is_gone(house: House) -> None:
    filled(house, ("Tres días.",))
    house.service.store.queues.set_state(house.service.store.queues.get("support").number, "closed")
    assert of_queue(scraped(house)) == {}


def test_a_lease_that_ended_holds_nothing(house: House) -> None:
    let_in(house)
    filled(house, ("Tres días.",))
    claimed(house.as_("bea"))
    database = house.service.store.database
    later = database.clock() + timedelta(hours=1)
    database.clock = lambda: later
    figures = of_queue(scraped(house))
    assert figures["evalgate_queue_held_slots"] == 0
    assert figures["evalgate_queue_oldest_open_seconds"] > 3500


def test_ten_queues_cost_as_many_statements_as_none(house: House) -> None:
    before = statements(house, house.service.store)
    for number in range(10):
        house.service.store.queues.create(f"q{number}", RUBRIC, PLAIN, "user:zoe")
    assert statements(house, house.service.store) == before == 7


def statements(house: House, store: Store) -> int:
    """Give how many SELECTs one scrape sends."""
    said: list[str] = []

    def heard(*told: object) -> None:
        said.append(str(told[2]))

    event.listen(store.database.engine, "before_cursor_execute", heard)
    scraped(house)
    event.remove(store.database.engine, "before_cursor_execute", heard)
    return len([one for one in said if one.startswith("SELECT")])


def test_a_queues_name_cannot_forge_a_line(house: House) -> None:
    house.service.store.queues.create('x"} 1\nforged{a="', RUBRIC, PLAIN, "user:zoe")
    assert not [key for key in scraped(house) if key[0].startswith("forged")]


def test_without_its_database_a_scrape_still_counts_requests(house: House) -> None:
    with house.service.store.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE decision RENAME TO moved")
    house.as_("anonymous").get("/healthz")
    figures = scraped(house)
    assert figures["evalgate_http_requests_total", "GET", "/healthz", "200"] == 1
    assert not [key for key in figures if key[0].startswith(("evalgate_queue", "evalgate_decisions"))]
