"""The description of the API that clients are generated from."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Request
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from evalgate.web.api.routing import API, api_router
from evalgate.web.api.traffic import TRAFFIC
from evalgate.web.guard import COOKIE, SAFE, Need, need_of, public
from evalgate.web.service import Service

router = api_router("api")

_SCHEMES = {
    "key": {"type": "http", "scheme": "bearer", "description": "An API key: eg_<id>_<secret>."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
    "csrf": {"type": "apiKey", "in": "header", "name": "X-CSRF", "description": "What GET /api/v1/session says."},
}


@router.get("/openapi.json")
def get_openapi_description(request: Request, _: Annotated[Service, public]) -> dict[str, Any]:
    """Return this description."""
    app = request.app
    if app.openapi_schema is None:
        app.openapi_schema = described(app)
    schema: dict[str, Any] = app.openapi_schema
    return schema


def described(app: Any) -> dict[str, Any]:
    """Return the OpenAPI description of an application: the API's routes, each with who may call it."""
    routes = [route for route in app.routes if isinstance(route, APIRoute) and route.path.startswith((API, TRAFFIC))]
    schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=routes)
    schema["components"]["securitySchemes"] = _SCHEMES
    for route in routes:
        for method in route.methods or ():
            operation = schema["paths"].get(route.path, {}).get(method.lower())
            if operation is not None:
                operation["security"] = _security(need_of(route), safe=method in SAFE)
    for unused in ("HTTPValidationError", "ValidationError"):  # 422 is a Refusal here, like every other refusal
        schema["components"]["schemas"].pop(unused, None)
    return schema


def _security(need: Need | None, *, safe: bool) -> list[dict[str, list[str]]]:
    if need is None or need.open:
        return []
    session: dict[str, list[str]] = {"session": []} if safe else {"session": [], "csrf": []}
    by_session = [session] if need.roles or need.own else []
    return [*by_session, {"key": sorted(need.scopes)}] if need.scopes else by_session
