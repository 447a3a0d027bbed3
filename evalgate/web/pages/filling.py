"""A queue made by a form, and filled from a run by rules whose yield is shown before anything is put in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Query, Request, Response

from evalgate.core.errors import EvalgateError, WrongAsWritten
from evalgate.core.outcomes import metric_name
from evalgate.core.review import QueueSettings, ReviewRubric
from evalgate.documents import MAX_BYTES, parse_document
from evalgate.review.rubric import rubric_of
from evalgate.review.rules import rule_of
from evalgate.store.queues import Queue
from evalgate.store.tables.runs import StoredRun
from evalgate.web.api import filling, queues
from evalgate.web.api.routing import KEEPERS, Name
from evalgate.web.guard import Caller
from evalgate.web.pages.keeping import (
    NUMBERS,
    ORDERS,
    RUNS,
    SWITCHES,
    Errors,
    path_of,
    settings_in,
    typed_in,
    typed_of,
)
from evalgate.web.pages.queues import Fields, file_of, text_of
from evalgate.web.pages.rendering import Words, go, language_of, page, page_router
from evalgate.web.problems import Problem, missing, one_line

router = page_router()

RULES: dict[str, tuple[str, ...]] = {
    "unknown": ("check",),
    "disagreement": ("check", "other"),
    "near_threshold": ("check", "at", "within"),
    "flips": ("check", "against"),
    "random": ("p",),
    "chosen": ("cases",),
}
"""The rules that can be ticked, with their fields; all but the last two may also have a probability `p`."""
LONGEST_NAME = 100
LIKELY = ("unknown", "disagreement", "near_threshold", "flips")
NEW = {"near_threshold.at": "0.5", "near_threshold.within": "0.1", "random.p": "0.05"}


@router.get("/queues/new")
def show_new_queue(caller: Annotated[Caller, KEEPERS], request: Request) -> Response:
    """Show the form that makes a queue."""
    return _new(caller, request, typed_of(QueueSettings()), {})


@router.post("/queues/new")
def create_queue_by_form(caller: Annotated[Caller, KEEPERS], request: Request, sent: Fields) -> Response:
    """Make a queue."""
    say = Words(language_of(request, caller)).said
    typed = typed_in(sent)
    wrong: dict[str, str] = {}
    settings = settings_in(sent)
    wrong |= settings.by_field if isinstance(settings, Errors) else {}
    if (file := file_of(sent, "file")) is not None:
        typed["rubric"] = file.file.read(MAX_BYTES + 1).decode("utf-8", "replace")
    rubric = _rubric(caller, typed, say("filling.bad.rubric"))
    wrong |= {"rubric": rubric} if isinstance(rubric, str) else {}
    name = text_of(sent, "name").strip()
    if not (name and "/" not in name and name.isprintable() and len(name) <= LONGEST_NAME):
        wrong["name"] = say("filling.bad.name")
    if isinstance(settings, Errors) or isinstance(rubric, str) or wrong:
        return _new(caller, request, typed, wrong)
    try:
        queues.create_queue(caller, queues.QueueWanted(name=name, rubric=rubric, settings=settings))
    except Problem:  # its name is the one thing that can clash
        return _new(caller, request, typed, {"name": say("filling.bad.taken")})
    return go(f"{path_of(name)}/fill", "queue_made")


@router.get("/queues/{queue}/fill")
def show_fill(
    caller: Annotated[Caller, KEEPERS],
    request: Request,
    queue: Name,
    run: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """Show the rules by which a queue can be filled from a run."""
    return _fill(caller, request, queue, {**NEW, "run": run}, {})


@router.post("/queues/{queue}/fill")
def fill_by_form(caller: Annotated[Caller, KEEPERS], request: Request, queue: Name, sent: Fields) -> Response:
    """Show what the ticked rules take, or put it in."""
    say = Words(language_of(request, caller)).said
    typed = typed_in(sent)
    lines = {rule: _line(rule, typed) for rule in RULES if typed.get(rule)}
    wrong = {rule: say("filling.bad.rule") for rule, line in lines.items() if not _is_rule(line)}
    if not lines:
        wrong["rules"] = say("filling.bad.rules")
    if wrong:
        return _fill(caller, request, queue, typed, wrong)
    try:
        wanted = filling.FillWanted(run=typed.get("run", "") or "-", rules=tuple(lines.values()))
        if typed.get("do") == "fill":
            filling.fill_queue(caller, queue, wanted)
            return go(f"{path_of(queue)}/settings", "queue_filled")
        seen = filling.preview_fill(caller, queue, wanted)
    except Problem as problem:
        if problem.status_code == 404:
            raise
        return _fill(caller, request, queue, typed, {"rules": problem.trouble.what})
    return _fill(caller, request, queue, typed, {}, (seen, dict(zip(lines, seen.by_rule, strict=True))))


def _rubric(caller: Caller, typed: Mapping[str, str], nothing: str) -> ReviewRubric | str:
    """Return what a form says shall be asked, else what is wrong with it."""
    written, like = typed.get("rubric", ""), typed.get("like", "")
    if not written.strip() and like:
        with caller.reading() as work:
            return queues.queue_named(work, like).rubric
    if not written.strip():
        return nothing
    try:
        return rubric_of(parse_document(written.encode(), "rubric").data)
    except EvalgateError as error:
        return one_line(str(error))


def _line(rule: str, typed: Mapping[str, str]) -> str:
    """Return a ticked rule as it is written."""
    values = [typed.get(f"{rule}.{name}", "").strip() for name in RULES[rule]]
    if rule in {"near_threshold", "random"}:
        values = [value.replace(",", ".") for value in values]
    if rule == "chosen":
        values = values[0].splitlines()
    likely = typed.get(f"{rule}.p", "").strip().replace(",", ".") if rule in LIKELY else ""
    return f"{rule}:{','.join(values)}" + (f"@{likely}" if likely else "")


def _is_rule(line: str) -> bool:
    try:
        rule_of(line)
    except WrongAsWritten:
        return False
    return True


def _new(caller: Caller, request: Request, typed: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    with caller.reading() as work:
        names = [one.name for one in work.store.queues.list()]
    return page(
        request,
        caller,
        "review/new_queue.html",
        status=422 if errors else 200,
        typed=typed,
        errors=errors,
        names=names,
        numbers=NUMBERS,
        switches=SWITCHES,
        orders=ORDERS,
    )


def _fill(
    caller: Caller,
    request: Request,
    queue: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
    tally: tuple[filling.PreviewSeen, Mapping[str, int]] | None = None,
) -> Response:
    with caller.reading() as work:
        found = queues.queue_named(work, queue)
        runs = [run for run in work.store.runs.list(limit=RUNS) if run.finished]
        chosen = runs[0] if runs and not typed.get("run") else None
        if typed.get("run"):
            with missing("run", typed["run"], "/runs"):
                chosen = work.store.runs.get(typed["run"])
    return page(
        request,
        caller,
        "review/fill.html",
        status=422 if errors else 200,
        queue=found,
        path=path_of(found.name),
        typed=typed,
        errors=errors,
        rules=RULES,
        likely=LIKELY,
        runs=runs,
        run=chosen,
        metrics=_metrics(found, chosen),
        others=[one for one in runs if chosen and one.id != chosen.id and one.manifest.suite == chosen.manifest.suite],
        tally=tally,
    )


def _metrics(queue: Queue, run: StoredRun | None) -> list[str]:
    """Return what a rule may be about: the checks of a run, and the criteria of theirs that the queue asks about."""
    if run is None:
        return []
    checks = [check.name for check in run.manifest.checks]
    asked = (one for one in queue.rubric.criteria.values() if one.criterion and one.check in checks)
    return sorted({*checks, *(metric_name(one.check, one.criterion) for one in asked)})
