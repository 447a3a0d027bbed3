"""Baselines: names that stand for the run somebody accepted last, one set of names a suite."""

from __future__ import annotations

from sqlalchemy import and_, func
from sqlmodel import Session, col, select

from evalgate.core.errors import WrongAsWritten
from evalgate.core.values import Value
from evalgate.store.database import Database
from evalgate.store.runs import Runs
from evalgate.store.tables import BaselineRow
from evalgate.store.tables.ledger import Accepted, accepted_of, baseline_row
from evalgate.store.tables.runs import RunRow


class Before(Value):
    """A run that was an accepted baseline once, and the revision that made its outputs."""

    run: str
    revision: str


class Baselines:
    """The accepted runs of a store. Acceptances are only ever added, so the history stays."""

    def __init__(self, database: Database, project: int, runs: Runs) -> None:
        self._database = database
        self._project = project
        self._runs = runs

    def accept(self, name: str, run: str, by: str, reason: str) -> Accepted:
        """Let a name stand for a run from now on, in the run's suite; raise WrongAsWritten for an unfinished run."""
        stored = self._runs.get(run)
        if not stored.finished:
            message = f"run {stored.id} is not finished and cannot be a baseline; run its command again, then accept it"
            raise WrongAsWritten(message)
        accepted = Accepted(
            suite=stored.manifest.suite,
            name=name,
            run_id=stored.id,
            accepted_by=by,
            accepted_at=self._database.clock(),
            reason=reason,
        )
        with self._database.write() as connection, Session(connection) as session:
            session.add(baseline_row(self._project, accepted))
            session.flush()
        return accepted

    def current(self, suite: str, name: str) -> str | None:
        """Return the id of the run a name stands for, or None when nothing was accepted under it."""
        latest = self.history(suite, name, limit=1)
        return latest[0].run_id if latest else None

    def accepted(self, suite: str) -> tuple[Before, ...]:
        """Return every run of known revision that was accepted in a suite under any name, the newest first."""
        here = and_(col(RunRow.project) == BaselineRow.project, col(RunRow.id) == BaselineRow.run_id)
        wanted = (
            select(BaselineRow.run_id, RunRow.revision, func.max(BaselineRow.id))
            .join(RunRow, here)
            .where(BaselineRow.project == self._project, BaselineRow.suite == suite)
            .where(col(RunRow.revision).is_not(None))
            .group_by(col(BaselineRow.run_id), col(RunRow.revision))
            .order_by(func.max(BaselineRow.id).desc())
        )
        with self._database.read() as connection, Session(connection) as session:
            return tuple(Before(run=run, revision=str(revision)) for run, revision, _ in session.exec(wanted))

    def history(self, suite: str, name: str, limit: int = 50) -> tuple[Accepted, ...]:
        """Return the acceptances under a name, the newest first."""
        wanted = select(BaselineRow).where(
            BaselineRow.project == self._project, BaselineRow.suite == suite, BaselineRow.name == name
        )
        with self._database.read() as connection, Session(connection) as session:
            rows = session.exec(wanted.order_by(col(BaselineRow.id).desc()).limit(limit))
            return tuple(map(accepted_of, rows))

    def list(self, suite: str | None = None) -> tuple[Accepted, ...]:
        """Return what every name stands for now, in one suite or in all, in order of suite and name."""
        latest = select(func.max(BaselineRow.id)).where(BaselineRow.project == self._project)
        latest = latest.group_by(BaselineRow.suite, BaselineRow.name)
        wanted = select(BaselineRow).where(col(BaselineRow.id).in_(latest))
        if suite is not None:
            wanted = wanted.where(BaselineRow.suite == suite)
        with self._database.read() as connection, Session(connection) as session:
            rows = session.exec(wanted.order_by(BaselineRow.suite, BaselineRow.name))
            return tuple(map(accepted_of, rows))
