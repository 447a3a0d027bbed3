"""When a reviewer is handed a gold item, and how many items are before them with those that nobody foretells them."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, exists, func, or_, select

from evalgate.store.queues import Mine, Queue
from evalgate.store.tables import metadata

AHEAD = 2_000
"""Draws that are looked at: a few milliseconds. Further on each item counts as one."""

_ITEM = metadata.tables["queue_item"]
_SLOT = metadata.tables["assignment"]
_DECLINE = metadata.tables["decline"]


def drawn(secret: bytes, queue: Queue, reviewer: int, answered: int) -> bool:
    """Say whether somebody's next item is a gold one: as often as the queue wants, and not to be foreseen.

    The store's own secret is in it: numbers of queues and people can be guessed.
    """
    found = hmac.digest(secret, f"gold\0{queue.number}\0{reviewer}\0{answered}".encode(), "sha256")
    return int.from_bytes(found[:8], "big") < queue.settings.gold_rate * 2**64


def before(secret: bytes, queue: Queue, reviewer: int, answered: int, plain: int, gold: int) -> int:
    """Return how many items somebody is handed until none of the plain ones is left, the gold ones among them."""
    steps = 0
    while steps < AHEAD and queue.settings.gold_rate and (plain or gold):
        if gold and drawn(secret, queue, reviewer, answered + steps):
            gold -= 1
        elif plain:
            plain -= 1
        else:
            break
        steps += 1
    return steps + plain


def open_for(who: int, languages: Sequence[str]) -> tuple[Any, ...]:
    """Return the conditions under which an item for everybody may be handed to a person."""
    met = exists().where(_SLOT.c.item == _ITEM.c.number, _SLOT.c.reviewer == who)
    said_no = exists().where(_DECLINE.c.item == _ITEM.c.number, _DECLINE.c.reviewer == who)
    readable = or_(_ITEM.c.language.is_(None), _ITEM.c.language.in_(languages))
    return _ITEM.c.state == "open", readable, ~met, ~said_no


def left(
    connection: Connection,
    secret: bytes,
    queues: Sequence[Queue],
    who: int,
    languages: Sequence[str],
    mine: Mapping[int, Mine],
) -> dict[int, tuple[int, bool]]:
    """Return for each queue how many items are before a person, and whether they have one of them open, which counts.

    The number falls by one with each answer, gold or not: one that did not would tell a gold item.
    """
    numbers = [queue.number for queue in queues]
    open_now = select(_SLOT.c.queue, _ITEM.c.reason).join(_SLOT, _SLOT.c.item == _ITEM.c.number)
    open_now = open_now.where(_SLOT.c.reviewer == who, _SLOT.c.queue.in_(numbers), _SLOT.c.state == "leased")
    gold = select(_ITEM.c.queue, func.count()).where(_ITEM.c.queue.in_(numbers), _ITEM.c.reason == "gold")
    gold = gold.where(*open_for(who, languages)).group_by(_ITEM.c.queue)
    held: dict[int, str] = {row[0]: row[1] for row in connection.execute(open_now)}
    known: dict[int, int] = {row[0]: row[1] for row in connection.execute(gold)}
    found = {}
    for queue in queues:
        has, own = held.get(queue.number), mine[queue.number]
        practice = int(has == "practice")
        plain = own.waiting + int(has not in {None, "gold", "practice"})
        hidden = known.get(queue.number, 0) + int(has == "gold")
        coming = before(secret, queue, who, own.done + practice, plain, hidden)
        found[queue.number] = practice + coming, has is not None
    return found
