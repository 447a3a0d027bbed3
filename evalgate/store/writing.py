"""Writing a run's samples and outcomes: batches that may be written again and leave the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete

from evalgate.core.outcomes import CheckRef
from evalgate.runner.ports import Marked
from evalgate.store.bulk import Upsert
from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables import runs as mapping


class RunWriter:
    """`runner.ports.Sink` of one run. Each batch is one transaction; a kill leaves whole batches only.

    Memory stays flat. Of two writers of the same run, which mark the same content with the same checks, the later
    batch stands.
    """

    def __init__(self, database: Database, project: int, run: int, checks: Sequence[CheckRef]) -> None:
        self._database = database
        self._project = project
        self._run = run
        self._checks = {check.name: check for check in checks}
        dialect, tables = database.engine.dialect, metadata.tables
        self._samples = Upsert(tables["sample"], mapping.SAMPLE_COLUMNS, dialect, wins="last")
        self._places = Upsert(tables["run_sample"], mapping.RUN_SAMPLE_COLUMNS, dialect, wins="last")
        self._outcomes = Upsert(tables["outcome"], mapping.OUTCOME_COLUMNS, dialect, wins="last")
        outcome = tables["outcome"].c
        self._clear = delete(tables["outcome"]).where(
            outcome.run == run, outcome.position.in_(bindparam("positions", expanding=True))
        )

    def keep(self, batch: Sequence[Marked]) -> None:
        """Store the batch; raise ServiceBroke when that is impossible (full disk, read-only folder)."""
        if batch:
            with self._database.write() as connection:
                self.write(connection, batch)

    def write(self, connection: Connection, batch: Sequence[Marked]) -> None:
        """Write the batch in the caller's transaction.

        A sample that is there under its digest is rewritten when it is masked otherwise now: whoever tightens the
        masking and runs again does not meet the old text any more.
        """
        # One row a digest, in their order: writers of different runs that share samples then wait in turn.
        samples = {marked.sample_digest: mapping.sample_row(self._project, marked) for marked in batch}
        connection.execute(self._clear, {"positions": [marked.position for marked in batch]})
        cursor = connection.connection.cursor()
        self._samples.write(cursor, [samples[digest] for digest in sorted(samples)])
        self._places.write(cursor, [mapping.run_sample_row(self._run, self._project, marked) for marked in batch])
        self._outcomes.write(cursor, self._outcome_rows(batch))

    def _outcome_rows(self, batch: Sequence[Marked]) -> Iterator[tuple[Any, ...]]:
        for marked in batch:
            for place, outcome in enumerate(marked.outcomes):
                known, check = self._checks.get(outcome.check.name), outcome.check
                # By digest, which tells checks apart: comparing whole values takes as long as writing the row.
                if known is None or known.digest != check.digest:
                    raise ValueError(f"the run's manifest does not hold {outcome.check!r}")
                yield mapping.outcome_row(self._run, marked.position, place, outcome)
