"""One message to one address that somebody wrote into a suite: it cannot be made to reach our own network.

Every address a name resolves to is looked at, and the connection goes to one that was: a name that answers differently
a moment later gains nothing. No redirect is followed, no proxy asked, no answer kept.
"""

from __future__ import annotations

import http.client
import ipaddress
import re
import socket
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from evalgate.core.errors import EvalgateError

ALLOW_LOOPBACK = "EVALGATE_WEBHOOK_ALLOW_LOOPBACK"
"""The variable that, set to 1, lets http:// reach this very machine: tests, and a sidecar that sends on."""
CONNECT_S = 5.0
DEADLINE_S = 15.0
"""For one whole exchange, however slowly the other side speaks."""
MOST_ADDRESSES = 4
"""Tried in turn."""
PORTS = {"https": 443, "http": 80}
LONGEST_WAIT_S = 6 * 3600.0
"""What a Retry-After can ask for."""

_V4 = """0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 168.63.129.16/32 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24
203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"""
"""IANA's special-purpose addresses, multicast, and the public address where one cloud tells its machines secrets."""
_V6 = "2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20"
"""Of what is given out (2000::/3): Teredo and other protocols' own, documentation, 6to4, a sink."""
_REFUSED = tuple(map(ipaddress.ip_network, (*_V4.split(), *_V6.split())))
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")  # leaves out mapped, NAT64, unique local, link-local, multicast
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")

Resolver = Callable[[str, int], Sequence[str]]
"""Gives the addresses of a host; OSError for none."""


class Refused(EvalgateError):
    """The address is one that nothing is sent to, now or later; the message says why, and not where."""


class NotHttp(OSError):
    """What came back is no answer in HTTP."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    wait_s: float | None
    """How long it asks to be left alone."""


class Target(NamedTuple):
    """An address that was taken apart, and where it leads."""

    secure: bool
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]
    """Each was looked at; the connection goes to one of these."""


def resolved(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses that the system knows of a host, in its order; OSError for none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(one[4][0]) for one in found))


def is_public(address: str) -> bool:
    """Say whether an address is one of the open network, for everybody alike.

    >>> [is_public(one) for one in ("93.184.216.34", "10.0.0.1", "169.254.169.254", "::ffff:8.8.8.8", "2606:4700::1")]
    [True, False, False, False, True]
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:  # a scope, `fe80::1%eth0`, is of this machine
        return False
    if known.version == 6 and known not in _GIVEN_OUT:
        return False
    return not any(known.version == net.version and known in net for net in _REFUSED)


def looked_at(url: str, environ: Mapping[str, str], resolver: Resolver = resolved) -> Target:
    """Return where a URL leads; raise Refused for what is not sent to, OSError for a host that is not found."""
    parts = _parts(url)
    loopback = environ.get(ALLOW_LOOPBACK) == "1"
    host, port = _host(parts), _port(parts)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    addresses = tuple(resolver(host, port))[:MOST_ADDRESSES]
    if not addresses:
        raise OSError("the host has no address")
    if loopback and all(_is_loopback(one) for one in addresses):
        return Target(parts.scheme == "https", host, port, path, addresses)
    if parts.scheme != "https":
        raise Refused("the address is not https")
    if port not in PORTS.values():
        raise Refused(f"port {port} is neither 443 nor 80")
    if not all(map(is_public, addresses)):
        raise Refused("the host leads to an address that is not public")
    return Target(parts.scheme == "https", host, port, path, addresses)


def post(target: Target, body: bytes, headers: Mapping[str, str], context: ssl.SSLContext | None = None) -> Answer:
    """Send a message and return what was answered, without reading what it says; OSError where nothing came back.

    context: whom to trust, the system's authorities unless said.
    """
    last: OSError = OSError("the host has no address")
    for address in target.addresses:
        connection = _Pinned(target, address, context)
        watch = threading.Timer(DEADLINE_S, connection.cut)
        watch.daemon = True
        watch.start()
        try:
            return connection.exchanged(body, headers)
        except OSError as error:
            last = TimeoutError() if connection.late else error
        finally:
            watch.cancel()
            connection.close()
        if connection.open:
            break  # it may have been taken: the next attempt is a later one
    raise last


