"""The one place where a session begins, whatever door somebody came through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from evalgate.web.guard import COOKIE
from evalgate.web.problems import Problem

if TYPE_CHECKING:
    from datetime import timedelta

    from fastapi import Request, Response

    from evalgate.store.access import User
    from evalgate.web.service import Service
    from evalgate.web.transactions import Work

Door = Literal["password", "link", "first", "oidc"]
CLOSED_BY_OIDC: frozenset[Door] = frozenset({"password", "link"})
"""Doors that open nothing where everybody signs in through the issuer.

The first administrator's link stays: it is shown to who starts the server, only while there is no administrator, and
without one nobody could be let in.
"""


def check_door(service: Service, by: Door) -> None:
    """Raise Problem 403 for a door that this server keeps shut."""
    issuer = service.settings.oidc
    if issuer is not None and issuer.only and by in CLOSED_BY_OIDC:
        raise Problem(403, "everybody signs in through the issuer here", "door", "use the button of the sign-in page")


def begin_session(
    service: Service,
    work: Work,
    request: Request,
    response: Response,
    user: User,
    *,
    by: Door,
    project: int | None = None,
) -> None:
    """Sign a person in: a new token in the cookie, the old one of this browser ended, a line in the audit.

    `by` says through which door, `project` at which project they look. Whatever every door must ask for is asked for
    here; raise Problem 403 for a door that is shut and for a person who may no longer come in.
    """
    check_door(service, by)
    if not user.active:
        raise Problem(403, "this account is closed", "login", "ask an administrator to open it")
    if old := request.cookies.get(COOKIE):
        work.access.end_session(old)
    token = work.access.start_session(user.number, service.settings.session_lifetime, project)
    work.audit.add(work.connection, None, f"user:{user.login}", "session.started", f"user:{user.login}", by=by)
    set_cookie(service, request, response, token)


def set_cookie(
    service: Service,
    request: Request,
    response: Response,
    token: str,
    *,
    name: str = COOKIE,
    lifetime: timedelta | None = None,
) -> None:
    """Put a token, a session's unless named otherwise, out of reach of scripts and of other sites' forms."""
    response.set_cookie(
        name,
        token,
        max_age=int((lifetime or service.settings.session_lifetime).total_seconds()),
        httponly=True,
        samesite="lax",
        secure=travels_safely(service, request),
    )


def forget_cookie(service: Service, request: Request, response: Response, *, name: str = COOKIE) -> None:
    """Take the token out of the browser."""
    response.delete_cookie(name, httponly=True, samesite="lax", secure=travels_safely(service, request))


def travels_safely(service: Service, request: Request) -> bool:
    """Say whether the cookie is for https alone."""
    return service.settings.secure_cookies or request.url.scheme == "https"
