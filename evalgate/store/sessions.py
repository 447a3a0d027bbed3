"""Sessions, and links that work once. Only digests of their tokens are stored."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import and_, delete, select, update

from evalgate.core.errors import WrongAsWritten
from evalgate.store.database import Database
from evalgate.store.tables import metadata
from evalgate.store.tables.access import Link, Purpose, Role, SignedIn, user_of

IDLE = timedelta(hours=8)
"""A session that nobody used for so long has ended."""
NOTED_EVERY = timedelta(minutes=1)
"""How exactly the last use of a session or key is known: a write for each would double the work of a request."""
_SESSION = metadata.tables["session"]
_LINK = metadata.tables["link"]
_USER = metadata.tables["user_account"]
_MEMBER = metadata.tables["member"]


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
                seen = update(_SESSION).where(_SESSION.c.digest == _digest(token), _SESSION.c.seen_at == row["seen_at"])
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
        """Return the token of a link that works once; the one made before for the same person opens nothing any more.

        Nor does an earlier one of the first administrator's.
        """
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
        same = _LINK.c.user == user if user is not None else _LINK.c.purpose == purpose
        with self._database.write() as connection:
            if user is not None or purpose == "first_admin":
                connection.execute(delete(_LINK).where(same, _LINK.c.used_at.is_(None)))
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


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()
