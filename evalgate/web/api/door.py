"""CI's door: what `evalgate gate` pulls before it decides, shares while it asks, and pushes when it has decided."""

from __future__ import annotations

import base64
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from fastapi import Query
from fastapi.responses import FileResponse
from pydantic import AwareDatetime, Field
from starlette.background import BackgroundTask

from evalgate import __version__
from evalgate.core.cards import CalibrationCard
from evalgate.core.decisions import Decision
from evalgate.core.errors import WrongAsWritten
from evalgate.core.labels import Label
from evalgate.core.metrics import InProduction
from evalgate.core.models import ModelRequest
from evalgate.core.records import record_bytes, verify_record
from evalgate.core.values import Value
from evalgate.gate.production import AUDITED, glass_to_break
from evalgate.gate.stored import Act
from evalgate.production.evidence import Question, pooled_production
from evalgate.runner.ports import Answer
from evalgate.store.baselines import Before
from evalgate.web.api.routing import API, BINARY, Name, api_router, shown_as
from evalgate.web.api.runs import RunKept, keep_run
from evalgate.web.guard import Caller, needs
from evalgate.web.problems import Problem, missing
from evalgate.web.transactions import Work
from evalgate.web.unpacking import RAW, UNPACKED

router = api_router("door")

GATES = needs(scopes=("gate",))
BREAKS = needs(scopes=("break_glass",))
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Between them a moment can be counted from in every time zone."""
MOST_KEYS = 500
MOST_ANSWERS = 500
MOST_LABELS = 1_000

Suite = Annotated[str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
After = Annotated[int, Query(ge=0, description="What the page before said under `after`.")]


class DoorSeen(Value):
    """What a pipeline learns of the server first."""

    model_config = shown_as({"evalgate": "0.1.0", "store": "5f0c…", "project": "default", "nonce_key": "00ff…"})

    evalgate: str
    store: str
    project: str
    nonce_key: str
    """Hex: with it the pipeline asks the questions that the server's journal has the answers to."""


class BaselineSeen(Value):
    """The run that a name stands for; None when nothing was accepted under it yet."""

    model_config = shown_as({"run": "c0ffee123456"})

    run: str | None


class AcceptedSeen(Value):
    """Runs that were accepted as baselines."""

    model_config = shown_as({"runs": [{"run": "c0ffee123456", "revision": "7c1f2ab"}]})

    runs: tuple[Before, ...]


class ProductionAsked(Value):
    """Which windows of production are pooled."""

    suite: Annotated[str, Field(min_length=1, max_length=200)]
    check: Annotated[str, Field(min_length=1, max_length=200)]
    criterion: Annotated[str, Field(max_length=200)] = ""
    digest: Annotated[str, Field(min_length=1, max_length=128)]
    metric: Annotated[str, Field(min_length=1, max_length=400)]
    days: Annotated[int, Field(ge=1, le=90)]
    until: Annotated[AwareDatetime, Field(ge=EARLIEST, le=LATEST)]
    """Windows that end later are left aside."""


class ProductionSeen(InProduction):
    """What closed windows of production say of one metric."""

    model_config = shown_as({"metric": "answers", "days": 7, "windows": 0, "covered": 0.0})


class Overruling(Act):
    """Why a change goes in that production alone stops."""

    model_config = shown_as(
        {"suite": "support", "decision": "D-44136fa3", "metrics": ["answers"], "reason": "the shop is down"}
    )


class GlassBroken(Value):
    """Who let a change through, as the audit has it."""

    model_config = shown_as({"by": "Ana Sousa, on call (key:k3y1d0)"})

    by: str


class Keys(Value):
    """Keys of requests, as `ModelRequest.key` gives them."""

    model_config = shown_as({"keys": ["9f86d081884c7d65"]})

    keys: Annotated[tuple[Annotated[str, Field(max_length=128)], ...], Field(max_length=MOST_KEYS)]


class Replies(Value):
    """Bodies of replies by the key of their request, in base64."""

    model_config = shown_as({"replies": {"9f86d081884c7d65": "e30="}})

    replies: dict[str, str]


