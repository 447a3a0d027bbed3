"""Runs, and their samples with what the checks said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

from evalgate.core.errors import DataInvalid
from evalgate.core.outcomes import Outcome
from evalgate.core.samples import Case, Output
from evalgate.core.values import Value
from evalgate.runner.ports import Marked
from evalgate.store.pages import Pages
from evalgate.store.tables.runs import StoredRun
from evalgate.web.api.routing import API, BINARY, READERS, After, Limit, Name, SuiteFilter, api_router, shown_as
from evalgate.web.guard import Caller, needs
from evalgate.web.problems import Problem, missing
from evalgate.web.unpacking import PUSHED, RUN_SENT

router = api_router("runs")

BRINGERS = needs("maintainer", "admin", scopes=("gate",))

_RUN = {
    "id": "c0ffee123456",
    "suite": "support",
    "source": "candidate.jsonl",
    "revision": "2026-11-20",
    "evalgate": "0.1.0",
    "finished": True,
    "samples": 300,
    "spent_usd": 0.42,
    "judge_models": ["gpt-4.1-mini-2026-04-14"],
    "created_at": "2026-11-21T12:00:00Z",
    "finished_at": "2026-11-21T12:03:00Z",
}
_SAMPLE = {
    "position": 0,
    "digest": "5f" * 16,
    "case": {"id": "case-1", "input": "¿Cuánto tarda?", "slices": {"locale": "es"}},
    "output": {"text": "Tres días."},
    "weight": 1.0,
    "outcomes": [
        {
            "case_id": "case-1",
            "check": {"name": "no_pii", "annotator": "code", "digest": "1" * 32},
            "result": {"kind": "mark", "value": 1.0, "label": "holds"},
        }
    ],
}


class RunSeen(Value):
    """A run as it is listed."""

    model_config = shown_as(_RUN)

    id: str
    suite: str
    source: str
    revision: str | None
    evalgate: str
    """The version that marked."""
    finished: bool
    samples: int | None
    """None until it is finished, as the three after it."""
    spent_usd: float | None
    judge_models: tuple[str, ...] | None
    created_at: AwareDatetime
    finished_at: AwareDatetime | None


class RunList(Value):
    """A page of runs, the newest first."""

    model_config = shown_as({"runs": [_RUN], "after": None})

    runs: tuple[RunSeen, ...]
    after: str | None
    """Where the next page begins; None on the last one."""


class RunKept(Value):
    """The run that the server holds now."""

    model_config = shown_as({"run": "c0ffee123456", "new": True})

    run: str
    new: bool
    """False: it was here already, finished, and stays as it was."""


class SampleSeen(Value):
    """A question and its answer, masked, with what each check said."""

    model_config = shown_as(_SAMPLE)

    position: int
    digest: str
    case: Case
    output: Output
    weight: float
    outcomes: tuple[Outcome, ...]


class SampleList(Value):
    """A page of samples in the order of the run."""

    model_config = shown_as({"samples": [_SAMPLE], "after": "199"})

    samples: tuple[SampleSeen, ...]
    after: str | None


@router.get("/runs")
def list_runs(
    caller: Annotated[Caller, READERS], suite: SuiteFilter = None, after: After = None, limit: Limit = 50
) -> RunList:
    """List runs, the newest first."""
    with caller.reading() as work:
        page = Pages(work.store.database, caller.project).runs(suite, after, limit)
    return RunList(runs=tuple(map(run_seen, page.rows)), after=page.after)


@router.post("/runs", openapi_extra=BINARY)
def import_run(caller: Annotated[Caller, BRINGERS], path: Annotated[Path, RUN_SENT]) -> RunKept:
    """Keep a run from the file that `evalgate runs export` writes, gzipped or not, all or nothing."""
    return keep_run(caller, path, "run.imported")


@router.get("/runs/{run_id}")
def get_run(caller: Annotated[Caller, READERS], run_id: Name) -> RunSeen:
    """Show a run; the first digits of its id will do."""
    with caller.reading() as work, missing("run", run_id, f"{API}/runs"):
        return run_seen(work.store.runs.get(run_id))


@router.get("/runs/{run_id}/samples")
def list_samples(
    caller: Annotated[Caller, READERS],
    run_id: Name,
    after: Annotated[int, Query(ge=-1, le=2**31 - 1000, description="The last position of the page before.")] = -1,
    limit: Limit = 50,
) -> SampleList:
    """List the samples of a run with their outcomes."""
    with caller.reading() as work:
        with missing("run", run_id, f"{API}/runs"):
            run = work.store.runs.get(run_id)
        page = Pages(work.store.database, caller.project).samples(run, after, limit)
    return SampleList(samples=tuple(map(_sample_seen, page.rows)), after=page.after)


def keep_run(caller: Caller, path: Path, action: str) -> RunKept:
    """Keep the run in a file, whose folder is gone afterwards; a finished run of its id stays as it is.

    Raise Problem 400 with the line of what is wrong.
    """
    try:
        with _bad_run(), caller.writing() as work:
            run = work.store.runs.id_in(path)
            if work.store.runs.is_finished(run):
                return RunKept(run=run, new=False)
            work.store.runs.import_(path)
            work.audit.add(work.connection, caller.project, caller.actor, action, f"run:{run}")
            return RunKept(run=run, new=True)
    finally:
        shutil.rmtree(path.parent, ignore_errors=True)


@contextmanager
def _bad_run() -> Iterator[None]:
    """Turn what is wrong in a run's file into 400, without the name of a file that the caller never saw."""
    try:
        yield
    except DataInvalid as error:
        _, _, what = str(error).partition(PUSHED)
        raise Problem(400, f"the run{what}", "body", "push what `evalgate runs export x.jsonl.gz` writes") from None


def run_seen(run: StoredRun) -> RunSeen:
    """Return a run as it is listed."""
    manifest, summary = run.manifest, run.summary
    return RunSeen(
        id=run.id,
        suite=manifest.suite,
        source=manifest.source,
        revision=manifest.revision,
        evalgate=manifest.evalgate,
        finished=run.finished,
        samples=summary.samples if summary else None,
        spent_usd=summary.spent_usd if summary else None,
        judge_models=summary.judge_models if summary else None,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )


def _sample_seen(marked: Marked) -> SampleSeen:
    return SampleSeen(
        position=marked.position,
        digest=marked.sample_digest,
        case=marked.sample.case,
        output=marked.sample.output,
        weight=marked.sample.weight,
        outcomes=tuple(marked.outcomes),
    )
