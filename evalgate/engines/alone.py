"""One process and no engine: a shard is read and written a few thousand rows at a time."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from evalgate.core.values import Value
from evalgate.production.shards import SCORED, reading, writing
from evalgate.wiring.frames import scoring_of

if TYPE_CHECKING:
    from evalgate.suites.suite import Suite

AT_ONCE = 2000
"""Rows in memory at a time."""


class Scored(Value):
    """What scoring a shard took."""

    rows: int
    states: dict[str, int]
    asked: int
    recalled: int
    spent_usd: float


def score(
    shards: Path,
    out: Path,
    suite: Path | str | Suite,
    *,
    journal: str | None = None,
    spend_cap_usd: float | None = None,
) -> Scored:
    """Score a shard, or a folder of them, into one Parquet file, which is there once it is whole."""
    import pyarrow as pa

    states: dict[str, int] = {}
    with closing(scoring_of(suite, journal=journal, spend_cap_usd=spend_cap_usd)) as scoring:
        with writing(out, SCORED) as writer:
            for table in reading(shards, AT_ONCE):
                frame = scoring(table.to_pandas())
                writer.write_table(pa.Table.from_pandas(frame, schema=writer.schema, preserve_index=False))
                for state, many in frame["state"].value_counts().items():
                    states[str(state)] = states.get(str(state), 0) + int(many)
        return Scored(
            rows=sum(states.values()),
            states=dict(sorted(states.items())),
            asked=scoring.asked,
            recalled=scoring.recalled,
            spent_usd=scoring.spent_usd,
        )
