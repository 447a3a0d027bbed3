"""Queues: made, filled, watched and closed by those who keep the project; reviewers see which there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AwareDatetime, Field

from evalgate.core.errors import WrongAsWritten
from evalgate.core.review import QueueSettings, ReviewRubric
from evalgate.core.values import Value
from evalgate.review.rubric import rubric_of
from evalgate.store.gold_draws import left
from evalgate.store.items import Item
from evalgate.store.queues import Mine, Progress, Queue
from evalgate.web.api.routing import API, KEEPERS, Name, api_router, shown_as
from evalgate.web.disguise import meant
from evalgate.web.guard import Caller, needs
from evalgate.web.problems import conflict, missing
from evalgate.web.transactions import Work

router = api_router("queues")

LOOKERS = needs("reviewer", "maintainer", "admin", "auditor", scopes=("read",))
WATCHERS_OF_WORK = needs("maintainer", "admin", "auditor", scopes=("read",))
LARGEST = 2**31 - 1

Number = Annotated[int, Path(ge=1, le=LARGEST)]

RUBRIC = {
    "name": "support",
    "version": "1",
    "instructions": {"en": "Judge the answer alone.", "es": "Juzga solo la respuesta."},
    "criteria": {
        "answers": {
            "check": "answers",
            "title": {"en": "Does it answer?", "es": "¿Responde?", "pt": "Responde?"},
            "labels": {"answered": {"value": 1.0}, "not_answered": {"value": 0.0}},
        }
    },
}
_QUEUE = {
    "name": "support",
    "state": "open",
    "rubric": RUBRIC,
    "settings": {"reviews_required": 2},
    "progress": {"open": 80, "adjudicating": 1, "closed": 19, "removed": 0},
    "mine": {"done": 12, "waiting": 88},
    "created_at": "2026-11-21T12:00:00Z",
}


class ProgressSeen(Value):
    """How many items are in each state."""

    model_config = shown_as({"open": 80, "adjudicating": 1, "closed": 19, "removed": 0})

    open: int
    adjudicating: int
    closed: int
    removed: int


class MineSeen(Value):
    """How far the person who asks is."""

    done: int
    waiting: int
    """Items that they may still be asked about; an upper bound."""


class QueueSeen(Value):
    """A queue and how far it is."""

    model_config = shown_as(_QUEUE)

    name: str
    state: Literal["open", "closed"]
    rubric: ReviewRubric
    settings: QueueSettings
    progress: ProgressSeen | None
    """None for a reviewer: which of their answers changes nothing in it would tell them the gold items."""
    mine: MineSeen | None
    """None for a key."""
    created_at: AwareDatetime


class QueueList(Value):
    """The queues, the newest first."""

    model_config = shown_as({"queues": [_QUEUE]})

    queues: tuple[QueueSeen, ...]


class QueueWanted(Value):
    """A queue to make."""

    model_config = shown_as({"name": "support", "rubric": RUBRIC, "settings": {"reviews_required": 2}})

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^/\x00-\x1f]*[^/\s\x00-\x1f][^/\x00-\x1f]*$")]
    rubric: ReviewRubric
    settings: QueueSettings = QueueSettings()


class SettingsWanted(Value):
    """How a queue should work from now on."""

    model_config = shown_as({"settings": {"reviews_required": 3}})

    settings: QueueSettings


class RubricWanted(Value):
    """What a queue should ask."""

    model_config = shown_as({"rubric": RUBRIC})

    rubric: ReviewRubric


class StateWanted(Value):
    """Whether a queue hands items out."""

    model_config = shown_as({"state": "closed"})

    state: Literal["open", "closed"]


@router.get("/queues")
def list_queues(caller: Annotated[Caller, LOOKERS]) -> QueueList:
    """List the queues with how far each is, and how far the caller is."""
    with caller.reading() as work:
        return QueueList(queues=queues_seen(caller, work, work.store.queues.list()))


@router.post("/queues", status_code=201)
def create_queue(caller: Annotated[Caller, KEEPERS], wanted: QueueWanted) -> QueueSeen:
    """Make a queue; its rubric stays as it is once the queue holds items."""
    rubric = rubric_of(wanted.rubric.model_dump(mode="json"))
    with caller.writing() as work:
        with conflict("name"):
            made = work.store.queues.create(wanted.name, rubric, wanted.settings, caller.actor)
        note(caller, work, "queue.created", made, rubric_digest=rubric.digest)
        return queues_seen(caller, work, [made])[0]


@router.get("/queues/{queue}")
def get_queue(caller: Annotated[Caller, LOOKERS], queue: Name) -> QueueSeen:
    """Show what a queue asks and how far it is."""
    with caller.reading() as work:
        return queues_seen(caller, work, [queue_named(work, queue)])[0]


@router.get("/queues/{queue}/progress")
def get_queue_progress(caller: Annotated[Caller, WATCHERS_OF_WORK], queue: Name) -> ProgressSeen:
    """Say how far a queue is."""
    with caller.reading() as work:
        found = queue_named(work, queue)
        return progress_seen(work.store.queues.progress().get(found.number))


@router.put("/queues/{queue}/settings")
def set_queue_settings(caller: Annotated[Caller, KEEPERS], queue: Name, wanted: SettingsWanted) -> QueueSeen:
    """Change how a queue works from now on; items that are there keep the number of people they ask."""
    with caller.writing() as work:
        found = queue_named(work, queue)
        work.store.queues.set_settings(found.number, wanted.settings)
        note(caller, work, "queue.settings", found, settings=wanted.settings.model_dump(mode="json"))
        return _seen_again(caller, work, found)


@router.put("/queues/{queue}/rubric")
def set_queue_rubric(caller: Annotated[Caller, KEEPERS], queue: Name, wanted: RubricWanted) -> QueueSeen:
    """Ask something else; only while the queue holds no item."""
    rubric = rubric_of(wanted.rubric.model_dump(mode="json"))
    with caller.writing() as work:
        found = queue_named(work, queue)
        with conflict("rubric"):
            work.store.queues.set_rubric(found.number, rubric)
        note(caller, work, "queue.rubric", found, rubric_digest=rubric.digest)
        return _seen_again(caller, work, found)


@router.put("/queues/{queue}/state")
def set_queue_state(caller: Annotated[Caller, KEEPERS], queue: Name, wanted: StateWanted) -> QueueSeen:
    """Open a queue or close it; nothing is handed out of a closed one."""
    with caller.writing() as work:
        found = queue_named(work, queue)
        if found.state != wanted.state:
            work.store.queues.set_state(found.number, wanted.state)
            note(caller, work, "queue.opened" if wanted.state == "open" else "queue.closed", found)
        return _seen_again(caller, work, found)


def queue_named(work: Work, name: str) -> Queue:
    """Return a queue of the caller's project; raise Problem 404 when there is none."""
    with missing("queue", name, f"{API}/queues"):
        return work.store.queues.read(work.connection, name)


