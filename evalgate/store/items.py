"""Items of queues: put in by the thousand, looked at by page, each with the sample it is about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, Literal

import orjson
from pydantic import AwareDatetime, JsonValue
from sqlalchemy import Connection, and_, func, literal, select, update

from evalgate.core.errors import WrongAsWritten
from evalgate.core.labels import Probability, Split
from evalgate.core.values import Finite, Value
from evalgate.runner.ports import Marked
from evalgate.store.bulk import Upsert, insert_into
from evalgate.store.database import Database
from evalgate.store.queues import Queue
from evalgate.store.tables import ItemRow, metadata
from evalgate.store.tables.runs import SAMPLE_COLUMNS, sample_row

Reason = Literal["unknown", "disagreement", "near_threshold", "flip", "random", "gold", "practice", "chosen"]
ItemState = Literal["open", "closed", "adjudicating", "removed"]
AT_ONCE = 2000
ITEM_COLUMNS = tuple(name for name in ItemRow.model_fields if name not in {"number", "closed_at"})

_QUEUE = metadata.tables["queue"]
_ITEM = metadata.tables["queue_item"]
_ASSIGNMENT = metadata.tables["assignment"]
_SAMPLE = metadata.tables["sample"]
_RUN = metadata.tables["run"]
_REVEAL = metadata.tables["reveal"]
ITEM_AT = _ITEM.c.added_at.type
_EVERYBODY = frozenset({"gold", "practice"})
"""They have no slots: each person is asked."""


class Judged(Value):
    """What a judge said of a criterion."""

    check: str
    criterion: str = ""
    digest: str
    value: float | None
    label: str | None = None
    explanation: str = ""


class NewItem(Value):
    """A sample to put into a queue."""

    sample_digest: str
    case_id: str
    run: int | None = None
    """The run's number, which also says where the sample's context is."""
    position: int | None = None
    cluster: str | None = None
    language: str | None = None
    reason: Reason = "chosen"
    stratum: str | None = None
    probability: Probability | None = None
    priority: Finite = 0.0
    split: Split
    harm: str | None = None
    expected: dict[str, str] | None = None
    """Criterion to label, of gold and practice items."""
    explanation: str | None = None
    judged: tuple[Judged, ...] = ()


class Item(NewItem):
    """An item as it is kept."""

    number: int
    queue: int
    slots: int
    state: ItemState
    added_at: AwareDatetime
    closed_at: AwareDatetime | None

    @property
    def withdrawn(self) -> bool:
        """Whether an answer was expected that turned out to be wrong, or not the only one."""
        return self.reason in _EVERYBODY and self.expected is None


class Content(Value):
    """What reviewers read: the texts of a sample, masked as they are stored."""

    input: JsonValue
    text: str
    context: tuple[str, ...] = ()
    reference: str | None = None
    tool_calls: tuple[JsonValue, ...] = ()

    def length(self, side: str, index: int) -> int:
        """Return how many code points a text has; 0 for one that is not there."""
        turns = self.input if isinstance(self.input, list) else [{"content": self.input}]
        asked = tuple(str(turn.get("content", "")) for turn in turns if isinstance(turn, dict))
        texts = {"input": asked, "output": (self.text,), "context": self.context}[side]
        return len(texts[index]) if index < len(texts) else 0


class Items:
    """The items of one project's queues."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def add(self, queue: Queue, items: Iterable[NewItem]) -> int:
        """Put samples into a queue and return how many are new; a sample is in a queue once."""
        added = 0
        stream = iter(items)
        while batch := list(islice(stream, AT_ONCE)):
            with self._database.write() as connection:
                added += self._add(connection, queue, batch)
        if added >= AT_ONCE and not self._database.is_sqlite:
            # Until PostgreSQL has counted them it plans claims as if there were none, and reads them all each time.
            with self._database.write() as connection:
                connection.exec_driver_sql("ANALYZE queue_item, assignment")
        return added

    def hold(self, samples: Sequence[Marked]) -> None:
        """Store masked samples that no run holds, so that they can be put into a queue."""
        rows = {marked.sample_digest: sample_row(self._project, marked) for marked in samples}
        with self._database.write() as connection:
            held = Upsert(_SAMPLE, SAMPLE_COLUMNS, connection.dialect, wins="first")
            held.write(connection.connection.cursor(), [rows[digest] for digest in sorted(rows)])

    def _add(self, connection: Connection, queue: Queue, batch: Sequence[NewItem]) -> int:
        self._check_stored(connection, {one.sample_digest for one in batch})
        dialect = connection.dialect
        # One at a time puts items into a queue: what is new is then what has a higher number.
        held = select(_QUEUE.c.number).where(_QUEUE.c.number == queue.number).with_for_update(key_share=True)
        connection.execute(held)
        before = connection.execute(select(func.coalesce(func.max(_ITEM.c.number), 0))).scalar_one()
        stamp = ITEM_AT.dialect_impl(dialect).bind_processor(dialect) or _as_it_is
        now = stamp(self._database.clock())
        rows = [item_row(queue, self._project, one, now) for one in batch]
        Upsert(_ITEM, ITEM_COLUMNS, dialect, wins="first").write(connection.connection.cursor(), rows)
        added = and_(_ITEM.c.queue == queue.number, _ITEM.c.number > before)
        for slot in range(1, queue.settings.reviews_required + 1):
            connection.execute(_slots(queue, slot, added))
        made: int = connection.execute(select(func.count()).where(added)).scalar_one()
        return made

    def _check_stored(self, connection: Connection, digests: Collection[str]) -> None:
        """Raise WrongAsWritten for a sample that the project does not hold: reviewers could not read it."""
        mine = and_(_SAMPLE.c.project == self._project, _SAMPLE.c.digest.in_(sorted(digests)))
        stored = set(connection.execute(select(_SAMPLE.c.digest).where(mine)).scalars())
        if missing := sorted(set(digests) - stored):
            raise WrongAsWritten(f"sample {missing[0]} is not stored in this project; push its run first")

    def get(self, number: int) -> Item:
        """Return an item; raise WrongAsWritten when the project has none of this number."""
        with self._database.read() as connection:
            return self.read(connection, number)

    def read(self, connection: Connection, number: int) -> Item:
        """Return an item in the caller's transaction."""
        mine = and_(_ITEM.c.project == self._project, _ITEM.c.number == number)
        row = connection.execute(select(_ITEM).where(mine)).mappings().first()
        if row is None:
            raise WrongAsWritten(f"there is no item {number} here; it may have been removed")
        return item_of(row)

    def content(self, connection: Connection, item: Item) -> Content:
        """Return what an item is about."""
        mine = and_(_SAMPLE.c.project == self._project, _SAMPLE.c.digest == item.sample_digest)
        body = orjson.loads(connection.execute(select(_SAMPLE.c.body).where(mine)).scalar_one())
        return Content(**{name: body[name] for name in Content.model_fields if name in body})

    def page(
        self,
        queue: int,
        *,
        state: ItemState | None = None,
        reason: Reason | None = None,
        after: int = 0,
        limit: int = 50,
    ) -> tuple[Item, ...]:
        """Return items of a queue in the order in which they came; `after` is the last number of the page before."""
        wanted = select(_ITEM).where(_ITEM.c.project == self._project, _ITEM.c.queue == queue, _ITEM.c.number > after)
        if state is not None:
            wanted = wanted.where(_ITEM.c.state == state)
        if reason is not None:
            wanted = wanted.where(_ITEM.c.reason == reason)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(_ITEM.c.number).limit(limit)).mappings()
            return tuple(map(item_of, rows))

    def held(self, queue: int, digests: Collection[str]) -> set[str]:
        """Return which of these samples are in a queue."""
        there = select(_ITEM.c.sample_digest).where(_ITEM.c.queue == queue, _ITEM.c.sample_digest.in_(sorted(digests)))
        with self._database.read() as connection:
            return set(connection.execute(there.where(_ITEM.c.project == self._project)).scalars())

    def remove(self, number: int) -> None:
        """Take an item out of the work; what was answered stays, and nobody is asked any more."""
        with self._database.write() as connection:
            self._retire(connection, self.read(connection, number))

    def withdraw(self, number: int) -> None:
        """Take back what an item expects: it measures nobody, those who answered neither, and nobody else is asked.

        Raise WrongAsWritten for one that expects nothing.
        """
        with self._database.write() as connection:
            item = self.read(connection, number)
            if item.expected is None:
                raise WrongAsWritten("this item expects no answer, or somebody has withdrawn it already")
            connection.execute(update(_ITEM).where(_ITEM.c.number == item.number).values(expected=None))
            self._retire(connection, item)

    def _retire(self, connection: Connection, item: Item) -> None:
        connection.execute(update(_ITEM).where(_ITEM.c.number == item.number).values(state="removed"))
        waiting = and_(_ASSIGNMENT.c.item == item.number, _ASSIGNMENT.c.state != "done")
        connection.execute(update(_ASSIGNMENT).where(waiting).values(state="cancelled"))

    def reveal(self, number: int, reviewer: int) -> tuple[Judged, ...]:
        """Return what the judges said, and remember that this person saw it."""
        with self._database.write() as connection:
            item = self.read(connection, number)
            row = {"item": item.number, "reviewer": reviewer, "at": self._database.clock()}
            connection.execute(insert_into(_REVEAL, connection.dialect).values(row).on_conflict_do_nothing())
            return item.judged

    def run_of(self, item: Item) -> str | None:
        """Return the id of the run an item came from."""
        if item.run is None:
            return None
        wanted = select(_RUN.c.id).where(_RUN.c.project == self._project, _RUN.c.number == item.run)
        with self._database.read() as connection:
            run: str | None = connection.execute(wanted).scalar()
            return run


