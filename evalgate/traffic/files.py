"""Files of traffic become interactions, streamed: tables with columns of your own, native records, OpenAI's files."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from evalgate.core.errors import DataInvalid, WrongAsWritten, did_you_mean
from evalgate.core.samples import Message
from evalgate.suites.fields import FieldReader, Wanted
from evalgate.suites.messages import Misread, first_error
from evalgate.suites.rows import Row, format_of, is_typed, json_row, numbered_lines, readable, rows
from evalgate.suites.suite import FIELDS, DataSpec
from evalgate.traffic.attributes import flat
from evalgate.traffic.completions import completion_interaction
from evalgate.traffic.interactions import Interaction
from evalgate.traffic.native import SentInteraction
from evalgate.traffic.reading import flag, listed, name, text, thumbs, when

SOURCE = "file"
Build = Callable[[Row], Interaction | None]
"""Makes a row an interaction, or None when it is none; raises ValidationError, Misread or ValueError."""
_UNUSED = ("reference", "repeat", "metadata")
_OWN: Mapping[str, Callable[[Any], Any]] = {
    "user_id": name,
    "trace_id": name,
    "ended_at": when,
    "model_requested": text,
    "provider": text,
    "cache_hit": flag,
    "finish_reasons": listed,
    "error": text,
    "service": text,
    "route": text,
    "language": text,
    "feedback": thumbs,
}
COLUMNS = (*(field for field in FIELDS if field not in _UNUSED), *_OWN)
"""The fields a column may be read for; those of a suite's `data.columns` mean what they mean there."""


class TrafficRows:
    """Reads rows as interactions under a map from fields to columns; other columns go where `keep` names them."""

    def __init__(self, columns: Mapping[str, str], keep: Collection[str] = (), *, typed: bool, source: str) -> None:
        for field in columns:
            if field not in COLUMNS:
                raise WrongAsWritten(
                    f"columns.{field}: not a field of an interaction.{did_you_mean(field, COLUMNS)}"
                    f" Known are {', '.join(COLUMNS)}"
                )
        shared = {field: column for field, column in columns.items() if field not in _OWN}
        self._reader = FieldReader(DataSpec(columns=shared), Wanted(), typed=typed)
        self._own = tuple((field, columns.get(field, field), how) for field, how in _OWN.items())
        self._keep = tuple(keep)
        self._source = source

    def interaction(self, row: Row) -> Interaction:
        """Return a row as a finished interaction. Raises Misread or ValidationError naming what is wrong."""
        case, output = self._reader.case(row), self._reader.output(row)
        own = {
            field: value
            for field, column, how in self._own
            if (value := how(row.get(column))) is not None and value != ()
        }
        asked = (Message(role="user", content=case.input),) if isinstance(case.input, str) else case.input
        answer = Message(role="assistant", content=output.text, tool_calls=output.tool_calls)
        given = own.pop("ended_at", None)
        started = when(output.created_at)
        return Interaction(
            source=self._source,
            external_id=case.id,
            conversation_id=case.cluster,
            started=started,
            ended=given or _after(started, output.latency_ms),
            finished=True,
            input=asked,
            output=(answer,),
            context=case.context,
            model_answered=output.model,
            release=output.revision,
            input_tokens=output.input_tokens,
            output_tokens=output.output_tokens,
            cost_usd=output.cost_usd,
            attributes=flat({column: row[column] for column in self._keep if row.get(column) is not None}),
            **own,
        )


def _after(started: datetime | None, latency_ms: float | None) -> datetime | None:
    return None if started is None or latency_ms is None else started + timedelta(milliseconds=latency_ms)


def row_interactions(
    path: Path, columns: Mapping[str, str] | None = None, keep: Collection[str] = (), source: str = SOURCE
) -> Iterator[Interaction]:
    """Yield the interactions of a JSON Lines, JSON, CSV or Parquet file whose rows are one exchange each.

    Raises DataInvalid with file and line at the first row that cannot be read.
    """
    return _read(path, TrafficRows(columns or {}, keep, typed=is_typed(path), source=source).interaction)


def native_interactions(path: Path) -> Iterator[Interaction]:
    """Yield the interactions of a file of native records, as `POST /v1/interactions` takes them."""
    return _read(path, native_interaction)


def completion_interactions(path: Path) -> Iterator[Interaction]:
    """Yield what an OpenAI batch file, input or output, or a log of request and response pairs tells."""
    return _read(path, completion_interaction)


def native_interaction(row: Row) -> Interaction:
    """Return a native record as an interaction. Raises ValidationError naming what is wrong."""
    return SentInteraction.model_validate(row).interaction()


def each(path: Path, build: Build) -> Iterator[Interaction | DataInvalid | None]:
    """Yield what every row of a file is: an interaction, None for one that is none, or why it cannot be read.

    Raises DataInvalid where the file itself ends to be readable: its rows cannot be told apart any more.
    """
    lines = format_of(path) in {".jsonl", ".ndjson"}
    for line, row in _json_lines(path) if lines else rows(path):
        if isinstance(row, DataInvalid):
            yield row
            continue
        try:
            yield build(row)
        except ValidationError as problem:
            yield DataInvalid(f"{path}:{line}: {first_error(problem)}")
        except (Misread, ValueError, RecursionError) as problem:
            yield DataInvalid(f"{path}:{line}: {problem}")


def _json_lines(path: Path) -> Iterator[tuple[int, Row | DataInvalid]]:
    """Yield the rows of JSON Lines; a line that is broken takes no other with it."""
    with readable(path) as file:
        for line, raw in numbered_lines(path, file):
            try:
                row = json_row(path, line, raw)
            except DataInvalid as problem:
                yield line, problem
                continue
            if row is not None:
                yield line, row


def _read(path: Path, build: Build) -> Iterator[Interaction]:
    for found in each(path, build):
        if isinstance(found, DataInvalid):
            raise found
        if found is not None:
            yield found
