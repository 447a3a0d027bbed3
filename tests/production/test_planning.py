"""What a budget buys: the traffic that is expected, the chances that spend it, and what they show."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.core.models import Price
from evalgate.core.phases import Phases
from evalgate.core.statistics.allocation import Stratum, bought, spread_of_share
from evalgate.production.expecting import MONTH, Expected, assumed, from_traffic
from evalgate.production.planning import plan_traffic
from evalgate.production.plans import Budget, TrafficPlan
from evalgate.reports.messages import LANGUAGES, Language, Voice
from evalgate.reports.sampling import pasted, sampling_sheet
from evalgate.store.engine import Store
from evalgate.suites.loading import load_suite
from evalgate.suites.suite import Suite
from evalgate.wiring.catalogue import all_checks
from tests.production.closed import checked
from tests.production.watched import NOON, traffic

SUITE = """\
version: 1
name: support
owner: owner@acme.example
data: {candidate: c.jsonl}
judge: gpt-4.1-mini
uncalibrated: allow
checks:
  answers: {rubric: answers_the_question}
gates:
  answers: {at_least: 0.85}
"""
WATCHED = """\
traffic:
  every: 1h
  where: {route: [chat]}
  strata:
    complained: {when: {feedback: down}, judge: 1.0, people: 0.2}
    rest: {judge: 0.03, people: 0.003}
  by: [release]
  queue: triage
  alerts:
    answers: {at_least: 0.8, windows_per_false_alarm: 100, by: release}
