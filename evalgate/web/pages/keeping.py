"""A queue for those who keep it: how it works, whether it is open, its known items, its labels in and out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, NamedTuple, get_args
from urllib.parse import quote

from fastapi import Request, Response
from pydantic import ValidationError

from evalgate.core.review import QueueSettings
from evalgate.review.exchange import FORMATS
from evalgate.store.items import Reason
from evalgate.store.queues import Queue
from evalgate.web.api import gold, items, label_files, queues
from evalgate.web.api.routing import KEEPERS, Name
from evalgate.web.guard import Caller
from evalgate.web.pages.queues import Fields, blocks, file_of, text_of
from evalgate.web.pages.rendering import Words, asked, go, language_of, page, page_router
from evalgate.web.problems import Problem, missing
from evalgate.web.transactions import Work
from evalgate.web.unpacking import MOST_LABELS_UNPACKED, SENT, uploaded

router = page_router()

NUMBERS = ("reviews_required", "max_extra", "agreement_threshold", "gold_rate", "practice", "lease_s")
SWITCHES = ("blind_judge", "blind_peers", "harm_warning")
ORDERS = get_args(QueueSettings.model_fields["order"].annotation)
KINDS: tuple[Reason, ...] = ("gold", "practice")
RUNS = 100
"""Runs to choose from; others are named by their id."""


class Errors(NamedTuple):
    """What is wrong with a form: by field, each beside it."""

    by_field: Mapping[str, str]


@router.get("/queues/{queue}/settings")
def show_queue_settings(caller: Annotated[Caller, KEEPERS], request: Request, queue: Name) -> Response:
    """Show how a queue works and what can be done with it."""
    return _shown(caller, request, queue)


@router.post("/queues/{queue}/settings")
def set_queue_settings_by_form(
    caller: Annotated[Caller, KEEPERS], request: Request, queue: Name, sent: Fields
) -> Response:
    """Change how a queue works from now on."""
    found = settings_in(sent)
    if isinstance(found, Errors):
        return _shown(caller, request, queue, typed=typed_in(sent), errors=found.by_field)
    queues.set_queue_settings(caller, queue, queues.SettingsWanted(settings=found))
    return go(f"{path_of(queue)}/settings", "queue_kept")


@router.post("/queues/{queue}/state")
def set_queue_state_by_form(caller: Annotated[Caller, KEEPERS], queue: Name, sent: Fields) -> Response:
    """Open a queue, or hand nothing out of it until it is opened again."""
    wanted = asked(queues.StateWanted, state=text_of(sent, "state"))
    queues.set_queue_state(caller, queue, wanted)
    return go(f"{path_of(queue)}/settings", f"queue_{wanted.state}")


@router.post("/queues/{queue}/labels")
def import_labels_by_form(caller: Annotated[Caller, KEEPERS], request: Request, queue: Name, sent: Fields) -> Response:
    """Keep the labels of a file that is uploaded, all or none."""
    file = file_of(sent, "file")
    form = next((one for one in FORMATS if one == text_of(sent, "format")), FORMATS[0])
    if file is None:
        return _shown(caller, request, queue, typed={"format": form}, errors={"file": _said(caller, request, "file")})
    try:
        with uploaded(file, SENT, MOST_LABELS_UNPACKED) as path:
            label_files.keep_labels(caller, queue, path, form)
    except Problem as problem:
        if problem.status_code == 404:
            raise
        return _shown(caller, request, queue, typed={"format": form}, errors={"file": problem.trouble.what})
    return go(f"{path_of(queue)}/settings", "labels_kept")


@router.post("/queues/{queue}/promotion")
def promote_by_form(caller: Annotated[Caller, KEEPERS], request: Request, queue: Name, sent: Fields) -> Response:
    """Make gold cases of what people agree on, and say how many items are none and why."""
    suite = text_of(sent, "suite").strip()
    try:
        done = gold.promote_items(caller, queue, asked(gold.PromotionWanted, suite=suite))
    except Problem as problem:
        if problem.status_code == 404:
            raise
        return _shown(caller, request, queue, typed={"suite": suite}, errors={"suite": problem.trouble.what})
    return _shown(caller, request, queue, typed={"suite": suite}, promoted=done)


@router.post("/queues/{queue}/known")
def add_known_item_by_form(caller: Annotated[Caller, KEEPERS], request: Request, queue: Name, sent: Fields) -> Response:
    """Put in an item whose answer is known: hidden among the others, or explained for practice."""
    with caller.reading() as work:
        rubric = queues.queue_named(work, queue).rubric
        position = _position(work, text_of(sent, "run").strip(), text_of(sent, "case").strip())
    answers = {name: text_of(sent, f"expected.{name}") for name in rubric.criteria}
    blank = {f"expected.{name}" for name, label in answers.items() if not label}
    if position is None or blank:
        wrong = {} if position is not None else {"case": _said(caller, request, "case")}
        wrong |= {name: _said(caller, request, "expected") for name in blank}
        return _shown(caller, request, queue, typed=typed_in(sent), errors=wrong)
    try:
        wanted = asked(
            items.ItemWanted,
            run=text_of(sent, "run").strip(),
            position=position,
            reason=text_of(sent, "kind"),
            expected=answers,
            explanation=text_of(sent, "explanation").replace("\r\n", "\n") or None,
        )
        added = items.add_items(caller, queue, items.ItemsWanted(items=(wanted,)))
    except Problem as problem:
        return _shown(caller, request, queue, typed=typed_in(sent), errors={"case": problem.trouble.what})
    return go(f"{path_of(queue)}/settings", "known_added" if added.added else "known_there")


def settings_in(sent: Mapping[str, object]) -> QueueSettings | Errors:
    """Return the settings that a form sent, or what is wrong with them."""
    given: dict[str, object] = {name: text_of(sent, name).strip().replace(",", ".") for name in NUMBERS}
    given |= {name: bool(text_of(sent, name)) for name in SWITCHES}
    try:
        return QueueSettings.model_validate({**given, "order": text_of(sent, "order")})
    except ValidationError as error:
        return Errors({str(one["loc"][0]): one["msg"] for one in error.errors(include_url=False, include_input=False)})


def typed_in(sent: Mapping[str, object]) -> dict[str, str]:
    """Return the texts of a form, so that none of them has to be typed again; a box that is not ticked is blank."""
    return {**dict.fromkeys(SWITCHES, ""), **{name: text_of(sent, name) for name in sent if name != "csrf"}}


def typed_of(settings: QueueSettings) -> dict[str, str]:
    """Return settings as a form shows them."""
    plain = settings.model_dump()
    return {name: ("1" if value else "") if isinstance(value, bool) else str(value) for name, value in plain.items()}


def path_of(queue: str) -> str:
    """Return the address that a queue's pages begin with."""
    return f"/queues/{quote(queue, safe='')}"


