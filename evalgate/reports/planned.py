"""The page of `evalgate plan`: what a gate would take and could see, and every default nobody wrote."""

from __future__ import annotations

from evalgate.core.reporting import Plan, PlannedCheck, PlannedGate
from evalgate.core.values import canonical
from evalgate.reports.findings import CHANGES
from evalgate.reports.inert import one_line
from evalgate.reports.messages import Language, Voice
from evalgate.reports.sheet import Cell, Column, Piece, Sheet, screen_width, show

NOTHING = {"None": "–", "()": "–", "{}": "–", "True": "true", "False": "false"}
"""Values as YAML or a reader writes them."""


def print_plan(plan: Plan, language: Language) -> None:
    """Print a plan."""
    show(plan_sheet(plan, Voice(language), screen_width()))


def plan_json(plan: Plan) -> str:
    """Return a plan as canonical JSON."""
    return canonical(plan.model_dump(mode="json")).decode()


def plan_sheet(plan: Plan, voice: Voice, width: int) -> Sheet:
    """Return the page of a plan."""
    sheet = Sheet(width)
    _sizes(sheet, plan, voice)
    _checks(sheet, plan, voice)
    _gates(sheet, plan, voice)
    _defaults(sheet, plan, voice)
    return sheet


def _sizes(sheet: Sheet, plan: Plan, voice: Voice) -> None:
    candidate = one_line(plan.candidate, 60)
    named = candidate if plan.baseline is None else one_line(plan.baseline, 60)
    compared = (
        voice.joined([candidate, voice.said("no_baseline")])
        if plan.baseline is None
        else voice.said("against", candidate=candidate, baseline=named)
    )
    sheet.line(Piece(voice.said("plan.title", suite=one_line(plan.suite, 60)), "strong"), f"  {compared}")
    sizes = [voice.counted("facts.cases", plan.cases)]
    if plan.pairs:
        sizes.append(voice.counted("facts.pairs", plan.pairs))
    if plan.clusters != plan.cases:
        sizes.append(voice.counted("facts.clusters", plan.clusters))
    if plan.outputs_unchanged:
        sizes.append(voice.counted("facts.unchanged", plan.outputs_unchanged))
    sheet.prose(voice.joined(sizes))
    cost = (
        voice.said("plan.free") if plan.cost_usd is None else voice.said("plan.cost", cost=voice.money(plan.cost_usd))
    )
    cap = voice.said("plan.cap", cap=voice.money(plan.spend_cap_usd))
    sheet.prose(voice.joined([voice.counted("facts.calls", plan.calls), cost, cap]))
    if plan.cost_usd is not None and plan.cost_usd > plan.spend_cap_usd:
        sheet.prose(voice.said("plan.over_cap"), style="fail")
    sheet.prose(voice.said("plan.nothing_called"), style="quiet")


def _checks(sheet: Sheet, plan: Plan, voice: Voice) -> None:
    sheet.heading(voice.said("plan.checks"))
    columns = (
        Column(voice.said("page.check"), least=9, gives_way=1),
        Column(voice.said("plan.kind"), least=6, gives_way=3),
        Column(voice.said("plan.outputs"), right=True),
        Column(voice.said("plan.calls"), right=True),
        Column(voice.said("plan.multipliers"), least=8, gives_way=4),
        Column(voice.said("plan.costs"), right=True),
    )
    sheet.table(columns, [_check(check, voice) for check in plan.checks])
    models = dict.fromkeys(check.model for check in plan.checks if check.model)
    if models:
        read, answered = sum(c.input_tokens for c in plan.checks), sum(c.output_tokens for c in plan.checks)
        tokens = voice.said("plan.tokens", read=voice.whole(read), written=voice.whole(answered))
        sheet.prose(tokens, indent=1, style="quiet")
        named = ", ".join(one_line(model, 60) for model in models)
        sheet.prose(voice.said("plan.judges", judges=named), indent=1, style="quiet")


