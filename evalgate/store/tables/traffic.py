"""The tables of production traffic: what came in, what was said of it, its windows, and what they alarmed.

Texts stand apart from what is counted: pages and estimates read facts, scores and estimates, and never a text.
Everything here is masked; ids that showed somebody's data are names made by a keyed hash.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import BigInteger, ForeignKeyConstraint, Index, Integer, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from evalgate.store.tables.base import Instant, Row

BIG = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only under its own word for whole numbers, which holds 64 bits."""
_GIVEN = {"autoincrement": False}


class InteractionRow(Row, table=True):
    """One exchange: where it stands and what is counted of it."""

    __tablename__: ClassVar[str] = "interaction"
    __table_args__ = (
        UniqueConstraint("project", "source", "external_id"),
        Index(None, "project", "completed_at"),
        Index(None, "project", "user_key"),
    )

    number: int | None = Field(default=None, sa_type=BIG, primary_key=True)
    """Rising with the time of writing."""
    project: int = Field(foreign_key="project.number")
    source: str = Field(sa_type=Text)
    external_id: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    """partial, complete or no_content."""
    version: int = 1
    """Raised by every delivery that changed something: what two servers write of one record does not get lost."""
    received_at: datetime = Field(sa_type=Instant)
    """When the first delivery was written."""
    completed_at: datetime | None = Field(default=None, sa_type=Instant)
    """When it stopped being partial: the window that it counts in. Later than every closed window, always."""
    conversation: str = Field(sa_type=Text)
    """What it shares the draw with."""
    draw: float
    """u in [0, 1) of its conversation: a phase takes it iff u < p."""
    user_key: str | None = Field(default=None, sa_type=Text)
    """A keyed hash of who asked; what an erasure looks for."""
    sample_digest: str | None = Field(default=None, sa_type=Text)
    """Of the masked sample; absent while partial and where there is no content."""
    facts: str = Field(sa_type=Text)
    """JSON of fact name to text: strata and slices."""
    erased_at: datetime | None = Field(default=None, sa_type=Instant)
    """Its texts are gone and its scores say nothing of them any more."""


class InteractionTextRow(Row, table=True):
    """What was asked and answered; the row goes when the project's days are over, or with an erasure."""

    __tablename__: ClassVar[str] = "interaction_text"

    number: int = Field(
        sa_type=BIG,
        primary_key=True,
        foreign_key="interaction.number",
        ondelete="CASCADE",
        sa_column_kwargs=_GIVEN,
    )
    body: bytes = Field(sa_type=LargeBinary)
    """Packed JSON of the masked Interaction."""


class TrafficCheckRow(Row, table=True):
    """One criterion of one check of a suite, as it was marked: another digest is another row, and a trend breaks."""

    __tablename__: ClassVar[str] = "traffic_check"
    __table_args__ = (UniqueConstraint("project", "suite", "name", "criterion", "digest"),)

    number: int | None = Field(default=None, primary_key=True)
    project: int = Field(foreign_key="project.number")
    suite: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    criterion: str = Field(sa_type=Text)
    annotator: str = Field(sa_type=Text)
    digest: str = Field(sa_type=Text)
    since: datetime = Field(sa_type=Instant)