def _position(work: Work, run: str, case: str) -> int | None:
    with missing("run", run, "/runs"):
        marked = work.store.runs.marked(work.store.runs.find(run), [(case, 0)])
    return next((one.position for one in marked.values()), None)


def _said(caller: Caller, request: Request, key: str) -> str:
    return Words(language_of(request, caller)).said(f"filling.bad.{key}")


def _shown(
    caller: Caller,
    request: Request,
    queue: str,
    *,
    typed: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    promoted: gold.PromotedSeen | None = None,
) -> Response:
    language = language_of(request, caller)
    with caller.reading() as work:
        found: Queue = queues.queue_named(work, queue)
        runs = [run for run in work.store.runs.list(limit=RUNS) if run.finished]
        held = {kind: work.store.items.page(found.number, reason=kind, limit=RUNS) for kind in KINDS}
        progress = queues.progress_seen(work.store.queues.progress().get(found.number))
    return page(
        request,
        caller,
        "review/keeping.html",
        status=422 if errors else 200,
        queue=found,
        path=path_of(found.name),
        typed={**typed_of(found.settings), **(typed or {})},
        errors=errors or {},
        numbers=NUMBERS,
        switches=SWITCHES,
        orders=ORDERS,
        formats=FORMATS,
        kinds=KINDS,
        held=held,
        parts=blocks(found.rubric, language, ""),
        runs=runs,
        progress=progress,
        promoted=promoted,
        suites=sorted({run.manifest.suite for run in runs}),
    )
