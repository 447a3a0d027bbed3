"""Gold cases: what people agreed on, promoted to be asked of every release, each with where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from pydantic import AwareDatetime, JsonValue
from sqlalchemy import and_, func, select

from evalgate.core.labels import Basis
from evalgate.core.values import Unit, Value
from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.tables import metadata

AT_ONCE = 500

_GOLD = metadata.tables["gold_case"]
_SAMPLE = metadata.tables["sample"]


class GoldLabel(Value):
    """What people say of one metric."""

    label: str
    value: Unit
    people: int
    basis: Basis


class Origin(Value):
    """Where a gold case came from."""

    queue: str
    item: int
    run: str | None = None
    language: str | None = None
    cluster: str | None = None


class Gold(Value):
    """A gold case."""

    sample_digest: str
    suite: str
    case_id: str
    labels: dict[str, GoldLabel]
    """By metric."""
    origin: Origin
    promoted_by: str
    promoted_at: AwareDatetime


class GoldCase(NamedTuple):
    """A gold case with its sample's texts, masked as they are stored."""

    gold: Gold
    body: dict[str, JsonValue]


class GoldCases:
    """The gold cases of one project."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def add(self, promoted: Sequence[Gold]) -> int:
        """Store gold cases, all or none, and return how many are new; one that is there stays as it is."""
        with self._database.write() as connection:
            mine = select(func.count()).select_from(_GOLD).where(_GOLD.c.project == self._project)
            before: int = connection.execute(mine).scalar_one()
            insert = insert_into(_GOLD, connection.dialect).on_conflict_do_nothing()
            rows = [self._row(one) for one in promoted]
            for start in range(0, len(rows), AT_ONCE):
                connection.execute(insert, rows[start : start + AT_ONCE])
            after: int = connection.execute(mine).scalar_one()
            return after - before

    def page(self, suite: str, after: str, limit: int) -> tuple[Gold, ...]:
        """Return gold cases of a suite in the order of their digests; `after` is the last one of the page before."""
        wanted = select(_GOLD).where(_GOLD.c.project == self._project, _GOLD.c.suite == suite)
        wanted = wanted.where(_GOLD.c.sample_digest > after).order_by(_GOLD.c.sample_digest).limit(limit)
        with self._database.read() as connection:
            return tuple(map(gold_of, connection.execute(wanted).mappings()))

    def stream(self, suite: str | None = None) -> Iterator[GoldCase]:
        """Give the gold cases of one suite, or of all, in the order of their digests, with flat memory."""
        same = and_(_SAMPLE.c.project == _GOLD.c.project, _SAMPLE.c.digest == _GOLD.c.sample_digest)
        wanted = select(_GOLD, _SAMPLE.c.body).join(_SAMPLE, same).where(_GOLD.c.project == self._project)
        if suite is not None:
            wanted = wanted.where(_GOLD.c.suite == suite)
        wanted = wanted.order_by(_GOLD.c.sample_digest).limit(AT_ONCE)
        last = ""
        while True:
            with self._database.read() as connection:
                rows = connection.execute(wanted.where(_GOLD.c.sample_digest > last)).mappings().all()
            for row in rows:
                yield GoldCase(gold_of(row), orjson.loads(row["body"]))
            if len(rows) < AT_ONCE:
                return
            last = rows[-1]["sample_digest"]

    def _row(self, gold: Gold) -> dict[str, Any]:
        row = gold.model_dump()
        row["labels"] = orjson.dumps(row["labels"]).decode()
        row["origin"] = orjson.dumps(row["origin"]).decode()
        return {"project": self._project, **row}


def gold_of(row: Mapping[Any, Any]) -> Gold:
    """Return the gold case of a row."""
    kept = {name: row[name] for name in Gold.model_fields}
    return Gold.model_validate({**kept, "labels": orjson.loads(row["labels"]), "origin": orjson.loads(row["origin"])})
