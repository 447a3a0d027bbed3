"""One's own account: how pages look, the languages one reads, one's password, the project that one looks at."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Request, Response
from pydantic import Field

from evalgate.core.values import Value
from evalgate.reports.messages import LANGUAGES, Language
from evalgate.web.api import session
from evalgate.web.api.users import LanguageTag
from evalgate.web.guard import COOKIE, Caller, needs
from evalgate.web.pages.rendering import THEMES, asked, go, page, page_router
from evalgate.web.problems import Problem

router = page_router()

Password = Annotated[str, Form(max_length=400)]
_ME = needs(own=True)
ACCOUNT = "/account"
NAMES = {"en": "English", "es": "Español", "pt": "Português"}
"""Each language by its own name, for whoever does not read the page's."""


class Settings(Value):
    """How somebody sees pages."""

    language: Language | Literal[""] = ""
    """Empty: the browser's."""
    theme: Literal["auto", "light", "dark"] = "auto"
    reads: Annotated[tuple[LanguageTag, ...], Field(max_length=20)] = ()


@router.get(ACCOUNT)
def show_account(caller: Annotated[Caller, _ME], request: Request) -> Response:
    """Show one's own account."""
    return _account(caller, request)


@router.post(ACCOUNT)
def change_account(
    caller: Annotated[Caller, _ME],
    request: Request,
    language: Annotated[str, Form()] = "",
    theme: Annotated[str, Form()] = "auto",
    reads: Annotated[list[str], Form(max_length=20)] = [],  # noqa: B006 FastAPI copies it
    others: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Keep how somebody wants to see pages, and which languages they read."""
    given = dict.fromkeys([*reads, *others.replace(",", " ").split()])
    user = caller.person.user
    try:
        wanted = asked(Settings, language=language, theme=theme, reads=tuple(given))
    except Problem as problem:
        return _account(caller, request, problem)
    settings = {**user.settings, "language": wanted.language, "theme": wanted.theme}
    with caller.writing() as work:
        work.access.set_settings(user.number, settings)
        if wanted.reads != user.languages:
            work.access.set_languages(user.number, wanted.reads)
            who = caller.actor
            work.audit.add(work.connection, caller.project, who, "user.languages", who, languages=list(wanted.reads))
    return go(ACCOUNT, "account_kept")


@router.post("/account/password")
def change_password_by_form(
    caller: Annotated[Caller, _ME], request: Request, old: Password = "", new: Password = ""
) -> Response:
    """Change one's own password; whoever else was signed in with the old one is out."""
    answer = go(ACCOUNT, "password_changed")
    try:
        session.change_password(caller, request, answer, asked(session.PasswordChange, old=old, new=new))
    except Problem as problem:
        return _account(caller, request, problem)
    return answer


@router.post("/account/project")
def look_at_project(
    caller: Annotated[Caller, _ME], request: Request, to: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Look at another project; one that somebody is no member of is not there for them."""
    with caller.writing() as work:
        mine = work.access.projects_of(caller.person.user)
        chosen = next((project for project in mine if project.name == to), None)
        if chosen is not None:
            work.access.look_at(request.cookies[COOKIE], chosen.number)
    if chosen is None:
        return _account(caller, request, Problem(404, f"project {to!r} is not here", "project", "choose another one"))
    return go("/")


def _account(caller: Caller, request: Request, problem: Problem | None = None) -> Response:
    user = caller.person.user
    oidc = caller.service.settings.oidc
    with caller.reading() as work:
        mine = work.access.projects_of(user)
    answer = page(
        request,
        caller,
        "account.html",
        status=problem.status_code if problem else 200,
        problem=problem,
        languages=[(language, NAMES[language]) for language in LANGUAGES],
        others=", ".join(tag for tag in user.languages if tag not in LANGUAGES),
        themes=THEMES,
        projects=mine,
        current=caller.project,
        has_password=user.password is not None and not (oidc and oidc.only),
    )
    answer.headers.update((problem.headers if problem else None) or {})
    return answer
