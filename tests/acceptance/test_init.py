"""The first day: `evalgate init` in an empty folder, on a real terminal and without one."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evalgate.core.gates import NoWorseThan
from evalgate.demo.replies import data
from evalgate.suites.loading import load_suite
from evalgate.suites.suite import FileSource, NamedSource, Suite
from evalgate.wiring.catalogue import all_checks

SAID = ("--owner", "ana@acme.example", "--judge", "gpt-4.1-mini")
ASKED = "Who answers", "Compare with", "Which model judges", "The loss you accept"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder but for the two files of outputs a team would have."""
    for arm in ("baseline", "candidate"):
        (tmp_path / f"{arm}.jsonl").write_bytes(data(f"outputs_{arm}.jsonl").read_bytes())
    return tmp_path


def environment(folder: Path) -> dict[str, str]:
    return {
        **{name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ},
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "COLUMNS": "200",
    }


def evalgate(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "evalgate", *arguments],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def on_a_terminal(folder: Path, *arguments: str, answers: str) -> tuple[int, str]:
    """Run a command on a terminal of its own, type the answers, and return its exit code and what it showed."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "evalgate", *arguments]
    with subprocess.Popen(
        command, cwd=folder, env=environment(folder), stdin=theirs, stdout=theirs, stderr=theirs
    ) as run:
        os.close(theirs)
        os.write(ours, answers.encode())
        shown = b"".join(iter(lambda: read(ours), b""))
    os.close(ours)
    return run.returncode, shown.decode().replace("\r\n", "\n")


def read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side is closed
        return b""


def suite_at(path: Path) -> Suite:
    return load_suite(path, all_checks())


def left_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def rows(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_with_flags_alone_a_suite_is_written_that_loads_and_plans(folder: Path) -> None:
    wrote = evalgate(
        folder, "init", "--from", "candidate.jsonl", "--baseline", "baseline.jsonl", "--name", "shop", *SAID
    )
    planned = evalgate(folder, "plan", "suites/shop.yaml")

    assert (wrote.returncode, wrote.stderr) == (0, "")
    suite = suite_at(folder / "suites" / "shop.yaml")
    assert (suite.name, suite.owner, suite.judge, suite.uncalibrated) == (
        "shop",
        "ana@acme.example",
        "gpt-4.1-mini",
        True,
    )
    assert suite.data.columns == {"input": "prompt", "output": "response", "cluster": "session_id"}
    assert suite.data.slices == {"locale": "lang"}
    assert (planned.returncode, planned.stderr) == (0, "")


def test_paths_in_the_suite_are_relative_to_where_it_stands(folder: Path) -> None:
    evalgate(folder, "init", "--from", "candidate.jsonl", "--baseline", "baseline.jsonl", "--to", "a/b/c.yaml", *SAID)

    suite = suite_at(folder / "a" / "b" / "c.yaml")

    assert isinstance(suite.data.candidate, FileSource)
    assert isinstance(suite.data.baseline, FileSource)
    assert (suite.data.candidate.name, suite.data.baseline.name) == ("../../candidate.jsonl", "../../baseline.jsonl")


def test_the_margin_is_what_the_pairs_can_decide_rounded_up_and_stands_in_the_file(folder: Path) -> None:
    wrote = evalgate(
        folder, "init", "--from", "candidate.jsonl", "--baseline", "baseline.jsonl", "--name", "shop", *SAID
    )

    suite = suite_at(folder / "suites" / "shop.yaml")
    margins = {gate.metric: rule.margin for gate in suite.gates for rule in gate.rules if isinstance(rule, NoWorseThan)}

    # (1.6449 + 0.8416) * 0.5 * sqrt((1 + (261 / 244 - 1) * 0.5) / 261) = 0.0783
    assert margins == {"answers": 0.08}
    assert "0.08 is the least that 261 cases in 244 clusters decide with 80 % power" in wrote.stdout
    assert "0.5 is assumed" in wrote.stdout


def test_few_cases_are_told_how_many_would_do(tmp_path: Path) -> None:
    rows(tmp_path / "few.jsonl", *({"id": f"c-{n}", "input": "How?", "output": "So."} for n in range(20)))

    wrote = evalgate(
        tmp_path, "init", "--from", "few.jsonl", "--to", "s.yaml", "--owner", "ana", "--judge", "gpt-4.1-mini"
    )

    assert "0.28 is the least that 20 cases in 20 clusters decide" in wrote.stdout
    assert "about 155 cases would decide a margin of 0.1" in wrote.stdout


def test_a_margin_of_ones_own_is_written_and_one_too_small_to_decide_is_said(folder: Path) -> None:
    wrote = evalgate(folder, "init", "--from", "candidate.jsonl", "--to", "s.yaml", "--margin", "0.03", *SAID)

    assert "no_worse_than: 0.03" in (folder / "s.yaml").read_text(encoding="utf-8")
    assert "With 0.03 an unchanged candidate may stay inconclusive" in wrote.stdout


def test_without_a_file_the_baseline_is_the_run_that_will_be_accepted_as_main(folder: Path) -> None:
    wrote = evalgate(folder, "init", "--from", "candidate.jsonl", "--name", "shop", *SAID)

    assert suite_at(folder / "suites" / "shop.yaml").data.baseline == NamedSource(name="main")
    assert "evalgate plan suites/shop.yaml" in wrote.stdout
    assert "evalgate gate suites/shop.yaml" in wrote.stdout
    assert "evalgate baseline accept main --first" in wrote.stdout


def test_without_a_terminal_what_is_missing_is_one_line_and_nothing_is_written(folder: Path) -> None:
    before = left_in(folder)

    refused = evalgate(folder, "init", "--from", "candidate.jsonl")

    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.count("\n") == 1
    assert "--owner WHO, --judge MODEL (or none)" in refused.stderr
    assert left_in(folder) == before


def test_columns_nobody_can_guess_are_asked_for_by_their_flags(tmp_path: Path) -> None:
    rows(tmp_path / "odd.jsonl", *({"n": n, "left": "a", "right": "b"} for n in range(3)))

    refused = evalgate(tmp_path, "init", "--from", "odd.jsonl", *SAID)

    assert refused.returncode == 2
    assert "--id COL (perhaps n), --input COL, --output COL; the columns are n, left, right" in refused.stderr
    assert left_in(tmp_path) == {"odd.jsonl"}


def test_columns_named_by_flags_are_read(tmp_path: Path) -> None:
    rows(tmp_path / "odd.jsonl", *({"n": n, "left": "a", "right": "b", "team": "x"} for n in range(3)))
    named = ("--id", "n", "--input", "left", "--output", "right", "--slice", "team=team", "--column", "model=team")

    wrote = evalgate(tmp_path, "init", "--from", "odd.jsonl", "--to", "s.yaml", *named, *SAID)

    assert (wrote.returncode, wrote.stderr) == (0, "")
    suite = suite_at(tmp_path / "s.yaml")
    assert suite.data.columns == {"id": "n", "input": "left", "output": "right", "model": "team"}
    assert suite.data.slices == {"team": "team"}


def test_a_guess_can_be_taken_back(folder: Path) -> None:
    evalgate(folder, "init", "--from", "candidate.jsonl", "--to", "s.yaml", "--column", "cluster=", *SAID)

    assert "cluster" not in suite_at(folder / "s.yaml").data.columns


def test_yes_takes_guesses_and_no_judge_but_never_makes_up_an_owner(folder: Path) -> None:
    refused = evalgate(folder, "init", "--from", "candidate.jsonl", "--yes")
    wrote = evalgate(folder, "init", "--from", "candidate.jsonl", "--yes", "--owner", "ana", "--to", "s.yaml")

    assert refused.returncode == 2
    assert "needs what the file does not say: --owner WHO. Nothing is written" in refused.stderr
    assert wrote.returncode == 0
    suite = suite_at(folder / "s.yaml")
    assert suite.judge is None
    assert list(suite.checks) == ["no_pii"]


def test_scores_measured_elsewhere_become_a_recorded_check(tmp_path: Path) -> None:
    rows(
        tmp_path / "rated.jsonl", *({"id": n, "input": "How?", "output": "So.", "rating": 1 + n % 5} for n in range(9))
    )

    wrote = evalgate(
        tmp_path, "init", "--from", "rated.jsonl", "--to", "s.yaml", "--yes", "--owner", "ana", "--score", "rating=1,5"
    )

    assert (wrote.returncode, wrote.stderr) == (0, "")
    assert "score" in suite_at(tmp_path / "s.yaml").checks


def test_a_suite_that_is_there_is_not_overwritten_unless_forced(folder: Path) -> None:
    (folder / "s.yaml").write_text("mine\n", encoding="utf-8")

    refused = evalgate(folder, "init", "--from", "candidate.jsonl", "--to", "s.yaml", *SAID)
    kept = (folder / "s.yaml").read_text(encoding="utf-8")
    forced = evalgate(folder, "init", "--from", "candidate.jsonl", "--to", "s.yaml", "--force", *SAID)

    assert refused.returncode == 2
    assert "s.yaml is there already" in refused.stderr
    assert kept == "mine\n"
    assert forced.returncode == 0
    assert suite_at(folder / "s.yaml").owner == "ana@acme.example"


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--input", "promt"), "no column 'promt'. Did you mean 'prompt'?"),
        (("--slice", "locale"), "--slice locale: write it as NAME=COL"),
        (("--slice", "locale=idioma"), "no column 'idioma'"),
        (("--column", "inptu=prompt"), "no field is called 'inptu'. Did you mean 'input'?"),
        (("--margin", "0"), "above 0 and at most 1"),
        (("--margin", "nan"), "above 0 and at most 1"),
        (("--score", "lang=5,1"), "from the worst to the best"),
        (("--score", "lang"), "write COL=LOW,HIGH"),
        (("--baseline", "old"), "give a file or main"),
        (("--baseline", "old.jsonl"), "old.jsonl: no such file"),
        (("--judge", "acme-bot-2"), "would judge its own answers"),
        (("--judge", "claude-sonnet-4"), "write anthropic/claude-sonnet-4"),
        (("--cluster", "context"), "context"),
    ],
)
def test_what_cannot_be_used_is_one_line_with_exit_two_and_nothing_is_written(
    folder: Path, flags: tuple[str, ...], said: str
) -> None:
    before = left_in(folder)

    refused = evalgate(folder, "init", "--from", "candidate.jsonl", *SAID, *flags)

    assert refused.returncode == 2
    assert refused.stderr.count("\n") == 1
    assert said in refused.stderr
    assert left_in(folder) == before


def test_a_file_with_a_repeated_id_is_refused_with_its_line(tmp_path: Path) -> None:
    rows(tmp_path / "twice.jsonl", *({"id": n % 2, "input": "How?", "output": "So."} for n in range(3)))

    refused = evalgate(tmp_path, "init", "--from", "twice.jsonl", "--id", "id", *SAID)

    assert refused.returncode == 2
    assert "twice.jsonl:3" in refused.stderr
    assert left_in(tmp_path) == {"twice.jsonl"}


def test_a_missing_file_and_a_folder_nobody_may_write_to_are_exit_two(folder: Path) -> None:
    (folder / "file").write_text("", encoding="utf-8")

    missing = evalgate(folder, "init", "--from", "candidat.jsonl", *SAID)
    unwritable = evalgate(folder, "init", "--from", "candidate.jsonl", "--to", "file/s.yaml", *SAID)

    assert (missing.returncode, unwritable.returncode) == (2, 2)
    assert "Did you mean 'candidate.jsonl'?" in missing.stderr
    assert "choose another place: --to PATH" in unwritable.stderr


def test_a_judge_without_a_known_price_is_told_the_line_to_add(folder: Path) -> None:
    wrote = evalgate(
        folder, "init", "--from", "candidate.jsonl", "--to", "s.yaml", "--owner", "ana", "--judge", "our-own-model"
    )

    assert wrote.returncode == 0
    assert "prices: {our-own-model: {input: 0.15, output: 0.60}}" in wrote.stdout


def test_on_a_terminal_what_the_file_does_not_say_is_asked(folder: Path) -> None:
    code, shown = on_a_terminal(
        folder,
        "init",
        "--from",
        "candidate.jsonl",
        "--to",
        "s.yaml",
        answers="ana\nbaseline.jsonl\ngpt-4.1-mini\n0.05\n",
    )

    assert code == 0, shown
    assert [question in shown for question in ASKED] == [True] * 4
    assert "session_id" in shown
    suite = suite_at(folder / "s.yaml")
    assert (suite.owner, suite.judge) == ("ana", "gpt-4.1-mini")
    assert isinstance(suite.data.baseline, FileSource)
    assert "no_worse_than: 0.05" in (folder / "s.yaml").read_text(encoding="utf-8")


def test_on_a_terminal_the_enter_key_takes_every_proposal(folder: Path) -> None:
    code, shown = on_a_terminal(folder, "init", "--from", "candidate.jsonl", "--to", "s.yaml", answers="ana\n\n\n\n")

    assert code == 0, shown
    suite = suite_at(folder / "s.yaml")
    assert suite.judge is None
    assert suite.data.baseline == NamedSource(name="main")


def test_on_a_terminal_a_column_is_asked_until_it_is_one_of_the_files(tmp_path: Path) -> None:
    rows(tmp_path / "odd.jsonl", *({"n": n, "left": "a", "right": "b"} for n in range(3)))

    code, shown = on_a_terminal(
        tmp_path, "init", "--from", "odd.jsonl", "--to", "s.yaml", *SAID, answers="\nlefft\nleft\nright\n\n\n"
    )

    assert code == 0, shown
    assert "one of n, left, right" in shown
    assert suite_at(tmp_path / "s.yaml").data.columns == {"id": "n", "input": "left", "output": "right"}
