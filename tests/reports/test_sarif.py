"""SARIF: the structure that readers of 2.1.0 require, one result a finding that counts and is no pass."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evalgate.reports.formats import render
from tests.reports.scenes import advisory, failing, hostile, passing, undecided

SCENES = {"failing": failing, "undecided": undecided, "passing": passing, "hostile": hostile, "advisory": advisory}


def run_of(scene: str) -> dict[str, Any]:
    log = json.loads(render("sarif", SCENES[scene]().report(), "en"))
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    return run


@pytest.mark.parametrize("scene", SCENES)
def test_every_result_points_at_its_rule_and_has_a_message_and_a_place(scene):
    run = run_of(scene)
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["level"] in {"error", "warning", "note"}
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"].isascii()
        assert " " not in place["artifactLocation"]["uri"]
        assert place["region"]["startLine"] == 1


def test_what_fails_is_an_error_what_is_open_a_warning_and_what_passes_is_not_there():
    levels = {result["ruleId"]: result["level"] for result in run_of("failing")["results"]}
    assert levels["no_pii.never"] == "error"
    assert "on_brand.never" not in levels
    assert {result["level"] for result in run_of("undecided")["results"]} == {"warning"}
    assert run_of("passing")["results"] == []


def test_while_advisory_results_are_notes():
    assert {result["level"] for result in run_of("advisory")["results"]} == {"note"}


def test_the_same_finding_has_the_same_fingerprint_in_the_next_run():
    prints = [[r["partialFingerprints"]["evalgateFinding/v1"] for r in run_of("failing")["results"]] for _ in range(2)]
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == len(prints[0])


def test_nothing_that_acts_is_in_it():
    text = render("sarif", hostile().report(), "en")
    assert json.loads(text)
    assert "\\u001b" not in text
    assert "\u202e" not in text
