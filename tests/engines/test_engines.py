"""One process, Spark and Ray say the same of the same shards: `make test-engines`, in an environment that has both."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from tests.production.shard_scenes import demo_suite, judge, load, write_shard

if find_spec("pyspark") is None or find_spec("ray") is None:
    pytest.skip("Spark or Ray is not installed here: `make test-engines` runs this", allow_module_level=True)

ANSWERS = 240
ROWS = 2 * ANSWERS
ENGINES = ("alone", "spark", "ray")
SCRIPT = Path(__file__).with_name("scoring.py")
WORKERS = 2
"""Processes that ask at a time, one question each: what a kill can leave unanswered."""


class Scene(NamedTuple):
    """Where a run reads and writes."""

    shards: Path
    suite: Path
    folder: Path

    def start(self, engine: str, out: str, journal: str) -> subprocess.Popen[bytes]:
        """Start a run in a process group of its own."""
        places = (self.shards, self.folder / out, self.suite, self.folder / journal)
        # Engines speak to themselves under this machine's own address, which the network guard takes for another's.
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        environment |= {"PYSPARK_PYTHON": sys.executable, "RAY_USAGE_STATS_ENABLED": "0"}  # Ray would report home
        command = [sys.executable, str(SCRIPT), engine, *map(str, places)]
        return subprocess.Popen(command, env=environment, start_new_session=True)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    suite = demo_suite(tmp_path / "demo")
    shards = tmp_path / "shards"
    shards.mkdir()
    write_shard(shards / "shard-000-of-001.parquet", load(suite), ANSWERS, row_groups=96)
    return Scene(shards, suite, tmp_path)


def canonical(place: Path) -> bytes:
    """Return everything that was said, in one order, as bytes."""
    frame = pd.read_parquet(place).sort_values(["source", "external_id", "check", "criterion"])
    return frame.to_csv(index=False).encode()


@pytest.mark.timeout(600)
def test_one_process_spark_and_ray_say_the_same_to_the_byte(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with judge(monkeypatch) as replies:
        ended = [scene.start(engine, f"{engine}.parquet", f"{engine}.db").wait(240) for engine in ENGINES]
    said = {canonical(scene.folder / f"{engine}.parquet") for engine in ENGINES}
    assert ended == [0, 0, 0]
    assert len(said) == 1
    assert said.pop().count(b"\n") == 1 + ROWS
    assert len(replies.prompts) == len(ENGINES) * ROWS


@pytest.mark.timeout(600)
@pytest.mark.parametrize("engine", ENGINES)
def test_a_run_killed_half_way_and_run_again_asks_nothing_twice(
    engine: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVALGATE_IN_FLIGHT", "1")
    with judge(monkeypatch) as replies:
        replies.pause_s = 0.01
        killed = scene.start(engine, "out.parquet", "journal.db")
        wait_for(lambda: len(replies.prompts) >= ROWS / 3)
        os.killpg(killed.pid, signal.SIGKILL)
        assert killed.wait(30) == -signal.SIGKILL
        time.sleep(5)  # an engine's own workers notice a moment later
        before = len(replies.prompts)
        assert before < ROWS
        replies.pause_s = 0.0
        assert scene.start(engine, "out.parquet", "journal.db").wait(240) == 0
    assert canonical(scene.folder / "out.parquet").count(b"\n") == 1 + ROWS
    assert len(set(replies.prompts)) == ROWS
    assert len(replies.prompts) <= ROWS + WORKERS


def wait_for(holds, patience_s: float = 120.0) -> None:
    end = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
