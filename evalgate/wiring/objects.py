"""Files by path or by address: an object of a store is fetched into a file of its own, and is gone afterwards."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalgate.core.errors import DataInvalid, ServiceBroke

_GLOB = frozenset("*?[")


@dataclass(frozen=True)
class Named:
    """A file and what somebody calls it: its path, or the address it is fetched from."""

    name: str
    fetch: Any = None
    """A function that writes the object to a path; None for a file that is here."""

    @contextmanager
    def here(self) -> Iterator[Path]:
        """Give the file; an object lies in a folder that is gone afterwards. Raises DataInvalid, ServiceBroke."""
        if self.fetch is None:
            yield Path(self.name)
            return
        with tempfile.TemporaryDirectory(prefix="evalgate-") as folder:
            path = Path(folder) / (self.name.rpartition("/")[2] or "object")
            with _told(self.name):
                self.fetch(str(path))
            yield path


def found(paths: Sequence[str]) -> list[Named]:
    """Return the files that paths and addresses stand for, those of a pattern by name.

    An address has a protocol, as s3://bucket/day/*.jsonl.gz; fsspec reads it, with the protocol's own package. Raises
    DataInvalid for a pattern that nothing matches, ServiceBroke where a store does not answer.
    """
    return [file for path in paths for file in (_objects(path) if "://" in path else [Named(path)])]


def _objects(address: str) -> list[Named]:
    try:
        from fsspec.core import url_to_fs
    except ImportError as problem:
        message = f"{address}: addresses need fsspec; pip install 'evalgate-service[objects]'"
        raise ServiceBroke(message) from problem
    with _told(address):
        store, inside = url_to_fs(address)
        pattern = bool(_GLOB & set(inside))
        names = sorted(store.glob(inside)) if pattern else [inside]
    if not names:
        raise DataInvalid(f"{address}: nothing has such a name; correct the address")
    return [
        Named(
            store.unstrip_protocol(name) if pattern else address,
            lambda target, store=store, name=name: store.get_file(name, target),
        )
        for name in names
    ]


@contextmanager
def _told(address: str) -> Iterator[None]:
    """Turn whatever a store's own package raises into one line; it may be any error at all."""
    try:
        yield
    except FileNotFoundError as problem:
        raise DataInvalid(f"{address}: there is no such object; correct the address") from problem
    except (ImportError, ValueError) as problem:
        raise DataInvalid(f"{address}: {_line(problem)}; install the protocol's package or correct it") from problem
    except Exception as problem:
        raise ServiceBroke(
            f"{address}: cannot be fetched ({_line(problem)}); check credentials and network"
        ) from problem


def _line(problem: Exception) -> str:
    return (str(problem).splitlines() or [""])[0][:200] or type(problem).__name__
