"""Serving until somebody says stop: requests that run are finished, then the process ends."""

from __future__ import annotations

import errno
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from evalgate.core.errors import ServiceBroke, WrongAsWritten
from evalgate.web.app import create_app
from evalgate.web.service import Service

FINISH_S = 30
"""How long running requests may take after the signal to stop."""


def bound(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address; raise ServiceBroke when it cannot be had.

    Port 0 is a free one.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        taken = socket.socket(family, kind, protocol)
    except OSError as error:
        raise WrongAsWritten(f"--host {host}: no address of this machine ({error.strerror})") from None
    try:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen(128)
    except OSError as error:
        taken.close()
        if error.errno == errno.EADDRINUSE:
            message = f"{host}:{port} is taken by another program; stop it, or choose another with --port"
            raise ServiceBroke(message) from None
        raise ServiceBroke(
            f"{host}:{port} cannot be used ({error.strerror}); choose another --host or --port"
        ) from None
    return taken


def serve(service: Service, listening: socket.socket) -> None:
    """Answer requests until SIGTERM or SIGINT, then finish those that run."""
    config = uvicorn.Config(
        create_app(service),
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=FINISH_S,
        proxy_headers=bool(service.settings.trusted_proxies),
        forwarded_allow_ips=list(service.settings.trusted_proxies),
    )
    with _stopped_quietly((signal.SIGTERM, signal.SIGINT)):
        uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def _stopped_quietly(signals: Sequence[signal.Signals]) -> Iterator[None]:
    """Let the signals that stop the server end nothing else: it raises them again once it has stopped."""
    before = {number: signal.signal(number, lambda *_: None) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
