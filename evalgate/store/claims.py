"""Handing out items and taking answers back: no item over its slots, none lost, whoever comes at the same moment.

A claim is one conditional UPDATE. Its token fences it: an answer that comes with an older one comes too late, and is
taken all the same while a slot is free. Gold and practice items have no slots of their own: everybody is asked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, and_, delete, select, update

from evalgate.core.errors import WrongAsWritten
from evalgate.core.review import Given, SkipReason, check_answers, what_follows
from evalgate.store.bulk import insert_into
from evalgate.store.closing import Closing
from evalgate.store.database import Database
from evalgate.store.items import Item, Items
from evalgate.store.labels import Labels
from evalgate.store.queues import Queue
from evalgate.store.slots import Reviewer, Slots, leased
from evalgate.store.tables import metadata

UNDO = timedelta(minutes=10)
"""How long an answer that closed its item can still be taken back."""

_ITEM = metadata.tables["queue_item"]
_REVIEW = metadata.tables["review"]
_DECLINE = metadata.tables["decline"]
_REVEAL = metadata.tables["reveal"]


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


class Claims:
    """The work of reviewers on one project's queues."""

    def __init__(self, database: Database, project: int, secret: bytes) -> None:
        self._database = database
        self._project = project
        self._items = Items(database, project)
        self._slots = Slots(database, project, secret)
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
            self._slots.alone(connection, reviewer.number)
            taken = self._slots.hand_out(connection, queue, reviewer, until)
            if taken is None:
                return None
            item, slot, token = taken
            return Claimed(self._items.read(connection, item), slot, token, until)

    def heartbeat(self, item: int, slot: int, token: int, reviewer: int, lease_s: int) -> bool:
        """Keep an item a while longer; False when it is not this person's any more."""
        until = self._database.clock() + timedelta(seconds=lease_s)
        mine = self._slots.held(item, slot, token, reviewer)
        with self._database.write() as connection:
            return self._slots.renew(connection, mine, until)

    def release(self, item: int, slot: int, token: int, reviewer: int) -> None:
        """Give an item back unanswered; somebody else, or the same person later, may take it."""
        with self._database.write() as connection:
            self._slots.give_back(connection, self._slots.held(item, slot, token, reviewer))

    def decline(self, item: int, reviewer: int, reason: SkipReason) -> None:
        """Give an item back for good: this person is not asked about it again."""
        with self._database.write() as connection:
            known = self._items.read(connection, item)
            row = {"item": known.number, "reviewer": reviewer, "reason": reason, "at": self._database.clock()}
            insert = insert_into(_DECLINE, connection.dialect).values(row)
            again = insert.on_conflict_do_update(index_elements=["item", "reviewer"], set_={"reason": reason})
            connection.execute(again)
            self._slots.give_back(connection, leased(item, reviewer))

    def submit(
        self, queue: Queue, item: int, slot: int, token: int, reviewer: int, given: Given
    ) -> Submitted | TooLate:
        """Keep an answer and settle what follows for its item; the same answer sent twice is kept once.

        Raise WrongAsWritten for an answer that the queue does not ask for.
        """
        check_answers(queue.rubric, given)
        with self._database.write() as connection:
            self._slots.alone(connection, reviewer)
            known = self._locked(connection, queue, item)
            earlier = self._review(connection, item, reviewer)
            if earlier is not None:
                return Submitted(earlier, known, known.state == "closed", _told(known))
            if known.state != "open":
                return TooLate(item)
            self._check_spans(connection, known, given)
            place = self._slots.place(connection, known, slot, token, reviewer)
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
            self._slots.alone(connection, reviewer)
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
            token = self._slots.again(connection, item, row["slot"], reviewer, until)
            return Claimed(self._items.read(connection, item), row["slot"], token, until)

    def _locked(self, connection: Connection, queue: Queue, item: int) -> Item:
        """Return an item of the queue that nobody else settles meanwhile."""
        if not self._database.is_sqlite:
            # Not its key: what refers to the item may still be written.
            connection.execute(select(_ITEM.c.number).where(_ITEM.c.number == item).with_for_update(key_share=True))
        known = self._items.read(connection, item)
        if known.queue != queue.number:
            raise WrongAsWritten(f"item {item} is not in queue {queue.name!r}")
        return known

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
        self._slots.finish(connection, item.number, slot)
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
