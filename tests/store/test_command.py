"""The command on PostgreSQL: the same decision bytes as on SQLite, and a first day with an accepted baseline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.scenes import JUDGED_SUITE, SUITE, evalgate, lay, rows
from tests.providers.server import Far, running


@pytest.fixture
def database(empty_postgres: str) -> dict[str, str]:
    return {"EVALGATE_DATABASE_URL": empty_postgres}


@pytest.fixture
def far() -> Iterator[Far]:
    with running({"label": "answers", "model": "judge-1-2026-01"}) as server:
        yield server


def record(folder: Path, env: dict[str, str]) -> bytes:
    done = evalgate(folder, "gate", "suite.yaml", "--quiet", "--report", "json=record.json", env=env)
    assert done.returncode in {0, 1}, done.stderr
    return (folder / "record.json").read_bytes()


def test_a_fresh_database_is_made_and_the_decision_is_the_one_on_sqlite(database, tmp_path):
    lay(tmp_path, candidate=rows(rude=range(40)))
    on_sqlite = record(tmp_path, {})
    assert record(tmp_path, database) == on_sqlite
    assert record(tmp_path, database) == on_sqlite


def test_the_journal_on_postgresql_answers_the_second_time(database, far, tmp_path):
    lay(tmp_path, JUDGED_SUITE)
    env = {**database, "EVALGATE_JUDGE_BASE_URL": far.url}
    first = record(tmp_path, env)
    asked = far.stats()["answered"]
    assert record(tmp_path, env) == first
    assert far.stats()["answered"] == asked == 120


def test_a_baseline_is_accepted_and_compared_with(database, tmp_path):
    lay(tmp_path, SUITE.replace("baseline: baseline.jsonl", "baseline: {baseline: main}"))
    assert evalgate(tmp_path, "gate", "suite.yaml", "--quiet", env=database).returncode == 3
    assert evalgate(tmp_path, "baseline", "accept", "--first", env=database).returncode == 0
    assert evalgate(tmp_path, "gate", "suite.yaml", "--quiet", env=database).returncode == 0


def test_a_server_that_is_not_there_is_one_line_without_its_password(tmp_path):
    lay(tmp_path)
    env = {"EVALGATE_DATABASE_URL": "postgresql://me:geheim@127.0.0.1:9/none"}
    done = evalgate(tmp_path, "gate", "suite.yaml", env=env)
    assert done.returncode == 4
    assert "geheim" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
