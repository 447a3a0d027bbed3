"""Erasing somebody from production traffic: what they said goes, what was counted stays."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from evalgate.core.values import Value
from evalgate.production.erasing import erase_user
from evalgate.traffic.interactions import MOST_ID
from evalgate.web.api.routing import ADMINS, api_router, shown_as
from evalgate.web.guard import Caller

router = api_router("traffic")


class ErasureWanted(Value):
    """Whom to erase."""

    model_config = shown_as({"user": "customer-81"})

    user: Annotated[str, Field(min_length=1, max_length=MOST_ID)]
    """As the sender names people; only a keyed hash of it is stored and written into the audit."""


class ErasureDone(Value):
    """What was taken away; 0 throughout for somebody of whom nothing is kept."""

    model_config = shown_as({"interactions": 12, "samples": 3, "replies": 3, "items": 1})

    interactions: int
    """Their texts are gone, and their records say that they were erased."""
    samples: int
    """Copies of these texts, kept for people to judge."""
    replies: int
    """Of judges, with what they were asked."""
    items: int
    """Of queues, which nobody is asked about any more."""


@router.post("/traffic/erasures")
def erase_traffic_of_user(caller: Annotated[Caller, ADMINS], wanted: ErasureWanted) -> ErasureDone:
    """Take away everything that somebody said; erasing again takes what has come since."""
    with caller.writing() as work:
        erased = erase_user(work.connection, work.store, wanted.user, by=caller.actor)
    return ErasureDone(**erased._asdict())
