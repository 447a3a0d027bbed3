"""What changed: the release that brought the drop comes first, with both shares; what only wavered is not named."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from sqlalchemy import insert, select

from evalgate.production.changes import Compared, Series, Span, examples, spans_of_windows, what_changed
from evalgate.store.engine import Store
from evalgate.store.tables import metadata
from evalgate.store.tables.replies import pack
from tests.production.closed import HOUR, checked, closed_window
from tests.production.watched import JUDGE, NOON, traffic

SICK = Span(NOON, NOON + HOUR)
WELL = Span(NOON - HOUR, NOON)
GOOD, BAD = [1.0] * 19 + [0.0], [1.0] * 9 + [0.0] * 11
"""Means of .95 and .45."""


def compared(store: Store, part: str = "") -> Compared:
    with store.database.read() as connection:
        return what_changed(connection, Series(store.project, "support", "answers", JUDGE, part), SICK, WELL)


def say(store: Store, **attributes: str) -> None:
    """Let the interactions with a fact `release` 2 carry these attributes, the others others."""
    item = metadata.tables["interaction"].c
    with store.database.write() as connection:
        rows = connection.execute(select(item.number, item.facts)).all()
        bodies = [
            {"number": number, "body": pack(orjson.dumps({"attributes": attributes if '"2"' in facts else {}}))}
            for number, facts in rows
        ]
        connection.execute(insert(metadata.tables["interaction_text"]), bodies)


@pytest.fixture
def changed(store: Store) -> Store:
    """A store in whose newest hour half of the answers are of a bad release, with somewhat more Spanish."""
    check = checked(store, "answers", "llm", JUDGE)
    traffic(store, check, WELL.start, HOUR, GOOD * 20, release="1", language="en")
    traffic(store, check, WELL.start, HOUR, GOOD * 20, release="1", language="es")
    traffic(store, check, SICK.start, HOUR, GOOD * 15, release="1", language="es")
    traffic(store, check, SICK.start, HOUR, GOOD * 5, release="1", language="en")
    traffic(store, check, SICK.start, HOUR, BAD * 10, release="2", language="en")
    traffic(store, check, SICK.start, HOUR, BAD * 10, release="2", language="es")
    say(store, **{"prompt.version": "v7", "note": "not one of those that are read"})
    return store


def test_what_brought_the_drop_comes_first_with_both_shares(changed):
    found = compared(changed)
    first = found.changes[0]
    assert (first.value, first.before, first.after) == ("v7", 0.0, 0.5)
    assert first.fact == "attributes.prompt.version"
    second = found.changes[1]
    assert (second.fact, second.value, second.before, second.after) == ("release", "2", 0.0, 0.5)
    assert second.explains == pytest.approx(1)
    assert second.mean_before is None
    assert second.mean_after == pytest.approx(0.45)
    assert 0.4 < second.low < 0.5 < second.high < 0.6
    assert second.p < 1e-6
    rest = {(one.fact, one.value): one.explains for one in found.changes[2:]}
    assert rest["release", "1"] == pytest.approx(0)
    assert {fact for fact, _ in rest} == {"release", "language"}
    assert found.compared == 5


def test_of_a_slice_its_own_fact_is_not_named_and_the_rest_is_its_own(changed):
    found = compared(changed, "language=es")
    assert {one.fact for one in found.changes} == {"attributes.prompt.version", "release"}
    assert next(one for one in found.changes if one.value == "2").after == pytest.approx(200 / 500)


def test_the_same_traffic_twice_names_nothing(store):
    check = checked(store, "answers", "llm", JUDGE)
    for place, start in enumerate((WELL.start, SICK.start)):
        traffic(store, check, start, HOUR, GOOD * 10, release="1", route="chat")
        traffic(store, check, start, HOUR, GOOD * (10 + place), release="2", route="voice")
    assert compared(store) == Compared(4, ())


def test_without_traffic_before_there_is_nothing_to_compare_with(store):
    traffic(store, checked(store, "answers", "llm", JUDGE), SICK.start, HOUR, BAD, release="1")
    assert compared(store) == Compared(0, ())


def test_a_fall_begins_after_the_last_window_that_kept_the_floor(sqlite_store):
    check = checked(sqlite_store, "answers", "llm", JUDGE)
    window, estimate = (metadata.tables[name] for name in ("traffic_window", "traffic_estimate"))
    for place, point in enumerate((0.7, 0.9, 0.85, 0.6, 0.75)):
        number = closed_window(sqlite_store, NOON + place * HOUR, [check])
        with sqlite_store.database.write() as connection:
            connection.execute(estimate.update().where(estimate.c.window == number).values(point=point))
            connection.execute(window.update().where(window.c.number == number).values(suite="support"))
    now = Span(NOON + 4 * HOUR, NOON + 5 * HOUR)
    series = Series(sqlite_store.project, "support", "answers", JUDGE, "")
    with sqlite_store.database.read() as connection:
        sick, well = spans_of_windows(connection, series, 0.8, now)
    assert sick == Span(NOON + 2 * HOUR, now.end)
    assert well == Span(NOON, NOON + 2 * HOUR)


def test_examples_are_the_lowest_scores_of_the_slice_and_none_that_was_erased(sqlite_store):
    check = checked(sqlite_store, "answers", "llm", JUDGE)
    traffic(sqlite_store, check, NOON, HOUR, [0.5, 0.25, 1.0, 0.0], release="1")
    traffic(sqlite_store, check, NOON, timedelta(minutes=1), [0.0], release="2")
    item = metadata.tables["interaction"]
    with sqlite_store.database.write() as connection:
        connection.execute(item.update().where(item.c.number == 4).values(erased_at=NOON))
        found = examples(connection, Series(1, "support", "answers", JUDGE, "release=1"), SICK)
    assert [(one.interaction, one.value) for one in found] == [(2, 0.25), (1, 0.5)]
