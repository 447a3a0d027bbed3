"""People's labels: kept once for each sample, criterion and source; the newest answer of a source stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, Select, and_, func, select

from evalgate.core.labels import Label, Split
from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables.review import LABEL_COLUMNS, label_of, label_row

AT_ONCE = 500
_LABEL = metadata.tables["label"]
_PLACE = metadata.tables["run_sample"]
_KEY = ("project", "check_name", "criterion", "sample_digest", "source")


class Count(NamedTuple):
    """How many labels of one criterion there are."""

    check: str
    criterion: str
    split: str
    labels: int


class Labels:
    """The labels of one project."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def keep(self, labels: Sequence[Label], items: Mapping[str, int] | None = None) -> None:
        """Store the labels, all or none; one that a source gave before is replaced by what it says now.

        `items` tells, by sample digest, which queue item a label came from.
        """
        with self._database.write() as connection:
            self.write(connection, labels, items)

    def write(self, connection: Connection, labels: Sequence[Label], items: Mapping[str, int] | None = None) -> None:
        """Store the labels in the caller's transaction."""
        insert = insert_into(_LABEL, connection.dialect)
        replaced = {name: insert.excluded[name] for name in LABEL_COLUMNS if name not in _KEY}
        statement = insert.on_conflict_do_update(index_elements=list(_KEY), set_=replaced)
        # Of several that one call gives for the same thing the last one stands, as it would in calls of their own.
        rows = {(one.metric, one.sample_digest, one.source): one for one in labels}
        values = [label_row(self._project, one, (items or {}).get(one.sample_digest)) for one in rows.values()]
        for start in range(0, len(values), AT_ONCE):
            connection.execute(statement, values[start : start + AT_ONCE])

    def forget(self, label: Label) -> None:
        """Take back what a source said of a sample: it said something else, or nothing."""
        mine = and_(
            _LABEL.c.project == self._project,
            _LABEL.c.check_name == label.check,
            _LABEL.c.criterion == label.criterion,
            _LABEL.c.sample_digest == label.sample_digest,
            _LABEL.c.source == label.source,
        )
        with self._database.write() as connection:
            connection.execute(_LABEL.delete().where(mine))

    def withdraw(self, connection: Connection, item: int) -> None:
        """Take back what an item gave, in the caller's transaction: somebody answers it again."""
        connection.execute(_LABEL.delete().where(_LABEL.c.project == self._project, _LABEL.c.item == item))

    def stream(
        self, check: str | None = None, criterion: str | None = None, splits: Collection[Split] = ()
    ) -> Iterator[Label]:
        """Give the labels in the order in which they came, with flat memory."""
        wanted = self._wanted(check, criterion).order_by(_LABEL.c.number).limit(AT_ONCE)
        if splits:
            wanted = wanted.where(_LABEL.c.split.in_(sorted(splits)))
        last = 0
        while True:
            with self._database.read() as connection:
                rows = connection.execute(wanted.where(_LABEL.c.number > last)).mappings().all()
            yield from map(label_of, rows)
            if len(rows) < AT_ONCE:
                return
            last = rows[-1]["number"]

    def page(self, check: str, after: int, most: int) -> tuple[tuple[Label, ...], int | None]:
        """Return up to so many labels of a check, and where the next page begins, None after the last one."""
        wanted = self._wanted(check, None).where(_LABEL.c.number > after).order_by(_LABEL.c.number).limit(most)
        with self._database.read() as connection:
            rows = connection.execute(wanted).mappings().all()
        return tuple(map(label_of, rows)), rows[-1]["number"] if len(rows) == most else None

    def of_samples(self, digests: Collection[str]) -> list[Label]:
        """Return all labels of some samples."""
        found: list[Label] = []
        asked = sorted(digests)
        with self._database.read() as connection:
            for start in range(0, len(asked), AT_ONCE):
                among = _LABEL.c.sample_digest.in_(asked[start : start + AT_ONCE])
                rows = connection.execute(self._wanted(None, None).where(among).order_by(_LABEL.c.number)).mappings()
                found += map(label_of, rows)
        return found

    def places_in(self, run: int, check: str, splits: Collection[Split]) -> list[tuple[int, str]]:
        """Return where in a run, by its number, samples with a label of a check stand, in order, with their digests."""
        mine = and_(_LABEL.c.project == self._project, _LABEL.c.check_name == check, _LABEL.c.split.in_(sorted(splits)))
        labelled = _PLACE.c.sample_digest.in_(select(_LABEL.c.sample_digest).where(mine))
        wanted = select(_PLACE.c.position, _PLACE.c.sample_digest).where(
            _PLACE.c.run == run, _PLACE.c.project == self._project, labelled
        )
        with self._database.read() as connection:
            rows = connection.execute(wanted.order_by(_PLACE.c.position))
            return [(row.position, row.sample_digest) for row in rows]

    def counts(self) -> list[Count]:
        """Return how many labels there are, by criterion and split."""
        by = (_LABEL.c.check_name, _LABEL.c.criterion, _LABEL.c.split)
        wanted = select(*by, func.count()).where(_LABEL.c.project == self._project).group_by(*by).order_by(*by)
        with self._database.read() as connection:
            return [Count(*row) for row in connection.execute(wanted)]

    def _wanted(self, check: str | None, criterion: str | None) -> Select[tuple[object, ...]]:
        wanted = select(_LABEL).where(_LABEL.c.project == self._project)
        if check is not None:
            wanted = wanted.where(_LABEL.c.check_name == check)
        return wanted if criterion is None else wanted.where(_LABEL.c.criterion == criterion)
