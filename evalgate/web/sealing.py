"""The audit is sealed while the service runs: a row waits a minute for its place in the chain, not for a night."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from evalgate.web.logs import LOGGER, told

if TYPE_CHECKING:
    from evalgate.store.audit import Audit

EVERY_S = 60.0
AT_ONCE = 1_000
"""Rows a transaction: on SQLite everybody else who writes waits for it."""


@contextmanager
def sealing(audit: Audit, every_s: float = EVERY_S) -> Iterator[None]:
    """Seal now and then while the block runs, and once more at its end; trouble is logged and stops nothing."""
    ended = threading.Event()
    thread = threading.Thread(target=_until, args=(ended, audit, every_s), name="audit-sealer", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _until(ended: threading.Event, audit: Audit, every_s: float) -> None:
    going_on = True
    while going_on:
        going_on = not ended.wait(every_s)
        _seal(audit)


def _seal(audit: Audit) -> None:
    try:
        # Asked first: on SQLite a seal takes the one lock of all writers, for nothing most minutes.
        while audit.unsealed() and audit.seal(AT_ONCE) == AT_ONCE:
            continue
    except Exception as error:  # noqa: BLE001 whatever it is: the next round tries again, and requests go on
        LOGGER.error("the audit could not be sealed", extra={"fields": {"error": told(error)}})
