"""How far the people of a queue agree, for those who read results; who reviews stays blind to it."""

from __future__ import annotations

from typing import Annotated

from evalgate.review.agreement import QueueAgreement, agreement_of
from evalgate.web.api.queues import queue_named
from evalgate.web.api.routing import READERS, Name, api_router, shown_as
from evalgate.web.disguise import shown
from evalgate.web.guard import Caller

router = api_router("queues")

_SAID = {"point": 0.84, "low": 0.78, "high": 0.89, "items": 200, "clusters": 200, "why": None}
_SHOWN = {
    "queue": "support",
    "agreeing": [
        {
            "criterion": "answers",
            "group": "language=es",
            "items": 200,
            "rows": [{"raters": ["ana", "rui"], "by": [{"method": "percent", **_SAID}]}],
        }
    ],
    "gold": [{"reviewer": "ana", "answered": 20, "right": 18, "contested": 1}],
    "contested": [
        {
            "item": 12,
            "expected": {"answers": "answered"},
            "by": {"ana": {"answers": "not_answered"}},
            "why": {"ana": "It names no day."},
        }
    ],
    "disputed": 1,
    "disputes": [
        {"item": 7, "state": "adjudicating", "apart": 1.0, "answers": {"answers": {"answered": 1, "not_answered": 1}}}
    ],
}


class AgreementSeen(QueueAgreement):
    """The agreement of a queue's people: by criterion, and that by language and stratum, pair by pair and of all."""

    model_config = shown_as(_SHOWN)

    queue: str


@router.get("/queues/{queue}/agreement")
def get_agreement(caller: Annotated[Caller, READERS], queue: Name) -> AgreementSeen:
    """Give how far people agree in a queue, with intervals, and the items on which they differ most."""
    with caller.reading() as work:
        found = queue_named(work, queue)
        agreed = agreement_of(work.store, found)
    said = {name: getattr(agreed, name) for name in QueueAgreement.model_fields}
    # Under the numbers that the routes of items know.
    for name in ("contested", "disputes"):
        said[name] = [one.model_copy(update={"item": shown(caller.store, one.item)}) for one in said[name]]
    return AgreementSeen(queue=found.name, **said)
