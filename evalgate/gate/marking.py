"""Marks the arms of a comparison: one after the other, so that what one arm paid for the other finds answered."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from evalgate.core.checks import JudgedCheck
from evalgate.core.errors import ServiceBroke
from evalgate.core.models import ModelTrouble
from evalgate.core.runs import Manifest, RunSummary
from evalgate.core.tally import Columns, Tally
from evalgate.gate.sources import Source
from evalgate.runner.execute import Judging, Totals, mark_with_code, mark_with_judges
from evalgate.runner.marking import Marker, Named
from evalgate.runner.ports import Marked, Progress, Sink

if TYPE_CHECKING:
    from evalgate.store.runs import Runs


class OpenJudging(Protocol):
    """Opens the way to the judges inside a running loop, and closes it."""

    def __call__(self) -> AbstractAsyncContextManager[Judging]:
        """Return the context in which questions can be asked."""


@dataclass(frozen=True)
class Arm:
    """One arm, marked: its columns, the run that holds it, and what it took."""

    run_id: str
    columns: Columns
    totals: Totals
    source: Source
    spent_usd: float = 0.0
    """Spent so far by the command that marked this arm."""


class _Both:
    """A sink that counts what it passes on."""

    def __init__(self, tally: Tally, further: Sink | None) -> None:
        self._tally, self._further = tally, further

    def keep(self, batch: Sequence[Marked]) -> None:
        for marked in batch:
            sample = marked.sample
            self._tally.add(
                marked.position,
                sample.case,
                sample.output.repeat,
                marked.case_digest,
                marked.sample_digest,
                marked.outcomes,
            )
        if self._further is not None:
            self._further.keep(batch)


@dataclass(frozen=True)
class Bench:
    """What marking needs besides the samples."""

    suite: str
    checks: tuple[Named, ...]
    slices: tuple[str, ...]
    listed: frozenset[str]
    """Metrics whose violators a report names."""
    marker: Marker
    runs: Runs
    open_judging: OpenJudging
    progress: Progress
    evalgate: str

    @property
    def judged(self) -> bool:
        """Whether any check asks a model."""
        return any(isinstance(named.check, JudgedCheck) for named in self.checks)


def mark_arms(bench: Bench, sources: Sequence[Source]) -> list[Arm]:
    """Return each source marked and stored; a run that is stored already is only read."""
    bench.progress.planned(sum(source.count for source in sources), None)
    if not bench.judged:
        return [_mark_by_code(bench, source) for source in sources]
    try:
        return asyncio.run(_mark_by_judges(bench, sources))
    except ModelTrouble as trouble:
        raise ServiceBroke(str(trouble)) from trouble


def _mark_by_code(bench: Bench, source: Source) -> Arm:
    run_id, tally, sink = _begin(bench, source)
    totals = mark_with_code(source.items(bench.checks), bench.marker, sink, bench.progress)
    return _end(bench, source, run_id, tally, totals)


async def _mark_by_judges(bench: Bench, sources: Sequence[Source]) -> list[Arm]:
    arms = []
    async with bench.open_judging() as judging:
        for source in sources:
            run_id, tally, sink = _begin(bench, source)
            items = source.items(bench.checks)
            totals = await mark_with_judges(items, bench.marker, sink, judging, bench.progress)
            arms.append(_end(bench, source, run_id, tally, totals, judging.spending.spent_usd))
    return arms


def _begin(bench: Bench, source: Source) -> tuple[str, Tally, Sink]:
    tally = Tally([(named.ref, named.check.criteria) for named in bench.checks], bench.slices, bench.listed)
    stored = source.stored_as(bench.checks)
    if stored is not None:
        return stored, tally, _Both(tally, None)
    manifest = Manifest(
        suite=bench.suite,
        source=source.name,
        source_digest=source.digest,
        checks=tuple(named.ref for named in bench.checks),
        revision=source.revision,
        evalgate=bench.evalgate,
    )
    bench.runs.start(manifest)
    return manifest.id, tally, _Both(tally, bench.runs.writer(manifest.id))


def _end(bench: Bench, source: Source, run_id: str, tally: Tally, totals: Totals, spent_usd: float = 0.0) -> Arm:
    if source.stored_as(bench.checks) is None:
        manifest = bench.runs.get(run_id).manifest
        summary = RunSummary(
            manifest=manifest,
            samples=totals.samples,
            answered=totals.answered,
            spent_usd=spent_usd,
            judge_models=tuple(sorted(totals.judge_models)),
        )
        bench.runs.finish(run_id, summary)
    return Arm(run_id, Columns(tally), totals, source, spent_usd)
