"""Interactions in the store: written once each, and never into a window that is closed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from evalgate.core.samples import Message
from evalgate.store.engine import Store
from evalgate.store.interactions import Arrival, Kept
from evalgate.store.tables import metadata
from evalgate.traffic.interactions import Interaction

ITEM = metadata.tables["interaction"]
COUNT = metadata.tables["traffic_count"]
MARK = metadata.tables["traffic_mark"]


def exchange(name: str, **said: object) -> Interaction:
    whole = {"input": (Message(role="user", content="¿Dónde está mi pedido?"),), "finished": True}
    whole |= {"output": (Message(role="assistant", content="En camino."),)}
    return Interaction.model_validate({"source": "api", "external_id": name} | whole | said)


def keep(store: Store, *interactions: Interaction, result: str = "accepted") -> Kept:
    """Write records as a door does: known first, then kept."""
    known = store.interactions.known([one.key for one in interactions])
    arrivals = [arrival(store, one, known.get(one.key), result) for one in interactions]
    return store.interactions.keep(arrivals, nothing)


def arrival(store: Store, interaction: Interaction, known: object, result: str) -> Arrival:
    return Arrival(interaction, interaction.group, 0.5, {"route": "chat"}, "d1", known, result)  # type: ignore[arg-type]


def nothing(*_: object) -> None:
    """Write no scores."""


def rows(store: Store) -> Sequence:
    with store.database.read() as connection:
        return connection.execute(select(ITEM).order_by(ITEM.c.number)).all()


def test_what_was_kept_is_read_back_word_for_word(store: Store):
    told = exchange("a", conversation_id="c-1", attributes={"build": 7}, feedback="down")

    keep(store, told)

    (row,) = rows(store)
    assert store.interactions.one(row.number) == told
    assert (row.state, row.conversation, row.version) == ("complete", "c-1", 1)
    assert row.received_at == row.completed_at


def test_a_partial_record_counts_where_it_completes(store: Store):
    keep(store, exchange("a", output=(), finished=False), result="partial")
    (before,) = rows(store)

    keep(store, exchange("a"), result="completed")

    (after,) = rows(store)
    assert (before.state, before.completed_at) == ("partial", None)
    assert (after.number, after.state, after.version) == (before.number, "complete", 2)
    assert after.completed_at > after.received_at == before.received_at
    whole = store.interactions.one(after.number)
    assert whole is not None
    assert whole.output[0].content == "En camino."


def test_a_record_that_another_server_wrote_meanwhile_is_handed_back(store: Store):
    first, second = exchange("a"), exchange("b")
    keep(store, first)

    late = [arrival(store, first, None, "accepted"), arrival(store, second, None, "accepted")]
    kept = store.interactions.keep(late, nothing)

    assert (kept.lost, kept.counts) == ((0,), {("api", "accepted"): 1})
    assert [row.external_id for row in rows(store)] == ["a", "b"]


def test_a_record_that_another_server_completed_meanwhile_is_handed_back(store: Store):
    keep(store, exchange("a", output=(), finished=False), result="partial")
    known = store.interactions.known([("api", "a")])["api", "a"]
    keep(store, exchange("a"), result="completed")

    kept = store.interactions.keep([arrival(store, exchange("a"), known, "completed")], nothing)

    assert kept.lost == (0,)


def test_of_two_servers_at_once_each_record_is_written_once(store: Store):
    names = [f"r{number}" for number in range(60)]
    kept: list[Kept] = []
    threads = [
        threading.Thread(target=lambda order=order: kept.append(keep(store, *map(exchange, order))))
        for order in (names, names[::-1])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(row.external_id for row in rows(store)) == sorted(names)
    assert len({row.number for row in rows(store)}) == 60


def test_no_record_falls_into_a_window_that_is_closed(store: Store):
    keep(store, exchange("a"))
    closed = store.database.clock() + timedelta(days=1)
    with store.database.write() as connection:
        connection.execute(update(MARK).values(closed_until=closed))

    keep(store, exchange("b"))

    assert rows(store)[1].completed_at > closed


def test_counts_add_up_in_the_transaction_of_what_they_count(store: Store):
    keep(store, exchange("a"), exchange("b"))
    store.interactions.keep(
        [arrival(store, exchange("c"), None, "accepted")], nothing, further={("otlp", "rejected"): 3}
    )

    with store.database.read() as connection:
        counted = connection.execute(select(COUNT.c.result, COUNT.c["items"])).all()
    assert {(result, items) for result, items in counted} == {("accepted", 3), ("rejected", 3)}


def test_a_write_that_fails_keeps_nothing(store: Store):
    def broken(*_: object) -> None:
        raise RuntimeError("the scores cannot be written")

    with pytest.raises(RuntimeError):
        store.interactions.keep([arrival(store, exchange("a"), None, "accepted")], broken)

    assert rows(store) == []
