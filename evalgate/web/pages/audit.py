"""The audit: who did what, and whether the chain that keeps it honest is whole."""

from __future__ import annotations

from typing import Annotated

import orjson
from fastapi import Query, Request, Response
from pydantic import JsonValue

from evalgate.store.audit import Verified
from evalgate.web.api.routing import WATCHERS
from evalgate.web.guard import Caller
from evalgate.web.pages.rendering import page, page_router

router = page_router()

ROWS = 50
Before = Annotated[int | None, Query(ge=0, le=2**31 - 1)]


@router.get("/audit")
def show_audit(caller: Annotated[Caller, WATCHERS], request: Request, after: Before = None) -> Response:
    """Show what was done in the project, the newest first."""
    return _audit(caller, request, after, None)


@router.get("/audit/verify")
def show_verified_audit(caller: Annotated[Caller, WATCHERS], request: Request) -> Response:
    """Recompute the chain of the whole installation and say whether it is whole."""
    with caller.reading() as work:
        verified = work.audit.verify()
    return _audit(caller, request, None, verified)


def _audit(caller: Caller, request: Request, after: int | None, verified: Verified | None) -> Response:
    with caller.reading() as work:
        found = work.audit.list(caller.project, after, ROWS + 1)
        unsealed = verified.unsealed if verified else work.audit.unsealed()
    entries = [(entry, _details(entry.detail)) for entry in found[:ROWS]]
    last = entries[-1][0].number if len(found) > ROWS else None
    return page(request, caller, "audit.html", entries=entries, after=last, verified=verified, unsealed=unsealed)


def _details(detail: dict[str, JsonValue]) -> list[tuple[str, str]]:
    return [(name, value if isinstance(value, str) else orjson.dumps(value).decode()) for name, value in detail.items()]
