"""What changed: the traffic since a metric fell, held against the last traffic with which it was well.

Each value of each fact has a share on both sides; the difference has an interval from the bounds of both (Newcombe's
square-and-add), by conversation, and a p by Holm over everything that was compared. Where the metric is known on both
sides, a value also says how much of the drop its interactions account for.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from sqlalchemy import Connection, and_, func, select

from evalgate.core.alerts import Example, FactChange
from evalgate.core.statistics.holm import holm
from evalgate.core.statistics.sampled import SampledMean, sampled_mean
from evalgate.core.statistics.tails import ALPHA, Bounds, smallest_alpha
from evalgate.core.statistics.weighting import Drawn
from evalgate.store.tables import metadata
from evalgate.store.tables.replies import unpack

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MOST_COUNTED = 20_000
"""Interactions on a side, the newest of it: it is compared while a window is being closed, and others wait."""
MOST_ROWS = 4_000
"""Interactions looked at on a side: those with the lowest draws, a fair sample of conversations."""
MOST_TEXTS = 500
"""Of those, so many whose attributes are read."""
MOST_VALUES = 8
MOST_CHANGES = 12
MOST_EXAMPLES = 5
MOST_WINDOWS = 24
"""On a side."""
FEWEST = 5
"""A value seen less often than this on both sides is not compared."""
SMALLEST = 0.01
"""A share that moved by less explains nothing."""
ATTRIBUTE = "attributes."
"""How the name of a sender's own fact begins."""
_LONGEST_VALUE = 60
_TELLING = re.compile(r"prompt|template|index|retriev|corpus|variant|deploy|region", re.IGNORECASE)
"""Attributes by which senders say what an answer was made with."""

_ITEM = metadata.tables["interaction"]
_TEXT = metadata.tables["interaction_text"]
_CHECK = metadata.tables["traffic_check"]
_SCORE = metadata.tables["traffic_score"]
_WINDOW = metadata.tables["traffic_window"]
_ESTIMATE = metadata.tables["traffic_estimate"]


class Span(NamedTuple):
    """[start, end) of the time at which interactions were complete."""

    start: datetime
    end: datetime


class Series(NamedTuple):
    """A metric of a suite as one check measured it, of all traffic or of a slice."""

    project: int
    suite: str
    metric: str
    digest: str
    slice: str


class Compared(NamedTuple):
    """What a comparison found."""

    compared: int
    """Values of facts."""
    changes: tuple[FactChange, ...]


class _Side(NamedTuple):
    """The interactions of one span, a row each."""

    facts: list[dict[str, str]]
    read: npt.NDArray[np.bool_]
    """Whose attributes are known."""
    conversations: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    """The metric's; NaN where it is not known."""
    weights: npt.NDArray[np.float64]


def spans_of_windows(connection: Connection, series: Series, floor: float, now: Span) -> tuple[Span, Span | None]:
    """Return the windows in a row up to this one that lie below the floor, and the ones in a row before that keep it.

    None where no window before was well.
    """
    joined = _WINDOW.join(_ESTIMATE, _ESTIMATE.c.window == _WINDOW.c.number)
    joined = joined.join(_CHECK, _CHECK.c.number == _ESTIMATE.c.traffic_check)
    mine = and_(_WINDOW.c.project == series.project, _WINDOW.c.suite == series.suite, _WINDOW.c.version == 1)
    wanted = select(_WINDOW.c.starts_at, _WINDOW.c.ends_at, _ESTIMATE.c.point).select_from(joined)
    wanted = wanted.where(mine, _is_check(series), _ESTIMATE.c.slice == series.slice, _WINDOW.c.ends_at <= now.start)
    wanted = wanted.where(_ESTIMATE.c.point.is_not(None), _ESTIMATE.c.reason.is_(None))
    rows = connection.execute(wanted.order_by(_WINDOW.c.ends_at.desc()).limit(2 * MOST_WINDOWS)).all()
    fallen = next((place for place, row in enumerate(rows) if row.point >= floor), len(rows))
    sick = Span(rows[fallen - 1].starts_at if fallen else now.start, now.end)
    well = []
    for row in rows[fallen : fallen + MOST_WINDOWS]:
        if row.point < floor:
            break
        well.append(row)
    return sick, Span(well[-1].starts_at, well[0].ends_at) if well else None


