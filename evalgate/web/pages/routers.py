"""The routers of all pages, in one written tuple."""

from __future__ import annotations

from fastapi import APIRouter

from evalgate.web.pages import (
    account,
    admin,
    agreement,
    alerts,
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
    traffic,
    traffic_interaction,
    traffic_sending,
    traffic_trend,
    traffic_window,
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
    traffic.router,
    traffic_window.router,
    traffic_interaction.router,
    traffic_sending.router,
    traffic_trend.router,
    alerts.router,
)
