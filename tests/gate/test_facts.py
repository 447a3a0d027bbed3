"""Whether outputs are of this change: said when it is known, doubted when it is not."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from evalgate.gate.facts import Change, outputs_current
from evalgate.suites.fields import Wanted
from evalgate.suites.inventory import Inventory
from evalgate.suites.samples import SampleFile
from evalgate.suites.suite import DataSpec
from tests.acceptance.scenes import rows, write

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def looked_at(folder: Path, given: list[dict[str, object]]) -> Inventory:
    write(folder / "rows.jsonl", given)
    return SampleFile(folder / "rows.jsonl", DataSpec(), Wanted()).inventory()


@pytest.mark.parametrize(
    ("extra", "change", "holds"),
    [
        pytest.param({"revision": "7c1f2ab"}, Change(revision="7c1f2ab90d11"), "yes", id="the same commit, shortened"),
        pytest.param({"revision": "4e9d0c1"}, Change(revision="7c1f2ab90d11"), "no", id="another commit"),
        pytest.param({}, Change(revision="7c1f2ab"), "unknown", id="no revision in the rows"),
        pytest.param(
            {"created_at": "2026-11-20T13:00:00Z"}, Change(changed_at=NOON), "yes", id="newer than the change"
        ),
        pytest.param({"created_at": "2026-11-20T11:00:00Z"}, Change(changed_at=NOON), "no", id="older than the change"),
        pytest.param({}, Change(changed_at=NOON), "unknown", id="no time in the rows"),
        pytest.param(
            {"created_at": "2026-11-20T13:00:00Z"},
            Change("7c1f2ab", NOON),
            "yes",
            id="newer, where no revision is known",
        ),
    ],
)
def test_outputs_are_current_only_when_every_row_says_so(extra, change, holds, tmp_path):
    fact = outputs_current(looked_at(tmp_path, rows(6, **extra)), change)
    assert fact is not None
    assert fact.holds == holds


def test_one_row_without_a_revision_is_enough_to_doubt(tmp_path):
    fact = outputs_current(
        looked_at(tmp_path, [*rows(5, revision="7c1f2ab"), {"id": "x", "input": "a", "output": "b"}]), Change("7c1f2ab")
    )
    assert fact is not None
    assert fact.holds == "unknown"


def test_a_command_that_was_told_nothing_makes_no_fact(tmp_path):
    assert outputs_current(looked_at(tmp_path, rows(3)), Change()) is None
