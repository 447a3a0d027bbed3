"""A run as a file: one line of header, then one line a sample with its outcomes. JSONL, gzipped when named .gz.

What is written is what the store holds, which is masked.
"""

from __future__ import annotations

import errno
import gzip
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO, Any, Final, Literal, TypeVar

import orjson
from pydantic import AwareDatetime, ValidationError

from evalgate.core.errors import DataInvalid, ServiceBroke, WrongAsWritten
from evalgate.core.outcomes import Outcome
from evalgate.core.runs import RunSummary
from evalgate.core.samples import Sample
from evalgate.core.values import Value
from evalgate.runner.ports import Marked
from evalgate.store.tables.runs import StoredRun

FORMAT: Final = 1

V = TypeVar("V", bound=Value)


class Header(Value):
    """The first line: which run it is and how many samples follow."""

    evalgate_run: Literal[1] = FORMAT
    summary: RunSummary
    created_at: AwareDatetime
    finished_at: AwareDatetime


class Line(Value):
    """One sample with its outcomes; the digests are those of the raw content."""

    position: int
    case_digest: str
    sample_digest: str
    sample: Sample
    outcomes: tuple[Outcome, ...]


def write(path: Path, run: StoredRun, samples: Iterable[Marked]) -> None:
    """Write the file whole or not at all; raise WrongAsWritten for a run that is not finished."""
    if run.summary is None or run.finished_at is None:
        raise WrongAsWritten(f"run {run.id} is not finished; run its command again, then export it")
    header = Header(summary=run.summary, created_at=run.created_at, finished_at=run.finished_at)
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("wb") as raw, _packing(raw, path) as file:
            file.write(header.model_dump_json().encode() + b"\n")
            for marked in samples:
                file.write(Line(**marked._asdict()).model_dump_json().encode() + b"\n")
        part.replace(path)
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
        message = f"{path}: cannot be written ({error.strerror}); {'free some space' if full else 'name another file'}"
        raise (ServiceBroke if full else WrongAsWritten)(message) from error
    finally:
        with suppress(OSError):
            part.unlink()


@contextmanager
def reading(path: Path) -> Iterator[tuple[Header, Iterator[Marked]]]:
    """Give the header and the samples of a file that `write` wrote, each line validated as it is read.

    Raise WrongAsWritten when there is no such file, DataInvalid with file and line for what is wrong in it; a file
    that ends early is found out after its last sample.
    """
    try:
        with path.open("rb") as raw, _unpacking(raw, path) as file:
            header = _header(path, file.readline())
            yield header, _samples(path, header, file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        message = f"{path}: the compressed file is cut short or damaged ({error}); export the run again"
        raise DataInvalid(message) from error
    except OSError as error:
        message = f"{path}: cannot be read ({error.strerror}); name a file that `evalgate runs export` wrote"
        raise WrongAsWritten(message) from error


def _packing(raw: IO[bytes], path: Path) -> AbstractContextManager[Any]:
    # Without a time stamp or a name inside, equal runs give equal files.
    gzipped = path.suffix == ".gz"
    return gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0) if gzipped else nullcontext(raw)


def _unpacking(raw: IO[bytes], path: Path) -> AbstractContextManager[Any]:
    return gzip.GzipFile(mode="rb", fileobj=raw) if path.suffix == ".gz" else nullcontext(raw)


def _header(path: Path, line: bytes) -> Header:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        found = None
    version = found.get("evalgate_run") if isinstance(found, dict) else None
    if version is None:
        raise DataInvalid(f"{path}:1: this is not an exported run; name a file that `evalgate runs export` wrote")
    if version != FORMAT:
        message = f"{path}:1: format {version!r} is not format {FORMAT}, which this evalgate reads; upgrade evalgate"
        raise DataInvalid(message)
    return _valid(Header, path, 1, line)


def _samples(path: Path, header: Header, lines: Iterable[bytes]) -> Iterator[Marked]:
    checks = set(header.summary.manifest.checks)
    before = -1
    count = 0
    for number, line in enumerate(lines, start=2):
        read = _valid(Line, path, number, line)
        if read.position <= before:
            raise DataInvalid(f"{path}:{number}: position {read.position} comes after {before}; export the run again")
        case = (read.sample.case.id, read.sample.output.repeat)
        for outcome in read.outcomes:
            if outcome.check not in checks or (outcome.case_id, outcome.repeat) != case:
                raise DataInvalid(f"{path}:{number}: {outcome.metric} is of another case or run; export the run again")
        before = read.position
        count += 1
        yield Marked(read.position, read.sample, read.case_digest, read.sample_digest, read.outcomes)
    if count != header.summary.samples:
        message = f"{path}: {count} samples where the header says {header.summary.samples}; export the run again"
        raise DataInvalid(message)


def _valid(kind: type[V], path: Path, number: int, line: bytes) -> V:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise DataInvalid(f"{path}:{number}: {place or 'line'}: {first['msg']}; export the run again") from error
