"""The small tables: the store's own identity, which runs were accepted as baselines, and what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from pydantic import AwareDatetime
from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, Text
from sqlmodel import Field

from evalgate.core.decisions import Decision
from evalgate.core.gates import Verdict
from evalgate.core.values import Value
from evalgate.store.tables.base import Instant, Row


class MetaRow(Row, table=True):
    """The one row that makes this store itself."""

    __tablename__: ClassVar[str] = "meta"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Always 1."""
    store_id: str = Field(sa_type=Text)
    secret: bytes = Field(sa_type=LargeBinary)
    """The key of the nonces that fence off answers in prompts; made once, at creation."""
    created_at: datetime = Field(sa_type=Instant)


class BaselineRow(Row, table=True):
    """One acceptance; a name stands for the run accepted last, and earlier ones are its history."""

    __tablename__: ClassVar[str] = "baseline"
    __table_args__ = (
        Index(None, "project", "suite", "name", "id"),
        ForeignKeyConstraint(["project", "run_id"], ["run.project", "run.id"]),
    )

    id: int | None = Field(default=None, primary_key=True)
    project: int
    suite: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    run_id: str = Field(sa_type=Text)
    accepted_by: str = Field(sa_type=Text)
    accepted_at: datetime = Field(sa_type=Instant)
    reason: str = Field(sa_type=Text)


class Accepted(Value):
    """A run that somebody accepted under a name."""

    suite: str
    name: str
    run_id: str
    accepted_by: str
    accepted_at: AwareDatetime
    reason: str


def baseline_row(project: int, accepted: Accepted) -> BaselineRow:
    """Return the row that keeps an acceptance."""
    return BaselineRow(project=project, **dict(accepted))


def accepted_of(row: BaselineRow) -> Accepted:
    """Return the acceptance a row keeps."""
    return Accepted(**row.model_dump(exclude={"id", "project"}))


class DecisionRow(Row, table=True):
    """One decision with its record, byte for byte. No foreign keys: a record outlives the runs it was made from."""

    __tablename__: ClassVar[str] = "decision"
    __table_args__ = (Index(None, "project", "id"), Index(None, "project", "suite", "created_at"))

    project: int = Field(primary_key=True, foreign_key="project.number", sa_column_kwargs={"autoincrement": False})
    record_digest: str = Field(sa_type=Text, primary_key=True)
    """SHA-256 of the record; the short id that people quote may, rarely, stand for two records."""
    id: str = Field(sa_type=Text)
    suite: str = Field(sa_type=Text)
    verdict: str = Field(sa_type=Text)
    exit_code: int
    candidate: str = Field(sa_type=Text)
    baseline: str | None = Field(default=None, sa_type=Text)
    record: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = Field(sa_type=Instant)


class Recorded(Value):
    """A decision as it was recorded."""

    id: str
    suite: str
    verdict: Verdict
    exit_code: int
    candidate: str
    """Run id."""
    baseline: str | None
    """Run id."""
    record: bytes
    """The canonical JSON that `evalgate verify` reads."""
    created_at: AwareDatetime


def decision_row(project: int, name: str, decision: Decision, record: bytes, digest: str, at: datetime) -> DecisionRow:
    """Return the row that keeps a decision made at a moment; `digest` is that of the record."""
    return DecisionRow(
        project=project,
        record_digest=digest,
        id=name,
        suite=decision.suite,
        verdict=decision.verdict,
        exit_code=decision.exit_code,
        candidate=decision.candidate,
        baseline=decision.baseline,
        record=record,
        created_at=at,
    )


def recorded_of(row: DecisionRow) -> Recorded:
    """Return the decision a row keeps."""
    return Recorded(**row.model_dump(exclude={"record_digest", "project"}))
