"""The tables of review: queues, their items and assignment slots, what people answered, and the labels that follow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlmodel import Field

from evalgate.core.labels import Label
from evalgate.store.tables.base import Instant, Row


class QueueRow(Row, table=True):
    """What people are asked about a kind of sample; its rubric is frozen once it holds an item."""

    __tablename__: ClassVar[str] = "queue"
    __table_args__ = (UniqueConstraint("project", "name"),)

    number: int | None = Field(default=None, primary_key=True)
    project: int = Field(foreign_key="project.number")
    name: str = Field(sa_type=Text)
    rubric: str = Field(sa_type=Text)
    """JSON of a ReviewRubric: criteria with labels, titles and help in each language."""
    rubric_digest: str = Field(sa_type=Text)
    settings: str = Field(sa_type=Text)
    """JSON of QueueSettings."""
    state: str = Field(default="open", sa_type=Text)
    """open or closed."""
    created_by: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)


class ItemRow(Row, table=True):
    """One sample in a queue, with why it is there and how likely it was to be."""

    __tablename__: ClassVar[str] = "queue_item"
    __table_args__ = (
        UniqueConstraint("queue", "sample_digest"),
        ForeignKeyConstraint(["project", "sample_digest"], ["sample.project", "sample.digest"]),
        Index(None, "queue", "state", "number"),
        Index(None, "queue", "reason", "number"),
        Index(None, "project", "sample_digest"),
    )

    number: int | None = Field(default=None, primary_key=True)
    queue: int = Field(foreign_key="queue.number")
    project: int
    sample_digest: str = Field(sa_type=Text)
    case_id: str = Field(sa_type=Text)
    run: int | None = Field(default=None, foreign_key="run.number", ondelete="SET NULL")
    position: int | None = None
    """Where the sample stands in the run."""
    cluster: str | None = Field(default=None, sa_type=Text)
    language: str | None = Field(default=None, sa_type=Text)
    """As `es`; absent when nobody can tell, then everybody may take it."""
    reason: str = Field(sa_type=Text)
    """The rule that put it here: unknown, disagreement, near_threshold, flip, random, gold, practice or chosen."""
    stratum: str | None = Field(default=None, sa_type=Text)
    probability: float | None = None
    """How likely it was to be chosen, in (0, 1]; absent when that is not known: then it corrects nothing."""
    priority: float = 0.0
    """Larger comes first; 0 throughout is first in, first out."""
    split: str = Field(sa_type=Text)
    """fewshot, dev, test or control: by a hash of the sample, for ever."""
    harm: str | None = Field(default=None, sa_type=Text)
    """The category of what may harm a reader."""
    expected: str | None = Field(default=None, sa_type=Text)
    """JSON criterion -> label of a gold or practice item."""
    explanation: str | None = Field(default=None, sa_type=Text)
    """Why, told after a practice item."""
    judged: str = Field(default="[]", sa_type=Text)
    """JSON of what the judges said: check, criterion, digest, value, label."""
    slots: int
    """How many people are wanted; grows when they disagree. 0: everybody, as for gold and practice items."""
    state: str = Field(default="open", sa_type=Text)
    """open, closed, adjudicating or removed."""
    added_at: datetime = Field(sa_type=Instant)
    closed_at: datetime | None = Field(default=None, sa_type=Instant)


class AssignmentRow(Row, table=True):
    """One slot of an item: open, leased to a reviewer for a while, or done."""

    __tablename__: ClassVar[str] = "assignment"
    __table_args__ = (
        UniqueConstraint("item", "reviewer"),
        Index(None, "queue", "state", "rank", "item", "slot"),
        Index(None, "reviewer", "queue", "state"),
    )

    item: int = Field(primary_key=True, foreign_key="queue_item.number", sa_column_kwargs={"autoincrement": False})
    slot: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """From 1."""
    queue: int
    """With language, harm and rank, the item's own: a claim reads one index."""
    language: str = Field(default="", sa_type=Text)
    """Blank when nobody could tell."""
    harm: str = Field(default="", sa_type=Text)
    rank: float = 0.0
    """The item's priority, negative: the smallest is handed out first."""
    state: str = Field(default="open", sa_type=Text)
    """open, leased, done or cancelled."""
    reviewer: int | None = Field(default=None, foreign_key="user_account.number")
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    token: int = 0
    """Raised at every claim: an answer with an old one comes too late."""


class ReviewRow(Row, table=True):
    """What one person answered about one item."""

    __tablename__: ClassVar[str] = "review"
    __table_args__ = (UniqueConstraint("item", "reviewer"), Index(None, "reviewer", "submitted_at"))

    number: int | None = Field(default=None, primary_key=True)
    item: int = Field(foreign_key="queue_item.number")
    slot: int
    reviewer: int = Field(foreign_key="user_account.number")
    answers: str = Field(sa_type=Text)
    """JSON criterion -> label."""
    spans: str = Field(default="[]", sa_type=Text)
    """JSON of marked stretches: criterion, side, start, end in code points."""
    comment: str = Field(default="", sa_type=Text)
    flagged: bool = False
    contested: bool = False
    """The reviewer contests what a gold item expects."""
    revealed: bool = False
    """The judge's or a peer's answer was shown before this was submitted."""
    seconds: float | None = None
    """Time with the item in front of them; absent when the page did not say."""
    submitted_at: datetime = Field(sa_type=Instant)
    edited_at: datetime | None = Field(default=None, sa_type=Instant)