def item_row(queue: Queue, project: int, item: NewItem, at: Any) -> tuple[Any, ...]:
    """Return the values of ITEM_COLUMNS; `at` as the driver takes a moment."""
    row = {
        **item.__dict__,
        "queue": queue.number,
        "project": project,
        "expected": None if item.expected is None else orjson.dumps(item.expected).decode(),
        "judged": orjson.dumps([said.model_dump() for said in item.judged]).decode(),
        "slots": 0 if item.reason in _EVERYBODY else queue.settings.reviews_required,
        "state": "open",
        "added_at": at,
    }
    return tuple(row[name] for name in ITEM_COLUMNS)


def _slots(queue: Queue, slot: int, added: Any) -> Any:
    """Return the statement that gives each new item its slot of this number."""
    values = {
        "item": _ITEM.c.number,
        "slot": literal(slot),
        "queue": _ITEM.c.queue,
        "language": func.coalesce(_ITEM.c.language, ""),
        "harm": func.coalesce(_ITEM.c.harm, ""),
        "rank": -_ITEM.c.priority if queue.settings.order == "value" else literal(0.0),
        "state": literal("open"),
        "token": literal(0),
    }
    chosen = select(*values.values()).where(added, _ITEM.c.slots >= slot)
    return _ASSIGNMENT.insert().from_select(list(values), chosen, include_defaults=False)


def _as_it_is(value: Any) -> Any:
    return value


def rank_of(queue: Queue, priority: float) -> float:
    """Return where an item stands in its queue, the smallest first; in order of arrival all stand alike."""
    return -priority if queue.settings.order == "value" else 0.0


def item_of(row: Mapping[Any, Any]) -> Item:
    """Return the item of a row."""
    kept = {name: row[name] for name in Item.model_fields}
    kept["expected"] = None if row["expected"] is None else orjson.loads(row["expected"])
    kept["judged"] = orjson.loads(row["judged"])
    return Item.model_validate(kept)
