"""A provider that misbehaves costs time, never an outcome: 5 % 429, 2 % 500 and 1 % cut bodies among 500 calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.faults import Faulty, faulty
from benchmarks.mock import serving

CASES = 500


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Faulty]:
    with serving() as mock:
        yield faulty(mock, tmp_path_factory.mktemp("faulty"), CASES)


def test_every_kind_of_fault_was_met(found):
    assert set(found.stats["sent"]) == {"ok", "429", "500", "cut"}


def test_nothing_is_lost_and_nothing_is_marked_wrong(found):
    assert (found.checked.lost, found.checked.wrong, found.checked.marks) == (0, 0, 4 * CASES)


def test_a_case_is_asked_again_until_it_is_answered_and_then_never(found):
    assert found.stats["answered"] == found.stats["cases"] == CASES
    assert found.stats["answered_twice"] == 0


def test_the_gate_decides_as_if_nothing_had_happened(found):
    assert found.ran.code == 0
