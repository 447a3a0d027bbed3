"""Interactions as pages list them: those of a window, a page at a time, and one with all that was said of it.

A list reads a stretch of one index and never more than `LOOKED` interactions, however many a window holds and however
rare what is looked for; where the stretch ends, the next page begins.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Select, Subquery, and_, exists, func, or_, select

from evalgate.core.outcomes import Mark, NotApplicable, Unscored, metric_name
from evalgate.store.database import Database
from evalgate.store.scores import result_in
from evalgate.store.tables import metadata
from evalgate.store.trends import Span

Wanted = Literal["all", "violations", "shed", "failed", "queued"]

LOOKED = 5_000
"""Interactions that one page looks at while it seeks."""

_ITEM = metadata.tables["interaction"].c
_TEXT = metadata.tables["interaction_text"].c
_SCORE = metadata.tables["traffic_score"].c
_CHECK = metadata.tables["traffic_check"].c
_WINDOW = metadata.tables["traffic_window"].c
_QUEUED = metadata.tables["queue_item"].c
_QUEUE = metadata.tables["queue"].c


class Score(NamedTuple):
    """What became of one interaction under one criterion."""

    interaction: int
    suite: str
    metric: str
    annotator: str
    digest: str
    state: str
    value: float | None
    label: str | None
    reason: str | None
    stratum: str | None
    chance: float | None
    result: Mark | NotApplicable | Unscored | None
    """What the check said; None in lists, and where it said nothing."""


class Seen(NamedTuple):
    """One interaction, without its texts."""

    number: int
    source: str
    external_id: str
    state: str
    received_at: datetime
    completed_at: datetime | None
    conversation: str
    draw: float
    sample_digest: str | None
    erased_at: datetime | None
    facts: Mapping[str, str]
    has_text: bool


class Listed(NamedTuple):
    """A page of a window's interactions."""

    rows: tuple[Seen, ...]
    scores: Mapping[int, tuple[Score, ...]]
    """By interaction."""
    after: int | None
    """Behind which interaction the next page begins; None where nothing is left."""


class QueuedAs(NamedTuple):
    """An item of a queue that shows an interaction's sample."""

    queue: str
    item: int
    state: str
    reason: str
    probability: float | None