def examples(connection: Connection, series: Series, span: Span) -> tuple[Example, ...]:
    """Return the interactions of a span with the lowest scores below 1, the newest first among equals."""
    span = _newest(connection, series, span)
    joined = _ITEM.join(_SCORE, _SCORE.c.interaction == _ITEM.c.number)
    joined = joined.join(_CHECK, _CHECK.c.number == _SCORE.c.traffic_check)
    wanted = select(_ITEM.c.number, _SCORE.c.value, _ITEM.c.facts).select_from(joined)
    wanted = wanted.where(_within(series, span), _is_check(series), _ITEM.c.erased_at.is_(None))
    wanted = wanted.where(_SCORE.c.state == "scored", _SCORE.c.value < 1)
    rows = connection.execute(wanted.order_by(_SCORE.c.value, _ITEM.c.number.desc()).limit(50 * MOST_EXAMPLES)).all()
    mine = [row for row in rows if _in_slice(orjson.loads(row.facts), series.slice)]
    return tuple(Example(interaction=row.number, value=row.value) for row in mine[:MOST_EXAMPLES])


def what_changed(connection: Connection, series: Series, sick: Span, well: Span) -> Compared:
    """Return the values of facts that stand for another share of the traffic, what explains most of the drop first."""
    after, before = _side(connection, series, sick), _side(connection, series, well)
    if not after.facts or not before.facts:
        return Compared(0, ())
    pairs = list(_pairs(before, after, except_for=series.slice.partition("=")[0]))
    shares = [tuple(_share(side, fact, value) for side in (before, after)) for fact, value in pairs]
    tests = holm([_p(old, new) for old, new in shares])
    found = []
    for (fact, value), (old, new), test in zip(pairs, shares, tests, strict=True):
        if not test.rejected or abs(new.seen - old.seen) < SMALLEST:
            continue
        apart = _difference(old, new, ALPHA / 2)
        whole = [_mean(side, fact, None) for side in (before, after)]
        within = [_mean(side, fact, value) for side in (before, after)]
        found.append(
            FactChange(
                fact=fact,
                value=value,
                before=old.seen,
                after=new.seen,
                low=apart.low,
                high=apart.high,
                p=test.adjusted,
                explains=_explained(whole, (old.seen, new.seen), within),
                mean_before=within[0],
                mean_after=within[1],
            )
        )
    found.sort(key=lambda one: (-(one.explains or 0.0), -abs(one.after - one.before), one.fact, one.value))
    return Compared(len(pairs), tuple(found[:MOST_CHANGES]))


def _side(connection: Connection, series: Series, span: Span) -> _Side:
    import numpy as np

    within = _within(series, _newest(connection, series, span))
    many = connection.execute(select(func.count()).select_from(_ITEM).where(within)).scalar_one()
    taken = min(1.0, MOST_ROWS / many) if many else 1.0
    check = select(_CHECK.c.number).where(_is_check(series)).limit(1).scalar_subquery()
    scored = and_(_SCORE.c.interaction == _ITEM.c.number, _SCORE.c.traffic_check == check)
    columns = (_ITEM.c.number, _ITEM.c.conversation, _ITEM.c.facts)
    wanted = select(*columns, _SCORE.c.state, _SCORE.c.value, _SCORE.c.chance, _SCORE.c.stratum)
    wanted = wanted.select_from(_ITEM.outerjoin(_SCORE, scored)).where(within, _ITEM.c.draw < taken)
    rows = connection.execute(wanted.order_by(_ITEM.c.draw, _ITEM.c.number).limit(2 * MOST_ROWS)).all()
    told = [{**orjson.loads(row.facts), **({"stratum": row.stratum} if row.stratum else {})} for row in rows]
    kept = [place for place, facts in enumerate(told) if _in_slice(facts, series.slice)]
    named = _attributes(connection, [rows[place].number for place in kept[:MOST_TEXTS]])
    values = [rows[place].value if rows[place].state == "scored" else None for place in kept]
    codes = {name: code for code, name in enumerate(dict.fromkeys(rows[place].conversation for place in kept))}
    return _Side(
        [{**told[place], **named.get(rows[place].number, {})} for place in kept],
        np.array([rows[place].number in named for place in kept], dtype=bool),
        np.array([codes[rows[place].conversation] for place in kept], dtype=np.int64),
        np.array([math.nan if value is None else value for value in values], dtype=np.float64),
        np.array([1 / min(taken, rows[place].chance or 1.0) for place in kept], dtype=np.float64),
    )


def _newest(connection: Connection, series: Series, span: Span) -> Span:
    """Return the end of a span that holds no more interactions than are counted."""
    moments = select(_ITEM.c.completed_at).where(_within(series, span)).order_by(_ITEM.c.completed_at.desc())
    start = connection.execute(moments.offset(MOST_COUNTED).limit(1)).scalar()
    return span if start is None else Span(start, span.end)


