"""Whether the process lives, whether it can do its work, and what it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from pydantic import ConfigDict
from sqlalchemy import select
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from evalgate.core.errors import EvalgateError
from evalgate.core.values import Value
from evalgate.store.standing import decision_standings, queue_standings
from evalgate.store.tables import metadata
from evalgate.web.guard import public
from evalgate.web.logs import LOGGER
from evalgate.web.metrics import standing_text
from evalgate.web.problems import one_line
from evalgate.web.service import Service
from evalgate.web.traffic_metrics import traffic_text

router = APIRouter(tags=["health"], generate_unique_id_function=lambda route: route.name)

_META = metadata.tables["meta"]


class Alive(Value):
    """The process answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"alive": True}]})

    alive: bool = True


class Ready(Value):
    """Whether requests can be answered, and if not, why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ready": True, "reason": None}]})

    ready: bool
    reason: str | None = None


@router.get("/healthz")
def get_health(_: Annotated[Service, public]) -> Alive:
    """Say that the process lives; nothing else is asked."""
    return Alive()


@router.get("/readyz", responses={503: {"model": Ready}})
def get_readiness(service: Annotated[Service, public]) -> Any:
    """Say whether the database answers a real query."""
    trouble = _trouble(service)
    if trouble is None:
        return Ready(ready=True)
    LOGGER.error("not ready", extra={"fields": {"trouble": trouble}})
    # The full line names the place of the database; callers read only that it is gone.
    body = Ready(ready=False, reason="the database does not answer; the server's log says more")
    return JSONResponse(body.model_dump(), 503)


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def get_metrics(service: Annotated[Service, public]) -> Response:
    """Return the metrics in the text format that Prometheus reads."""
    return Response(service.metrics.text() + _standing(service), media_type="text/plain; version=0.0.4; charset=utf-8")


def _standing(service: Service) -> bytes:
    """Return how queues, decisions and traffic stand; nothing without a database, for the rest is still so."""
    database = service.store.database
    try:
        standing = standing_text(queue_standings(database), decision_standings(database), database.clock())
        return standing + traffic_text(database)
    except (EvalgateError, NoConnectionFree) as error:
        LOGGER.error("metrics without queues", extra={"fields": {"trouble": one_line(str(error))}})
        return b""


def _trouble(service: Service) -> str | None:
    """Return what keeps the database from being used, or None."""
    database = service.store.database
    # SQLite goes on writing happily into a file that was deleted under it.
    if database.is_sqlite and not Path(database.place).exists():
        return f"{database.place} is gone"
    try:
        with database.read() as connection:
            found = connection.execute(select(_META.c.store_id)).scalar()
    except (EvalgateError, NoConnectionFree) as error:
        return one_line(str(error))
    return None if found == service.store.id else f"{database.place} is another store than the one that was opened"
