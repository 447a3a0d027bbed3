"""A page from a template: its language, theme and navigation, and the page that says why a request is refused."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from evalgate.core.errors import WrongAsWritten
from evalgate.core.values import Value
from evalgate.documents import parse_document
from evalgate.reports.inert import visible
from evalgate.reports.messages import LANGUAGES, Language, Voice
from evalgate.store.access import Role
from evalgate.store.engine import DEFAULT_PROJECT
from evalgate.web.guard import COOKIE, ROLES, SAFE, Caller
from evalgate.web.pages.assets import version
from evalgate.web.problems import Problem, one_line

if TYPE_CHECKING:
    from jinja2 import Environment

ValueT = TypeVar("ValueT", bound=Value)

READ: frozenset[Role] = frozenset({"maintainer", "admin", "auditor"})
"""Who sees what judges said; reviewers are blind to it."""
WATCH: frozenset[Role] = frozenset({"admin", "auditor"})
THEMES = ("auto", "light", "dark")


class Place(NamedTuple):
    """An entry of the navigation, for those of these roles."""

    key: str
    """Its message is `nav.KEY`."""
    path: str
    roles: frozenset[Role]


NAV: tuple[Place, ...] = (
    Place("overview", "/", READ),
    Place("runs", "/runs", READ),
    Place("decisions", "/decisions", READ),
    Place("queues", "/queues", frozenset(ROLES)),
    Place("judges", "/judges", READ),
    Place("traffic", "/traffic", READ),
    Place("alerts", "/alerts", READ),
    Place("admin", "/admin", WATCH),
    Place("audit", "/audit", WATCH),
)
START_WITHOUT_RESULTS = "/queues"
"""Where somebody begins who may not read results."""


@dataclass(frozen=True)
class Words:
    """Speaks the pages' texts in one language."""

    language: Language

    def has(self, key: str) -> bool:
        """Say whether there is such a text."""
        return key in texts(self.language)

    def said(self, key: str, /, **values: object) -> str:
        """Return a text, filled in.

        >>> Words("es").said("of_suite", suite="ventas")
        'Solo la suite ventas.'
        """
        return texts(self.language)[key].format(**values)

    def counted(self, key: str, n: int, /, **values: object) -> str:
        """Return a text about n things: its singular for one, where it has one."""
        single = f"{key}.one"
        return self.said(single if n == 1 and self.has(single) else key, n=Voice(self.language).whole(n), **values)


@cache
def texts(language: Language) -> Mapping[str, str]:
    """Return every text of the pages in a language, by key."""
    read: dict[str, str] = {}
    for file in (resources.files("evalgate.web") / "words").iterdir():
        if f".{file.name}".endswith(f".{language}.yaml"):
            read |= parse_document(file.read_bytes(), file.name, only_text=True).data
    return read


def language_of(request: Request, caller: Caller | None) -> Language:
    """Return the language somebody chose, else the first one of ours that their browser asks for, else English."""
    chosen = caller.person.user.settings.get("language") if caller else None
    asked = [chosen] if chosen else _accepted(request.headers.get("accept-language", ""))
    return next((language for name in asked for language in LANGUAGES if language == name), "en")


def _accepted(header: str) -> list[str]:
    """Return the languages of a header, the most wanted first.

    >>> _accepted("fr;q=0.5, pt-BR, es;q=0.8, *;q=x")
    ['pt', 'es', 'fr']
    """
    wanted: list[tuple[float, str]] = []
    for part in header[:500].split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            weight = float(quality or 1)
        except ValueError:
            continue
        wanted.append((-weight, tag.partition("-")[0].lower()))
    return [tag for _, tag in sorted(wanted, key=lambda one: one[0])]


def page(
    request: Request, caller: Caller | None, template: str, *, status: int = 200, **values: object
) -> HTMLResponse:
    """Return a page; a template has `say`, `counted`, `voice`, `csrf` and who is signed in besides its own values."""
    language = language_of(request, caller)
    words = Words(language)
    person = caller.person if caller else None
    theme = person.user.settings.get("theme", "auto") if person else "auto"
    role = caller.role if caller else None
    body = (
        _environment()
        .get_template(template)
        .render(
            {
                "problem": None,
                "done": _done(request, words),
                **values,
                "language": language,
                "tag": "pt-BR" if language == "pt" else language,
                "say": words.said,
                "counted": words.counted,
                "words": words,
                "voice": Voice(language),
                "theme": theme if theme in THEMES else "auto",
                "user": person.user if person else None,
                "role": role,
                "csrf": person.csrf if person else "",
                "project": _project(caller),
                "nav": [(place, _within(request.url.path, place.path)) for place in NAV if role in place.roles],
                "here": request.url.path,
                "assets": version(),
            }
        )
    )
    return HTMLResponse(body, status)


