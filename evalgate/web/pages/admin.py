"""Who may come in: members, people, keys and projects. What opens a door is shown once, in the answer to its form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, NamedTuple, get_args

from fastapi import Form, Request, Response

from evalgate.core.values import Value
from evalgate.store.access import Scope, User
from evalgate.web.api import keys, users
from evalgate.web.api.routing import ADMINS, ADMINS_EVERYWHERE, WATCHERS, Name
from evalgate.web.guard import ROLES, Caller
from evalgate.web.pages.rendering import asked, go, page, page_router
from evalgate.web.problems import Problem, conflict
from evalgate.web.transactions import Work

router = page_router()

Text = Annotated[str, Form(max_length=400)]
Flag = Annotated[bool, Form()]
ADMIN = "/admin"
DAYS = (1, 30, 90, 180, 365)


class Opening(NamedTuple):
    """What opens a door, shown this once."""

    kind: Literal["link", "key"]
    whose: str
    secret: str


class ProjectWanted(Value):
    """A project to make."""

    name: str
    title: str = ""


@router.get(ADMIN)
def show_admin(caller: Annotated[Caller, WATCHERS], request: Request) -> Response:
    """Show who may come in."""
    return _admin(caller, request)


@router.post("/admin/members")
def set_member_by_form(
    caller: Annotated[Caller, ADMINS], request: Request, login: Text = "", role: Text = ""
) -> Response:
    """Give somebody who is here a role in the project, or another one."""

    def do() -> Response:
        users.set_member_role(caller, login.strip(), asked(users.Membership, role=role))
        return go(ADMIN, "member_set")

    return _tried(caller, request, do)


@router.post("/admin/members/{login}/remove")
def remove_member_by_form(caller: Annotated[Caller, ADMINS], request: Request, login: Name) -> Response:
    """Let a member do nothing in the project any more."""

    def do() -> Response:
        users.remove_member(caller, login)
        return go(ADMIN, "member_removed")

    return _tried(caller, request, do)


@router.post("/admin/users")
def create_user_by_form(
    caller: Annotated[Caller, ADMINS_EVERYWHERE],
    request: Request,
    login: Text = "",
    name: Text = "",
    role: Text = "",
    admin: Flag = False,  # noqa: FBT002 a box that is not ticked sends nothing
) -> Response:
    """Let a person in, and show the link with which they choose a password."""

    def do() -> Response:
        wanted = asked(users.UserWanted, login=login.strip(), name=name.strip(), role=role or None, admin=admin)
        made = users.create_user(caller, wanted)
        return _shown(caller, request, Opening("link", made.user.login, _absolute(request, made.link)))

    return _tried(caller, request, do)


@router.post("/admin/users/{login}/link")
def make_link_by_form(caller: Annotated[Caller, ADMINS_EVERYWHERE], request: Request, login: Name) -> Response:
    """Show a link with which a person chooses a new password."""

    def do() -> Response:
        made = users.make_password_link(caller, login)
        return _shown(caller, request, Opening("link", login, _absolute(request, made.link)))

    return _tried(caller, request, do)


@router.post("/admin/users/{login}/active")
def set_active_by_form(
    caller: Annotated[Caller, ADMINS_EVERYWHERE], request: Request, login: Name, active: Flag
) -> Response:
    """Close an account, or open it again; who is signed in with a closed one is out at once."""

    def do() -> Response:
        with caller.writing() as work, conflict("active"):
            user = _known(work, login)
            work.access.set_active(user.number, active=active)
            action = "user.opened" if active else "user.closed"
            work.audit.add(work.connection, caller.project, caller.actor, action, f"user:{user.login}")
        return go(ADMIN, "user_opened" if active else "user_closed")

    return _tried(caller, request, do)


@router.post("/admin/keys")
def create_key_by_form(
    caller: Annotated[Caller, ADMINS],
    request: Request,
    name: Text = "",
    scopes: Annotated[list[str], Form(max_length=5)] = [],  # noqa: B006 FastAPI copies it
    days: Text = "90",
) -> Response:
    """Make a key and show its token."""

    def do() -> Response:
        made = keys.create_key(caller, asked(keys.KeyWanted, name=name.strip(), scopes=tuple(scopes), days=days))
        return _shown(caller, request, Opening("key", made.key.name, made.token))

    return _tried(caller, request, do)


@router.post("/admin/keys/{key_id}/revoke")
def revoke_key_by_form(caller: Annotated[Caller, ADMINS], request: Request, key_id: Name) -> Response:
    """Let a key open nothing from now on."""

    def do() -> Response:
        keys.revoke_key(caller, key_id)
        return go(ADMIN, "key_revoked")

    return _tried(caller, request, do)


@router.post("/admin/projects")
def create_project_by_form(
    caller: Annotated[Caller, ADMINS_EVERYWHERE], request: Request, name: Text = "", title: Text = ""
) -> Response:
    """Make a project."""

    def do() -> Response:
        wanted = asked(ProjectWanted, name=name.strip(), title=title.strip())
        with caller.writing() as work, conflict("project"):
            made = work.access.create_project(wanted.name, wanted.title)
            work.audit.add(work.connection, made.number, caller.actor, "project.created", f"project:{made.name}")
        return go(ADMIN, "project_made")

    return _tried(caller, request, do)


def _tried(caller: Caller, request: Request, do: Callable[[], Response]) -> Response:
    """Return what a form leads to; the page again, with what is wrong, where it is refused."""
    try:
        return do()
    except Problem as problem:
        return _admin(caller, request, problem=problem)


def _shown(caller: Caller, request: Request, opening: Opening) -> Response:
    return _admin(caller, request, opening=opening)


def _admin(
    caller: Caller, request: Request, *, problem: Problem | None = None, opening: Opening | None = None
) -> Response:
    everywhere = caller.person.user.admin
    with caller.reading() as work:
        values = {
            "members": work.access.members(caller.project),
            "keys": work.access.keys(caller.project),
            "people": work.access.users() if everywhere else (),
            "projects": work.access.projects() if everywhere else (),
        }
    return page(
        request,
        caller,
        "admin.html",
        status=problem.status_code if problem else 200,
        problem=problem,
        opening=opening,
        changes=caller.role == "admin",
        everywhere=everywhere,
        roles=ROLES,
        scopes=get_args(Scope),
        days=DAYS,
        now=caller.service.clock(),
        **values,
    )


def _absolute(request: Request, path: str) -> str:
    return str(request.base_url).rstrip("/") + path


def _known(work: Work, login: str) -> User:
    user = work.access.user(login)
    if user is None:
        raise Problem(404, f"nobody has the login {login!r}", "login", "let them in first")
    return user
