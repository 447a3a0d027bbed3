"""From two arms' columns to the evidence a suite's gates ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from evalgate.core.correcting import PeopleSaid, corrected_difference, corrected_level
from evalgate.core.estimates import change_estimate, score_estimate
from evalgate.core.gates import BetterThanBaseline, Gate, Never, NoWorseThan, Production
from evalgate.core.metrics import Calibration, Evidence, Fact, InProduction, Metric, Tripwire
from evalgate.core.pairs import Pairs
from evalgate.core.statistics.unscored import change_ends, score_ends
from evalgate.core.tally import FIRST_REASON, NOT_APPLICABLE, SCORED, Columns, reasons

if TYPE_CHECKING:
    from numpy.typing import NDArray

IMPROVEMENT_GUARD = 0.05
"""Where `better_than_baseline` has no margin, a cluster counts as deviating from this change on (as for floors)."""
MOST_IDS = 100


class People(NamedTuple):
    """What people say: their labels by metric, and what judges' cards say."""

    labels: Mapping[str, PeopleSaid] = {}
    calibrations: tuple[Calibration, ...] = ()


NOBODY = People()


def gather(
    gates: Iterable[Gate],
    candidate: Columns,
    baseline: Columns | None,
    pairs: Pairs | None,
    facts: tuple[Fact, ...],
    people: People = NOBODY,
    production: Iterable[InProduction] = (),
) -> Evidence:
    """Return every metric, tripwire and fact that the gates read, each once."""
    metrics: dict[tuple[str, str | None, str, float | None], Metric] = {}
    tripwires: dict[tuple[str, bool], Tripwire] = {}
    for gate in gates:
        for rule in gate.rules:
            if isinstance(rule, Never):
                new = rule.scope == "new"
                tripwires.setdefault((gate.metric, new), _tripwire(gate.metric, candidate, baseline, pairs, new=new))
                continue
            if isinstance(rule, Production):
                continue
            margin = rule.margin if isinstance(rule, NoWorseThan) else None
            said = people.labels.get(gate.metric)
            of = "change" if isinstance(rule, NoWorseThan | BetterThanBaseline) else "level"
            for slice_name, inside in _slices(gate, candidate):
                key = (gate.metric, slice_name, of, margin)
                if key in metrics:
                    continue
                if of == "level":
                    metrics[key] = level(gate.metric, slice_name, candidate, inside, said)
                elif baseline is not None and pairs is not None:
                    metrics[key] = change(gate.metric, slice_name, (candidate, baseline), pairs, inside, margin, said)
    return Evidence(
        metrics=tuple(metrics.values()),
        tripwires=tuple(tripwires.values()),
        facts=facts,
        calibrations=people.calibrations,
        production=tuple(_with_improvement(one, candidate, baseline, pairs, people) for one in production),
    )


def _with_improvement(
    seen: InProduction, candidate: Columns, baseline: Columns | None, pairs: Pairs | None, people: People
) -> InProduction:
    """Return what production shows with the candidate's change in the same metric, where there is a baseline."""
    if baseline is None or pairs is None:
        return seen
    everything = np.ones(len(candidate), dtype=np.bool_)
    said = people.labels.get(seen.metric)
    better = change(seen.metric, None, (candidate, baseline), pairs, everything, None, said)
    return seen.model_copy(update={"improvement": better})


def _slices(gate: Gate, columns: Columns) -> Iterable[tuple[str | None, NDArray[np.bool_]]]:
    yield None, np.ones(len(columns), dtype=np.bool_)
    for name in gate.by:
        for value, inside in columns.members(name):
            yield f"{name}={value}", inside


def level(
    name: str, slice_name: str | None, arm: Columns, inside: NDArray[np.bool_], said: PeopleSaid | None = None
) -> Metric:
    """Return the level of one metric over the rows inside a slice."""
    status = arm.status[name][inside]
    wanted = status != NOT_APPLICABLE
    values, clusters = arm.values[name][inside][wanted], arm.clusters[inside][wanted]
    scored = status[wanted] == SCORED
    observed = score_estimate(values[scored], clusters[scored])
    rows = np.flatnonzero(inside)[wanted][scored]
    low, high = observed, observed
    if not scored.all():
        low_values, high_values = score_ends(values)
        low, high = score_estimate(low_values, clusters), score_estimate(high_values, clusters)
    return Metric(
        name=name,
        slice=slice_name,
        of="level",
        annotator=arm.annotators[name],
        estimate=observed,
        lowest=low,
        highest=high,
        planned=int(wanted.sum()),
        scored=int(scored.sum()),
        not_applicable=int((~wanted).sum()),
        unscored=reasons(status),
        binary=_binary(values[scored]),
        corrected=None if said is None else corrected_level(said, arm, name, rows),
    )


