"""The application: every router in one written tuple, behind the same guards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI

from evalgate import __version__
from evalgate.web import health
from evalgate.web.api import (
    adjudication,
    agreement,
    alerts,
    answers,
    audit,
    baselines,
    cards,
    decisions,
    door,
    erasure,
    filling,
    gold,
    items,
    keys,
    label_files,
    labels,
    openapi,
    queues,
    review,
    runs,
    session,
    suites,
    traffic,
    users,
)
from evalgate.web.guard import check_declared
from evalgate.web.pages.assets import static_files
from evalgate.web.pages.nowhere import answer_nowhere
from evalgate.web.pages.routers import PAGES
from evalgate.web.problems import answer_problems
from evalgate.web.sealing import sealing
from evalgate.web.security import Admitted, Observed, SafeHeaders

if TYPE_CHECKING:
    from evalgate.web.service import Service

ROUTERS: tuple[APIRouter, ...] = (
    traffic.router,  # first: it is asked for hundreds of times a second, and routes are tried in order
    health.router,
    openapi.router,
    session.router,
    runs.router,
    decisions.router,
    baselines.router,
    suites.router,
    users.router,
    keys.router,
    audit.router,
    door.router,
    queues.router,
    items.router,
    review.router,
    answers.router,
    adjudication.router,
    filling.router,
    labels.router,
    label_files.router,
    gold.router,
    agreement.router,
    cards.router,
    erasure.router,
    alerts.router,
    *PAGES,
)
AT_ONCE = 15
"""Requests worked on at once: as many as PostgreSQL gives connections, so that none waits for one in vain."""


def create_app(service: Service) -> FastAPI:
    """Return the application over a service; raise ValueError when a route does not say who may call it."""
    app = FastAPI(
        title="evalgate",
        version=__version__,
        description="Evidence and a decision between a new AI release and its users.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.service = service
    for router in ROUTERS:
        # The routes themselves, not the router: the guard's walk and the log's templates want them side by side.
        app.router.routes.extend(router.routes)
    app.mount("/static", static_files(), name="static")
    check_declared(app)
    answer_problems(app)
    answer_nowhere(app)
    settings = service.settings
    app.add_middleware(
        Admitted,
        hosts=settings.hosts,
        body_limit=settings.body_limit_mb * 2**20,
        opens=lambda token: service.access.key(token) is not None,
        knows=lambda token: service.access.session(token) is not None,
    )
    app.add_middleware(Observed, metrics=service.metrics)
    app.add_middleware(SafeHeaders)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    from anyio.to_thread import current_default_thread_limiter

    current_default_thread_limiter().total_tokens = AT_ONCE
    with sealing(app.state.service.audit):
        yield
