"""One suite's windows handed out as shards and taken in again: with the store, the suite and the clock."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from evalgate.core.errors import WrongAsWritten
from evalgate.production.sharding import hand_out, take_in
from evalgate.wiring.scoring import benches_of
from evalgate.wiring.traffic import VARIABLE, read_watched

if TYPE_CHECKING:
    from evalgate.production.bench import Bench
    from evalgate.production.sharding import Handed, TakenIn
    from evalgate.wiring.app import App
    from evalgate.wiring.traffic import Watch


def the_watch(app: App, given: Sequence[str]) -> Watch:
    """Return the one suite that is meant; raise WrongAsWritten where none or several are named."""
    watched = read_watched(app.environ, given)
    if len(watched) != 1:
        names = ", ".join(one.suite.name for one in watched) or "none"
        raise WrongAsWritten(f"a shard is of one suite, and named are {names}; name it with --suite, not in {VARIABLE}")
    return watched[0]


def write_shards(
    app: App, watch: Watch, since: datetime, until: datetime | None, folder: Path, *, shards: int, hold: timedelta
) -> Handed:
    """Write what waits in a range's windows into shards; windows that may still get interactions are left alone."""
    with _bench(app, watch) as bench:
        latest = datetime.now(UTC) - bench.spec.wait
        owner = f"shard:{socket.gethostname()}:{os.getpid()}"
        return hand_out(bench, since, until or latest, latest, folder, shards=shards, hold=hold, owner=owner)


def import_scores(app: App, watch: Watch, files: Sequence[Path]) -> TakenIn:
    """Write the scores of scored shards into windows that are open."""
    with _bench(app, watch) as bench:
        return take_in(bench, files)


@contextmanager
def _bench(app: App, watch: Watch) -> Iterator[Bench]:
    with app.opened() as store:
        (bench,) = benches_of(store, [watch], app.environ, app.settings)
        yield bench