def item_of_queue(work: Work, queue: Queue, number: int) -> Item:
    """Return an item of a queue by what stands for its number; raise Problem 404 when the queue has none of it."""
    with missing("item", str(number), f"{API}/queues/{queue.name}"):
        item = work.store.items.read(work.connection, meant(work.store, number))
        if item.queue != queue.number:
            raise WrongAsWritten("it is in another queue")
        return item


def note(caller: Caller, work: Work, action: str, queue: Queue, **detail: object) -> None:
    """Write into the audit what is done to a queue."""
    plain = {name: value if isinstance(value, str | int | dict) else str(value) for name, value in detail.items()}
    work.audit.add(work.connection, caller.project, caller.actor, action, f"queue:{queue.name}", **plain)


def mine(caller: Caller, work: Work, queues: Sequence[Queue]) -> dict[int, Mine]:
    """Return how far the person is in each queue; nothing for a key."""
    if caller.signed_in is None:
        return {}
    user = caller.signed_in.user
    found = work.store.queues.mine([queue.number for queue in queues], user.number, user.languages)
    mixed = [queue for queue in queues if queue.settings.gold_rate]
    before = left(work.connection, work.store.secret, mixed, user.number, user.languages, found) if mixed else {}
    return found | {queue: Mine(found[queue].done, total - held) for queue, (total, held) in before.items()}


def queues_seen(caller: Caller, work: Work, queues: Sequence[Queue]) -> tuple[QueueSeen, ...]:
    """Return queues as they are listed."""
    blind = caller.role == "reviewer"
    progress, own = {} if blind else work.store.queues.progress(), mine(caller, work, queues)
    return tuple(
        QueueSeen(
            name=queue.name,
            state=queue.state,
            rubric=queue.rubric,
            settings=queue.settings,
            progress=None if blind else progress_seen(progress.get(queue.number)),
            mine=MineSeen(**own[queue.number]._asdict()) if queue.number in own else None,
            created_at=queue.created_at,
        )
        for queue in queues
    )


def progress_seen(progress: Progress | None) -> ProgressSeen:
    """Return how far a queue is; zeros for one without items."""
    return ProgressSeen(**(progress or Progress())._asdict())


def _seen_again(caller: Caller, work: Work, queue: Queue) -> QueueSeen:
    now = work.store.queues.read(work.connection, queue.number)
    return queues_seen(caller, work, [now])[0]
