"""Drivers' errors in one line: what broke, where, and what to do next. No password is ever part of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError

from evalgate.core.errors import DataInvalid, EvalgateError, ServiceBroke

ELSEWHERE: Final = "or name another database in EVALGATE_DATABASE_URL"
_FULL = "free some space and run the same command again: what was stored before is still there"
_GRANT = "grant this user the right to create and write tables, or name another one in EVALGATE_DATABASE_URL"
_DENIED = {"42501", "3F000"}  # "permission denied"; "no schema has been selected", which is how it shows in `public`
_NEXT = {
    # part of SQLite's message, or PostgreSQL's SQLSTATE: what to do
    "is full": _FULL,
    "53100": _FULL,
    "readonly": f"make its folder writable, {ELSEWHERE}",
    "unable to open": f"make its folder writable, {ELSEWHERE}",
    "not a database": f"move that file away, {ELSEWHERE}",
    "malformed": f"move that file away and run the command again, {ELSEWHERE}",
    "locked": "another process has been writing for half a minute: wait for it, or stop it",
    "disk I/O": "check the disk, then run the same command again",
    "42501": _GRANT,
    "3F000": _GRANT,
    "25006": "this server is a read-only copy: name the one that takes writes in EVALGATE_DATABASE_URL",
    "does not exist": "create it, or correct EVALGATE_DATABASE_URL",
    "connection option": "correct EVALGATE_DATABASE_URL",
    "authentication failed": "correct the user or the password in EVALGATE_DATABASE_URL",
}
_UNREACHABLE = "check that the server runs, and EVALGATE_DATABASE_URL"


@contextmanager
def in_one_line(place: str, driver_error: type[Exception]) -> Iterator[None]:
    """Turn a driver's error inside the block into ServiceBroke, or DataInvalid for a value the database refuses.

    Broken constraints and wrong statements pass through as they are: those are faults of evalgate.
    """
    try:
        yield
    except (DBAPIError, driver_error) as error:
        raised = told(place, error)
        if raised is None:
            raise
        raise raised from error


def told(place: str, error: Exception) -> EvalgateError | None:
    """Return what to say of a driver's error at a place; None when it is a fault of evalgate."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    kinds = {kind.__name__ for kind in type(cause).__mro__}
    state = getattr(cause, "sqlstate", None) or ""
    lines = str(cause).strip().splitlines()
    said = lines[0].strip().rstrip(".") if lines else type(cause).__name__
    if "DataError" in kinds:
        return DataInvalid(f"{place} cannot hold this value: {said}; take it out of the data")
    if kinds & {"IntegrityError", "ProgrammingError"} and state not in _DENIED and "connection option" not in said:
        return None
    wanted = next((step for sign, step in _NEXT.items() if sign == state or sign in said), None)
    fallback = "run the same command again" if isinstance(cause, sqlite3.Error) else _UNREACHABLE
    return ServiceBroke(f"{place}: {said}; {wanted or fallback}")
