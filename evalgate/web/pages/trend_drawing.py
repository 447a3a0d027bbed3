"""A trend as a drawing: the estimate of each window with its interval, broken wherever the check itself changed.

Nothing joins what is not comparable or was not measured: another digest, a window without an estimate and a span
without a window each end the curve.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from evalgate.reports.messages import Voice
from evalgate.store.trends import Step, Told

WIDTH, HEIGHT = 760, 280
LEFT, RIGHT, TOP, BOTTOM = 20, 56, 36, 26
DOTTED = 80
"""Up to so many windows each has its dot and its reach; more are a line and a band."""
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_TICKS = 5
_SAME = 1e-9
_PERIODS = tuple(map(timedelta, (0, 1, 5, 15), (4 * 3_600, 0, 0, 0)))
_MOST_TIMES = 8
_STROKE = 6

Hole = Literal["no_data", "unknown"]


class Tick(NamedTuple):
    """A line of the scale and its label."""

    at: float
    text: str


class Dot(NamedTuple):
    """One window."""

    x: float
    y: float
    low: float
    high: float
    below: bool
    """Whether all of its interval is below the floor."""


class Missing(NamedTuple):
    """A stretch of windows that tell nothing, and why."""

    x: float
    width: float
    kind: Hole

    @property
    def hatch(self) -> str:
        """The strokes that fill a stretch that is unknown."""
        if self.kind == "no_data":
            return ""
        tall, made = HEIGHT - TOP - BOTTOM, []
        for begin in range(-tall, math.ceil(self.width), _STROKE):  # each rises to the right, cut at the sides
            left, right = max(0, begin), min(self.width, begin + tall)
            made.append(
                f"M{self.x + left:g} {TOP + tall - left + begin:g}L{self.x + right:g} {TOP + tall - right + begin:g}"
            )
        return "".join(made)


class Break(NamedTuple):
    """Where the check changed."""

    x: float
    text: str
    y: float
    anchor: Literal["start", "end"]


class Drawing(NamedTuple):
    """A trend in drawing units."""

    bands: tuple[str, ...]
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    missing: tuple[Missing, ...]
    breaks: tuple[Break, ...]
    floor: float | None
    scale: tuple[Tick, ...]
    times: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    top: int = TOP
    bottom: int = HEIGHT - BOTTOM


def hole(told: Told | None) -> Hole | None:
    """Return why a window tells nothing: no data where nothing was there or drawn; None where it tells something."""
    if told is None or told.population == 0 or told.reason == "nothing_sampled":
        return "no_data"
    return "unknown" if told.reason is not None or told.point is None else None


def draw(
    steps: Sequence[Step], floor: float | None, since: datetime, until: datetime, voice: Voice, changed: str
) -> Drawing:
    """Return the drawing of a trend between two moments; `changed` is what stands where the check changed."""
    known = [step for step in steps if hole(step.told) is None]
    scale = _scale([step.told for step in known if step.told], floor)
    place = _Place(since, until, scale[0], scale[-1])
    runs = [[place.dot(step, floor) for step in run] for run in _runs(steps)]
    few = len(steps) <= DOTTED
    return Drawing(
        bands=tuple(_band(run) for run in runs if len(run) > 1 or not few),
        lines=tuple(_path([(dot.x, dot.y) for dot in run]) for run in runs if len(run) > 1),
        dots=tuple(dot for run in runs for dot in run) if few else (),
        missing=_missing(steps, place),
        breaks=_breaks(steps, place, changed),
        floor=None if floor is None else place.y(floor),
        scale=tuple(Tick(place.y(value), voice.demanded(round(value, 4))) for value in scale),
        times=_times(since, until, place),
    )


class _Place:
    """Turns moments and shares into drawing units."""

    def __init__(self, since: datetime, until: datetime, low: float, high: float) -> None:
        self._since, self._span = since, until - since
        self._low, self._high = low, high
        self._wide, self._tall = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def x(self, at: datetime) -> float:
        share = (at - self._since) / self._span
        return round(LEFT + min(max(share, 0.0), 1.0) * self._wide, 1)

    def y(self, value: float) -> float:
        share = (min(max(value, self._low), self._high) - self._low) / (self._high - self._low)
        return round(HEIGHT - BOTTOM - share * self._tall, 1)

    def dot(self, step: Step, floor: float | None) -> Dot:
        point, low, high = _bounds(step)
        middle = self.x(step.span.starts_at + (step.span.ends_at - step.span.starts_at) / 2)
        below = floor is not None and high < floor
        return Dot(middle, self.y(point), self.y(low), self.y(high), below)


def _bounds(step: Step) -> tuple[float, float, float]:
    told = step.told
    if told is None or told.point is None:
        raise ValueError("only a window that tells something has a place")
    low, high = told.low, told.high
    return told.point, told.point if low is None else low, told.point if high is None else high


def _band(run: Sequence[Dot]) -> str:
    """Return the interval of windows that one curve joins; of a single one, a mark as high as it is."""
    if len(run) == 1:
        (dot,) = run
        corners = [(dot.x - 1, dot.high), (dot.x + 1, dot.high), (dot.x + 1, dot.low), (dot.x - 1, dot.low)]
        return _path(corners) + "Z"
    upper, lower = [(dot.x, dot.high) for dot in run], [(dot.x, dot.low) for dot in reversed(run)]
    return _path(upper + lower) + "Z"


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "".join(f"{'M' if place == 0 else 'L'}{x:g} {y:g}" for place, (x, y) in enumerate(points))


def _runs(steps: Sequence[Step]) -> list[list[Step]]:
    """Return the windows that one curve joins: measured by one check, without a gap between them."""
    runs: list[list[Step]] = []
    before: Step | None = None
    for step in steps:
        told = step.told
        if told is None or hole(told) is not None:
            before = None
            continue
        joined = before is not None and before.told is not None and before.span.ends_at == step.span.starts_at
        if before is not None and before.told is not None and joined and before.told.digest == told.digest:
            runs[-1].append(step)
        else:
            runs.append([step])
        before = step
    return runs


def changes(steps: Sequence[Step]) -> list[tuple[Step, str, str]]:
    """Return the first window of each changed check, with the digests before and after."""
    found: list[tuple[Step, str, str]] = []
    digest: str | None = None
    for step in steps:
        if step.told is None:
            continue
        if digest is not None and step.told.digest != digest:
            found.append((step, digest, step.told.digest))
        digest = step.told.digest
    return found


def _breaks(steps: Sequence[Step], place: _Place, changed: str) -> tuple[Break, ...]:
    found = []
    for number, (step, _, after) in enumerate(changes(steps)):
        x = place.x(step.span.starts_at)
        late = x > WIDTH * 0.7
        # Two rows of labels in turn: changes that follow soon do not write over one another.
        found.append(Break(x, f"{changed} {after[:8]}", 11.0 + 14 * (number % 2), "end" if late else "start"))
    return tuple(found)


def _missing(steps: Sequence[Step], place: _Place) -> tuple[Missing, ...]:
    found: list[Missing] = []
    end: datetime | None = None
    for step in steps:
        if (kind := hole(step.told)) is not None:
            left, right = place.x(step.span.starts_at), place.x(step.span.ends_at)
            if found and end == step.span.starts_at and found[-1].kind == kind:
                found[-1] = found[-1]._replace(width=round(right - found[-1].x, 1))
            else:
                found.append(Missing(left, max(1.0, round(right - left, 1)), kind))
            end = step.span.ends_at
    return tuple(found)


def _scale(told: Sequence[Told], floor: float | None) -> list[float]:
    """Return the values of the scale's lines: what there is to see fills the height, and shares stay shares."""
    values = [one for each in told for one in (each.point, each.low, each.high) if one is not None]
    values += [] if floor is None else [floor]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    step = next((one for one in _STEPS if (high - low) / one <= _TICKS), _STEPS[-1])
    first, last = max(0, math.floor(low / step + _SAME)), min(round(1 / step), math.ceil(high / step - _SAME))
    if last <= first:
        first = max(0, last - 1)
        last = first + 1
    return [round(number * step, 4) for number in range(first, last + 1)]


def _times(since: datetime, until: datetime, where: _Place) -> tuple[Tick, ...]:
    """Return whole hours of a day, or midnights."""
    span = until - since
    step = next((one for one in _PERIODS if span / one <= _MOST_TIMES), _PERIODS[-1])
    midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
    moments = (midnight + step * place for place in range(math.ceil((until - midnight) / step)))
    form = "%H:%M" if step < timedelta(days=1) else "%m-%d"
    return tuple(Tick(where.x(at), f"{at:{form}}") for at in moments if at >= since)
