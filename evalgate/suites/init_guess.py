"""The first day: what a file of outputs says about itself, and the suite that follows from it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from evalgate.core.values import Value
from evalgate.suites.column_names import LOCALES, NAMES, SCORES, SLICES, plain_name
from evalgate.suites.fields import read_time
from evalgate.suites.messages import Misread
from evalgate.suites.rows import Row, is_typed, rows

Certainty = Literal["sure", "likely", "unsure"]
Fits = Callable[[list[Any]], bool]

LOOK = 500
"""Rows that are looked at."""
MOST_SLICE_VALUES = 12


class ColumnGuess(Value):
    """Which column a field is read from, how sure that is, and why: one clause people can check."""

    field: str
    column: str
    certainty: Certainty
    why: str


class ScoreGuess(Value):
    """A column that looks like scores measured elsewhere, and the range they lie in."""

    column: str
    low: float
    high: float
    certainty: Certainty


class Guesses(Value):
    """What a file seems to hold, and what nobody can read from it."""

    rows: int
    """Rows looked at, at most 500."""
    columns: tuple[str, ...]
    """All columns seen."""
    fields: tuple[ColumnGuess, ...]
    slices: tuple[ColumnGuess, ...]
    """Slice name to column; `locale` first."""
    scores: tuple[ScoreGuess, ...]
    countries: tuple[str, ...]
    """Countries the languages point to, for the check of personal data."""
    unknown: dict[str, str]
    """What must be asked, with the reason: `owner`, `judge`, `margin`, and fields no column fits."""

    def column(self, field: str) -> str | None:
        """Return the column guessed for a field."""
        return next((guess.column for guess in self.fields if guess.field == field), None)


def guess_columns(path: Path) -> Guesses:
    """Return what the first 500 rows of a file suggest; raise DataInvalid when they cannot be read."""
    with closing(rows(path)) as source:
        seen = [row for _, row in islice(source, LOOK)]
    return _Guesser(seen, typed=is_typed(path)).guesses()


class _Guesser:
    def __init__(self, seen: list[Row], *, typed: bool) -> None:
        self.seen = seen
        self.columns = tuple(dict.fromkeys(column for row in seen for column in row))
        self.values = {column: [row[column] for row in seen if not _empty(row.get(column))] for column in self.columns}
        self.typed = typed
        self.taken: set[str] = set()

    def guesses(self) -> Guesses:
        fields = [guess for field in NAMES if (guess := self._named(field)) is not None]
        found = {guess.field for guess in fields}
        fields += [
            guess for field in ("id", "input", "output") if field not in found and (guess := self._by_content(field))
        ]
        slices = self._slices()
        scores = self._scores()
        return Guesses(
            rows=len(self.seen),
            columns=self.columns,
            fields=tuple(fields),
            slices=slices,
            scores=scores,
            countries=self._countries(slices),
            unknown=_unknown({guess.field for guess in fields}),
        )

    def _named(self, field: str) -> ColumnGuess | None:
        """Return the guess for a field by a known name whose content fits."""
        by_name = {plain_name(column): column for column in reversed(self.columns)}
        for name in NAMES[field]:
            column = by_name.get(name)
            if column is None or column in self.taken or not self._fits(field, column):
                continue
            self.taken.add(column)
            certainty: Certainty = "sure" if name == field else "likely"
            if field == "cluster" and self._distinct(column) == len(self.values[column]):
                certainty = "unsure"
            return ColumnGuess(field=field, column=column, certainty=certainty, why=f"the column is called {column!r}")
        return None

    def _fits(self, field: str, column: str) -> bool:
        values = self.values[column]
        if field in {"id", "input", "output"} and len(values) < len(self.seen):
            return False
        return bool(values) and _FITS.get(field, _is_name)(values)

    def _by_content(self, field: str) -> ColumnGuess | None:
        free = [
            column for column in self.columns if column not in self.taken and len(self.values[column]) == len(self.seen)
        ]
        if field == "id":
            column = next((one for one in free if _is_id(self.values[one])), None)
            why = "its values are short and all different"
        else:
            texts = [one for one in free if _is_long(self.values[one])]
            column = next(iter(texts), None)
            why = "it holds long texts; nothing says which column is the question and which the answer"
        if column is None:
            return None
        self.taken.add(column)
        return ColumnGuess(field=field, column=column, certainty="unsure", why=why)

    def _slices(self) -> tuple[ColumnGuess, ...]:
        found: dict[str, ColumnGuess] = {}
        by_name = {plain_name(column): column for column in reversed(self.columns) if column not in self.taken}
        for name in (*LOCALES, *SLICES):
            column = by_name.get(name)
            if column is None or not 2 <= self._distinct(column) <= MOST_SLICE_VALUES:
                continue
            slice_name = "locale" if name in LOCALES else column.replace("=", "_")
            why = f"{self._distinct(column)} values: {', '.join(sorted(map(str, set(self.values[column]))))[:80]}"
            sure: Certainty = "likely" if name in LOCALES else "unsure"
            found.setdefault(slice_name, ColumnGuess(field=slice_name, column=column, certainty=sure, why=why))
        return tuple(found.values())

    def _scores(self) -> tuple[ScoreGuess, ...]:
        found = []
        for column in self.columns:
            numbers = self._numbers(column)
            if column in self.taken or plain_name(column) not in SCORES or not numbers:
                continue
            unit = min(numbers) >= 0 and max(numbers) <= 1
            low, high = (0.0, 1.0) if unit else (min(numbers), max(numbers))
            if low < high:
                found.append(ScoreGuess(column=column, low=low, high=high, certainty="likely" if unit else "unsure"))
        return tuple(found)

    def _numbers(self, column: str) -> list[float]:
        """Return a column's numbers, or none when it holds anything else."""
        try:
            numbers = [float(value) for value in self.values[column] if not isinstance(value, bool)]
        except (TypeError, ValueError):
            return []
        kept = self.typed and any(isinstance(value, str) for value in self.values[column])
        return [] if kept or len(numbers) < len(self.values[column]) else numbers

    def _distinct(self, column: str) -> int:
        values = self.values[column]
        return len({repr(value) for value in values}) if all(map(_is_plain, values)) else 0

    def _countries(self, slices: tuple[ColumnGuess, ...]) -> tuple[str, ...]:
        locale = next((guess.column for guess in slices if guess.field == "locale"), None)
        spoken = {str(value).casefold()[:2] for value in self.values[locale]} if locale else set()
        return tuple(country for language, country in (("pt", "br"), ("es", "es")) if language in spoken)