class Answered(Value):
    """A request and the raw body that answered it, in base64."""

    request: ModelRequest
    body: str


class Answers(Value):
    """Replies to keep."""

    model_config = shown_as(
        {"answers": [{"request": {"model": "m", "messages": [{"role": "user", "content": "?"}]}, "body": "e30="}]}
    )

    answers: Annotated[tuple[Answered, ...], Field(max_length=MOST_ANSWERS)]


class Kept(Value):
    """How many were kept; what was there already counts too."""

    model_config = shown_as({"kept": 1})

    kept: int


class DecisionKept(Value):
    """The decision that the server holds now."""

    model_config = shown_as({"decision": "D-44136fa3", "verdict": "pass"})

    decision: str
    verdict: str


class LabelPage(Value):
    """Labels of one check, in the order in which they came."""

    model_config = shown_as({"labels": [], "after": None})

    labels: tuple[Label, ...]
    after: int | None
    """Where the next page begins; None after the last one."""


class CardPage(Value):
    """Calibration cards."""

    model_config = shown_as({"cards": []})

    cards: tuple[CalibrationCard, ...]


@router.get("/door")
def open_door(caller: Annotated[Caller, GATES]) -> DoorSeen:
    """Say who this server is to a pipeline."""
    with caller.reading() as work:
        name = work.access.project(caller.project).name
        key = work.store.nonce_key.hex()
        return DoorSeen(evalgate=__version__, store=work.store.id, project=name, nonce_key=key)


@router.get("/door/baseline")
def get_door_baseline(caller: Annotated[Caller, GATES], suite: Suite, name: Suite) -> BaselineSeen:
    """Return the run that a baseline's name stands for."""
    with caller.reading() as work:
        return BaselineSeen(run=work.store.baselines.current(suite, name))


@router.get("/door/accepted")
def get_door_accepted(caller: Annotated[Caller, GATES], suite: Suite) -> AcceptedSeen:
    """Return every run of known revision that was accepted in a suite under any name: to go back to one is allowed."""
    with caller.reading() as work:
        return AcceptedSeen(runs=work.store.baselines.accepted(suite))


@router.get("/door/production")
def get_door_production(caller: Annotated[Caller, GATES], asked: Annotated[ProductionAsked, Query()]) -> ProductionSeen:
    """Return what closed windows of production say of one metric, as the `production` rule reads it."""
    found = pooled_production(caller.store, Question(**dict(asked)))
    return ProductionSeen(**dict(found))


@router.post("/door/break-glass")
def break_glass(caller: Annotated[Caller, BREAKS], act: Overruling) -> GlassBroken:
    """Write into the audit that a change goes in which production alone stops; the decision must be here and say so."""
    with caller.writing() as work:
        stopped = _stopped_by(work, act)
        if not set(act.metrics) <= set(stopped):
            what = f"decision {act.decision} of {act.suite} is not stopped by production alone"
            raise Problem(409, what, "body.decision", "decide again; nothing else can be broken")
        key = caller.key
        by = caller.actor if key is None else f"{key.name} (key:{key.id})"
        subject = f"decision:{act.decision}"
        work.audit.add(work.connection, caller.project, caller.actor, AUDITED, subject, **act.audited(by))
    return GlassBroken(by=by)


def _stopped_by(work: Work, act: Act) -> tuple[str, ...]:
    """Return the metrics whose production stops the decision of an act."""
    with missing("decision", act.decision, f"{API}/decisions"):
        kept = work.store.decisions.get(act.decision)
    decision = verify_record(kept.record).decision
    return glass_to_break(decision) if decision.suite == act.suite else ()


def _refuse_unbroken(work: Work, project: int, decision: Decision) -> None:
    """Raise Problem 409 for a decision that was let through by an act which the audit does not know."""
    for one in decision.evidence.production:
        if one.glass is None:
            continue
        wanted = {"suite": decision.suite, "by": one.glass.by, "reason": one.glass.reason}
        acts = work.audit.about(project, f"decision:{one.glass.decision}", AUDITED)
        known = (act.detail for act in acts if wanted.items() <= act.detail.items())
        if not any(one.metric in _listed(detail.get("metrics")) for detail in known):
            raise Problem(
                409, f"nobody here let {one.metric} through as it says", "body", "run `evalgate gate --break-glass`"
            )


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


