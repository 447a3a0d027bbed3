"""Rows of a data file, streamed: (line, row) from JSON Lines, JSON, CSV and Parquet, text also gzipped.

Memory holds one row (Parquet: one batch; a `.json` list, which is bounded, whole). Every error is DataInvalid with
`file:line`; a Parquet file has no lines, its rows are counted from 1.
"""

from __future__ import annotations

import csv
import gzip
import json
import math
import re
import zlib
from collections.abc import Collection, Generator, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from evalgate.core.errors import DataInvalid
from evalgate.documents import no_such_file

Row = dict[str, Any]

_TEXT = (".jsonl", ".ndjson", ".json", ".csv")
SUFFIXES = (*_TEXT, ".parquet", *(f"{suffix}.gz" for suffix in _TEXT))
"""What a data file's name may end in."""

MAX_LINE = 64 << 20
MAX_JSON = 64 << 20
_BATCH = 1024

_SPACE = re.compile(r"[ \t\n\r]*")


def rows(path: Path, columns: Collection[str] | None = None) -> Generator[tuple[int, Row]]:
    """Yield every row with the line it starts on; `columns` spares a Parquet file the reading of others.

    Raises DataInvalid at the first row that is not an object of finite values, and for a file without rows.
    """
    kind = format_of(path)
    read = partial(_parquet_rows, columns=columns) if kind == ".parquet" else partial(_text_rows, kind)
    empty = True
    with _said(path):
        for line_and_row in read(path):
            empty = False
            yield line_and_row
    if empty:
        raise DataInvalid(f"{path}: no cases; a data file holds at least one row")


def format_of(path: Path) -> str:
    """Return the suffix that says how a file is read, without `.gz`.

    >>> format_of(Path("evals/a.CSV.gz"))
    '.csv'
    """
    name = path.name.lower()
    for suffix in SUFFIXES:
        if name.endswith(suffix):
            return suffix.removesuffix(".gz")
    raise DataInvalid(f"{path}: this kind of file is not read; known are {', '.join(SUFFIXES)}")


def is_typed(path: Path) -> bool:
    """Say whether the file tells numbers, lists and nulls from text; a CSV does not."""
    return format_of(path) != ".csv"


def columns_of(path: Path, look: int = 100) -> tuple[str, ...]:
    """Return the columns of the first rows, in the order they appear."""
    with closing(rows(path)) as source:
        return tuple(dict.fromkeys(column for _, row in islice(source, look) for column in row))


@contextmanager
def readable(path: Path) -> Iterator[BinaryIO]:
    """Give a file of rows as `opened` does; DataInvalid says what keeps it from being read to its end."""
    with _said(path), opened(path) as file:
        yield file


@contextmanager
def _said(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, zlib.error) as problem:
        raise _unreadable(path, problem) from problem


def _unreadable(path: Path, problem: Exception) -> DataInvalid:
    if isinstance(problem, FileNotFoundError):
        return DataInvalid(no_such_file(path))
    if isinstance(problem, gzip.BadGzipFile | EOFError | zlib.error):
        return DataInvalid(f"{path}: not a whole gzip file: {problem}; write it again")
    reason = getattr(problem, "strerror", None) or str(problem)
    return DataInvalid(f"{path}: cannot be read: {reason}")


# ── text ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _text_rows(kind: str, path: Path) -> Iterator[tuple[int, Row]]:
    with opened(path) as file:
        if kind == ".csv":
            yield from _csv_rows(path, file)
        elif kind == ".json":
            yield from _json_rows(path, file)
        else:
            yield from _json_lines(path, file)


def opened(path: Path) -> BinaryIO:
    """Return a file of rows open for reading, unpacked when its name ends in .gz."""
    if path.exists() and not path.is_file():
        raise DataInvalid(f"{path}: not a file; data is read more than once, so it has to be one")
    return gzip.open(path, "rb") if path.name.lower().endswith(".gz") else path.open("rb")  # type: ignore[return-value]


