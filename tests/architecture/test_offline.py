"""The network guard guards: in this process, in our subprocesses, and against errors that are swallowed."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import sys

import pytest

import no_network

ELSEWHERE = "192.0.2.1"  # reserved for documentation: no host has it


def test_an_address_beyond_this_machine_is_refused() -> None:
    with socket.socket() as outward, pytest.raises(no_network.NetworkIsOffLimits):
        outward.connect((ELSEWHERE, 80))
    no_network.attempts.clear()


def test_a_name_beyond_this_machine_is_not_even_looked_up() -> None:
    with pytest.raises(no_network.NetworkIsOffLimits):
        socket.getaddrinfo("example.org", 443)
    no_network.attempts.clear()


async def test_asyncio_is_refused_too() -> None:
    with pytest.raises(no_network.NetworkIsOffLimits):
        await asyncio.open_connection(ELSEWHERE, 80)
    no_network.attempts.clear()


def test_this_machine_answers() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_a_subprocess_is_refused_too() -> None:
    script = f"import socket; socket.create_connection(({ELSEWHERE!r}, 80), timeout=1)"
    tried = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert "NetworkIsOffLimits" in tried.stderr


def test_a_swallowed_attempt_is_remembered() -> None:
    with contextlib.suppress(OSError), socket.socket() as outward:
        outward.connect((ELSEWHERE, 80))
    assert no_network.attempts == [f"socket.connect {ELSEWHERE}"]
    no_network.attempts.clear()
