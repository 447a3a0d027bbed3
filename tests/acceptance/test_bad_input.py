"""Every wrong thing is one line that says what, where and what to do, with the exit code it deserves."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.scenes import JUDGED_SUITE, SUITE, evalgate, lay, one_line, rows, write
from tests.providers.server import Far, running

HERE = {"EVALGATE_JUDGE_API_KEY": "sk-right"}


@pytest.fixture(scope="module")
def far() -> Iterator[Far]:
    with running() as server:
        yield server


def at(far: Far, key: str = "sk-right") -> dict[str, str]:
    return {"EVALGATE_JUDGE_BASE_URL": far.url, "EVALGATE_JUDGE_API_KEY": key}


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        pytest.param("checks:", "cheks:", "suite.yaml:8", "'checks'", id="an unknown key"),
        pytest.param("no_worse_than", "no_worse_then", "suite.yaml:12", "'no_worse_than'", id="an unknown gate key"),
        pytest.param("  polite: {no", "  polte: {no", "suite.yaml:12", "'polite'", id="a gate on nothing"),
        pytest.param(
            "check: length, max_characters: 200",
            "check: regex, pattern: '(a'",
            "suite.yaml:10",
            "pattern",
            id="a bad regex",
        ),
        pytest.param(
            "candidate: candidate.jsonl",
            "candidate: candidat.jsonl",
            "suite.yaml:5",
            "candidate.jsonl",
            id="a missing file",
        ),
        pytest.param("0.06", "-0.06", "suite.yaml:12", "no_worse_than", id="a margin below nothing"),
        pytest.param("by: locale", "by: region", "suite.yaml:12", "region", id="an undeclared slice"),
        pytest.param("  baseline: baseline.jsonl\n", "", "suite.yaml:11", "baseline", id="nothing to compare with"),
        pytest.param("version: 1", "version: 1\nversion: 1", "suite.yaml:2", "version", id="a key twice"),
        pytest.param(
            "  candidate: candidate.jsonl\n", "  target: {model: gpt-4.1}\n", "suite.yaml:5", "target", id="a target"
        ),
    ],
)
def test_a_wrong_suite_is_one_line_with_its_place_and_exit_two(old, new, line, said, tmp_path):
    assert old in SUITE
    lay(tmp_path, SUITE.replace(old, new, 1))
    done = evalgate(tmp_path, "gate", "suite.yaml")
    told = one_line(done)
    assert done.returncode == 2
    assert told.startswith(f"evalgate: {line}: ") or (said in told and "suite.yaml" in told), told
    assert said in told


def test_an_empty_suite_is_one_line(tmp_path):
    lay(tmp_path, "")
    done = evalgate(tmp_path, "gate", "suite.yaml")
    assert (done.returncode, "empty" in one_line(done)) == (2, True)


def test_a_misspelt_rubric_variable_names_the_nearest_one(tmp_path):
    rubric = """\
name: mine
question: Does it answer?
labels: {good: 1.0, bad: 0.0}
messages:
  - {role: user, content: "{{ question }} {{ outputt }} {{ caution }} {{ reply_format }}"}
