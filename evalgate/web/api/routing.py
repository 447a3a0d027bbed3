"""What the routers of the API share: the prefix, the refusals, and the parameters of a page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.routing import APIRoute
from pydantic import ConfigDict

from evalgate.web.guard import needs
from evalgate.web.problems import REFUSALS

API = "/api/v1"

Limit = Annotated[int, Query(ge=1, le=200, description="At most so many rows.")]
After = Annotated[str | None, Query(max_length=400, description="What the page before said under `after`.")]
Name = Annotated[str, Path(min_length=1, max_length=200)]
SuiteFilter = Annotated[str | None, Query(max_length=200, description="Only those of this suite.")]

# A reviewer is blind to what judges said, so reviewers are not among those who read results.
READERS = needs("maintainer", "admin", "auditor", scopes=("read", "gate"))
KEEPERS = needs("maintainer", "admin")
ADMINS = needs("admin")
WATCHERS = needs("admin", "auditor")
ADMINS_EVERYWHERE = needs("admin", everywhere=True)

BINARY: dict[str, Any] = {
    "requestBody": {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "required": True,
    }
}
"""What the description says of a route that takes a file."""


def api_router(noun: str) -> APIRouter:
    """Return a router for the routes of one noun; a function's name is the id of its operation, for good."""
    return APIRouter(prefix=API, tags=[noun], responses=dict(REFUSALS), generate_unique_id_function=_operation)


def _operation(route: APIRoute) -> str:
    return route.name


def shown_as(example: dict[str, Any]) -> ConfigDict:
    """Return the settings of a model that shows one example of itself."""
    return ConfigDict(json_schema_extra={"examples": [example]})
