"""One window from claim to close: drawn, marked, asked about, estimated; closed in one go with what it raises."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from evalgate.production.alerting import Closed, Measure, after_window
from evalgate.production.asking import Asked, ask_people
from evalgate.production.bench import Bench
from evalgate.production.drawing import draw
from evalgate.production.estimating import Estimated, estimates
from evalgate.production.scoring import Calls, score
from evalgate.store.windows import Claim, LeaseLost, Window, Windows

LEASE = timedelta(seconds=60)
"""How long a window is kept for a worker that has not been heard of."""


def score_window(bench: Bench, claim: Claim, lease: timedelta = LEASE) -> Window:
    """Score a claimed window and close it; whatever was done of it before a kill is not done again.

    Raise LeaseLost when somebody else has the window by now, ServiceBroke when it cannot be scored at this time: it
    stays open.
    """
    store = bench.store
    with kept(store.windows, claim, lease):
        store.windows.mark(claim)
        items = draw(bench, claim)
        calls = score(bench, claim)
        asked = ask_people(bench, claim)
        said = estimates(bench, claim.window.span)
        counts = _counts(bench, claim, items, calls, asked)
        with store.database.write() as connection:
            window = store.windows.close(
                connection, claim, suite_digest=bench.suite.digest, counts=counts, estimates=[one.row for one in said]
            )
            closed = Closed(window.number, window.starts_at, window.ends_at, window.version)
            after_window(connection, store, bench.suite, closed, _measures(said))
    return window


@contextmanager
def kept(windows: Windows, claim: Claim, lease: timedelta) -> Iterator[None]:
    """Renew the lease while the block runs."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(lease.total_seconds() / 3):
            try:
                windows.renew(claim, lease)
            except LeaseLost:
                return  # the next write of the block finds out too
            except Exception:  # noqa: BLE001, S112 - a database that is away for a moment; the lease outlasts it or not
                continue

    thread = threading.Thread(target=renew, name=f"lease of window {claim.window.number}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _measures(said: Sequence[Estimated]) -> list[Measure]:
    return [
        Measure(one.criterion.metric, one.slice, one.criterion.named.ref.digest, one.ends.worst, one.ends.best)
        for one in said
    ]


def _counts(bench: Bench, claim: Claim, items: int, calls: Calls, asked: Asked) -> dict[str, Any]:
    """Return what a closed window says of itself beside its estimates."""
    scores, span = bench.store.scores, claim.window.span
    tally = scores.tally(span, [one.number for one in bench.criteria])
    strata = scores.strata(span, [one.number for one in bench.drawn])
    states = {
        str(check): {state if reason is None else f"{state}:{reason}": many for (state, reason), many in said.items()}
        for check, said in tally.items()
    }
    return {
        "interactions": items,
        "strata": strata,
        "chances": {one.name: one.phases(bench.spec.control).chances for one in bench.spec.strata},
        "checks": states,
        "calls": calls._asdict(),
        "people": asked._asdict(),
    }
