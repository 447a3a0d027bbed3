"""Breaking glass beside a database: the act stands in its audit under the name of who runs the command."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING

from evalgate.gate.production import AUDITED

if TYPE_CHECKING:
    from evalgate.gate.stored import Act
    from evalgate.store.engine import Store


def break_locally(store: Store, act: Act) -> str:
    """Write the act into the database's audit, then return who did it: the operating system's name of the user."""
    by = f"os:{_somebody()}"
    with store.database.write() as connection:
        store.audit.add(connection, store.project, by, AUDITED, f"decision:{act.decision}", **act.audited(by))
    return by


def _somebody() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
