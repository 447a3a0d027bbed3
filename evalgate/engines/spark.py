"""Spark: every partition of a shard goes through `mapInPandas`, where the traffic already lies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from evalgate.production.shards import SCORED
from evalgate.wiring.frames import scoring_of

if TYPE_CHECKING:
    from pandas import DataFrame
    from pyspark.sql import SparkSession

    from evalgate.suites.suite import Suite


def score(
    session: SparkSession,
    shards: Path | str,
    out: Path | str,
    suite: Path | str | Suite,
    *,
    journal: str | None = None,
    spend_cap_usd: float | None = None,
) -> None:
    """Score shards into a folder of Parquet parts, whose old content is replaced.

    Executors need evalgate installed, and the judges' addresses and keys in their environment. `journal` is a path on
    each executor's machine, or the URL of a database that they share; `spend_cap_usd` bounds each task.
    """
    from pyspark.sql.types import DoubleType, LongType, StringType, StructField, StructType

    kinds = {"int64": LongType(), "double": DoubleType(), "string": StringType()}
    schema = StructType([StructField(name, kinds[kind]) for name, kind in SCORED.items()])
    scoring = scoring_of(suite, journal=journal, spend_cap_usd=spend_cap_usd)

    def work(frames: Iterable[DataFrame]) -> Iterator[DataFrame]:
        try:
            for frame in frames:
                yield scoring(frame)
        finally:
            scoring.close()

    scored = session.read.parquet(str(shards)).mapInPandas(work, schema)
    scored.write.mode("overwrite").parquet(str(out))