@router.get(
    "/door/runs/{run_id}",
    response_class=FileResponse,
    responses={200: {"content": {"application/gzip": {}}, "description": "The run, as `evalgate runs export` has it."}},
)
def pull_run(caller: Annotated[Caller, GATES], run_id: Name) -> FileResponse:
    """Return a finished run as a file; the first digits of its id will do."""
    folder = Path(tempfile.mkdtemp(prefix="evalgate-"))
    path = folder / "run.jsonl.gz"
    try:
        with missing("run", run_id, f"{API}/runs"):
            caller.store.runs.export(run_id, path)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    done = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(path, media_type="application/gzip", background=done)


@router.put(
    "/door/runs",
    openapi_extra=BINARY,
)
def push_run(caller: Annotated[Caller, GATES], path: Annotated[Path, UNPACKED]) -> RunKept:
    """Keep a run; one that is there and finished stays as it is, whatever is pushed under its id."""
    return keep_run(caller, path, "run.pushed")


@router.put(
    "/door/decisions",
    openapi_extra={"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}, "required": True}},
)
def push_decision(caller: Annotated[Caller, GATES], record: Annotated[bytes, RAW]) -> DecisionKept:
    """Keep a decision's record after deciding again from it; its runs must be here."""
    try:
        verified = verify_record(record)
    except WrongAsWritten as error:
        raise Problem(400, str(error), "body", "push what `evalgate gate` recorded") from None
    if not verified.agrees:
        raise Problem(409, "the record's evidence does not give its verdict", "body", "decide with this evalgate")
    decision = verified.decision
    with caller.writing() as work:
        _refuse_unbroken(work, caller.project, decision)
        for run in filter(None, (decision.candidate, decision.baseline)):
            if not work.store.runs.is_finished(run):
                raise Problem(409, f"run {run} of this decision is not here", "body", f"push it: PUT {API}/door/runs")
        work.store.decisions.keep(verified.name, decision, record_bytes(decision))
        work.audit.add(
            work.connection,
            caller.project,
            caller.actor,
            "decision.pushed",
            f"decision:{verified.name}",
            suite=decision.suite,
            verdict=decision.verdict,
        )
    return DecisionKept(decision=verified.name, verdict=decision.verdict)


@router.post("/door/replies/recall")
def recall_replies(caller: Annotated[Caller, GATES], wanted: Keys) -> Replies:
    """Return the bodies that the journal holds for these requests."""
    with caller.reading() as work:
        found = work.store.journal.recall(wanted.keys)
    return Replies(replies={key: base64.b64encode(body).decode() for key, body in found.items()})


@router.post("/door/replies")
def keep_replies(caller: Annotated[Caller, GATES], given: Answers) -> Kept:
    """Keep answered requests; the first answer to a request stays, and its key is reckoned here."""
    try:
        bodies = [base64.b64decode(one.body, validate=True) for one in given.answers]
    except ValueError:  # binascii.Error is one
        raise Problem(422, "a body is not base64", "body.answers", "encode the raw reply") from None
    asked = [one.request for one in given.answers]
    with caller.writing() as work:
        work.store.journal.keep([Answer(each.key, each, body) for each, body in zip(asked, bodies, strict=True)])
    return Kept(kept=len(bodies))


@router.get("/door/labels")
def pull_labels(caller: Annotated[Caller, GATES], check: Suite, after: After = 0) -> LabelPage:
    """Return people's labels of a check, a page at a time; `after` is what the page before said."""
    with caller.reading() as work:
        labels, last = work.store.labels.page(check, after, MOST_LABELS)
    return LabelPage(labels=labels, after=last)


@router.get("/door/cards")
def pull_cards(caller: Annotated[Caller, GATES], check: Suite) -> CardPage:
    """Return the newest calibration card of each judge that marks a check."""
    with caller.reading() as work:
        return CardPage(cards=work.store.cards.newest(check))
