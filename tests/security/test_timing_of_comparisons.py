"""Comparisons that end at the first wrong byte tell a patient attacker how far a guess is right.

Secrets are compared by `hmac.compare_digest`, or looked up by their digest, which nobody steers.
"""

from __future__ import annotations

import ast
import re
import time
from pathlib import Path

import pytest

from evalgate.store.keys import ApiKeys
from evalgate.web import passwords
from tests.web.scenes import House

ROOT = Path(__file__).resolve().parents[2]
SECRET = re.compile(r"secret|csrf|password|signature|seal\b|hashed|token", re.IGNORECASE)
TELLS_NOTHING = {
    ("evalgate/store/slots.py", "_SLOT.c.token == token"),
    ("evalgate/store/sessions.py", "_LINK.c.digest == _digest(token)"),
    ("evalgate/store/sessions.py", "_SESSION.c.digest == _digest(token)"),
    ("evalgate/web/passwords.py", "password.casefold() == login.casefold()"),
}
"""A count of claims; look-ups by a digest; and whether the password that somebody chooses is their own login."""


def test_no_secret_is_compared_by_equality() -> None:
    found = {
        (path.relative_to(ROOT).as_posix(), ast.unparse(node))
        for room in ("web", "store")
        for path in sorted((ROOT / "evalgate" / room).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)
        # What stands in the source is no secret: the name of a field, a mode.
        if not any(isinstance(side, ast.Constant) for side in (node.left, *node.comparators))
        if any(SECRET.search(ast.unparse(side).replace("seal(", "")) for side in (node.left, *node.comparators))
    }
    assert found <= TELLS_NOTHING
    assert found


def test_a_key_that_is_not_there_is_compared_as_well(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[object] = []
    hashed = ApiKeys._hashed

    def counted(self: ApiKeys, secret: str) -> bytes:
        compared.append(secret)
        return hashed(self, secret)

    monkeypatch.setattr(ApiKeys, "_hashed", counted)
    assert house.service.access.key("eg_nosuchkey_guess") is None
    assert compared == ["guess"]


def test_a_login_that_nobody_has_costs_a_hash_as_well() -> None:
    stored = passwords.hashed("four words nobody says", "ana")
    times = {name: _quickest(found) for name, found in (("somebody", stored), ("nobody", None))}
    assert times["nobody"] > times["somebody"] / 3


def _quickest(stored: str | None) -> float:

    found = []
    for _ in range(3):
        began = time.perf_counter()
        passwords.matches("guess", stored)
        found.append(time.perf_counter() - began)
    return min(found)