def _done(request: Request, words: Words) -> str | None:
    """Return the text that tells what was just done, which the redirect after it names."""
    key = f"done.{request.query_params.get('done', '')}"
    return words.said(key) if words.has(key) else None


def _project(caller: Caller | None) -> str:
    return caller.service.access.project(caller.project).title if caller else ""


def _within(path: str, place: str) -> bool:
    return path == place or (place != "/" and path.startswith(f"{place}/"))


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Every value that is printed passes here: what is hidden in a text of others is shown.
        finalize=_finalized,
    )
    environment.filters["moment"] = moment
    return environment


def _template(name: str) -> str:
    return (resources.files("evalgate.web") / "templates" / name).read_text(encoding="utf-8")


def _finalized(value: Any) -> Any:
    return visible(value) if type(value) is str else value


def moment(at: datetime) -> str:
    """Return a moment to the minute, with its time zone.

    >>> moment(datetime(2026, 11, 21, 12, 3, 9, tzinfo=UTC))
    '2026-11-21 12:03 UTC'
    """
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def go(path: str, done: str | None = None) -> RedirectResponse:
    """Return the redirect after a form; `done` names the text that the next page begins with."""
    mark = "&" if "?" in path else "?"
    return RedirectResponse(f"{path}{mark}done={done}" if done else path, 303)


def local(path: str) -> str:
    r"""Return a path of this server, `/` for anything that could lead elsewhere.

    >>> local("/runs?suite=a"), local("//evil.example"), local("/\\evil.example"), local("https://evil.example")
    ('/runs?suite=a', '/', '/', '/')
    """
    plain = path.isprintable() and path.startswith("/") and not path.startswith(("//", "/\\")) and len(path) < 2000
    try:
        parts = urlsplit(path)
    except ValueError:
        return "/"
    return path if plain and not parts.scheme and not parts.netloc and "\\" not in path else "/"


def asked(model: type[ValueT], **values: object) -> ValueT:
    """Return what a form asks for; raise Problem 422 that names the field which cannot be used."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = str(first["loc"][0]) if first["loc"] else "form"
        raise Problem(422, one_line(str(first["msg"])), where, "correct the form") from None


def page_router() -> APIRouter:
    """Return a router for pages: they stay out of the API's description, and a refusal is a page."""
    return APIRouter(include_in_schema=False, route_class=PageRoute)


class PageRoute(APIRoute):
    """A route whose refusals are pages; who must sign in first is sent there, and back afterwards."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler."""
        answer = super().get_route_handler()

        async def answer_or_tell(request: Request) -> Response:
            try:
                return await answer(request)
            except (HTTPException, RequestValidationError, WrongAsWritten) as error:
                if not wants_page(request):
                    raise
                return await refusal_page(request, error)

        return answer_or_tell


def wants_page(request: Request) -> bool:
    """Say whether it is a browser that asks, for somebody to read."""
    return "text/html" in request.headers.get("accept", "")


async def refusal_page(request: Request, error: Exception) -> Response:
    """Return the page that says why a request is refused; who must sign in first is sent there."""
    from starlette.concurrency import run_in_threadpool

    problem = problem_of(error, request.url.path)
    if problem.status_code == 401:
        back = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        way = f"?next={quote(back)}" if request.method in SAFE and back != "/" else ""
        return RedirectResponse(f"/sign-in{way}", 303)
    caller = await run_in_threadpool(_who, request)
    return await run_in_threadpool(told, request, caller, problem)


def problem_of(error: Exception, where: str) -> Problem:
    """Return an error of a request as a Problem."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):  # no route of ours says so, but that there is none
        problem = Problem(error.status_code, str(error.detail), "address", "")
        problem.headers = {**(problem.headers or {}), **(error.headers or {})}
        return problem
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        return Problem(422, one_line(str(first["msg"])), str(first["loc"][-1]), "")
    return Problem(400, one_line(str(error)), where, "")


def told(request: Request, caller: Caller | None, problem: Problem) -> HTMLResponse:
    """Return the page that says why a request is refused."""
    answer = page(request, caller, "refused.html", status=problem.status_code, problem=problem)
    for name, value in (problem.headers or {}).items():
        answer.headers[name] = value
    return answer


def _who(request: Request) -> Caller | None:
    service = request.app.state.service
    token = request.cookies.get(COOKIE)
    signed_in = service.access.session(token) if token else None
    if signed_in is None:
        return None
    role: Role | None = "admin" if signed_in.user.admin else signed_in.role
    return Caller(service, signed_in.project or DEFAULT_PROJECT, signed_in=signed_in, role=role)


def landing(caller: Caller) -> str:
    """Return where somebody begins."""
    return "/" if caller.role in READ else START_WITHOUT_RESULTS
