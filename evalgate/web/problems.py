"""What a refused request reads: one line of what, one of where, one of what to do. Never a traceback."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import ConfigDict
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException

from evalgate.core.errors import EvalgateError, WrongAsWritten
from evalgate.core.values import Value

if TYPE_CHECKING:
    from fastapi import FastAPI

READ = "see /api/v1/openapi.json for what is expected"


class Trouble(Value):
    """What is wrong, where, and what to do."""

    what: str
    where: str
    do: str


class Refusal(Value):
    """The body of every response that is not a success."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"error": {"what": "run 'c0ffee' is not here", "where": "run_id", "do": "list them: GET /api/v1/runs"}}
            ]
        }
    )

    error: Trouble


REFUSALS: Mapping[int | str, dict[str, Any]] = {
    status: {"model": Refusal, "description": HTTPStatus(status).phrase}
    for status in (400, 401, 403, 404, 409, 413, 422, 429, 503)
}
"""What any route may answer instead of its own response."""


class Problem(HTTPException):
    """A request that is refused with a status and three short texts; `after_s` says when to come back."""

    def __init__(self, status: int, what: str, where: str, do: str, *, after_s: float | None = None) -> None:
        headers = {"Retry-After": str(max(1, math.ceil(after_s)))} if after_s is not None else {}
        if status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = "Bearer"
        super().__init__(status, what, headers)
        self.trouble = Trouble(what=one_line(what), where=where, do=do)


def one_line(text: str) -> str:
    """Return a text on one line."""
    return " ".join(text.split())


def refused(status: int, trouble: Trouble, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """Return the response that says what is wrong."""
    body = Refusal(error=trouble).model_dump()
    return JSONResponse(body, status, dict(headers) if headers else None)


@contextmanager
def missing(noun: str, name: str, see: str) -> Iterator[None]:
    """Turn a WrongAsWritten inside the block into 404; the store's own line names its place, not meant for callers."""
    try:
        yield
    except WrongAsWritten:
        raise Problem(404, f"{noun} {name!r} is not here", noun, f"list them: GET {see}") from None


@contextmanager
def conflict(where: str, do: str | None = None) -> Iterator[None]:
    """Turn a WrongAsWritten inside the block into 409."""
    try:
        yield
    except WrongAsWritten as error:
        what, next_step = _split(error)
        raise Problem(409, what, where, do or next_step) from None


def _split(error: EvalgateError) -> tuple[str, str]:
    """Return what is wrong and what to do about it, which an error's line parts by its last semicolon."""
    what, _, do = one_line(str(error)).rpartition("; ")
    return (what, do) if what else (do, READ)


def refused_http(request: Request, error: Exception) -> JSONResponse:
    """Return the response to an error of HTTP, a Problem or an address that nobody answers at."""
    if isinstance(error, Problem):
        return refused(error.status_code, error.trouble, error.headers)
    status = error.status_code if isinstance(error, HTTPException) else 500
    do = {404: "correct the address", 405: "use another method"}.get(status, READ)
    headers = error.headers if isinstance(error, HTTPException) else None
    return refused(status, Trouble(what=HTTPStatus(status).phrase.lower(), where=request.url.path, do=do), headers)


def _refused_fields(_: Request, error: Exception) -> JSONResponse:
    first: Mapping[str, Any] = {}
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
    where = ".".join(str(part) for part in first.get("loc", ("body",)))
    # What was sent is not repeated: it may be a password.
    return refused(422, Trouble(what=one_line(str(first.get("msg", "not readable"))), where=where, do=READ))


def _refused_as_written(request: Request, error: Exception) -> JSONResponse:
    what, do = _split(error) if isinstance(error, EvalgateError) else ("not usable", READ)
    return refused(400, Trouble(what=what, where=request.url.path, do=do))


def _broke(request: Request, error: Exception) -> JSONResponse:
    request.app.state.service.metrics.database_errors.inc()
    request.state.trouble = one_line(str(error))  # the log says it in full, under the request's id
    number = getattr(request.state, "request_id", "")
    do = f"try again later; the server's log says more under {number}"
    trouble = Trouble(what="the service cannot use its database right now", where=request.url.path, do=do)
    return refused(503, trouble, {"Retry-After": "5"})


def answer_problems(app: FastAPI) -> None:
    """Let every error of a request end as a Refusal."""
    app.add_exception_handler(HTTPException, refused_http)
    app.add_exception_handler(RequestValidationError, _refused_fields)
    app.add_exception_handler(WrongAsWritten, _refused_as_written)
    app.add_exception_handler(EvalgateError, _broke)
    app.add_exception_handler(NoConnectionFree, _broke)
