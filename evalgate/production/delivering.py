"""Sending what is told: each message until its target takes it, for about a day, at least once, always with one id.

A webhook is signed: HMAC-SHA256 with the target's secret over `timestamp.body`, so that neither can be changed and an
old message cannot be played again. Which address a message went to is in no message, row or log.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from evalgate import __version__
from evalgate.core.errors import EvalgateError, WrongAsWritten
from evalgate.production.messages import Place, message_id, slack_body, webhook_body
from evalgate.production.webhooks import NotHttp, Refused, Resolver, looked_at, post, resolved
from evalgate.production.words import Language
from evalgate.store.database import Clock
from evalgate.store.deliveries import Delivery
from evalgate.store.engine import Store
from evalgate.suites.suite import Suite
from evalgate.suites.traffic import Target, WebhookTarget

PUBLIC_URL = "EVALGATE_PUBLIC_URL"
"""The variable with the address under which people reach the server: what links in messages begin with."""
FIRST_WAIT_S = 10.0
LONGEST_WAIT_S = 3600.0
TRIED_FOR = timedelta(days=1)
FEWEST_ATTEMPTS = 10
"""A message that waited while no worker was there is tried as often too: a quarter of an hour, or more."""
AT_ONCE = 50
"""Messages sent at one call."""
ENOUGH_S = 20.0
"""After which a call begins no further one: slow targets keep nobody from what else is to be done."""
_GONE = 410


class _NotSent(EvalgateError):
    """Why a message was not taken, in one line without its address."""

    def __init__(self, trouble: str, wait_s: float | None = None, *, for_good: bool = False) -> None:
        super().__init__(trouble)
        self.wait_s = wait_s
        self.for_good = for_good


@dataclass(frozen=True)
class Sender:
    """How messages of one project leave."""

    place: Place
    environ: Mapping[str, str]
    clock: Clock
    resolver: Resolver = resolved
    trust: ssl.SSLContext | None = None
    """Whom to believe a certificate, the system's authorities unless said."""

    def send(self, target: Target | None, delivery: Delivery) -> None:
        """Send a message once; raise _NotSent where it was not taken."""
        alert, event = delivery.alert, delivery.event
        if target is None:
            raise _NotSent("the suite names this target no more", for_good=True)
        if isinstance(target, WebhookTarget):
            url = target.url or self._set(target.url_env)
            body = orjson.dumps(webhook_body(self.place, alert, event))
            headers = signed(self._set(target.secret_env), body, message_id(self.place, event), self.clock())
        else:
            url, headers = self._set(target.url_env), {}
            body = orjson.dumps(slack_body(self.place, alert, event))
        common = {"Content-Type": "application/json", "User-Agent": f"evalgate/{__version__}", "Connection": "close"}
        try:
            answer = post(looked_at(url, self.environ, self.resolver), body, {**common, **headers}, self.trust)
        except Refused as error:
            raise _NotSent(f"refused: {error}", for_good=True) from None
        except OSError as error:
            raise _NotSent(_trouble(error)) from None
        if not 200 <= answer.status < 300:
            redirect = ", a redirect, which is not followed" if 300 <= answer.status < 400 else ""
            trouble = f"the target answered {answer.status}{redirect}"
            raise _NotSent(trouble, answer.wait_s, for_good=answer.status == _GONE)

    def _set(self, variable: str | None) -> str:
        value = self.environ.get(variable or "", "").strip()
        if not value:
            raise _NotSent(f"{variable} is not set where the worker runs")
        return value


def deliver_due(
    store: Store,
    suites: Sequence[Suite],
    environ: Mapping[str, str],
    clock: Clock,
    *,
    language: Language = "en",
    resolver: Resolver = resolved,
    trust: ssl.SSLContext | None = None,
) -> int:
    """Send what is due of a project's suites and return how many messages were taken; the others wait, or are given up.

    Raise WrongAsWritten for an EVALGATE_PUBLIC_URL that is no address.
    """
    project = store.access.project(store.project).name
    sender = Sender(Place(store.id, project, language, public_url(environ)), environ, clock, resolver, trust)
    targets = {
        (suite.name, target.name): target for suite in suites if suite.traffic for target in suite.traffic.notify
    }
    names = sorted({suite.name for suite in suites if suite.traffic})
    owner, taken, begun = f"deliver:{secrets.token_hex(6)}", 0, time.monotonic()
    for _ in range(AT_ONCE):
        late = time.monotonic() - begun > ENOUGH_S
        delivery = store.deliveries.claim(owner, names) if names and not late else None
        if delivery is None:
            break
        try:
            sender.send(targets.get((delivery.alert.suite, delivery.target)), delivery)
        except _NotSent as error:
            _put_off(store, delivery, error, clock())
        else:
            store.deliveries.sent(delivery)
            taken += 1
    return taken


def signed(secret: str, body: bytes, message: str, now: datetime) -> dict[str, str]:
    """Return the headers that say who sent a body, when, and which message it is.

    >>> from datetime import UTC
    >>> signed("s3cret", b"{}", "ab-1", datetime(2026, 11, 21, tzinfo=UTC))["Evalgate-Signature"][:19]
    'v1=ba5c6685cd7e7467'
    """
    timestamp = str(int(now.timestamp()))
    mac = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {
        "Idempotency-Key": message,
        "Evalgate-Timestamp": timestamp,
        "Evalgate-Signature": f"v1={mac}",
    }


def public_url(environ: Mapping[str, str]) -> str | None:
    """Return the address that links begin with, without a slash at its end; None where nobody says it.

    >>> public_url({"EVALGATE_PUBLIC_URL": "https://evals.example.org/"}), public_url({})
    ('https://evals.example.org', None)
    """
    given = environ.get(PUBLIC_URL, "").strip().rstrip("/")
    if not given:
        return None
    if not given.startswith(("https://", "http://")) or any(char.isspace() or char in "<>|\"'?#@" for char in given):
        raise WrongAsWritten(f"{PUBLIC_URL} is not an address; write it as https://evals.example.org")
    return given


def _put_off(store: Store, delivery: Delivery, error: _NotSent, now: datetime) -> None:
    """Try a message again after a growing wait, or no more."""
    old = now - delivery.event.at >= TRIED_FOR and delivery.attempts >= FEWEST_ATTEMPTS
    if error.for_good or old:
        store.deliveries.give_up(delivery, str(error))
        return
    grown = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(delivery.attempts - 1, 20))
    # Up to half of it by chance: many messages that failed at one moment do not come back at one moment.
    wait_s = max(grown * (0.5 + secrets.randbelow(501) / 1000), error.wait_s or 0.0)
    store.deliveries.postpone(delivery, now + timedelta(seconds=wait_s), str(error))


_TROUBLES: tuple[tuple[type[OSError], str], ...] = (
    (socket.gaierror, "the host of the address is not found"),
    (ssl.SSLCertVerificationError, "the certificate is not one of the address's host"),
    (ssl.SSLError, "no secure connection could be made"),
    (TimeoutError, "the target did not answer in time"),
    (ConnectionRefusedError, "the target refuses connections"),
    (NotHttp, "the target answered with something that is not HTTP"),
)


def _trouble(error: OSError) -> str:
    """Return what went wrong on the way, in words that hold no part of the address."""
    named = (words for kind, words in _TROUBLES if isinstance(error, kind))
    return next(named, f"the connection failed ({type(error).__name__})")
