"""The first look at the data, before anything is spent: what is there, in numbers and hashes.

A row costs 32 bytes and 4 more a slice. This module imports numpy; `samples` imports it only to take an inventory.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from evalgate.core.errors import DataInvalid
from evalgate.core.pairs import Pairs, pair
from evalgate.core.samples import Output, Sample
from evalgate.core.tally import cluster_key, row_key
from evalgate.suites.words import FIRST, named

MAX_SLICE_VALUES = 1000
MAX_NAMED = 20
"""Distinct revisions and models that are kept by name."""

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class SliceColumn:
    """The values of one slice: `names[codes[row]]`, or -1 where a row has none."""

    codes: NDArray[np.int32]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """Distinct texts of a column: the first twenty by name, whether there are more, and how many rows have none."""

    names: tuple[str, ...]
    more: bool
    absent: int


@dataclass(frozen=True, slots=True, eq=False)
class Inventory:
    """What a file holds, row by row in file order."""

    path: Path
    sha256: str
    """Of the file's bytes; where scores are joined from other files, a digest over all of them."""
    rows: int
    keys: Hashes
    """Hash of (id, repeat)."""
    content: Hashes
    """First 64 bits of `case.digest`."""
    answers: Hashes
    """First 64 bits of `sample.digest`."""
    clusters: Hashes
    """Hash of the cluster, or of the id for a case without one."""
    without_cluster: int
    slices: dict[str, SliceColumn]
    first_ids: tuple[str, ...]
    revisions: Labels
    models: Labels
    oldest: datetime | None
    newest: datetime | None
    without_created_at: int
    input_characters: int
    output_characters: int

    def without_rows(self) -> Inventory:
        """Return what is known of the file as a whole; what is known row by row, which pairing reads, is let go."""
        none = np.empty(0, dtype=np.uint64)
        return replace(self, keys=none, content=none, answers=none, clusters=none, slices={})

    @property
    def nbytes(self) -> int:
        """Bytes the arrays take."""
        hashes = self.keys.nbytes + self.content.nbytes + self.answers.nbytes + self.clusters.nbytes
        return hashes + sum(column.codes.nbytes for column in self.slices.values())


@dataclass(slots=True)
class _Tally:
    """Texts counted by name as rows pass, never more than can be listed."""

    names: dict[str, None] = field(default_factory=dict)
    more: bool = False
    absent: int = 0

    def add(self, text: str | None) -> None:
        if text is None:
            self.absent += 1
        elif text not in self.names:
            self.more = self.more or len(self.names) == MAX_NAMED
            if not self.more:
                self.names[text] = None

    def labels(self) -> Labels:
        return Labels(tuple(sorted(self.names)), self.more, self.absent)


class _SliceTally:
    def __init__(self, name: str) -> None:
        self.name = name
        self.codes = array("i")
        self.known: dict[str, int] = {}

    def add(self, value: str | None, path: Path, line: int) -> None:
        code = -1 if value is None else self.known.setdefault(value, len(self.known))
        if code == MAX_SLICE_VALUES:
            raise DataInvalid(
                f"{path}:{line}: the slice {self.name!r} has more than {MAX_SLICE_VALUES:,} values;"
                " slice by a column with a few"
            )
        self.codes.append(code)


class _Times:
    """The span of `created_at`."""

    def __init__(self) -> None:
        self.oldest: datetime | None = None
        self.newest: datetime | None = None
        self.absent = 0

    def add(self, moment: datetime | None) -> None:
        if moment is None:
            self.absent += 1
        elif self.oldest is None or self.newest is None:
            self.oldest = self.newest = moment
        else:
            self.oldest, self.newest = min(self.oldest, moment), max(self.newest, moment)


