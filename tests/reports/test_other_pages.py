"""The pages of plan, run, compare, show and explain."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evalgate.core.errors import WrongAsWritten
from evalgate.core.reporting import Change, Comparison, Level, Levels, Plan, PlannedCheck, PlannedGate
from evalgate.reports.cases_page import cases_sheet, print_cases
from evalgate.reports.comparison import comparison_json, comparison_sheet, print_comparison
from evalgate.reports.explain import explanation_text, print_explanation
from evalgate.reports.formats import render
from evalgate.reports.levels import levels_json, levels_sheet, print_levels
from evalgate.reports.masked import masked_cases
from evalgate.reports.messages import LANGUAGES, Voice
from evalgate.reports.planned import plan_json, plan_sheet, print_plan
from tests.reports.scenes import HOSTILE, failing, hostile, passing, undecided
from tests.reports.written import same_as_written

PLAN = Plan(
    suite="support",
    candidate="candidate.jsonl",
    baseline="baseline.jsonl",
    cases=240,
    baseline_cases=240,
    pairs=240,
    clusters=200,
    outputs_unchanged=74,
    checks=(
        PlannedCheck(name="no_pii", kind="pii", annotator="code", cases=480),
        PlannedCheck(
            name="answers",
            kind="rubric",
            annotator="llm",
            cases=480,
            calls=406,
            model="gpt-4.1-mini",
            repeats=1,
            input_tokens=381_383,
            output_tokens=32_480,
            cost_usd=0.204,
        ),
    ),
    gates=(
        PlannedGate(gate="no_pii.never", metric="no_pii", rule="never", n=240, clusters=200),
        PlannedGate(
            gate="answers.no_worse_than",
            metric="answers",
            rule="no_worse_than",
            bound=0.06,
            n=240,
            clusters=200,
            needed=430,
            visible_drop=0.0803,
            smallest_margin=0.0149,
            sd=0.5,
            sd_assumed=True,
        ),
        PlannedGate(
            gate="answers.at_least",
            metric="answers",
            rule="at_least",
            bound=0.85,
            n=240,
            clusters=200,
            needed=19,
            allowed_failures=26,
        ),
        PlannedGate(
            gate="answers.at_least",
            metric="answers",
            rule="at_least",
            slice="locale=gl",
            bound=0.85,
            n=12,
            clusters=12,
            needed=19,
        ),
    ),
    calls=406,
    cost_usd=0.204,
    spend_cap_usd=5.0,
    defaults=(("gates.answers.coverage", "0.95"), ("gates.answers.by", "()"), ("policy.alpha", "0.05")),
)
LEVELS = Levels(
    suite="support",
    run="c0ffee000001",
    source="candidate.jsonl",
    samples=240,
    levels=(
        Level(
            metric="answers",
            annotator="llm",
            value=0.921,
            low=0.886,
            high=0.948,
            n=238,
            planned=240,
            not_applicable=3,
            unscored={"unreadable": 2},
            violations=19,
        ),
        Level(
            metric="answers",
            slice="locale=es",
            annotator="llm",
            value=None,
            low=None,
            high=None,
            n=0,
            planned=0,
            not_applicable=240,
            unscored={},
            violations=0,
        ),
    ),
    calls_answered=240,
    spent_usd=0.05,
    wall_s=12.4,
)
COMPARISON = Comparison(
    candidate="c0ffee000001",
    baseline="ba5e00000001",
    pairs=238,
    unmatched_candidate=1,
    unmatched_baseline=2,
    changed_content=3,
    outputs_unchanged=74,
    changes=(
        Change(
            metric="answers",
            annotator="llm",
            candidate=0.921,
            baseline=0.996,
            value=-0.075,
            low=-0.109,
            high=-0.046,
            pairs=236,
            gained=1,
            lost=19,
            unscored=2,
        ),
    ),
    not_comparable=("on_brand",),
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_of_plan_run_and_compare_are_as_written(language):
    voice = Voice(language)
    pages = [plan_sheet(PLAN, voice, 100), levels_sheet(LEVELS, voice, 100), comparison_sheet(COMPARISON, voice, 100)]
    same_as_written(f"plan-run-compare-{language}-100.txt", f"{'-' * 100}\n".join(page.text for page in pages))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_explanation_is_as_written(language):
    text = explanation_text(undecided().report().decision, "answers", language, 100)
    same_as_written(f"explain-{language}-100.txt", text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [80, 120])
def test_no_line_of_any_page_is_wider_than_asked(language, width):
    voice, report = Voice(language), failing().report()
    texts = [plan_sheet(PLAN, voice, width).text, levels_sheet(LEVELS, voice, width).text]
    texts += [comparison_sheet(COMPARISON, voice, width).text, cases_sheet(report.cases, voice, width).text]
    texts += [explanation_text(report.decision, metric, language, width) for metric in ("no_pii", "answers")]
    assert [line for text in texts for line in text.splitlines() if len(line) > width] == []


@pytest.mark.parametrize(
    ("name", "findings"),
    [
        ("no_pii", 2),
        ("answers.no_worse_than", 1),
        ("answers.no_worse_than[locale=pt]", 1),
        ("answers.no_worse_than [locale=pt]", 1),
        ("answers", 7),
        ("fact.outputs_current", 1),
    ],
)
def test_a_finding_is_explained_by_the_name_people_give_it(name, findings):
    text = explanation_text(failing().report().decision, name, "en", 100)
    assert text.splitlines().count("  What is demanded") == findings


def test_a_name_that_no_finding_has_is_wrong_as_written_with_the_nearest_one():
    with pytest.raises(WrongAsWritten, match=r"has no finding 'no_pi'. Did you mean 'no_pii'\?"):
        explanation_text(failing().report().decision, "no_pi", "en", 100)


def test_an_explanation_says_what_was_demanded_measured_and_how_the_verdict_follows():
    text = " ".join(explanation_text(failing().report().decision, "answers.no_worse_than[locale=pt]", "en", 99).split())
    assert "may in truth lose at most 6 pts" in text
    assert "16 got worse, 0 got better" in text
    assert "Tango's score method" in text
    assert "Holm's level" in text
    assert "even the best that fits does not pass" in text


def test_a_rate_passes_on_its_upper_bound():
    text = explanation_text(passing().report().decision, "no_pii.at_most", "en", 200)
    assert "The upper bound is not above what is allowed" in text


def test_flips_are_grouped_by_a_slice(capsys):
    cases = failing().report().cases
    print_cases(cases[:6], "en", flips="answers", by="locale", left_out=14)
    out = capsys.readouterr().out
    assert "answers: 20 cases are marked differently" in out
    assert "locale=pt (" in out
    assert "14 more cases: --limit shows them" in out


def test_a_case_shows_both_answers_the_context_and_every_mark_with_its_reason():
    case = next(case for case in failing().report().cases if case.id == "c-200")
    text = cases_sheet((case,), Voice("en"), 100).text
    for said in (case.question, case.before or "", case.now, "Policy 4.2: in the app.", "shows personal data: cpf"):
        assert said in text
    assert "✗ no_pii: holds → violates" in text


def test_no_flip_is_said_and_not_shown_as_nothing(capsys):
    print_cases((), "en", flips="answers")
    assert capsys.readouterr().out == "no case is marked differently by answers\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_hostile_acts_in_any_page(language):
    report = hostile().report()
    texts = [cases_sheet(masked_cases(report.cases), Voice(language), 100).text]
    texts += [explanation_text(report.decision, name, language, 100) for name in ("answers", f"fact.{HOSTILE[0]}")]
    assert [mark for mark in ("\x1b", "\x9b", "\x07", "\u202e", "\u200b") if any(mark in text for text in texts)] == []


def test_what_machines_read_is_json():
    assert json.loads(plan_json(PLAN))["calls"] == 406
    assert json.loads(levels_json(LEVELS))["run"] == "c0ffee000001"
    assert json.loads(comparison_json(COMPARISON))["changes"][0]["lost"] == 19


def test_printing_is_what_the_sheets_say(capsys):
    print_plan(PLAN, "en")
    print_levels(LEVELS, "en", quiet=True)
    print_comparison(COMPARISON, "en")
    print_explanation(failing().report().decision, "no_pii", "en")
    out = capsys.readouterr().out
    assert "Plan of support" in out
    assert "run c0ffee000001  support · candidate.jsonl" in out
    assert "not compared, since the check differs" in out
    assert "What is demanded" in out


def test_a_plan_that_the_cap_would_stop_says_so():
    text = plan_sheet(PLAN.model_copy(update={"cost_usd": 6.0}), Voice("en"), 100).text
    assert "The cap is lower than the cost" in text


def test_an_unknown_format_is_wrong_as_written():
    with pytest.raises(WrongAsWritten, match="Did you mean 'junit'"):
        render("junitt", failing().report(), "en")


def test_the_record_is_the_report_of_format_json(tmp_path: Path):
    from evalgate.core.records import verify_record

    checked = verify_record(render("json", failing().report(), "es").encode())
    assert checked.agrees
    assert checked.name == failing().report().decision_id
