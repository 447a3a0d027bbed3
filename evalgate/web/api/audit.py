"""The audit: who did what in the project, and whether the chain that keeps it honest is whole."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime, JsonValue

from evalgate.core.values import Value
from evalgate.web.api.routing import WATCHERS, Limit, api_router, shown_as
from evalgate.web.guard import Caller

router = api_router("audit")

_ENTRY = {
    "number": 17,
    "at": "2026-11-21T12:00:00Z",
    "actor": "user:ana@example.org",
    "action": "key.created",
    "subject": "key:k3y1d0",
    "detail": {"scopes": ["gate"]},
    "place": 17,
    "digest": "5f" * 32,
}


class EntrySeen(Value):
    """One thing that somebody did."""

    model_config = shown_as(_ENTRY)

    number: int
    at: AwareDatetime
    actor: str
    action: str
    subject: str
    detail: dict[str, JsonValue]
    place: int | None
    """In the chain; None until it is sealed."""
    digest: str | None


class EntryList(Value):
    """A page of the audit."""

    model_config = shown_as({"entries": [_ENTRY], "after": None})

    entries: tuple[EntrySeen, ...]
    after: int | None
    """Where the next page begins; None on the last one."""


class ChainSeen(Value):
    """Whether the audit of the whole installation is as it was written."""

    model_config = shown_as({"ok": True, "rows": 17, "first_broken": None, "unsealed": 0})

    ok: bool
    rows: int
    first_broken: int | None
    """The place of the first row that does not fit what went before it."""
    unsealed: int
    """Rows that are not part of the chain yet."""


@router.get("/audit")
def list_audit(
    caller: Annotated[Caller, WATCHERS],
    after: Annotated[int | None, Query(ge=0, le=2**31 - 1, description="What the page before said.")] = None,
    limit: Limit = 50,
) -> EntryList:
    """List what was done in the project."""
    with caller.reading() as work:
        found = work.audit.list(caller.project, after, limit + 1)
    shown = tuple(EntrySeen(**{name: getattr(e, name) for name in EntrySeen.model_fields}) for e in found[:limit])
    return EntryList(entries=shown, after=shown[-1].number if len(found) > limit else None)


@router.get("/audit/verify")
def verify_audit(caller: Annotated[Caller, WATCHERS]) -> ChainSeen:
    """Recompute the chain and say whether it is whole."""
    with caller.reading() as work:
        found = work.audit.verify()
    return ChainSeen(**{name: getattr(found, name) for name in ChainSeen.model_fields})
