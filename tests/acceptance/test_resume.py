"""Killed at any moment, the same command finishes the rest: nothing is paid twice, the decision is the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.faults import GATE, killed, undisturbed
from benchmarks.judged import IN_FLIGHT, environment
from benchmarks.measuring import run
from benchmarks.mock import Mock, serving
from benchmarks.scores import stored_samples
from benchmarks.workload import lay

CASES = 500
MANY = 6_000


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def whole(mock: Mock, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The record of a run that nobody disturbed, in a store of its own."""
    return undisturbed(mock, tmp_path_factory.mktemp("whole"), CASES)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_killed_run_pays_no_answered_call_twice_and_decides_the_same(share, mock, whole, tmp_path):
    found = killed(mock, tmp_path, CASES, share)
    assert found.killed.code == -9
    assert found.journalled_before > 0
    assert found.paid_twice == 0
    assert found.asked_again <= IN_FLIGHT
    assert (found.checked.lost, found.checked.wrong) == (0, 0)
    assert found.record == whole


def test_a_finished_run_asks_nothing_when_it_is_run_again(mock, whole, tmp_path):
    assert undisturbed(mock, tmp_path, CASES) == whole
    run(GATE, cwd=tmp_path, env=environment(mock))
    assert mock.stats()["total"] == CASES
    assert (tmp_path / "decision.json").read_bytes() == whole


def test_a_run_of_code_checks_killed_while_it_is_stored_decides_the_same(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        lay(folder, "plain", MANY)
    dead = run(GATE, cwd=first, meanwhile=lambda _: stored_samples(first) >= MANY / 4, codes=(-9,))
    assert dead.code == -9
    assert 0 < stored_samples(first) < MANY
    run(GATE, cwd=first)
    run(GATE, cwd=second)
    assert stored_samples(first) == MANY
    assert (first / "decision.json").read_bytes() == (second / "decision.json").read_bytes()
