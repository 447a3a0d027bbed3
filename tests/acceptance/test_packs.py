"""`evalgate packs`, as people run it: what changed, what it would have found, one term more."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.scenes import evalgate, lay, one_line, write

OLD = "name: brand\nversion: '1'\nterms:\n  - garantizado\nexamples:\n  positive:\n    - Todo garantizado.\n"
NEW = OLD.replace("'1'", "'2'").replace("  - garantizado\n", "  - garantizado\n  - sem risco\n", 1)
ROWS = [
    {"id": "a", "input": "?", "output": "Garantizado."},
    {"id": "b", "input": "?", "output": "É sem risco, ana@exemplo.com.br."},
    {"id": "c", "input": "?", "output": "No problem."},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "old.yaml").write_text(OLD, encoding="utf-8")
    (tmp_path / "new.yaml").write_text(NEW, encoding="utf-8")
    write(tmp_path / "past.jsonl", ROWS)
    return tmp_path


def test_the_packs_that_ship_are_listed_with_their_versions(folder: Path) -> None:
    done = evalgate(folder, "packs", "list")
    assert done.returncode == 0, done.stderr
    assert "refusal.es" in done.stdout
    assert all(line.split()[1].startswith("20") for line in done.stdout.splitlines())


def test_a_diff_shows_what_was_added(folder: Path) -> None:
    done = evalgate(folder, "packs", "diff", "old.yaml", "new.yaml")
    assert (done.returncode, done.stdout) == (0, "brand 1 → brand 2\n+ sem risco\n")


def test_a_backtest_counts_on_a_file_what_a_new_version_would_flag(folder: Path) -> None:
    done = evalgate(folder, "packs", "backtest", "new.yaml", "--old", "old.yaml", "--on", "past.jsonl")
    first, *cases = done.stdout.splitlines()
    assert first == "brand 1 → 2, on 3 texts of past.jsonl: 1 flagged before, 2 after; 1 more, 0 fewer"
    assert cases == ["+ b  sem risco"]


def test_a_backtest_reads_a_stored_run(folder: Path) -> None:
    lay(folder)
    ran = evalgate(folder, "run", "suite.yaml")
    assert ran.returncode == 0, ran.stderr
    listed = evalgate(folder, "runs", "list").stdout.split()[0]
    (folder / "thanks.yaml").write_text("name: t\nversion: '1'\nterms:\n  - thank you\n", encoding="utf-8")
    done = evalgate(folder, "packs", "backtest", "thanks.yaml", "--old", "old.yaml", "--on", f"run:{listed}")
    assert "on 120 texts" in done.stdout
    assert "0 flagged before, 40 after; 40 more, 0 fewer" in done.stdout


def test_a_term_is_proposed_from_a_span_with_its_masked_example(folder: Path) -> None:
    wanted = ("--on", "past.jsonl", "--case", "b", "--span", "2:11", "--version", "3")
    done = evalgate(folder, "packs", "propose", "new.yaml", *wanted, "--out", "next.yaml")
    assert one_line(done) == "evalgate: new.yaml lists 'sem risco' already"
    done = evalgate(folder, "packs", "propose", "old.yaml", *wanted, "--out", "next.yaml")
    assert (done.returncode, done.stdout) == (0, "next.yaml: 'sem risco' added with its example, version 3\n")
    written = (folder / "next.yaml").read_text(encoding="utf-8")
    assert written.endswith('    - "É sem risco, <EMAIL>."\n')
    assert evalgate(folder, "packs", "diff", "old.yaml", "next.yaml").stdout == "brand 1 → brand 3\n+ sem risco\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("diff", "old.yaml", "none.yaml"), "none.yaml: no such file"),
        (("diff", "refusal.xx", "old.yaml"), "no shipped pack 'refusal.xx'"),
        (
            ("backtest", "new.yaml", "--old", "old.yaml", "--on", "past.jsonl", "--side", "outputs"),
            "Did you mean 'output'?",
        ),
        (("propose", "old.yaml", "--on", "past.jsonl", "--case", "b", "--version", "2"), "either --span START:END or"),
        (("propose", "old.yaml", "--on", "past.jsonl", "--case", "z", "--term", "x", "--version", "2"), "no case 'z'"),
        (
            ("propose", "old.yaml", "--on", "past.jsonl", "--case", "b", "--span", "5:900", "--version", "2"),
            "write START:END within the text's",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line_and_exits_2(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = evalgate(folder, "packs", *arguments)
    assert done.returncode == 2
    assert said in one_line(done)
