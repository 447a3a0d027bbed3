"""A small issuer of OpenID Connect that answers over HTTP on this machine, in a thread of its own."""

from __future__ import annotations

import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "evalgate at work"
CLIENT_SECRET = "kept between us: + & %"
ANA = {"sub": "7f3a", "email": "ana@example.org", "email_verified": True}
Signed = Callable[["LocalIssuer", dict[str, Any]], str]


def signed(issuer: LocalIssuer, claims: dict[str, Any]) -> str:
    """Sign as an issuer does, with its newest key."""
    key = issuer.keys[-1]
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key, algorithms=["RS256"])


@dataclass
class LocalIssuer:
    """What the issuer knows, says and was asked."""

    keys: list[RSAKey]
    address: str = ""
    person: dict[str, Any] = field(default_factory=lambda: dict(ANA))
    """Who is signed in there."""
    changed: dict[str, Any] = field(default_factory=dict)
    """Claims that stand in ID tokens instead of the right ones; None leaves a claim out."""
    sign: Signed = signed
    described: dict[str, Any] = field(default_factory=dict)
    """What the discovery document says besides, or instead."""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    """The paths that were asked for."""

    def description(self) -> dict[str, Any]:
        return {
            "issuer": self.address,
            "authorization_endpoint": f"{self.address}/authorize?tenant=a",
            "token_endpoint": f"{self.address}/token",
            "jwks_uri": f"{self.address}/keys",
            **self.described,
        }

    def key_set(self) -> dict[str, Any]:
        unknown = {"kty": "FUTURE", "kid": "f", "use": "sig"}
        return {"keys": [unknown, *(key.as_dict(private=False, use="sig", alg="RS256") for key in self.keys)]}

    def authorized(self, asked: dict[str, str]) -> str:
        """Return where a browser is sent that was let in."""
        code = secrets.token_urlsafe(8)
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state'], 'iss': self.address})}"

    def token(self, sent: dict[str, str], basic: str) -> tuple[int, dict[str, Any]]:
        """Return what a client gets for a code, which works once."""
        shown = [unquote(part) for part in b64decode(basic.removeprefix("Basic ")).decode().split(":")]
        if (shown if basic else [sent.get("client_id"), sent.get("client_secret")]) != [CLIENT_ID, CLIENT_SECRET]:
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(sent["code"], None)
        challenge = urlsafe_b64encode(sha256(sent["code_verifier"].encode()).digest()).decode().rstrip("=")
        wanted = (challenge, sent["redirect_uri"])
        if asked is None or (asked["code_challenge"], asked["redirect_uri"]) != wanted:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {
            "iss": self.address,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
            **self.changed,
        }
        said = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "a", "token_type": "Bearer", "id_token": self.sign(self, said)}


@contextmanager
def running(issuer: LocalIssuer, port: int = 0) -> Iterator[LocalIssuer]:
    """Let an issuer answer until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", port), _handler(issuer)) as server:
        issuer.address = issuer.address or f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield issuer
        finally:
            server.shutdown()
            thread.join()


def _handler(issuer: LocalIssuer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            issuer.asked.append(parts.path)
            if parts.path == "/authorize":
                asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", issuer.authorized(asked))
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            known = {"/.well-known/openid-configuration": issuer.description, "/keys": issuer.key_set}
            self._say(200, known[parts.path]())

        def do_POST(self) -> None:
            issuer.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*issuer.token(sent, self.headers.get("Authorization", "")))

        def _say(self, status: int, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