def _attributes(connection: Connection, numbers: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return what senders said of prompts, indexes and the like, by interaction; nothing where the texts are gone."""
    found: dict[int, dict[str, str]] = {}
    for start in range(0, len(numbers), 250):
        wanted = select(_TEXT.c.number, _TEXT.c.body).where(_TEXT.c.number.in_(numbers[start : start + 250]))
        for number, body in connection.execute(wanted):
            attributes: dict[str, Any] = orjson.loads(unpack(body)).get("attributes", {})
            telling = {f"{ATTRIBUTE}{key}": str(value) for key, value in attributes.items() if _TELLING.search(key)}
            found[number] = {key: value for key, value in telling.items() if len(value) <= _LONGEST_VALUE}
    return found


def _pairs(before: _Side, after: _Side, except_for: str) -> Iterator[tuple[str, str]]:
    """Give the facts and their commonest values, none that hardly anybody has."""
    seen: dict[str, Counter[str]] = {}
    for facts in (*before.facts, *after.facts):
        for fact, value in facts.items():
            seen.setdefault(fact, Counter())[value] += 1
    for fact in sorted(seen):
        common = seen[fact].most_common(MOST_VALUES)
        # A fact with nearly as many values as interactions is a name of each, not a fact.
        if fact != except_for and seen[fact].total() > 2 * len(seen[fact]):
            yield from ((fact, value) for value, times in common if times >= FEWEST)


def _told(side: _Side, fact: str) -> npt.NDArray[np.bool_]:
    """Return which rows a fact is looked for in: an attribute where the attributes were read."""
    import numpy as np

    return side.read if fact.startswith(ATTRIBUTE) else np.ones(len(side.facts), dtype=bool)


def _share(side: _Side, fact: str, value: str) -> SampledMean:
    """Return the share of the interactions with one value of a fact."""
    import numpy as np

    told = _told(side, fact)
    said = np.array([facts.get(fact) == value for facts in side.facts], dtype=np.float64)[told]
    return sampled_mean(Drawn(said, np.ones(len(said)), clusters=side.conversations[told]))


def _difference(old: SampledMean, new: SampledMean, alpha: float) -> Bounds:
    """Return bounds of new - old, each at a one-sided alpha, from the bounds of both."""
    a, b = old.bounds(alpha), new.bounds(alpha)
    apart = new.seen - old.seen
    low = apart - math.hypot(new.seen - b.low, a.high - old.seen)
    return Bounds(max(-1.0, low), min(1.0, apart + math.hypot(b.high - new.seen, old.seen - a.low)))


def _p(old: SampledMean, new: SampledMean) -> float:
    """Return the two-sided p of "both shares are the same"."""
    if old.seen == new.seen:
        return 1.0
    if new.seen > old.seen:
        apart: Callable[[float], bool] = lambda alpha: _difference(old, new, alpha).low > 0  # noqa: E731 - one of two
    else:
        apart = lambda alpha: _difference(old, new, alpha).high < 0  # noqa: E731
    return min(1.0, 2 * smallest_alpha(apart))


def _mean(side: _Side, fact: str, value: str | None) -> float | None:
    """Return the metric's mean where a fact is looked for, with one value or any; None where none of it was scored."""
    import numpy as np

    known = ~np.isnan(side.values) & _told(side, fact)
    if value is not None:
        known &= np.array([facts.get(fact) == value for facts in side.facts])
    if not known.any():
        return None
    return min(1.0, float(np.average(side.values[known], weights=side.weights[known])))


def _explained(
    means: Sequence[float | None], shares: tuple[float, float], within: Sequence[float | None]
) -> float | None:
    """Return the share of the drop that the interactions with one value account for; None where it is not known.

    >>> round(_explained((0.9, 0.6), (0.0, 0.5), (None, 0.3)), 3), _explained((0.9, 0.9), (0.2, 0.5), (0.9, 0.9))
    (1.0, None)
    """
    before, after = means
    if before is None or after is None or before - after <= 0:
        return None
    lost = 0.0
    for share, mean, sign in ((shares[1], within[1], 1), (shares[0], within[0], -1)):
        if share and mean is None:
            return None
        lost += sign * share * (before - (mean or 0.0)) if share else 0.0
    return lost / (before - after)


def _within(series: Series, span: Span) -> Any:
    mine = and_(_ITEM.c.project == series.project, _ITEM.c.state == "complete")
    return and_(mine, _ITEM.c.completed_at >= span.start, _ITEM.c.completed_at < span.end)


def _is_check(series: Series) -> Any:
    name, _, criterion = series.metric.partition(".")
    mine = and_(_CHECK.c.project == series.project, _CHECK.c.suite == series.suite, _CHECK.c.digest == series.digest)
    return and_(mine, _CHECK.c.name == name, _CHECK.c.criterion == criterion)


def _in_slice(facts: Mapping[str, str], part: str) -> bool:
    fact, _, value = part.partition("=")
    return not part or facts.get(fact) == value
