"""What happens to an item once people have answered: closed with labels, one more person asked, or adjudicated."""

from __future__ import annotations

import orjson
from sqlalchemy import Connection, and_, delete, select, update

from evalgate.core.errors import WrongAsWritten
from evalgate.core.labels import Basis, Label
from evalgate.core.review import UNKNOWN, Given, Next, agreed_label, check_answers
from evalgate.store.database import Database
from evalgate.store.items import Item, Items, rank_of
from evalgate.store.labels import Labels
from evalgate.store.queues import Queue
from evalgate.store.tables import metadata

_ITEM = metadata.tables["queue_item"]
_SLOT = metadata.tables["assignment"]
_REVIEW = metadata.tables["review"]
_ADJUDICATION = metadata.tables["adjudication"]


class Closing:
    """The end of items in one project."""

    def __init__(self, database: Database, project: int, labels: Labels) -> None:
        self._database = database
        self._project = project
        self._labels = labels
        self._items = Items(database, project)

    def settle(self, connection: Connection, queue: Queue, item: Item, follows: Next) -> bool:
        """Do what follows, in the caller's transaction, and say whether the item is closed now."""
        if follows == "close":
            self._close(connection, item)
            self._labels.write(connection, self.labels_of(connection, queue, item), {item.sample_digest: item.number})
            return True
        if follows == "ask_another":
            slot = item.slots + 1
            row = {
                "item": item.number,
                "slot": slot,
                "queue": queue.number,
                "language": item.language or "",
                "harm": item.harm or "",
                "rank": rank_of(queue, item.priority),
                "state": "open",
            }
            connection.execute(_SLOT.insert().values(row))
            connection.execute(update(_ITEM).where(_ITEM.c.number == item.number).values(slots=slot))
            return False
        connection.execute(update(_ITEM).where(_ITEM.c.number == item.number).values(state="adjudicating"))
        return False

    def reopen(self, connection: Connection, queue: Queue, item: Item) -> None:
        """Take back what the last answer led to, in the caller's transaction: labels, and a slot nobody has taken."""
        self._labels.withdraw(connection, item.number)
        surplus = and_(_SLOT.c.item == item.number, _SLOT.c.slot == item.slots, _SLOT.c.state == "open")
        slots = item.slots
        if item.slots > queue.settings.reviews_required and connection.execute(delete(_SLOT).where(surplus)).rowcount:
            slots -= 1
        opened = update(_ITEM).where(_ITEM.c.number == item.number)
        connection.execute(opened.values(state="open", closed_at=None, slots=slots))

    def adjudicate(self, queue: Queue, number: int, by: int, given: Given) -> Item:
        """Let a third person decide; raise WrongAsWritten for who answered it, and for what need not be decided."""
        check_answers(queue.rubric, given)
        with self._database.write() as connection:
            item = self._items.read(connection, number)
            if item.state != "adjudicating":
                raise WrongAsWritten("people do not disagree about this item, or somebody has decided it already")
            mine = and_(_REVIEW.c.item == number, _REVIEW.c.reviewer == by)
            if connection.execute(select(_REVIEW.c.number).where(mine)).first() is not None:
                raise WrongAsWritten("you answered this item yourself; a third person decides")
            row = {
                "item": number,
                "by": by,
                "answers": orjson.dumps(given.answers).decode(),
                "comment": given.comment,
                "at": self._database.clock(),
            }
            connection.execute(_ADJUDICATION.insert().values(row))
            self._close(connection, item)
            labels = [
                self._label(queue, item, criterion, label, people=1, basis="adjudicated", blind=True)
                for criterion, label in given.answers.items()
                if label != UNKNOWN
            ]
            self._labels.write(connection, labels, {item.sample_digest: item.number})
            return self._items.read(connection, number)

    def labels_of(self, connection: Connection, queue: Queue, item: Item) -> list[Label]:
        """Return the label of each criterion that people agree on; a tie and `unknown` give none."""
        wanted = select(_REVIEW.c.answers, _REVIEW.c.revealed).where(_REVIEW.c.item == item.number)
        rows = connection.execute(wanted).all()
        answers = [orjson.loads(row.answers) for row in rows]
        blind = not any(row.revealed for row in rows)
        labels = []
        for criterion in queue.rubric.criteria:
            agreed = agreed_label(answers, criterion)
            if agreed is not None:
                label, people = agreed
                basis: Basis = "agreed" if people > 1 else "single"
                labels.append(self._label(queue, item, criterion, label, people=people, basis=basis, blind=blind))
        return labels

    def _label(
        self, queue: Queue, item: Item, criterion: str, label: str, *, people: int, basis: Basis, blind: bool
    ) -> Label:
        asked = queue.rubric.criteria[criterion]
        return Label(
            check=asked.check,
            criterion=asked.criterion,
            sample_digest=item.sample_digest,
            case_id=item.case_id,
            cluster=item.cluster,
            language=item.language,
            stratum=item.stratum,
            value=asked.labels[label].value,
            label=label,
            probability=item.probability,
            people=people,
            basis=basis,
            blind=blind,
            split=item.split,
            rubric_digest=queue.rubric.digest,
            source=f"queue:{queue.name}",
            at=self._database.clock(),
        )

    def _close(self, connection: Connection, item: Item) -> None:
        now = self._database.clock()
        connection.execute(update(_ITEM).where(_ITEM.c.number == item.number).values(state="closed", closed_at=now))
        waiting = and_(_SLOT.c.item == item.number, _SLOT.c.state != "done")
        connection.execute(update(_SLOT).where(waiting).values(state="cancelled"))