def _unknown(found: set[str]) -> dict[str, str]:
    missing = {
        "id": "no column has a different short value in every row; a case needs an id that is the same in every run",
        "input": "no column looks like what was asked",
        "output": "no column looks like what was answered",
        "cluster": "no column says which rows belong together, as a conversation does; each case counts as independent",
        "revision": "no column says which revision made the outputs; their age cannot be checked",
    }
    asked = {
        "owner": "one person answers for the suite",
        "judge": "a file does not say which model should judge it",
        "margin": "how much worse is still acceptable is yours to say",
    }
    return asked | {field: why for field, why in missing.items() if field not in found}


def _empty(value: Any) -> bool:
    return value is None or value == ""


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | bool | int | float)


def _is_name(values: list[Any]) -> bool:
    return all(isinstance(value, str | int) for value in values)


def _is_id(values: list[Any]) -> bool:
    short = all(
        isinstance(value, str | int) and not isinstance(value, bool) and len(str(value)) <= 100 for value in values
    )
    return short and len({str(value) for value in values}) == len(values)


def _is_text(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def _is_long(values: list[Any]) -> bool:
    return _is_text(values) and sum(len(value) for value in values) >= 20 * len(values)


def _is_question(values: list[Any]) -> bool:
    return all(isinstance(value, str) or (isinstance(value, list) and bool(value)) for value in values)


def _is_context(values: list[Any]) -> bool:
    return all(
        isinstance(value, str) or (isinstance(value, list) and all(isinstance(part, str) for part in value))
        for value in values
    )


def _is_time(values: list[Any]) -> bool:
    try:
        return all(read_time(value) is not None for value in values)
    except Misread:
        return False


def _is_amount(values: list[Any]) -> bool:
    try:
        return all(float(value) >= 0 and not isinstance(value, bool) for value in values)
    except (TypeError, ValueError):
        return False


_FITS: dict[str, Fits] = {
    "id": _is_id,
    "input": _is_question,
    "output": _is_text,
    "reference": lambda values: all(map(_is_plain, values)),
    "context": _is_context,
    "tool_calls": lambda values: all(isinstance(value, str | list) for value in values),
    "created_at": _is_time,
    **dict.fromkeys(("latency_ms", "input_tokens", "output_tokens", "cost_usd", "repeat"), _is_amount),
}
