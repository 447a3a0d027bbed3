"""Columns become fields: one row of a file is read as a Case and an Output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError

from evalgate.core.checks import Check
from evalgate.core.samples import Case, Output
from evalgate.suites.messages import Misread, as_json, first_error, read_messages, read_tool_calls
from evalgate.suites.rows import Row
from evalgate.suites.suite import CASE_FIELDS, OUTPUT_FIELDS, DataSpec
from evalgate.suites.words import nearest

MAX_EXACT = 1 << 53


class Wanted(NamedTuple):
    """What the checks of a suite read besides texts."""

    where: Mapping[str, Any] = {}
    """Column to a value that some check compares it with; kept in `Case.metadata`."""
    recorded: tuple[str, ...] = ()
    """Columns measured elsewhere; kept in `Output.recorded`."""
    texts: bool = True
    """Whether any check reads the input or the output itself."""
    asked_by: Mapping[str, str] = {}
    """Column to who reads it: `checks.win`."""

    @classmethod
    def by(cls, checks: Mapping[str, Check]) -> Wanted:
        """Return what these checks read: a check that declares `columns` reads those and no text."""
        where: dict[str, Any] = {}
        recorded: dict[str, None] = {}
        asked_by: dict[str, str] = {}
        texts = not checks
        for name, check in checks.items():
            columns = tuple(getattr(check, "columns", ()))
            texts = texts or not columns
            read = tuple(getattr(check, "case_columns", ()))
            where |= dict.fromkeys(read, "") | check.where
            if getattr(check, "files", None) is not None:
                columns = ()  # they stand in a file of their own, see `books`
            recorded |= dict.fromkeys(columns)
            asked_by |= dict.fromkeys(check.where, f"checks.{name}.where") | dict.fromkeys(
                (*columns, *read), f"checks.{name}"
            )
        return cls(where, tuple(recorded), texts, asked_by)


class FieldReader:
    """Reads rows under one DataSpec. `typed` files tell numbers from text; in others empty cells are absent."""

    def __init__(self, spec: DataSpec, wanted: Wanted, *, typed: bool) -> None:
        self.spec = spec
        self.wanted = wanted
        self.typed = typed
        self._id, self._input, self._output = (spec.column(field) for field in ("id", "input", "output"))
        self._reference, self._context = spec.column("reference"), spec.column("context")
        self._cluster, self._metadata = spec.column("cluster"), spec.column("metadata")
        self._slices = tuple(spec.slices.items())
        self._repeat = spec.column("repeat")
        self._number = _number if typed else _number_in_text
        self._facts = tuple((field, spec.column(field), self._converter(field)) for field in OUTPUT_FIELDS[1:])

    def demanded(self, *, cases: bool, outputs: bool) -> dict[str, str]:
        """Return each column that must occur in the file, with who demands it; input and output are row by row."""
        fields = (CASE_FIELDS if cases else ()) + (OUTPUT_FIELDS if outputs else ())
        named = {self.spec.columns[field]: f"data.columns.{field}" for field in fields if field in self.spec.columns}
        if cases:
            named |= {column: f"data.slices.{name}" for name, column in self.spec.slices.items()}
            named |= {column: self.wanted.asked_by.get(column, "a check") for column in self.wanted.where}
        if outputs:
            named |= {column: self.wanted.asked_by.get(column, "a check") for column in self.wanted.recorded}
        return named

    def columns(self) -> set[str]:
        """Return every column this reader may look at."""
        fields = {self.spec.column(field) for field in CASE_FIELDS + OUTPUT_FIELDS}
        return fields | set(self.spec.slices.values()) | set(self.wanted.where) | set(self.wanted.recorded)

    def id(self, row: Row) -> str:
        """Return the case's id as text; whole numbers are allowed."""
        value = row.get(self._id)
        if type(value) is str and value:
            return value
        if value is None or value == "":
            raise Misread(self.absent("id", row))
        try:
            return name_of(value)
        except Misread as problem:
            raise Misread(f"{self._id!r} {problem}") from problem

    def absent(self, field: str, row: Row) -> str:
        """Return the sentence for a required field that a row lacks."""
        column = self.spec.column(field)
        if column in row:
            return f"{column!r} is empty, and every row needs its {field}"
        named = ", ".join(row) or "none"
        if field in self.spec.columns:
            return (
                f"no column {column!r}, which data.columns.{field} names; the columns are {named}{nearest(column, row)}"
            )
        return f"no column {column!r}; the columns are {named}; say which one is the {field}: data.columns.{field}"

    def case(self, row: Row) -> Case:
        """Return what was asked. Raises Misread naming the column."""
        # Every mapping is given: pydantic copies a default `{}` deeply, which takes as long as the rest of the row.
        written: dict[str, Any] = {"id": self.id(row), "slices": {}, "metadata": {}}
        written["input"] = self._read(self._question, row, "input", self._input)
        if (value := self._given(row, self._reference)) is not None:
            written["reference"] = self._read_as(_plain_text, self._reference, value)
        if (value := self._given(row, self._context)) is not None:
            written["context"] = self._read_as(self._passages, self._context, value)
        if (value := self._given(row, self._cluster)) is not None:
            written["cluster"] = self._read_as(name_of, self._cluster, value)
        if self._slices:
            written["slices"] = {
                name: self._read_as(_slice_value, column, value)
                for name, column in self._slices
                if (value := self._given(row, column)) is not None
            }
        if self.wanted.where:
            written["metadata"] = self._where(row)
        try:
            # Validating costs 3 µs, as much as model_construct does: the checked way is the quick way.
            return Case(**written)
        except ValidationError as problem:
            raise Misread(first_error(problem)) from problem

    def score(self, row: Row, column: str) -> tuple[tuple[str, int], Any]:
        """Return id and repeat, and the value a file of scores has for them. Raises Misread naming the column."""
        return self.key(row), self._read_as(_shallow, column, self._given(row, column))

    def key(self, row: Row) -> tuple[str, int]:
        """Return what tells a row from all others: id and repeat."""
        repeat = self._given(row, self._repeat)
        return self.id(row), 0 if repeat is None else int(self._read_as(self._number, self._repeat, repeat))

    def output(self, row: Row, joined: dict[str, Any] | None = None) -> Output:
        """Return what was answered, with values `joined` from elsewhere. Raises Misread naming the column."""
        written: dict[str, Any] = {"recorded": {}}
        for field, column, convert in self._facts:
            if (value := row.get(column)) is not None and (self.typed or value != ""):
                written[field] = self._read_as(convert, column, value)
        written["text"] = self._answer(row, called="tool_calls" in written)
        if self.wanted.recorded or joined:
            written["recorded"] = {
                column: self._read_as(_shallow, column, value)
                for column in self.wanted.recorded
                if (value := self._given(row, column)) is not None
            } | (joined or {})
        try:
            return Output(**written)
        except ValidationError as problem:
            raise Misread(first_error(problem)) from problem

    def _given(self, row: Row, column: str) -> Any:
        value = row.get(column)
        return None if value == "" and not self.typed else value

    def _read_as(self, convert: Callable[[Any], Any], column: str, value: Any) -> Any:
        try:
            return convert(value)
        except Misread as problem:
            raise Misread(f"{column!r} {problem}") from problem

    def _read(self, convert: Callable[[Any], Any], row: Row, field: str, column: str) -> Any:
        value = row.get(column)
        if type(value) is str and (self.typed or value[:1] != "["):
            return value
        if value is None:
            if not self.wanted.texts and field not in self.spec.columns:
                return ""
            raise Misread(self.absent(field, row))
        return self._read_as(convert, column, value)

    def _question(self, value: Any) -> Any:
        if isinstance(value, str):
            turns = _json_list(value)
            return read_messages(turns) if turns and all(_is_turn(turn) for turn in turns) else value
        if isinstance(value, list):
            return read_messages(value)
        raise Misread(f"is text or a list of messages, not {_kind(value)}")

    def _answer(self, row: Row, *, called: bool) -> str:
        value = row.get(self._output)
        if type(value) is str:
            return value
        if value is None and (called or (not self.wanted.texts and "output" not in self.spec.columns)):
            return ""
        if value is None:
            raise Misread(self.absent("output", row) + ('; an empty answer is ""' if self._output in row else ""))
        raise Misread(f"{self._output!r} is the answer's text, not {_kind(value)}; write JSON answers as text")

    def _passages(self, value: Any) -> tuple[str, ...]:
        if isinstance(value, str):
            listed = None if self.typed else _json_list(value)
            value = [value] if listed is None else listed
        if not isinstance(value, list) or not all(isinstance(passage, str) for passage in value):
            raise Misread("is a text or a list of texts")
        return tuple(value)

    def _where(self, row: Row) -> dict[str, Any]:
        around = row.get(self._metadata)
        nested = around if isinstance(around, dict) else {}
        found = {}
        for column, wanted in self.wanted.where.items():
            value = self._given(row, column)
            value = nested.get(column) if value is None else value
            if value is not None:
                found[column] = self._read_as(_shallow, column, value if self.typed else _as_kind_of(wanted, value))
        return found

    def _converter(self, field: str) -> Callable[[Any], Any]:
        if field in {"model", "revision"}:
            return name_of
        if field == "created_at":
            return read_time
        if field == "tool_calls":
            return lambda value: read_tool_calls(_json_list(value) if isinstance(value, str) else value)
        return self._number


