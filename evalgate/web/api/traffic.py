"""Production traffic comes in: native records, OTLP traces and logs, and what a LiteLLM proxy logs.

What is answered with 200 is stored. Scoring happens later, and its troubles never reach a sender.
"""

from __future__ import annotations

from asyncio import wrap_future
from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter, Request, Response
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.concurrency import run_in_threadpool

from evalgate.checks.privacy.masking import Masker
from evalgate.core.errors import EvalgateError
from evalgate.core.values import Value
from evalgate.production.accepting import Accepted, Delivery
from evalgate.traffic.decoded import LIMIT, Decoded
from evalgate.traffic.litellm import decode_litellm
from evalgate.traffic.native import decode_interactions
from evalgate.traffic.otlp import JSON, PROTOBUF, decode_logs, decode_traces
from evalgate.traffic.payloads import KINDS
from evalgate.traffic.refusals import Refused
from evalgate.web import otlp_answers
from evalgate.web.accepting import Full
from evalgate.web.api.routing import shown_as
from evalgate.web.guard import Caller, needs
from evalgate.web.problems import REFUSALS, Problem, Refusal, one_line

Door = Literal["api", "litellm", "otlp", "otlp-logs"]
Decode = Callable[[bytes, str | None, str | None, int], Decoded]

TRAFFIC = "/v1"

router = APIRouter(
    prefix=TRAFFIC,
    tags=["traffic"],
    responses={**REFUSALS, 415: {"model": Refusal, "description": "Unsupported Media Type"}},
    generate_unique_id_function=lambda route: route.name,
)

SENDERS = needs(scopes=("ingest",), throttled=False)
"""Back-pressure is 503: an exporter of OTLP gives up what is answered with 429 sooner than what is answered so."""
AFTER_S = 2
"""When a sender that was turned away may come again."""
AFTER_BROKEN_S = 5
SMALL = 1 << 13
"""Bytes of a body that is read where it arrives."""

_TAKEN = {"accepted": 2, "completed": 1, "partial": 0, "no_content": 0, "duplicate": 1, "rejected": 1, "passed_over": 0}
_WHY = "interactions[3]: id: Field required"
_MASKER = Masker()


class Taken(Value):
    """What became of the records of a body; all of them together are its records."""

    model_config = shown_as({**_TAKEN, "why": _WHY})

    accepted: int
    """Whole exchanges that were new."""
    completed: int
    """Exchanges that this body made whole."""
    partial: int
    """Records that wait for their other half."""
    no_content: int
    """Exchanges that are over and carry no text."""
    duplicate: int
    """Records that said nothing new; sending one again is no error."""
    rejected: int
    """Records that could not be read, and were not kept."""
    passed_over: int
    """Records that are no interaction."""
    why: str
    """What is wrong with the first few that were rejected."""


class _Read(NamedTuple):
    """A body that has been read and written down."""

    accepted: Accepted
    why: str


def _body(*kinds: str) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
    return {"requestBody": {"content": content, "required": True}}


def _otlp(model: str) -> dict[int | str, dict[str, Any]]:
    content: dict[str, Any] = {PROTOBUF: {}, JSON: {"schema": {"type": "object"}}}
    return {200: {"description": f"{model}; `partial_success` where items were rejected.", "content": content}}


@router.post("/interactions", openapi_extra=_body(*KINDS))
async def send_interactions(request: Request, caller: Annotated[Caller, SENDERS]) -> Taken:
    """Take native records: an object, a list, `{"interactions": […]}` or JSON Lines, gzipped or not.

    A record is known by its `source` and `id`: sending it again completes it and never doubles it.
    """
    return await _taken(request, caller, "api", decode_interactions)


@router.post("/litellm", openapi_extra=_body(*KINDS))
async def send_litellm_payloads(request: Request, caller: Annotated[Caller, SENDERS]) -> Taken:
    """Take what the generic API logger of a LiteLLM proxy sends."""
    return await _taken(request, caller, "litellm", decode_litellm)


@router.post(
    "/traces",
    response_class=Response,
    responses=_otlp("ExportTraceServiceResponse"),
    openapi_extra=_body(PROTOBUF, JSON),
)
async def send_traces(request: Request, caller: Annotated[Caller, SENDERS]) -> Response:
    """Take spans as OTLP/HTTP, protobuf or JSON, gzipped or not; spans of a model's call are kept, others are not."""
    return await _exported(request, caller, "traces", "otlp", decode_traces)


@router.post(
    "/logs", response_class=Response, responses=_otlp("ExportLogsServiceResponse"), openapi_extra=_body(PROTOBUF, JSON)
)
async def send_logs(request: Request, caller: Annotated[Caller, SENDERS]) -> Response:
    """Take log records as OTLP/HTTP: the messages of calls whose spans carry none."""
    return await _exported(request, caller, "logs", "otlp-logs", decode_logs)


async def _taken(request: Request, caller: Caller, door: Door, decode: Decode) -> Taken:
    try:
        read = await _read(request, caller, door, decode)
    except Full:
        raise Problem(503, "too much waits to be written", door, "send it again later", after_s=AFTER_S) from None
    except Refused as problem:
        what, _, do = _MASKER.mask(one_line(str(problem))).rpartition("; ")
        raise Problem(problem.status, what or do, "body", do if what else "correct it and send it again") from None
    return Taken(**read.accepted.model_dump(), why=read.why)


async def _exported(
    request: Request, caller: Caller, signal: otlp_answers.Signal, door: Door, decode: Decode
) -> Response:
    kind = request.headers.get("content-type")
    try:
        read = await _read(request, caller, door, decode)
    except Full:
        return otlp_answers.refused(kind, 503, "too much waits to be written; send it again later", AFTER_S)
    except Refused as problem:
        return otlp_answers.refused(kind, problem.status, _MASKER.mask(one_line(str(problem))))
    except (EvalgateError, NoConnectionFree) as problem:
        caller.service.metrics.database_errors.inc()
        request.state.trouble = one_line(str(problem))
        return otlp_answers.refused(kind, 503, "the service cannot use its database right now", AFTER_BROKEN_S)
    return otlp_answers.taken(kind, signal, read.accepted.rejected, read.why)


async def _read(request: Request, caller: Caller, door: Door, decode: Decode) -> _Read:
    """Return what became of a body once that is durable; nothing waits in a thread meanwhile."""
    intake = caller.service.intake
    if intake.full:
        raise Full
    kind, encoding = request.headers.get("content-type"), request.headers.get("content-encoding")
    body = await request.body()
    if len(body) <= SMALL and not encoding:
        decoded = decode(body, kind, None, LIMIT)  # quicker than the way to a thread and back
    else:
        decoded = await run_in_threadpool(decode, body, kind, encoding, LIMIT)
    delivery = Delivery(decoded.interactions, door, decoded.rejected, decoded.passed_over, decoded.repeated)
    accepted = await wrap_future(intake.take(caller.project, delivery))
    return _Read(accepted, _MASKER.mask(decoded.why))
