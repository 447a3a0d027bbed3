"""API keys of the project: made once, shown once, revoked for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AwareDatetime, Field

from evalgate.core.values import Value
from evalgate.store.access import KeyInfo, Scope
from evalgate.web.api.routing import ADMINS, API, WATCHERS, Name, api_router, shown_as
from evalgate.web.guard import Caller
from evalgate.web.problems import conflict, missing

router = api_router("keys")

_KEY = {
    "id": "k3y1d0",
    "name": "pipeline of the shop",
    "scopes": ["gate"],
    "created_by": "user:ana@example.org",
    "created_at": "2026-11-21T12:00:00Z",
    "expires_at": "2027-02-19T12:00:00Z",
    "last_used_at": None,
    "revoked_at": None,
}


class KeySeen(Value):
    """A key without its secret."""

    model_config = shown_as(_KEY)

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created_by: str
    created_at: AwareDatetime
    expires_at: AwareDatetime
    last_used_at: AwareDatetime | None
    revoked_at: AwareDatetime | None


class KeyList(Value):
    """Every key of the project."""

    model_config = shown_as({"keys": [_KEY]})

    keys: tuple[KeySeen, ...]


class KeyWanted(Value):
    """A key to make."""

    model_config = shown_as({"name": "pipeline of the shop", "scopes": ["gate"], "days": 90})

    name: Annotated[str, Field(min_length=1, max_length=100)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=5)]
    days: Annotated[int, Field(ge=1, le=730)] = 90
    """After so many days it opens nothing."""


class KeyMade(Value):
    """A new key; its token is shown this once."""

    model_config = shown_as({"key": _KEY, "token": "eg_k3y1d0_…"})

    key: KeySeen
    token: str


@router.get("/keys")
def list_keys(caller: Annotated[Caller, WATCHERS]) -> KeyList:
    """List the keys, the revoked and expired ones too."""
    with caller.reading() as work:
        return KeyList(keys=tuple(map(key_seen, work.access.keys(caller.project))))


@router.post("/keys", status_code=201)
def create_key(caller: Annotated[Caller, ADMINS], wanted: KeyWanted) -> KeyMade:
    """Make a key and show its token; nobody can read it again."""
    with caller.writing() as work, conflict("scopes", "make that key alone, for one day"):
        scopes = tuple(sorted(set(wanted.scopes)))
        lifetime = timedelta(days=wanted.days)
        made, token = work.access.create_key(caller.project, wanted.name, scopes, lifetime, caller.actor)
        work.audit.add(
            work.connection, caller.project, caller.actor, "key.created", f"key:{made.id}", scopes=list(scopes)
        )
    return KeyMade(key=key_seen(made), token=token)


@router.delete("/keys/{key_id}", status_code=204)
def revoke_key(caller: Annotated[Caller, ADMINS], key_id: Name) -> None:
    """Let a key open nothing from now on."""
    with caller.writing() as work, missing("key", key_id, f"{API}/keys"):
        work.access.revoke_key(caller.project, key_id)
        work.audit.add(work.connection, caller.project, caller.actor, "key.revoked", f"key:{key_id}")


def key_seen(key: KeyInfo) -> KeySeen:
    """Return a key as it is listed."""
    return KeySeen(**{name: getattr(key, name) for name in KeySeen.model_fields})