class _Pinned(http.client.HTTPConnection):
    """A connection to one address, whatever the name says meanwhile; the certificate is that of the name."""

    def __init__(self, target: Target, address: str, context: ssl.SSLContext | None) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_S)
        self._target, self._address, self._context = target, address, context
        self.open = self.late = False
        self.default_port = PORTS["https" if target.secure else "http"]  # the Host header names any other one

    def connect(self) -> None:
        """Open the connection; OSError where the address does not answer, or is not whom its name says."""
        plain = socket.create_connection((self._address, self._target.port), CONNECT_S)
        self.sock = plain
        if self._target.secure:
            context = self._context or ssl.create_default_context()
            name = self._target.host.rstrip(".")
            self.sock = wrapped = context.wrap_socket(plain, server_hostname=name, do_handshake_on_connect=False)
            wrapped.do_handshake()
        self.sock.settimeout(DEADLINE_S)
        self.open = True

    def exchanged(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send a message and return what was answered; OSError where nothing came back."""
        try:
            self.connect()
            self.request("POST", self._target.path, body, dict(headers))
            with self.getresponse() as answer:
                status, wait = answer.status, answer.getheader("retry-after")
        except http.client.RemoteDisconnected:
            raise ConnectionResetError from None
        except http.client.HTTPException as error:
            raise NotHttp from error
        if self.late:  # what was cut off reads like an answer that has ended
            raise TimeoutError
        return Answer(status, _wait(wait))

    def cut(self) -> None:
        """End an exchange that takes too long."""
        self.late = True
        if self.sock is not None:
            try:
                self.sock.shutdown(socket.SHUT_RDWR)
            except OSError:  # it has ended by itself
                return


def _parts(url: str) -> SplitResult:
    if any(char.isspace() or not char.isprintable() or char in '\\"<>^`{|}' or ord(char) > 126 for char in url):
        raise Refused("the address has characters that no URL has")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises for what is no port
    except ValueError:
        raise Refused("the address is not a URL") from None
    if parts.scheme not in PORTS or not parts.netloc:
        raise Refused("the address is not https")
    if "@" in parts.netloc:
        raise Refused("the address has a user name or password in it")
    return parts


def _host(parts: SplitResult) -> str:
    """Return the host; a number is an address in its one plain spelling or it is refused."""
    host = (parts.hostname or "").lower()
    if ":" in host and "%" not in host:
        return _plain(host)
    if len(host) > 253 or _HOST.fullmatch(host) is None:
        raise Refused("the address has no host")
    last = host.rstrip(".").rpartition(".")[2]
    if last.isdigit() or last.startswith("0x"):  # how `2130706433`, `0x7f.1` and `127.1` are read differs by library
        return _plain(host)
    return host


def _plain(host: str) -> str:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        raise Refused("the address has a host that is a number in disguise") from None


def _port(parts: SplitResult) -> int:
    return parts.port if parts.port is not None else PORTS[parts.scheme]


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _wait(said: str | None) -> float | None:
    """Return the seconds of a Retry-After, in either of its forms; None where it says nothing that can be read.

    >>> _wait("120"), _wait("soon"), _wait("Wed, 21 Oct 2015 07:28:00 GMT")
    (120.0, None, 0.0)
    """
    if said is None:
        return None
    if said.strip().isdecimal() and said.isascii():
        return min(float(said), LONGEST_WAIT_S)
    try:
        moment = parsedate_to_datetime(said)
    except (TypeError, ValueError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (moment - datetime.now(UTC)).total_seconds()), LONGEST_WAIT_S)
