"""Many rows in one driver call: the one hot path, where SQLAlchemy's work per row would cost more than the database's.

The statements are compiled from the table definitions, so no column can drift away from them; only the rows pass by
SQLAlchemy, as tuples of what a driver takes as it is: texts, numbers, bytes, None.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from sqlalchemy import ARRAY, BindParameter, Dialect, Table, bindparam, func, or_, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql import ClauseElement

Rows = Iterable[tuple[Any, ...]]


def compiled(statement: ClauseElement, dialect: Dialect) -> str:
    """Return the SQL of a statement as the dialect's driver takes it."""
    return str(statement.compile(dialect=dialect))


def insert_into(table: Table, dialect: Dialect) -> Any:
    """Return the dialect's own insert, which knows what to do where a key is there already."""
    if dialect.name != "postgresql":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # 40 ms that a start on SQLite does not pay

    return postgresql.insert(table)


class Upsert:
    """Writes rows of one table; where the key is there already, the first row stays or the last one takes its place.

    Rows come as tuples in the order of `columns`. One call must not hold a key twice when the last one wins.
    """

    def __init__(
        self, table: Table, columns: Sequence[str], dialect: Dialect, *, wins: Literal["first", "last"]
    ) -> None:
        self._columns = columns
        self._arrays = dialect.name == "postgresql"
        insert = insert_into(table, dialect)
        filled = _from_arrays(insert, columns) if self._arrays else _from_values(insert, columns)
        self._sql = compiled(_or_else(filled, columns, wins), dialect)

    def write(self, cursor: Any, rows: Rows) -> None:
        """Run the statement on a driver's cursor, inside the caller's transaction."""
        if not self._arrays:
            cursor.executemany(self._sql, rows)
        elif columns := list(zip(*rows, strict=True)):
            cursor.execute(self._sql, {name: list(column) for name, column in zip(self._columns, columns, strict=True)})


def _from_values(insert: Any, columns: Sequence[str]) -> Any:
    """One row a binding: sqlite3 runs it for each tuple without leaving C."""
    return insert.values({name: bindparam(name) for name in columns})


def _from_arrays(insert: Any, columns: Sequence[str]) -> Any:
    """One array a column: PostgreSQL is sent one statement a batch."""
    arrays: list[BindParameter[Any]] = [bindparam(name, type_=ARRAY(insert.table.c[name].type)) for name in columns]
    return insert.from_select(list(columns), select(*map(func.unnest, arrays)), include_defaults=False)


def _or_else(insert: Any, columns: Sequence[str], wins: str) -> Any:
    """Say what happens where the key is there; a row that differs in nothing is not written again."""
    if wins == "first":
        return insert.on_conflict_do_nothing()
    given, table = insert.excluded, insert.table
    others = [name for name in columns if name not in table.primary_key]
    return insert.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={name: given[name] for name in others},
        where=or_(*[table.c[name].is_distinct_from(given[name]) for name in others]),
    )