class _Columns:
    """What grows as rows pass: eight bytes a hash in plain arrays, which numpy then looks at without a copy."""

    def __init__(self, slices: tuple[str, ...]) -> None:
        self.keys, self.content, self.answers, self.clusters = (array("Q") for _ in range(4))
        self.slices = [_SliceTally(name) for name in slices]
        self.revisions, self.models, self.times = _Tally(), _Tally(), _Times()
        self.first_ids: list[str] = []
        self.rows = self.without_cluster = self.input_characters = self.output_characters = 0

    def add(self, sample: Sample, path: Path, line: int) -> None:
        case, output = sample.case, sample.output
        self.rows += 1
        self.keys.append(row_key(case.id, output.repeat))
        self.content.append(int(case.digest[:16], 16))
        self.answers.append(int(sample.digest[:16], 16))
        self.clusters.append(cluster_key(case.id, case.cluster))
        self.without_cluster += case.cluster is None
        self.input_characters += len(case.question)
        for column in self.slices:
            column.add(case.slices.get(column.name), path, line)
        self._add_facts(output)
        if len(self.first_ids) < FIRST:
            self.first_ids.append(case.id)

    def _add_facts(self, output: Output) -> None:
        self.output_characters += len(output.text)
        self.revisions.add(output.revision)
        self.models.add(output.model)
        self.times.add(output.created_at)


Look = Callable[[], Iterable[tuple[int, Sample]]]
"""Goes through a file once more: lines and samples."""


def take_inventory(path: Path, look: Look, slices: tuple[str, ...], *, sha256: str) -> Inventory:
    """Return the inventory of a file after one look, two when an id stands twice; raise DataInvalid naming the line."""
    columns = _Columns(slices)
    for line, sample in look():
        columns.add(sample, path, line)
    keys = _hashes(columns.keys)
    _refuse_duplicates(path, look, keys)
    return Inventory(
        path=path,
        sha256=sha256,
        rows=columns.rows,
        keys=keys,
        content=_hashes(columns.content),
        answers=_hashes(columns.answers),
        clusters=_hashes(columns.clusters),
        without_cluster=columns.without_cluster,
        slices={
            tally.name: SliceColumn(np.frombuffer(tally.codes, dtype=np.int32), tuple(tally.known))
            for tally in columns.slices
        },
        first_ids=tuple(columns.first_ids),
        revisions=columns.revisions.labels(),
        models=columns.models.labels(),
        oldest=columns.times.oldest,
        newest=columns.times.newest,
        without_created_at=columns.times.absent,
        input_characters=columns.input_characters,
        output_characters=columns.output_characters,
    )


def _hashes(collected: array[int]) -> Hashes:
    return np.frombuffer(collected, dtype=np.uint64)


def _refuse_duplicates(path: Path, look: Look, keys: Hashes) -> None:
    """Raise DataInvalid with both lines when an (id, repeat) stands twice: hashes say whether, a second look where."""
    ordered = np.sort(keys)
    twice = set(ordered[1:][ordered[1:] == ordered[:-1]].tolist())
    if not twice:
        return
    seen: dict[tuple[str, int], int] = {}
    for line, sample in look():
        case_id, repeat = sample.case.id, sample.output.repeat
        if row_key(case_id, repeat) not in twice:
            continue
        first = seen.setdefault((case_id, repeat), line)
        if first != line:
            which = f"repeat {repeat} of the id" if repeat else "the id"
            raise DataInvalid(
                f"{path}:{line}: {which} {case_id!r} is already on line {first}; ids are unique,"
                " several answers to one case carry repeat 0, 1, 2 …"
            )


def pairing(candidate: Inventory, baseline: Inventory) -> Pairs:
    """Return how two files pair by id and repeat; raise DataInvalid when they have no id in common."""
    pairs = pair(candidate, baseline)
    if not pairs.joined:
        raise DataInvalid(
            f"{candidate.path} and {baseline.path} have no id in common ({named(list(candidate.first_ids))} against"
            f" {named(list(baseline.first_ids))}); a baseline answers the same cases"
        )
    return pairs
