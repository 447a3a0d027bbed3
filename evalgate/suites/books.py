"""What is joined to the rows of an arm by id: cases that live apart, and scores that another tool wrote down.

Both are held in memory: a case file is what people collected, a score file has one value a row.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from evalgate.core.errors import DataInvalid
from evalgate.core.samples import Case
from evalgate.documents import no_such_file
from evalgate.suites.fields import FieldReader, Wanted
from evalgate.suites.messages import Misread
from evalgate.suites.rows import Row, is_typed, rows
from evalgate.suites.suite import DataSpec
from evalgate.suites.words import nearest


class CaseBook:
    """Cases that live apart from their outputs, by id."""

    def __init__(self, path: Path, spec: DataSpec, wanted: Wanted, *, origin: str = "") -> None:
        self.path = path
        self.sha256 = found_sha256(path, origin)
        self.cases: dict[str, Case] = {}
        reader = FieldReader(spec, wanted, typed=is_typed(path))
        lacking = Lacking(path, reader.demanded(cases=True, outputs=False), metadata=spec.column("metadata"))
        lines: dict[str, int] = {}
        for line, row in rows(path, reader.columns()):
            lacking.see(row)
            try:
                case = reader.case(row)
            except Misread as problem:
                raise DataInvalid(f"{path}:{line}: {problem}") from problem
            if case.id in lines:
                raise DataInvalid(
                    f"{path}:{line}: the id {case.id!r} is already on line {lines[case.id]}; ids are unique"
                )
            lines[case.id] = line
            self.cases[case.id] = case
        lacking.settle()


class ScoreBook:
    """One column of a file of scores, by id and repeat; ids it does not have stay without a value."""

    def __init__(self, path: Path, column: str, spec: DataSpec, *, origin: str = "") -> None:
        self.path = path
        self.column = column
        self.sha256 = found_sha256(path, origin)
        self.values: dict[tuple[str, int], Any] = {}
        reader = FieldReader(DataSpec(columns=spec.columns), Wanted(recorded=(column,)), typed=is_typed(path))
        lacking = Lacking(path, {column: origin or "a check"})
        lines: dict[tuple[str, int], int] = {}
        for line, row in rows(path, reader.columns()):
            lacking.see(row)
            try:
                key, value = reader.score(row, column)
            except Misread as problem:
                raise DataInvalid(f"{path}:{line}: {problem}") from problem
            if key in lines:
                raise DataInvalid(f"{path}:{line}: the id {key[0]!r} is already on line {lines[key]}; ids are unique")
            lines[key] = line
            if value is not None:
                self.values[key] = value
        lacking.settle()


class Lacking:
    """Columns that somebody demands and no row has shown yet."""

    def __init__(self, path: Path, demanded: dict[str, str], *, metadata: str = "") -> None:
        """Wait for the demanded columns, named with who demands them; some may stand inside the metadata column."""
        self.path = path
        self.demanded = demanded
        self.missing = set(demanded)
        self.metadata = metadata
        self.seen: dict[str, None] = {}

    def see(self, row: Row) -> None:
        if self.missing:
            self.missing -= row.keys()
            around = row.get(self.metadata)
            if isinstance(around, dict):
                self.missing -= around.keys()
            if len(self.seen) < 1000:
                self.seen |= dict.fromkeys(row)

    def settle(self) -> None:
        """Raise DataInvalid for the first column that no row had."""
        for column, who in self.demanded.items():
            if column in self.missing:
                raise DataInvalid(
                    f"{self.path}: no row has the column {column!r}, which {who} names; the columns are"
                    f" {', '.join(self.seen)}{nearest(column, self.seen)}"
                )


def found_sha256(path: Path, origin: str = "") -> str:
    """Return the SHA-256 of a file's bytes as 64 hex digits; DataInvalid, led by who named it, if it is not there."""
    named_by = f"{origin}: " if origin else ""
    try:
        if path.exists() and not path.is_file():
            raise DataInvalid(f"{named_by}{path}: not a file; data is read more than once, so it has to be one")
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as problem:
        raise DataInvalid(f"{named_by}{no_such_file(path)}") from problem
    except OSError as problem:
        raise DataInvalid(f"{named_by}{path}: cannot be read: {problem.strerror}") from problem