def change(
    name: str,
    slice_name: str | None,
    arms: tuple[Columns, Columns],
    pairs: Pairs,
    inside: NDArray[np.bool_],
    margin: float | None,
    said: PeopleSaid | None = None,
) -> Metric:
    """Return the change of one metric over the pairs inside a slice; without a margin, guarded as improvements are."""
    ours, theirs = arms
    guard = IMPROVEMENT_GUARD if margin is None else margin
    chosen = inside[pairs.candidate]
    rows, base_rows = pairs.candidate[chosen], pairs.baseline[chosen]
    status, base_status = ours.status[name][rows], theirs.status[name][base_rows]
    wanted = (status != NOT_APPLICABLE) & (base_status != NOT_APPLICABLE)
    now, before = ours.values[name][rows][wanted], theirs.values[name][base_rows][wanted]
    clusters = ours.clusters[rows][wanted]
    scored = ~(np.isnan(now) | np.isnan(before))
    difference = now[scored] - before[scored]
    observed = change_estimate(difference, guard, clusters[scored])
    low, high = observed, observed
    if not scored.all():
        low_values, high_values = change_ends(now, before)
        low, high = (change_estimate(ends, guard, clusters) for ends in (low_values, high_values))
    missing = reasons(np.where(status[wanted] >= FIRST_REASON, status[wanted], base_status[wanted]))
    return Metric(
        name=name,
        slice=slice_name,
        of="change",
        margin=margin,
        annotator=ours.annotators[name],
        estimate=observed,
        lowest=low,
        highest=high,
        planned=int(wanted.sum()),
        scored=int(scored.sum()),
        not_applicable=int((~wanted).sum()),
        unscored=missing,
        candidate_level=_mean(now[scored]),
        baseline_level=_mean(before[scored]),
        gained=int((difference > 0).sum()),
        lost=int((difference < 0).sum()),
        binary=_binary(now[scored]) and _binary(before[scored]),
        corrected=None
        if said is None
        else corrected_difference(said, name, (ours, rows[wanted][scored]), (theirs, base_rows[wanted][scored])),
    )


def _binary(values: NDArray[np.float64]) -> bool:
    return bool(((values == 0) | (values == 1)).all())


def _mean(values: NDArray[np.float64]) -> float | None:
    # Sorted before summing: rows arrive in key order, but the sum of a slice must not depend on it either.
    return float(np.sort(values).mean()) if len(values) else None


def _tripwire(name: str, arm: Columns, baseline: Columns | None, pairs: Pairs | None, *, new: bool) -> Tripwire:
    status, values = arm.status[name], arm.values[name]
    wanted = status != NOT_APPLICABLE
    hit = (status == SCORED) & (values == 0)
    counted = hit
    if new and baseline is not None and pairs is not None:
        # Only a baseline seen to violate excuses a hit: unscored, unmatched and changed cases do not.
        excused = np.zeros(len(arm), dtype=np.bool_)
        before = (baseline.status[name] == SCORED) & (baseline.values[name] == 0)
        excused[pairs.candidate] = before[pairs.baseline]
        counted = hit & ~excused
    return Tripwire(
        name=name,
        annotator=arm.annotators[name],
        planned=int(wanted.sum()),
        scored=int((status[wanted] == SCORED).sum()),
        not_applicable=int((~wanted).sum()),
        unscored=reasons(status),
        hits=int(hit.sum()),
        new=int(counted.sum()) if new else None,
        baseline_hits=None if baseline is None else len(baseline.violators[name]),
        clusters=len(np.unique(arm.clusters[wanted])),
        clusters_hit=len(np.unique(arm.clusters[counted])),
        cases=_ids(arm, name, counted),
    )


def _ids(arm: Columns, name: str, counted: NDArray[np.bool_]) -> tuple[str, ...]:
    wanted = set(arm.keys[counted].tolist())
    return tuple(dict.fromkeys(case for case, key in arm.violators[name] if key in wanted))[:MOST_IDS]
