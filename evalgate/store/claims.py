"""Handing out items and taking answers back: no item over its slots, none lost, whoever comes at the same moment.

A claim is one conditional UPDATE. Its token fences it: an answer that comes with an older one comes too late, and is
taken all the same while a slot is free. Gold and practice items have no slots of their own: everybody is asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import Connection, and_, delete, exists, func, or_, select, update

from evalgate.core.errors import WrongAsWritten
from evalgate.core.review import Given, SkipReason, check_answers, what_follows
from evalgate.store.bulk import insert_into
from evalgate.store.closing import Closing
from evalgate.store.database import Database
from evalgate.store.gold_draws import drawn, open_for
from evalgate.store.items import Item, Items
from evalgate.store.labels import Labels
from evalgate.store.queues import Queue, spoken
from evalgate.store.tables import metadata

UNDO = timedelta(minutes=10)
"""How long an answer that closed its item can still be taken back."""

_ITEM = metadata.tables["queue_item"]
_SLOT = metadata.tables["assignment"]
_REVIEW = metadata.tables["review"]
_DECLINE = metadata.tables["decline"]
_REVEAL = metadata.tables["reveal"]
_USER = metadata.tables["user_account"]


class Claimed(NamedTuple):
    """An item handed to a reviewer."""

    item: Item
    slot: int
    token: int
    lease_until: datetime


class Submitted(NamedTuple):
    """An answer that was kept."""

    review: int
    item: Item
    closed: bool
    expected: dict[str, str] | None = None
    """Of a practice item: what it expects, told now with the explanation."""


class TooLate(NamedTuple):
    """An answer that came when all slots of its item were taken; the caller still has it."""

    item: int


class Reviewer(NamedTuple):
    """Whom to hand items to."""

    number: int
    languages: tuple[str, ...] = ()
    avoids: Collection[str] = ()
    """Harm categories they opted out of."""


class Claims:
    """The work of reviewers on one project's queues."""

    def __init__(self, database: Database, project: int, secret: bytes) -> None:
        self._database = database
        self._project = project
        self._secret = secret
        self._items = Items(database, project)
        self._closing = Closing(database, project, Labels(database, project))

    def claim(self, queue: Queue, reviewer: Reviewer) -> Claimed | None:
        """Hand out the next item; None when nothing is left for this person.

        What they have open already comes first, then practice, then now and then a gold item, then the queue in order.
        """
        if queue.project != self._project:
            raise WrongAsWritten(f"there is no queue {queue.name!r} here")
        if queue.state != "open":
            return None
        until = self._database.clock() + timedelta(seconds=queue.settings.lease_s)
        with self._database.write() as connection:
            self._alone(connection, reviewer.number)
            taken = (
                self._resumed(connection, queue, reviewer, until)
                or self._known(connection, queue, reviewer, until)
                or self._next(connection, queue, reviewer, until)
            )
            if taken is None:
                return None
            item, slot, token = taken
            return Claimed(self._items.read(connection, item), slot, token, until)

    def heartbeat(self, item: int, slot: int, token: int, reviewer: int, lease_s: int) -> bool:
        """Keep an item a while longer; False when it is not this person's any more."""
        until = self._database.clock() + timedelta(seconds=lease_s)
        mine = self._held(item, slot, token, reviewer)
        with self._database.write() as connection:
            return connection.execute(update(_SLOT).where(mine).values(lease_until=until)).rowcount == 1

    def release(self, item: int, slot: int, token: int, reviewer: int) -> None:
        """Give an item back unanswered; somebody else, or the same person later, may take it."""
        with self._database.write() as connection:
            self._give_back(connection, self._held(item, slot, token, reviewer))

    def decline(self, item: int, reviewer: int, reason: SkipReason) -> None:
        """Give an item back for good: this person is not asked about it again."""
        with self._database.write() as connection:
            known = self._items.read(connection, item)
            row = {"item": known.number, "reviewer": reviewer, "reason": reason, "at": self._database.clock()}
            insert = insert_into(_DECLINE, connection.dialect).values(row)
            again = insert.on_conflict_do_update(index_elements=["item", "reviewer"], set_={"reason": reason})
            connection.execute(again)
            mine = and_(_SLOT.c.item == item, _SLOT.c.reviewer == reviewer, _SLOT.c.state == "leased")
            self._give_back(connection, mine)

    def submit(
        self, queue: Queue, item: int, slot: int, token: int, reviewer: int, given: Given
    ) -> Submitted | TooLate:
        """Keep an answer and settle what follows for its item; the same answer sent twice is kept once.

        Raise WrongAsWritten for an answer that the queue does not ask for.
        """
        check_answers(queue.rubric, given)
        with self._database.write() as connection:
            self._alone(connection, reviewer)
            known = self._locked(connection, queue, item)
            earlier = self._review(connection, item, reviewer)
            if earlier is not None:
                return Submitted(earlier, known, known.state == "closed", _told(known))
            if known.state != "open":
                return TooLate(item)
            self._check_spans(connection, known, given)
            place = self._place(connection, known, slot, token, reviewer)
            if place is None:
                return TooLate(item)
            review = self._keep(connection, queue, known, place, reviewer, given)
            closed = known.slots > 0 and self._settle(connection, queue, known)
            return Submitted(review, self._items.read(connection, item), closed, _told(known))

    def edit(self, queue: Queue, item: int, reviewer: int, given: Given) -> None:
        """Change one's answer; raise WrongAsWritten once the item is closed, or for no answer to change."""
        check_answers(queue.rubric, given)
        with self._database.write() as connection:
            known = self._locked(connection, queue, item)
            review = self._review(connection, item, reviewer)
            if review is None:
                raise WrongAsWritten("you have not answered this item")
            if known.state != "open":
                raise WrongAsWritten("this item is closed; its answers stay as they are")
            self._check_spans(connection, known, given)
            values = {**_answered(given), "edited_at": self._database.clock()}
            if self._was_shown(connection, queue, item, reviewer):
                values["revealed"] = True
            connection.execute(update(_REVIEW).where(_REVIEW.c.number == review).values(values))

    def undo(self, queue: Queue, item: int, reviewer: int) -> Claimed:
        """Take one's answer back and have the item open again; raise WrongAsWritten when it is too late for that."""
        now = self._database.clock()
        until = now + timedelta(seconds=queue.settings.lease_s)
        with self._database.write() as connection:
            self._alone(connection, reviewer)
            known = self._locked(connection, queue, item)
            mine = and_(_REVIEW.c.item == item, _REVIEW.c.reviewer == reviewer)
            row = connection.execute(select(_REVIEW).where(mine)).mappings().first()
            if row is None:
                raise WrongAsWritten("you have not answered this item")
            settled = known.state in {"closed", "adjudicating"}
            if known.state == "removed" or (settled and not self._was_last(connection, known, row, now)):
                raise WrongAsWritten("others have answered since, or it is too long ago; this answer stays")
            connection.execute(delete(_REVIEW).where(mine))
            self._closing.reopen(connection, queue, known)
            again = update(_SLOT).where(_SLOT.c.item == item, _SLOT.c.slot == row["slot"])
            again = again.values(state="leased", reviewer=reviewer, lease_until=until, token=_SLOT.c.token + 1)
            token = connection.execute(again.returning(_SLOT.c.token)).scalar_one()
            return Claimed(self._items.read(connection, item), row["slot"], token, until)

    def _resumed(self, connection: Connection, queue: Queue, who: Reviewer, until: datetime) -> _Taken | None:
        """Renew what this person has open: a reloaded page shows the same item."""
        held = and_(_SLOT.c.reviewer == who.number, _SLOT.c.queue == queue.number, _SLOT.c.state == "leased")
        renewed = update(_SLOT).where(held).values(lease_until=until)
        row = connection.execute(renewed.returning(_SLOT.c.item, _SLOT.c.slot, _SLOT.c.token)).first()
        return None if row is None else _Taken(*row)

    def _known(self, connection: Connection, queue: Queue, who: Reviewer, until: datetime) -> _Taken | None:
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
    ) -> _Taken | None:
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
        return _Taken(row["number"], who.number, 1)

    def _next(self, connection: Connection, queue: Queue, who: Reviewer, until: datetime) -> _Taken | None:
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

    def _take(self, connection: Connection, wanted: Any, reviewer: int, until: datetime) -> _Taken | None:
        wanted = wanted.limit(1)
        if not self._database.is_sqlite:
            wanted = wanted.with_for_update(skip_locked=True)
        # A common table: PostgreSQL may run a subquery again for each row, and would then take several slots.
        first = wanted.cte("first")
        place = and_(_SLOT.c.item == first.c.item, _SLOT.c.slot == first.c.slot)
        taken = update(_SLOT).where(place, self._free())
        taken = taken.values(state="leased", reviewer=reviewer, lease_until=until, token=_SLOT.c.token + 1)
        row = connection.execute(taken.returning(_SLOT.c.item, _SLOT.c.slot, _SLOT.c.token)).first()
        return None if row is None else _Taken(*row)

    def _free(self) -> Any:
        return or_(_SLOT.c.state == "open", self._ended())

    def _ended(self) -> Any:
        return and_(_SLOT.c.state == "leased", _SLOT.c.lease_until < self._database.clock())

    def _not_met(self, reviewer: int) -> tuple[Any, Any]:
        other = _SLOT.alias("other")
        met = exists().where(other.c.item == _SLOT.c.item, other.c.reviewer == reviewer)
        said_no = exists().where(_DECLINE.c.item == _SLOT.c.item, _DECLINE.c.reviewer == reviewer)
        return ~met, ~said_no

    def _give_back(self, connection: Connection, mine: Any) -> None:
        """Free slots; those of gold and practice items, which belong to one person, go away."""
        own = select(_ITEM.c.number).where(_ITEM.c.number == _SLOT.c.item, _ITEM.c.slots == 0)
        connection.execute(delete(_SLOT).where(mine, exists(own)))
        freed = update(_SLOT).where(mine)
        connection.execute(freed.values(state="open", reviewer=None, lease_until=None, token=_SLOT.c.token + 1))

    def _alone(self, connection: Connection, reviewer: int) -> None:
        """Let what one person does in several tabs come one after the other: two at once would take two slots."""
        if not self._database.is_sqlite:
            person = select(_USER.c.number).where(_USER.c.number == reviewer)
            connection.execute(person.with_for_update(key_share=True))

    def _locked(self, connection: Connection, queue: Queue, item: int) -> Item:
        """Return an item of the queue that nobody else settles meanwhile."""
        if not self._database.is_sqlite:
            # Not its key: what refers to the item may still be written.
            connection.execute(select(_ITEM.c.number).where(_ITEM.c.number == item).with_for_update(key_share=True))
        known = self._items.read(connection, item)
        if known.queue != queue.number:
            raise WrongAsWritten(f"item {item} is not in queue {queue.name!r}")
        return known

    def _held(self, item: int, slot: int, token: int, reviewer: int) -> Any:
        """Return the condition that a slot of this project is this person's, under this token."""
        ours = exists().where(_ITEM.c.number == _SLOT.c.item, _ITEM.c.project == self._project)
        return and_(_SLOT.c.token == token, ours, _leased(item, reviewer), _SLOT.c.slot == slot)

    def _check_spans(self, connection: Connection, item: Item, given: Given) -> None:
        """Raise WrongAsWritten for a stretch that ends beyond its text."""
        content = self._items.content(connection, item) if given.spans else None
        for span in given.spans if content else ():
            length = content.length(span.side, span.index) if content else 0
            if span.end > length:
                where = f"the {span.side}, which has {length} characters"
                raise WrongAsWritten(f"the stretch from {span.start} to {span.end} ends beyond {where}")

    def _was_shown(self, connection: Connection, queue: Queue, item: int, reviewer: int) -> bool:
        """Say whether this person may know what the judge or a peer said."""
        if not (queue.settings.blind_judge and queue.settings.blind_peers):
            return True
        shown = and_(_REVEAL.c.item == item, _REVEAL.c.reviewer == reviewer)
        return connection.execute(select(_REVEAL.c.item).where(shown)).first() is not None

    def _review(self, connection: Connection, item: int, reviewer: int) -> int | None:
        mine = and_(_REVIEW.c.item == item, _REVIEW.c.reviewer == reviewer)
        found: int | None = connection.execute(select(_REVIEW.c.number).where(mine)).scalar()
        return found

    def _place(self, connection: Connection, item: Item, slot: int, token: int, reviewer: int) -> int | None:
        """Return the slot an answer goes to: the one this person has, else any that is free.

        None when there is none, and for a slot or token that was never handed out.
        """
        # Locked: a lease that has ended may be somebody else's before the answer is written.
        own = select(_SLOT.c.slot).where(_leased(item.number, reviewer)).with_for_update()
        held: int | None = connection.execute(own).scalar()
        if held is not None:
            return held
        issued = and_(_SLOT.c.item == item.number, _SLOT.c.slot == slot, _SLOT.c.token >= max(token, 1))
        if connection.execute(select(_SLOT.c.slot).where(issued)).first() is None:
            return None
        wanted = select(_SLOT.c.item, _SLOT.c.slot).where(_SLOT.c.item == item.number, self._free())
        taken = self._take(connection, wanted.order_by(_SLOT.c.slot), reviewer, self._database.clock())
        return None if taken is None else taken.slot

    def _keep(self, connection: Connection, queue: Queue, item: Item, slot: int, reviewer: int, given: Given) -> int:
        row = {
            "item": item.number,
            "slot": slot,
            "reviewer": reviewer,
            "submitted_at": self._database.clock(),
            "revealed": self._was_shown(connection, queue, item.number, reviewer),
            **_answered(given),
        }
        number: int = connection.execute(_REVIEW.insert().values(row).returning(_REVIEW.c.number)).scalar_one()
        done = update(_SLOT).where(_SLOT.c.item == item.number, _SLOT.c.slot == slot)
        connection.execute(done.values(state="done", lease_until=None))
        return number

    def _settle(self, connection: Connection, queue: Queue, item: Item) -> bool:
        """Close the item, ask another person or have it adjudicated, once everybody wanted has answered."""
        said = connection.execute(select(_REVIEW.c.answers).where(_REVIEW.c.item == item.number)).scalars().all()
        if len(said) < item.slots:
            return False
        follows = what_follows(queue.rubric, queue.settings, [orjson.loads(one) for one in said], item.slots)
        return self._closing.settle(connection, queue, item, follows)

    def _was_last(self, connection: Connection, item: Item, row: Any, now: datetime) -> bool:
        later = and_(_REVIEW.c.item == item.number, _REVIEW.c.number > row["number"])
        return (
            now - row["submitted_at"] <= UNDO
            and connection.execute(select(_REVIEW.c.number).where(later)).first() is None
        )


class _Taken(NamedTuple):
    item: int
    slot: int
    token: int


def _leased(item: int, reviewer: int) -> Any:
    return and_(_SLOT.c.item == item, _SLOT.c.reviewer == reviewer, _SLOT.c.state == "leased")


def _suits(harm: Any, who: Reviewer) -> Sequence[Any]:
    return [or_(harm.is_(None), harm.not_in(sorted(who.avoids)))] if who.avoids else []


def _answered(given: Given) -> dict[str, Any]:
    return {
        "answers": orjson.dumps(given.answers).decode(),
        "spans": orjson.dumps([span.model_dump() for span in given.spans]).decode(),
        "comment": given.comment,
        "flagged": given.flagged,
        "contested": given.contested,
        "seconds": given.seconds,
    }


def _told(item: Item) -> dict[str, str] | None:
    return item.expected if item.reason == "practice" else None
