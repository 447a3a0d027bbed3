"""Baselines: which accepted run a name stands for, and accepting another one."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from evalgate.core.values import Value
from evalgate.store.tables.ledger import Accepted
from evalgate.web.api.routing import API, KEEPERS, READERS, Limit, Name, SuiteFilter, api_router, shown_as
from evalgate.web.guard import Caller
from evalgate.web.problems import Problem, conflict, missing
from evalgate.wiring.baselines import accept_run

router = api_router("baselines")

_ACCEPTED = {
    "suite": "support",
    "name": "main",
    "run_id": "c0ffee123456",
    "accepted_by": "ana@example.org",
    "accepted_at": "2026-11-21T12:03:00Z",
    "reason": "passed",
}


class BaselineSeen(Accepted):
    """One acceptance of a run under a name."""

    model_config = shown_as(_ACCEPTED)


class BaselineList(Value):
    """Acceptances: one a name, or the history of one name from the newest on."""

    model_config = shown_as({"baselines": [_ACCEPTED]})

    baselines: tuple[BaselineSeen, ...]


class Acceptance(Value):
    """A run to accept; one that has not passed needs `first` or a `reason`."""

    model_config = shown_as({"run": "c0ffee123456", "reason": "the drop is known and agreed"})

    run: Annotated[str, Field(min_length=1, max_length=200)]
    first: bool = False
    """The name stands for no run yet."""
    reason: Annotated[str | None, Field(max_length=2000)] = None


@router.get("/baselines")
def list_baselines(caller: Annotated[Caller, READERS], suite: SuiteFilter = None) -> BaselineList:
    """List what every name stands for now."""
    with caller.reading() as work:
        return _listed(work.store.baselines.list(suite))


@router.get("/baselines/{suite}/{name}")
def get_baseline_history(
    caller: Annotated[Caller, READERS], suite: Name, name: Name, limit: Limit = 50
) -> BaselineList:
    """List the acceptances under a name, the newest first."""
    with caller.reading() as work:
        return _listed(work.store.baselines.history(suite, name, limit))


@router.post("/baselines/{suite}/{name}", status_code=201)
def accept_baseline(caller: Annotated[Caller, KEEPERS], suite: Name, name: Name, wanted: Acceptance) -> BaselineSeen:
    """Let a name stand for a run from now on."""
    by = caller.person.user.login
    with caller.writing() as work:
        with missing("run", wanted.run, f"{API}/runs"):
            run = work.store.runs.get(wanted.run)
        if run.manifest.suite != suite:
            raise Problem(409, f"run {run.id} is one of {run.manifest.suite!r}", "suite", "name a run of this suite")
        with conflict("run", do="accept a run that passed, or say why in `reason`"):
            accepted = accept_run(
                work.store, name, run=run.id, suite=suite, by=by, first=wanted.first, reason=wanted.reason
            )
        work.audit.add(
            work.connection, caller.project, caller.actor, "baseline.accepted", f"{suite}/{name}", run=accepted.run_id
        )
    return BaselineSeen(**dict(accepted))


def _listed(found: tuple[Accepted, ...]) -> BaselineList:
    return BaselineList(baselines=tuple(BaselineSeen(**dict(one)) for one in found))
