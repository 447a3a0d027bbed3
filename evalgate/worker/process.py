"""A worker as a process: its name, its signals, its end."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

from evalgate.production.bench import Bench
from evalgate.store.engine import Store
from evalgate.worker.chores import Beside, Setting, chores_of
from evalgate.worker.loop import Loop


def work(store: Store, benches: Sequence[Bench], setting: Setting, *, once: bool, while_stdin: bool = False) -> int:
    """Work on the windows of some suites, until a signal or once; return how many windows were closed.

    SIGTERM and SIGINT let go of the window at hand, whose answered calls are kept. while_stdin: the end of standard
    input stops it too, for a program that starts it.
    """
    owner = owner_name()
    loop = Loop(store, benches, owner, say)
    beside = Beside(chores_of(store, benches, owner, setting), say)
    if once:
        try:
            loop.once()
        finally:
            beside.once()
        return loop.closed
    with _interrupted(), beside:
        if while_stdin:
            threading.Thread(target=_await_end, daemon=True).start()
        try:
            loop.run()
        except KeyboardInterrupt:
            loop.gone()
    return loop.closed


def owner_name() -> str:
    """Return a name that no other worker has: host, process and a few random digits."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(3)}"


def say(line: str) -> None:
    """Write one line with the moment to standard error."""
    sys.stderr.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n")
    sys.stderr.flush()


@contextmanager
def _interrupted() -> Iterator[None]:
    """Let SIGTERM do what Ctrl+C does: what runs is cancelled at a place where nothing is lost."""
    before = signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _await_end() -> None:
    """Stop this process once standard input ends."""
    # Not through sys.stdin: a thread that holds its lock keeps the interpreter from ending.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
