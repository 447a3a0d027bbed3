"""How things stand in every project at once: what a scrape of metrics asks for, in one statement a question."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, and_, func, select

from evalgate.store.database import Database
from evalgate.store.tables import metadata

_QUEUE = metadata.tables["queue"].c
_ITEM = metadata.tables["queue_item"].c
_SLOT = metadata.tables["assignment"].c
_DECISION = metadata.tables["decision"].c


class QueueStanding(NamedTuple):
    """One open queue."""

    project: int
    queue: str
    open: int
    """Items that wait for somebody's answer."""
    adjudicating: int
    """Items that wait for somebody who decides."""
    held: int
    """Slots that somebody has open now."""
    oldest: datetime | None
    """When the open item that came first was added."""


class DecisionStanding(NamedTuple):
    """The decisions of one verdict in one project."""

    project: int
    verdict: str
    kept: int


def queue_standings(database: Database) -> tuple[QueueStanding, ...]:
    """Return how every open queue stands; each count reads a stretch of one index."""
    held = select(func.count()).where(_SLOT.queue == _QUEUE.number, _SLOT.state == "leased")
    held = held.where(_SLOT.lease_until >= database.clock())
    first = select(_ITEM.added_at).where(_ITEM.queue == _QUEUE.number, _ITEM.state == "open", _ITEM.slots > 0)
    wanted = select(
        _QUEUE.project,
        _QUEUE.name,
        _items("open").scalar_subquery() - _for_everybody().scalar_subquery(),
        _items("adjudicating").scalar_subquery(),
        held.scalar_subquery(),
        first.order_by(_ITEM.number).limit(1).scalar_subquery(),
    )
    with database.read() as connection:
        rows = connection.execute(wanted.where(_QUEUE.state == "open").order_by(_QUEUE.number))
        return tuple(QueueStanding(*row) for row in rows)


def decision_standings(database: Database) -> tuple[DecisionStanding, ...]:
    """Return how many decisions there are of each verdict."""
    by = (_DECISION.project, _DECISION.verdict)
    with database.read() as connection:
        rows = connection.execute(select(*by, func.count()).group_by(*by).order_by(*by))
        return tuple(DecisionStanding(*row) for row in rows)


def _items(state: str) -> Select[Any]:
    return select(func.count()).where(_ITEM.queue == _QUEUE.number, _ITEM.state == state)


def _for_everybody() -> Select[Any]:
    """Return the count of gold and practice items, which stay open for ever: they wait for nobody."""
    # Found by their reason: they are few, and to look at each open item would cost as many reads.
    known = and_(_ITEM.queue == _QUEUE.number, _ITEM.reason.in_(("gold", "practice")))
    return select(func.count()).where(known, _ITEM.state == "open")
