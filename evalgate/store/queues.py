"""Queues: what people are asked, how the work on it goes, and how far it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal, NamedTuple

from pydantic import AwareDatetime
from sqlalchemy import Connection, Select, func, select, update

from evalgate.core.errors import WrongAsWritten, did_you_mean
from evalgate.core.review import QueueSettings, ReviewRubric
from evalgate.core.values import Value
from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.tables import metadata

_QUEUE = metadata.tables["queue"]
_ITEM = metadata.tables["queue_item"]
_ASSIGNMENT = metadata.tables["assignment"]
_REVIEW = metadata.tables["review"]
_DECLINE = metadata.tables["decline"]


class Queue(Value):
    """A queue as it is kept."""

    number: int
    project: int
    name: str
    rubric: ReviewRubric
    settings: QueueSettings
    state: Literal["open", "closed"]
    created_by: str
    created_at: AwareDatetime


class Progress(NamedTuple):
    """How many items of a queue are in each state."""

    open: int = 0
    adjudicating: int = 0
    closed: int = 0
    removed: int = 0

    @property
    def all(self) -> int:
        """Items that count."""
        return self.open + self.adjudicating + self.closed


class Mine(NamedTuple):
    """How far one reviewer is in a queue."""

    done: int
    waiting: int
    """Items with a free slot in their languages that they neither have had nor declined; the one they have open is
    not among them."""


class Queues:
    """The queues of one project."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def create(self, name: str, rubric: ReviewRubric, settings: QueueSettings, by: str) -> Queue:
        """Make a queue; raise WrongAsWritten for a name that is taken."""
        row = {
            "project": self._project,
            "name": name.strip(),
            "rubric": rubric.model_dump_json(),
            "rubric_digest": rubric.digest,
            "settings": settings.model_dump_json(),
            "state": "open",
            "created_by": by,
            "created_at": self._database.clock(),
        }
        if not row["name"]:
            raise WrongAsWritten("a queue has a name; give it one")
        with self._database.write() as connection:
            insert = insert_into(_QUEUE, connection.dialect).values(row).on_conflict_do_nothing()
            if connection.execute(insert.returning(_QUEUE.c.number)).first() is None:
                raise WrongAsWritten(f"there is a queue {name!r} already; choose another name")
            return self.read(connection, name.strip())

    def get(self, named: str | int) -> Queue:
        """Return a queue by name or number; raise WrongAsWritten when the project has none of it."""
        with self._database.read() as connection:
            return self.read(connection, named)

    def read(self, connection: Connection, named: str | int) -> Queue:
        """Return a queue in the caller's transaction."""
        column = _QUEUE.c.number if isinstance(named, int) else _QUEUE.c.name
        mine = select(_QUEUE).where(_QUEUE.c.project == self._project)
        row = connection.execute(mine.where(column == named)).mappings().first()
        if row is None:
            known = connection.execute(select(_QUEUE.c.name).where(_QUEUE.c.project == self._project)).scalars().all()
            raise WrongAsWritten(f"there is no queue {named!r} here.{did_you_mean(str(named), known)}")
        return queue_of(row)

    def list(self) -> tuple[Queue, ...]:
        """Return the queues, the newest first."""
        wanted = select(_QUEUE).where(_QUEUE.c.project == self._project).order_by(_QUEUE.c.number.desc())
        with self._database.read() as connection:
            return tuple(map(queue_of, connection.execute(wanted).mappings()))

    def set_rubric(self, queue: int, rubric: ReviewRubric) -> None:
        """Ask something else; raise WrongAsWritten once there are items, for their answers belong to what was asked."""
        with self._database.write() as connection:
            # Whoever puts items in at this moment waits, or is waited for.
            held = select(_QUEUE.c.number).where(_QUEUE.c.number == queue).with_for_update(key_share=True)
            connection.execute(held)
            known = self.read(connection, queue)
            if known.rubric.digest == rubric.digest:
                return
            if connection.execute(select(_ITEM.c.number).where(_ITEM.c.queue == queue).limit(1)).first():
                raise WrongAsWritten(f"queue {known.name!r} holds items, so its rubric stays; make another queue")
            changed = update(_QUEUE).where(_QUEUE.c.number == queue)
            connection.execute(changed.values(rubric=rubric.model_dump_json(), rubric_digest=rubric.digest))

    def set_settings(self, queue: int, settings: QueueSettings) -> None:
        """Change how a queue works from now on; items that are there keep the number of people they ask."""
        self._change(queue, settings=settings.model_dump_json())

    def set_state(self, queue: int, state: Literal["open", "closed"]) -> None:
        """Open a queue or close it; nothing is handed out of a closed one."""
        self._change(queue, state=state)

    def progress(self) -> dict[int, Progress]:
        """Return how far every queue is."""
        by = (_ITEM.c.queue, _ITEM.c.state)
        wanted = select(*by, func.count()).where(_ITEM.c.project == self._project).group_by(*by)
        found: dict[int, dict[str, int]] = {}
        with self._database.read() as connection:
            for queue, state, count in connection.execute(wanted):
                found.setdefault(queue, {})[state] = count
        return {queue: Progress(**counts) for queue, counts in found.items()}

    def mine(self, queues: Collection[int], reviewer: int, languages: tuple[str, ...]) -> dict[int, Mine]:
        """Return how far a reviewer is in each of these queues."""
        done = select(_ITEM.c.queue, func.count()).select_from(_REVIEW.join(_ITEM, _ITEM.c.number == _REVIEW.c.item))
        done = done.where(_ITEM.c.queue.in_(queues), _REVIEW.c.reviewer == reviewer).group_by(_ITEM.c.queue)
        open_slots = (_ASSIGNMENT.c.queue.in_(queues), _ASSIGNMENT.c.state == "open", spoken(languages))
        waiting = select(_ASSIGNMENT.c.queue, func.count(func.distinct(_ASSIGNMENT.c.item))).where(*open_slots)
        waiting = waiting.group_by(_ASSIGNMENT.c.queue)
        # Counted apart, and few: to leave each of a large queue's items out would cost as many look-ups.
        own = _ASSIGNMENT.alias("own")
        had = select(own.c.item).where(own.c.reviewer == reviewer, own.c.queue.in_(queues))
        met = waiting.where(
            _ASSIGNMENT.c.item.in_(had.union(select(_DECLINE.c.item).where(_DECLINE.c.reviewer == reviewer)))
        )
        with self._database.read() as connection:
            answered, free, seen = (_by_queue(connection, one) for one in (done, waiting, met))
        return {queue: Mine(answered.get(queue, 0), free.get(queue, 0) - seen.get(queue, 0)) for queue in queues}

    def _change(self, queue: int, **values: Any) -> None:
        mine = update(_QUEUE).where(_QUEUE.c.project == self._project, _QUEUE.c.number == queue)
        with self._database.write() as connection:
            connection.execute(mine.values(**values))


def _by_queue(connection: Connection, counted: Select[Any]) -> dict[int, int]:
    return {row[0]: row[1] for row in connection.execute(counted)}


def spoken(languages: tuple[str, ...]) -> Any:
    """Return the condition that a slot is in one of a reviewer's languages, or in one that nobody could tell."""
    return _ASSIGNMENT.c.language.in_(("", *languages))


def queue_of(row: Mapping[Any, Any]) -> Queue:
    """Return the queue of a row."""
    kept = {name: row[name] for name in Queue.model_fields}
    kept["rubric"] = ReviewRubric.model_validate_json(row["rubric"])
    kept["settings"] = QueueSettings.model_validate_json(row["settings"])
    return Queue.model_validate(kept)