"""
    (tmp_path / "mine.yaml").write_text(rubric, encoding="utf-8")
    lay(tmp_path, JUDGED_SUITE.replace("answers_the_question", "mine.yaml"))
    done = evalgate(tmp_path, "gate", "suite.yaml")
    told = one_line(done)
    assert done.returncode == 2
    assert "outputt" in told
    assert "'output'" in told
    assert "mine.yaml" in told


def break_line(folder: Path) -> None:
    path = folder / "candidate.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[6] = lines[6][:-9]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(break_line, "candidate.jsonl:7: ", id="a broken JSON line"),
        pytest.param(
            lambda f: write(f / "candidate.jsonl", [*rows(9), rows(9)[3]]), "candidate.jsonl:10: ", id="an id twice"
        ),
        pytest.param(lambda f: write(f / "candidate.jsonl", []), "candidate.jsonl", id="no rows"),
        pytest.param(
            lambda f: write(f / "candidate.jsonl", [{**row, "id": f"x{row['id']}"} for row in rows(9)]),
            "no id in common",
            id="disjoint ids",
        ),
        pytest.param(
            lambda f: (f / "candidate.jsonl").write_text('{"id": "1", "input": "a", "output": "b", "lang": NaN}\n'),
            "candidate.jsonl:1: ",
            id="not a number",
        ),
        pytest.param(
            lambda f: (f / "candidate.jsonl").write_bytes(b'{"id": "\xff"}\n'), "candidate.jsonl:1: ", id="not UTF-8"
        ),
        pytest.param(
            lambda f: write(f / "candidate.jsonl", [{"id": "1", "output": "b"}]), "input", id="a missing column"
        ),
    ],
)
def test_wrong_data_is_one_line_with_its_place_and_exit_two(spoil, said, tmp_path):
    lay(tmp_path)
    spoil(tmp_path)
    done = evalgate(tmp_path, "gate", "suite.yaml")
    told = one_line(done)
    assert done.returncode == 2
    assert said in told


def test_a_suite_that_is_not_there_is_one_line(tmp_path):
    done = evalgate(tmp_path, "gate", "suites/none.yaml")
    assert (done.returncode, "suites/none.yaml" in one_line(done)) == (2, True)


@pytest.mark.parametrize("path", ["candidate.jsonl/report.html", "."])
def test_a_report_path_that_cannot_be_written_is_refused_before_anything_is_spent(path, tmp_path):
    lay(tmp_path)
    done = evalgate(tmp_path, "gate", "suite.yaml", "--report", f"html={path}")
    assert done.returncode == 2
    assert "--report" in one_line(done)
    assert not (tmp_path / ".evalgate").exists()


def test_an_unknown_price_prints_the_line_to_add(far, tmp_path):
    lay(tmp_path, JUDGED_SUITE.replace("prices: {judge-1: {input: 1.0, output: 1.0}}\n", ""))
    done = evalgate(tmp_path, "gate", "suite.yaml", env=at(far))
    told = one_line(done)
    assert done.returncode == 2
    assert "prices:" in told
    assert "judge-1" in told


def test_a_server_that_is_not_there_is_exit_four_in_seconds(tmp_path):
    lay(tmp_path, JUDGED_SUITE)
    done = evalgate(tmp_path, "gate", "suite.yaml", env={"EVALGATE_JUDGE_BASE_URL": "http://127.0.0.1:9/v1"})
    told = one_line(done)
    assert done.returncode == 4
    assert "127.0.0.1:9" in told
    assert "EVALGATE_JUDGE_BASE_URL" in told


def test_a_wrong_key_is_exit_four_and_never_printed(far, tmp_path):
    far.script({"key": "sk-right", "label": "answers"})
    lay(tmp_path, JUDGED_SUITE)
    done = evalgate(tmp_path, "gate", "suite.yaml", env=at(far, "sk-wrong-0123456789"))
    told = one_line(done)
    assert done.returncode == 4
    assert "EVALGATE_JUDGE_API_KEY" in told
    assert "sk-wrong" not in done.stdout + done.stderr


def test_a_full_disk_is_exit_four_and_what_was_answered_stays(far, tmp_path):
    far.script({"label": "answers"})
    lay(tmp_path, JUDGED_SUITE, candidate=rows(400), baseline=rows(400))
    created = evalgate(tmp_path, "runs", "list")
    assert created.returncode == 0
    room = (tmp_path / ".evalgate" / "evalgate.db").stat().st_size + 60_000

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    full = evalgate(tmp_path, "gate", "suite.yaml", env=at(far), before=small_disk)
    assert full.returncode == 4
    assert "evalgate.db" in one_line(full)
    with closing(sqlite3.connect(tmp_path / ".evalgate" / "evalgate.db")) as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
    done = evalgate(tmp_path, "gate", "suite.yaml", env=at(far))
    assert done.returncode == 0, done.stderr


def test_a_folder_nothing_can_be_written_to_is_exit_four(tmp_path):
    suite = lay(tmp_path)
    done = evalgate(Path("/proc"), "gate", str(suite))
    told = one_line(done)
    assert done.returncode == 4
    assert ".evalgate" in told


def test_an_unknown_command_and_an_unknown_flag_are_one_line(tmp_path):
    assert "No such command" in one_line(evalgate(tmp_path, "gat"))
    assert "--repor" in one_line(evalgate(tmp_path, "gate", "x.yaml", "--repor", "y"))
