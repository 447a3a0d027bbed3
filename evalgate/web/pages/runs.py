"""Runs: the list, one run with its metrics, and its samples with what the checks said."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, NamedTuple

from fastapi import Query, Request, Response

from evalgate.core.outcomes import Mark
from evalgate.core.reporting import CaseView, MarkPair
from evalgate.gate.cases import view
from evalgate.reports.cases_page import written
from evalgate.reports.messages import Voice
from evalgate.reports.pieces import Passage, answer, context, question
from evalgate.reports.story import because, gaps
from evalgate.review.carding import MEASURED
from evalgate.store.pages import Pages
from evalgate.store.tables.runs import StoredRun
from evalgate.store.tallies import Counted, outcome_counts
from evalgate.web.api.routing import KEEPERS, After, Name, SuiteFilter
from evalgate.web.api.runs import keep_run
from evalgate.web.guard import Caller, needs
from evalgate.web.pages.judging import judge_path
from evalgate.web.pages.kept import Kept
from evalgate.web.pages.queues import Fields, file_of
from evalgate.web.pages.rendering import READ, Words, go, language_of, page, page_router
from evalgate.web.problems import Problem, missing
from evalgate.web.transactions import Work
from evalgate.web.unpacking import MOST_UNPACKED, PUSHED, uploaded

router = page_router()

READERS = needs("maintainer", "admin", "auditor")
ROWS, SAMPLES = 50, 20
MOST_TEXT = 20_000
"""Characters of one text on a page."""
Position = Annotated[int, Query(ge=-1, le=2**31 - 1000)]
_counts: Kept[tuple[Counted, ...]] = Kept(most=500)
"""By store and run: a finished run never changes."""


class MetricRow(NamedTuple):
    """A metric of a run, in words."""

    name: str
    annotator: str
    mean: str
    violations: str
    scored: str
    not_applicable: str
    unscored: str
    why: str
    """Why some are not scored."""
    judge: str | None
    """The page that says how far people agree with it; None where nobody measures it."""


class Marking(NamedTuple):
    """What one check said of one sample."""

    metric: str
    said: str
    reason: str
    kind: str
    """violation, unscored or same: what its colour follows."""


class SampleCard(NamedTuple):
    """A question and its answer, with what was said of them."""

    case: CaseView
    position: int
    question: Passage
    answer: Passage
    context: tuple[Passage, ...]
    marks: tuple[Marking, ...]


@router.get("/runs")
def show_runs(
    caller: Annotated[Caller, READERS], request: Request, suite: SuiteFilter = None, after: After = None
) -> Response:
    """Show the runs, the newest first."""
    return _runs(caller, request, suite or "", after)


@router.post("/runs")
def import_run_by_form(caller: Annotated[Caller, KEEPERS], request: Request, sent: Fields) -> Response:
    """Keep a run from the file that is uploaded."""
    file = file_of(sent, "file")
    if file is None:
        return _runs(caller, request, wrong=Words(language_of(request, caller)).said("filling.bad.file"))
    try:
        with uploaded(file, PUSHED, MOST_UNPACKED) as path:
            kept = keep_run(caller, path, "run.imported")
    except Problem as problem:
        return _runs(caller, request, wrong=problem.trouble.what, status=problem.status_code)
    return go(f"/runs/{kept.run}", "run_imported" if kept.new else "run_known")


@router.get("/runs/{run_id}")
def show_run(caller: Annotated[Caller, READERS], request: Request, run_id: Name) -> Response:
    """Show what was marked in a run, and how it went."""
    voice = Voice(language_of(request, caller))
    with caller.reading() as work:
        run = found_run(work, run_id)
        counts = _counted(work, run)
        names = [a.name for a in work.store.baselines.list(run.manifest.suite) if a.run_id == run.id]
    metrics = [_metric_row(one, run, voice) for one in counts]
    return page(request, caller, "run.html", run=run, metrics=metrics, stands_for=names)


@router.get("/runs/{run_id}/samples")
def show_samples(caller: Annotated[Caller, READERS], request: Request, run_id: Name, after: Position = -1) -> Response:
    """Show the samples of a run, as they are stored: masked."""
    voice = Voice(language_of(request, caller))
    with caller.reading() as work:
        run = found_run(work, run_id)
        found = Pages(work.store.database, caller.project).samples(run, after, SAMPLES)
    cards = [_sample_card(view(marked, None), marked.position, voice) for marked in found.rows]
    return page(request, caller, "samples.html", run=run, cards=cards, after=found.after, first=after < 0)


def _runs(
    caller: Caller, request: Request, suite: str = "", after: str | None = None, wrong: str = "", status: int = 422
) -> Response:
    with caller.reading() as work:
        found = Pages(work.store.database, caller.project).runs(suite or None, after, ROWS)
    return page(
        request,
        caller,
        "runs.html",
        status=status if wrong else 200,
        runs=found.rows,
        after=found.after,
        suite=suite,
        brings=caller.role in READ - {"auditor"},
        errors={"file": wrong} if wrong else {},
    )


def found_run(work: Work, run_id: str) -> StoredRun:
    """Return a run of the project; raise Problem 404 for none."""
    with missing("run", run_id, "/runs"):
        return work.store.runs.get(run_id)


def _counted(work: Work, run: StoredRun) -> tuple[Counted, ...]:
    database = work.store.database
    if not run.finished:
        return outcome_counts(database, run)
    return _counts.get((work.store.id, run.number, run.finished_at), lambda: outcome_counts(database, run))


def _metric_row(counted: Counted, run: StoredRun, voice: Voice) -> MetricRow:
    unscored = Counter(counted.unscored)
    return MetricRow(
        name=counted.metric,
        annotator=counted.annotator,
        mean=voice.said("mark.none") if counted.mean is None else voice.percent(counted.mean),
        violations=voice.whole(counted.violations),
        scored=voice.whole(counted.scored),
        not_applicable=voice.whole(counted.not_applicable),
        unscored=voice.whole(unscored.total()),
        why=gaps(unscored, voice) if unscored else "",
        judge=judge_of(run, counted.metric),
    )


def judge_of(run: StoredRun, metric: str) -> str | None:
    """Return the page of the judge that gave a metric in a run; None where no judge or classifier did."""
    check = metric.partition(".")[0]
    measured = (one for one in run.manifest.checks if one.name == check and one.annotator in MEASURED)
    return next((judge_path(metric, one.digest) for one in measured), None)


def _sample_card(case: CaseView, position: int, voice: Voice) -> SampleCard:
    return SampleCard(
        case=case,
        position=position,
        question=question(case, MOST_TEXT),
        answer=answer(case, MOST_TEXT, now=True),
        context=context(case, MOST_TEXT),
        marks=tuple(_marking(mark, voice) for mark in case.marks),
    )


def _marking(mark: MarkPair, voice: Voice) -> Marking:
    now = mark.now
    violates = isinstance(now, Mark) and now.value == 0
    kind = "violation" if violates else "unscored" if now.kind == "unscored" else "same"
    reason = because(mark)
    told = reason if reason != getattr(now, "label", None) else ""
    return Marking(mark.metric, written(now, voice), told[:MOST_TEXT], kind)
