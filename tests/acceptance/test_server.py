"""CI without a database: the gate behind a real `evalgate serve`, which keeps runs, replies and decisions for all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.scenes import JUDGED_SUITE, evalgate, lay, one_line, rows
from tests.providers.server import Far, running
from tests.web.scenes import PASSWORD
from tests.web.test_serving import Served, ready

RECORDED_SUITE = """\
version: 1
name: preferred
owner: owner@acme.example
data: {candidate: candidate.jsonl, baseline: baseline.jsonl}
checks:
  win: {check: recorded, column: preference, range: [1, 2]}
gates:
  win: {at_least: 0.5, no_worse_than: 0.2}
"""
DIFFERENT = 120
"""Answers of the two arms of `laid` that no other answer equals: each is judged once, ever."""
SUITES = ("recorded.yaml", "suite.yaml")


def close(served: Served) -> None:
    for pipe in (served.process.stdout, served.process.stderr):
        assert pipe is not None
        pipe.close()


class Home:
    """A server with an administrator and a key for pipelines."""

    def __init__(self, folder: Path, place: str) -> None:
        self.folder = folder
        self.place = place
        self.served = Served(folder, "--database", place)
        self.client = ready(self.served)
        wanted = {"token": self.served.link().rpartition("/")[2], "login": "ana", "name": "Ana", "password": PASSWORD}
        assert self.client.post("/api/v1/first", json=wanted).status_code == 204
        self.client.headers["X-CSRF"] = self.get("session")["csrf"]
        self.key = self.make_key("gate")

    @property
    def env(self) -> dict[str, str]:
        return {"EVALGATE_SERVER": self.served.address, "EVALGATE_KEY": self.key}

    def get(self, path: str) -> dict[str, Any]:
        answered = self.client.get(f"/api/v1/{path}")
        assert answered.status_code == 200, answered.text
        found: dict[str, Any] = answered.json()
        return found

    def make_key(self, scope: str) -> str:
        made = self.client.post("/api/v1/keys", json={"name": f"to {scope}", "scopes": [scope]})
        assert made.status_code == 201, made.text
        token: str = made.json()["token"]
        return token

    def restart(self) -> None:
        self.served.process.wait()
        close(self.served)
        self.served = Served(self.folder, "--database", self.place, "--port", str(self.served.port))
        ready(self.served).close()


@pytest.fixture(scope="module")
def one_far() -> Iterator[Far]:
    with running() as server:
        yield server


@pytest.fixture
def far(one_far: Far) -> Far:
    one_far.script({"label": "answers", "model": "judge-1-2026-01"})
    return one_far


@pytest.fixture
def judge(far: Far) -> dict[str, str]:
    return {"EVALGATE_JUDGE_BASE_URL": far.url, "EVALGATE_JUDGE_API_KEY": "sk-x"}


def at(folder: Path, place: str) -> Iterator[Home]:
    folder.mkdir()
    home = Home(folder, place)
    with closing(home.client):
        yield home
    home.served.process.kill()
    home.served.process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A server on SQLite."""
    yield from at(tmp_path / "server", str(tmp_path / "server" / "evalgate.db"))


@pytest.fixture
def either_home(tmp_path: Path, empty_place: str) -> Iterator[Home]:
    """A server on either database, which it made itself."""
    yield from at(tmp_path / "server", empty_place)


def laid(folder: Path) -> Path:
    """Lay a suite over a recorded column and one with a judge into a folder."""
    folder.mkdir()
    given = [{**row, "preference": 1 + index % 2} for index, row in enumerate(rows(80))]
    lay(folder, JUDGED_SUITE, candidate=given, baseline=given[:40] + [row | {"output": "Sí."} for row in given[40:]])
    (folder / "recorded.yaml").write_text(RECORDED_SUITE.replace("at_least: 0.5", "at_least: 0.3"), encoding="utf-8")
    return folder


def gated(folder: Path, env: dict[str, str], *suites: str) -> list[bytes]:
    """Gate a folder's suites and return their decisions' bytes."""
    done = evalgate(folder, "gate", *(suites or SUITES), "--quiet", "--report", "json={suite}.json", env=env)
    assert done.returncode == 0, done.stderr + done.stdout
    return [path.read_bytes() for path in sorted(folder.glob("*.json"))]


def test_beside_a_database_or_through_a_server_the_decision_is_the_same_and_no_answer_is_paid_twice(
    either_home: Home, far: Far, judge: dict[str, str], tmp_path: Path
) -> None:
    beside = gated(laid(tmp_path / "beside"), judge | {"EVALGATE_DATABASE_URL": either_home.place})
    paid = far.stats()["answered"]
    assert paid > 0
    through = gated(laid(tmp_path / "through"), judge | either_home.env)
    assert through == beside
    assert far.stats()["answered"] == paid