def numbered_lines(path: Path | str, file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines of a file with their numbers, from 1; raise DataInvalid for one that is absurdly long."""
    for number, raw in enumerate(iter(partial(file.readline, MAX_LINE), b""), 1):
        if len(raw) >= MAX_LINE:
            raise DataInvalid(
                f"{path}:{number}: a line of {MAX_LINE >> 20} MiB or more; is this the right kind of file?"
            )
        yield number, raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw


def _json_lines(path: Path, file: BinaryIO) -> Iterator[tuple[int, Row]]:
    for line, raw in numbered_lines(path, file):
        row = json_row(path, line, raw)
        if row is not None:
            yield line, row


def json_row(path: Path | str, line: int, raw: bytes) -> Row | None:
    """Return the row on one line of JSON Lines, None for a blank one; raise DataInvalid naming path and line."""
    try:
        row = orjson.loads(raw)
    except orjson.JSONDecodeError as problem:
        if not raw or raw.isspace():
            return None
        raise _broken_json(path, line, raw, problem) from problem
    if type(row) is not dict:
        raise _not_an_object(path, line, row)
    return row


def _not_an_object(path: Path | str, line: int, row: object) -> DataInvalid:
    kind = {list: "a list", str: "text", bool: "true or false", type(None): "null"}.get(type(row), "a number")
    return DataInvalid(f"{path}:{line}: a row is an object with columns, not {kind}")


def _broken_json(path: Path | str, line: int, raw: bytes, problem: orjson.JSONDecodeError) -> DataInvalid:
    """Return what is wrong with a line that orjson refused, looking again with a slower, more telling eye."""
    try:
        text = raw.decode()
    except UnicodeDecodeError as bad:
        return DataInvalid(f"{path}:{line}: byte 0x{raw[bad.start]:02x} is not UTF-8; save the file as UTF-8")
    column = min(problem.pos, len(text.rstrip())) + 1
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return DataInvalid(f"{path}:{line}: broken JSON at column {column}: {problem.msg}")
    if sentence := not_finite(row):
        return DataInvalid(f"{path}:{line}: {sentence}")
    return DataInvalid(f"{path}:{line}: JSON that cannot be read at column {column}: {problem.msg}")


def not_finite(value: Any, name: str = "the row") -> str:
    """Return the sentence about the first NaN or infinity in a value, or nothing.

    >>> not_finite({"score": float("nan")})
    "'score' is NaN, which is no number; leave it out or write null"
    >>> not_finite({"score": [1.0]})
    ''
    """
    if isinstance(value, float) and not math.isfinite(value):
        written = "NaN" if math.isnan(value) else "infinite"
        return f"{name} is {written}, which is no number; leave it out or write null"
    if isinstance(value, dict):
        return next(filter(None, (not_finite(inside, repr(key)) for key, inside in value.items())), "")
    if isinstance(value, list):
        return next(filter(None, (not_finite(inside, name) for inside in value)), "")
    return ""


def _json_rows(path: Path, file: BinaryIO) -> Iterator[tuple[int, Row]]:
    content = file.read(MAX_JSON + 1)
    if len(content) > MAX_JSON:
        raise DataInvalid(
            f"{path}: a .json list is read whole, at most {MAX_JSON >> 20} MiB; write one object a line, as .jsonl"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as bad:
        line = content.count(b"\n", 0, bad.start) + 1
        raise DataInvalid(
            f"{path}:{line}: byte 0x{content[bad.start]:02x} is not UTF-8; save the file as UTF-8"
        ) from bad
    yield from _list_items(path, text)


def _list_items(path: Path, text: str) -> Iterator[tuple[int, Row]]:
    """Yield the objects of a JSON list one by one, which is what gives each its line."""
    at = _after_space(text, 0)
    if text[at : at + 1] != "[":
        found = "one object" if text[at : at + 1] == "{" else "something else"
        raise DataInvalid(f"{path}: a .json file holds a list of objects, not {found}; one object a line is .jsonl")
    at = _after_space(text, at + 1)
    line = 1 + text.count("\n", 0, at)
    more = text[at : at + 1] != "]"
    while more:
        row, end = _list_item(path, text, at, line)
        yield line, row
        sign = _after_space(text, end)
        line += text.count("\n", at, sign)
        if text[sign : sign + 1] not in {",", "]"}:
            raise DataInvalid(f"{path}:{line}: broken JSON: a comma or the end of the list is missing before this")
        more = text[sign] == ","
        at = _after_space(text, sign + 1) if more else sign
        line += text.count("\n", sign, at)
    extra = _after_space(text, at + 1)
    if extra < len(text):
        line += text.count("\n", at, extra)
        raise DataInvalid(f"{path}:{line}: broken JSON: there is more after the end of the list")


def _list_item(path: Path, text: str, at: int, line: int) -> tuple[Row, int]:
    try:
        row, end = json.JSONDecoder().raw_decode(text, at)
    except (ValueError, RecursionError) as problem:
        line += text.count("\n", at, getattr(problem, "pos", at))
        raise DataInvalid(f"{path}:{line}: broken JSON: {getattr(problem, 'msg', 'nested too deeply')}") from problem
    if type(row) is not dict:
        raise _not_an_object(path, line, row)
    if sentence := not_finite(row):
        raise DataInvalid(f"{path}:{line}: {sentence}")
    return row, end


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


# ── CSV ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _csv_rows(path: Path, file: BinaryIO) -> Iterator[tuple[int, Row]]:
    # The only way to read long cells: the module has one limit for the process, and 128 KiB is shorter than a context.
    csv.field_size_limit(max(csv.field_size_limit(), MAX_LINE))
    reader = csv.reader(_decoded_lines(path, file), strict=True)
    header = _header(path, _next_cells(path, reader, 1))
    if header is None:
        return
    line = reader.line_num + 1
    while (cells := _next_cells(path, reader, line)) is not None:
        if cells:
            if len(cells) != len(header):
                raise DataInvalid(
                    f"{path}:{line}: {len(cells)} cells under {len(header)} columns; a cell with a comma goes in quotes"
                )
            yield line, dict(zip(header, cells, strict=True))
        line = reader.line_num + 1


def _next_cells(path: Path, reader: Iterable[list[str]], line: int) -> list[str] | None:
    try:
        return next(iter(reader), None)
    except csv.Error as problem:
        raise DataInvalid(f"{path}:{line}: broken CSV: {problem}") from problem


def _decoded_lines(path: Path, file: BinaryIO) -> Iterator[str]:
    for number, raw in numbered_lines(path, file):
        try:
            yield raw.decode()
        except UnicodeDecodeError as bad:
            raise DataInvalid(
                f"{path}:{number}: byte 0x{raw[bad.start]:02x} is not UTF-8; save the file as UTF-8"
            ) from bad


def _header(path: Path, cells: list[str] | None) -> list[str] | None:
    if cells is None:
        return None
    if len(cells) == 1 and (found := next((sign for sign in ";\t|" if sign in cells[0]), None)):
        raise DataInvalid(f"{path}:1: columns are separated by {found!r} here; save the file with commas")
    for index, name in enumerate(cells):
        if name in cells[:index]:
            raise DataInvalid(f"{path}:1: two columns are called {name!r}; rename one")
    return cells


# ── Parquet ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _parquet_rows(path: Path, columns: Collection[str] | None) -> Iterator[tuple[int, Row]]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as problem:
        raise DataInvalid(
            f"{path}: reading Parquet needs pyarrow; pip install 'evalgate-service[parquet]'"
        ) from problem
    if not path.exists():
        raise FileNotFoundError(path)
    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            wanted = None if columns is None else [name for name in names if name in columns]
            for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
                for row in batch.to_pylist():
                    number += 1
                    if sentence := not_finite(row):
                        raise DataInvalid(f"{path}:{number}: {sentence}")
                    yield number, row
    except pa.ArrowException as problem:
        raise DataInvalid(f"{path}: not a Parquet file that can be read: {str(problem).splitlines()[0]}") from problem
