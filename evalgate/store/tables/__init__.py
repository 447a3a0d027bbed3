"""Every table, each with its mapping to and from core values. Importing this package completes the one metadata."""

from __future__ import annotations

from evalgate.store.tables.access import AuditRow, KeyRow, LinkRow, MemberRow, ProjectRow, SessionRow, UserRow
from evalgate.store.tables.base import Row
from evalgate.store.tables.ledger import BaselineRow, DecisionRow, MetaRow
from evalgate.store.tables.replies import ReplyRow
from evalgate.store.tables.review import (
    AdjudicationRow,
    AssignmentRow,
    CardRow,
    DeclineRow,
    GoldCaseRow,
    ItemRow,
    LabelRow,
    QueueRow,
    RevealRow,
    ReviewRow,
)
from evalgate.store.tables.runs import OutcomeRow, RunRow, RunSampleRow, SampleRow
from evalgate.store.tables.traffic import (
    DeliveryRow,
    InteractionRow,
    InteractionTextRow,
    TrafficAlertRow,
    TrafficCheckRow,
    TrafficCountRow,
    TrafficEstimateRow,
    TrafficEventRow,
    TrafficMarkRow,
    TrafficScoreRow,
    TrafficTellingRow,
    TrafficWindowRow,
    WorkerRow,
)

metadata = Row.metadata

__all__ = [
    "AdjudicationRow",
    "AssignmentRow",
    "AuditRow",
    "BaselineRow",
    "CardRow",
    "DecisionRow",
    "DeclineRow",
    "DeliveryRow",
    "GoldCaseRow",
    "InteractionRow",
    "InteractionTextRow",
    "ItemRow",
    "KeyRow",
    "LabelRow",
    "LinkRow",
    "MemberRow",
    "MetaRow",
    "OutcomeRow",
    "ProjectRow",
    "QueueRow",
    "ReplyRow",
    "RevealRow",
    "ReviewRow",
    "RunRow",
    "RunSampleRow",
    "SampleRow",
    "SessionRow",
    "TrafficAlertRow",
    "TrafficCheckRow",
    "TrafficCountRow",
    "TrafficEstimateRow",
    "TrafficEventRow",
    "TrafficMarkRow",
    "TrafficScoreRow",
    "TrafficTellingRow",
    "TrafficWindowRow",
    "UserRow",
    "WorkerRow",
    "metadata",
]
