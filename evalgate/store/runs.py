"""Runs: begun by a manifest, filled in batches, finished by a summary, read back in the order they were written."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, and_, update
from sqlmodel import Session, col, select

from evalgate.core.errors import DataInvalid, WrongAsWritten, did_you_mean
from evalgate.core.runs import Manifest, RunSummary
from evalgate.runner.ports import Marked
from evalgate.store import exchange
from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.reading import CaseKey, RunReader
from evalgate.store.tables import RunRow
from evalgate.store.tables.runs import StoredRun, finished_values, run_row, stored_run
from evalgate.store.tallies import counts_of
from evalgate.store.writing import RunWriter

BATCH = 500
"""Samples in one write of an import."""


class Runs:
    """The runs of a store. Wherever a run is named, the first digits of its id will do if they are its alone."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def start(self, manifest: Manifest) -> None:
        """Make the run known; one that is there already, begun or finished, stays as it is."""
        with self._database.write() as connection:
            _begin(connection, self._project, manifest, self._database.clock())

    def writer(self, name: str) -> RunWriter:
        """Return what stores the samples and outcomes of a run that was started."""
        run = self.get(name)
        return RunWriter(self._database, self._project, run.number, run.manifest.checks)

    def finish(self, name: str, summary: RunSummary) -> None:
        """Mark the run as finished: everything it looked at is stored."""
        run = self.get(name)
        with self._database.write() as connection:
            _end(connection, run, summary, self._database.clock())

    def find(self, name: str) -> str:
        """Return the id of the run a name stands for: the id itself or a beginning that no other run shares."""
        mine = RunRow.project == self._project
        starts = col(RunRow.id).startswith(name, autoescape=True)
        with self._database.read() as connection, Session(connection) as session:
            found = (
                session.exec(select(RunRow.id).where(mine, starts).order_by(RunRow.id).limit(4)).all() if name else []
            )
            if name in found or len(found) == 1:
                return name if name in found else found[0]
            known = (
                found
                or session.exec(select(RunRow.id).where(mine).order_by(col(RunRow.created_at).desc()).limit(1000)).all()
            )
        if found:
            several = ", ".join(found)
            raise WrongAsWritten(
                f"run {name!r} is one of several in {self._database.place} ({several}); give more digits"
            )
        hint = did_you_mean(name, known)
        raise WrongAsWritten(f"run {name!r} is not in {self._database.place}.{hint} See: evalgate runs list")

    def get(self, name: str) -> StoredRun:
        """Return what is known of a run; raise WrongAsWritten when no run, or more than one, has this name."""
        run_id = self.find(name)
        with self._database.read() as connection, Session(connection) as session:
            return stored_run(session.exec(select(RunRow).where(self._is(run_id))).one())

    def list(self, suite: str | None = None, limit: int = 50) -> tuple[StoredRun, ...]:
        """Return the latest runs, of one suite or of all, the newest first."""
        wanted = select(RunRow).where(RunRow.project == self._project)
        wanted = wanted.order_by(col(RunRow.created_at).desc(), col(RunRow.id)).limit(limit)
        if suite is not None:
            wanted = wanted.where(RunRow.suite == suite)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(map(stored_run, session.exec(wanted)))

    def stream(self, name: str) -> Iterator[Marked]:
        """Give the run's samples with their outcomes in order of position, with flat memory."""
        return self._reader(name).stream()

    def marked(self, name: str, keys: Collection[CaseKey]) -> dict[CaseKey, Marked]:
        """Return the samples of chosen cases by (case id, repeat); one the run does not have is left out."""
        return self._reader(name).chosen(keys)

    def at(self, name: str, positions: Sequence[int]) -> tuple[Marked, ...]:
        """Return the samples at chosen positions, in the order of the positions given."""
        return tuple(self._reader(name).at(positions))

    def export(self, name: str, path: Path) -> None:
        """Write a finished run to a JSONL file, gzipped when its name ends in .gz."""
        run = self.get(name)
        exchange.write(path, run, self.stream(run.id))

    def is_finished(self, run_id: str) -> bool:
        """Say whether the run of exactly this id is here, and whole."""
        wanted = select(RunRow.finished_at).where(self._is(run_id))
        with self._database.read() as connection, Session(connection) as session:
            return session.exec(wanted).first() is not None

    @staticmethod
    def id_in(path: Path) -> str:
        """Return the id of the run in a file that `export` wrote."""
        with exchange.reading(path) as (header, _):
            return header.summary.manifest.id

    def import_(self, path: Path) -> str:
        """Store a run from a file that `export` wrote, all or nothing, and return its id."""
        with exchange.reading(path) as (header, samples), self._database.write() as connection:
            manifest = header.summary.manifest
            _begin(connection, self._project, manifest, header.created_at)
            with Session(connection) as session:
                run = stored_run(session.exec(select(RunRow).where(self._is(manifest.id))).one())
            writer = RunWriter(self._database, self._project, run.number, manifest.checks)
            try:
                while batch := tuple(islice(samples, BATCH)):
                    writer.write(connection, batch)
            except self._database.refused as error:
                raise DataInvalid(f"{path}: a case stands in it twice; export the run again") from error
            _end(connection, run, header.summary, header.finished_at)
        return manifest.id

    def _reader(self, name: str) -> RunReader:
        run = self.get(name)
        return RunReader(self._database, run.number, run.manifest.checks)

    def _is(self, run_id: str) -> ColumnElement[bool]:
        return and_(col(RunRow.project) == self._project, col(RunRow.id) == run_id)


def _begin(connection: Connection, project: int, manifest: Manifest, at: datetime) -> None:
    row = insert_into(RunRow.metadata.tables["run"], connection.dialect).values(
        run_row(project, manifest, at).model_dump(exclude={"number"})
    )
    connection.execute(row.on_conflict_do_nothing())


def _end(connection: Connection, run: StoredRun, summary: RunSummary, at: datetime) -> None:
    if summary.manifest.id != run.id:
        raise ValueError(f"the summary of run {summary.manifest.id} cannot finish run {run.id}")
    ended = {**finished_values(summary, at), "counts": counts_of(connection, run.number, summary.manifest)}
    connection.execute(update(RunRow).where(col(RunRow.number) == run.number).values(ended))
