"""Decisions, and their records byte for byte."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header, Response

from evalgate.core.values import Value
from evalgate.store.pages import Decided, Pages
from evalgate.web.api.routing import API, READERS, After, Limit, Name, SuiteFilter, api_router, shown_as
from evalgate.web.guard import Caller
from evalgate.web.problems import missing

router = api_router("decisions")

DECIDED = {
    "id": "D-44136fa3",
    "suite": "support",
    "verdict": "pass",
    "exit_code": 0,
    "candidate": "c0ffee123456",
    "baseline": "beef00112233",
    "created_at": "2026-11-21T12:03:00Z",
    "digest": "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
}


class DecisionSeen(Decided):
    """A decision as it is listed; its record is fetched apart."""

    model_config = shown_as(DECIDED)


class DecisionList(Value):
    """A page of decisions, the newest first."""

    model_config = shown_as({"decisions": [DECIDED], "after": None})

    decisions: tuple[DecisionSeen, ...]
    after: str | None


@router.get("/decisions")
def list_decisions(
    caller: Annotated[Caller, READERS], suite: SuiteFilter = None, after: After = None, limit: Limit = 50
) -> DecisionList:
    """List decisions, the newest first."""
    with caller.reading() as work:
        page = Pages(work.store.database, caller.project).decisions(suite, after, limit)
    return DecisionList(decisions=tuple(map(decision_seen, page.rows)), after=page.after)


@router.get("/decisions/{decision_id}")
def get_decision(caller: Annotated[Caller, READERS], decision_id: Name) -> DecisionSeen:
    """Show a decision by its id, or by the digest of its record."""
    with caller.reading() as work, missing("decision", decision_id, f"{API}/decisions"):
        return decision_seen(Pages(work.store.database, caller.project).decision(decision_id))


@router.get(
    "/decisions/{decision_id}/record",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {}}, "description": "The record, byte for byte."},
        304: {"description": "The record is the one the caller has."},
    },
)
def get_record(
    caller: Annotated[Caller, READERS],
    decision_id: Name,
    if_none_match: Annotated[str | None, Header(max_length=1000)] = None,
) -> Response:
    """Return the record that `evalgate verify` reads; its ETag is its SHA-256."""
    with caller.reading() as work, missing("decision", decision_id, f"{API}/decisions"):
        pages = Pages(work.store.database, caller.project)
        digest = pages.decision(decision_id).digest
        # A record never changes, yet whether the caller may still read it does: keep it, and ask again each time.
        headers = {"ETag": f'"{digest}"', "Cache-Control": "private, no-cache"}
        if if_none_match is not None and _names(if_none_match, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return Response(pages.record(digest), media_type="application/json", headers=headers)


def decision_seen(decided: Decided) -> DecisionSeen:
    """Return a decision as it is listed."""
    return DecisionSeen(**dict(decided))


def _names(if_none_match: str, etag: str) -> bool:
    """Say whether a list of tags names one, weak or not.

    >>> _names('W/"a", "b"', '"a"'), _names("*", '"a"'), _names('"b"', '"a"')
    (True, True, False)
    """
    tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in tags or etag in tags
