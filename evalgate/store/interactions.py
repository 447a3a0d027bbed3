"""Interactions: written once each, however often they are sent, and never into a window that is closed.

What is known is read without a lock, the records are made from it, and the transaction that writes them finds out which
of them another server has written meanwhile: those are made again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import orjson
from sqlalchemy import (
    ARRAY,
    Connection,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    case,
    column,
    delete,
    func,
    select,
    text,
    update,
)

from evalgate.store.bulk import Upsert, insert_into
from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables.replies import pack, unpack
from evalgate.traffic.interactions import Interaction, State

_ITEM = metadata.tables["interaction"]
_TEXT = metadata.tables["interaction_text"]
_SCORE = metadata.tables["traffic_score"]
_COUNT = metadata.tables["traffic_count"]
_MARK = metadata.tables["traffic_mark"]

AT_ONCE = 400
"""Keys looked up in one statement."""
_COLUMNS = (
    "number",
    "project",
    "source",
    "external_id",
    "state",
    "version",
    "received_at",
    "completed_at",
    "conversation",
    "draw",
    "user_key",
    "sample_digest",
    "facts",
)
_SMALLEST = timedelta(microseconds=1)

Key = tuple[str, str]
"""Source and external id."""
WriteScores = Callable[[Connection, Sequence[tuple[int, int]]], None]
"""Writes what checks said of arrivals, given as (number, place among the arrivals), in the caller's transaction."""


class Known(NamedTuple):
    """What is stored of one interaction."""

    number: int
    state: State
    version: int
    facts: Mapping[str, str]
    interaction: Interaction | None
    """Masked, of one whose text may still come; None when it is whole, for then nothing of its text changes."""


class Arrival(NamedTuple):
    """One masked record, whole as it will stand, and what it does to the stored one."""

    interaction: Interaction
    conversation: str
    draw: float
    facts: Mapping[str, str]
    sample_digest: str | None
    known: Known | None
    """What it was made from; None for a new one."""
    result: str
    """What is counted: accepted, completed, partial, duplicate, no_content."""

    @property
    def changes(self) -> bool:
        """Whether anything is to be written of it beside the count."""
        return self.known is None or self.result != "duplicate" or dict(self.facts) != dict(self.known.facts)


class Kept(NamedTuple):
    """What a write did."""

    counts: Mapping[tuple[str, str], int]
    """By source and result, of those that were written."""
    lost: tuple[int, ...]
    """Places of arrivals that another server was quicker with: make them again."""


