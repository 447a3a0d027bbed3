"""What a provider's status code means for a run: the same trouble, in the same words, for every transport."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

import orjson

from evalgate.core.models import Interrupted, ModelTrouble, Overloaded, Rejected, Unusable

LONGEST_QUOTE = 200
_KEY_LIKE = re.compile(r"\b(?:sk|pk|rk|gsk|xai|nvapi|hf)[-_][\w*-]{6,}|[\w-]*\*{3,}[\w*-]*")
"""What looks like a key, whole or starred out by the provider."""


class Unreachable(Interrupted):
    """No connection could be made: refused, no such host, no route, or nothing answered the handshake."""


class TimedOut(Interrupted):
    """The provider took longer than it was given; many at once mean that it is asked too much."""


@dataclass(frozen=True, slots=True)
class FarSide:
    """Who is asked, as messages name it. The key is held only so that it can be kept out of them."""

    where: str
    """The base URL, or the provider's name when the library knows the address."""
    model: str
    address_variable: str | None = None
    """The environment variable that says the address; None for one that nobody set."""
    key_variable: str | None = None
    key: str | None = field(default=None, repr=False)

    def quote(self, said: str) -> str:
        """Return what a provider said, on one line, shortened, without anything that looks like a key."""
        hidden = said.replace(self.key, "***") if self.key else said
        line = " ".join(_KEY_LIKE.sub("***", hidden).split())
        return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1] + "…"

    def trouble(self, status: int, said: str = "", *, code: str = "", retry_after: float | None = None) -> ModelTrouble:
        """Return what a reply with this status, message and error code means; `retry_after` is in seconds."""
        seen = f"({status})" + (f": {self.quote(said)}" if said else "")
        hopeless = self._hopeless(status, code, seen)
        if hopeless is not None:
            return Unusable(hopeless)
        if status in {429, 529} or (status == 503 and retry_after is not None):
            return Overloaded(f"{self.where} asks for fewer calls {seen}", retry_after)
        if status == 408:
            return TimedOut(f"{self.where} gave up waiting {seen}")
        if status in {409, 425} or status >= 500:
            return Interrupted(f"{self.where} failed {seen}")
        return Rejected(f"{self.where} rejects the request {seen}")

    def unreachable(self, why: str) -> Unreachable:
        """Return the trouble of a connection that could not be made."""
        return Unreachable(f"cannot connect to {self.where} ({self.quote(why)}); {self._server_or_address()}")

    def untrusted(self, why: str) -> Unusable:
        """Return the trouble of a certificate that nobody here vouches for."""
        shown = self.quote(why)
        return Unusable(
            f"the certificate of {self.where} is not trusted ({shown}); name its authority in SSL_CERT_FILE"
        )

    def cut(self, why: str) -> Interrupted:
        """Return the trouble of a reply that did not arrive whole."""
        return Interrupted(f"{self.where} gave no whole reply ({self.quote(why)})")

    def timed_out(self, after_s: float) -> TimedOut:
        """Return the trouble of a reply that did not come in time."""
        return TimedOut(f"{self.where} gave no answer within {after_s:g} s")

    def _hopeless(self, status: int, code: str, seen: str) -> str | None:
        """Return why no request can succeed, or None when another might."""
        if status == 402 or code == "insufficient_quota":
            return f"{self.where} says the account is out of credit {seen}; add credit, then run again"
        if status in {401, 403}:
            return self._refused_key(seen)
        if status == 407:
            return f"the proxy on the way to {self.where} asks for credentials {seen}; correct the proxy's address"
        if status in {404, 405, 410} or code == "model_not_found":
            return f"{self.where} does not answer for model {self.model!r} {seen}; {self._name_or_address()}"
        if 300 <= status < 400:
            return f"{self.where} redirects elsewhere {seen}, which is not followed; {self._address()}"
        return None

    def _refused_key(self, seen: str) -> str:
        if self.key_variable is None:
            return f"{self.where} refuses these credentials {seen}; set those the provider asks for"
        if not self.key:
            return f"{self.where} asks for a key {seen}, and {self.key_variable} is not set; set it"
        return f"{self.where} refuses the key in {self.key_variable} {seen}; set a valid one"

    def _address(self) -> str:
        return f"correct {self.address_variable}" if self.address_variable else "check the network and the proxy"

    def _server_or_address(self) -> str:
        return ("start the server or " if self.address_variable else "") + self._address()

    def _name_or_address(self) -> str:
        return "correct the judge's name" + (f" or {self.address_variable}" if self.address_variable else "")


def said_in(body: bytes) -> tuple[str, str]:
    """Return the message and the code of an error body in any of the shapes providers use; "" for what is absent.

    >>> said_in(b'{"error": {"message": "slow down", "type": "requests", "code": null}}')
    ('slow down', 'requests')
    >>> said_in(b'{"detail": "Not Found"}')
    ('Not Found', '')
    >>> said_in(b'<html>Bad gateway</html>')
    ('', '')
    """
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        text = body[:1000].decode(errors="replace").strip()
        return ("" if text.startswith("<") else text), ""
    return _said(data)


def _said(data: object) -> tuple[str, str]:
    if isinstance(data, list) and data:
        data = data[0]
    if isinstance(data, dict) and data.get("error"):
        data = data["error"]
    if not isinstance(data, dict):
        return (data if isinstance(data, str) else ""), ""
    message = data.get("message") or data.get("detail") or ""
    code = data.get("code") or data.get("type") or ""
    text = message if isinstance(message, str) else orjson.dumps(message).decode()
    return text, str(code)


def retry_after_in(headers: Mapping[str, str]) -> float | None:
    """Return the seconds a reply asks to wait, or None; headers are looked up in lower case.

    >>> retry_after_in({"retry-after": "2"}), retry_after_in({"retry-after-ms": "250"}), retry_after_in({})
    (2.0, 0.25, None)
    >>> retry_after_in({"retry-after": "Wed, 21 Oct 2026 07:28:05 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"})
    5.0
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    asked = headers.get("retry-after")
    seconds = _number(asked)
    if seconds is not None or asked is None:
        return seconds
    until = _moment(asked)
    if until is None:
        return None
    now = _moment(headers.get("date", ""))  # the provider's own clock, when it tells: ours may be wrong
    return max(0.0, until - (time.time() if now is None else now))


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None


def _moment(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
