"""Who may call a route: each declares it through `needs`, or `public`; with one that does neither nothing starts."""

from __future__ import annotations

import hmac
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request
from fastapi.routing import APIRoute

from evalgate.store.access import KeyInfo, Role, Scope, SignedIn
from evalgate.store.engine import DEFAULT_PROJECT, Store
from evalgate.web.problems import Problem
from evalgate.web.service import Service
from evalgate.web.transactions import Work, reading, writing

if TYPE_CHECKING:
    from fastapi import FastAPI
    from fastapi.dependencies.models import Dependant

COOKIE = "evalgate_session"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
ROLES: tuple[Role, ...] = ("reviewer", "maintainer", "admin", "auditor")
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_SIGN_IN = "sign in, or send a key: Authorization: Bearer eg_…"


@dataclass(frozen=True)
class Need:
    """What a route asks of its callers; nobody else passes."""

    roles: frozenset[Role] = frozenset()
    """A person's role in the project that they look at."""
    scopes: frozenset[Scope] = frozenset()
    """A key needs one of these."""
    everywhere: bool = False
    """Only those who administer the whole installation."""
    own: bool = False
    """Whoever is signed in, and only about themselves."""
    open: bool = False
    """Anybody at all."""
    throttled: bool = True
    """False: the route holds callers back itself."""


@dataclass(frozen=True)
class Caller:
    """Who calls, and the one project that they may touch."""

    service: Service
    project: int
    signed_in: SignedIn | None = None
    key: KeyInfo | None = None
    role: Role | None = None

    @property
    def actor(self) -> str:
        """Their name in the audit."""
        return f"key:{self.key.id}" if self.key else f"user:{self.person.user.login}"

    @property
    def person(self) -> SignedIn:
        """The person behind the session; routes that ask for it admit no keys."""
        if self.signed_in is None:
            raise Problem(403, "a key cannot do this", "Authorization", "sign in as a person")
        return self.signed_in

    @property
    def store(self) -> Store:
        """The store of their project."""
        return self.service.store.within(self.project)

    @contextmanager
    def reading(self) -> Iterator[Work]:
        """Give one state of their project to read from."""
        with reading(self.store) as work:
            yield work

    @contextmanager
    def writing(self) -> Iterator[Work]:
        """Give one transaction on their project."""
        with writing(self.store) as work:
            yield work


async def csrf_sent(request: Request) -> AsyncIterator[str | None]:
    """Give the token that came with a request: in the header X-CSRF, or in a form's field `csrf`.

    Who sends a key needs none, so that no form of theirs is read before the key is looked at.
    """
    field: object = request.headers.get("x-csrf")
    by_form = request.method not in SAFE and request.headers.get("content-type", "").startswith(FORMS)
    if not field and by_form and "authorization" not in request.headers:
        field = (await request.form()).get("csrf")
    try:
        yield field if isinstance(field, str) else None
    finally:
        await request.close()  # what a form uploads lies in files until then


class Guard:
    """A dependency that lets through whoever meets a need."""

    def __init__(self, need: Need) -> None:
        self.need = need

    def __call__(self, request: Request, csrf: Annotated[str | None, Depends(csrf_sent)]) -> Caller:
        """Return the caller; raise Problem 401 for nobody, 403 for somebody else, 429 for too many calls."""
        service: Service = request.app.state.service
        if "authorization" in request.headers:
            caller = self._by_key(service, request.headers["authorization"])
        else:
            caller = self._by_session(service, request, csrf)
        request.state.actor, request.state.project = caller.actor, caller.project
        wait = service.throttles.callers.wait_s(caller.actor) if self.need.throttled else 0
        if wait:
            raise Problem(429, "too many requests", "Authorization", f"wait {wait:.1f} s", after_s=wait)
        return caller

    def _by_key(self, service: Service, header: str) -> Caller:
        kind, _, token = header.partition(" ")
        key = service.access.key(token.strip()) if kind.lower() == "bearer" else None
        if key is None:
            raise Problem(401, "this key does not open anything", "Authorization", "make another one, or correct it")
        if not self.need.scopes & set(key.scopes):
            wanted = f"a key with the scope {' or '.join(sorted(self.need.scopes))}" if self.need.scopes else "a person"
            raise Problem(403, "this key may not do that", "Authorization", f"use {wanted}")
        return Caller(service, key.project, key=key)

    def _by_session(self, service: Service, request: Request, csrf: str | None) -> Caller:
        token = request.cookies.get(COOKIE)
        signed_in = service.access.session(token) if token else None
        if signed_in is None:
            raise Problem(401, "nobody is signed in", "Authorization", _SIGN_IN)
        unsafe = request.method not in SAFE
        if unsafe:
            check_origin(request)
            if csrf is None or not hmac.compare_digest(csrf.encode(errors="replace"), signed_in.csrf.encode()):
                raise Problem(403, "the form's token is missing or old", "X-CSRF", "load the page again")
        role: Role | None = "admin" if signed_in.user.admin else signed_in.role
        caller = Caller(service, signed_in.project or DEFAULT_PROJECT, signed_in=signed_in, role=role)
        if self.need.own:
            return caller
        if self.need.everywhere and not signed_in.user.admin:
            raise Problem(403, "only an administrator of the installation may do that", "session", "ask one")
        if role is None or role not in self.need.roles or (unsafe and role == "auditor"):
            wanted = " or ".join(sorted(self.need.roles)) or "a key"
            raise Problem(403, f"your role here is {role or 'none'}", "session", f"this takes {wanted}")
        return caller


class Open:
    """A dependency that lets anybody through, from a page of ours or from no page."""

    need = Need(open=True)

    def __call__(self, request: Request) -> Service:
        """Return the service; raise Problem 403 for a write that another site's page sends."""
        if request.method not in SAFE:
            check_origin(request)
        service: Service = request.app.state.service
        return service


def needs(
    *roles: Role,
    scopes: tuple[Scope, ...] = (),
    everywhere: bool = False,
    own: bool = False,
    throttled: bool = True,
) -> Any:
    """Return the dependency of a route that these roles, or keys of these scopes, may call."""
    return Depends(Guard(Need(frozenset(roles), frozenset(scopes), everywhere, own, throttled=throttled)))


public: Any = Depends(Open())
"""The dependency of a route that anybody may call."""


def check_origin(request: Request) -> None:
    """Raise Problem 403 when a browser says that the request comes from another site's page."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "").lower()
    # The scheme is left aside: behind a proxy that is not in EVALGATE_TRUSTED_PROXIES we do not know ours.
    if site != "same-origin" or (origin is not None and origin.lower() not in {f"http://{host}", f"https://{host}"}):
        raise Problem(403, "this came from another site's page", "Origin", "use the pages of this server")


def need_of(route: APIRoute) -> Need | None:
    """Return what a route declares; None when it declares nothing."""
    return _declared(route.dependant)


def _declared(dependant: Dependant) -> Need | None:
    for part in dependant.dependencies:
        if isinstance(part.call, Guard | Open):
            return part.call.need
        if (need := _declared(part)) is not None:
            return need
    return None


def check_declared(app: FastAPI) -> None:
    """Raise when a route lets callers in without saying who: a forgotten line must not open a door."""
    for route in app.routes:
        if isinstance(route, APIRoute) and need_of(route) is None:
            raise ValueError(f"{route.path} does not say who may call it: give it `needs(…)` or `public`")
