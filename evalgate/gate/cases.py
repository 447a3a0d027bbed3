"""The cases behind a decision: violations and flips of gated metrics first, the worst first. All masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from evalgate.core.gates import Gate, Never
from evalgate.core.pairs import Pairs
from evalgate.core.reporting import CaseView, MarkPair
from evalgate.core.tally import NOT_APPLICABLE, SCORED, Columns

if TYPE_CHECKING:
    from evalgate.gate.marking import Arm
    from evalgate.runner.ports import Marked
    from evalgate.store.runs import Runs

TRIPPED = 100.0
"""More than all graded losses of one case together."""
MOST_CASES = 300
"""Cases a report carries; the record and the store hold the rest."""


def worst_rows(gates: Iterable[Gate], candidate: Columns, baseline: Columns | None, pairs: Pairs | None) -> list[int]:
    """Return the candidate's rows worth showing: the larger the loss the earlier, then ids' order.

    A violation counts as a loss of 1, a flip as its size; gains and unscored outcomes come after all losses. What trips
    a `never` comes before everything else: one such case decides.
    """
    badness = np.zeros(len(candidate))
    shown = np.zeros(len(candidate), dtype=np.bool_)
    for gate in gates:
        status, values = candidate.status[gate.metric], candidate.values[gate.metric]
        loss = np.where(status == SCORED, 1 - np.nan_to_num(values, nan=1.0), 0.0)
        changed = np.zeros(len(candidate), dtype=np.bool_)
        if baseline is not None and pairs is not None:
            drop = baseline.values[gate.metric][pairs.baseline] - values[pairs.candidate]
            # Against a baseline only what changed is news: an old weakness is shown after every new one.
            loss[pairs.candidate] = np.where(np.isnan(drop), loss[pairs.candidate], drop + loss[pairs.candidate] / 10)
            changed[pairs.candidate] = np.nan_to_num(drop) != 0
        if any(isinstance(rule, Never) for rule in gate.rules):
            badness += TRIPPED * ((status == SCORED) & (values == 0))
        badness += np.where(status == NOT_APPLICABLE, 0.0, loss)
        shown |= changed | (status > NOT_APPLICABLE) | ((status == SCORED) & (values < 1))
    order = np.lexsort((candidate.positions, -badness))
    return [int(row) for row in order if shown[row]]


def views(runs: Runs, candidate: Arm, baseline: Arm | None, rows: Sequence[int]) -> tuple[CaseView, ...]:
    """Return these rows as a report shows them, both answers side by side."""
    chosen = candidate.columns.positions[np.asarray(rows, dtype=np.intp)].tolist()
    ours = runs.at(candidate.run_id, chosen)
    theirs: dict[tuple[str, int], Marked] = {}
    if baseline is not None:
        theirs = runs.marked(baseline.run_id, [(m.sample.case.id, m.sample.output.repeat) for m in ours])
    return tuple(view(marked, theirs.get((marked.sample.case.id, marked.sample.output.repeat))) for marked in ours)


def view(now: Marked, before: Marked | None) -> CaseView:
    """Return one case as a report shows it, beside the baseline's when there is one."""
    earlier = {} if before is None else {outcome.metric: outcome.result for outcome in before.outcomes}
    case = now.sample.case
    return CaseView(
        id=case.id,
        repeat=now.sample.output.repeat,
        slices=case.slices,
        question=case.question,
        context=case.context,
        before=None if before is None else before.sample.output.text,
        now=now.sample.output.text,
        marks=tuple(MarkPair(metric=o.metric, before=earlier.get(o.metric), now=o.result) for o in now.outcomes),
    )
