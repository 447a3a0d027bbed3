"""Signing in and out, the first administrator, and choosing a password through a link."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Form, Query, Request, Response

from evalgate.web.api import session
from evalgate.web.api.routing import Name
from evalgate.web.guard import Caller, needs, public
from evalgate.web.pages.rendering import asked, go, local, page, page_router
from evalgate.web.problems import Problem
from evalgate.web.service import Service
from evalgate.web.sessions import check_door

router = page_router()

Text = Annotated[str, Form(max_length=400)]
Back = Annotated[str, Query(max_length=2000)]


@router.get("/sign-in")
def show_sign_in(service: Annotated[Service, public], request: Request, next: Back = "/") -> Response:  # noqa: A002 the field's name
    """Ask who somebody is."""
    return sign_in_page(service, request, next=local(next))


@router.post("/sign-in")
def sign_in_by_form(
    service: Annotated[Service, public],
    request: Request,
    login: Text = "",
    password: Text = "",
    next: Annotated[str, Form(max_length=2000)] = "/",  # noqa: A002 the field's name
) -> Response:
    """Sign in and go where somebody wanted to."""
    answer = go(local(next))
    try:
        wanted = asked(session.SignIn, login=login.strip(), password=password)
        session.sign_in(service, request, answer, wanted)
    except Problem as problem:
        return sign_in_page(service, request, problem, login=login, next=local(next))
    return answer


@router.post("/sign-out")
def sign_out_by_form(caller: Annotated[Caller, needs(own=True)], request: Request) -> Response:
    """Sign out."""
    answer = go("/sign-in", "signed_out")
    session.sign_out(caller, request, answer)
    return answer


@router.get("/first/{token}")
def show_first(_: Annotated[Service, public], request: Request, token: Name) -> Response:
    """Ask who the first administrator is; to look does not use the link up."""
    return page(request, None, "first.html", token=token, login="", name="")


@router.post("/first/{token}")
def make_first_admin_by_form(
    service: Annotated[Service, public],
    request: Request,
    token: Name,
    login: Text = "",
    name: Text = "",
    password: Text = "",
) -> Response:
    """Make the first administrator and let them in."""
    answer = go("/")
    try:
        wanted = asked(session.FirstAdmin, token=token, login=login.strip(), name=name.strip(), password=password)
        session.make_first_admin(service, request, answer, wanted)
    except Problem as problem:
        return _again(request, "first.html", problem, token=token, login=login, name=name)
    return answer


@router.get("/join/{token}")
def show_join(service: Annotated[Service, public], request: Request, token: Name) -> Response:
    """Ask for a password; to look does not use the link up."""
    check_door(service, "link")
    return page(request, None, "join.html", token=token)


@router.post("/join/{token}")
def choose_password_by_form(
    service: Annotated[Service, public], request: Request, token: Name, password: Text = ""
) -> Response:
    """Take the password and let its owner in."""
    answer = go("/")
    try:
        session.choose_password(service, request, answer, asked(session.Joining, token=token, password=password))
    except Problem as problem:
        return _again(request, "join.html", problem, token=token)
    return answer


def sign_in_page(
    service: Service,
    request: Request,
    problem: Problem | None = None,
    *,
    login: str = "",
    next: str = "/",  # noqa: A002
) -> Response:
    """Return the page that asks who somebody is, through every door that is open here."""
    oidc = service.settings.oidc
    values: dict[str, Any] = {
        "login": login,
        "next": next,
        "issuer": oidc.name if oidc else None,
        "passwords": not (oidc and oidc.only),
    }
    if problem is None:
        return page(request, None, "sign_in.html", **values)
    return _again(request, "sign_in.html", problem, **values)


def _again(request: Request, template: str, problem: Problem, **values: object) -> Response:
    answer = page(request, None, template, status=problem.status_code, problem=problem, **values)
    for name, value in (problem.headers or {}).items():
        answer.headers[name] = value
    return answer
