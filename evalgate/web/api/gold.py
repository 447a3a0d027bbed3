"""Gold cases: what people agreed on, promoted for a suite, each with where it came from, and written as cases."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query
from fastapi.responses import StreamingResponse
from pydantic import Field

from evalgate.core.values import Value
from evalgate.review.gold_cases import case_lines, promote
from evalgate.store.gold_cases import Gold, GoldCases
from evalgate.web.api.labels import as_file
from evalgate.web.api.queues import note, queue_named
from evalgate.web.api.routing import KEEPERS, READERS, Limit, Name, api_router, shown_as
from evalgate.web.disguise import shown
from evalgate.web.guard import Caller

router = api_router("gold cases")

_GOLD = {
    "sample_digest": "9f86d081884c7d65",
    "suite": "support",
    "case_id": "case-7",
    "labels": {"answers": {"label": "answered", "value": 1.0, "people": 2, "basis": "agreed"}},
    "origin": {"queue": "support", "item": 7, "run": "c0ffee123456", "language": "es", "cluster": None},
    "promoted_by": "user:zoe",
    "promoted_at": "2026-11-21T12:00:00Z",
}

Suite = Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class PromotionWanted(Value):
    """The suite that gold cases are for."""

    model_config = shown_as({"suite": "support"})

    suite: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]


class PromotedSeen(Value):
    """What a promotion did with the closed items of a queue."""

    model_config = shown_as({"added": 12, "known": 3, "personal": 1, "unsure": 4})

    added: int
    known: int
    """The same question, or the same case id, is a gold case of the suite."""
    personal: int
    """Personal data is found in their texts."""
    unsure: int
    """Too few people agree, or they had seen what the judge said."""


class GoldList(Value):
    """Gold cases in the order of their samples' digests, without texts."""

    model_config = shown_as({"cases": [_GOLD], "after": None})

    cases: tuple[Gold, ...]
    after: str | None
    """Where the next page begins; None after the last one."""


@router.post("/queues/{queue}/promotion")
def promote_items(caller: Annotated[Caller, KEEPERS], queue: Name, wanted: PromotionWanted) -> PromotedSeen:
    """Make gold cases of the closed items that people agree on, and say why the others are none."""
    with caller.writing() as work:
        found = queue_named(work, queue)
        done = promote(work.store, found, wanted.suite, caller.actor)
        note(caller, work, "queue.promoted", found, suite=wanted.suite, added=done.added)
    return PromotedSeen(**done._asdict())


@router.get("/gold-cases")
def list_gold_cases(
    caller: Annotated[Caller, READERS],
    suite: Suite,
    after: Annotated[str, Query(max_length=200, description="What the page before said under `after`.")] = "",
    limit: Limit = 50,
) -> GoldList:
    """List the gold cases of a suite with what people said and where each came from."""
    with caller.reading() as work:
        found = GoldCases(work.store.database, caller.project).page(suite, after, limit + 1)
    cases = tuple(_seen(caller, one) for one in found[:limit])
    return GoldList(cases=cases, after=cases[-1].sample_digest if len(found) > limit else None)


@router.get(
    "/gold-cases/file",
    response_class=StreamingResponse,
    responses={200: {"content": {"application/x-ndjson": {}}, "description": "One case a line, as a suite reads it."}},
)
def export_gold_cases(caller: Annotated[Caller, READERS], suite: Suite) -> StreamingResponse:
    """Give the gold cases of a suite as a data file."""
    return as_file(f"{suite}-gold", "jsonl", case_lines(caller.store, suite))


def _seen(caller: Caller, gold: Gold) -> Gold:
    """Return a gold case whose item has the number that the queue's list shows."""
    origin = gold.origin.model_copy(update={"item": shown(caller.store, gold.origin.item)})
    return gold.model_copy(update={"origin": origin})
