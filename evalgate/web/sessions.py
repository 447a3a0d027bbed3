"""The one place where a session begins, whatever door somebody came through."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalgate.web.guard import COOKIE
from evalgate.web.problems import Problem

if TYPE_CHECKING:
    from fastapi import Request, Response

    from evalgate.store.access import User
    from evalgate.web.service import Service
    from evalgate.web.transactions import Work


def begin_session(service: Service, work: Work, request: Request, response: Response, user: User, *, by: str) -> None:
    """Sign a person in: a new token in the cookie, the old one of this browser ended, a line in the audit.

    `by` says through which door: password, first or link. Whatever every door must ask for is asked for here; raise
    Problem 403 for a person who may no longer come in.
    """
    if not user.active:
        raise Problem(403, "this account is closed", "login", "ask an administrator to open it")
    if old := request.cookies.get(COOKIE):
        work.access.end_session(old)
    token = work.access.start_session(user.number, service.settings.session_lifetime)
    work.audit.add(work.connection, None, f"user:{user.login}", "session.started", f"user:{user.login}", by=by)
    set_cookie(service, request, response, token)


def set_cookie(service: Service, request: Request, response: Response, token: str) -> None:
    """Put a session's token into the browser, out of reach of scripts and of other sites' forms."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(service.settings.session_lifetime.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=travels_safely(service, request),
    )


def forget_cookie(service: Service, request: Request, response: Response) -> None:
    """Take the token out of the browser."""
    response.delete_cookie(COOKIE, httponly=True, samesite="lax", secure=travels_safely(service, request))


def travels_safely(service: Service, request: Request) -> bool:
    """Say whether the cookie is for https alone."""
    return service.settings.secure_cookies or request.url.scheme == "https"
