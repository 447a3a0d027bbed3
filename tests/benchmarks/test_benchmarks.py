"""The benches themselves: what they measure against is right, and every one of them runs."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from benchmarks import figures
from benchmarks.__main__ import BENCHES
from benchmarks.figures import Figure
from benchmarks.mock import Mock, serving
from benchmarks.workload import BANNED, LONGEST, REPEATS_AFTER, cases


@pytest.fixture(scope="module")
def mock() -> Iterator[Mock]:
    with serving() as running:
        yield running


def ask(mock: Mock, text: str) -> str:
    body = json.dumps({"model": "mock", "messages": [{"role": "user", "content": text}]}).encode()
    with urllib.request.urlopen(f"{mock.url}/chat/completions", body, timeout=10) as response:  # noqa: S310 - our own address
        return json.loads(response.read())["choices"][0]["message"]["content"]


def test_the_mock_gives_a_case_the_same_verdict_in_any_prompt(mock):
    mock.reset(latency_ms=1)
    said = [json.loads(ask(mock, f"{before} [[case-000016]] {after}"))["label"] for before, after in ("ab", "xy")]
    assert said == ["fail", "fail"]
    assert json.loads(ask(mock, "[[case-000003]]"))["label"] == "pass"


def test_the_mock_keeps_a_ledger_of_what_was_asked_and_answered(mock):
    mock.reset(latency_ms=1, p500=1.0)
    with pytest.raises(urllib.error.HTTPError):
        ask(mock, "[[case-000001]]")
    assert mock.cases() == {"case-000001": (1, 0)}
    mock.reset(latency_ms=1)
    ask(mock, "[[case-000001]]")
    ask(mock, "[[case-000001]]")
    told = mock.stats()
    assert mock.cases() == {"case-000001": (2, 2)}
    assert (told["total"], told["answered"], told["answered_twice"], told["sent"]) == (2, 2, 1, {"ok": 2})


def test_the_mock_cuts_a_body_in_half(mock):
    mock.reset(latency_ms=1, pcut=1.0)
    with pytest.raises(json.JSONDecodeError):
        ask(mock, "[[case-000001]]")
    assert mock.stats()["sent"] == {"cut": 1}


def test_the_workload_is_the_same_every_time():
    assert list(cases(300)) == list(cases(300))
    assert list(islice(cases(10), 5)) == list(cases(5))


def test_the_truth_is_what_a_reader_of_the_output_finds():
    for row, truth in cases(2_000):
        low = row["output"].lower()
        assert truth["on_brand"] == (not any(term in low for term in BANNED))
        assert truth["brief"] == (len(row["output"]) <= LONGEST)
        assert truth["ticket"] == ("Ticket #AB-" in row["output"])


def test_texts_that_come_again_carry_their_own_id():
    row, _ = next(islice(cases(REPEATS_AFTER + 7), REPEATS_AFTER + 6, None))
    first, _ = next(islice(cases(7), 6, None))
    assert row["id"] == "case-010006"
    assert "[[case-010006]]" in row["output"]
    assert row["input"] == first["input"]


def test_results_are_written_between_the_markers_of_the_page(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "RESULTS", tmp_path)
    monkeypatch.setattr(figures, "PAGE", tmp_path / "page.md")
    figures.PAGE.write_text("Before\n<!-- start: begin -->\nold\n<!-- start: end -->\nAfter\n")
    about = {"machine": "2 cores", "date": "today", "python": "3.11", "versions": "a 1", "commit": "abc"}
    figures.keep("start", [Figure("help", "≤ 1 s", "0.5 s", met=True)], about, 3.0)
    assert figures.document() == ["start"]
    page = figures.PAGE.read_text()
    assert "old" not in page
    assert "| help | ≤ 1 s | 0.5 s | met |  |" in page
    assert page.startswith("Before\n<!-- start: begin -->\n")
    assert page.endswith("<!-- start: end -->\nAfter\n")


def test_one_small_case_of_each_bench_runs(checkout):
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick"],
        cwd=checkout,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    titles = [line.partition(",")[0] for line in done.stdout.splitlines() if line.endswith(" s") and "|" not in line]
    assert titles == list(BENCHES)


def test_a_bench_nobody_knows_is_exit_two(checkout: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "speed"], cwd=checkout, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "known are start, checks, local, judged" in done.stderr
