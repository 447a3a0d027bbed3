"""Files of traffic go the way that requests go: read a row at a time, looked at, masked, kept in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson

from evalgate.core.errors import DataInvalid, WrongAsWritten
from evalgate.production.accepting import Accepted, Accepting, Delivery
from evalgate.suites.rows import MAX_JSON, format_of, is_typed, opened, rows
from evalgate.traffic.completions import SOURCE as OPENAI
from evalgate.traffic.completions import completion_interaction
from evalgate.traffic.files import SOURCE, Build, TrafficRows, each, native_interaction
from evalgate.traffic.langfuse import SOURCE as LANGFUSE
from evalgate.traffic.langfuse import langfuse_interactions
from evalgate.traffic.native import SOURCE as NATIVE
from evalgate.traffic.native import SentInteraction

if TYPE_CHECKING:
    from evalgate.traffic.decoded import Decoded
    from evalgate.traffic.interactions import Interaction

Format = Literal["auto", "native", "rows", "openai", "langfuse"]
FORMATS: tuple[Format, ...] = ("auto", "native", "rows", "openai", "langfuse")
_SOURCES: Mapping[Format, str] = {"native": NATIVE, "rows": SOURCE, "openai": OPENAI, "langfuse": LANGFUSE}
AT_ONCE = 500
"""Interactions of one transaction."""
MOST_NAMED = 5
_PARTS = ("traces", "observations", "scores")
"""Of a Langfuse export in one file."""

Told = Callable[[str], str]
"""Makes a line fit to be printed."""


@dataclass(frozen=True)
class How:
    """How files are read."""

    format: Format = "auto"
    source: str | None = None
    """The sender's word in place of the format's own."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Field to column, for rows."""
    keep: tuple[str, ...] = ()
    """Columns that become attributes, for rows."""


@dataclass
class Ingested:
    """What became of the records of one file."""

    accepted: Accepted = field(default_factory=Accepted)
    why: list[str] = field(default_factory=list)
    """The first few records that could not be read."""

    def add(self, more: Accepted) -> None:
        """Count what became of another batch."""
        counts = more.model_dump()
        self.accepted = Accepted(**{name: had + counts[name] for name, had in self.accepted.model_dump().items()})


def ingest(path: Path, name: str, how: How, way_in: Accepting, told: Told) -> Ingested:
    """Keep what a file tells and return what became of each record; `name` is what lines call the file.

    Sending a file again doubles nothing. Raises DataInvalid where the file cannot be read at all; what was read
    before that is kept.
    """
    kind = _kind_of(path, how) if how.format == "auto" else how.format
    source = how.source or _SOURCES[kind]
    done = Ingested()
    for delivery in _deliveries(path, kind, how, source, lambda why: _note(done, told(why.replace(str(path), name)))):
        done.add(way_in.accept_all([delivery])[0])
    return done


def _note(done: Ingested, why: str) -> None:
    if len(done.why) < MOST_NAMED:
        done.why.append(why)


def _deliveries(path: Path, kind: Format, how: How, source: str, note: Callable[[str], None]) -> Iterator[Delivery]:
    if kind == "langfuse":
        decoded = _langfuse(path)
        if decoded.rejected:
            note(f"{path}: {decoded.why}")
        yield Delivery((), source, decoded.rejected, decoded.passed_over, decoded.repeated)
        records: Iterator[Interaction | DataInvalid | None] = iter(decoded.interactions)
    else:
        records = each(path, _build(path, kind, how, source))
    while batch := list(islice(records, AT_ONCE)):
        broken = [str(one) for one in batch if isinstance(one, DataInvalid)]
        for why in broken:
            note(why)
        kept = [_from(one, how.source) for one in batch if one is not None and not isinstance(one, DataInvalid)]
        yield Delivery(kept, source, len(broken), batch.count(None))


def _from(interaction: Interaction, source: str | None) -> Interaction:
    return interaction if source is None else interaction.model_copy(update={"source": source})


def _build(path: Path, kind: Format, how: How, source: str) -> Build:
    if kind == "native":
        return native_interaction
    if kind == "openai":
        return completion_interaction
    return TrafficRows(how.columns, how.keep, typed=is_typed(path), source=source).interaction


def _kind_of(path: Path, how: How) -> Format:
    """Return what kind of file it is, by its first row; what nothing else tells is rows."""
    if how.columns or how.keep or format_of(path) in {".csv", ".parquet"}:
        return "rows"
    if _export(path) is not None:
        return "langfuse"
    _, row = next(iter(rows(path)))
    if "custom_id" in row or {"request", "response"} <= row.keys():
        return "openai"
    if {"traceId", "trace_id"} & row.keys() and "type" in row:
        return "langfuse"
    return "native" if row.keys() <= SentInteraction.model_fields.keys() else "rows"


def _export(path: Path) -> dict[str, Any] | None:
    """Return a Langfuse export that is one object with its parts as lists; None for any other file."""
    if format_of(path) != ".json" or not path.is_file():
        return None
    with opened(path) as file:
        content = file.read(MAX_JSON + 1)
    if len(content) > MAX_JSON or not content.lstrip().startswith(b"{"):
        return None
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return found if isinstance(found, dict) and found.keys() & set(_PARTS) else None


def _langfuse(path: Path) -> Decoded:
    """Return what an export tells: one object with its parts, or rows of any of them in one file.

    A trace says who asked and where, so the whole file is held at once.
    """
    export = _export(path)
    if export is None:
        export = {part: [] for part in _PARTS}
        for _, row in rows(path):
            export[_part_of(row)].append(row)
    traces, observations, scores = (export.get(part) or [] for part in _PARTS)
    if not all(isinstance(part, list) for part in (traces, observations, scores)):
        raise DataInvalid(f"{path}: traces, observations and scores are lists; export them again")
    return langfuse_interactions(traces, observations, scores)


def _part_of(row: Mapping[str, Any]) -> str:
    if "type" in row:
        return "observations"
    return "scores" if {"value", "stringValue", "string_value"} & row.keys() else "traces"


def columns_of(written: Sequence[str]) -> dict[str, str]:
    """Return field to column.

    >>> columns_of(["input=prompt,output=answer", "id=request"])
    {'input': 'prompt', 'output': 'answer', 'id': 'request'}
    """
    found = {}
    for part in (part.strip() for each_one in written for part in each_one.split(",")):
        name, separator, column = part.partition("=")
        if not (name and separator and column):
            raise WrongAsWritten(f"--columns {part}: write FIELD=COLUMN, between commas, as input=prompt,output=answer")
        found[name.strip()] = column.strip()
    return found
