"""What people answered: one person's own answers, a queue's as rows for agreement, and gold items against them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson
from pydantic import AwareDatetime
from sqlalchemy import RowMapping, select

from evalgate.core.review import Marked
from evalgate.core.values import Value
from evalgate.store.database import Database
from evalgate.store.tables import metadata

AT_ONCE = 1_000

_ITEM = metadata.tables["queue_item"]
_REVIEW = metadata.tables["review"]
_USER = metadata.tables["user_account"]
_ADJUDICATION = metadata.tables["adjudication"]


class Review(Value):
    """One person's answer about one item."""

    number: int
    item: int
    reviewer: int
    answers: dict[str, str]
    spans: tuple[Marked, ...]
    comment: str
    flagged: bool
    contested: bool
    revealed: bool
    seconds: float | None
    submitted_at: AwareDatetime
    edited_at: AwareDatetime | None


class Answered(Value):
    """An answer with what agreement is reckoned by."""

    item: int
    sample_digest: str
    login: str
    reviewer: int
    answers: dict[str, str]
    reason: str
    state: str
    language: str | None
    stratum: str | None
    cluster: str | None
    probability: float | None
    expected: dict[str, str] | None
    revealed: bool
    contested: bool
    comment: str
    seconds: float | None


class Adjudicated(Value):
    """What a third person decided."""

    item: int
    by: int
    answers: dict[str, str]
    comment: str
    at: AwareDatetime


class Reviews:
    """The answers of one project."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def of_reviewer(self, queue: int, reviewer: int, before: int | None = None, limit: int = 50) -> tuple[Review, ...]:
        """Return one person's answers in a queue, the newest first; `before` is the last number of the page before."""
        wanted = select(_REVIEW).join(_ITEM, _ITEM.c.number == _REVIEW.c.item)
        wanted = wanted.where(_ITEM.c.project == self._project, _ITEM.c.queue == queue, _REVIEW.c.reviewer == reviewer)
        if before is not None:
            wanted = wanted.where(_REVIEW.c.number < before)
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(_REVIEW.c.number.desc()).limit(limit)).mappings()
            return tuple(map(review_of, rows))

    def of_item(self, item: int) -> tuple[Review, ...]:
        """Return what everybody answered about an item; nobody who is to be blind may be shown it."""
        wanted = select(_REVIEW).join(_ITEM, _ITEM.c.number == _REVIEW.c.item)
        wanted = wanted.where(_ITEM.c.project == self._project, _REVIEW.c.item == item).order_by(_REVIEW.c.number)
        with self._database.read() as connection:
            return tuple(map(review_of, connection.execute(wanted).mappings()))

    def adjudication_of(self, item: int) -> Adjudicated | None:
        """Return what a third person decided about an item, None when nobody had to."""
        wanted = select(_ADJUDICATION).join(_ITEM, _ITEM.c.number == _ADJUDICATION.c.item)
        wanted = wanted.where(_ITEM.c.project == self._project, _ADJUDICATION.c.item == item)
        with self._database.read() as connection:
            row = connection.execute(wanted).mappings().first()
        if row is None:
            return None
        kept = {name: row[name] for name in Adjudicated.model_fields}
        return Adjudicated.model_validate({**kept, "answers": orjson.loads(row["answers"])})

    def stream(self, queue: int) -> Iterator[Answered]:
        """Give every answer of a queue, item by item, with flat memory."""
        columns = ("sample_digest", "reason", "state", "language", "stratum", "cluster", "probability", "expected")
        said = ("number", "item", "reviewer", "answers", "revealed", "contested", "comment", "seconds")
        wanted = select(*(_REVIEW.c[name] for name in said), *(_ITEM.c[name] for name in columns), _USER.c.login)
        wanted = wanted.join(_ITEM, _ITEM.c.number == _REVIEW.c.item).join(_USER, _USER.c.number == _REVIEW.c.reviewer)
        wanted = wanted.where(_ITEM.c.project == self._project, _ITEM.c.queue == queue).order_by(_REVIEW.c.number)
        last = 0
        while True:
            with self._database.read() as connection:
                page = wanted.where(_REVIEW.c.number > last).limit(AT_ONCE)
                rows = connection.execute(page).mappings().all()
            yield from map(_answered, rows)
            if len(rows) < AT_ONCE:
                return
            last = rows[-1]["number"]


def review_of(row: Mapping[Any, Any]) -> Review:
    """Return the answer of a row."""
    kept = {name: row[name] for name in Review.model_fields}
    return Review.model_validate({**kept, "answers": orjson.loads(row["answers"]), "spans": orjson.loads(row["spans"])})


def _answered(row: RowMapping) -> Answered:
    kept = {name: row[name] for name in Answered.model_fields}
    kept["answers"] = orjson.loads(row["answers"])
    kept["expected"] = None if row["expected"] is None else orjson.loads(row["expected"])
    return Answered.model_validate(kept)
