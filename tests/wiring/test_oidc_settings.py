"""What the environment says of an issuer: all of it or nothing, and never over an open wire."""

from __future__ import annotations

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.wiring.oidc import read_oidc_settings
from evalgate.wiring.server import read_server_settings

GIVEN = {
    "EVALGATE_OIDC_ISSUER": "https://id.example.org/realms/team",
    "EVALGATE_OIDC_CLIENT_ID": "evalgate",
    "EVALGATE_OIDC_CLIENT_SECRET": "kept between us",
}


def test_without_any_of_them_nobody_else_vouches_for_people() -> None:
    assert read_server_settings({}).oidc is None


def test_the_button_shows_the_host_where_nothing_else_is_said() -> None:
    read = read_server_settings(GIVEN).oidc
    assert read is not None
    assert (read.name, read.only) == ("id.example.org", False)


def test_name_and_the_only_way_in_are_taken_as_written() -> None:
    read = read_oidc_settings({**GIVEN, "EVALGATE_OIDC_NAME": "Our ID", "EVALGATE_OIDC_ONLY": "1"})
    assert read is not None
    assert (read.name, read.only) == ("Our ID", True)


@pytest.mark.parametrize("missing", GIVEN)
def test_one_that_is_missing_is_named(missing: str) -> None:
    with pytest.raises(WrongAsWritten, match=f"^{missing} is not set"):
        read_oidc_settings({**GIVEN, missing: " "})


def test_the_only_way_in_without_an_issuer_would_shut_everybody_out() -> None:
    with pytest.raises(WrongAsWritten, match=r"^EVALGATE_OIDC_ISSUER is not set"):
        read_oidc_settings({"EVALGATE_OIDC_ONLY": "1"})


@pytest.mark.parametrize(
    "issuer",
    [
        "id.example.org",
        "http://id.example.org",
        "https://",
        "https://[",
        "ftp://id.example.org",
        "https://user:word@id.example.org",
        "https://id.example.org?tenant=a",
        "https://id.example.org/a b",
    ],
)
def test_an_issuer_that_cannot_be_reached_safely_is_refused_without_repeating_it(issuer: str) -> None:
    with pytest.raises(WrongAsWritten, match=r"write it as https://id.example.org") as refused:
        read_oidc_settings({**GIVEN, "EVALGATE_OIDC_ISSUER": issuer})
    assert "word@" not in str(refused.value)


def test_a_wish_that_is_neither_yes_nor_no_is_refused() -> None:
    with pytest.raises(WrongAsWritten, match=r"^EVALGATE_OIDC_ONLY=maybe: write 1 or 0"):
        read_oidc_settings({**GIVEN, "EVALGATE_OIDC_ONLY": "maybe"})


def test_a_name_too_long_for_a_button_is_refused() -> None:
    with pytest.raises(WrongAsWritten, match=r"^EVALGATE_OIDC_NAME is longer than 60"):
        read_oidc_settings({**GIVEN, "EVALGATE_OIDC_NAME": "n" * 61})


def test_the_secret_is_not_shown_where_settings_are() -> None:
    assert "kept between us" not in repr(read_server_settings(GIVEN))
