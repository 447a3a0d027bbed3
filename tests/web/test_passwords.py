"""Passwords: what is stored opens with the password alone, and a login nobody has costs the same to try."""

from __future__ import annotations

import pytest

from evalgate.web import passwords
from evalgate.web.passwords import hashed, matches
from evalgate.web.problems import Problem

GOOD = "four words nobody says"


def test_what_is_stored_is_argon2id_and_opens_with_the_password_alone() -> None:
    stored = hashed(GOOD, "ana")
    assert stored.startswith("$argon2id$")
    assert (matches(GOOD, stored), matches(GOOD + "!", stored)) == (True, False)


def test_a_login_nobody_has_is_refused_after_work_of_the_same_cost() -> None:
    cost = hashed(GOOD, "ana").split("$")[1:4]
    assert matches("nobody has this login", None) is False
    assert passwords._of_nobody().split("$")[1:4] == cost


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaaaa", "Ana@Example.org", "x" * 300], ids=len)
def test_a_password_easily_guessed_or_endless_is_refused(password: str) -> None:
    with pytest.raises(Problem) as refused:
        hashed(password, "ana@example.org")
    assert refused.value.status_code == 400


def test_an_endless_password_is_no_endless_work() -> None:
    assert matches("x" * 1_000_000, None) is False
