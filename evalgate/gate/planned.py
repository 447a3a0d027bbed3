"""`plan`: look through both arms, count, price, and say what the gates could see."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from evalgate.core.reporting import Plan
from evalgate.gate.looking import file_arms, find_stored
from evalgate.gate.planning import PriceOf, plan_checks, plan_gates, take_census
from evalgate.suites.defaults import defaults_of
from evalgate.suites.inventory import pairing
from evalgate.suites.suite import FileSource

if TYPE_CHECKING:
    from evalgate.gate.sources import Source
    from evalgate.gate.stored import Stored
    from evalgate.suites.suite import Suite


def plan_suite(suite: Suite, price_of: PriceOf, opened: Callable[[], AbstractContextManager[Stored]]) -> Plan:
    """Return the plan of a suite. The store is opened only for a baseline that is no file."""
    candidate, baseline = file_arms(suite)
    if baseline is not None:
        joined = pairing(candidate.inventory, baseline.inventory)
        return _plan(suite, candidate, baseline, (len(joined.candidate), joined.unchanged_outputs), price_of)
    written = suite.data.baseline
    if written is None or isinstance(written, FileSource):
        return _plan(suite, candidate, None, (0, 0), price_of)
    with opened() as store:
        stored, _ = find_stored(store, suite.name, written)
        return _plan(suite, candidate, stored, (0, 0), price_of)


def _plan(suite: Suite, candidate: Source, baseline: Source | None, joined: tuple[int, int], price_of: PriceOf) -> Plan:
    arms = [arm for arm in (candidate, baseline) if arm is not None]
    counts = [take_census(suite.checks, (item.sample for item in arm.items(())), arm.count) for arm in arms]
    pairs, unchanged = joined
    share = unchanged / baseline.count if baseline is not None and baseline.count else 0.0
    checks = plan_checks(suite, counts, share, price_of)
    costs = [check.cost_usd for check in checks if check.cost_usd is not None]
    whole = {cluster for census in counts[0].values() for cluster in census.clusters.get(None, ())}
    return Plan(
        suite=suite.name,
        candidate=candidate.name,
        baseline=None if baseline is None else baseline.name,
        cases=candidate.count,
        baseline_cases=0 if baseline is None else baseline.count,
        pairs=pairs,
        clusters=len(whole),
        outputs_unchanged=unchanged,
        checks=checks,
        gates=plan_gates(suite, counts[0], suite.policy.alpha),
        calls=sum(check.calls for check in checks),
        cost_usd=sum(costs) if costs else None,
        spend_cap_usd=suite.policy.spend_cap_usd,
        defaults=tuple((key, str(value)) for key, value in defaults_of(suite)),
    )
