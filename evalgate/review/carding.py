"""Calibration cards from what is stored: labels of people on one side, outcomes of judges on the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.cards import CalibrationCard, LabelledMarks, make_card
from evalgate.core.errors import WrongAsWritten
from evalgate.core.outcomes import Mark, NotApplicable, Outcome, metric_name

if TYPE_CHECKING:
    from evalgate.core.labels import Label, Split
    from evalgate.runner.ports import Marked
    from evalgate.store.engine import Store

MEASURED = ("llm", "classifier")
MEASURING: tuple[Split, ...] = ("test",)
MOST_RUNS = 100_000  # more than a store holds
MOST_SLICE_VALUES = 50
"""A slice of more values, as a user's id, tells nothing apart on a card."""
_TRUST = {"single": 0, "imported": 1, "agreed": 2, "adjudicated": 3}


class Judge(NamedTuple):
    """One judge of one criterion."""

    check: str
    criterion: str
    digest: str


@dataclass
class _Met:
    """What one judge said of labelled samples."""

    names: set[str] = field(default_factory=set)
    labels: list[Label] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    slices: list[dict[str, str]] = field(default_factory=list)
    clusters: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)


def cards_of(store: Store, runs: Sequence[str], check: str, today: date) -> list[CalibrationCard]:
    """Return a card for each judge and criterion of a check, made and kept, in the order of criteria and digests.

    Labels count that people gave blind, of samples of the split `test`; of several for one sample the best founded,
    then the newest. A judge is met in the runs named, in all stored ones where none is; of several outcomes of a sample
    the first met counts. Weights are 1/probability where all labels of a judge have one, else there are none.
    Raise WrongAsWritten where there is no label, or no judge said anything of a labelled sample.
    """
    labels = _labels(store, check)
    if not labels:
        message = f"check {check!r} has no blind label in the split `test`; fill a queue, or: evalgate label RUN"
        raise WrongAsWritten(f"{message} --check {check}")
    met = _met(store, runs, check, labels)
    if not met:
        where = f"in {', '.join(runs)}" if runs else "in any stored run"
        message = f"no judge or classifier called {check!r} said anything {where} of a sample that people labelled"
        raise WrongAsWritten(message)
    cards = []
    for judge in sorted(met):
        card = make_card(
            _marks(met[judge]),
            check=judge.check,
            criterion=judge.criterion,
            judge=", ".join(sorted(met[judge].names)) or judge.check,
            judge_digest=judge.digest,
            made_on=today,
        )
        store.cards.keep(card)
        cards.append(card)
    return cards


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


def _labels(store: Store, check: str) -> dict[str, dict[str, Label]]:
    """Return the label that counts of each sample, by criterion and sample digest."""
    best: dict[str, dict[str, Label]] = {}
    for one in store.labels.stream(check, splits=MEASURING):
        mine = best.setdefault(one.criterion, {})
        known = mine.get(one.sample_digest)
        if one.blind and (known is None or (_TRUST[one.basis], one.at) >= (_TRUST[known.basis], known.at)):
            mine[one.sample_digest] = one
    return {criterion: found for criterion, found in best.items() if found}


def _met(store: Store, runs: Sequence[str], check: str, labels: dict[str, dict[str, Label]]) -> dict[Judge, _Met]:
    met: dict[Judge, _Met] = {}
    for run in _runs(store, runs, check):
        for marked in store.runs.stream(run):
            for outcome in marked.outcomes:
                label = labels.get(outcome.criterion, {}).get(marked.sample_digest)
                if label is not None and outcome.check.name == check and outcome.check.annotator in MEASURED:
                    _meet(met, marked, outcome, label)
    return met


def _runs(store: Store, runs: Sequence[str], check: str) -> Iterator[str]:
    """Give the runs that a judge of the check marked."""
    known = [store.runs.get(name) for name in runs] if runs else store.runs.list(limit=MOST_RUNS)
    for run in known:
        if any(one.name == check and one.annotator in MEASURED for one in run.manifest.checks):
            yield run.id


def _meet(met: dict[Judge, _Met], marked: Marked, outcome: Outcome, label: Label) -> None:
    result = outcome.result
    if isinstance(result, NotApplicable):
        return
    mine = met.setdefault(Judge(outcome.check.name, outcome.criterion, outcome.check.digest), _Met())
    mine.names |= {vote.judge for vote in result.votes}
    if marked.sample_digest in mine.seen:
        return
    mine.seen.add(marked.sample_digest)
    mine.labels.append(label)
    mine.values.append(result.value if isinstance(result, Mark) else float("nan"))
    mine.slices.append(marked.sample.case.slices)
    mine.clusters.append(label.cluster or marked.sample.case.cluster or marked.sample.case.id)


def _marks(met: _Met) -> LabelledMarks:
    import numpy as np

    chances = [one.probability for one in met.labels if one.probability is not None]
    known = len(chances) == len(met.labels)
    return LabelledMarks(
        judge=np.array(met.values, dtype=np.float64),
        people=np.array([one.value for one in met.labels], dtype=np.float64),
        weights=1 / np.array(chances, dtype=np.float64) if known else None,
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
