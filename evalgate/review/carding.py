"""Calibration cards from what is stored: labels of people on one side, outcomes of judges on the other."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.cards import POSITIVE, CalibrationCard, LabelledMarks, make_card
from evalgate.core.errors import WrongAsWritten
from evalgate.core.labels import standing
from evalgate.core.outcomes import Mark, NotApplicable, Outcome, metric_name

if TYPE_CHECKING:
    from evalgate.core.labels import Label, Split
    from evalgate.runner.ports import Marked
    from evalgate.store.engine import Store
    from evalgate.store.tables.runs import StoredRun

MEASURED = ("llm", "classifier")
MEASURING: tuple[Split, ...] = ("test",)
MOST_RUNS = 100_000  # more than a store holds
MOST_SLICE_VALUES = 50
"""A slice of more values, as a user's id, tells nothing apart on a card."""


class Judge(NamedTuple):
    """One judge of one criterion."""

    check: str
    criterion: str
    digest: str


class Place(NamedTuple):
    """Where a sample stands."""

    run: str
    position: int
    case_id: str


@dataclass
class Met:
    """What one judge said of labelled samples, side by side with the label that counts of each."""

    judge: Judge
    names: set[str] = field(default_factory=set)
    models: set[str] = field(default_factory=set)
    """The versions that answered."""
    labels: list[Label] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    """Not a number where the judge gave no mark."""
    slices: list[dict[str, str]] = field(default_factory=list)
    clusters: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    def card(self, today: date) -> CalibrationCard:
        """Return the card that these make on a day."""
        return make_card(
            _marks(self),
            check=self.judge.check,
            criterion=self.judge.criterion,
            judge=", ".join(sorted(self.names)) or self.judge.check,
            judge_digest=self.judge.digest,
            made_on=today,
        )

    def where(self, split: Split) -> Met:
        """Return those of one split."""
        inside = [place for place, label in enumerate(self.labels) if label.split == split]
        return Met(
            self.judge,
            self.names,
            self.models,
            [self.labels[place] for place in inside],
            [self.values[place] for place in inside],
            [self.slices[place] for place in inside],
            [self.clusters[place] for place in inside],
            [self.places[place] for place in inside],
        )

    @property
    def scored(self) -> int:
        """How many the judge gave a mark."""
        return sum(not math.isnan(value) for value in self.values)

    def apart(self, *, people: bool) -> list[tuple[Place, Label, float]]:
        """Return where people say so (`people`: positive) and the judge says the other, in the order they were met."""
        rows = zip(self.places, self.labels, self.values, strict=True)
        said = [row for row in rows if not math.isnan(row[2]) and (row[1].value >= POSITIVE) is people]
        return [row for row in said if (row[2] >= POSITIVE) is not people]


def cards_of(store: Store, runs: Sequence[str], check: str, today: date) -> list[CalibrationCard]:
    """Return a card for each judge and criterion of a check, made and kept, in the order of criteria and digests.

    Raise WrongAsWritten where there is no label, or no judge said anything of a labelled sample.
    """
    cards = made_of(store, runs, check, today)
    for card in cards:
        store.cards.keep(card)
    return cards


def made_of(
    store: Store, runs: Sequence[str], check: str, today: date, digest: str | None = None
) -> list[CalibrationCard]:
    """Return those cards, or those of the judge of a digest, made but not kept."""
    found = met_by(store, check, runs, digest)
    if not found and not _labels(store, check, MEASURING):
        message = f"check {check!r} has no blind label in the split `test`; fill a queue, or: evalgate label RUN"
        raise WrongAsWritten(f"{message} --check {check}")
    if not found:
        where = f"in {', '.join(runs)}" if runs else "in any stored run"
        message = f"no judge or classifier called {check!r} said anything {where} of a sample that people labelled"
        raise WrongAsWritten(message)
    return [found[judge].card(today) for judge in sorted(found)]


def met_by(
    store: Store,
    check: str,
    runs: Sequence[str] = (),
    digest: str | None = None,
    splits: tuple[Split, ...] = MEASURING,
) -> dict[Judge, Met]:
    """Return what each judge of a check, or the one of a digest, said where people did; nothing is kept.

    Labels count that people gave blind, of samples of these splits: a card is of `test`. Of several for one sample the
    best founded counts, then the newest. A judge is met in the runs named, in all stored ones where none is, the newest
    first; of several outcomes of a sample the first met counts.
    """
    labels = _labels(store, check, splits)
    digests = {sample for mine in labels.values() for sample in mine}
    met: dict[Judge, Met] = {}
    seen: dict[str, set[str]] = {}
    for run, judge in _runs(store, runs, check) if labels else ():
        known = seen.setdefault(judge, set())
        if (digest is not None and judge != digest) or known >= digests:
            continue
        places = [(at, one) for at, one in store.labels.places_in(run.number, check, splits) if one not in known]
        for marked in store.runs.at(run.id, [at for at, _ in places]):
            for outcome in marked.outcomes:
                label = labels.get(outcome.criterion, {}).get(marked.sample_digest)
                if label is not None and outcome.check.name == check and marked.sample_digest not in known:
                    _meet(met, run.id, marked, outcome, label)
            known.add(marked.sample_digest)
    return met


