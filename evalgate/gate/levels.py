"""`run`: the candidate marked alone, its levels with their intervals, no decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from evalgate.core.evidence import level
from evalgate.core.reporting import Level, Levels
from evalgate.core.tally import SCORED
from evalgate.gate.looking import file_arms
from evalgate.gate.marking import mark_arms
from evalgate.gate.pipeline import prepare

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from evalgate.core.tally import Columns
    from evalgate.gate.pipeline import Tools
    from evalgate.suites.suite import Suite

    Rows = NDArray[np.bool_]


def mark_suite(suite: Suite, tools: Tools) -> Levels:
    """Mark the suite's candidate, store the run and return every metric, on all cases and on every slice."""
    started = tools.wall()
    source, _ = file_arms(suite, with_baseline=False)
    source.forget_rows()
    arm = mark_arms(prepare(suite, tools), [source])[0]
    columns = arm.columns
    places: list[tuple[str | None, Rows]] = [(None, np.ones(len(columns), dtype=np.bool_))]
    places += [(f"{name}={value}", rows) for name in suite.data.slices for value, rows in columns.members(name)]
    return Levels(
        suite=suite.name,
        run=arm.run_id,
        source=source.name,
        samples=len(columns),
        levels=tuple(
            _level(columns, metric, name, rows, suite.policy.alpha)
            for metric in columns.values
            for name, rows in places
        ),
        calls_answered=arm.totals.answered,
        calls_recalled=arm.totals.recalled,
        spent_usd=arm.spent_usd,
        wall_s=tools.wall() - started,
    )


def _level(columns: Columns, metric: str, name: str | None, rows: Rows, alpha: float) -> Level:
    found = level(metric, name, columns, rows)
    scored = (columns.status[metric] == SCORED) & rows
    return Level(
        metric=metric,
        slice=name,
        annotator=found.annotator,
        value=found.estimate.point if found.scored else None,
        low=found.lowest.bounds(alpha).low if found.planned else None,
        high=found.highest.bounds(alpha).high if found.planned else None,
        n=found.scored,
        planned=found.planned,
        not_applicable=found.not_applicable,
        unscored=found.unscored,
        violations=int((columns.values[metric][scored] == 0).sum()),
    )
