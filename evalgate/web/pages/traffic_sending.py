"""An interaction handed to people: somebody chose it, so it has no probability and counts in no estimate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Response
from pydantic import Field

from evalgate.core.errors import WrongAsWritten
from evalgate.core.outcomes import CheckRef, Outcome
from evalgate.core.splitting import split_of
from evalgate.core.values import Value
from evalgate.runner.ports import Marked
from evalgate.store.asked import judged_of, language, priority
from evalgate.store.items import NewItem
from evalgate.store.listing import Score, Seen
from evalgate.store.queues import Queue
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.samples import sample_of
from evalgate.web.api.queues import note
from evalgate.web.guard import Caller
from evalgate.web.pages.queues import Fields, text_of
from evalgate.web.pages.rendering import asked, go, page_router
from evalgate.web.pages.traffic_interaction import seen_of, texts_of
from evalgate.web.pages.traffic_words import KEEPERS, Number
from evalgate.web.problems import Problem
from evalgate.web.transactions import Work

router = page_router()


class Wanted(Value):
    """Which queue is to hold it."""

    queue: Annotated[str, Field(min_length=1, max_length=200)]


@router.post("/traffic/interactions/{number:int}/review")
def send_by_form(caller: Annotated[Caller, KEEPERS], number: Number, sent: Fields) -> Response:
    """Put an interaction into an open queue; one that is there already stays as it came."""
    wanted = asked(Wanted, queue=text_of(sent, "queue"))
    with caller.writing() as work:
        found = seen_of(work.store.listing.one(number), number)
        queue = _open_queue(work, wanted.queue)
        interaction = work.store.interactions.one(number) if found.has_text else None
        if interaction is None or found.sample_digest is None or texts_of(found, interaction) != "kept":
            what = f"interaction {number} has no texts that people could read"
            raise Problem(409, what, "interaction", "choose one whose texts are kept")
        marked = _marked(found, interaction, found.sample_digest, work.store.listing.scores(number))
        work.store.items.hold([marked])
        added = work.store.items.add(queue, [_item(found, marked)])
        note(caller, work, "queue.chosen", queue, interaction=number, added=added)
    return go(f"/traffic/interactions/{number}", "sent_to_review")


def _open_queue(work: Work, name: str) -> Queue:
    try:
        queue = work.store.queues.get(name)
    except WrongAsWritten:
        raise Problem(404, f"queue {name!r} is not here", "queue", "list them: GET /queues") from None
    if queue.state != "open":
        raise Problem(409, f"queue {name!r} is closed", "queue", "choose an open one")
    return queue


def _marked(found: Seen, interaction: Interaction, digest: str, scores: Sequence[Score]) -> Marked:
    sample = sample_of(interaction, found.facts)
    outcomes = tuple(_outcome(sample.case.id, score) for score in scores if score.result is not None)
    return Marked(found.number, sample, sample.case.digest, digest, outcomes)


def _outcome(case_id: str, score: Score) -> Outcome:
    name, _, criterion = score.metric.partition(".")
    check = CheckRef.model_validate({"name": name, "annotator": score.annotator, "digest": score.digest})
    return Outcome.model_validate({"case_id": case_id, "check": check, "criterion": criterion, "result": score.result})


def _item(found: Seen, marked: Marked) -> NewItem:
    judged = judged_of(marked.outcomes)
    return NewItem(
        sample_digest=marked.sample_digest,
        case_id=marked.sample.case.id,
        cluster=found.conversation,
        language=language(marked),
        reason="chosen",
        priority=priority(judged, marked.outcomes),
        split=split_of(marked.sample_digest),
        judged=judged,
    )
