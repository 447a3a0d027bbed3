"""API keys of pipelines and senders. Of each only the HMAC of its secret under the store's own is kept."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import get_args

from sqlalchemy import and_, or_, select, update

from evalgate.core.errors import WrongAsWritten
from evalgate.store.database import Database
from evalgate.store.sessions import NOTED_EVERY
from evalgate.store.tables import metadata
from evalgate.store.tables.access import KeyInfo, Scope, key_of

LONGEST_GLASS = timedelta(days=1)
"""How long a key lasts at most that lets through what production stops."""
_PREFIX = "eg_"
_KEY = metadata.tables["api_key"]


class ApiKeys:
    """Keys of pipelines and senders: `eg_<id>_<secret>`."""

    def __init__(self, database: Database, pepper: bytes) -> None:
        self._database = database
        self._pepper = pepper

    def create_key(
        self, project: int, name: str, scopes: Sequence[Scope], lifetime: timedelta, by: str
    ) -> tuple[KeyInfo, str]:
        """Return a new key and its token, which is nowhere kept; raise WrongAsWritten for scopes that are none."""
        if not scopes:
            raise WrongAsWritten(f"a key without a scope opens nothing; give it one of {', '.join(get_args(Scope))}")
        if unknown := sorted(set(scopes) - set(get_args(Scope))):
            raise WrongAsWritten(f"{unknown[0]!r} is no scope; use some of {', '.join(get_args(Scope))}")
        if "break_glass" in scopes and (len(set(scopes)) > 1 or lifetime > LONGEST_GLASS):
            raise WrongAsWritten("a key of the scope break_glass has no other scope and lasts a day at most")
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
        made = key_of({"last_used_at": None, "revoked_at": None, **row})
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
                unnoted = or_(_KEY.c.last_used_at.is_(None), _KEY.c.last_used_at == row["last_used_at"])
                connection.execute(update(_KEY).where(_KEY.c.id == number, unnoted).values(last_used_at=now))
        return key_of(row)

    def keys(self, project: int) -> tuple[KeyInfo, ...]:
        """Return a project's keys, the newest first."""
        wanted = select(_KEY).where(_KEY.c.project == project).order_by(_KEY.c.created_at.desc(), _KEY.c.id)
        with self._database.read() as connection:
            return tuple(map(key_of, connection.execute(wanted).mappings()))

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
