"""What a project's traffic was made of: how many interactions of which facts, and what judges said of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import and_, func, select

from evalgate.store.database import Database
from evalgate.store.tables import metadata

_ITEM = metadata.tables["interaction"].c
_CHECK = metadata.tables["traffic_check"].c
_SCORE = metadata.tables["traffic_score"].c


class Judged(NamedTuple):
    """What one criterion of one check said of the interactions of one set of facts."""

    facts: Mapping[str, str]
    check: str
    criterion: str
    digest: str
    n: int
    total: float
    """Of the scores."""
    squares: float


class Makeup(NamedTuple):
    """What was complete in a span of time."""

    groups: tuple[tuple[Mapping[str, str], int], ...] = ()
    """Facts, and how many interactions have just these."""
    conversations: int = 0
    first: datetime | None = None
    """When the first of them was complete."""
    judged: tuple[Judged, ...] = ()
    latest: tuple[int, ...] = ()
    """The numbers of a few of them that have content, the newest first."""

    @property
    def items(self) -> int:
        """All interactions."""
        return sum(count for _, count in self.groups)


def makeup(database: Database, project: int, suite: str, since: datetime, until: datetime, few: int = 64) -> Makeup:
    """Return what the traffic in [since, until) was made of, and what this suite's judges said of it."""
    span = and_(_ITEM.project == project, _ITEM.completed_at >= since, _ITEM.completed_at < until)
    counted = select(_ITEM.facts, func.count()).where(span).group_by(_ITEM.facts).order_by(_ITEM.facts)
    whole = select(func.count(_ITEM.conversation.distinct()), func.min(_ITEM.completed_at)).where(span)
    ours = and_(_CHECK.project == project, _CHECK.suite == suite, _CHECK.annotator == "llm", _SCORE.state == "scored")
    by = (_ITEM.facts, _CHECK.name, _CHECK.criterion, _CHECK.digest)
    sums = (func.count(), func.sum(_SCORE.value), func.sum(_SCORE.value * _SCORE.value))
    joined = and_(_SCORE.interaction == _ITEM.number, _SCORE.traffic_check == _CHECK.number)
    said = select(*by, *sums).where(span, ours, joined).group_by(*by).order_by(*by)
    newest = select(_ITEM.number).where(span, _ITEM.state == "complete").order_by(_ITEM.completed_at.desc()).limit(few)
    with database.read() as connection:
        conversations, first = connection.execute(whole).one()
        return Makeup(
            tuple((orjson.loads(facts), count) for facts, count in connection.execute(counted)),
            conversations,
            first,
            tuple(Judged(orjson.loads(row[0]), *row[1:]) for row in connection.execute(said)),
            tuple(connection.execute(newest).scalars()),
        )
