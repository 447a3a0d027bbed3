"""Slots of items: which of them a person may be handed, for how long, and whose they are.

One is taken by one conditional UPDATE, which raises its token. Gold and practice items have no slots of their own:
everybody is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, and_, delete, exists, func, or_, select, update

from evalgate.store.database import Database
from evalgate.store.gold_draws import drawn, open_for
from evalgate.store.items import Item
from evalgate.store.queues import Queue, spoken
from evalgate.store.tables import metadata

_ITEM = metadata.tables["queue_item"]
_SLOT = metadata.tables["assignment"]
_REVIEW = metadata.tables["review"]
_DECLINE = metadata.tables["decline"]
_USER = metadata.tables["user_account"]


class Reviewer(NamedTuple):
    """Whom to hand items to."""

    number: int
    languages: tuple[str, ...] = ()
    avoids: Collection[str] = ()
    """Harm categories they opted out of."""


class Taken(NamedTuple):
    """A slot that somebody has now, and the token that fences it."""

    item: int
    slot: int
    token: int


class Slots:
    """The slots of one project's queues; everything happens in the caller's transaction."""

    def __init__(self, database: Database, project: int, secret: bytes) -> None:
        self._database = database
        self._project = project
        self._secret = secret

    def hand_out(self, connection: Connection, queue: Queue, who: Reviewer, until: datetime) -> Taken | None:
        """Take the next slot for somebody: what they have open, then practice, now and then gold, then the queue."""
        return (
            self._resumed(connection, queue, who, until)
            or self._known(connection, queue, who, until)
            or self._next(connection, queue, who, until)
        )

    def renew(self, connection: Connection, held: Any, until: datetime) -> bool:
        """Keep a slot a while longer; False where there is none such."""
        return connection.execute(update(_SLOT).where(held).values(lease_until=until)).rowcount == 1

    def again(self, connection: Connection, item: int, slot: int, reviewer: int, until: datetime) -> int:
        """Let somebody have a slot that they had answered, and return its token."""
        mine = update(_SLOT).where(_SLOT.c.item == item, _SLOT.c.slot == slot)
        mine = mine.values(state="leased", reviewer=reviewer, lease_until=until, token=_SLOT.c.token + 1)
        token: int = connection.execute(mine.returning(_SLOT.c.token)).scalar_one()
        return token

    def finish(self, connection: Connection, item: int, slot: int) -> None:
        """Let a slot be answered."""
        done = update(_SLOT).where(_SLOT.c.item == item, _SLOT.c.slot == slot)
        connection.execute(done.values(state="done", lease_until=None))

    def _resumed(self, connection: Connection, queue: Queue, who: Reviewer, until: datetime) -> Taken | None:
        """Renew what this person has open: a reloaded page shows the same item."""
        held = and_(_SLOT.c.reviewer == who.number, _SLOT.c.queue == queue.number, _SLOT.c.state == "leased")
        renewed = update(_SLOT).where(held).values(lease_until=until)
        row = connection.execute(renewed.returning(_SLOT.c.item, _SLOT.c.slot, _SLOT.c.token)).first()
        return None if row is None else Taken(*row)

    def _known(self, connection: Connection, queue: Queue, who: Reviewer, until: datetime) -> Taken | None:
        """Hand out a practice item while there are some to do, and a gold one as often as the queue says."""
        ours = select(_ITEM.c.reason).where(_ITEM.c.number == _REVIEW.c.item, _ITEM.c.queue == queue.number)
        reason = ours.scalar_subquery()  # not a join, which SQLite may begin at the items: all of the queue
        answered = select(reason, func.count()).where(_REVIEW.c.reviewer == who.number).group_by(reason)
        counts = {found: count for found, count in connection.execute(answered) if found is not None}
        if counts.get("practice", 0) < queue.settings.practice:
            taken = self._for_everybody(connection, queue, who, "practice", until)
            if taken is not None:
                return taken
        if drawn(self._secret, queue, who.number, sum(counts.values())):
            return self._for_everybody(connection, queue, who, "gold", until)
        return None

    def _for_everybody(
        self, connection: Connection, queue: Queue, who: Reviewer, reason: Literal["gold", "practice"], until: datetime
    ) -> Taken | None:
        wanted = select(_ITEM).where(_ITEM.c.queue == queue.number, _ITEM.c.reason == reason)
        wanted = wanted.where(*open_for(who.number, who.languages), *_suits(_ITEM.c.harm, who))
        row = connection.execute(wanted.order_by(_ITEM.c.number).limit(1)).mappings().first()
        if row is None:
            return None
        slot = {
            "item": row["number"],
            "slot": who.number,
            "queue": queue.number,
            "language": row["language"] or "",
            "harm": row["harm"] or "",
            "state": "leased",
            "reviewer": who.number,
            "lease_until": until,
            "token": 1,
        }
        connection.execute(_SLOT.insert().values(slot))
        return Taken(row["number"], who.number, 1)

    def _next(self, connection: Connection, queue: Queue, who: Reviewer, until: datetime) -> Taken | None:
        """Take a slot whose lease ended, else the first open one; in either two who come at once part ways.

        Each reads the index of slots from where it begins: slots that are done stand apart.
        """
        mine = and_(_SLOT.c.queue == queue.number, spoken(who.languages), *_suits(_SLOT.c.harm, who))
        for free in (self._ended(), _SLOT.c.state == "open"):
            wanted = select(_SLOT.c.item, _SLOT.c.slot).where(mine, free, *self._not_met(who.number))
            taken = self._take(connection, wanted.order_by(_SLOT.c.rank, _SLOT.c.item, _SLOT.c.slot), who.number, until)
            if taken is not None:
                return taken
        return None

    def _not_met(self, reviewer: int) -> tuple[Any, Any]:
        other = _SLOT.alias("other")
        met = exists().where(other.c.item == _SLOT.c.item, other.c.reviewer == reviewer)
        said_no = exists().where(_DECLINE.c.item == _SLOT.c.item, _DECLINE.c.reviewer == reviewer)
        return ~met, ~said_no

    def _take(self, connection: Connection, wanted: Any, reviewer: int, until: datetime) -> Taken | None:
        wanted = wanted.limit(1)
        if not self._database.is_sqlite:
            wanted = wanted.with_for_update(skip_locked=True)
        # A common table: PostgreSQL may run a subquery again for each row, and would then take several slots.
        first = wanted.cte("first")
        place = and_(_SLOT.c.item == first.c.item, _SLOT.c.slot == first.c.slot)
        taken = update(_SLOT).where(place, self._free())
        taken = taken.values(state="leased", reviewer=reviewer, lease_until=until, token=_SLOT.c.token + 1)
        row = connection.execute(taken.returning(_SLOT.c.item, _SLOT.c.slot, _SLOT.c.token)).first()
        return None if row is None else Taken(*row)

    def _free(self) -> Any:
        return or_(_SLOT.c.state == "open", self._ended())

    def _ended(self) -> Any:
        return and_(_SLOT.c.state == "leased", _SLOT.c.lease_until < self._database.clock())

    def place(self, connection: Connection, item: Item, slot: int, token: int, reviewer: int) -> int | None:
        """Return the slot an answer goes to: the one this person has, else any that is free.

        None when there is none, and for a slot or token that was never handed out.
        """
        # Locked: a lease that has ended may be somebody else's before the answer is written.
        own = select(_SLOT.c.slot).where(leased(item.number, reviewer)).with_for_update()
        held: int | None = connection.execute(own).scalar()
        if held is not None:
            return held
        issued = and_(_SLOT.c.item == item.number, _SLOT.c.slot == slot, _SLOT.c.token >= max(token, 1))
        if connection.execute(select(_SLOT.c.slot).where(issued)).first() is None:
            return None
        wanted = select(_SLOT.c.item, _SLOT.c.slot).where(_SLOT.c.item == item.number, self._free())
        taken = self._take(connection, wanted.order_by(_SLOT.c.slot), reviewer, self._database.clock())
        return None if taken is None else taken.slot

    def held(self, item: int, slot: int, token: int, reviewer: int) -> Any:
        """Return the condition that a slot of this project is this person's, under this token."""
        ours = exists().where(_ITEM.c.number == _SLOT.c.item, _ITEM.c.project == self._project)
        return and_(_SLOT.c.token == token, ours, leased(item, reviewer), _SLOT.c.slot == slot)

    def give_back(self, connection: Connection, mine: Any) -> None:
        """Free slots; those of gold and practice items, which belong to one person, go away."""
        own = select(_ITEM.c.number).where(_ITEM.c.number == _SLOT.c.item, _ITEM.c.slots == 0)
        connection.execute(delete(_SLOT).where(mine, exists(own)))
        freed = update(_SLOT).where(mine)
        connection.execute(freed.values(state="open", reviewer=None, lease_until=None, token=_SLOT.c.token + 1))

    def alone(self, connection: Connection, reviewer: int) -> None:
        """Let what one person does in several tabs come one after the other: two at once would take two slots."""
        if not self._database.is_sqlite:
            person = select(_USER.c.number).where(_USER.c.number == reviewer)
            connection.execute(person.with_for_update(key_share=True))


def leased(item: int, reviewer: int) -> Any:
    """Return the condition that a slot is the one that a person has of an item."""
    return and_(_SLOT.c.item == item, _SLOT.c.reviewer == reviewer, _SLOT.c.state == "leased")


def _suits(harm: Any, who: Reviewer) -> Sequence[Any]:
    return [or_(harm.is_(None), harm.not_in(sorted(who.avoids)))] if who.avoids else []
