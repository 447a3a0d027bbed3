"""What a gate would take and could see, worked out from the data alone: no model is called, nothing is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from evalgate.core.checks import Check, JudgedCheck
from evalgate.core.gates import AtLeast, BetterThanBaseline, Gate, Never, NoWorseThan, Production, Rule
from evalgate.core.models import ModelRequest, Price
from evalgate.core.reporting import PlannedCheck, PlannedGate
from evalgate.core.samples import Sample, Subject
from evalgate.core.statistics.binary import clopper_pearson
from evalgate.core.statistics.planning import (
    UNKNOWN_ICC,
    UNKNOWN_SD,
    cluster_design_effect,
    detectable_margin,
    fewest_cases,
    needed_pairs,
    smallest_tied_margin,
)
from evalgate.runner.spending import ANSWER_TOKENS, expected_tokens

if TYPE_CHECKING:
    from evalgate.suites.suite import Suite

RENDERED = 64
"""Prompts rendered to estimate the tokens of all: every k-th applicable case."""

PriceOf = Callable[[str, Mapping[str, Price]], Price]


@dataclass
class Census:
    """Who a check has business with: cases and clusters, on all cases and on every slice."""

    cases: Counter[str | None] = field(default_factory=Counter)
    clusters: dict[str | None, set[str]] = field(default_factory=dict)
    rendered: list[ModelRequest] = field(default_factory=list)
    requests: int = 0

    def count(self, sample: Sample) -> None:
        """Add one applicable case."""
        case = sample.case
        for name in (None, *(f"{name}={value}" for name, value in case.slices.items())):
            self.cases[name] += 1
            self.clusters.setdefault(name, set()).add(case.cluster or case.id)


def take_census(checks: Mapping[str, Check], samples: Iterator[Sample], total: int) -> dict[str, Census]:
    """Return who each check has business with, and a few of the questions its judge would be asked."""
    found = {name: Census() for name in checks}
    every = max(1, total // RENDERED)
    for sample in samples:
        for name, check in checks.items():
            if check.not_for(sample.case) is not None:
                continue
            census = found[name]
            census.count(sample)
            if isinstance(check, JudgedCheck) and (census.cases[None] - 1) % every == 0:
                asked = check.requests(Subject(sample=sample), nonce="0" * 16)
                census.rendered += asked
                census.requests = len(asked)
    return found


def plan_checks(
    suite: Suite, arms: Sequence[dict[str, Census]], unchanged: float, price_of: PriceOf
) -> tuple[PlannedCheck, ...]:
    """Return what every check will take over these arms; `unchanged` is the share of one arm's answers paid once."""
    planned = []
    for name, check in suite.checks.items():
        counts = [arm[name] for arm in arms]
        cases = sum(census.cases[None] for census in counts)
        if not isinstance(check, JudgedCheck):
            planned.append(PlannedCheck(name=name, kind=check.kind, annotator=check.annotated_by, cases=cases))
            continue
        a_case = max((census.requests for census in counts), default=0)
        fresh = [census.cases[None] * (1.0 if arm == 0 else 1.0 - unchanged) for arm, census in enumerate(counts)]
        calls = round(sum(fresh) * a_case)
        rendered = [request for census in counts for request in census.rendered]
        tokens = sum(expected_tokens(request)[0] for request in rendered) / max(1, len(rendered))
        model = rendered[0].model if rendered else suite.judge
        price = price_of(model, suite.prices) if model else None
        planned.append(
            PlannedCheck(
                name=name,
                kind=check.kind,
                annotator=check.annotated_by,
                cases=cases,
                calls=calls,
                model=model,
                repeats=a_case or 1,
                input_tokens=round(tokens * calls),
                output_tokens=ANSWER_TOKENS * calls,
                cost_usd=None if price is None else price.of(round(tokens * calls), ANSWER_TOKENS * calls),
            )
        )
    return tuple(planned)


def plan_gates(suite: Suite, census: Mapping[str, Census], alpha: float) -> tuple[PlannedGate, ...]:
    """Return what every rule can see, on all cases and on every slice it is gated by."""
    return tuple(
        _plan_rule(gate, rule, census[gate.metric.partition(".")[0]], name, alpha)
        for gate in suite.gates
        for rule in gate.rules
        for name in _places(gate, rule, census[gate.metric.partition(".")[0]])
    )


def _places(gate: Gate, rule: Rule, census: Census) -> list[str | None]:
    if isinstance(rule, Production):
        return [None]
    sliced = sorted(name for name in census.cases if name is not None and name.partition("=")[0] in gate.by)
    return [None, *sliced]


def _plan_rule(gate: Gate, rule: Rule, census: Census, name: str | None, alpha: float) -> PlannedGate:
    n, clusters = census.cases[name], len(census.clusters.get(name, ()))
    if isinstance(rule, Production):
        # What it reads is counted when it is read: cases of the suite say nothing of it.
        n, clusters = 0, 0
    planned = PlannedGate(
        gate=f"{gate.metric}.{rule.kind}", metric=gate.metric, rule=rule.kind, slice=name, n=n, clusters=clusters
    )
    if isinstance(rule, Production):
        return planned.model_copy(update={"bound": rule.floor, "days": rule.days})
    if isinstance(rule, Never) or n == 0:
        return planned
    if isinstance(rule, NoWorseThan | BetterThanBaseline):
        effect = cluster_design_effect(n, clusters, UNKNOWN_ICC)
        margin = rule.margin if isinstance(rule, NoWorseThan) else None
        return planned.model_copy(
            update={
                "bound": margin,
                "needed": None if margin is None else needed_pairs(UNKNOWN_SD, margin, alpha, design_effect=effect),
                "visible_drop": detectable_margin(UNKNOWN_SD, n, alpha, design_effect=effect),
                "smallest_margin": smallest_tied_margin(clusters, alpha),
                "sd": UNKNOWN_SD,
                "sd_assumed": True,
            }
        )
    floor = rule.floor if isinstance(rule, AtLeast) else 1 - rule.rate
    return planned.model_copy(
        update={
            "bound": rule.floor if isinstance(rule, AtLeast) else rule.rate,
            "needed": fewest_cases(floor, 0, alpha),
            "allowed_failures": _allowed_failures(floor, n, alpha),
        }
    )


def _allowed_failures(floor: float, n: int, alpha: float) -> int | None:
    """Return the most 0/1 failures among n cases whose exact bound still stands above the floor."""
    few, many = -1, n
    while many - few > 1:
        middle = (few + many) // 2
        if clopper_pearson(n - middle, n, alpha).low >= floor:
            few = middle
        else:
            many = middle
    return None if few < 0 else few
