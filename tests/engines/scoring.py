"""Scores shards on one engine, as a user's own script would: `scoring.py ENGINE SHARDS OUT SUITE JOURNAL`."""

from __future__ import annotations

import sys
from pathlib import Path

BATCH = 60
"""Rows that an engine hands over at once: several batches a worker."""


def on_spark(shards: str, out: str, suite: str, journal: str) -> None:
    from pyspark.sql import SparkSession

    from evalgate.engines import spark

    builder = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    builder = builder.config("spark.sql.execution.arrow.maxRecordsPerBatch", str(BATCH))
    session = builder.config("spark.sql.files.maxPartitionBytes", "16k").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    spark.score(session, shards, out, suite, journal=journal)
    session.stop()


def on_ray(shards: str, out: str, suite: str, journal: str) -> None:
    import ray as engine

    from evalgate.engines import ray

    ray.AT_ONCE = BATCH
    engine.init(
        num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR", _node_ip_address="127.0.0.1"
    )
    ray.score(shards, out, suite, actors=1, journal=journal)
    engine.shutdown()


def alone(shards: str, out: str, suite: str, journal: str) -> None:
    from evalgate.engines import alone as one

    one.score(Path(shards), Path(out), suite, journal=journal)


if __name__ == "__main__":
    engine_name, *rest = sys.argv[1:]
    {"spark": on_spark, "ray": on_ray, "alone": alone}[engine_name](*rest)
