"""JUnit: well-formed whatever was written, and only a pass is green."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter

import pytest

from evalgate.reports.formats import render
from evalgate.reports.messages import Language
from tests.reports.scenes import advisory, failing, hostile, passing, undecided

SCENES = {"failing": failing, "undecided": undecided, "passing": passing, "hostile": hostile, "advisory": advisory}
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors", "skipped", "time"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time"},
    "properties": set(),
    "property": {"name", "value"},
    "testcase": {"classname", "name", "time"},
    "failure": {"message", "type"},
    "error": {"message", "type"},
    "skipped": {"message"},
    "system-out": set(),
}
"""What the schema that Jenkins and GitLab read by allows, element by element."""


def read(scene: str, language: Language) -> ET.Element:
    return ET.fromstring(render("junit", SCENES[scene]().report(), language))  # noqa: S314 - our own file


def suite(scene: str, language: Language = "en") -> ET.Element:
    (found,) = read(scene, language)
    return found


def entry(found: ET.Element, name: str) -> ET.Element:
    return next(one for one in found.iter("testcase") if one.get("name") == name)


def child(found: ET.Element, name: str, tag: str) -> ET.Element:
    (only,) = entry(found, name).iterfind(tag)
    return only


@pytest.mark.parametrize("language", ["en", "es", "pt"])
@pytest.mark.parametrize("scene", SCENES)
def test_the_file_has_the_shape_that_ci_servers_read(scene, language):
    root = read(scene, language)
    assert root.tag == "testsuites"
    assert [one for one in root.iter() if set(one.attrib) != ATTRIBUTES[one.tag]] == []
    (found,) = root
    order = [one.tag for one in found]
    assert order == ["properties", *["testcase"] * (len(order) - 2), "system-out"]


@pytest.mark.parametrize("scene", SCENES)
def test_the_counts_are_those_of_the_entries(scene):
    found = suite(scene)
    counts = Counter(child.tag for one in found.iter("testcase") for child in one)
    assert int(found.get("tests", "")) == len(list(found.iter("testcase")))
    assert {name: int(found.get(name, "")) for name in ("failures", "errors", "skipped")} == {
        "failures": counts["failure"],
        "errors": counts["error"],
        "skipped": counts["skipped"],
    }


def test_each_finding_is_an_entry_named_after_its_rule_and_slice():
    found = suite("failing")
    assert entry(found, "answers.no_worse_than [locale=pt]").get("classname") == "support"
    assert len(list(found.iter("testcase"))) == len(failing().report().decision.findings)


def test_a_fail_is_a_failure_that_says_why():
    failure = child(suite("failing"), "no_pii.never", "failure")
    assert failure.get("message") == "1 answer violates no_pii where the baseline was not seen to; none may."
    assert "c-200" in (failure.text or "")


def test_what_is_not_decided_is_an_error_and_never_green():
    error = child(suite("undecided"), "answers.no_worse_than", "error")
    assert "more cases decide it" in (error.text or "")


def test_what_does_not_count_is_skipped_with_its_reason():
    assert child(suite("failing"), "answers.at_least [locale=pt]", "skipped").get("message")
    assert child(suite("undecided"), "answers.better_than_baseline", "skipped").get("message")


def test_a_pass_has_nothing_in_it():
    assert list(entry(suite("passing"), "no_pii.never")) == []


def test_while_advisory_nothing_stops_the_pipeline():
    found = suite("advisory")
    assert (found.get("failures"), found.get("errors")) == ("0", "0")
    skipped = child(found, "no_pii.never", "skipped")
    assert skipped.get("message", "").startswith("ADVISORY, would be FAIL: ")


def test_hostile_texts_stay_text():
    found = suite("hostile")
    assert {one.tag for one in found.iter()} <= set(ATTRIBUTES)
    everything = ET.tostring(found, encoding="unicode", method="text")
    assert "<script>alert(1)</script>" in everything
    assert "\x1b" not in everything
    assert "\u202e" not in everything
