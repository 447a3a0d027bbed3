"""People, projects, and what people may do in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, get_args

import orjson
from sqlalchemy import Connection, and_, select, update

from evalgate.core.errors import WrongAsWritten
from evalgate.store.bulk import insert_into
from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables.access import Member, Project, Role, User, user_of

_PROJECT = metadata.tables["project"]
_USER = metadata.tables["user_account"]
_MEMBER = metadata.tables["member"]
_SESSION = metadata.tables["session"]
LONGEST_LOGIN = 200
_PROJECT_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def normal_login(login: str) -> str:
    """Return the form in which logins are compared.

    >>> normal_login(" Ana@Example.ORG "), normal_login("ＡＮＡ")
    ('ana@example.org', 'ana')
    """
    # Folding may take letters apart again: without the second look one login could be let in under two forms.
    folded = unicodedata.normalize("NFKC", login).casefold()
    return unicodedata.normalize("NFKC", folded).strip()


class People:
    """Everybody who may come in, and the projects of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create_project(self, name: str, title: str) -> Project:
        """Make a project; raise WrongAsWritten for a name that is taken or cannot be one."""
        if not _PROJECT_NAME.fullmatch(name):
            raise WrongAsWritten(f"{name!r} cannot name a project; use lower-case letters, digits and hyphens")
        row = {"name": name, "title": title.strip() or name, "created_at": self._database.clock()}
        with self._database.write() as connection:
            if not _added(connection, "project", row):
                raise WrongAsWritten(f"there is a project {name!r} already; choose another name")
            return self._project(connection, name)

    def project(self, named: str | int) -> Project:
        """Return a project by name or number; raise WrongAsWritten when there is none."""
        with self._database.read() as connection:
            return self._project(connection, named)

    def projects(self) -> tuple[Project, ...]:
        """Return every project, by name."""
        with self._database.read() as connection:
            rows = connection.execute(select(_PROJECT).order_by(_PROJECT.c.name)).mappings()
            return tuple(Project(**row) for row in rows)

    def projects_of(self, user: User) -> tuple[Project, ...]:
        """Return the projects that somebody may look at, by name; all of them for an administrator of all."""
        if user.admin:
            return self.projects()
        mine = select(_PROJECT).join(_MEMBER, _MEMBER.c.project == _PROJECT.c.number)
        with self._database.read() as connection:
            rows = connection.execute(mine.where(_MEMBER.c.user == user.number).order_by(_PROJECT.c.name)).mappings()
            return tuple(Project(**row) for row in rows)

    def create_user(
        self,
        login: str,
        name: str,
        password: str | None,
        languages: Sequence[str],
        *,
        admin: bool = False,
        subject: str | None = None,
    ) -> User:
        """Let a person in; `password` is its hash. Raise WrongAsWritten for a login that is none or taken."""
        login = normal_login(login)
        if not login or len(login) > LONGEST_LOGIN or not login.isprintable():
            raise WrongAsWritten(f"a login has 1 to {LONGEST_LOGIN} printable characters; an e-mail address will do")
        row = {
            "login": login,
            "name": name.strip() or login,
            "password": password,
            "subject": subject,
            "languages": orjson.dumps(list(languages)).decode(),
            "settings": "{}",
            "admin": admin,
            "active": True,
            "created_at": self._database.clock(),
        }
        with self._database.write() as connection:
            if not _added(connection, "user_account", row):
                raise WrongAsWritten(_taken(connection, login))
            return user_of(connection.execute(select(_USER).where(_USER.c.login == login)).mappings().one())

    def user(self, login: str) -> User | None:
        """Return the person with a login, None when there is none."""
        return self._user(_USER.c.login == normal_login(login))

    def user_by_number(self, number: int) -> User | None:
        """Return the person of a number, None when there is none."""
        return self._user(_USER.c.number == number)

    def user_by_subject(self, subject: str) -> User | None:
        """Return the person whom another issuer calls so, None when there is none."""
        return self._user(_USER.c.subject == subject)

    def users(self) -> tuple[User, ...]:
        """Return everybody, by login."""
        with self._database.read() as connection:
            return tuple(map(user_of, connection.execute(select(_USER).order_by(_USER.c.login)).mappings()))

    def set_password(self, user: int, password: str) -> None:
        """Let a person sign in with the password of this hash from now on."""
        self._change(user, password=password)

    def link_subject(self, user: int, subject: str) -> bool:
        """Let another issuer vouch for a person from now on, unless one does; say whether it was so."""
        with self._database.write() as connection:
            free = update(_USER).where(_USER.c.number == user, _USER.c.subject.is_(None)).values(subject=subject)
            return connection.execute(free).rowcount == 1

    def set_languages(self, user: int, languages: Sequence[str]) -> None:
        """Say which languages a reviewer reads."""
        self._change(user, languages=orjson.dumps(list(languages)).decode())

    def set_settings(self, user: int, settings: dict[str, Any]) -> None:
        """Keep how a person wants to see things."""
        self._change(user, settings=orjson.dumps(settings).decode())

    def set_active(self, user: int, *, active: bool) -> None:
        """Close an account, which ends its sessions, or open it; raise WrongAsWritten for the last administrator's."""
        with self._database.write() as connection:
            if not active:
                _keep_an_admin(connection, user)
                connection.execute(_SESSION.delete().where(_SESSION.c.user == user))
            connection.execute(update(_USER).where(_USER.c.number == user).values(active=active))

    def set_admin(self, user: int, *, admin: bool) -> None:
        """Let a person do everything everywhere, or no longer; raise WrongAsWritten for the last administrator."""
        with self._database.write() as connection:
            if not admin:
                _keep_an_admin(connection, user)
            connection.execute(update(_USER).where(_USER.c.number == user).values(admin=admin))

    def needs_first_admin(self) -> bool:
        """Say whether nobody is there yet who could let others in."""
        with self._database.read() as connection:
            return connection.execute(_admins().limit(1)).first() is None

    def set_member(self, project: int, user: int, role: Role) -> None:
        """Say what a person may do in a project; raise WrongAsWritten for what is no role."""
        if role not in get_args(Role):
            raise WrongAsWritten(f"{role!r} is no role; use one of {', '.join(get_args(Role))}")
        with self._database.write() as connection:
            insert = insert_into(_MEMBER, connection.dialect).values(project=project, user=user, role=role)
            replaced = insert.on_conflict_do_update(index_elements=["project", "user"], set_={"role": role})
            connection.execute(replaced)

    def remove_member(self, project: int, user: int) -> None:
        """Let a person do nothing in a project any more."""
        with self._database.write() as connection:
            connection.execute(_MEMBER.delete().where(_MEMBER.c.project == project, _MEMBER.c.user == user))

    def role_of(self, project: int, user: int) -> Role | None:
        """Return a person's role in a project, None for who is no member."""
        wanted = select(_MEMBER.c.role).where(_MEMBER.c.project == project, _MEMBER.c.user == user)
        with self._database.read() as connection:
            role: Role | None = connection.execute(wanted).scalar()
            return role

    def members(self, project: int) -> tuple[Member, ...]:
        """Return a project's members, by login."""
        wanted = select(_USER, _MEMBER.c.role).join(_MEMBER, _MEMBER.c.user == _USER.c.number)
        wanted = wanted.where(_MEMBER.c.project == project).order_by(_USER.c.login)
        with self._database.read() as connection:
            rows = connection.execute(wanted).mappings()
            return tuple(Member(user=user_of(row), role=row["role"]) for row in rows)

    def _project(self, connection: Connection, named: str | int) -> Project:
        column = _PROJECT.c.number if isinstance(named, int) else _PROJECT.c.name
        row = connection.execute(select(_PROJECT).where(column == named)).mappings().first()
        if row is None:
            raise WrongAsWritten(f"there is no project {named!r}; an administrator can make it")
        return Project(**row)

    def _user(self, condition: Any) -> User | None:
        with self._database.read() as connection:
            row = connection.execute(select(_USER).where(condition)).mappings().first()
        return None if row is None else user_of(row)

    def _change(self, user: int, **values: Any) -> None:
        with self._database.write() as connection:
            connection.execute(update(_USER).where(_USER.c.number == user).values(**values))


def _added(connection: Connection, table: str, row: dict[str, Any]) -> bool:
    """Add a row unless its name is taken; say whether it was added."""
    insert = insert_into(metadata.tables[table], connection.dialect).values(row).on_conflict_do_nothing()
    return connection.execute(insert.returning(metadata.tables[table].c.number)).first() is not None


def _taken(connection: Connection, login: str) -> str:
    """Return why somebody could not be added: of login and subject, each belongs to one person."""
    if connection.execute(select(_USER.c.number).where(_USER.c.login == login)).first() is None:
        return f"{login!r} signs in elsewhere under a name that somebody here has already; let them in once"
    return f"there is somebody with the login {login!r} already; choose another one"


def _admins() -> Any:
    return select(_USER.c.number).where(and_(_USER.c.admin, _USER.c.active))


def _keep_an_admin(connection: Connection, user: int) -> None:
    # Their rows stay locked until the end: two administrators who shut one another out at once do not both succeed.
    if connection.execute(_admins().order_by(_USER.c.number).with_for_update()).scalars().all() == [user]:
        raise WrongAsWritten("this is the last administrator; make somebody else one first")
