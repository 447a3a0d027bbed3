"""Signing in through an issuer: the way there and back, and everything that only looks like it."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr

from evalgate.web.journeys import JOURNEY
from evalgate.web.service import Service, service_of
from evalgate.wiring.oidc import OidcSettings
from evalgate.wiring.server import opened
from tests.web.client import Client
from tests.web.issuer import CLIENT_ID, LocalIssuer, running, signed
from tests.web.oidc_scenes import (
    BEGIN_AGAIN,
    BROKEN,
    UNTRUSTED,
    audited,
    browser,
    browser_of,
    issuer,
    keys,
    left,
    service,
    sessions,
    signed_in,
    who,
)
from tests.web.reading import Read
from tests.web.scenes import ADDRESS, HOST

__all__ = ["browser", "issuer", "keys", "service"]


def test_whom_the_issuer_vouches_for_gets_in_and_the_audit_says_how(
    service: Service, issuer: LocalIssuer, browser: Client
) -> None:
    answer = signed_in(browser)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert who(browser) == "ana@example.org"
    ana = "user:ana@example.org"
    assert audited(service) == [
        ("user.linked", ana, {"issuer": issuer.address}),
        ("session.started", ana, {"by": "oidc"}),
    ]
    assert browser.cookies.get(JOURNEY) is None


def test_the_page_offers_the_issuer_by_its_name_and_a_password_beside_it(browser: Client) -> None:
    read = Read(browser.get("/sign-in?next=%2Fruns%3Fsuite%3Da%26after%3D2"))
    assert "Sign in with Example <ID>" in read.text
    assert "/sign-in/oidc?next=/runs%3Fsuite%3Da%26after%3D2" in [link.get("href") for link in read.all("a")]
    assert "password" in {field.get("type") for field in read.all("input")}


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        ("?next=/runs%3Fsuite%3Da", "/runs?suite=a"),
        ("?next=//evil.example", "/"),
        ("?next=https://evil.example", "/"),
        ("?next=/%5Cevil.example", "/"),
    ],
)
def test_afterwards_somebody_is_where_they_wanted_to_go_and_never_elsewhere(
    browser: Client, wanted: str, there: str
) -> None:
    assert signed_in(browser, wanted).headers["location"] == there


def test_the_browser_takes_a_secret_along_that_no_script_and_no_other_site_reads(browser: Client) -> None:
    answer = browser.get("/sign-in/oidc")
    cookie, asked = answer.headers["set-cookie"].lower(), parse_qs(urlsplit(answer.headers["location"]).query)
    assert ("httponly" in cookie, "samesite=lax" in cookie, "max-age=600" in cookie) == (True, True, True)
    assert (asked["tenant"], asked["response_type"], asked["code_challenge_method"]) == (["a"], ["code"], ["S256"])
    assert asked["redirect_uri"] == [f"{ADDRESS}/sign-in/oidc/return"]
    assert all(len(asked[name][0]) >= 43 for name in ("state", "nonce", "code_challenge"))


def test_behind_https_the_issuer_sends_people_back_over_https(service: Service) -> None:
    settings = service.settings.model_copy(update={"secure_cookies": True})
    answer = browser_of(replace(service, settings=settings)).get("/sign-in/oidc")
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["redirect_uri"] == [f"https://{HOST}/sign-in/oidc/return"]
    assert "; secure" in answer.headers["set-cookie"].lower()


def test_an_issuer_that_takes_the_secret_in_the_form_alone_gets_it_there(issuer: LocalIssuer, browser: Client) -> None:
    issuer.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    signed_in(browser)
    assert who(browser) == "ana@example.org"


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "of another try"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": ["another client"]},
        {"aud": [CLIENT_ID, "another client"]},
        {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
        {"aud": "another client", "azp": CLIENT_ID},
        {"aud": None},
        {"iss": "https://id.evil.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"iat": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "a\x00b"},
        {"sub": "a" * 256},
    ],
    ids=str,
)
def test_a_token_that_was_not_given_for_this_lets_nobody_in(
    service: Service, issuer: LocalIssuer, browser: Client, changed: dict[str, Any]
) -> None:
    issuer.changed = changed
    answer = signed_in(browser)
    assert (answer.status_code, UNTRUSTED in Read(answer).text) == (403, True)
    assert (sessions(service), audited(service)) == (0, [])


def written(*parts: bytes) -> str:
    return ".".join(urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def unsigned(_: LocalIssuer, claims: dict[str, Any]) -> str:
    return written(b'{"alg": "none"}', json.dumps(claims).encode(), b"")


def signed_with_the_public_key(issuer: LocalIssuer, claims: dict[str, Any]) -> str:
    header = json.dumps({"alg": "HS256", "kid": issuer.keys[0].kid}).encode()
    body = written(header, json.dumps(claims).encode())
    return f"{body}.{written(hmac.digest(issuer.keys[0].as_pem(private=False), body.encode(), sha256))}"


def signed_by_another(issuer: LocalIssuer, claims: dict[str, Any]) -> str:
    other = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "kid": issuer.keys[0].kid}, claims, other)


def bringing_its_own_key(_: LocalIssuer, claims: dict[str, Any]) -> str:
    other = RSAKey.generate_key(2048)
    return jwt.encode({"alg": "RS256", "jwk": other.as_dict(private=False)}, claims, other)


def no_token(_: LocalIssuer, claims: dict[str, Any]) -> str:
    return f"three.parts.{len(claims)}"


@pytest.mark.parametrize(
    "sign", [unsigned, signed_with_the_public_key, signed_by_another, bringing_its_own_key, no_token]
)
def test_a_token_that_the_issuer_did_not_sign_lets_nobody_in(
    service: Service, issuer: LocalIssuer, browser: Client, sign: Any
) -> None:
    issuer.sign = sign
    answer = signed_in(browser)
    assert (answer.status_code, UNTRUSTED in Read(answer).text, sessions(service)) == (403, True, 0)


def test_a_new_key_of_the_issuer_is_looked_for_once(
    service: Service, issuer: LocalIssuer, browser: Client, keys: list[RSAKey]
) -> None:
    signed_in(browser)
    issuer.keys = keys
    signed_in(browser_of(service))
    signed_in(browser_of(service))
    assert (issuer.asked.count("/keys"), sessions(service)) == (2, 3)


def test_a_key_that_the_issuer_does_not_show_is_looked_for_once_and_no_more(
    service: Service, issuer: LocalIssuer, browser: Client, keys: list[RSAKey]
) -> None:
    signed_in(browser)
    issuer.sign = lambda _, claims: signed(LocalIssuer(keys[1:]), claims)
    assert signed_in(browser_of(service)).status_code == 403
    assert issuer.asked.count("/keys") == 2


def test_a_way_back_that_did_not_begin_in_this_browser_leads_nowhere(
    service: Service, issuer: LocalIssuer, browser: Client
) -> None:
    back = left(browser)
    stranger = browser_of(service)
    left(stranger)  # with a journey of their own
    answers = [browser_of(service).get(back), stranger.get(back), browser.get(back.replace("state=", "state=x"))]
    assert [(answer.status_code, BEGIN_AGAIN in Read(answer).text) for answer in answers] == [(400, True)] * 3
    assert (sessions(service), "/token" in issuer.asked) == (0, False)


def test_a_way_back_works_once_even_for_who_kept_the_cookie(service: Service, browser: Client) -> None:
    back, kept = left(browser), browser.cookies[JOURNEY]
    assert browser.get(back).status_code == 303
    assert browser.get(back).status_code == 400
    again = browser_of(service).get(back, headers={"Cookie": f"{JOURNEY}={kept}"})
    assert (again.status_code, BEGIN_AGAIN in Read(again).text, sessions(service)) == (400, True, 1)


def test_a_failed_try_ends_the_journey_too(issuer: LocalIssuer, browser: Client) -> None:
    issuer.changed = {"exp": 1}
    signed_in(browser)
    assert browser.cookies.get(JOURNEY) is None


@pytest.mark.parametrize("cookie", ["", "x", "eyJ9.0", "{body}.{seal}0", "x{body}.{seal}", "é.{seal}"])
def test_a_journey_that_was_not_sealed_here_leads_nowhere(service: Service, browser: Client, cookie: str) -> None:
    back = left(browser)
    body, _, seal = browser.cookies[JOURNEY].rpartition(".")
    forged = f"{JOURNEY}={cookie.format(body=body, seal=seal)}".encode()
    assert browser_of(service).get(back, headers={b"Cookie": forged}).status_code == 400


def test_who_takes_too_long_at_the_issuer_begins_again(service: Service, browser: Client) -> None:
    back, kept = left(browser), browser.cookies[JOURNEY]
    later = replace(service, clock=lambda: service.clock() + timedelta(minutes=11))
    answer = browser_of(later).get(back, headers={"Cookie": f"{JOURNEY}={kept}"})
    assert (answer.status_code, sessions(service)) == (400, 0)


def test_an_answer_that_names_another_issuer_leads_nowhere(issuer: LocalIssuer, browser: Client) -> None:
    back = left(browser)
    forged = httpx.URL(back).copy_set_param("iss", "https://id.evil.example")
    assert browser.get(forged).status_code == 400
    assert "/token" not in issuer.asked


def test_a_code_that_was_caught_elsewhere_does_not_fit_this_try(service: Service, browser: Client) -> None:
    caught = httpx.URL(left(browser_of(service))).params["code"]
    back = httpx.URL(left(browser)).copy_set_param("code", caught)
    assert (browser.get(back).status_code, sessions(service)) == (400, 0)


def test_who_was_not_let_in_there_is_told_so(issuer: LocalIssuer, browser: Client) -> None:
    state = httpx.URL(left(browser)).params["state"]
    answer = browser.get("/sign-in/oidc/return", params={"state": state, "error": "access_denied"})
    assert (answer.status_code, "You were not let in there" in Read(answer).text) == (403, True)
    assert "/token" not in issuer.asked


def test_an_issuer_that_is_down_is_told_on_the_page_and_a_password_still_works(
    service: Service, keys: list[RSAKey]
) -> None:
    with running(LocalIssuer(keys[:1])) as gone:
        pass
    assert service.settings.oidc is not None
    oidc = service.settings.oidc.model_copy(update={"issuer": gone.address})
    settings = service.settings.model_copy(update={"oidc": oidc})
    with opened(settings) as parts:
        answer = browser_of(service_of(parts, settings)).get("/sign-in/oidc?next=/runs")
    read = Read(answer)
    assert (answer.status_code, BROKEN in read.text, answer.headers["retry-after"]) == (503, True, "30")
    assert {"next": "/runs"} in [{f.get("name"): f.get("value")} for f in read.all("input")]
    assert service.metrics.database_errors._value.get() == 0


def test_an_issuer_that_goes_down_on_the_way_lets_nobody_in(service: Service, keys: list[RSAKey]) -> None:
    assert service.settings.oidc is not None
    with running(LocalIssuer(keys[:1])) as gone:
        oidc = service.settings.oidc.model_copy(update={"issuer": gone.address})
        settings = service.settings.model_copy(update={"oidc": oidc})
        browser = browser_of(replace(service, settings=settings, issuer=service_of_issuer(service, oidc)))
        back = left(browser)
    answer = browser.get(back)
    assert (answer.status_code, BROKEN in Read(answer).text, sessions(service)) == (503, True, 0)


def service_of_issuer(service: Service, oidc: OidcSettings) -> Any:
    return type(service.issuer)(oidc, service.clock)  # type: ignore[misc]


@pytest.mark.parametrize(
    "described",
    [
        {"issuer": "https://id.evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://id.example.org/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
    ids=str,
)
def test_a_discovery_document_that_cannot_be_trusted_is_no_issuers(
    issuer: LocalIssuer, browser: Client, described: dict[str, Any]
) -> None:
    issuer.described = described
    answer = browser.get("/sign-in/oidc")
    assert (answer.status_code, BROKEN in Read(answer).text) == (503, True)
    assert browser.cookies.get(JOURNEY) is None


def test_an_issuer_that_refuses_our_secret_is_no_fault_of_who_signs_in(service: Service) -> None:
    assert service.settings.oidc is not None
    wrong = service.settings.oidc.model_copy(update={"client_secret": SecretStr("another")})
    answer = signed_in(browser_of(replace(service, issuer=service_of_issuer(service, wrong))))
    assert (answer.status_code, BROKEN in Read(answer).text) == (503, True)


def test_an_issuer_is_asked_for_its_document_once_for_many_people(service: Service, issuer: LocalIssuer) -> None:
    for _ in range(3):
        signed_in(browser_of(service))
    assert (issuer.asked.count("/.well-known/openid-configuration"), issuer.asked.count("/keys")) == (1, 1)