class Drift(NamedTuple):
    """A judge's last card beside the one before."""

    earlier: CalibrationCard
    later: CalibrationCard
    informed: float | None
    """How J changed; None where either has none."""
    ac1: float | None
    """How AC1 changed."""
    apart: tuple[str, ...]
    """Which of tpr, tnr and ac1 have bounds that do not overlap: they changed for certain."""


def drift_of(store: Store, check: str, criterion: str, judge_digest: str) -> Drift | None:
    """Return how a judge's last two cards differ; None with fewer than two."""
    known = store.cards.history(check, criterion, judge_digest, limit=2)
    if len(known) < 2:
        return None
    later, earlier = known
    one, other = earlier.by("ac1"), later.by("ac1")
    bounds = {
        "tpr": ((earlier.tpr.low, earlier.tpr.high), (later.tpr.low, later.tpr.high)),
        "tnr": ((earlier.tnr.low, earlier.tnr.high), (later.tnr.low, later.tnr.high)),
        "ac1": ((one.low, one.high), (other.low, other.high)),
    }
    return Drift(
        earlier=earlier,
        later=later,
        informed=_change(earlier.informed, later.informed),
        ac1=_change(one.point, other.point),
        apart=tuple(name for name, (first, second) in bounds.items() if _are_apart(first, second)),
    )


def _labels(store: Store, check: str, splits: tuple[Split, ...]) -> dict[str, dict[str, Label]]:
    """Return the label that counts of each sample, by criterion and sample digest."""
    said: dict[str, list[Label]] = {}
    for one in store.labels.stream(check, splits=splits):
        if one.blind:
            said.setdefault(one.criterion, []).append(one)
    return {criterion: standing(labels) for criterion, labels in said.items()}


def _runs(store: Store, runs: Sequence[str], check: str) -> Iterator[tuple[StoredRun, str]]:
    """Give the runs that a judge of the check marked, each with the judge's digest."""
    known = [store.runs.get(name) for name in runs] if runs else store.runs.list(limit=MOST_RUNS)
    for run in known:
        for one in run.manifest.checks:
            if one.name == check and one.annotator in MEASURED:
                yield run, one.digest


def _meet(met: dict[Judge, Met], run: str, marked: Marked, outcome: Outcome, label: Label) -> None:
    result = outcome.result
    if isinstance(result, NotApplicable):
        return
    judge = Judge(outcome.check.name, outcome.criterion, outcome.check.digest)
    mine = met.setdefault(judge, Met(judge))
    mine.names |= {vote.judge for vote in result.votes}
    mine.models |= {vote.model for vote in result.votes}
    mine.labels.append(label)
    mine.values.append(result.value if isinstance(result, Mark) else float("nan"))
    mine.slices.append(marked.sample.case.slices)
    mine.clusters.append(label.cluster or marked.sample.case.cluster or marked.sample.case.id)
    mine.places.append(Place(run, marked.position, marked.sample.case.id))


def _marks(met: Met) -> LabelledMarks:
    import numpy as np

    chances = [float("nan") if one.probability is None else one.probability for one in met.labels]
    return LabelledMarks(
        judge=np.array(met.values, dtype=np.float64),
        people=np.array([one.value for one in met.labels], dtype=np.float64),
        weights=1 / np.array(chances, dtype=np.float64),
        clusters=np.array(met.clusters),
        slices=_columns(met.slices),
        languages=tuple(one.language for one in met.labels),
    )


def _columns(rows: Sequence[dict[str, str]]) -> dict[str, list[str | None]]:
    """Return the slices as columns, without those that nearly name single samples."""
    columns = {name: [row.get(name) for row in rows] for name in {name for row in rows for name in row}}
    return {name: column for name, column in columns.items() if len(set(column) - {None}) <= MOST_SLICE_VALUES}


def _change(before: float | None, after: float | None) -> float | None:
    return None if before is None or after is None else after - before


def _are_apart(first: tuple[float | None, float | None], second: tuple[float | None, float | None]) -> bool:
    (low, high), (other_low, other_high) = first, second
    if low is None or high is None or other_low is None or other_high is None:
        return False
    return high < other_low or other_high < low


def metric_of(card: CalibrationCard) -> str:
    """Return the metric that a card is about."""
    return metric_name(card.check, card.criterion)
