"""Python runs this at start when a test has put its folder on PYTHONPATH: our subprocesses live at another time.

The file that MOVED_CLOCK names says by how many seconds; it is read at every look, so that days pass when a test
writes it. They stay offline, as all our subprocesses do.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import no_network  # noqa: F401  what counts is that it has been imported
from evalgate.store import database

PLACE = os.environ.get("MOVED_CLOCK")


def now() -> datetime:
    """Return this moment, moved."""
    moved = float(Path(PLACE).read_text(encoding="utf-8")) if PLACE else 0.0
    return datetime.now(UTC) + timedelta(seconds=moved)


if PLACE:
    database.now = now  # before any other module has taken it from there
