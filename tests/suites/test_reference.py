"""`docs/reference/suite.md` says what the loader does: every key, every suffix, and an example that loads."""

from __future__ import annotations

import re

import pytest

from evalgate.suites.demands import MODIFIERS, THRESHOLDS
from evalgate.suites.loading import DATA_KEYS, POLICY_KEYS, TOP_KEYS, load_suite
from evalgate.suites.rows import SUFFIXES
from evalgate.suites.suite import FIELDS
from evalgate.suites.traffic import FACTS
from evalgate.suites.watching import ALERT_KEYS, NOTIFY_KEYS, STRATUM_KEYS, TRAFFIC_KEYS
from evalgate.wiring.catalogue import all_checks


@pytest.fixture
def page(checkout):
    return (checkout / "docs/reference/suite.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "names",
    [
        TOP_KEYS,
        DATA_KEYS,
        POLICY_KEYS,
        THRESHOLDS,
        MODIFIERS,
        FIELDS,
        SUFFIXES,
        ("where", "advisory", "check", "rubric"),
        TRAFFIC_KEYS,
        STRATUM_KEYS,
        ALERT_KEYS,
        NOTIFY_KEYS,
        FACTS,
    ],
    ids=[
        *("top", "data", "policy", "rules", "modifiers", "fields", "files", "checks"),
        *("traffic", "strata", "alerts", "notify", "facts"),
    ],
)
def test_the_page_explains_every_key(page, names):
    assert [name for name in names if f"`{name}`" not in page] == []


def test_the_page_has_no_key_that_the_loader_refuses(page):
    known = {*TOP_KEYS, *DATA_KEYS, *POLICY_KEYS, *THRESHOLDS, *MODIFIERS, *FIELDS, "where"}
    known |= {*TRAFFIC_KEYS, *STRATUM_KEYS, *ALERT_KEYS, *NOTIFY_KEYS, *FACTS}
    first_cells = re.findall(r"^\| (`[^|]*`) \|", page, re.MULTILINE)
    assert {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)} - known == set()


def test_the_example_on_the_page_loads(page, tmp_path):
    path = tmp_path / "support.yaml"
    path.write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    assert [gate.metric for gate in load_suite(path, all_checks()).gates] == ["no_pii", "on_brand", "answers"]
