from __future__ import annotations

import json

import pytest
import yaml
from jsonschema import Draft202012Validator

from evalgate.documents import parse_document, read_document
from evalgate.suites.loading import load_suite
from evalgate.suites.schema import suite_schema
from evalgate.wiring.catalogue import all_checks
from tests.suites.scenes import CATALOGUE, SUPPORT, changed, load

SHIPPED = ("assistant.yaml", "tone-and-safety.yaml", "recorded-scores.yaml")


def complaints(text, catalogue=CATALOGUE):
    validator = Draft202012Validator(suite_schema(catalogue))
    return ["/".join(map(str, error.path)) for error in validator.iter_errors(parse_document(text.encode(), "s").data)]


@pytest.mark.parametrize("catalogue", [CATALOGUE, all_checks()], ids=["a small catalogue", "what ships"])
def test_the_schema_is_a_schema_that_json_can_carry(catalogue):
    schema = suite_schema(catalogue)
    Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema


def test_a_sound_suite_fits(tmp_path):
    assert complaints(SUPPORT) == []
    assert load(tmp_path, SUPPORT).name == "support"
    assert complaints(changed(("at_least: 0.85", "production: {at_least: 0.8, days: 14}"))) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("judge: gpt", "jugde: gpt", ""),
        ("version: 1", "version: 2", "version"),
        ("owner: owner@acme.example\n", "", ""),
        ("uncalibrated: allow", "uncalibrated: yes", "uncalibrated"),
        ("candidate: evals", "target: evals", "data"),
        ("evals/baseline.jsonl", "{name: main}", "data/baseline"),
        ("{input: prompt,", "{imput: prompt,", "data/columns"),
        ("check: pii", "check: pi", "checks/no_pii/check"),
        ("{rubric: answers_the_question}", "{rubric: a, check: pii}", "checks/answers"),
        ("{rubric: answers_the_question}", "{language: es}", "checks/answers"),
        ("countries: [br, es]", "countrys: [br]", "checks/no_pii"),
        ("[br, es]", "[br, pt]", "checks/no_pii/countries/1"),
        ("ignore_echo: true", "ignore_echo: yes", "checks/no_pii/ignore_echo"),
        ("{never: any}", "{never: always}", "gates/no_pii"),
        ("{never: any}", "{coverage: 1}", "gates/no_pii"),
        ("at_least: 0.85", "at_least: 85", "gates/answers"),
        ("no_worse_than: 0.06", "no_worse_than: 0", "gates/answers"),
        ("by: locale", "require: each", "gates/answers"),
        ("at_least: 0.85", "production: {days: 7}", "gates/answers"),
        ("at_least: 0.85", "production: {at_least: 0.8, days: 0}", "gates/answers"),
        ("on_inconclusive: block", "alpha: 0.1", "policy"),
    ],
)
def test_a_broken_suite_does_not_fit(old, new, where):
    assert where in complaints(changed((old, new)))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_suite_loads_fits_and_blocks(checkout, name):
    path = checkout / "suites" / name
    suite = load_suite(path, all_checks())
    assert complaints(path.read_text(encoding="utf-8"), all_checks()) == []
    assert suite.policy.advisory_until is None
    assert suite.name == path.stem


def test_every_shipped_suite_is_tested_and_explained(checkout):
    folder = checkout / "suites"
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert sorted(SHIPPED) == sorted(path.name for path in folder.glob("*.yaml"))
    assert [name for name in SHIPPED if f"`{name}`" not in readme] == []


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_suite_means_the_same_to_a_reader_of_yaml_1_1(checkout, name):
    path = checkout / "suites" / name
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == read_document(path).data