class Interactions:
    """The interactions of one project."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project
        dialect = database.engine.dialect
        self._insert = Upsert(_ITEM, _COLUMNS, dialect, wins="first")
        self._texts = Upsert(_TEXT, ("number", "body"), dialect, wins="last")
        self._known = _known_statement(database.is_sqlite, project)
        mark = select(_MARK.c.closed_until).where(_MARK.c.project == project)
        self._mark = mark if database.is_sqlite else mark.with_for_update(read=True)

    def known(self, keys: Iterable[Key]) -> dict[Key, Known]:
        """Return what is stored under these keys; texts are read of partial ones alone."""
        by_source: dict[str, list[str]] = {}
        for source, external_id in dict.fromkeys(keys):
            by_source.setdefault(source, []).append(external_id)
        found: dict[Key, Known] = {}
        with self._database.read() as connection:
            for source, ids in by_source.items():
                for row in connection.execute(self._known, {"source": source, "ids": self._listed(ids)}):
                    found[source, row.external_id] = _known(row)
        return found

    def keep(
        self,
        arrivals: Sequence[Arrival],
        write_scores: WriteScores,
        *,
        further: Mapping[tuple[str, str], int] | None = None,
    ) -> Kept:
        """Write the arrivals in one transaction, with what checks said of them and the counts.

        It has been committed when this returns. `further` counts by source and result what is no arrival.
        """
        with self._database.write() as connection:
            now = self._moment(connection)
            numbers, lost = self._written(connection, arrivals, now)
            write_scores(connection, [(number, place) for place, number in numbers.items()])
            written = (arrival for place, arrival in enumerate(arrivals) if place not in lost)
            counts = Counter((arrival.interaction.source, arrival.result) for arrival in written)
            self._count(connection, now, counts + Counter(further or {}))
        return Kept(counts, tuple(sorted(lost)))

    def one(self, number: int) -> Interaction | None:
        """Return a masked interaction; None where its texts are gone, or it never was in this project."""
        wanted = select(_TEXT.c.body).join(_ITEM, _ITEM.c.number == _TEXT.c.number)
        wanted = wanted.where(_ITEM.c.project == self._project, _ITEM.c.number == number)
        with self._database.read() as connection:
            body = connection.execute(wanted).scalar()
        return None if body is None else Interaction.model_validate_json(unpack(body))

    def many(self, numbers: Sequence[int]) -> dict[int, Interaction]:
        """Return masked interactions by number, of those whose texts are kept."""
        found: dict[int, Interaction] = {}
        with self._database.read() as connection:
            for start in range(0, len(numbers), AT_ONCE):
                among = _ITEM.c.number.in_(numbers[start : start + AT_ONCE])
                wanted = select(_TEXT.c.number, _TEXT.c.body).join(_ITEM, _ITEM.c.number == _TEXT.c.number)
                for number, body in connection.execute(wanted.where(_ITEM.c.project == self._project, among)):
                    found[number] = Interaction.model_validate_json(unpack(body))
        return found

    def _listed(self, ids: list[str]) -> object:
        return orjson.dumps(ids).decode() if self._database.is_sqlite else ids

    def _moment(self, connection: Connection) -> datetime:
        """Return the moment of this write, after every closed window, and keep windows from closing until it ends."""
        row = connection.execute(self._mark).first()
        if row is None:
            insert = insert_into(_MARK, connection.dialect).values(project=self._project)
            connection.execute(insert.on_conflict_do_nothing())
            row = connection.execute(self._mark).one()
        now = self._database.clock()
        return now if row.closed_until is None else max(now, row.closed_until + _SMALLEST)

    def _written(
        self, connection: Connection, arrivals: Sequence[Arrival], now: datetime
    ) -> tuple[dict[int, int], set[int]]:
        """Return the number of each arrival that was written, by its place, and the places of those that were not."""
        fresh = [place for place, arrival in enumerate(arrivals) if arrival.known is None]
        changed = [place for place, arrival in enumerate(arrivals) if arrival.known is not None and arrival.changes]
        numbers = self._inserted(connection, arrivals, fresh, now)
        for place in changed:
            if (number := self._updated(connection, arrivals[place], now)) is not None:
                numbers[place] = number
        texts = [
            (number, pack(arrivals[place].interaction.model_dump_json(exclude_defaults=True).encode()))
            for place, number in numbers.items()
            if arrivals[place].result != "duplicate"
        ]
        self._texts.write(connection.connection.cursor(), texts)
        return numbers, {place for place in (*fresh, *changed) if place not in numbers}

    def _inserted(
        self, connection: Connection, arrivals: Sequence[Arrival], places: Sequence[int], now: datetime
    ) -> dict[int, int]:
        if not places:
            return {}
        numbers = dict(zip(places, self._reserved(connection, len(places)), strict=True))
        moment = _ITEM.c.received_at.type.dialect_impl(connection.dialect).bind_processor(connection.dialect) or (
            lambda value: value
        )
        rows = [self._row(arrivals[place], number, now, moment) for place, number in numbers.items()]
        cursor = connection.connection.cursor()
        self._insert.write(cursor, rows)
        there = self._held(connection, numbers.values())
        return {place: number for place, number in numbers.items() if number in there}

    def _held(self, connection: Connection, numbers: Iterable[int]) -> set[int]:
        """Return which of the numbers of one block are rows."""
        block = list(numbers)
        wanted = select(_ITEM.c.number).where(_ITEM.c.number.between(min(block), max(block)))
        return set(connection.execute(wanted).scalars()) & set(block)

    def _reserved(self, connection: Connection, many: int) -> Sequence[int]:
        """Return so many numbers that no row has and none will get."""
        if self._database.is_sqlite:  # nobody else writes until this transaction ends
            last = connection.execute(select(func.max(_ITEM.c.number))).scalar() or 0
            return range(last + 1, last + 1 + many)
        taken = text("SELECT nextval(pg_get_serial_sequence('interaction', 'number')) FROM generate_series(1, :many)")
        return sorted(connection.execute(taken, {"many": many}).scalars())

    def _row(self, arrival: Arrival, number: int, now: datetime, moment: Callable[[Any], Any]) -> tuple[Any, ...]:
        interaction = arrival.interaction
        return (
            number,
            self._project,
            interaction.source,
            interaction.external_id,
            interaction.state,
            1,
            moment(now),
            None if interaction.state == "partial" else moment(now),
            arrival.conversation,
            arrival.draw,
            interaction.user_id,
            arrival.sample_digest,
            orjson.dumps(arrival.facts).decode(),
        )

    def _updated(self, connection: Connection, arrival: Arrival, now: datetime) -> int | None:
        """Return the number of the stored record once it is what the arrival says; None when it has changed."""
        known, interaction = arrival.known, arrival.interaction
        if known is None:
            return None
        values: dict[str, Any] = {"version": known.version + 1, "facts": orjson.dumps(arrival.facts).decode()}
        if arrival.result != "duplicate":
            values |= {
                "state": interaction.state,
                "conversation": arrival.conversation,
                "draw": arrival.draw,
                "user_key": interaction.user_id,
                "sample_digest": arrival.sample_digest,
                "completed_at": None if interaction.state == "partial" else now,
            }
        mine = update(_ITEM).where(_ITEM.c.number == known.number, _ITEM.c.version == known.version)
        if connection.execute(mine.values(values)).rowcount != 1:
            return None
        if known.state == "no_content" and arrival.result != "duplicate":
            # It was over without a text, and now there is one: it counts, and is looked at, where that came.
            connection.execute(delete(_SCORE).where(_SCORE.c.interaction == known.number))
        return known.number

    def _count(self, connection: Connection, now: datetime, counts: Mapping[tuple[str, str], int]) -> None:
        hour = now.replace(minute=0, second=0, microsecond=0)
        insert = insert_into(_COUNT, connection.dialect)
        adding = insert.on_conflict_do_update(
            index_elements=list(_COUNT.primary_key), set_={"items": _COUNT.c["items"] + insert.excluded["items"]}
        )
        for source, result in sorted(counts):  # in one order: servers that count the same hour then wait in turn
            row = {"project": self._project, "source": source, "hour": hour, "result": result}
            connection.execute(adding.values(row | {"items": counts[source, result]}))


def _known_statement(is_sqlite: bool, project: int) -> Select[Any]:  # noqa: FBT001 - one of two databases
    """Return the statement that finds interactions of one source by an array of ids, planned once for any number."""
    # What was erased is not told again: it is whole, whatever it was.
    state = case((_ITEM.c.erased_at.is_not(None), "complete"), else_=_ITEM.c.state).label("state")
    columns = (_ITEM.c.external_id, _ITEM.c.number, state, _ITEM.c.version, _ITEM.c.facts, _TEXT.c.body)
    whole = _ITEM.outerjoin(_TEXT, (_TEXT.c.number == _ITEM.c.number) & (_ITEM.c.state != "complete"))
    listed = func.json_each(bindparam("ids")).table_valued(column("value")).c.value
    ids = _ITEM.c.external_id
    among = ids.in_(select(listed)) if is_sqlite else ids == any_(bindparam("ids", type_=ARRAY(Text)))
    mine = and_(_ITEM.c.project == project, _ITEM.c.source == bindparam("source"), among)
    return select(*columns).select_from(whole).where(mine)


def _known(row: Any) -> Known:
    partial = None if row.body is None else Interaction.model_validate_json(unpack(row.body))
    return Known(row.number, row.state, row.version, orjson.loads(row.facts), partial)
