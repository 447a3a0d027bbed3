"""Signing in and out, the first administrator, one's own password, and links that let somebody choose one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request, Response
from pydantic import Field, SecretStr

from evalgate.core.errors import WrongAsWritten
from evalgate.core.values import Value
from evalgate.store.access import Link, Role
from evalgate.web import passwords
from evalgate.web.api.routing import api_router, shown_as
from evalgate.web.guard import COOKIE, Caller, needs, public
from evalgate.web.problems import Problem
from evalgate.web.service import Service
from evalgate.web.sessions import begin_session, check_door, forget_cookie
from evalgate.web.transactions import Work, writing

router = api_router("session")

Login = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\s\x00-\x1f]+$")]
Token = Annotated[SecretStr, Field(min_length=1, max_length=200)]
ShownName = Annotated[str, Field(min_length=1, max_length=200)]
_ME = needs(own=True)


class SignIn(Value):
    """A login and its password."""

    model_config = shown_as({"login": "ana@example.org", "password": "four words nobody says"})

    login: Login
    password: SecretStr


class FirstAdmin(Value):
    """The first administrator, and the token of the link that the terminal showed."""

    model_config = shown_as(
        {"token": "…", "login": "ana@example.org", "name": "Ana", "password": "four words nobody says"}
    )

    token: Token
    login: Login
    name: ShownName
    password: SecretStr


class Joining(Value):
    """A password chosen through an invitation, or a link for a new password."""

    model_config = shown_as({"token": "…", "password": "four words nobody says"})

    token: Token
    password: SecretStr


class PasswordChange(Value):
    """One's own password, and the one that takes its place."""

    model_config = shown_as({"old": "four words nobody says", "new": "five other words nobody says"})

    old: Annotated[SecretStr, Field(min_length=1)]
    new: SecretStr


class SessionSeen(Value):
    """Who is signed in, and what their forms must send back."""

    model_config = shown_as(
        {
            "login": "ana@example.org",
            "name": "Ana",
            "admin": True,
            "project": 1,
            "role": "admin",
            "csrf": "2vY…",
        }
    )

    login: str
    name: str
    admin: bool
    """Of the whole installation."""
    project: int
    role: Role | None
    csrf: str
    """Goes back in the header X-CSRF, or in a form's field `csrf`."""


@router.post("/session", status_code=204)
def sign_in(service: Annotated[Service, public], request: Request, response: Response, wanted: SignIn) -> None:
    """Sign in with a password; the cookie that comes back is the session."""
    check_door(service, "password")  # before the password is looked at: a shut door tells nobody whether it fits
    login = wanted.login.lower()
    hold_back(service, request, login)
    user = service.access.user(login)
    known = passwords.matches(wanted.password.get_secret_value(), user.password if user else None)
    service.metrics.sign_ins.labels("known" if known else "refused").inc()
    if user is None or not known:
        raise Problem(401, "login or password is wrong", "login", "correct them, or ask for a new password")
    with writing(service.store) as work:
        begin_session(service, work, request, response, user, by="password")


@router.get("/session")
def get_session(caller: Annotated[Caller, _ME]) -> SessionSeen:
    """Say who is signed in, with the token that forms send back."""
    person = caller.person
    return SessionSeen(
        login=person.user.login,
        name=person.user.name,
        admin=person.user.admin,
        project=caller.project,
        role=caller.role,
        csrf=person.csrf,
    )


@router.delete("/session", status_code=204)
def sign_out(caller: Annotated[Caller, _ME], request: Request, response: Response) -> None:
    """Sign out; the session opens nothing from now on."""
    with caller.writing() as work:
        work.access.end_session(request.cookies[COOKIE])
        work.audit.add(work.connection, None, caller.actor, "session.ended", caller.actor)
    forget_cookie(caller.service, request, response)


@router.post("/session/password", status_code=204)
def change_password(
    caller: Annotated[Caller, _ME], request: Request, response: Response, wanted: PasswordChange
) -> None:
    """Change one's own password: every session ends, and this browser gets a new one with a new token for forms."""
    service, user = caller.service, caller.person.user
    check_door(service, "password")
    hold_back(service, request, user.login)
    if not passwords.matches(wanted.old.get_secret_value(), user.password):
        raise Problem(400, "the old password is wrong", "old", "correct it, or ask for a link for a new one")
    password = passwords.hashed(wanted.new.get_secret_value(), user.login)
    with caller.writing() as work:
        work.access.set_password(user.number, password)
        work.access.end_all(user.number)
        work.audit.add(work.connection, None, caller.actor, "password.changed", caller.actor)
        begin_session(service, work, request, response, user, by="password", project=caller.person.project)


@router.post("/first", status_code=204)
def make_first_admin(
    service: Annotated[Service, public], request: Request, response: Response, wanted: FirstAdmin
) -> None:
    """Make the first administrator and sign them in; the link works once."""
    hold_back(service, request)
    login = wanted.login.lower()
    password = passwords.hashed(wanted.password.get_secret_value(), login)
    with writing(service.store) as work:
        _used(work, wanted.token, "first_admin")
        if not work.access.needs_first_admin():
            raise Problem(409, "there is an administrator already", "token", "ask them for an invitation")
        user = work.access.create_user(login, wanted.name, password, (), admin=True)
        work.audit.add(work.connection, None, f"user:{login}", "user.created", f"user:{login}", by="first start")
        begin_session(service, work, request, response, user, by="first")


@router.post("/join", status_code=204)
def choose_password(service: Annotated[Service, public], request: Request, response: Response, wanted: Joining) -> None:
    """Choose the password that an invitation or a link for a new one asks for, and sign in; the link works once."""
    check_door(service, "link")
    hold_back(service, request)
    password = passwords.hashed(wanted.password.get_secret_value(), "")
    with writing(service.store) as work:
        link = _used(work, wanted.token, "invitation", "new_password")
        user = work.access.user_by_number(link.user) if link.user is not None else None
        if user is None:
            raise _dead_link()
        work.access.set_password(user.number, password)
        work.access.end_all(user.number)  # whoever held the old password is out
        work.audit.add(
            work.connection, None, f"user:{user.login}", "password.chosen", f"user:{user.login}", by=link.purpose
        )
        begin_session(service, work, request, response, user, by="link")


def _used(work: Work, token: SecretStr, *purposes: str) -> Link:
    """Return the link of a token, used up with the transaction; raise Problem 400 for any that opens nothing."""
    try:
        link = work.access.use_link(token.get_secret_value())
    except WrongAsWritten:
        raise _dead_link() from None
    if link.purpose not in purposes:
        raise _dead_link()
    return link


def _dead_link() -> Problem:
    return Problem(400, "this link was used already, or is too old", "token", "ask for another one")


def hold_back(service: Service, request: Request, login: str | None = None) -> None:
    """Raise Problem 429 when an address, or whoever tries a login, knocks too often."""
    address = request.client.host if request.client else "nowhere"
    wait = service.throttles.addresses.wait_s(address)
    if not wait and login is not None:
        wait = service.throttles.logins.wait_s(login)
    if wait:
        service.metrics.sign_ins.labels("held_back").inc()
        raise Problem(429, "too many tries", "login", f"wait {wait:.0f} s", after_s=wait)
