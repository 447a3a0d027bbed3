"""A shard: a Parquet file of exchanges that await their classifiers and judges, to be scored on other machines.

It holds masked texts and the key of the prompts' fences: keep it where the database would be kept. Scored, it holds no
text but what judges wrote.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evalgate.core.errors import DataInvalid, ServiceBroke, WrongAsWritten, did_you_mean
from evalgate.runner.marking import Named

FORMAT = 1
"""Raised when a column changes its meaning; a shard of another format is refused."""

SHARD: Mapping[str, str] = {
    "format": "int64",
    "suite": "string",
    "window": "string",
    "source": "string",
    "external_id": "string",
    "check": "string",
    "digest": "string",
    "stratum": "string",
    "chance": "double",
    "sample": "string",
    "nonce_key": "string",
}
"""Column to Arrow type, of what is to be scored: a row asks one check about one exchange."""

SCORED: Mapping[str, str] = {
    **{name: kind for name, kind in SHARD.items() if name not in {"sample", "nonce_key"}},
    "criterion": "string",
    "annotator": "string",
    "state": "string",
    "value": "double",
    "label": "string",
    "reason": "string",
    "explanation": "string",
    "body": "string",
}
"""Column to Arrow type, of what was said: a row an exchange, check and criterion."""


def schema_of(columns: Mapping[str, str]) -> Any:
    """Return the Arrow schema of a shard, or of a scored one."""
    import pyarrow as pa

    kinds = {"int64": pa.int64(), "double": pa.float64(), "string": pa.string()}
    return pa.schema([(name, kinds[kind]) for name, kind in columns.items()])


def reading(path: Path, at_once: int) -> Iterator[Any]:
    """Yield the Arrow batches of a Parquet file, or of all of a folder in the order of their names.

    Raise WrongAsWritten where there is none, DataInvalid where one cannot be read.
    """
    pa, parquet = _arrow()
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not files or not files[0].exists():
        raise WrongAsWritten(f"{path}: there is no Parquet file; name a shard or a folder of shards")
    for file in files:
        try:
            with parquet.ParquetFile(file) as opened:
                for batch in opened.iter_batches(batch_size=at_once):
                    yield pa.Table.from_batches([batch])
        except (pa.ArrowException, OSError) as problem:
            raise DataInvalid(f"{file}: not a Parquet file that can be read: {_first_line(problem)}") from None


@contextmanager
def writing(path: Path, columns: Mapping[str, str]) -> Iterator[Any]:
    """Yield a writer of Parquet; the file stands under its name once it is whole, in place of an older one."""
    _, parquet = _arrow()
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with parquet.ParquetWriter(part, schema_of(columns), compression="zstd") as writer:
            yield writer
        part.replace(path)
    except OSError as problem:
        raise ServiceBroke(f"{path}: cannot be written ({_first_line(problem)}); name another place") from None
    finally:
        part.unlink(missing_ok=True)


def _arrow() -> tuple[Any, Any]:
    try:
        import pandas  # noqa: F401, ICN001 - what reads a shard makes frames of it
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as missing:
        wanted = "pip install 'evalgate-service[parquet]' 'pandas>=2.2'"
        raise WrongAsWritten(f"shards need pyarrow and pandas, and {missing.name} is not installed; {wanted}") from None
    return pa, parquet


def _first_line(problem: Exception) -> str:
    return (str(problem).splitlines() or [type(problem).__name__])[0]


def shard_of(source: str, external_id: str, shards: int) -> int:
    """Return which of so many shards holds an exchange: the same on every machine and for ever.

    >>> [shard_of("api", f"a-{number}", 3) for number in range(6)]
    [0, 2, 0, 0, 1, 2]
    """
    return int.from_bytes(hashlib.sha256(f"{source}:{external_id}".encode()).digest()[:8], "big") % shards


def answers_to(row: Mapping[str, Any], suite: str, checks: Mapping[str, Named]) -> Named:
    """Return the check that a row asks for; raise WrongAsWritten where this suite's is another one."""
    name = row["check"]
    if row["suite"] != suite:
        raise WrongAsWritten(f"the shard is of the suite {row['suite']!r}, not of {suite!r}; give the suite it is of")
    if name not in checks:
        raise WrongAsWritten(f"the shard asks for {name!r}, which {suite!r} does not have.{did_you_mean(name, checks)}")
    if checks[name].ref.digest != row["digest"]:
        raise WrongAsWritten(
            f"the shard asks for {name!r} as {row['digest']}, and the suite has {checks[name].ref.digest}:"
            " it has changed since; write the shard anew"
        )
    return checks[name]
