"""The items of a queue as those who keep the project see them: listed, put in from runs, taken out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Query
from pydantic import AwareDatetime, Field

from evalgate.core.outcomes import Mark, Outcome
from evalgate.core.review import ReviewRubric
from evalgate.core.splitting import split_of
from evalgate.core.values import Value
from evalgate.runner.ports import Marked
from evalgate.store.engine import Store
from evalgate.store.items import Item, ItemState, Judged, NewItem, Reason
from evalgate.store.pages import Pages
from evalgate.store.queues import Queue
from evalgate.store.tables.runs import StoredRun
from evalgate.web.api.queues import LARGEST, Number, item_of_queue, note, queue_named
from evalgate.web.api.routing import API, KEEPERS, Limit, Name, api_router, shown_as
from evalgate.web.disguise import shown
from evalgate.web.guard import Caller, needs
from evalgate.web.problems import Problem, conflict, missing
from evalgate.web.transactions import Work

router = api_router("items")

ITEM_READERS = needs("maintainer", "admin", "auditor", scopes=("read",))
MOST_ITEMS = 200

_ITEM = {
    "number": 7,
    "sample_digest": "9f86d081884c7d65",
    "case_id": "case-7",
    "language": "es",
    "reason": "chosen",
    "state": "open",
    "slots": 2,
    "split": "test",
    "probability": None,
    "priority": 0.0,
    "harm": None,
    "stratum": None,
    "cluster": None,
    "expected": None,
    "explanation": None,
    "judged": [],
    "added_at": "2026-11-21T12:00:00Z",
    "closed_at": None,
}
_WANTED = {"run": "c0ffee123456", "position": 7, "reason": "chosen"}


class ItemWanted(Value):
    """A sample of a run to put into a queue; gold and practice items say what they expect."""

    run: Annotated[str, Field(min_length=1, max_length=200)]
    position: Annotated[int, Field(ge=0, le=LARGEST)]
    reason: Literal["chosen", "gold", "practice"] = "chosen"
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None
    """Without it, the sample's slice `locale` or `language`."""
    harm: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")] | None = None
    priority: Annotated[float, Field(ge=-1e9, le=1e9)] = 0.0
    expected: dict[str, str] | None = None
    explanation: Annotated[str, Field(max_length=4_000)] | None = None


class ItemsWanted(Value):
    """Samples to put into a queue."""

    model_config = shown_as({"items": [_WANTED]})

    items: Annotated[tuple[ItemWanted, ...], Field(min_length=1, max_length=MOST_ITEMS)]


class ItemsAdded(Value):
    """How many samples are new in the queue."""

    model_config = shown_as({"added": 1})

    added: int


class ItemSeen(Value):
    """An item as those who keep the project see it; reviewers never do."""

    model_config = shown_as(_ITEM)

    number: int
    sample_digest: str
    case_id: str
    language: str | None
    reason: Reason
    state: ItemState
    slots: int
    split: str
    probability: float | None
    priority: float
    harm: str | None
    stratum: str | None
    cluster: str | None
    expected: dict[str, str] | None
    explanation: str | None
    judged: tuple[Judged, ...]
    added_at: AwareDatetime
    closed_at: AwareDatetime | None


class ItemList(Value):
    """Items in the order in which they came."""

    model_config = shown_as({"items": [_ITEM], "after": None})

    items: tuple[ItemSeen, ...]
    after: int | None
    """Where the next page begins; None after the last one."""


@router.get("/queues/{queue}/items")
def list_items(
    caller: Annotated[Caller, ITEM_READERS],
    queue: Name,
    state: ItemState | None = None,
    reason: Reason | None = None,
    after: Annotated[int, Query(ge=0, le=LARGEST, description="What the page before said under `after`.")] = 0,
    limit: Limit = 50,
) -> ItemList:
    """List the items of a queue with what the judges said of them."""
    with caller.reading() as work:
        found = queue_named(work, queue)
        items = work.store.items.page(found.number, state=state, reason=reason, after=after, limit=limit + 1)
    seen = tuple(item_seen(caller.store, one) for one in items[:limit])
    return ItemList(items=seen, after=items[limit - 1].number if len(items) > limit else None)


