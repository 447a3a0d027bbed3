"""Scoring a range of time: its windows made where there were none, each scored by whoever has it first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from evalgate.core.errors import EvalgateError, WrongAsWritten
from evalgate.production.bench import Bench
from evalgate.production.windows import LEASE
from evalgate.store.engine import Store
from evalgate.worker.chores import Beside, Setting, beside_windows
from evalgate.worker.loop import Loop
from evalgate.worker.process import owner_name, say


class Range(NamedTuple):
    """[since, until) of the time at which interactions were complete."""

    since: datetime
    until: datetime | None
    """None: all that is over."""
    again: bool = False
    """Score closed windows again."""


class Done(NamedTuple):
    """What became of the windows of a range."""

    closed: int = 0
    there: int = 0
    """Closed before."""
    elsewhere: int = 0
    """Somebody else has them."""


def score_range(store: Store, benches: Sequence[Bench], wanted: Range, setting: Setting) -> Done:
    """Score the windows of a range that are over, then do once what a worker does beside: who is to hear, hears.

    Raise the first trouble once all the rest was tried, and WrongAsWritten for a range that ends before it begins.
    """
    if wanted.until is not None and wanted.until <= wanted.since:
        raise WrongAsWritten("--until is not after --since; a range has a length")
    troubles: list[EvalgateError] = []
    counts = [_of_suite(bench, wanted, troubles) for bench in benches]
    Beside(beside_windows(store, benches, setting), say).once()
    if troubles:
        raise troubles[0]
    return Done(*(sum(column) for column in zip(*counts, strict=True)))


def _of_suite(bench: Bench, wanted: Range, troubles: list[EvalgateError]) -> Done:
    store, owner = bench.store, owner_name()
    latest = store.database.clock() - bench.spec.wait
    until = latest if wanted.until is None else wanted.until
    windows = store.windows.fill(bench.suite.name, bench.spec.every, wanted.since, until, latest)
    windows = store.windows.again(windows) if wanted.again else tuple(map(store.windows.newest, windows))
    loop, there, elsewhere = Loop(store, [bench], owner, say), 0, 0
    for window in windows:
        if window.state == "closed":
            there += 1
        elif (claim := store.windows.claim_this(window.number, owner, LEASE)) is None:
            elsewhere += 1
        else:
            loop.score(bench, claim, troubles)
    return Done(loop.closed, there, elsewhere)
