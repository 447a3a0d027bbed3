"""Scores of production traffic: one row an interaction and criterion, saying what became of it and why.

A row is written by whoever looked, and may be written again: the same look gives the same row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from evalgate.core.outcomes import CheckRef, Mark, NotApplicable, Outcome, Unscored
from evalgate.store.bulk import Upsert, insert_into
from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables.runs import result_columns, result_of

_ITEM = metadata.tables["interaction"]
_CHECK = metadata.tables["traffic_check"]
_SCORE = metadata.tables["traffic_score"]

AT_ONCE = 2000
"""Interactions in one page of a stream."""
FEW = 400
"""Rows looked up in one statement by their numbers."""

State = Literal["scored", "not_applicable", "pending", "sampled_out", "filtered", "shed", "failed"]
Criterion = tuple[str, str]
"""A check's name in its suite, and the criterion."""
_KINDS = {"scored": "mark", "not_applicable": "not_applicable", "failed": "unscored", "shed": "unscored"}


class ScoreRow(NamedTuple):
    """A row of `traffic_score`, its columns in their order."""

    interaction: int
    check_number: int
    state: State
    value: float | None = None
    label: str | None = None
    reason: str | None = None
    stratum: str | None = None
    chance: float | None = None
    body: str | None = None


class Seen(NamedTuple):
    """What is counted of one interaction."""

    number: int
    state: Literal["complete", "no_content"]
    conversation: str
    draw: float
    facts: dict[str, str]
    sample_digest: str | None
    erased: bool


class Drawn(NamedTuple):
    """What was drawn for one criterion: the row of an interaction as an estimate reads it."""

    interaction: int
    state: State
    value: float | None
    stratum: str | None
    chance: float | None


_COLUMNS = tuple(each.name for each in _SCORE.columns)
_OF_ITEM = ("number", "state", "conversation", "draw", "facts", "sample_digest", "erased_at", "completed_at")
_SEEN = [_ITEM.c[name] for name in _OF_ITEM]
Span = tuple[datetime, datetime]
"""[start, end) of the time at which interactions were complete."""


def score_row(
    interaction: int,
    check: int,
    said: Outcome | Mark | NotApplicable | Unscored | State,
    *,
    reason: str | None = None,
    stratum: str | None = None,
    chance: float | None = None,
) -> ScoreRow:
    """Return the row of what a check said of an interaction, or of why it says nothing.

    A mark is `scored`; what was not scored has `failed`, or was `shed` where the money was gone.
    """
    if isinstance(said, str):
        return ScoreRow(interaction, check, said, reason=reason, stratum=stratum, chance=chance)
    result = said.result if isinstance(said, Outcome) else said
    state: State = "scored"
    if isinstance(result, NotApplicable):
        state = "not_applicable"
    elif isinstance(result, Unscored):
        state = "shed" if result.reason == "over_budget" else "failed"
    value, label, why, body = result_columns(result)
    return ScoreRow(interaction, check, state, value, label, why, stratum, chance, body)


def result_in(row: Any) -> Mark | NotApplicable | Unscored | None:
    """Return what a check said, from the columns of `traffic_score`; None where it said nothing."""
    kind = _KINDS.get(row.state)
    return None if kind is None else result_of(kind, row.value, row.label, row.reason, row.body)


