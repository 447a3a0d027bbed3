"""Runs and decisions for pages: the arms of a report's scene in a store, with decisions before the last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from evalgate.core.decisions import Decision
from evalgate.core.records import decision_name, record_bytes
from evalgate.core.runs import Manifest, RunSummary
from evalgate.runner.ports import Marked
from evalgate.store.engine import Store
from tests.reports.scenes import Scene


class Furnished(NamedTuple):
    """What was put in."""

    candidate: str
    baseline: str
    decision: str


def with_scene(store: Store, scene: Scene, *, revision: str | None = None) -> Furnished:
    """Store both arms of a scene and the decision between them."""
    candidate = _run(store, scene, scene._arm(now=True), f"{scene.candidate} {revision or ''}", "c")
    baseline = _run(store, scene, scene._arm(now=False), scene.baseline or "", "b")
    decided = scene.report().decision
    told = {"candidate": candidate, "baseline": baseline, "revision": revision or scene.revision}
    return Furnished(candidate, baseline, keep(store, decided.model_copy(update=told)))


def keep(store: Store, decision: Decision) -> str:
    record = record_bytes(decision)
    store.decisions.keep(decision_name(record), decision, record)
    return decision_name(record)


def _run(store: Store, scene: Scene, arm: Sequence[Marked], source: str, digest: str) -> str:
    manifest = Manifest(
        suite=scene.suite,
        source=source,
        source_digest=digest * 64,
        checks=tuple(scene._ref(name) for name in scene.lines[0].marks),
        revision=scene.revision,
        evalgate="0.1.0",
    )
    store.runs.start(manifest)
    store.runs.writer(manifest.id).keep(arm)
    summary = RunSummary(manifest=manifest, samples=len(arm), answered=166, spent_usd=0.09, judge_models=scene.judges)
    store.runs.finish(manifest.id, summary)
    return manifest.id
