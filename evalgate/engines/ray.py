"""Ray Data: batches of a shard go to actors, each of which loads the suite's models once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from evalgate.production.shards import SCORED, schema_of
from evalgate.wiring.frames import scoring_of

if TYPE_CHECKING:
    from evalgate.production.frames import FrameScoring
    from evalgate.suites.suite import Suite

AT_ONCE = 2000
"""Rows of one batch."""


class _Actor:
    """One scoring for as long as the actor lives."""

    def __init__(self, scoring: FrameScoring) -> None:
        self._scoring = scoring

    def __call__(self, table: Any) -> Any:
        """Return a batch's scores as Arrow: a frame without a single label would lose the column's type."""
        import pyarrow as pa

        return pa.Table.from_pandas(self._scoring(table.to_pandas()), schema=schema_of(SCORED), preserve_index=False)


def score(
    shards: Path | str,
    out: Path | str,
    suite: Path | str | Suite,
    *,
    actors: int = 1,
    journal: str | None = None,
    spend_cap_usd: float | None = None,
) -> None:
    """Score shards into a folder of Parquet parts, whose old content is replaced.

    Workers need evalgate installed, and the judges' addresses and keys in their environment. `journal` is a path on
    each worker's machine, or the URL of a database that they share; `spend_cap_usd` bounds each actor.
    """
    import ray.data
    from ray.data import ActorPoolStrategy, SaveMode

    scoring = scoring_of(suite, journal=journal, spend_cap_usd=spend_cap_usd)
    scored = ray.data.read_parquet(str(shards)).map_batches(
        _Actor,
        fn_constructor_args=(scoring,),
        compute=ActorPoolStrategy(size=actors),
        num_cpus=0,  # an actor waits for judges; holding a CPU it would keep it from the tasks that read and write
        batch_size=AT_ONCE,
        batch_format="pyarrow",
    )
    scored.write_parquet(str(out), mode=SaveMode.OVERWRITE)
