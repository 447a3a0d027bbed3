"""Sessions, links that work once, and keys. Only digests of their tokens are stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

from pydantic import AwareDatetime
from sqlalchemy import and_, delete, select, update

from evalgate.core.errors import WrongAsWritten
from evalgate.core.values import Value
from evalgate.store.database import Database
from evalgate.store.people import Role, User, user_of
from evalgate.store.tables import metadata

Scope = Literal["gate", "ingest", "read", "review"]
Purpose = Literal["first_admin", "invitation", "new_password"]

IDLE = timedelta(hours=8)
"""A session that nobody used for so long has ended."""
NOTED_EVERY = timedelta(minutes=1)
"""How exactly the last use of a session or key is known: a write for each would double the work of a request."""
_PREFIX = "eg_"
_SESSION = metadata.tables["session"]
_LINK = metadata.tables["link"]
_KEY = metadata.tables["api_key"]
_USER = metadata.tables["user_account"]
_MEMBER = metadata.tables["member"]


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


class Sessions:
    """Sign-ins and links."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def start_session(self, user: int, lifetime: timedelta, project: int | None = None) -> str:
        """Return the token of a new session; without a project it looks at the first one the person is a member of."""
        token, now = secrets.token_urlsafe(32), self._database.clock()
        with self._database.write() as connection:
            if project is None:
                mine = select(_MEMBER.c.project).where(_MEMBER.c.user == user).order_by(_MEMBER.c.project)
                project = connection.execute(mine.limit(1)).scalar()
            row = {
                "digest": _digest(token),
                "user": user,
                "csrf": secrets.token_urlsafe(32),
                "project": project,
                "created_at": now,
                "seen_at": now,
                "expires_at": now + lifetime,
            }
            connection.execute(_SESSION.insert().values(row))
            connection.execute(delete(_SESSION).where(_SESSION.c.expires_at < now))
        return token

    def session(self, token: str) -> SignedIn | None:
        """Return whose session a token is; None for one that ended, expired, idled too long or never was."""
        now = self._database.clock()
        same_project = and_(_MEMBER.c.project == _SESSION.c.project, _MEMBER.c.user == _SESSION.c.user)
        wanted = (
            select(_USER, _SESSION.c.project, _SESSION.c.csrf, _SESSION.c.seen_at, _MEMBER.c.role)
            .join(_USER, _USER.c.number == _SESSION.c.user)
            .outerjoin(_MEMBER, same_project)
            .where(_SESSION.c.digest == _digest(token), _SESSION.c.expires_at > now, _USER.c.active)
            .where(_SESSION.c.seen_at > now - IDLE)
        )
        with self._database.read() as connection:
            row = connection.execute(wanted).mappings().first()
        if row is None:
            return None
        if now - row["seen_at"] >= NOTED_EVERY:
            with self._database.write() as connection:
                seen = update(_SESSION).where(_SESSION.c.digest == _digest(token))
                connection.execute(seen.values(seen_at=now))
        return SignedIn(user=user_of(row), project=row["project"], role=row["role"], csrf=row["csrf"])

    def look_at(self, token: str, project: int) -> None:
        """Let a session look at another project."""
        with self._database.write() as connection:
            connection.execute(update(_SESSION).where(_SESSION.c.digest == _digest(token)).values(project=project))

    def end_session(self, token: str) -> None:
        """Let a token open nothing any more."""
        with self._database.write() as connection:
            connection.execute(delete(_SESSION).where(_SESSION.c.digest == _digest(token)))

    def end_all(self, user: int) -> None:
        """End every session of a person."""
        with self._database.write() as connection:
            connection.execute(delete(_SESSION).where(_SESSION.c.user == user))

    def make_link(
        self,
        purpose: Purpose,
        *,
        lifetime: timedelta,
        user: int | None = None,
        project: int | None = None,
        role: Role | None = None,
    ) -> str:
        """Return the token of a link that works once; the first admin's replaces the one made before."""
        token, now = secrets.token_urlsafe(32), self._database.clock()
        row = {
            "digest": _digest(token),
            "purpose": purpose,
            "user": user,
            "project": project,
            "role": role,
            "created_at": now,
            "expires_at": now + lifetime,
        }
        with self._database.write() as connection:
            if purpose == "first_admin":
                connection.execute(delete(_LINK).where(_LINK.c.purpose == purpose))
            connection.execute(_LINK.insert().values(row))
        return token

    def use_link(self, token: str) -> Link:
        """Use a link up and return it; raise WrongAsWritten for one that was used, is too old or never was."""
        now = self._database.clock()
        fresh = and_(_LINK.c.digest == _digest(token), _LINK.c.used_at.is_(None), _LINK.c.expires_at > now)
        used = update(_LINK).where(fresh).values(used_at=now)
        with self._database.write() as connection:
            said = connection.execute(used.returning(*(_LINK.c[name] for name in Link.model_fields))).mappings().first()
        if said is None:
            raise WrongAsWritten("this link was used already, or is too old; ask for another one")
        return Link(**said)


