"""The routers of all pages, in one written tuple."""

from __future__ import annotations

from fastapi import APIRouter

from evalgate.web.pages import (
    account,
    admin,
    agreement,
    audit,
    contested,
    decisions,
    filling,
    judges,
    keeping,
    oidc,
    overview,
    queues,
    review,
    runs,
    sign_in,
)

PAGES: tuple[APIRouter, ...] = (
    sign_in.router,
    oidc.router,
    overview.router,
    runs.router,
    decisions.router,
    admin.router,
    audit.router,
    account.router,
    queues.router,
    filling.router,
    keeping.router,
    review.router,
    agreement.router,
    contested.router,
    judges.router,
)
