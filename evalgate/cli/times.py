"""Moments as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

from evalgate.core.errors import WrongAsWritten


def moment(flag: str, written: str) -> datetime:
    """Return an aware moment from ISO 8601 text; without an offset it is UTC.

    >>> moment("--changed-at", "2026-11-20T10:00:00Z").isoformat()
    '2026-11-20T10:00:00+00:00'
    """
    try:
        parsed = datetime.fromisoformat(written)
    except ValueError:
        message = f"{flag} {written}: write an ISO 8601 time such as 2026-11-20T10:00:00Z"
        raise WrongAsWritten(message) from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