"""
DAY = timedelta(days=1)


def suite(folder: Path, traffic: str) -> Suite:
    path = folder / "support.yaml"
    path.write_text(SUITE + traffic)
    return load_suite(path, all_checks())


@pytest.fixture
def watched(tmp_path: Path) -> Suite:
    return suite(tmp_path, WATCHED)


def planned(watched: Suite, expected: Expected, usd: float, minutes: float = 0.0) -> TrafficPlan:
    spec = watched.traffic
    assert spec is not None
    return plan_traffic(
        watched,
        spec,
        expected,
        Budget(usd=usd, minutes=minutes),
        60.0,
        lambda _model, _prices: Price(input=1, output=1),
    )


def a_month(watched: Suite, items: float, **known: Any) -> Expected:
    assert watched.traffic is not None
    return assumed(watched.traffic, items)._replace(**known)


def test_a_month_is_expected_to_be_as_the_stored_days_were(store: Store, watched: Suite) -> None:
    answers = checked(store, "answers", "llm", watched.checks["answers"].digest)
    start = NOON - 2 * DAY
    traffic(store, answers, start, 2 * DAY, [1.0] * 90, route="chat", release="7")
    traffic(store, answers, start, 2 * DAY, [0.0, 1.0, 0.0, 0.0] * 2, route="chat", feedback="down", release="8")
    traffic(store, answers, start, 2 * DAY, [0.0] * 40, route="voice", release="7")
    assert watched.traffic is not None
    expected = from_traffic(store, watched, watched.traffic, (NOON - 28 * DAY, NOON), None)
    assert expected is not None
    assert expected.days == 2
    assert expected.strata == pytest.approx((8 * (MONTH / DAY) / 2, 90 * (MONTH / DAY) / 2))
    assert list(expected.slices) == ["release=7", "release=8"]
    assert expected.slices["release=8"] == pytest.approx((expected.strata[0], 0.0))
    assert expected.spreads == pytest.approx((spread_of_share(2, 8), spread_of_share(90, 90)))
    assert expected.scores == (8, 90)
    said = from_traffic(store, watched, watched.traffic, (NOON - 28 * DAY, NOON), 9_800.0)
    assert said is not None
    assert said.strata == pytest.approx((800.0, 9_000.0))
    assert from_traffic(store, watched, watched.traffic, (NOON - 28 * DAY, NOON - 3 * DAY), None) is None


def test_scores_of_a_judge_that_has_changed_tell_no_spread(store: Store, watched: Suite) -> None:
    traffic(store, checked(store, "answers", "llm", "0" * 32), NOON - DAY, DAY, [1.0] * 50, route="chat")
    assert watched.traffic is not None
    expected = from_traffic(store, watched, watched.traffic, (NOON - 28 * DAY, NOON), None)
    assert expected is not None
    assert (expected.spreads, expected.scores) == ((0.5, 0.5), (0, 0))


def test_a_plan_spends_the_budget_where_scores_spread_and_says_what_a_sample_of_it_shows(watched: Suite) -> None:
    expected = a_month(watched, 400_000, spreads=(0.5, 0.1), scores=(200, 2_000))
    plan = planned(watched, expected, usd=40, minutes=2_400)
    complained, rest = plan.strata
    assert complained.judge > 4 * rest.judge
    assert 39 < plan.cost_usd <= 40
    assert 2_300 < plan.cost_minutes <= 2_400
    for each in plan.strata:
        Phases(chances=(each.classifier, each.judge, each.people))
    week = 7 * DAY / MONTH
    strata = [Stratum(items=each.items * week, sd=each.spread) for each in plan.strata]
    of_week = bought(strata, [each.judged * week for each in plan.strata])
    of_hour = [Stratum(items=each.items * (DAY / 24 / MONTH), sd=each.spread) for each in plan.strata]
    hour = bought(of_hour, [each.judged * (DAY / 24 / MONTH) for each in plan.strata], wanted=100)
    whole = plan.reach[0]
    assert whole.week_half_width == pytest.approx(of_week.half_width)
    assert hour.windows is not None
    assert whole.found_after_s == hour.windows * 3600
    assert plan.bargains[1].week_half_width == whole.week_half_width
    widths = [each.week_half_width or 1.0 for each in plan.bargains]
    assert widths == sorted(widths, reverse=True)
    assert len(set(widths)) == 3
    assert whole.week_cost_usd == pytest.approx(plan.cost_usd * week)
    assert whole.cost_minutes == pytest.approx(plan.cost_minutes * (DAY / 24 / MONTH))
    assert plan.series == 1
    assert plan.false_alarms_a_year == pytest.approx(365.25 * 24 / 100)


def test_a_window_with_too_few_judged_is_not_known_and_the_plan_says_which_would_be(watched: Suite) -> None:
    plan = planned(watched, a_month(watched, 20_000), usd=1.5)
    assert plan.reach[0].half_width is None
    assert plan.reach[0].found_after_s is None
    assert plan.enough_every_s is not None
    assert watched.traffic is not None
    longer = watched.model_copy(
        update={"traffic": watched.traffic.model_copy(update={"every": timedelta(seconds=plan.enough_every_s)})}
    )
    assert planned(longer, a_month(longer, 20_000), usd=1.5).reach[0].found_after_s is not None


def test_too_little_money_is_refused_with_the_least_and_too_little_time_asks_nobody(watched: Suite) -> None:
    with pytest.raises(WrongAsWritten, match=r"0\.01 USD a month does not pay a sample.* cost [0-9.]+ USD a month"):
        planned(watched, a_month(watched, 400_000), usd=0.01)
    plan = planned(watched, a_month(watched, 400_000), usd=40, minutes=60)
    assert [each.people for each in plan.strata] == [0, 0]
    assert watched.traffic is not None
    unasked = watched.model_copy(update={"traffic": watched.traffic.model_copy(update={"queue": None})})
    assert planned(unasked, a_month(unasked, 400_000), usd=40, minutes=9_000).cost_minutes == 0
    enough = planned(watched, a_month(watched, 400_000), usd=40, minutes=plan.fewest_minutes + 1)
    assert all(each.people >= 0.002 for each in enough.strata)
    assert enough.reach[0].people_half_width is not None


def test_what_is_to_be_pasted_is_read_by_the_suite_as_it_was_planned(tmp_path: Path, watched: Suite) -> None:
    plan = planned(watched, a_month(watched, 400_000, spreads=(0.5, 0.2)), usd=40, minutes=2_400)
    again = suite(tmp_path, "\n".join(pasted(plan)) + "\n  queue: triage\n")
    assert again.traffic is not None
    assert again.traffic.control == plan.control
    read = [(each.name, each.when, each.judge, each.people) for each in again.traffic.strata]
    assert read == [(each.name, each.when, each.judge, each.people) for each in plan.strata]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_fits_a_terminal_in_each_language(watched: Suite, language: Language) -> None:
    slices = {"release=2026.11": (10_000.0, 180_000.0), "release=2026.10": (10_000.0, 200_000.0)}
    expected = a_month(watched, 400_000, slices=slices, days=3.0, turns=2.2, differs=0.3, reviewers=2)
    page = sampling_sheet(planned(watched, expected, usd=40, minutes=4_000), Voice(language), 100).text
    assert max(map(len, page.splitlines())) <= 100
    assert "release=2026.11" in page, page
    assert "complained: {when: {feedback: [down]}" in page