class Listing:
    """The interactions of one project, as they are looked at."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def of_window(self, window: Span, wanted: Wanted, after: int | None, limit: int) -> Listed:
        """Return interactions of a window in the order in which they completed, with what was said of them."""
        # Where nothing is sought, what is looked at is what is shown.
        most = limit + 1 if wanted == "all" else LOOKED
        stretch = self._stretch(window, after, most)
        rows = select(*_SEEN).join(stretch, stretch.c.number == _ITEM.number)
        if (sought := self._sought(window.suite, wanted)) is not None:
            rows = rows.where(sought)
        rows = rows.outerjoin(_TEXT.number.table, _TEXT.number == _ITEM.number)
        found = [_seen(row) for row in self._rows(rows.order_by(_ITEM.completed_at, _ITEM.number).limit(limit + 1))]
        shown, more = tuple(found[:limit]), len(found) > limit
        looked, end = self._rows(_end_of(stretch))[0]
        last = shown[-1].number if more else end if looked == most else None
        return Listed(shown, self._scores_of(window.suite, [one.number for one in shown]), last)

    def one(self, number: int) -> Seen | None:
        """Return an interaction; None when the project has none of this number."""
        wanted = select(*_SEEN).outerjoin(_TEXT.number.table, _TEXT.number == _ITEM.number)
        found = self._rows(wanted.where(_ITEM.project == self._project, _ITEM.number == number))
        return _seen(found[0]) if found else None

    def scores(self, number: int) -> tuple[Score, ...]:
        """Return what every check of every suite said of an interaction, or why it said nothing."""
        wanted = self._scored().add_columns(_SCORE.body).where(_SCORE.interaction == number)
        wanted = wanted.order_by(_CHECK.suite, _CHECK.name, _CHECK.criterion, _CHECK.number)
        return tuple(_score(row[:-1])._replace(result=result_in(row)) for row in self._rows(wanted))

    def windows_of(self, moment: datetime) -> tuple[Span, ...]:
        """Return the windows that a moment lies in, one a suite, in the newest version."""
        suites = select(_CHECK.suite).where(_CHECK.project == self._project).distinct().subquery()
        mine = and_(_WINDOW.project == self._project, _WINDOW.suite == suites.c.suite)
        first = select(_WINDOW.number).where(mine, _WINDOW.ends_at > moment)
        first = first.order_by(_WINDOW.ends_at, _WINDOW.version.desc()).limit(1)
        numbers = select(first.scalar_subquery()).select_from(suites)
        columns = (_WINDOW.number, _WINDOW.suite, _WINDOW.starts_at, _WINDOW.ends_at, _WINDOW.version, _WINDOW.state)
        wanted = select(*columns).where(_WINDOW.number.in_(numbers), _WINDOW.starts_at <= moment)
        return tuple(Span(*row) for row in self._rows(wanted.order_by(_WINDOW.suite)))

    def queued(self, sample_digest: str) -> tuple[QueuedAs, ...]:
        """Return where people are asked about a sample."""
        columns = (_QUEUE.name, _QUEUED.number, _QUEUED.state, _QUEUED.reason, _QUEUED.probability)
        wanted = select(*columns).join_from(_QUEUED.queue.table, _QUEUE.number.table)
        wanted = wanted.where(_QUEUED.project == self._project, _QUEUED.sample_digest == sample_digest)
        return tuple(QueuedAs(*row) for row in self._rows(wanted.order_by(_QUEUE.name)))

    def _stretch(self, window: Span, after: int | None, most: int) -> Subquery:
        """Return the numbers and moments that one page looks at: a stretch of the index (project, completed_at)."""
        within = and_(_ITEM.completed_at >= window.starts_at, _ITEM.completed_at < window.ends_at)
        wanted = select(_ITEM.number, _ITEM.completed_at).where(_ITEM.project == self._project, within)
        if after is not None:
            at = select(_ITEM.completed_at).where(_ITEM.project == self._project, _ITEM.number == after)
            begun = at.scalar_subquery()
            later = or_(_ITEM.completed_at > begun, and_(_ITEM.completed_at == begun, _ITEM.number > after))
            wanted = wanted.where(_ITEM.completed_at >= begun, later)
        return wanted.order_by(_ITEM.completed_at, _ITEM.number).limit(most).subquery()

    def _sought(self, suite: str, wanted: Wanted) -> ColumnElement[bool] | None:
        if wanted == "all":
            return None
        if wanted == "queued":
            return exists().where(_QUEUED.project == self._project, _QUEUED.sample_digest == _ITEM.sample_digest)
        states = {"violations": and_(_SCORE.state == "scored", _SCORE.value == 0.0)}
        sought = states.get(wanted, _SCORE.state == wanted)
        checks = select(_CHECK.number).where(_CHECK.project == self._project, _CHECK.suite == suite)
        return exists().where(_SCORE.interaction == _ITEM.number, _SCORE.traffic_check.in_(checks), sought)

    def _scored(self) -> Select[Any]:
        wanted = select(*_SCORED).join_from(_SCORE.interaction.table, _CHECK.number.table)
        return wanted.where(_CHECK.project == self._project)

    def _scores_of(self, suite: str, numbers: Sequence[int]) -> dict[int, tuple[Score, ...]]:
        wanted = self._scored().where(_SCORE.interaction.in_(numbers), _CHECK.suite == suite)
        found: dict[int, list[Score]] = defaultdict(list)
        for row in self._rows(wanted.order_by(_SCORE.interaction, _CHECK.name, _CHECK.criterion, _CHECK.number)):
            found[row[0]].append(_score(row))
        return {number: tuple(scores) for number, scores in found.items()}

    def _rows(self, wanted: Select[Any]) -> Sequence[Any]:
        with self._database.read() as connection:
            return connection.execute(wanted).all()


_SEEN = (
    _ITEM.number,
    _ITEM.source,
    _ITEM.external_id,
    _ITEM.state,
    _ITEM.received_at,
    _ITEM.completed_at,
    _ITEM.conversation,
    _ITEM.draw,
    _ITEM.sample_digest,
    _ITEM.erased_at,
    _ITEM.facts,
    _TEXT.number.label("has_text"),
)
_SCORED = (
    _SCORE.interaction,
    _CHECK.suite,
    _CHECK.name,
    _CHECK.criterion,
    _CHECK.annotator,
    _CHECK.digest,
    _SCORE.state,
    _SCORE.value,
    _SCORE.label,
    _SCORE.reason,
    _SCORE.stratum,
    _SCORE.chance,
)


def _end_of(stretch: Subquery) -> Select[Any]:
    """Return how many interactions a stretch holds, and the last one."""
    last = select(stretch.c.number).order_by(stretch.c.completed_at.desc(), stretch.c.number.desc()).limit(1)
    return select(func.count(), last.scalar_subquery()).select_from(stretch)


def _seen(row: Any) -> Seen:
    *rest, facts, text = row
    return Seen._make((*rest, orjson.loads(facts), text is not None))


def _score(row: Any) -> Score:
    interaction, suite, name, criterion, *rest = row
    return Score._make((interaction, suite, metric_name(name, criterion), *rest, None))
