"""The loop of a worker: windows one after the other, and beside them what must not wait for a window."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from datetime import timedelta

from evalgate.core.errors import EvalgateError
from evalgate.production.bench import Bench
from evalgate.production.windows import LEASE, score_window
from evalgate.store.engine import Store
from evalgate.store.windows import Claim, LeaseLost, Window
from evalgate.store.workers import Workers

POLL_S = 5.0
"""How long a worker that has nothing to do waits before it looks again."""
LATER = timedelta(seconds=60)
"""After which a window that could not be scored is tried again."""

Say = Callable[[str], None]
"""Tells people one line."""


class Loop:
    """The windows of some suites. Workers with the same suites share them; each window is scored by one."""

    def __init__(self, store: Store, benches: Sequence[Bench], owner: str, say: Say) -> None:
        self._store, self._benches, self._owner, self._say = store, benches, owner, say
        self._workers = Workers(store.database)
        self.closed = 0
        """Windows that this worker has closed."""

    def run(self) -> None:
        """Work until somebody interrupts it; trouble is told and tried again."""
        while True:
            try:
                worked = self.round()
            except EvalgateError as trouble:
                self._say(str(trouble))
                worked = False
            if not worked:
                time.sleep(POLL_S)

    def gone(self) -> None:
        """Say that this worker has ended, as it should."""
        self._workers.gone(self._owner)

    def once(self) -> None:
        """Score everything that is due and return; raise the first trouble once all the rest was tried."""
        troubles: list[EvalgateError] = []
        while self.round(troubles):
            pass
        if troubles:
            raise troubles[0]

    def round(self, troubles: list[EvalgateError] | None = None) -> bool:
        """Make the windows that are due and score one of each suite; say whether there was any."""
        self._workers.seen(self._owner)
        worked = False
        for bench in self._benches:
            until = self._store.database.clock() - bench.spec.wait
            made = bench.store.windows.ensure(bench.suite.name, bench.spec.every, until)
            claim = bench.store.windows.claim(bench.suite.name, self._owner, LEASE, until)
            if claim is not None:
                self.score(bench, claim, troubles)
            worked = worked or made > 0 or claim is not None
        return worked

    def score(self, bench: Bench, claim: Claim, troubles: list[EvalgateError] | None = None) -> Window | None:
        """Score one window and return it closed; None when that was not to be, which is told and tried again later."""
        try:
            window = score_window(bench, claim)
        except LeaseLost:
            return None
        except KeyboardInterrupt:
            bench.store.windows.release(claim)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the other windows go on
            trouble = error if isinstance(error, EvalgateError) else _bug(error)
            bench.store.windows.release(claim, after=LATER)
            self._say(f"{bench.suite.name}: the window from {claim.window.starts_at:%Y-%m-%d %H:%M} waits: {trouble}")
            if troubles is not None:
                troubles.append(trouble)
            return None
        self.closed += 1
        self._say(line_of(window))
        return window


def _bug(error: Exception) -> EvalgateError:
    """Return what may be told of a foreign error: its words may hold a row's values."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return EvalgateError(f"this is a bug in evalgate: {type(error).__name__} at {last.name}:{last.lineno}")


def line_of(window: Window) -> str:
    """Return one line about a closed window."""
    counts = window.counts or {}
    return (
        f"{window.suite}: {window.starts_at:%Y-%m-%d %H:%M} to {window.ends_at:%Y-%m-%d %H:%M} UTC closed:"
        f" {counts.get('interactions', 0)} interactions, {counts.get('calls', {}).get('answered', 0)} judge calls,"
        f" {counts.get('people', {}).get('added', 0)} to people, ${window.spent_usd:.2f}"
    )