def name_of(value: Any) -> str:
    """Return an identifier as text; a whole number is written as its digits.

    >>> name_of(12), name_of(12.0), name_of("c-ñ")
    ('12', '12', 'c-ñ')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misread(f"is text or a whole number, not {_kind(value)}")
    if isinstance(value, float) and (value != int(value) or abs(value) >= MAX_EXACT):
        raise Misread(f"is text or a whole number, not {value!r}; put long numbers in quotes")
    return str(int(value))


def read_time(value: Any) -> datetime:
    """Return a moment with its zone; one without is UTC.

    >>> read_time("2026-03-01T10:00:00Z") == read_time("2026-03-01 10:00:00")
    True
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError as problem:
            raise Misread(f"is a time like 2026-03-01T10:00:00Z, not {value[:40]!r}") from problem
    if not isinstance(value, datetime):
        raise Misread(f"is a time like 2026-03-01T10:00:00Z, not {_kind(value)}")
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _plain_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misread(f"is text, not {_kind(value)}; write JSON as text")
    return as_json(value)


def _slice_value(value: Any) -> str:
    if isinstance(value, str | bool):
        return value if isinstance(value, str) else str(value).lower()
    return name_of(value)


def _number(value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Misread(f"is a number, not {_kind(value)}")
    return value


def _number_in_text(value: Any) -> int | float:
    try:
        number = orjson.loads(value)
    except orjson.JSONDecodeError as problem:
        raise Misread(f"is a number, not {value[:40]!r}") from problem
    return _number(number)


def _shallow(value: Any) -> Any:
    """Return a value that a check compares or reads: plain, or a list or mapping of plain values."""
    if isinstance(value, dict | list):
        as_json(value)
    elif value is not None and not isinstance(value, str | bool | int | float):
        raise Misread(f"is text, a number, true or false, not {_kind(value)}")
    return value


def _as_kind_of(wanted: Any, text: str) -> Any:
    """Return a CSV's text as the kind of value a check compares it with: True and TRUE are true, 3 is a number.

    >>> _as_kind_of(True, "TRUE"), _as_kind_of(3, "3"), _as_kind_of("3", "3"), _as_kind_of(3, "many")
    (True, 3, '3', 'many')
    """
    if isinstance(wanted, str):
        return text
    lowered = text.lower()
    try:
        return orjson.loads(lowered if lowered in {"true", "false"} else text)
    except orjson.JSONDecodeError:
        return text


def _json_list(text: str) -> list[Any] | None:
    try:
        value = orjson.loads(text) if text[:1] == "[" else None
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, list) else None


def _is_turn(value: Any) -> bool:
    return isinstance(value, dict) and "role" in value


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), type(value).__name__)