class ApiKeys:
    """Keys of pipelines and senders: `eg_<id>_<secret>`."""

    def __init__(self, database: Database, pepper: bytes) -> None:
        self._database = database
        self._pepper = pepper

    def create_key(
        self, project: int, name: str, scopes: Sequence[Scope], lifetime: timedelta, by: str
    ) -> tuple[KeyInfo, str]:
        """Return a new key and its token, which is nowhere kept."""
        if not scopes:
            raise WrongAsWritten("a key without a scope opens nothing; give it one of gate, ingest, read, review")
        number, secret, now = secrets.token_hex(6), secrets.token_urlsafe(32), self._database.clock()
        row = {
            "id": number,
            "project": project,
            "name": name.strip() or number,
            "scopes": " ".join(sorted(set(scopes))),
            "secret": self._hashed(secret),
            "created_by": by,
            "created_at": now,
            "expires_at": now + lifetime,
        }
        with self._database.write() as connection:
            connection.execute(_KEY.insert().values(row))
        made = _key_of({"last_used_at": None, "revoked_at": None, **row})
        return made, f"{_PREFIX}{number}_{secret}"

    def key(self, token: str) -> KeyInfo | None:
        """Return the key of a token; None for one that is revoked, expired or never was."""
        number, _, secret = token.removeprefix(_PREFIX).partition("_")
        if not token.startswith(_PREFIX):
            return None
        with self._database.read() as connection:
            row = connection.execute(select(_KEY).where(_KEY.c.id == number)).mappings().first()
        # With no such key there is a comparison all the same: its time tells nothing.
        right = hmac.compare_digest(self._hashed(secret), bytes(32) if row is None else row["secret"])
        now = self._database.clock()
        if row is None or not right or row["revoked_at"] is not None or row["expires_at"] <= now:
            return None
        if row["last_used_at"] is None or now - row["last_used_at"] >= NOTED_EVERY:
            with self._database.write() as connection:
                connection.execute(update(_KEY).where(_KEY.c.id == number).values(last_used_at=now))
        return _key_of(row)

    def keys(self, project: int) -> tuple[KeyInfo, ...]:
        """Return a project's keys, the newest first."""
        wanted = select(_KEY).where(_KEY.c.project == project).order_by(_KEY.c.created_at.desc(), _KEY.c.id)
        with self._database.read() as connection:
            return tuple(map(_key_of, connection.execute(wanted).mappings()))

    def revoke_key(self, project: int, number: str) -> None:
        """Let a key open nothing any more; raise WrongAsWritten when the project has none of this id."""
        mine = and_(_KEY.c.project == project, _KEY.c.id == number)
        with self._database.write() as connection:
            if connection.execute(select(_KEY.c.id).where(mine)).first() is None:
                raise WrongAsWritten(f"there is no key {number!r} in this project; list them")
            revoked = update(_KEY).where(mine, _KEY.c.revoked_at.is_(None))
            connection.execute(revoked.values(revoked_at=self._database.clock()))

    def _hashed(self, secret: str) -> bytes:
        return hmac.digest(self._pepper, b"api key " + secret.encode(errors="replace"), "sha256")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _key_of(row: Any) -> KeyInfo:
    kept = {name: row[name] for name in KeyInfo.model_fields}
    return KeyInfo.model_validate({**kept, "scopes": row["scopes"].split()})
