"""Every table, each with its mapping to and from core values. Importing this package completes the one metadata."""

from __future__ import annotations

from evalgate.store.tables.base import Row
from evalgate.store.tables.ledger import BaselineRow, DecisionRow, MetaRow
from evalgate.store.tables.replies import ReplyRow
from evalgate.store.tables.runs import OutcomeRow, RunRow, RunSampleRow, SampleRow

metadata = Row.metadata

__all__ = [
    "BaselineRow",
    "DecisionRow",
    "MetaRow",
    "OutcomeRow",
    "ReplyRow",
    "RunRow",
    "RunSampleRow",
    "SampleRow",
    "metadata",
]
