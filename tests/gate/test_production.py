"""The gate over a store in which production was scored: what stops a change, and who goes in all the same."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from evalgate.cli.gate import gate
from evalgate.core.decisions import Decision
from evalgate.core.errors import WrongAsWritten
from evalgate.core.records import record_bytes, verify_record
from evalgate.reports.explain import explanation_text
from evalgate.reports.formats import render
from evalgate.reports.messages import LANGUAGES
from evalgate.reports.page import page_text
from evalgate.wiring.app import App
from tests.acceptance.scenes import rows, write
from tests.gate.production_scenes import BEFORE, END, NOW, SUITE, TODAY, Home, production, watched

WEEK = 7
FORMS = ("html", "markdown", "junit", "sarif", "json")
GOOD, BAD, OPEN = [0.95] * WEEK, [0.6] * WEEK, [0.8] * WEEK


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_a_week_that_keeps_the_floor_passes_with_the_bound_that_is_printed(home: Home) -> None:
    home.watched(GOOD)
    report = home.gate()
    found = production(report)
    assert (report.decision.verdict, found.state, found.n) == ("pass", "above_floor", 420)
    assert found.low is not None
    assert 0.8 <= found.low < 0.95
    read = report.decision.evidence.production[0]
    assert (read.windows, read.covered, read.population, read.until) == (WEEK, 1.0, 420, END)


def test_a_week_below_the_floor_stops_the_deploy(home: Home) -> None:
    home.watched(BAD)
    report = home.gate()
    assert (report.decision.exit_code, production(report).state) == (1, "below_floor")


@pytest.mark.parametrize(
    ("shares", "state"),
    [
        ([], "no_windows"),
        (OPEN, "unclear"),
        ([*GOOD[:3], None, *GOOD[4:]], "windows_short"),
        (GOOD[:2], "windows_short"),
    ],
)
def test_what_production_does_not_show_is_undecided_and_never_green(
    home: Home, shares: list[float | None], state: str
) -> None:
    home.watched(shares)
    report = home.gate()
    assert (report.decision.verdict, production(report).state) == ("inconclusive", state)


def test_another_version_of_the_check_says_nothing_of_this_one(home: Home) -> None:
    home.watched(GOOD, digest="f" * 32)
    report = home.gate()
    assert production(report).state == "no_windows"
    assert "7 more were scored by another version of the check" in explained(report.decision, "en")


def test_windows_that_lie_too_far_back_are_silence(home: Home) -> None:
    home.watched(GOOD)
    report = home.gate(today=TODAY + timedelta(days=3))
    assert (production(report).state, report.decision.evidence.production[0].silent_days) == ("silent", 3)


def test_the_same_windows_give_the_same_bytes_at_another_hour(home: Home) -> None:
    home.watched(GOOD)
    first, second = home.gate(), home.gate(today=TODAY + timedelta(days=1))
    assert record_bytes(first.decision) == record_bytes(second.decision)


def test_who_goes_back_to_an_accepted_baseline_is_let_through(home: Home) -> None:
    home.watched(BAD)
    accepted = home.gate().decision.baseline
    assert accepted is not None
    with home.app() as app:
        app.store.baselines.accept("main", accepted, "ana", "first baseline")
        app.store.baselines.accept("main", home.gate().decision.candidate, "ana", "the next one")
    write(home.folder / "candidate.jsonl", rows(revision=BEFORE))
    report = home.gate(revision=BEFORE[:8])
    found = production(report)
    assert (report.decision.exit_code, found.state, found.detail) == (0, "let_through_rollback", accepted)
    assert "The change is let through: it goes back to the revision of run" in page_text(report, "en", 300)


def test_a_candidate_that_is_proven_better_is_let_through(home: Home) -> None:
    home.watched(BAD)
    write(home.folder / "baseline.jsonl", rows(rude=range(40), revision=BEFORE))
    report = home.gate()
    assert (report.decision.exit_code, production(report).state) == (0, "let_through_better")


def test_somebody_lets_it_through_by_hand_under_their_name(home: Home) -> None:
    home.watched(BAD)
    stopped = home.gate()
    report = home.gate(break_glass="the shop is down,\ncall ana@acme.example")
    found = production(report)
    assert (report.decision.exit_code, found.verdict, found.state) == (0, "fail", "let_through_glass")
    with home.app() as app:
        (entry,) = app.store.audit.about(app.store.project, f"decision:{stopped.decision_id}", "gate.break_glass")
        kept = app.store.decisions.get(report.decision_id)
        assert app.store.decisions.get(stopped.decision_id).verdict == "fail"
    assert entry.detail["by"] == entry.actor
    assert entry.actor.startswith("os:")
    assert "ana@acme.example" not in str(entry.detail) + kept.record.decode()
    assert verify_record(kept.record).agrees


def test_every_report_says_loudly_who_let_it_through_and_why(home: Home) -> None:
    home.watched(BAD)
    report = home.gate(break_glass="the shop is down")
    said = [render(form, report, language) for form in FORMS for language in LANGUAGES]
    assert [text for text in said if "os:" not in text or "the shop is down" not in text] == []
    assert "LET THROUGH BY HAND by os:" in page_text(report, "en", 300)
    assert "the sample stands for 420 interactions" in explained(report.decision, "en")


def test_nothing_else_is_overruled_and_nothing_is_written_then(home: Home) -> None:
    home.watched(BAD)
    write(home.folder / "candidate.jsonl", rows(rude=range(60), revision=NOW))
    report = home.gate(break_glass="the shop is down")
    assert report.decision.verdict == "fail"
    assert not production(report).let_through
    assert "was not used" in page_text(report, "en", 300)
    with home.app() as app:
        assert app.store.audit.list() == ()


def test_what_was_not_scored_is_at_its_worst(home: Home) -> None:
    home.watched(GOOD, many=50, shed=15)
    report = home.gate()
    found, read = production(report), report.decision.evidence.production[0]
    assert (found.n, found.unscored, found.state) == (350, 105, "unscored_decides")
    assert read.level is not None
    assert read.level.unscored == {"over_budget": 105}
    assert "spend cap reached" in explained(report.decision, "en")


def test_production_is_asked_for_what_a_date_closes(home: Home) -> None:
    with home.app() as app:
        watched(app.store, home.path, [*GOOD, *BAD])
    assert home.gate(today=TODAY).decision.verdict == "fail"
    assert home.gate(today=TODAY - timedelta(days=WEEK)).decision.verdict == "pass"


def test_a_key_is_asked_for_before_anything_is_decided(tmp_path: Path) -> None:
    home = Home(tmp_path, {"EVALGATE_SERVER": "http://127.0.0.1:9", "EVALGATE_KEY": "eg_0123_x"})
    with pytest.raises(WrongAsWritten, match="EVALGATE_BREAK_GLASS_KEY is not set"):
        App(home.settings, home.environ).may_break_glass()


def explained(decision: Decision, language: str) -> str:
    return " ".join(explanation_text(decision, "polite.production", language, 300).split())  # type: ignore[arg-type]


def test_the_plan_says_what_will_be_read_and_the_days_that_nobody_wrote(home: Home) -> None:
    with home.app() as app:
        plan = app.plan(app.load(home.path))
    (gate,) = (one for one in plan.gates if one.rule == "production")
    assert (gate.bound, gate.days) == (0.8, 7)
    assert ("gates.polite.production.days", "7") in plan.defaults


@pytest.mark.parametrize(
    ("reason", "gates", "said"),
    [
        ("  ", "{at_least: 0.8, production: {at_least: 0.8}}", "says why"),
        ("x" * 501, "{at_least: 0.8, production: {at_least: 0.8}}", "says why"),
        ("the shop is down", "{at_least: 0.8}", "no gate here has production"),
    ],
)
def test_breaking_glass_takes_a_reason_and_something_to_break(
    home: Home, monkeypatch: pytest.MonkeyPatch, reason: str, gates: str, said: str
) -> None:
    monkeypatch.chdir(home.folder)
    home.path.write_text(SUITE.replace("{at_least: 0.8, production: {at_least: 0.8}}", gates), encoding="utf-8")
    with pytest.raises(WrongAsWritten, match=said):
        gate([home.path], break_glass=reason)
    assert not (home.folder / ".evalgate").exists()