def test_what_one_pipeline_paid_for_another_finds_and_the_server_holds_runs_and_decisions(
    either_home: Home, far: Far, judge: dict[str, str], tmp_path: Path
) -> None:
    first = gated(laid(tmp_path / "first"), judge | either_home.env)
    paid = far.stats()["answered"]
    assert paid > 0
    assert gated(laid(tmp_path / "second"), judge | either_home.env) == first
    assert far.stats()["answered"] == paid
    decisions = either_home.get("decisions")["decisions"]
    assert sorted((one["suite"], one["verdict"]) for one in decisions) == [("judged", "pass"), ("preferred", "pass")]
    runs = {run["id"] for run in either_home.get("runs")["runs"] if run["finished"]}
    assert runs == {json.loads(record)[arm] for record in first for arm in ("candidate", "baseline")}
    assert "decision.pushed" in {entry["action"] for entry in either_home.get("audit")["entries"]}


def test_an_accepted_run_of_the_server_is_compared_with_in_an_empty_folder(
    home: Home, judge: dict[str, str], tmp_path: Path
) -> None:
    first = json.loads(gated(laid(tmp_path / "first"), judge | home.env, "recorded.yaml")[0])
    answered = home.client.post("/api/v1/baselines/preferred/main", json={"run": first["candidate"]})
    assert answered.status_code == 201, answered.text
    second = laid(tmp_path / "second")
    (second / "recorded.yaml").write_text(
        (second / "recorded.yaml").read_text().replace("baseline: baseline.jsonl", "baseline: {baseline: main}")
    )
    assert json.loads(gated(second, judge | home.env, "recorded.yaml")[0])["baseline"] == first["candidate"]


def test_a_server_that_is_down_is_exit_4_and_the_same_command_succeeds_when_it_is_back(
    home: Home, far: Far, judge: dict[str, str], tmp_path: Path
) -> None:
    folder = laid(tmp_path / "ci")
    home.served.stop()
    done = evalgate(folder, "gate", *SUITES, "--quiet", env=judge | home.env)
    assert done.returncode == 4
    assert "the server cannot be reached" in one_line(done)
    assert far.stats()["total"] == 0
    home.restart()
    gated(folder, judge | home.env)
    assert len(home.get("decisions")["decisions"]) == 2


def test_a_server_that_goes_away_while_judges_answer_loses_nothing(
    home: Home, far: Far, judge: dict[str, str], tmp_path: Path
) -> None:
    folder = laid(tmp_path / "ci")
    stopped: list[int] = []

    def stop_at_the_first(_: dict[str, Any]) -> dict[str, Any]:
        if not stopped:
            stopped.append(1)
            home.served.process.kill()
            home.served.process.wait()
        return {"label": "answers", "model": "judge-1-2026-01"}

    far.script(stop_at_the_first)
    done = evalgate(folder, "gate", "suite.yaml", "--quiet", env=judge | home.env)
    assert done.returncode == 4, done.stdout
    assert "the server cannot be reached" in one_line(done)
    assert 0 < far.stats()["answered"] < DIFFERENT
    home.restart()
    first = gated(folder, judge | home.env, "suite.yaml")
    assert gated(laid(tmp_path / "other"), judge | home.env, "suite.yaml") == first
    assert far.stats()["answered"] == DIFFERENT


def test_a_key_without_the_scope_gate_is_exit_4_in_one_line(home: Home, tmp_path: Path) -> None:
    env = home.env | {"EVALGATE_KEY": home.make_key("read")}
    done = evalgate(laid(tmp_path / "ci"), "gate", "recorded.yaml", env=env)
    assert done.returncode == 4
    assert "scope gate" in one_line(done)
    assert env["EVALGATE_KEY"] not in done.stderr + done.stdout


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"EVALGATE_DATABASE_URL": "evalgate.db"}, "EVALGATE_SERVER and EVALGATE_DATABASE_URL are both set"),
        ({"EVALGATE_KEY": ""}, "EVALGATE_KEY is not"),
        ({"EVALGATE_SERVER": "evals.example.org"}, "EVALGATE_SERVER is not a server's address"),
    ],
    ids=["two stores", "no key", "no address"],
)
def test_settings_that_cannot_be_are_exit_2_in_one_line(tmp_path: Path, env: dict[str, str], said: str) -> None:
    both = {"EVALGATE_SERVER": "http://127.0.0.1:9", "EVALGATE_KEY": "eg_0123_x"} | env
    done = evalgate(laid(tmp_path / "ci"), "gate", "recorded.yaml", env=both)
    assert done.returncode == 2
    assert said in one_line(done)
