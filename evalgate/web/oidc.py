"""An issuer that vouches for people, asked by OpenID Connect: authorization code, PKCE, an ID token that is verified.

Nothing of it is believed before its signature, issuer, audience, nonce and times are right; who gets in with it is
told in docs/reference/server.md.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from pydantic import AwareDatetime

from evalgate.core.errors import ServiceBroke
from evalgate.core.values import Value
from evalgate.web.problems import Problem
from evalgate.wiring.oidc import CLIENT_ID, CLIENT_SECRET, ISSUER, THIS_MACHINE, OidcSettings, travels_safely

if TYPE_CHECKING:
    import httpx
    from joserfc.jwk import KeySet
    from joserfc.jwt import Token

    from evalgate.store.database import Clock

DISCOVERY = "/.well-known/openid-configuration"
SCOPE = "openid email"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures with a key that only the issuer has: never `none`, never HS256 with something that others know too."""
KEPT_S = 3600.0
"""How long discovery document and keys are believed; a key that is not among them is looked for once more at once."""
ANSWER_S, CONNECT_S = 5.0, 3.0
SKEW_S = 60
"""How far the issuer's clock may be from ours."""
LONGEST_SUBJECT = 255
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Journey(Value):
    """One try at signing in elsewhere."""

    state: str
    """The issuer sends it back: who comes with another one did not leave from here."""
    nonce: str
    """Stands in the ID token: a token that was given for another try opens nothing."""
    verifier: str
    """Of PKCE: a code that somebody else caught opens nothing."""
    next: str
    """Where somebody wanted to go."""
    back: str
    """The address that the issuer sends them to."""
    until: AwareDatetime


class Identity(Value):
    """Somebody whom an issuer vouches for."""

    issuer: str
    subject: str
    email: str | None
    """Only one that the issuer says it verified."""

    @property
    def name(self) -> str:
        """What stands in `user_account.subject`: an address holds no space, so no two identities share one."""
        return f"{self.issuer} {self.subject}"


@dataclass(frozen=True)
class _Known:
    """What the issuer said, and until when it is believed, in seconds of the monotonic clock."""

    said: dict[str, Any]
    until: float


