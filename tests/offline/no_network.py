"""Once this is imported, the process reaches no address beyond its own machine, and every try is remembered.

An audit hook sees each connection Python makes, whichever library asks for it; no library can take it off again.
Not seen: programs that are not Python, and C libraries with a resolver of their own.
"""

from __future__ import annotations

import sys

attempts: list[str] = []
"""What was tried in this process: a library may swallow the error, the test still fails (see conftest)."""

_ADDRESS_AT = {"socket.connect": 1, "socket.sendto": 1, "socket.sendmsg": 1, "socket.getaddrinfo": 0}


class NetworkIsOffLimits(OSError):
    """A test, or the code under it, tried to leave this machine."""


def is_local(host: object) -> bool:
    """Say whether a host is this machine: no host, localhost, 127.0.0.0/8 or ::1."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
    if name is None or name in {"", "localhost", "::1"}:
        return True
    return isinstance(name, str) and name.startswith("127.") and name.replace(".", "").isdigit()


def _watch(event: str, args: tuple[object, ...]) -> None:
    if event not in _ADDRESS_AT:
        return
    address = args[_ADDRESS_AT[event]]
    if event == "socket.getaddrinfo":
        host = address
    elif isinstance(address, tuple):
        host = address[0]
    else:  # a Unix socket's path, or a datagram without an address
        return
    if not is_local(host):
        attempts.append(f"{event} {host!s}")
        message = f"tests reach nothing beyond this machine; tried {host!s}"
        raise NetworkIsOffLimits(message)


sys.addaudithook(_watch)
