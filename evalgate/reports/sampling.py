"""The page of `evalgate traffic plan`: what a budget shows of production, and the strata to paste into the suite."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta

from evalgate.core.values import canonical
from evalgate.production.plans import Bargain, PlannedStratum, Reach, TrafficPlan
from evalgate.reports.inert import one_line
from evalgate.reports.messages import Language, Voice
from evalgate.reports.sheet import Cell, Column, Piece, Sheet, screen_width, show
from evalgate.suites.traffic import spelled

NOT_KNOWN = "–"
_HOUR, _DAY = 3600, 86_400
_PLAIN = re.compile(r"(?=.*[A-Za-z])(?!(?:true|false|null|yes|no|on|off)$)[A-Za-z0-9][\w./-]*", re.IGNORECASE)


def print_sampling(plan: TrafficPlan, language: Language) -> None:
    """Print a plan."""
    show(sampling_sheet(plan, Voice(language), screen_width()))


def sampling_json(plan: TrafficPlan) -> str:
    """Return a plan as canonical JSON, with the block for the suite."""
    return canonical({**plan.model_dump(mode="json"), "paste": "\n".join(pasted(plan))}).decode()


def sampling_sheet(plan: TrafficPlan, voice: Voice, width: int) -> Sheet:
    """Return the page of a plan."""
    sheet = Sheet(width)
    _head(sheet, plan, voice)
    _shows(sheet, plan, voice)
    _budgets(sheet, plan, voice)
    _strata(sheet, plan, voice)
    sheet.heading(voice.said("sampling.paste"))
    for line in pasted(plan):
        sheet.line(f"   {line}")
    sheet.heading(voice.said("sampling.basis"))
    for said in _basis(plan, voice):
        sheet.prose(said, indent=3, first=" ·", style="quiet")
    return sheet


def pasted(plan: TrafficPlan) -> Iterator[str]:
    """Yield the lines of YAML that give the suite the advised chances.

    The control slice is not larger than the smallest chance, so it costs nothing of its own.
    """
    yield "traffic:"
    yield f"  control: {plan.control:.12g}"
    yield "  strata:"
    for each in plan.strata:
        when = "" if not each.when else f"when: {{{_written(each.when)}}}, "
        classifier = "" if each.classifier == 1 else f"classifier: {each.classifier:.12g}, "
        yield f"    {each.name}: {{{when}{classifier}judge: {each.judge:.12g}, people: {each.people:.12g}}}"


def _written(when: Mapping[str, tuple[str, ...]]) -> str:
    return ", ".join(f"{fact}: [{', '.join(map(_quoted, values))}]" for fact, values in when.items())


def _quoted(value: str) -> str:
    """Return a text as YAML reads it back.

    >>> _quoted("chat"), _quoted("2026.11"), _quoted("no")
    ('chat', '"2026.11"', '"no"')
    """
    return value if _PLAIN.fullmatch(value) else json.dumps(value)


def _head(sheet: Sheet, plan: TrafficPlan, voice: Voice) -> None:
    known = voice.said("sampling.assumed")
    if plan.days is not None:
        days = voice.counted("sampling.days", max(1, round(plan.days)))
        known = voice.said("sampling.from_traffic", days=days)
    sheet.line(Piece(voice.said("sampling.title", suite=one_line(plan.suite, 60)), "strong"))
    budget = voice.said("sampling.budget", usd=voice.money(plan.usd), time=_work(plan.minutes, voice))
    spent = voice.said("sampling.costs", usd=voice.money(plan.cost_usd), time=_work(plan.cost_minutes, voice))
    sheet.prose(voice.joined([budget, spent]))
    sheet.prose(voice.joined([voice.said("sampling.items", n=voice.whole(round(plan.items))), known]))
    sheet.prose(voice.said("sampling.nothing_called"), style="quiet")


def _shows(sheet: Sheet, plan: TrafficPlan, voice: Voice) -> None:
    sheet.heading(voice.said("sampling.shows"))
    columns = (
        Column(voice.said("sampling.part"), least=14, gives_way=1),
        Column(voice.said("sampling.window"), right=True),
        Column(voice.said("sampling.judged"), right=True),
        Column(voice.said("sampling.half_width"), right=True),
        Column(voice.said("sampling.found_after"), right=True),
        Column(voice.said("sampling.week_judged"), right=True),
        Column(voice.said("sampling.half_width"), right=True),
        Column(voice.said("sampling.reviews"), right=True),
        Column(voice.said("sampling.people_half_width"), right=True),
    )
    sheet.table(columns, [_reach(each, voice) for each in plan.reach])
    every = _time(plan.every_s, voice)
    sheet.prose(voice.said("sampling.shows_help", every=every), indent=1, style="quiet")
    whole = plan.reach[0]
    costs = voice.said(
        "sampling.window_costs",
        usd=voice.money(whole.cost_usd),
        time=_work(whole.cost_minutes, voice),
        week_usd=voice.money(whole.week_cost_usd),
        week_time=_work(whole.week_cost_minutes, voice),
    )
    sheet.prose(costs, indent=1, style="quiet")
    wanted, time = voice.plain(plan.wanted), _time(plan.wanted * plan.every_s, voice)
    alarms = [voice.said("sampling.false_alarms", wanted=wanted, time=time)]
    if plan.series:
        many = plan.false_alarms_a_year
        shown = voice.whole(round(many)) if many >= 2 else voice.plain(round(many, 1))
        alarms.append(voice.counted("sampling.series", plan.series, many=shown))
    sheet.prose(voice.joined(alarms), indent=1, style="quiet")
    for said in _warnings(plan, voice):
        sheet.prose(said, indent=1, first=" ", style="inconclusive")


def _reach(each: Reach, voice: Voice) -> tuple[Cell, ...]:
    return (
        Cell(each.slice or voice.said("sampling.all"), indent=2 if each.slice else 0),
        Cell(_about(each.items, voice)),
        Cell(_about(each.judged, voice)),
        Cell(_half(each.half_width, voice)),
        Cell(NOT_KNOWN if each.found_after_s is None else _time(each.found_after_s, voice)),
        Cell(_about(each.week_judged, voice)),
        Cell(_half(each.week_half_width, voice)),
        Cell(_about(each.week_reviews, voice)),
        Cell(_half(each.people_half_width, voice)),
    )


def _warnings(plan: TrafficPlan, voice: Voice) -> Iterator[str]:
    """Yield what keeps the plan from working as it stands."""
    if plan.reach[0].found_after_s is None and plan.enough_every_s is not None:
        every = spelled(timedelta(seconds=plan.enough_every_s))
        yield voice.said("sampling.too_short", every=every)
    elif plan.reach[0].found_after_s is None:
        yield voice.said("sampling.never_enough")
    if plan.minutes and plan.queue is None:
        yield voice.said("sampling.no_queue")
    elif 0 < plan.minutes < plan.fewest_minutes:
        yield voice.said("sampling.no_people", time=_work(math.ceil(plan.fewest_minutes), voice))
    if plan.spend_cap_usd is not None and plan.spend_cap_usd < plan.cost_usd:
        yield voice.said("sampling.over_cap", cap=voice.money(plan.spend_cap_usd))


def _budgets(sheet: Sheet, plan: TrafficPlan, voice: Voice) -> None:
    sheet.heading(voice.said("sampling.budgets"))
    columns = (
        Column(voice.said("sampling.usd"), right=True),
        Column(voice.said("sampling.time"), right=True),
        Column(voice.said("sampling.judged_month"), right=True),
        Column(voice.said("sampling.reviews"), right=True),
        Column(voice.said("sampling.found_after"), right=True),
        Column(voice.said("sampling.week"), right=True),
        Column(voice.said("sampling.people_half_width"), right=True),
    )
    sheet.table(columns, [_bargain(each, voice) for each in plan.bargains])


def _bargain(each: Bargain, voice: Voice) -> tuple[Cell, ...]:
    style = "strong" if each.factor == 1 else ""
    return (
        Cell(voice.money(each.usd), style),
        Cell(_work(each.minutes, voice), style),
        Cell(_about(each.judged, voice)),
        Cell(_about(each.reviews, voice)),
        Cell(NOT_KNOWN if each.found_after_s is None else _time(each.found_after_s, voice)),
        Cell(_half(each.week_half_width, voice)),
        Cell(_half(each.people_half_width, voice)),
    )


def _strata(sheet: Sheet, plan: TrafficPlan, voice: Voice) -> None:
    sheet.heading(voice.said("sampling.strata"))
    columns = (
        Column(voice.said("sampling.stratum"), least=10, gives_way=1),
        Column(voice.said("sampling.month"), right=True),
        Column(voice.said("sampling.spread"), least=4, gives_way=2),
        Column(voice.said("sampling.chance_judge"), right=True),
        Column(voice.said("sampling.judged_month"), right=True),
        Column(voice.said("sampling.chance_people"), right=True),
        Column(voice.said("sampling.reviews"), right=True),
    )
    sheet.table(columns, [_stratum(each, voice) for each in plan.strata])


def _stratum(each: PlannedStratum, voice: Voice) -> tuple[Cell, ...]:
    known = voice.said("sampling.known_from", n=voice.whole(each.scores))
    return (
        Cell(each.name),
        Cell(_about(each.items, voice)),
        Cell(voice.plain(round(each.spread, 2)), extra=known),
        Cell(voice.plain(each.judge)),
        Cell(_about(each.judged, voice)),
        Cell(voice.plain(each.people)),
        Cell(_about(each.reviews, voice)),
    )


def _basis(plan: TrafficPlan, voice: Voice) -> Iterator[str]:
    """Yield what the plan takes for true."""
    models = ", ".join(one_line(model, 60) for model in plan.models)
    usd = voice.said("number.money", number=voice.plain(round(plan.item_usd, 5)))
    said = "cost_of_item" if plan.rendered else "cost_assumed"
    if plan.item_usd < 0.0001:
        usd = voice.money(plan.item_usd)
    yield voice.said(f"sampling.{said}", models=models, usd=usd, n=voice.whole(plan.rendered))
    yield voice.said("sampling.cost_of_review", time=voice.duration(plan.review_s), n=plan.reviewers)
    if plan.days is None:
        yield voice.said("sampling.strata_assumed")
    if not all(each.scores for each in plan.strata):
        yield voice.said("sampling.spread_assumed")
    if unseen := [each.name for each in plan.strata if not each.items]:
        yield voice.said("sampling.unseen", names=", ".join(unseen))
    if plan.turns > 1:
        yield voice.said("sampling.turns", turns=voice.plain(round(plan.turns, 1)))
    if plan.differs is not None:
        yield voice.said("sampling.differs", spread=voice.plain(round(plan.differs, 2)))
    else:
        yield voice.said("sampling.differs_unknown")


def _about(number: float, voice: Voice) -> str:
    return voice.whole(round(number)) if number >= 10 or not number else voice.plain(round(number, 1))


def _half(width: float | None, voice: Voice) -> str:
    return NOT_KNOWN if width is None else voice.plain(round(width * 100, 1))


def _work(minutes: float, voice: Voice) -> str:
    """Return people's time, in minutes up to two hours and in hours from there on."""
    if minutes < 120:
        return voice.said("sampling.minutes", n=_about(minutes, voice))
    hours = minutes / 60
    return voice.said("sampling.hours", n=voice.whole(round(hours)) if hours >= 10 else voice.plain(round(hours, 1)))


def _time(seconds: float, voice: Voice) -> str:
    """Return a time to the whole unit that is meant: minutes up to two hours, hours up to three days, days."""
    if seconds < 2 * _HOUR:
        return voice.said("sampling.minutes", n=voice.whole(round(seconds / 60)))
    if seconds < 3 * _DAY:
        return voice.said("sampling.hours", n=voice.plain(round(seconds / _HOUR, 1)))
    return voice.counted("sampling.days", round(seconds / _DAY))
