"""How a measure with an interval is told and drawn: one number, its bounds, a line on a scale from 0 to 1."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from evalgate.core.cards import Rate
from evalgate.core.statistics.agreement import Agreement
from evalgate.reports.messages import MINUS, Voice
from evalgate.web.pages.rendering import Words

WIDTH, HEIGHT, EDGE = 120, 16, 6
"""Of a drawing, in its own units."""
SHARES = frozenset({"percent"})
"""Told in per cent; the others are told as numbers of at most 1."""
_WHY = (
    ("too few: people", "rare"),
    ("too few", "few"),
    ("items have different", "uneven"),
    ("one cluster", "one_cluster"),
    ("without some", "chance"),
    ("chance", "chance"),
)


class Line(NamedTuple):
    """An interval in drawing units."""

    low: float
    high: float
    point: float


class Measure(NamedTuple):
    """A measure in words and as a line."""

    name: str
    text: str
    """The number, blank where there is none."""
    reach: str
    """From where to where, blank where that cannot be said."""
    why: str
    """Why there is no number, or no interval."""
    line: Line | None

    @property
    def drawn(self) -> str:
        """What the line shows, for those who do not see it."""
        return f"{self.text} ({self.reach})"


def line_of(point: float | None, low: float | None, high: float | None) -> Line | None:
    """Return where an interval lies; what is below 0 lies at the left edge.

    >>> line_of(0.5, 0.25, 1.0), line_of(0.5, None, None)
    (Line(low=33.0, high=114.0, point=60.0), None)
    """
    if point is None or low is None or high is None:
        return None

    def place(value: float) -> float:
        return round(EDGE + min(max(value, 0.0), 1.0) * (WIDTH - 2 * EDGE), 1)

    return Line(place(low), place(high), place(point))


def number(value: float, voice: Voice) -> str:
    """Return a number of at most 1, to two decimals.

    >>> number(0.7, Voice("es")), number(-0.001, Voice("en"))
    ('0,70', '0.00')
    """
    rounded = round(value, 2) + 0.0
    written = f"{abs(rounded):.2f}".replace(".", voice.said("number.decimal"))
    return f"{MINUS}{written}" if rounded < 0 else written


def agreed(found: Agreement, words: Words, voice: Voice) -> Measure:
    """Return how far some people agree by one method."""
    written = voice.percent if found.method in SHARES else partial(number, voice=voice)
    return _measure(found.method, (found.point, found.low, found.high), written, words, _why(found.why, words))


def rate(name: str, found: Rate, words: Words, voice: Voice) -> Measure:
    """Return how often a judge is right about one kind of label."""
    why = words.said("measure.why.none") if found.point is None else ""
    bounds = (found.point, found.low, found.high) if found.n else (None, None, None)
    return _measure(name, bounds, voice.percent, words, why)


def _measure(
    name: str,
    bounds: tuple[float | None, float | None, float | None],
    written: Callable[[float], str],
    words: Words,
    why: str,
) -> Measure:
    point, low, high = bounds
    text = "" if point is None else written(point)
    reach = "" if low is None or high is None else words.said("measure.reach", low=written(low), high=written(high))
    return Measure(name, text, reach, why, line_of(point, low, high))


def _why(why: str | None, words: Words) -> str:
    if not why:
        return ""
    return next((words.said(f"measure.why.{key}") for start, key in _WHY if why.startswith(start)), why)
