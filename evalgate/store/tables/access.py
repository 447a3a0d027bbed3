"""The tables of access: projects, people and what they may do, sessions, links, keys, and the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Literal

import orjson
from pydantic import AwareDatetime, JsonValue
from sqlalchemy import Index, LargeBinary, RowMapping, Text, UniqueConstraint
from sqlmodel import Field

from evalgate.core.values import Value
from evalgate.store.tables.base import Instant, Row

Role = Literal["reviewer", "maintainer", "admin", "auditor"]
Scope = Literal["gate", "ingest", "read", "review", "break_glass"]
Purpose = Literal["first_admin", "invitation", "new_password"]


class ProjectRow(Row, table=True):
    """What keeps one team's data apart from another's. Number 1 is `default`, that of commands beside a database."""

    __tablename__: ClassVar[str] = "project"
    __table_args__ = (UniqueConstraint("name"),)

    number: int | None = Field(default=None, primary_key=True)
    name: str = Field(sa_type=Text)
    """Lower-case letters, digits and hyphens."""
    title: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)


class UserRow(Row, table=True):
    """A person."""

    __tablename__: ClassVar[str] = "user_account"
    __table_args__ = (UniqueConstraint("login"), UniqueConstraint("subject"))

    number: int | None = Field(default=None, primary_key=True)
    login: str = Field(sa_type=Text)
    """An e-mail or a name, lower case."""
    name: str = Field(sa_type=Text)
    """As shown to others."""
    password: str | None = Field(default=None, sa_type=Text)
    """Argon2id; absent for who signs in elsewhere."""
    subject: str | None = Field(default=None, sa_type=Text)
    """Issuer and subject of OIDC, one space between them."""
    languages: str = Field(sa_type=Text)
    """JSON array of the languages a reviewer reads."""
    settings: str = Field(default="{}", sa_type=Text)
    """JSON: interface language, theme, blur of what may harm, opted-out categories."""
    admin: bool = False
    """May do everything in every project."""
    active: bool = True
    created_at: datetime = Field(sa_type=Instant)


class MemberRow(Row, table=True):
    """What a person may do in a project."""

    __tablename__: ClassVar[str] = "member"
    __table_args__ = (Index(None, "user"),)

    project: int = Field(primary_key=True, foreign_key="project.number", sa_column_kwargs={"autoincrement": False})
    user: int = Field(primary_key=True, foreign_key="user_account.number", sa_column_kwargs={"autoincrement": False})
    role: str = Field(sa_type=Text)
    """reviewer, maintainer, admin or auditor."""


class SessionRow(Row, table=True):
    """One sign-in of one person, under the SHA-256 of its token."""

    __tablename__: ClassVar[str] = "session"
    __table_args__ = (Index(None, "user"), Index(None, "expires_at"))

    digest: str = Field(sa_type=Text, primary_key=True)
    user: int = Field(foreign_key="user_account.number")
    csrf: str = Field(sa_type=Text)
    """What forms must send back."""
    project: int | None = Field(default=None, foreign_key="project.number")
    """The project that the person looks at."""
    created_at: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)


class LinkRow(Row, table=True):
    """A link that works once, under the SHA-256 of its token: the first admin, an invitation, a new password."""

    __tablename__: ClassVar[str] = "link"

    digest: str = Field(sa_type=Text, primary_key=True)
    purpose: str = Field(sa_type=Text)
    """first_admin, invitation or new_password."""
    user: int | None = Field(default=None, foreign_key="user_account.number")
    project: int | None = Field(default=None, foreign_key="project.number")
    role: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class KeyRow(Row, table=True):
    """An API key `eg_<id>_<secret>`: the HMAC-SHA-256 of its secret under the store's own."""

    __tablename__: ClassVar[str] = "api_key"
    __table_args__ = (Index(None, "project"),)

    id: str = Field(sa_type=Text, primary_key=True)
    project: int = Field(foreign_key="project.number")
    name: str = Field(sa_type=Text)
    scopes: str = Field(sa_type=Text)
    """Names between single spaces, in order: break_glass, gate, ingest, read, review."""
    secret: bytes = Field(sa_type=LargeBinary)
    created_by: str = Field(sa_type=Text)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    last_used_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)


class AuditRow(Row, table=True):
    """Who did what, when. Rows are only ever added; one sealer numbers and chains them afterwards."""

    __tablename__: ClassVar[str] = "audit"
    __table_args__ = (UniqueConstraint("place"), Index(None, "project", "number"), Index(None, "project", "subject"))

    number: int | None = Field(default=None, primary_key=True)
    project: int | None = Field(default=None, foreign_key="project.number")
    at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=Text)
    """user:LOGIN, key:ID or system."""
    action: str = Field(sa_type=Text)
    """As key.created."""
    subject: str = Field(sa_type=Text)
    """What it was done to."""
    detail: str = Field(default="{}", sa_type=Text)
    """JSON; never a text that somebody judged, never a secret."""
    place: int | None = None
    """Its place in the chain, from 1; absent until sealed."""
    digest: str | None = Field(default=None, sa_type=Text)
    """SHA-256 of the digest before it and of this row."""


class Project(Value):
    """What keeps one team's data apart from another's."""

    number: int
    name: str
    title: str
    created_at: AwareDatetime


class User(Value):
    """A person."""

    number: int
    login: str
    name: str
    password: str | None
    """The hash; None for who signs in elsewhere, or has not chosen one yet."""
    subject: str | None
    languages: tuple[str, ...]
    settings: dict[str, Any]
    admin: bool
    active: bool
    created_at: AwareDatetime


class Member(Value):
    """A person and their role in a project."""

    user: User
    role: Role


class SignedIn(Value):
    """Somebody's session."""

    user: User
    project: int | None
    """The project that they look at; None until they choose one."""
    role: Role | None
    """In that project."""
    csrf: str


class Link(Value):
    """A link that was used just now."""

    purpose: Purpose
    user: int | None
    project: int | None
    role: Role | None


class KeyInfo(Value):
    """An API key without its secret."""

    id: str
    project: int
    name: str
    scopes: tuple[Scope, ...]
    created_by: str
    created_at: AwareDatetime
    expires_at: AwareDatetime
    last_used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class Entry(Value):
    """One thing that somebody did."""

    number: int
    project: int | None
    at: AwareDatetime
    actor: str
    action: str
    subject: str
    detail: dict[str, JsonValue]
    place: int | None
    digest: str | None


def user_of(row: RowMapping | dict[str, Any]) -> User:
    """Return the person of a row of `user_account`."""
    kept = {name: row[name] for name in User.model_fields}
    kept["languages"], kept["settings"] = orjson.loads(row["languages"]), orjson.loads(row["settings"])
    return User.model_validate(kept)


def key_of(row: RowMapping | dict[str, Any]) -> KeyInfo:
    """Return the key of a row of `api_key`, without its secret."""
    kept = {name: row[name] for name in KeyInfo.model_fields}
    return KeyInfo.model_validate({**kept, "scopes": row["scopes"].split()})


def entry_of(row: RowMapping) -> Entry:
    """Return what a row of `audit` says."""
    kept: dict[str, Any] = {name: row[name] for name in Entry.model_fields}
    return Entry.model_validate({**kept, "detail": orjson.loads(row["detail"])})
