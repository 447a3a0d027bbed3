"""Passwords: Argon2id, the same work for a login that exists and for one that does not."""

from __future__ import annotations

import threading
from functools import cache
from typing import TYPE_CHECKING

from evalgate.web.problems import Problem

if TYPE_CHECKING:
    from pwdlib import PasswordHash

SHORTEST = 12
LONGEST = 256
AT_ONCE = 2
"""Hashes computed at once: each takes 64 MiB and a good part of a second of one core."""
PATIENCE_S = 5.0
_turn = threading.BoundedSemaphore(AT_ONCE)


def hashed(password: str, login: str) -> str:
    """Return what is stored of a new password; raise Problem for one that is easily guessed."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Problem(
            400, "the password is too short or too long", "password", f"use {SHORTEST} to {LONGEST} characters"
        )
    if password.casefold() == login.casefold() or len(set(password)) < 4:
        raise Problem(400, "the password is easily guessed", "password", "use several words that belong to nobody")
    with _Turn():
        return _argon2id().hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Say whether a password is the stored one; the work is the same when nothing is stored."""
    with _Turn():
        same = _argon2id().verify(password[: LONGEST + 1], stored or _of_nobody())
    return same and stored is not None


class _Turn:
    """A turn at hashing; raises Problem when too many are waiting already."""

    def __enter__(self) -> None:
        if not _turn.acquire(timeout=PATIENCE_S):
            raise Problem(
                429, "too many people are signing in at once", "password", "try again in a few seconds", after_s=5
            )

    def __exit__(self, *_: object) -> None:
        _turn.release()


@cache
def _argon2id() -> PasswordHash:
    from pwdlib import PasswordHash
    from pwdlib.hashers.argon2 import Argon2Hasher

    return PasswordHash((Argon2Hasher(),))


@cache
def _of_nobody() -> str:
    """Return the hash that stands in for that of a login nobody has, made with the same cost."""
    return _argon2id().hash("nobody has this login")