class TrafficScoreRow(Row, table=True):
    """What became of one interaction under one criterion: scored, or why not. Every complete one has a row a check."""

    __tablename__: ClassVar[str] = "traffic_score"
    __table_args__ = (
        ForeignKeyConstraint(["interaction"], ["interaction.number"], ondelete="CASCADE"),
        {"sqlite_with_rowid": False},
    )

    interaction: int = Field(sa_type=BIG, primary_key=True, sa_column_kwargs=_GIVEN)
    traffic_check: int = Field(primary_key=True, foreign_key="traffic_check.number", sa_column_kwargs=_GIVEN)
    state: str = Field(sa_type=Text)
    """scored, not_applicable, pending, sampled_out, filtered, shed or failed."""
    value: float | None = None
    label: str | None = Field(default=None, sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    """Why it is not scored: an Unscored reason, `over_budget`, `no_content`, `partial`, …"""
    stratum: str | None = Field(default=None, sa_type=Text)
    """Of the suite's strata when it was drawn; absent for code checks, which mark everything."""
    chance: float | None = None
    """The absolute probability with which this check was to mark it; 1 for code checks."""
    body: str | None = Field(default=None, sa_type=Text)
    """JSON of what the columns do not hold of the result; absent for a plain mark."""


class TrafficWindowRow(Row, table=True):
    """A half-open span of ingest time under one suite, scored once; closed it is final."""

    __tablename__: ClassVar[str] = "traffic_window"
    __table_args__ = (
        UniqueConstraint("project", "suite", "starts_at", "version"),
        Index(None, "project", "suite", "ends_at"),
        Index(None, "project", "state", "ends_at"),
        Index(None, "project", "spent_at"),
    )

    number: int | None = Field(default=None, primary_key=True)
    project: int = Field(foreign_key="project.number")
    suite: str = Field(sa_type=Text)
    starts_at: datetime = Field(sa_type=Instant)
    ends_at: datetime = Field(sa_type=Instant)
    version: int = 1
    """2 and on: scored again by other checks."""
    state: str = Field(sa_type=Text)
    """open or closed."""
    owner: str | None = Field(default=None, sa_type=Text)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    attempt: int = 0
    """Raised by every claim: the fence of what its owner writes."""
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    suite_digest: str | None = Field(default=None, sa_type=Text)
    spent_usd: float = 0.0
    """Paid to judges for it, by every attempt."""
    spent_at: datetime | None = Field(default=None, sa_type=Instant)
    """When it was last paid for: the month whose budget it takes from."""
    counts: str | None = Field(default=None, sa_type=Text)
    """JSON: population by stratum, scores by state and reason, calls and dollars; there once it is closed."""


class TrafficEstimateRow(Row, table=True):
    """What one closed window says of one metric, of all of it or of a slice."""

    __tablename__: ClassVar[str] = "traffic_estimate"
    __table_args__ = ({"sqlite_with_rowid": False},)

    window: int = Field(
        primary_key=True, foreign_key="traffic_window.number", ondelete="CASCADE", sa_column_kwargs=_GIVEN
    )
    traffic_check: int = Field(primary_key=True, foreign_key="traffic_check.number", sa_column_kwargs=_GIVEN)
    slice: str = Field(sa_type=Text, primary_key=True)
    """Empty for all; else `release=2026.11`."""
    population: int
    scored: int
    point: float | None = None
    low: float | None = None
    high: float | None = None
    """The ends of a two-sided 95 % interval."""
    reason: str | None = Field(default=None, sa_type=Text)
    """Why it is UNKNOWN."""
    mean: str = Field(sa_type=Text)
    """JSON of the SampledMean with what was not scored at 0, and of the one with it at 1."""


class TrafficAlertRow(Row, table=True):
    """One series that is watched: its detector, where it stands, and up to which moment it has looked."""

    __tablename__: ClassVar[str] = "traffic_alert"
    __table_args__ = (UniqueConstraint("project", "suite", "metric", "slice"),)

    number: int | None = Field(default=None, primary_key=True)
    project: int = Field(foreign_key="project.number")
    suite: str = Field(sa_type=Text)
    metric: str = Field(sa_type=Text)
    slice: str = Field(sa_type=Text)
    detector: str = Field(sa_type=Text)
    """JSON of core.statistics.detecting.Detector."""
    digest: str | None = Field(default=None, sa_type=Text)
    """Of the check whose windows it has seen: a changed check begins a new series."""
    state: str = Field(sa_type=Text)
    """OK, WARNING, ALERT, NO_DATA or UNKNOWN."""
    since: datetime = Field(sa_type=Instant)
    seen_until: datetime | None = Field(default=None, sa_type=Instant)
    muted_until: datetime | None = Field(default=None, sa_type=Instant)
    muted_by: str | None = Field(default=None, sa_type=Text)


class TrafficEventRow(Row, table=True):
    """One change of an alert's state, with what was seen and what had changed."""

    __tablename__: ClassVar[str] = "traffic_event"
    __table_args__ = (Index(None, "alert", "at"),)

    number: int | None = Field(default=None, primary_key=True)
    alert: int = Field(foreign_key="traffic_alert.number")
    at: datetime = Field(sa_type=Instant)
    before: str = Field(sa_type=Text)
    after: str = Field(sa_type=Text)
    window: int | None = Field(default=None, foreign_key="traffic_window.number")
    body: str = Field(sa_type=Text)
    """JSON: level, interval, floor, evidence, what changed, examples by interaction number."""


class DeliveryRow(Row, table=True):
    """A message that somebody is to get, written in the transaction of what it tells; sent until it is taken."""

    __tablename__: ClassVar[str] = "delivery"
    __table_args__ = (UniqueConstraint("event", "target"), Index(None, "state", "next_at"))

    number: int | None = Field(default=None, primary_key=True)
    project: int = Field(foreign_key="project.number")
    event: int = Field(foreign_key="traffic_event.number")
    target: str = Field(sa_type=Text)
    """The target's name in the suite, never its address."""
    state: str = Field(sa_type=Text)
    """waiting, sent or given_up."""
    attempts: int = 0
    next_at: datetime = Field(sa_type=Instant)
    owner: str | None = Field(default=None, sa_type=Text)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    trouble: str | None = Field(default=None, sa_type=Text)
    """What went wrong last, in one line."""


class TrafficCountRow(Row, table=True):
    """How many items one sender sent in one hour, by what became of them: counted in the transaction that took them."""

    __tablename__: ClassVar[str] = "traffic_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    project: int = Field(primary_key=True, foreign_key="project.number", sa_column_kwargs=_GIVEN)
    source: str = Field(sa_type=Text, primary_key=True)
    hour: datetime = Field(sa_type=Instant, primary_key=True)
    result: str = Field(sa_type=Text, primary_key=True)
    """accepted, completed, partial, duplicate, no_content, rejected or passed_over."""
    items: int


class TrafficTellingRow(Row, table=True):
    """A closed window whose scores another tool is told: how far it has come, and when it is tried next."""

    __tablename__: ClassVar[str] = "traffic_telling"

    window: int = Field(
        primary_key=True, foreign_key="traffic_window.number", ondelete="CASCADE", sa_column_kwargs=_GIVEN
    )
    attempt: int = 0
    """Raised by every claim: the fence of who tells it."""
    failures: int = 0
    """Tries since something was taken: how long the pauses are."""
    next_at: datetime = Field(sa_type=Instant)
    """Nobody else takes it before: the end of a lease, or of a pause after trouble."""
    told_to: int | None = Field(default=None, sa_type=BIG)
    """The last interaction that was taken."""
    told_at: datetime | None = Field(default=None, sa_type=Instant)
    """When all of it had been taken."""
    trouble: str | None = Field(default=None, sa_type=Text)
    """What went wrong last, in one line."""


class TrafficMarkRow(Row, table=True):
    """Up to where a project's windows are closed: writers of interactions share the row, who closes has it alone."""

    __tablename__: ClassVar[str] = "traffic_mark"

    project: int = Field(primary_key=True, foreign_key="project.number", sa_column_kwargs=_GIVEN)
    closed_until: datetime | None = Field(default=None, sa_type=Instant)


class WorkerRow(Row, table=True):
    """A worker that is, or was, at work."""

    __tablename__: ClassVar[str] = "worker"

    owner: str = Field(sa_type=Text, primary_key=True)
    started_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
