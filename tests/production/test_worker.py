"""Workers as processes: they share the windows, survive kill -9 and end when they are told."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from evalgate.cli.app import run
from evalgate.store.engine import Store
from evalgate.worker.child import worker_beside
from tests.production.scored import Hands, a_day, opened, rows, suite_at, triage
from tests.providers.server import Far, running, started

MINUTE = timedelta(minutes=1)
IN_FLIGHT = 4


@contextmanager
def worker(folder: Path, place: str, far: Far, *flags: str) -> Iterator[subprocess.Popen[str]]:
    environ = os.environ | {
        "EVALGATE_DATABASE_URL": place,
        "EVALGATE_JUDGE_BASE_URL": far.url,
        "EVALGATE_JUDGE_API_KEY": "k",
        "EVALGATE_IN_FLIGHT": str(IN_FLIGHT),
    }
    command = [sys.executable, "-m", "evalgate", "worker", "--suite", "support.yaml", *flags]
    with subprocess.Popen(command, cwd=folder, env=environ, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def until(true) -> None:
    """Wait until something holds, for half a minute at most."""
    give_up = time.monotonic() + 30
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.05)


@contextmanager
def laid(place: str, folder: Path) -> Iterator[Store]:
    """Open a store in which a window of a suite is over."""
    text = suite_at(folder).path.read_text().replace("traffic:\n", "traffic:\n  every: 1m\n  wait: 0s\n")
    suite, hands = suite_at(folder, text), Hands(datetime.now(UTC) - 2 * MINUTE)
    with opened(place, hands) as store:
        triage(store)
        a_day(store, suite, 50)
        yield store


def test_a_worker_killed_in_the_middle_leaves_each_effect_once_and_pays_no_call_twice(postgres_place, tmp_path):
    with laid(postgres_place, tmp_path) as store, started({"label": "answers", "delay_ms": 300}) as far:
        with worker(tmp_path, postgres_place, far) as first:
            until(lambda: far.stats()["answered"] >= 4)
            first.send_signal(signal.SIGKILL)
        assert rows(store, "traffic_window")[0]["state"] == "open"
        with store.database.write() as connection:  # a minute goes by
            connection.exec_driver_sql("UPDATE traffic_window SET lease_until = NULL")
        with worker(tmp_path, postgres_place, far, "--once") as second:
            assert second.wait(60) == 0
        stats = far.stats()
        closed = rows(store, "traffic_window")
        judged = [row for row in rows(store, "traffic_score") if row["stratum"]]
        assert {row["state"] for row in closed} == {"closed"}
        assert max(row["attempt"] for row in closed) == 2
        assert Counter(row["state"] for row in judged)["scored"] == len(marked(store)) == stats["distinct_prompts"]
        assert stats["answered"] - len(rows(store, "reply")) <= IN_FLIGHT  # what was under way when it was killed
        assert len(rows(store, "reply")) == stats["distinct_prompts"]


def marked(store: Store) -> set[str]:
    """Give the digests of samples that a judge scored."""
    digests = {row["number"]: row["sample_digest"] for row in rows(store, "interaction")}
    return {
        digests[row["interaction"]]
        for row in rows(store, "traffic_score")
        if row["stratum"] and row["state"] == "scored"
    }


def test_a_worker_that_is_told_to_end_gives_its_window_back_at_once(sqlite_place, tmp_path):
    with laid(sqlite_place, tmp_path) as store, started({"label": "answers", "delay_ms": 400}) as far:
        with worker(tmp_path, sqlite_place, far) as process:
            until(lambda: far.stats()["answered"] >= 2)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        (window,) = [row for row in rows(store, "traffic_window") if row["attempt"]]
        assert (window["state"], window["owner"]) == ("open", None)
        assert window["spent_usd"] > 0
        assert rows(store, "worker") == []


def test_a_servers_worker_is_started_again_when_it_dies_and_ends_with_the_server(sqlite_place, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    environ = os.environ | {"EVALGATE_DATABASE_URL": sqlite_place}
    with laid(sqlite_place, tmp_path) as store, worker_beside(["support.yaml"], environ):
        until(lambda: owners(store))
        (first,) = owners(store)
        os.kill(first, signal.SIGKILL)
        until(lambda: owners(store) - {first})
        (second,) = owners(store) - {first}
    assert not Path(f"/proc/{second}").exists()


def owners(store: Store) -> set[int]:
    """Give the processes of workers that were heard of."""
    return {int(row["owner"].split(":")[1]) for row in rows(store, "worker")}


def test_a_range_is_scored_by_command_and_scored_again_beside_what_it_said(sqlite_place, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVALGATE_DATABASE_URL", sqlite_place)
    with laid(sqlite_place, tmp_path) as store, running({"label": "answers"}) as far:
        monkeypatch.setenv("EVALGATE_JUDGE_BASE_URL", far.url)
        monkeypatch.setenv("EVALGATE_JUDGE_API_KEY", "k")
        since = (datetime.now(UTC) - 3 * MINUTE).isoformat()
        command = ["traffic", "score", "--suite", "support.yaml", "--since", since]
        assert [run(command), run(command), run([*command, "--again"])] == [0, 0, 0]
        told = capsys.readouterr().out.splitlines()
        assert "0 were closed already" in told[0]
        assert told[1].startswith("0 windows scored")
        answered = far.stats()
        assert answered["total"] == answered["distinct_prompts"] == len(rows(store, "reply"))
        assert {row["version"] for row in rows(store, "traffic_window")} == {1, 2}
        assert run(["traffic", "erase", "--user", "ana"]) == 0
        assert "50 interactions" in capsys.readouterr().out
    assert run(["worker"]) == 2
    assert "--suite" in capsys.readouterr().err