def _check(check: PlannedCheck, voice: Voice) -> tuple[Cell, ...]:
    if not check.calls:
        return (Cell(check.name), Cell(check.kind), Cell(voice.whole(check.cases)), Cell("0"), *[Cell("")] * 2)
    times = voice.said("plan.times", orders=check.orders, judges=check.judges, repeats=check.repeats)
    return (
        Cell(check.name),
        Cell(check.kind),
        Cell(voice.whole(check.cases)),
        Cell(voice.whole(check.calls)),
        Cell(times),
        Cell("" if check.cost_usd is None else voice.money(check.cost_usd)),
    )


def _gates(sheet: Sheet, plan: Plan, voice: Voice) -> None:
    sheet.heading(voice.said("plan.gates"))
    columns = (
        Column(voice.said("page.check"), least=12, gives_way=2),
        Column(voice.said("page.rule"), least=14, gives_way=3),
        Column("n", right=True),
        Column(voice.said("plan.needed"), right=True),
        Column(voice.said("plan.sees"), least=24, gives_way=1),
    )
    sheet.table(columns, [_gate(gate, voice) for gate in plan.gates])
    if any(gate.sd_assumed for gate in plan.gates):
        sheet.prose(voice.said("plan.sd_assumed", sd=voice.plain(0.5)), indent=1, style="quiet")
    if any(gate.needed is not None for gate in plan.gates):
        sheet.prose(voice.said("plan.needed_help", power=voice.demanded(0.8)), indent=1, style="quiet")


def _gate(gate: PlannedGate, voice: Voice) -> tuple[Cell, ...]:
    short = gate.needed is not None and gate.n < gate.needed
    return (
        Cell(gate.slice or gate.metric, indent=2 if gate.slice else 0),
        Cell("" if gate.slice else _rule(gate, voice)),
        Cell("" if gate.days is not None else voice.whole(gate.n)),
        Cell("" if gate.needed is None else voice.whole(gate.needed), "inconclusive" if short else ""),
        _sees(gate, voice),
    )


def _rule(gate: PlannedGate, voice: Voice) -> str:
    if gate.rule == "never":
        return voice.said("plan.never")
    bound = 0.0 if gate.bound is None else gate.bound
    written = voice.points(-bound, signed=True) if gate.rule == "no_worse_than" else voice.demanded(bound)
    return voice.said(f"rule.{gate.rule}", bound=written)


def _sees(gate: PlannedGate, voice: Voice) -> Cell:
    if gate.days is not None:
        return Cell(voice.counted("plan.sees_production", gate.days))
    if gate.n == 0:
        return Cell(voice.said("plan.no_case"), "inconclusive")
    if gate.rule in CHANGES and gate.visible_drop is not None and gate.smallest_margin is not None:
        drop, margin = voice.drop(gate.visible_drop), voice.drop(gate.smallest_margin)
        return Cell(voice.said("plan.sees_drop", drop=drop), extra=voice.said("plan.sees_margin", margin=margin))
    if gate.rule == "never":
        return Cell(voice.said("plan.sees_never"))
    if gate.allowed_failures is None:
        return Cell(voice.said("plan.cannot_pass"), "inconclusive")
    return Cell(voice.counted("plan.sees_failures", gate.allowed_failures, total=voice.whole(gate.n)))


def _defaults(sheet: Sheet, plan: Plan, voice: Voice) -> None:
    if not plan.defaults:
        return
    sheet.heading(voice.said("plan.defaults"))
    groups: dict[str, list[str]] = {}
    for key, value in plan.defaults:
        owner, _, name = key.rpartition(".")
        groups.setdefault(owner, []).append(f"{name} {NOTHING.get(value, value)}")
    for owner, written in groups.items():
        sheet.prose(f"{owner}: {' · '.join(written)}" if owner else " · ".join(written), indent=5, first="   ")