class Issuer:
    """One issuer, as this server is known to it; safe between threads."""

    def __init__(self, settings: OidcSettings, clock: Clock) -> None:
        """Know the issuer without asking it anything; raise ServiceBroke when the extra is not installed."""
        if missing := [name for name in ("authlib", "httpx", "joserfc") if find_spec(name) is None]:
            message = f"{ISSUER}: {missing[0]} is not installed; run: pip install 'evalgate-service[oidc]'"
            raise ServiceBroke(message)
        self._settings = settings
        self._clock = clock
        self._document: _Known | None = None
        self._keys: _Known | None = None

    def way(self, journey: Journey) -> str:
        """Return the issuer's page where a journey goes on; raise ServiceBroke when the issuer does not answer."""
        from authlib.common.urls import add_params_to_uri
        from authlib.oauth2.rfc7636 import create_s256_code_challenge

        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": journey.back,
            "scope": SCOPE,
            "state": journey.state,
            "nonce": journey.nonce,
            "code_challenge": create_s256_code_challenge(journey.verifier),
            "code_challenge_method": "S256",
        }
        return str(add_params_to_uri(self._described()["authorization_endpoint"], list(asked.items())))

    def identity(self, journey: Journey, code: str) -> Identity:
        """Return who came back with a code.

        Raise Problem for a code or a token that proves nothing, ServiceBroke for an issuer that does not do its part.
        """
        claims = self._verified(self._exchanged(journey, code), journey.nonce)
        subject, email = claims["sub"], claims.get("email")
        if not (subject and len(subject) <= LONGEST_SUBJECT and subject.isprintable()):
            raise _untrusted("its subject is none")
        proven = isinstance(email, str) and claims.get("email_verified") is True
        return Identity(issuer=self._settings.issuer, subject=subject, email=email if proven else None)

    def check_answer(self, issuer: str | None, error: str, code: str) -> None:
        """Raise Problem 400 for an answer that says another issuer sends it (RFC 9207), 403 for one without a code."""
        if issuer is not None and issuer != self._settings.issuer:
            raise Problem(400, "this answer comes from another issuer", "oidc", "begin again")
        if error or not code:
            raise Problem(403, f"the issuer lets nobody in: {error[:80] or 'no code'}", "issuer", "try again there")

    def _exchanged(self, journey: Journey, code: str) -> str:
        """Return the ID token that the issuer gives for a code."""
        document, settings = self._described(), self._settings
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": journey.back,
            "code_verifier": journey.verifier,
        }
        secret, shown = settings.client_secret.get_secret_value(), None
        if "client_secret_basic" in document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
            shown = (quote(settings.client_id, safe=""), quote(secret, safe=""))  # RFC 6749, 2.3.1
        else:
            sent |= {"client_id": settings.client_id, "client_secret": secret}
        answer = self._asked("POST", document["token_endpoint"], data=sent, auth=shown)
        said = _object(answer)
        if answer.status_code == 400 and said.get("error") == "invalid_grant":
            raise Problem(400, "the issuer takes this code no more", "oidc", "begin again")
        token = said.get("id_token")
        if answer.status_code != 200 or not isinstance(token, str):
            why = said.get("error") if isinstance(said.get("error"), str) else f"status {answer.status_code}"
            raise self._broke(
                f"it gives no ID token ({why})", f"check {CLIENT_ID}, {CLIENT_SECRET} and the client there"
            )
        return token

    def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        """Return an ID token's claims, every one that matters checked."""
        from authlib.oidc.core import CodeIDToken
        from joserfc.errors import JoseError

        settings = self._settings
        demanded = {
            "iss": {"essential": True, "value": settings.issuer},
            "aud": {"essential": True, "value": settings.client_id},
        }
        try:
            decoded = self._decoded(token)
            claims = CodeIDToken(
                decoded.claims, decoded.header, demanded, {"nonce": nonce, "client_id": settings.client_id}
            )
            claims.validate(now=int(self._clock().timestamp()), leeway=SKEW_S)
        except (JoseError, ValueError, TypeError) as error:
            raise _untrusted(str(error) or type(error).__name__) from None
        return dict(claims)

    def _decoded(self, token: str) -> Token:
        """Return a token whose signature is the issuer's; its keys are asked for once more when none fits."""
        from joserfc import jwt
        from joserfc.errors import BadSignatureError, InvalidKeyIdError

        try:
            return jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)
        except (BadSignatureError, InvalidKeyIdError):
            self._keys = None  # the issuer may have new ones
            return jwt.decode(token, self._key_set(), algorithms=ALGORITHMS)

    def _key_set(self) -> KeySet:
        from joserfc.errors import JoseError
        from joserfc.jwk import JWKRegistry, KeySet

        known = self._keys
        if known is None or known.until < time.monotonic():
            self._keys = known = self._fetched(self._described()["jwks_uri"])
        keys = []
        for one in known.said.get("keys") or ():
            if not isinstance(one, dict) or one.get("kty") == "oct" or one.get("use", "sig") != "sig":
                continue
            try:
                keys.append(JWKRegistry.import_key(one))
            except (JoseError, ValueError, TypeError):
                continue  # a kind of key that is not known here is no reason to refuse the others
        return KeySet(keys)

    def _described(self) -> dict[str, Any]:
        """Return the issuer's discovery document; raise ServiceBroke for one that cannot be trusted."""
        known = self._document
        if known is None or known.until < time.monotonic():
            known = self._fetched(self._settings.issuer.rstrip("/") + DISCOVERY)
            if known.said.get("issuer") != self._settings.issuer:
                raise self._broke("its discovery document names another issuer", f"write {ISSUER} as it does")
            for name in _ENDPOINTS:
                address = known.said.get(name)
                if not isinstance(address, str) or not travels_safely(address):
                    raise self._broke(f"its discovery document has no safe {name}", f"correct {ISSUER}")
            self._document = known
        return known.said

    def _fetched(self, address: str) -> _Known:
        answer = self._asked("GET", address)
        said = _object(answer)
        if answer.status_code != 200 or not said:
            raise self._broke(f"{address} answers {answer.status_code} and no JSON object", f"correct {ISSUER}")
        return _Known(said, time.monotonic() + KEPT_S)

    def _asked(self, method: str, address: str, **values: Any) -> httpx.Response:
        import httpx

        # This machine is never reached through a proxy, as everywhere in evalgate.
        trusted = urlsplit(address).hostname not in THIS_MACHINE
        try:
            with httpx.Client(timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S), trust_env=trusted) as client:
                return client.request(method, address, headers={"Accept": "application/json"}, **values)
        except httpx.HTTPError as error:
            raise self._broke(f"it does not answer ({type(error).__name__})", "try again later") from None

    def _broke(self, what: str, do: str) -> ServiceBroke:
        return ServiceBroke(f"the issuer {self._settings.issuer}: {what}; {do}")


def _object(answer: httpx.Response) -> dict[str, Any]:
    """Return the JSON object of an answer, an empty one for anything else."""
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _untrusted(why: str) -> Problem:
    return Problem(403, f"what the issuer says of you cannot be trusted: {why}", "id_token", "ask an administrator")
