"""Somebody's way to an issuer and back: what only the browser that left may come back with, in a sealed cookie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from pydantic import ValidationError

from evalgate.web.oidc import Journey
from evalgate.web.problems import Problem
from evalgate.web.sessions import forget_cookie, set_cookie, travels_safely

if TYPE_CHECKING:
    from fastapi import Request, Response

    from evalgate.web.service import Service

JOURNEY = "evalgate_journey"
"""The cookie's name."""
LASTS = timedelta(minutes=10)
RETURN = "/sign-in/oidc/return"


def new_journey(service: Service, request: Request, next_path: str) -> Journey:
    """Return a journey that begins now."""
    scheme = "https" if travels_safely(service, request) else request.url.scheme
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    back = f"{scheme}://{request.url.netloc}{RETURN}"
    return Journey(
        state=state, nonce=nonce, verifier=verifier, next=next_path, back=back, until=service.clock() + LASTS
    )


def depart(service: Service, request: Request, response: Response, journey: Journey) -> None:
    """Give a journey to the browser, sealed."""
    body = base64.urlsafe_b64encode(journey.model_dump_json().encode()).decode()
    set_cookie(service, request, response, f"{body}.{_seal(service, body)}", name=JOURNEY, lifetime=LASTS)


def returned(service: Service, request: Request, state: str) -> Journey:
    """Return the journey that a browser comes back from; raise Problem 400 for any other, or one that took too long."""
    body, _, seal = request.cookies.get(JOURNEY, "").rpartition(".")
    lost = Problem(400, "this sign-in began elsewhere, was used already or took too long", "oidc", "begin again")
    if not hmac.compare_digest(seal.encode(errors="replace"), _seal(service, body).encode()):
        raise lost
    try:
        journey = Journey.model_validate_json(base64.urlsafe_b64decode(body))
    except (ValidationError, ValueError):
        raise lost from None
    fresh = service.clock() < journey.until
    if not fresh or not hmac.compare_digest(state.encode(errors="replace"), journey.state.encode()):
        raise lost
    return journey


def end_journey(service: Service, request: Request, response: Response) -> None:
    """Take a journey out of the browser: it is over, however it went."""
    forget_cookie(service, request, response, name=JOURNEY)


def _seal(service: Service, body: str) -> str:
    own = hmac.digest(service.store.secret, b"evalgate journey", hashlib.sha256)
    return hmac.new(own, body.encode(errors="replace"), hashlib.sha256).hexdigest()
