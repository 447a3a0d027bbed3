"""Reading a run's samples with their outcomes: all of them in order, or chosen cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, select

from evalgate.core.outcomes import CheckRef
from evalgate.runner.ports import Marked
from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables import runs as mapping

AT_ONCE = 200
"""Samples in one statement: what a reader holds in memory."""

CaseKey = tuple[str, int]
"""Case id and repeat: what pairs a candidate with its baseline."""

_SAMPLE = metadata.tables["sample"]
_PLACE = metadata.tables["run_sample"]
_OUTCOME = metadata.tables["outcome"]


class RunReader:
    """One run as it is stored."""

    def __init__(self, database: Database, run: int, checks: Sequence[CheckRef]) -> None:
        self._database = database
        self._run = run
        self._checks = {check.name: check for check in checks}

    def stream(self) -> Iterator[Marked]:
        """Give every sample in order of position, with flat memory.

        Pages are ranges of position, not "the next 200": PostgreSQL, which knows nothing yet of rows just written,
        would read all the rest of the run for each page. No cursor stays open while the caller works.
        """
        with self._database.read() as connection:
            last = connection.execute(select(func.max(_PLACE.c.position)).where(_PLACE.c.run == self._run))
            end = last.scalar()
        for first in range(0, -1 if end is None else end + 1, AT_ONCE):
            yield from self._page(_PLACE.c.position.between(first, first + AT_ONCE - 1))

    def chosen(self, keys: Collection[CaseKey]) -> dict[CaseKey, Marked]:
        """Return the samples of these cases; one the run does not have is left out."""
        ids = list(dict.fromkeys(case_id for case_id, _ in keys))
        found: dict[CaseKey, Marked] = {}
        for start in range(0, len(ids), AT_ONCE):
            for marked in self._page(_PLACE.c.case_id.in_(ids[start : start + AT_ONCE])):
                found[marked.sample.case.id, marked.sample.output.repeat] = marked
        return {key: found[key] for key in keys if key in found}

    def at(self, positions: Sequence[int]) -> list[Marked]:
        """Return the samples at these positions, in the order of the positions given."""
        found: dict[int, Marked] = {}
        for start in range(0, len(positions), AT_ONCE):
            chosen = positions[start : start + AT_ONCE]
            found |= {marked.position: marked for marked in self._page(_PLACE.c.position.in_(chosen))}
        return [found[position] for position in positions if position in found]

    def _page(self, condition: ColumnElement[bool]) -> list[Marked]:
        samples = (
            select(_PLACE, _SAMPLE.c.body)
            .join(_SAMPLE, and_(_SAMPLE.c.project == _PLACE.c.project, _SAMPLE.c.digest == _PLACE.c.sample_digest))
            .where(_PLACE.c.run == self._run, condition)
            .order_by(_PLACE.c.position)
        )
        with self._database.read() as connection:
            rows = connection.execute(samples).mappings().all()
            outcomes = self._outcomes(connection, [row["position"] for row in rows])
        return [self._marked(row, outcomes[row["position"]]) for row in rows]

    def _outcomes(self, connection: Connection, positions: Sequence[int]) -> dict[int, list[RowMapping]]:
        found: dict[int, list[RowMapping]] = defaultdict(list)
        wanted = (
            select(_OUTCOME)
            .where(_OUTCOME.c.run == self._run, _OUTCOME.c.position.in_(positions))
            .order_by(_OUTCOME.c.position, _OUTCOME.c.place)
        )
        for row in connection.execute(wanted).mappings():
            found[row["position"]].append(row)
        return found

    def _marked(self, row: RowMapping, outcomes: Sequence[RowMapping]) -> Marked:
        sample = mapping.sample_of(row)
        said = tuple(
            mapping.outcome_of(outcome, row["case_id"], row["repeat"], self._checks[outcome["check_name"]])
            for outcome in outcomes
        )
        return Marked(row["position"], sample, row["case_digest"], row["sample_digest"], said)
