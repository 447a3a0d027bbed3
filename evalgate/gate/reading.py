"""Stored runs read back: cases side by side, and two runs compared."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from evalgate.core.errors import WrongAsWritten
from evalgate.core.evidence import IMPROVEMENT_GUARD, change
from evalgate.core.pairs import pair
from evalgate.core.reporting import CaseView, Change, Comparison
from evalgate.core.tally import Columns, Tally
from evalgate.gate.cases import view

if TYPE_CHECKING:
    from evalgate.core.outcomes import CheckRef
    from evalgate.runner.ports import Marked
    from evalgate.store.runs import Runs

AT_ONCE = 500
"""Cases joined in memory at a time."""


def cases_of_run(runs: Runs, candidate: str, baseline: str | None) -> Iterator[CaseView]:
    """Yield every case of a run beside its baseline's, in the run's order, with flat memory."""
    for chunk in _batched(runs.stream(candidate)):
        keys = [(m.sample.case.id, m.sample.output.repeat) for m in chunk]
        before = {} if baseline is None else runs.marked(baseline, keys)
        for key, marked in zip(keys, chunk, strict=True):
            yield view(marked, before.get(key))


def _batched(stream: Iterator[Marked]) -> Iterator[tuple[Marked, ...]]:
    while chunk := tuple(islice(stream, AT_ONCE)):
        yield chunk


def one_case(runs: Runs, candidate: str, baseline: str | None, case_id: str) -> tuple[CaseView, ...]:
    """Return one case of a run beside its baseline's; raise WrongAsWritten when the run does not have it."""
    key = (case_id, 0)
    found = runs.marked(candidate, [key])
    if key not in found:
        message = f"{case_id!r} is neither a run nor a case of run {candidate}; see: evalgate runs list"
        raise WrongAsWritten(message)
    before = {} if baseline is None else runs.marked(baseline, [key])
    return (view(found[key], before.get(key)),)


def compare_runs(runs: Runs, candidate: str, baseline: str, alpha: float = 0.05) -> Comparison:
    """Return two runs compared on every metric that the same check marked in both."""
    ours, theirs = runs.get(candidate).manifest.checks, runs.get(baseline).manifest.checks
    left, right = _columns(runs, candidate, ours), _columns(runs, baseline, theirs)
    pairs = pair(left, right)
    same = {ref.name for ref in ours} & {ref.name for ref in set(ours) & set(theirs)}
    everywhere = np.ones(len(left), dtype=np.bool_)
    changes = []
    for metric in left.values:
        if metric.partition(".")[0] not in same or metric not in right.values:
            continue
        found = change(metric, None, (left, right), pairs, everywhere, IMPROVEMENT_GUARD)
        changes.append(
            Change(
                metric=metric,
                annotator=found.annotator,
                candidate=found.candidate_level,
                baseline=found.baseline_level,
                value=found.estimate.point if found.scored else None,
                low=found.lowest.bounds(alpha).low if found.planned else None,
                high=found.highest.bounds(alpha).high if found.planned else None,
                pairs=found.scored,
                gained=found.gained,
                lost=found.lost,
                unscored=found.planned - found.scored,
            )
        )
    compared = {c.metric for c in changes}
    return Comparison(
        candidate=candidate,
        baseline=baseline,
        pairs=len(pairs.candidate),
        unmatched_candidate=pairs.unmatched_candidate,
        unmatched_baseline=pairs.unmatched_baseline,
        changed_content=pairs.changed_content,
        outputs_unchanged=pairs.unchanged_outputs,
        changes=tuple(changes),
        not_comparable=tuple(sorted((set(left.values) | set(right.values)) - compared)),
    )


def _columns(runs: Runs, run_id: str, checks: tuple[CheckRef, ...]) -> Columns:
    """Return a stored run in columns, read with flat memory; criteria are found as they come."""
    tally: Tally | None = None
    for marked in runs.stream(run_id):
        if tally is None:
            criteria: dict[str, list[str]] = {}
            for outcome in marked.outcomes:
                criteria.setdefault(outcome.check.name, []).append(outcome.criterion)
            tally = Tally([(ref, criteria.get(ref.name, [""])) for ref in checks], (), listed=())
        case, output = marked.sample.case, marked.sample.output
        tally.add(marked.position, case, output.repeat, marked.case_digest, marked.sample_digest, marked.outcomes)
    if tally is None:
        message = f"run {run_id} holds no outputs; there is nothing to compare"
        raise WrongAsWritten(message)
    return Columns(tally)
