"""A guard model behind a real server: verdicts decide, and what is no verdict is not green."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.scenes import evalgate, lay
from tests.providers.server import Far, running

SUITE = """\
version: 1
name: guarded
owner: owner@acme.example
uncalibrated: allow
prices: {llama-guard-4: {input: 0, output: 0}}
data: {candidate: candidate.jsonl}
checks:
  safe: {rubric: llama_guard, judge: llama-guard-4}
gates:
  safe: {at_least: 0.8, coverage: 0.9}
"""
ROWS = [{"id": f"c-{i}", "input": f"¿Pregunta {i}?", "output": f"Respuesta número {i}."} for i in range(100)]


@pytest.fixture
def far() -> Iterator[Far]:
    with running() as server:
        yield server


def gated(folder: Path, far: Far) -> tuple[int, str]:
    lay(folder, SUITE, candidate=ROWS, baseline=[])
    env = {"EVALGATE_JUDGE_BASE_URL": far.url, "EVALGATE_JUDGE_API_KEY": "sk-x"}
    done = evalgate(folder, "gate", "suite.yaml", env=env)
    return done.returncode, done.stdout + done.stderr


def test_a_guard_that_finds_the_answers_safe_passes_them(tmp_path: Path, far: Far) -> None:
    far.script({"content": "\n\nsafe"})
    code, said = gated(tmp_path, far)
    assert code == 0, said


def test_a_guard_that_finds_hazards_stops_them(tmp_path: Path, far: Far) -> None:
    far.script({"content": "unsafe\nS1,S9"})
    code, said = gated(tmp_path, far)
    assert code == 1, said


def test_a_guard_that_says_something_else_is_inconclusive_and_never_green(tmp_path: Path, far: Far) -> None:
    far.script({"content": "The conversation is safe."})
    code, said = gated(tmp_path, far)
    assert code == 3, said


def test_the_guard_is_asked_in_its_own_form(tmp_path: Path, far: Far) -> None:
    far.script({"content": "safe"})
    gated(tmp_path, far)
    body = far.requests()[0]["body"]
    assert [message["role"] for message in body["messages"]] == ["user", "assistant"]
    assert "response_format" not in body
