"""Suites: what the project decides on, each with its latest decision."""

from __future__ import annotations

from typing import Annotated

from evalgate.core.values import Value
from evalgate.store.pages import Pages
from evalgate.web.api.decisions import DECIDED, DecisionSeen, decision_seen
from evalgate.web.api.routing import READERS, api_router, shown_as
from evalgate.web.guard import Caller

router = api_router("suites")


class SuiteListed(Value):
    """A suite and how it stands."""

    model_config = shown_as({"name": "support", "latest": DECIDED})

    name: str
    latest: DecisionSeen | None
    """Its latest decision; None when nothing was decided yet."""


class SuiteList(Value):
    """Every suite of the project, by name."""

    model_config = shown_as({"suites": [{"name": "support", "latest": DECIDED}]})

    suites: tuple[SuiteListed, ...]


@router.get("/suites")
def list_suites(caller: Annotated[Caller, READERS]) -> SuiteList:
    """List the suites, each with its latest decision."""
    with caller.reading() as work:
        found = Pages(work.store.database, caller.project).suites()
    return SuiteList(
        suites=tuple(SuiteListed(name=s.name, latest=decision_seen(s.latest) if s.latest else None) for s in found)
    )
