"""Texts go when their days are over, and all that somebody said goes when they ask, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Text, cast, select

from evalgate.production.erasing import erase_user
from evalgate.store.tables import metadata
from evalgate.store.tables.replies import unpack
from evalgate.worker.chores import forget
from tests.production.scored import (
    HOUR,
    NOON,
    WAIT,
    Hands,
    accept,
    bench,
    close_next,
    exchange,
    opened,
    rows,
    suite_at,
    triage,
)
from tests.providers.server import running

WORDS = "The violet umbrella waits in drawer"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def scored_store(place, hands, tmp_path) -> Iterator:
    """A store with a scored window in which Ana and Bob asked, and a queue with what they were answered."""
    far = running({"label": "answers", "reasoning": f"It says: {WORDS} and so on."})
    with opened(place, hands) as store, far as server:
        suite = suite_at(tmp_path, suite_at(tmp_path).path.read_text().replace("people: 0.1", "people: 0.4"))
        triage(store)
        accept(store, suite, (said(number) for number in range(40)))
        hands.now = NOON + HOUR + WAIT
        at = bench(store, suite, server.url)
        close_next(at)
        yield store, at


def said(number: int):
    who = "ana@example.com" if number % 2 else "bob"
    return exchange(f"x{number}", f"{WORDS} {number} of {who.partition('@')[0]}.", user_id=who)


def everything(store) -> str:
    """Give all texts of the database, replies and packed texts opened."""
    found = []
    with store.database.read() as connection:
        for name in (
            "interaction",
            "traffic_score",
            "sample",
            "queue_item",
            "review",
            "traffic_event",
            "traffic_window",
        ):
            table = metadata.tables[name]
            columns = [cast(column, Text) for column in table.columns]
            found += [str(part) for row in connection.execute(select(*columns)) for part in row]
    found += [unpack(row[name]).decode() for row in rows(store, "reply") for name in ("request", "body")]
    found += [unpack(row["body"]).decode() for row in rows(store, "interaction_text")]
    return "\n".join(found)


def test_texts_go_when_their_days_are_over_and_scores_stay(scored_store, hands):
    store, at = scored_store
    before = [(row["interaction"], row["value"], row["state"]) for row in rows(store, "traffic_score")]
    hands.now += timedelta(days=29)
    assert forget(at) == 0
    hands.now += timedelta(days=2)
    assert forget(at) == 40
    assert rows(store, "interaction_text") == rows(store, "reply") == []
    assert [(row["interaction"], row["value"], row["state"]) for row in rows(store, "traffic_score")] == before
    assert all(WORDS not in (row["body"] or "") for row in rows(store, "traffic_score"))


def test_an_erasure_reaches_texts_samples_replies_and_the_queue_of_one_person_alone(scored_store):
    store, _ = scored_store
    assert "of ana" in everything(store)
    texts = Counter(row["user_key"] for row in rows(store, "interaction"))
    with store.database.write() as connection:
        erased = erase_user(connection, store, "ana@example.com", by="user:admin")
    kept = everything(store)
    assert "of ana" not in kept
    assert "of bob" in kept
    assert erased.interactions == 20
    assert min(erased.samples, erased.replies, erased.items) > 0
    gone = [row for row in rows(store, "interaction") if row["erased_at"] is not None]
    assert len(gone) == 20
    assert all(row["sample_digest"] for row in gone)
    assert len(texts) == 2
    (entry,) = store.audit.list()
    assert (entry.action, entry.actor) == ("traffic.erased", "user:admin")
    assert "ana" not in entry.subject
    with store.database.write() as connection:
        assert erase_user(connection, store, "ana@example.com", by="user:admin").interactions == 0