@router.post("/queues/{queue}/items", status_code=201)
def add_items(caller: Annotated[Caller, KEEPERS], queue: Name, wanted: ItemsWanted) -> ItemsAdded:
    """Put samples of runs into a queue; one that is there already stays as it is."""
    with caller.writing() as work:
        found = queue_named(work, queue)
        runs: dict[str, StoredRun] = {}
        new = [_new_item(caller, work, found, one, runs) for one in wanted.items]
        added = work.store.items.add(found, new)
        note(caller, work, "queue.filled", found, added=added)
    return ItemsAdded(added=added)


@router.delete("/queues/{queue}/items/{item}", status_code=204)
def remove_item(caller: Annotated[Caller, KEEPERS], queue: Name, item: Number) -> None:
    """Take an item out of the work; what was answered stays."""
    with caller.writing() as work:
        found = queue_named(work, queue)
        known = item_of_queue(work, found, item)
        work.store.items.remove(known.number)
        note(caller, work, "item.removed", found, item=item)


@router.delete("/queues/{queue}/items/{item}/expected", status_code=204)
def withdraw_expected(caller: Annotated[Caller, KEEPERS], queue: Name, item: Number) -> None:
    """Take back what a gold or practice item expects: nobody is measured by it any more, and nobody else is asked."""
    with caller.writing() as work:
        found = queue_named(work, queue)
        known = item_of_queue(work, found, item)
        with conflict("item", "load the list of contested items again"):
            work.store.items.withdraw(known.number)
        note(caller, work, "item.withdrawn", found, item=item, expected=dict(known.expected or {}))


def item_seen(store: Store, item: Item) -> ItemSeen:
    """Return an item as it is listed."""
    plain = {name: getattr(item, name) for name in ItemSeen.model_fields if name != "number"}
    return ItemSeen(number=shown(store, item.number), **plain)


def _new_item(caller: Caller, work: Work, queue: Queue, wanted: ItemWanted, runs: dict[str, StoredRun]) -> NewItem:
    if wanted.run not in runs:
        with missing("run", wanted.run, f"{API}/runs"):
            runs[wanted.run] = work.store.runs.get(wanted.run)
    run = runs[wanted.run]
    _check_expected(queue.rubric, wanted)
    rows = Pages(work.store.database, caller.project).samples(run, wanted.position - 1, 1).rows
    if not rows or rows[0].position != wanted.position:
        raise Problem(404, f"run {run.id} has no sample {wanted.position}", "position", f"list them: GET {API}/runs")
    marked = rows[0]
    slices = marked.sample.case.slices
    named = wanted.language or slices.get("language") or slices.get("locale")
    return NewItem(
        sample_digest=marked.sample_digest,
        case_id=marked.sample.case.id,
        run=run.number,
        position=marked.position,
        cluster=marked.sample.case.cluster,
        language=named.partition("-")[0].partition("_")[0].lower() if named else None,
        reason=wanted.reason,
        priority=wanted.priority,
        split=split_of(marked.sample_digest),
        harm=wanted.harm,
        expected=wanted.expected,
        explanation=wanted.explanation,
        judged=_judged(queue.rubric, marked),
    )


def _check_expected(rubric: ReviewRubric, wanted: ItemWanted) -> None:
    known = {name: set(criterion.labels) for name, criterion in rubric.criteria.items()}
    if wanted.reason == "chosen" and wanted.expected is not None:
        raise Problem(422, "only gold and practice items expect an answer", "expected", "leave it out")
    if wanted.reason != "chosen" and set(wanted.expected or {}) != set(known):
        raise Problem(422, "a gold or practice item expects a label of every criterion", "expected", "give them all")
    for name, label in (wanted.expected or {}).items():
        if label not in known[name]:
            raise Problem(422, f"{label!r} is no label of {name!r}", "expected", f"one of {', '.join(known[name])}")


def _judged(rubric: ReviewRubric, marked: Marked) -> tuple[Judged, ...]:
    asked = {(one.check, one.criterion) for one in rubric.criteria.values()}
    return tuple(_said(one) for one in marked.outcomes if (one.check.name, one.criterion) in asked)


def _said(outcome: Outcome) -> Judged:
    result = outcome.result
    mark = result if isinstance(result, Mark) else None
    return Judged(
        check=outcome.check.name,
        criterion=outcome.criterion,
        digest=outcome.check.digest,
        value=mark.value if mark else None,
        label=mark.label if mark else None,
        explanation=(mark.explanation or "") if mark else "",
    )
