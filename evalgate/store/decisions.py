"""Decisions, with their records byte for byte."""

from __future__ import annotations

import hashlib

from sqlmodel import Session, col, select

from evalgate.core.decisions import Decision
from evalgate.core.errors import WrongAsWritten
from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.tables import DecisionRow, metadata
from evalgate.store.tables.ledger import Recorded, decision_row, recorded_of


class Decisions:
    """The decisions of a store. The same record is kept once, with the moment it was first made."""

    def __init__(self, database: Database, project: int) -> None:
        self._database = database
        self._project = project

    def keep(self, name: str, decision: Decision, record: bytes) -> None:
        """Store a decision under the short id people quote (`D-1a2b3c4d`), with its canonical record."""
        digest = hashlib.sha256(record).hexdigest()
        row = decision_row(self._project, name, decision, record, digest, self._database.clock())
        with self._database.write() as connection:
            insert = insert_into(metadata.tables["decision"], connection.dialect).values(row.model_dump())
            connection.execute(insert.on_conflict_do_nothing())

    def get(self, name: str) -> Recorded:
        """Return the decision of an id, the newest where two records share it; raise WrongAsWritten for none."""
        wanted = select(DecisionRow).where(DecisionRow.project == self._project, DecisionRow.id == name)
        wanted = wanted.order_by(col(DecisionRow.created_at).desc())
        with self._database.read() as connection, Session(connection) as session:
            row = session.exec(wanted.limit(1)).first()
            if row is None:
                message = f"decision {name!r} is not in {self._database.place}; name one that `evalgate gate` printed"
                raise WrongAsWritten(message)
            return recorded_of(row)

    def list(self, suite: str | None = None, limit: int = 50) -> tuple[Recorded, ...]:
        """Return the latest decisions, of one suite or of all, the newest first."""
        wanted = select(DecisionRow).where(DecisionRow.project == self._project)
        wanted = wanted.order_by(col(DecisionRow.created_at).desc(), col(DecisionRow.id)).limit(limit)
        if suite is not None:
            wanted = wanted.where(DecisionRow.suite == suite)
        with self._database.read() as connection, Session(connection) as session:
            return tuple(map(recorded_of, session.exec(wanted)))
