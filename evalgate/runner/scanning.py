"""Rows in, outcomes out, in order: code checks and local models on a stream, in one process or several."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from typing import Any, NamedTuple

from evalgate.checks.privacy.masking import Masker
from evalgate.checks.text.hits import utf16
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.checks import Check
from evalgate.core.errors import DataInvalid
from evalgate.core.outcomes import Mark, Outcome, Span
from evalgate.core.samples import Sample, Subject
from evalgate.runner.marking import Item, Marker, Named
from evalgate.suites.fields import FieldReader, Wanted
from evalgate.suites.messages import Misread
from evalgate.suites.rows import Row, json_row
from evalgate.suites.suite import DataSpec

BATCH = 500
"""Rows that go to a process at once."""
BATCHES_AHEAD = 4
"""Batches a process may have waiting, so that a slow reader holds a quick one back."""

Line = tuple[int, bytes]


class Scanned(NamedTuple):
    """What became of one row."""

    line: int
    id: str
    outcomes: tuple[dict[str, Any], ...] = ()
    error: str | None = None
    """Why the row could not be read; it was not marked."""


class Scanner:
    """Marks rows by checks that ask nobody. Explanations are masked; spans are offsets of the row as it was given."""

    def __init__(self, checks: Mapping[str, Check], spec: DataSpec, place: str = "stdin") -> None:
        """Load the local models that the checks use; `place` is what errors call the rows' file."""
        self._checks, self._spec, self._place = dict(checks), spec, place
        self._reader = FieldReader(spec, Wanted.by(checks), typed=True)
        self._marker = Marker(Named.all_of(checks), _KeepsPlaces(), b"")
        self._id, self._input = spec.column("id"), spec.column("input")

    def __reduce__(self) -> tuple[type[Scanner], tuple[dict[str, Check], DataSpec, str]]:
        return type(self), (self._checks, self._spec, self._place)

    def scan(self, lines: Sequence[Line]) -> list[Scanned]:
        """Return what the checks say of each row, in order; blank lines are left out."""
        read = [(number, self._sample(number, raw)) for number, raw in lines]
        items = [Item(number, sample, "", "") for number, sample in read if isinstance(sample, Sample)]
        marked = {pending.item.position: pending for pending in self._marker.begin_all(items)}
        found = []
        for number, sample in read:
            if isinstance(sample, Sample):
                texts = SubjectTexts(Subject(sample=sample))
                outcomes = tuple(_written(outcome, texts) for outcome in marked[number].outcomes)
                found.append(Scanned(number, sample.case.id, outcomes))
            elif sample is not None:
                found.append(Scanned(number, f"line-{number}", error=sample))
        return found

    def _sample(self, number: int, raw: bytes) -> Sample | str | None:
        """Return the sample on a line, why there is none, or None for a blank line."""
        try:
            row = json_row(self._place, number, raw)
            return None if row is None else self._read(number, row)
        except DataInvalid as problem:
            return str(problem)
        except Misread as problem:
            return f"{self._place}:{number}: {problem}"

    def _read(self, number: int, row: Row) -> Sample:
        row = {self._id: f"line-{number}", **row}
        if self._input in row:
            return Sample(case=self._reader.case(row), output=self._reader.output(row))
        # An answer that came without its question: whatever reads the question is not applicable.
        case = self._reader.case({**row, self._input: "-"}).model_copy(update={"input": ()})
        return Sample(case=case, output=self._reader.output(row))


class _KeepsPlaces(Masker):
    """Masks what checks say, and leaves spans and samples as they are: the caller has the row, and keeps nothing."""

    def mask_sample(self, sample: Sample) -> Sample:
        """Return the sample itself."""
        return sample

    def _span(self, sample: Sample, span: Span) -> Span:  # noqa: ARG002 - the shape of every masker
        return span


def scanned(lines: Iterable[Line], scanner: Scanner, workers: int) -> Iterator[Scanned]:
    """Yield what becomes of each row, in order. Each of several workers has its own copy of checks and models."""
    numbered = iter(lines)
    batches = iter(lambda: list(islice(numbered, BATCH)), [])
    if workers <= 1:
        for batch in batches:
            yield from scanner.scan(batch)
        return
    with ProcessPoolExecutor(workers, initializer=_start, initargs=(pickle.dumps(scanner),)) as pool:
        waiting: deque[Future[list[Scanned]]] = deque()
        for batch in batches:
            waiting.append(pool.submit(_scan, batch))
            if len(waiting) >= workers * BATCHES_AHEAD:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


_scanner: list[Scanner] = []


def _start(packed: bytes) -> None:
    _scanner[:] = [pickle.loads(packed)]  # noqa: S301 - our own bytes, from the process that started this one


def _scan(batch: list[Line]) -> list[Scanned]:
    return _scanner[0].scan(batch)


def _written(outcome: Outcome, texts: SubjectTexts) -> dict[str, Any]:
    """Return an outcome as it is printed: what is empty left out, spans in code points and in UTF-16 units."""
    result = outcome.result
    said = result.model_dump(mode="json", exclude_defaults=True, exclude={"votes", "spans"})
    written = {"check": outcome.check.name, "digest": outcome.check.digest[:12], "kind": result.kind, **said}
    if outcome.criterion:
        written["criterion"] = outcome.criterion
    if isinstance(result, Mark) and result.spans:
        written["spans"] = [_place(span, texts) for span in result.spans]
    return written


def _place(span: Span, texts: SubjectTexts) -> dict[str, Any]:
    text = texts.pieces(span.side)[span.message or 0]
    return {
        **span.model_dump(mode="json", exclude_none=True),
        "utf16": [utf16(text, span.start), utf16(text, span.end)],
    }
