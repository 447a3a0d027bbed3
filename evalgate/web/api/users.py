"""People: who is here, what they may do in the project, and links with which they choose a password."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Request
from pydantic import Field

from evalgate.core.values import Value
from evalgate.store.access import Member, Role, User
from evalgate.web.api.routing import ADMINS, ADMINS_EVERYWHERE, API, WATCHERS, Name, api_router, shown_as
from evalgate.web.api.session import Login, ShownName
from evalgate.web.guard import COOKIE, Caller, needs
from evalgate.web.problems import Problem, conflict
from evalgate.web.sessions import check_door
from evalgate.web.transactions import Work

router = api_router("users")

JOIN = "/join/"
"""The page that asks for a password."""
SIGN_IN = "/sign-in"
"""Where somebody begins who needs none: everybody signs in through the issuer."""
_USER = {
    "login": "rui@example.org",
    "name": "Rui",
    "languages": ["pt", "es"],
    "admin": False,
    "active": True,
    "role": "reviewer",
}
_PROJECT = {"name": "default", "title": "Default", "current": True}
_ME = needs(own=True)

LanguageTag = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$")]


class UserSeen(Value):
    """A person as a member of the project."""

    model_config = shown_as(_USER)

    login: str
    name: str
    languages: tuple[str, ...]
    """Those that a reviewer reads."""
    admin: bool
    """Of the whole installation."""
    active: bool
    role: Role | None
    """In this project; None for somebody who is no member."""


class MemberList(Value):
    """Every member of the project, by login."""

    model_config = shown_as({"members": [_USER]})

    members: tuple[UserSeen, ...]


class UserWanted(Value):
    """A person to let in, as a member of this project when a role is given."""

    model_config = shown_as({"login": "rui@example.org", "name": "Rui", "languages": ["pt", "es"], "role": "reviewer"})

    login: Login
    name: ShownName
    languages: Annotated[tuple[LanguageTag, ...], Field(max_length=20)] = ()
    admin: bool = False
    role: Role | None = None


class UserMade(Value):
    """A new person, and the page where they choose their password; the link works once.

    Where everybody signs in through the issuer, the link is that of the sign-in page.
    """

    model_config = shown_as({"user": _USER, "link": "/join/…"})

    user: UserSeen
    link: str


class LinkMade(Value):
    """A page where somebody chooses a new password; the link works once."""

    model_config = shown_as({"purpose": "new_password", "link": "/join/…"})

    purpose: Literal["new_password"] = "new_password"
    link: str


class Membership(Value):
    """What a person may do in the project."""

    model_config = shown_as({"role": "maintainer"})

    role: Role


class ProjectSeen(Value):
    """A project that one may look at."""

    model_config = shown_as(_PROJECT)

    name: str
    title: str
    current: bool
    """The one that the session looks at."""


class ProjectList(Value):
    """The projects that one may look at, by name."""

    model_config = shown_as({"projects": [_PROJECT]})

    projects: tuple[ProjectSeen, ...]


class ProjectChosen(Value):
    """The project to look at."""

    model_config = shown_as({"name": "default"})

    name: Annotated[str, Field(min_length=1, max_length=100)]


@router.get("/members")
def list_members(caller: Annotated[Caller, WATCHERS]) -> MemberList:
    """List the members of the project."""
    with caller.reading() as work:
        members = work.access.members(caller.project)
    return MemberList(members=tuple(map(member_seen, members)))


@router.put("/members/{login}")
def set_member_role(caller: Annotated[Caller, ADMINS], login: Name, wanted: Membership) -> UserSeen:
    """Let somebody who is here already do something in the project."""
    with caller.writing() as work:
        user = _known(work, login)
        work.access.set_member(caller.project, user.number, wanted.role)
        work.audit.add(
            work.connection, caller.project, caller.actor, "member.set", f"user:{user.login}", role=wanted.role
        )
    return user_seen(user, wanted.role)


@router.delete("/members/{login}", status_code=204)
def remove_member(caller: Annotated[Caller, ADMINS], login: Name) -> None:
    """Let a member do nothing in the project any more; their answers stay."""
    with caller.writing() as work:
        user = _known(work, login)
        if work.access.role_of(caller.project, user.number) is None:
            raise Problem(404, f"{login!r} is no member of this project", "login", f"list them: GET {API}/members")
        work.access.remove_member(caller.project, user.number)
        work.audit.add(work.connection, caller.project, caller.actor, "member.removed", f"user:{user.login}")


@router.get("/projects")
def list_projects(caller: Annotated[Caller, _ME]) -> ProjectList:
    """List the projects that one may look at."""
    with caller.reading() as work:
        mine = work.access.projects_of(caller.person.user)
    seen = tuple(ProjectSeen(name=one.name, title=one.title, current=one.number == caller.project) for one in mine)
    return ProjectList(projects=seen)


@router.put("/session/project", status_code=204)
def choose_project(caller: Annotated[Caller, _ME], request: Request, wanted: ProjectChosen) -> None:
    """Look at another project from now on, in this session; one that somebody is no member of is not there for them."""
    with caller.writing() as work:
        mine = work.access.projects_of(caller.person.user)
        chosen = next((one for one in mine if one.name == wanted.name), None)
        if chosen is None:
            raise Problem(404, f"project {wanted.name!r} is not here", "name", f"list them: GET {API}/projects")
        work.access.look_at(request.cookies[COOKIE], chosen.number)


@router.post("/users", status_code=201)
def create_user(caller: Annotated[Caller, ADMINS_EVERYWHERE], wanted: UserWanted) -> UserMade:
    """Let a person in; the link is for them alone."""
    with caller.writing() as work:
        with conflict("login"):
            user = work.access.create_user(
                wanted.login.lower(), wanted.name, None, wanted.languages, admin=wanted.admin
            )
        if wanted.role is not None:
            work.access.set_member(caller.project, user.number, wanted.role)
        link = _invitation(caller, work, user)
        work.audit.add(
            work.connection,
            caller.project,
            caller.actor,
            "user.created",
            f"user:{user.login}",
            admin=user.admin,
            role=wanted.role,
        )
    return UserMade(user=user_seen(user, wanted.role), link=link)


@router.post("/users/{login}/link", status_code=201)
def make_password_link(caller: Annotated[Caller, ADMINS_EVERYWHERE], login: Name) -> LinkMade:
    """Make a link with which a person chooses a new password; until then the old one stays."""
    check_door(caller.service, "link")
    with caller.writing() as work:
        user = _known(work, login)
        lifetime = caller.service.settings.link_lifetime
        token = work.access.make_link("new_password", lifetime=lifetime, user=user.number)
        work.audit.add(work.connection, caller.project, caller.actor, "link.made", f"user:{user.login}")
    return LinkMade(link=JOIN + token)


def member_seen(member: Member) -> UserSeen:
    """Return a member as it is listed."""
    return user_seen(member.user, member.role)


def user_seen(user: User, role: Role | None) -> UserSeen:
    """Return a person as they are listed."""
    return UserSeen(
        login=user.login, name=user.name, languages=user.languages, admin=user.admin, active=user.active, role=role
    )


def _invitation(caller: Caller, work: Work, user: User) -> str:
    settings = caller.service.settings
    if settings.oidc is not None and settings.oidc.only:
        return SIGN_IN
    return JOIN + work.access.make_link("invitation", lifetime=settings.link_lifetime, user=user.number)


def _known(work: Work, login: str) -> User:
    user = work.access.user(login.lower())
    if user is None:
        raise Problem(404, f"nobody has the login {login!r}", "login", f"let them in first: POST {API}/users")
    return user
