"""`numbers_grounded`: every number of the answer stands in what it was given."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue

from evalgate.checks.evidence import HELD, SideCheck, unread
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.quantities import Quantity, quantities
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, NotApplicable, Severity, Unscored
from evalgate.core.samples import Subject

MOST_LOOKED_AT = 1_000
"""Places of one text that look like numbers and are read. A material with more is not known whole: Unscored."""
MOST_KNOWN = 3_000
"""Numbers of a whole material that are read; with more the same."""
_TOO_MUCH = Unscored(
    reason="invalid",
    detail=f"more than {MOST_LOOKED_AT:,} numbers in a text, or {MOST_KNOWN:,} in the material; not all were compared",
)
MOST_DERIVED = 60
"""Numbers of the material from which sums and differences are made: two of 60 give 3,600."""
MOST_FACTOR = 60
"""Whole numbers by which another may be multiplied or divided: instalments, pieces, days."""
_PESOS = frozenset({"MXN", "ARS", "COP", "CLP"})
MONEY = frozenset({"EUR", "USD", "BRL", "GBP", "$", "peso"}) | _PESOS
_MAY_BE = {"$": {"USD", "peso", *_PESOS}, "USD": {"$"}, "peso": {"$", *_PESOS}} | {one: {"$", "peso"} for one in _PESOS}
"""What else the money of an amount may be: $ is said of dollars and of pesos."""
_SCALES = {
    "s": (1 / 60, "min"),
    "hour": (60, "min"),
    "day": (1_440, "min"),
    "week": (10_080, "min"),
    "year": (12, "month"),
    "km": (1_000, "m"),
    "cm": (0.01, "m"),
    "mm": (0.001, "m"),
    "kg": (1_000, "g"),
    "mg": (0.001, "g"),
    "ml": (0.001, "l"),
}
"""Unit to so many of a smaller one. A month is no number of days, a gigabyte 1,000 or 1,024 megabytes."""
_DURATIONS = frozenset({"s", "min", "hour", "day", "week", "month", "year"})
_LEAP, _COMMON = 2024, 2025


class NumbersGrounded(SideCheck):
    """1 when every number, amount, date, time and code of the answer stands in the material, however it is written."""

    kind: ClassVar[str] = "numbers_grounded"
    summary: ClassVar[str] = "Every number of the answer stands in the context or the question."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {},
        {"known_from": ["context"]},
        {"derived": False},
        {"off_by": 0.01},
        {"ignore_below": 3},
        {"side": "tool_args", "severity": "block"},
    )

    severity: Severity = "warn"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""
    known_from: Annotated[tuple[Literal["context", "input"], ...], Field(min_length=1)] = ("context", "input")
    """Where a number may come from; a case without context is not applicable."""
    derived: bool = True
    """Whether what follows from two numbers of the material counts: sums, differences, products and shares, and dates
    so many days, weeks or months away."""
    off_by: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """How far an amount may be off, as a share of it: .01 takes 99.5 for 100."""
    ignore_below: Annotated[int, Field(ge=0)] = 0
    """Whole numbers without a unit below this are passed by."""

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | NotApplicable | Unscored:
        """Return whether every number is known, and which is not."""
        if not subject.sample.case.context:
            return NotApplicable(why="the case has no context")
        read = [(number, *quantities(piece[:READ_AT_MOST], MOST_LOOKED_AT)) for number, piece in enumerate(pieces)]
        said = [(number, one) for number, found, _ in read for one in found]
        complete = all(whole for _, _, whole in read)
        if not said and complete:
            return unread(pieces) or HELD
        known = _known(piece for side in self.known_from for piece in texts.pieces(side))
        if known is None:
            return _TOO_MUCH
        material = _Material(known, self.off_by)
        strange = [(piece, one) for piece, one in said if self._must_be_known(one) and not material.has(one)]
        if strange and self.derived:
            unknown = set(strange)
            sound = [one for piece, one in said if (piece, one) not in unknown]
            more = _Material(_derived([*known, *sound][:MOST_DERIVED]), self.off_by)
            strange = [(piece, one) for piece, one in strange if not more.has(one)]
        if not strange and not complete:
            return _TOO_MUCH
        only = _only_values(known) if strange else {}
        hits = [Hit(piece, one.start, one.end, _label(one), instead=only.get(one.unit)) for piece, one in strange]
        kinds = sorted({hit.label for hit in hits})
        return self.none_of(hits, subject, pieces, f"not in the material: {', '.join(kinds)}")

    def _must_be_known(self, one: Quantity) -> bool:
        small = all(isinstance(value, float) and value < self.ignore_below for value in one.readings)
        return one.claims and not (one.kind == "amount" and not one.unit and small)


def _known(pieces: Iterable[str]) -> list[Quantity] | None:
    """Return the numbers of the material; None when a piece is too long, or they are too many."""
    known: list[Quantity] = []
    for piece in pieces:
        most = min(MOST_LOOKED_AT, MOST_KNOWN - len(known))
        found, whole = quantities(piece[:READ_AT_MOST], most, in_part=False)
        if not whole or len(piece) > READ_AT_MOST:
            return None
        known += found
    return known


class _Material:
    """The numbers that may be said, by what they can mean."""

    def __init__(self, known: Iterable[Quantity], off_by: float) -> None:
        self._off_by = off_by
        self._units: dict[float, set[str]] = defaultdict(set)
        self._years: dict[tuple[int, int], set[int]] = defaultdict(set)
        self._moments: set[float] = set()
        self._codes: set[str] = set()
        self._date_parts: set[float] = set()
        for one in known:
            self._add(one)
        self._values = sorted(self._units)

    def _add(self, one: Quantity) -> None:
        self._codes |= _as_codes(one)
        for value in one.readings:
            if isinstance(value, tuple):
                self._years[value[1], value[2]].add(value[0])
                self._date_parts |= {float(value[0]), float(value[2])}
            elif isinstance(value, float) and one.kind == "time":
                self._moments.add(value)
            elif isinstance(value, float):
                scaled, unit = _scaled(value, one.unit)
                self._units[scaled] |= {unit, *_MAY_BE.get(unit, ())}
                self._units[value].add(one.unit)

    def has(self, one: Quantity) -> bool:
        """Return whether one reading of a number is among those known."""
        if not self._codes.isdisjoint(_as_codes(one)):
            return True
        return any(self._has(value, one) for value in one.readings)

    def _has(self, value: float | tuple[int, int, int] | str, one: Quantity) -> bool:
        if isinstance(value, tuple):
            return self._has_day(*value)
        if isinstance(value, str):
            return False
        if one.kind == "time":
            return value in self._moments or bool(self._units.get(value / 60, set()) & {"", "hour"})
        if one.unit in {"", "hour"} and value <= 24 and 60 * value in self._moments:
            return True
        if not one.unit:
            return value in self._date_parts or bool(self._near(value))
        scaled, unit = _scaled(value, one.unit)
        return unit in self._near(scaled) or "" in self._near(value)

    def _has_day(self, year: int, month: int, day: int) -> bool:
        years = self._years.get((month, day), set())
        if years:
            return not year or 0 in years or year in years
        # "el 7", where another day of that month is named: the month is understood.
        return "" in self._units.get(float(day), set()) and any(month == named for named, _ in self._years)

    def _near(self, value: float) -> set[str]:
        """Return the units with which a value, or one within the off_by, is known."""
        if not self._off_by:
            return self._units.get(value, set())
        first = bisect_left(self._values, value / (1 + self._off_by))
        last = bisect_right(self._values, value / (1 - self._off_by))
        return {unit for known in self._values[first:last] for unit in self._units[known]}


def _scaled(value: float, unit: str) -> tuple[float, str]:
    """Return a number in the smallest unit of its kind.

    >>> _scaled(2.0, "day"), _scaled(2.0, "year"), _scaled(2.0, "EUR")
    ((2880.0, 'min'), (24.0, 'month'), (2.0, 'EUR'))
    """
    times, smaller = _SCALES.get(unit, (1, unit))
    return round(value * times, 6), smaller


def _as_codes(one: Quantity) -> set[str]:
    """Return the forms in which a number can be compared with a code."""
    if one.kind == "code":
        written = [value for value in one.readings if isinstance(value, str)]
        return {*written, *("".join(filter(str.isdigit, value)) for value in written)}
    if one.kind != "amount" or one.unit:
        return set()
    return {
        str(int(value)) for value in one.readings if isinstance(value, float) and value.is_integer() and value > 999
    }


def _derived(known: Sequence[Quantity]) -> Iterable[Quantity]:
    amounts = [one for one in known if one.kind == "amount"]
    for one in amounts:
        for other in amounts:
            if other.readings == one.readings and other.unit == one.unit:
                continue  # said twice is not twice as much
            if one.unit == other.unit:
                yield _made("amount", _sums(one, other), one.unit)
            elif one.unit == "day" and not other.unit:
                yield _made("date", _days_of_month(one, other), "")
            if one.unit == "%":
                yield _made("amount", _percentages(one, other), other.unit)
            elif other.unit in MONEY - {one.unit} if one.unit else other.unit not in _DURATIONS:
                yield _made("amount", _shares(one, other), other.unit)
    moments = [one for one in known if one.kind == "date"]
    spans = [one for one in amounts if one.unit in {"day", "week", "month", "hour"}]
    for moment in moments:
        for span in spans:
            yield _made("date", _later(moment, span), "")


def _made(kind: str, values: Iterable[float | tuple[int, int, int]], unit: str) -> Quantity:
    return Quantity(0, 0, kind, frozenset(values), unit)


def _sums(one: Quantity, other: Quantity) -> Iterable[float]:
    for a, b in _pairs(one, other):
        yield from (round(a + b, 6), round(abs(a - b), 6))


def _days_of_month(span: Quantity, day: Quantity) -> Iterable[tuple[int, int, int]]:
    """Yield the day of an unnamed month on which so many days after another end: the 4th and 10 days, the 14th."""
    for a, b in _pairs(span, day):
        if a.is_integer() and b.is_integer() and 1 <= a + b <= 31:
            yield (0, 0, int(a + b))


def _percentages(share: Quantity, amount: Quantity) -> Iterable[float]:
    """Yield so many per cent of an amount, and the amount with them and without them, to the cent."""
    for a, b in _pairs(share, amount):
        part = a * b / 100
        yield from (round(part, 2), round(b - part, 2), round(b + part, 2))


def _shares(times: Quantity, amount: Quantity) -> Iterable[float]:
    """Yield an amount taken so many times, and divided into so many parts, to the cent."""
    for a, b in _pairs(times, amount):
        if a.is_integer() and 1 < a <= MOST_FACTOR:
            yield from (round(a * b, 6), round(b / a, 2))


def _pairs(one: Quantity, other: Quantity) -> Iterable[tuple[float, float]]:
    return ((a, b) for a in one.readings for b in other.readings if isinstance(a, float) and isinstance(b, float))


def _later(moment: Quantity, span: Quantity) -> Iterable[tuple[int, int, int]]:
    for day in moment.readings:
        for length in span.readings:
            if not (isinstance(day, tuple) and isinstance(length, float) and length.is_integer() and length < 4_000):
                continue
            for year in (day[0],) if day[0] else (_LEAP, _COMMON):
                for sign in (1, -1):
                    end = _shifted((year, day[1], day[2]), sign * int(length), span.unit)
                    if end is not None:
                        yield (end.year if day[0] else 0, end.month, end.day)


def _shifted(day: tuple[int, int, int], length: int, unit: str) -> date | None:
    try:
        start = date(*day)
        if unit == "month":
            months = start.month - 1 + length
            return date(start.year + months // 12, months % 12 + 1, start.day)
        days = {"day": length, "week": 7 * length, "hour": length // 24}[unit]
        return start + timedelta(days=days)
    except (ValueError, OverflowError):
        return None


def _label(one: Quantity) -> str:
    return f"{one.kind} ({one.unit})" if one.unit else one.kind


def _only_values(known: Iterable[Quantity]) -> dict[str, str]:
    """Return by unit the one amount of the material that has it, for units that just one amount has."""
    amounts: dict[str, set[float]] = defaultdict(set)
    for one in known:
        if one.kind == "amount" and one.unit:
            amounts[one.unit] |= {value for value in one.readings if isinstance(value, float)}
    return {unit: f"{next(iter(values)):g}" for unit, values in amounts.items() if len(values) == 1}
