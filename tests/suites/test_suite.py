from __future__ import annotations

import subprocess
import sys

import pytest

from evalgate.suites.defaults import defaults_of
from evalgate.suites.suite import FIELDS
from tests.suites.scenes import SUPPORT, changed, load


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: support", "name: another"),
        ("owner: owner@acme.example", "owner: heir@acme.example"),
        ("evals/candidate.jsonl", "elsewhere.csv"),
        ("evals/baseline.jsonl", "{baseline: main}"),
        ("input: prompt,", "id: id, input: prompt,"),
        ("by: locale}", "by: locale, coverage: 0.95}"),
    ],
)
def test_what_cannot_change_a_decision_is_not_in_the_digest(tmp_path, old, new):
    assert load(tmp_path, changed((old, new))).digest == load(tmp_path, SUPPORT).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("judge: gpt-4.1-mini\nuncalibrated: allow", "judge: gpt-4.1-mini"),
        ("judge: gpt-4.1-mini", "judge: gpt-4.1"),
        ("countries: [br, es]", "countries: [br]"),
        ("{rubric: answers_the_question}", "{rubric: another}"),
        ("{never: any}", "{never: new}"),
        ("at_least: 0.85", "at_least: 0.8"),
        ("by: locale", "coverage: 0.9"),
        ("on_inconclusive: block", "on_inconclusive: fail"),
        ("spend_cap_usd: 5", "advisory_until: 2026-03-31"),
        ("input: prompt", "input: question"),
        ("{locale: lang}", "{locale: language}"),
    ],
)
def test_what_can_change_a_decision_is_in_both_digests(tmp_path, old, new):
    one, other = load(tmp_path, SUPPORT), load(tmp_path, changed((old, new)))
    assert one.digest != other.digest
    assert one.digest_without_margins != other.digest_without_margins


def test_a_wider_margin_changes_one_digest_only(tmp_path):
    one, other = load(tmp_path, SUPPORT), load(tmp_path, changed(("no_worse_than: 0.06", "no_worse_than: 0.2")))
    assert one.digest != other.digest
    assert one.digest_without_margins == other.digest_without_margins


def test_every_default_is_listed(tmp_path):
    defaults = dict(defaults_of(load(tmp_path, SUPPORT)))
    assert defaults == {
        "deputy": None,
        "prices": {},
        "data.cases": None,
        **{f"data.columns.{field}": field for field in FIELDS if field not in {"input", "output", "cluster"}},
        "checks.no_pii.where": {},
        "checks.no_pii.advisory": False,
        "checks.answers.where": {},
        "checks.answers.advisory": False,
        "checks.answers.language": "en",
        "gates.no_pii.by": (),
        "gates.no_pii.require": "no_fail",
        "gates.no_pii.coverage": 0.95,
        "gates.no_pii.advisory": False,
        "gates.answers.require": "no_fail",
        "gates.answers.coverage": 0.95,
        "gates.answers.advisory": False,
        "gates.answers.calibrated": None,
        "gates.answers.corrected": False,
        "policy.alpha": 0.05,
        "policy.advisory_until": None,
    }


def test_the_defaults_of_several_gates_on_one_metric_are_told_apart(tmp_path):
    text = changed(("{never: any}", "[{never: any, coverage: 1}, {at_most: 0.1}]"))
    paths = [path for path, _ in defaults_of(load(tmp_path, text)) if path.startswith("gates.no_pii")]
    assert "gates.no_pii.0.coverage" not in paths
    assert "gates.no_pii.1.coverage" in paths


def test_reading_suites_loads_no_heavy_library():
    script = "import sys, evalgate.suites.loading; print(*{'numpy', 'pyarrow', 'jinja2', 'scipy'} & set(sys.modules))"
    started = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert started.stdout.split() == []