class Scores:
    """The scores of one project's traffic."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project
        dialect = database.engine.dialect
        self._last = Upsert(_SCORE, _COLUMNS, dialect, wins="last")
        self._first = Upsert(_SCORE, _COLUMNS, dialect, wins="first")
        self._known: dict[tuple[str, tuple[tuple[CheckRef, str], ...]], dict[Criterion, int]] = {}

    def numbers(self, suite: str, criteria: Sequence[tuple[CheckRef, str]]) -> dict[Criterion, int]:
        """Return the number that each criterion of a suite's checks has, by (check's name, criterion).

        A check that changed has another number. Found once per process; not for the inside of a transaction.
        """
        asked = suite, tuple(criteria)
        if asked not in self._known:
            wanted = {(ref.name, ref.digest, criterion): ref.annotator for ref, criterion in criteria}
            with self._database.read() as connection:
                there = self._there(connection, suite)
            if not wanted.keys() <= there.keys():
                with self._database.write() as connection:
                    self._add(connection, suite, {key: wanted[key] for key in wanted if key not in there})
                    there = self._there(connection, suite)
            self._known[asked] = {
                (name, criterion): there[name, digest, criterion] for name, digest, criterion in wanted
            }
        return self._known[asked]

    def _there(self, connection: Connection, suite: str) -> dict[tuple[str, str, str], int]:
        mine = and_(_CHECK.c.project == self._project, _CHECK.c.suite == suite)
        wanted = select(_CHECK.c.name, _CHECK.c.digest, _CHECK.c.criterion, _CHECK.c.number).where(mine)
        return {(row.name, row.digest, row.criterion): row.number for row in connection.execute(wanted)}

    def _add(self, connection: Connection, suite: str, new: dict[tuple[str, str, str], str]) -> None:
        now = self._database.clock()
        rows = [
            {
                "project": self._project,
                "suite": suite,
                "name": name,
                "criterion": criterion,
                "annotator": annotator,
                "digest": digest,
                "since": now,
            }
            for (name, digest, criterion), annotator in sorted(new.items())
        ]
        connection.execute(insert_into(_CHECK, connection.dialect).values(rows).on_conflict_do_nothing())

    def write(self, connection: Connection, rows: Sequence[ScoreRow]) -> None:
        """Write rows in the caller's transaction; where there is one of the same interaction and check it is replaced.

        One call holds a pair of interaction and check once.
        """
        # In one order: two that write the same rows wait for one another in turn.
        self._last.write(connection.connection.cursor(), sorted(rows, key=_place))

    def offer(self, connection: Connection, rows: Sequence[ScoreRow]) -> None:
        """Write rows in the caller's transaction; where there is one already, it stays."""
        self._first.write(connection.connection.cursor(), sorted(rows, key=_place))

    def stream(self, span: Span) -> Iterator[list[Seen]]:
        """Give the interactions that were complete within a span, a page at a time, in the order of completion.

        No cursor stays open while the caller works; a closed span gives the same pages whenever it is asked.
        """
        wanted = select(*_SEEN).where(self._within(span))
        wanted = wanted.order_by(_ITEM.c.completed_at, _ITEM.c.number).limit(AT_ONCE)
        after: tuple[datetime, int] | None = None
        while True:
            further = wanted if after is None else wanted.where(_ITEM.c.completed_at >= after[0], _behind(*after))
            with self._database.read() as connection:
                page = connection.execute(further).all()
            if not page:
                return
            yield [_seen(row) for row in page]
            after = page[-1].completed_at, page[-1].number

    def seen(self, interactions: Sequence[int]) -> dict[int, Seen]:
        """Return what is counted of some interactions, by number."""
        found: dict[int, Seen] = {}
        with self._database.read() as connection:
            for start in range(0, len(interactions), FEW):
                among = _ITEM.c.number.in_(interactions[start : start + FEW])
                for row in connection.execute(select(*_SEEN).where(_ITEM.c.project == self._project, among)):
                    found[row.number] = _seen(row)
        return found

    def of(self, interactions: Sequence[int], checks: Collection[int]) -> dict[tuple[int, int], ScoreRow]:
        """Return the rows of some interactions under some checks, by (interaction, check)."""
        found: dict[tuple[int, int], ScoreRow] = {}
        with self._database.read() as connection:
            for start in range(0, len(interactions), FEW):
                among = _SCORE.c.interaction.in_(interactions[start : start + FEW])
                rows = select(_SCORE).where(among, _SCORE.c.traffic_check.in_(sorted(checks)))
                found.update(((row[0], row[1]), ScoreRow(*row)) for row in connection.execute(rows))
        return found

    def pending(self, span: Span, checks: Collection[int]) -> Iterator[list[ScoreRow]]:
        """Give the rows of a span that wait to be scored, those of some interactions at a time, in their order.

        Each is given once; one that somebody scores meanwhile is left out.
        """
        waiting = and_(_SCORE.c.state == "pending", _SCORE.c.traffic_check.in_(sorted(checks)))
        joined = _SCORE.join(_ITEM, _ITEM.c.number == _SCORE.c.interaction)
        all_of_them = select(_ITEM.c.number).select_from(joined).where(self._within(span), waiting).distinct()
        with self._database.read() as connection:
            numbers = connection.execute(all_of_them.order_by(_ITEM.c.number)).scalars().all()
        for start in range(0, len(numbers), FEW):
            rows = select(_SCORE).where(waiting, _SCORE.c.interaction.in_(numbers[start : start + FEW]))
            with self._database.read() as connection:
                page = sorted((ScoreRow(*row) for row in connection.execute(rows)), key=_place)
            if page:
                yield page

    def drawn(self, span: Span, check: int) -> Iterator[Drawn]:
        """Give every row of a span under one criterion, in no order."""
        names = ("interaction", "state", "value", "stratum", "chance")
        with self._database.read() as connection:
            result = connection.execute(self._rows(span, check, names).execution_options(yield_per=AT_ONCE))
            for row in result:
                yield Drawn(*row)

    def tally(self, span: Span, checks: Collection[int]) -> dict[int, dict[tuple[State, str | None], int]]:
        """Return how many rows of a span each criterion has, by state and reason."""
        found: dict[int, dict[tuple[State, str | None], int]] = {number: {} for number in checks}
        joined = _SCORE.join(_ITEM, _ITEM.c.number == _SCORE.c.interaction)
        by = (_SCORE.c.traffic_check, _SCORE.c.state, _SCORE.c.reason)
        counted = select(*by, func.count()).select_from(joined).where(self._within(span))
        counted = counted.where(_SCORE.c.traffic_check.in_(sorted(checks))).group_by(*by)
        with self._database.read() as connection:
            for check, state, reason, many in connection.execute(counted):
                found[check][state, reason] = many
        return found

    def strata(self, span: Span, checks: Collection[int]) -> dict[str, int]:
        """Return how many interactions of a span each stratum holds, as they were drawn; of no check, nothing."""
        if not checks:
            return {}
        mine = _SCORE.join(_ITEM, _ITEM.c.number == _SCORE.c.interaction)
        counted = select(_SCORE.c.stratum, func.count()).select_from(mine).where(self._within(span))
        counted = counted.where(_SCORE.c.traffic_check == min(checks), _SCORE.c.stratum.is_not(None))
        with self._database.read() as connection:
            return {row[0]: row[1] for row in connection.execute(counted.group_by(_SCORE.c.stratum))}

    def _rows(self, span: Span, check: int, names: Sequence[str]) -> Select[Any]:
        joined = _SCORE.join(_ITEM, _ITEM.c.number == _SCORE.c.interaction)
        columns = [_SCORE.c[name] for name in names]
        return select(*columns).select_from(joined).where(self._within(span), _SCORE.c.traffic_check == check)

    def _within(self, span: Span) -> ColumnElement[bool]:
        start, end = span
        return and_(_ITEM.c.project == self._project, _ITEM.c.completed_at >= start, _ITEM.c.completed_at < end)


def _behind(completed_at: datetime, number: int) -> ColumnElement[bool]:
    """Say that an interaction comes after the last one of a page."""
    return or_(_ITEM.c.completed_at > completed_at, _ITEM.c.number > number)


def _seen(row: Any) -> Seen:
    facts = orjson.loads(row.facts)
    erased = row.erased_at is not None
    return Seen(row.number, row.state, row.conversation, row.draw, facts, row.sample_digest, erased)


def _place(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row[:2]