class DeclineRow(Row, table=True):
    """A person who will not answer an item, and why."""

    __tablename__: ClassVar[str] = "decline"

    item: int = Field(primary_key=True, foreign_key="queue_item.number", sa_column_kwargs={"autoincrement": False})
    reviewer: int = Field(
        primary_key=True, foreign_key="user_account.number", sa_column_kwargs={"autoincrement": False}
    )
    reason: str = Field(sa_type=Text)
    """language, affects_me, dont_know or declined."""
    at: datetime = Field(sa_type=Instant)


class RevealRow(Row, table=True):
    """A person to whom the judge's or a peer's answer to an item was shown before they answered."""

    __tablename__: ClassVar[str] = "reveal"

    item: int = Field(primary_key=True, foreign_key="queue_item.number", sa_column_kwargs={"autoincrement": False})
    reviewer: int = Field(
        primary_key=True, foreign_key="user_account.number", sa_column_kwargs={"autoincrement": False}
    )
    at: datetime = Field(sa_type=Instant)


class AdjudicationRow(Row, table=True):
    """What a third person decided where reviewers disagree."""

    __tablename__: ClassVar[str] = "adjudication"

    item: int = Field(primary_key=True, foreign_key="queue_item.number", sa_column_kwargs={"autoincrement": False})
    by: int = Field(foreign_key="user_account.number")
    answers: str = Field(sa_type=Text)
    comment: str = Field(default="", sa_type=Text)
    at: datetime = Field(sa_type=Instant)


class LabelRow(Row, table=True):
    """What people say of one criterion of one sample, once they have said it: what judges are measured with."""

    __tablename__: ClassVar[str] = "label"
    __table_args__ = (
        UniqueConstraint("project", "check_name", "criterion", "sample_digest", "source"),
        Index(None, "project", "check_name", "criterion", "split"),
        Index(None, "project", "sample_digest"),
    )

    number: int | None = Field(default=None, primary_key=True)
    project: int = Field(foreign_key="project.number")
    check_name: str = Field(sa_type=Text)
    criterion: str = Field(sa_type=Text)
    sample_digest: str = Field(sa_type=Text)
    case_id: str = Field(sa_type=Text)
    cluster: str | None = Field(default=None, sa_type=Text)
    language: str | None = Field(default=None, sa_type=Text)
    stratum: str | None = Field(default=None, sa_type=Text)
    probability: float | None = None
    value: float
    """In [0, 1]."""
    label: str = Field(sa_type=Text)
    people: int
    """How many agree on it."""
    basis: str = Field(sa_type=Text)
    """agreed, adjudicated, single or imported."""
    blind: bool = True
    """Nobody of them had seen the judge's answer."""
    split: str = Field(sa_type=Text)
    rubric_digest: str | None = Field(default=None, sa_type=Text)
    source: str = Field(sa_type=Text)
    """queue:NAME, terminal or import:NAME."""
    item: int | None = Field(default=None, foreign_key="queue_item.number", ondelete="SET NULL")
    at: datetime = Field(sa_type=Instant)


class CardRow(Row, table=True):
    """A calibration card: how well one judge, by digest, agrees with people."""

    __tablename__: ClassVar[str] = "card"
    __table_args__ = (Index(None, "project", "check_name", "criterion", "judge_digest", "made_at"),)

    project: int = Field(primary_key=True, foreign_key="project.number", sa_column_kwargs={"autoincrement": False})
    digest: str = Field(sa_type=Text, primary_key=True)
    check_name: str = Field(sa_type=Text)
    criterion: str = Field(sa_type=Text)
    judge_digest: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    """JSON of the CalibrationCard."""
    made_at: datetime = Field(sa_type=Instant)


class GoldCaseRow(Row, table=True):
    """A case promoted from what people agreed on, with where it came from."""

    __tablename__: ClassVar[str] = "gold_case"

    project: int = Field(primary_key=True, foreign_key="project.number", sa_column_kwargs={"autoincrement": False})
    sample_digest: str = Field(sa_type=Text, primary_key=True)
    suite: str = Field(sa_type=Text)
    case_id: str = Field(sa_type=Text)
    labels: str = Field(sa_type=Text)
    """JSON check.criterion -> label and value."""
    origin: str = Field(sa_type=Text)
    """JSON: queue, item, run, people, basis."""
    promoted_by: str = Field(sa_type=Text)
    promoted_at: datetime = Field(sa_type=Instant)


LABEL_COLUMNS = (
    "project",
    "check_name",
    "criterion",
    "sample_digest",
    "case_id",
    "cluster",
    "language",
    "stratum",
    "probability",
    "value",
    "label",
    "people",
    "basis",
    "blind",
    "split",
    "rubric_digest",
    "source",
    "item",
    "at",
)


def label_row(project: int, label: Label, item: int | None) -> dict[str, object]:
    """Return the values of LABEL_COLUMNS."""
    kept = label.model_dump(exclude={"check"})
    return {"project": project, "check_name": label.check, "item": item, **kept}


def label_of(row: Mapping[Any, Any]) -> Label:
    """Return the label that a row keeps."""
    kept = {name: row[name] for name in Label.model_fields if name != "check"}
    return Label(check=row["check_name"], **kept)
