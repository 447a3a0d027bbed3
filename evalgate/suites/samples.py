"""A file of rows as samples: read twice, first counted and hashed, then streamed; never held in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from evalgate.core.errors import DataInvalid
from evalgate.core.gates import Gate
from evalgate.core.runs import Arm
from evalgate.core.samples import Case, Sample
from evalgate.core.values import digest
from evalgate.suites.books import CaseBook, Lacking, ScoreBook, found_sha256
from evalgate.suites.fields import FieldReader, Wanted
from evalgate.suites.messages import Misread
from evalgate.suites.rows import Row, is_typed, rows
from evalgate.suites.suite import DataSpec, FileSource, Suite
from evalgate.suites.words import FIRST, counted, named

if TYPE_CHECKING:
    from evalgate.suites.inventory import Inventory


class Located(NamedTuple):
    """A sample with the line it stands on."""

    line: int
    sample: Sample


class SampleFile:
    """One arm's file. `inventory()` looks at all of it before anything is spent; `stream()` gives the samples again."""

    def __init__(
        self,
        path: Path,
        spec: DataSpec,
        wanted: Wanted,
        *,
        book: CaseBook | None = None,
        scores: Sequence[ScoreBook] = (),
        origin: str = "",
    ) -> None:
        """Stand for a file; `origin` says who named it. With `spec.cases`, a book is opened unless one is given."""
        self.path = path
        self._sha256 = found_sha256(path, origin)
        self._as_found = _stamp(path)
        if book is None and spec.cases is not None:
            book = CaseBook(spec.cases.path, spec, wanted, origin=spec.cases.origin)
        self.book = book
        self._scores = tuple(scores)
        self._reader = FieldReader(spec, wanted, typed=is_typed(path))

    def inventory(self) -> Inventory:
        """Return what is in the file. Raises DataInvalid for whatever would stop the stream, duplicates included."""
        from evalgate.suites.inventory import take_inventory

        self._refuse_unjoined()
        sha256 = digest([self._sha256, *(book.sha256 for book in self._scores)]) if self._scores else self._sha256
        return take_inventory(self.path, self.located, tuple(self._reader.spec.slices), sha256=sha256)

    def stream(self) -> Iterator[Sample]:
        """Yield the samples in file order."""
        for _, sample in self.located():
            yield sample

    def located(self) -> Iterator[Located]:
        """Yield the samples with their lines; a file that changed since it was first seen is refused."""
        self._refuse_change()
        path, reader, cases = self.path, self._reader, self.book.cases if self.book else None
        demanded = reader.demanded(cases=cases is None, outputs=True)
        lacking = Lacking(path, demanded, metadata=reader.spec.column("metadata"))
        for line, row in rows(path, reader.columns()):
            lacking.see(row)
            try:
                case = reader.case(row) if cases is None else self._case_of(reader.id(row))
                sample = Sample(case=case, output=reader.output(row, self._scored(row)))
            except Misread as problem:
                raise DataInvalid(f"{path}:{line}: {problem}") from problem
            yield Located(line, sample)
        lacking.settle()
        self._refuse_change()

    def _scored(self, row: Row) -> dict[str, Any] | None:
        """Return what the files of scores say of a row."""
        if not self._scores:
            return None
        key = self._reader.key(row)
        return {book.column: book.values[key] for book in self._scores if key in book.values}

    def _refuse_unjoined(self) -> None:
        """Raise DataInvalid when the ids here and in the files to join do not meet, with counts and first ids."""
        apart = list(self._scores)
        waiting = dict.fromkeys(self.book.cases) if self.book else {}
        strangers: list[str] = []
        unknown = 0
        for line, row in rows(self.path, self._reader.columns()) if self.book or apart else ():
            key = self._key_at(line, row)
            apart = [book for book in apart if key not in book.values]
            waiting.pop(key[0], None)
            if self.book and key[0] not in self.book.cases:
                unknown += 1
                strangers = [*strangers, key[0]][:FIRST]
        told = []
        if self.book and unknown:
            told.append(f"{counted(unknown, 'id')} not in {self.book.path} ({named(strangers)})")
        if self.book and waiting:
            told.append(
                f"{counted(len(waiting), 'case')} in {self.book.path} without an answer here ({named(waiting)})"
            )
        if told:
            raise DataInvalid(f"{self.path}: {'; '.join(told)}; data.cases joins by id, so both hold the same ids")
        for book in apart:
            ids = named(case_id for case_id, _ in book.values)
            raise DataInvalid(f"{book.path}: none of its ids is in {self.path} ({ids}); scores join by id")

    def _key_at(self, line: int, row: Row) -> tuple[str, int]:
        try:
            return self._reader.key(row)
        except Misread as problem:
            raise DataInvalid(f"{self.path}:{line}: {problem}") from problem

    def _case_of(self, case_id: str) -> Case:
        case = self.book.cases.get(case_id) if self.book else None
        if case is None:
            raise Misread(f"the id {case_id!r} is not in the case file; data.cases joins by id")
        return case

    def _refuse_change(self) -> None:
        if self._as_found != _stamp(self.path):
            raise DataInvalid(f"{self.path}: changed while it was being read; run the command again")


def sample_files(suite: Suite) -> tuple[SampleFile, SampleFile | None]:
    """Return the candidate's file and, when the baseline is a file too, the baseline's; they share one case book."""
    data = suite.data
    if data.candidate is None:
        raise DataInvalid(f"{suite.path}: data has no candidate; name the file of outputs, or give --candidate FILE")
    wanted = Wanted.by(suite.checks)
    book = CaseBook(data.cases.path, data, wanted, origin=data.cases.origin) if data.cases else None

    def opened(source: FileSource, arm: Arm) -> SampleFile:
        scores = score_books(suite, arm)
        return SampleFile(source.path, data, wanted, book=book, scores=scores, origin=source.origin)

    candidate = opened(data.candidate, "candidate")
    return candidate, opened(data.baseline, "baseline") if isinstance(data.baseline, FileSource) else None


def score_books(suite: Suite, arm: Arm) -> list[ScoreBook]:
    """Return the files of scores that checks name for an arm, each column once.

    Raises DataInvalid when two checks mean different columns by one name, and when a gate compares with a baseline
    whose scores no file holds.
    """
    books: dict[str, ScoreBook] = {}
    asked: dict[str, tuple[str, str | None]] = {}
    for name, check in suite.checks.items():
        files = getattr(check, "files", None)
        written = None if files is None else getattr(files, arm)
        for column in getattr(check, "columns", ()):
            other, elsewhere = asked.setdefault(column, (name, written))
            if elsewhere != written:
                raise DataInvalid(
                    f"{suite.path}: checks.{other} and checks.{name} read the column {column!r} from two places;"
                    " rename one of the columns"
                )
            if written is not None and column not in books:
                place = f"{suite.path}: checks.{name}.file.{arm}"
                books[column] = ScoreBook(suite.path.parent / written, column, suite.data, origin=place)
        if files is not None and written is None and any(g.relative and _reads(g, name) for g in suite.gates):
            raise DataInvalid(
                f"{suite.path}: checks.{name}.file names no baseline, and gates.{name} compares with one;"
                f" add checks.{name}.file.baseline"
            )
    return list(books.values())


def _reads(gate: Gate, check: str) -> bool:
    return gate.metric.partition(".")[0] == check


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as problem:
        raise DataInvalid(f"{path}: cannot be read: {problem.strerror}") from problem
    return status.st_size, status.st_mtime_ns
