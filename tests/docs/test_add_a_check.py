"""`docs/how-to/add-a-check.md`, followed literally in a copy of the tree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "how-to" / "add-a-check.md"
TREE = (
    "benchmarks",
    "evalgate",
    "rubrics",
    "suites",
    "tests/checks",
    "tests/gold",
    "tests/offline",
    "tests/conftest.py",
    "docs",
    "pyproject.toml",
)
"""What a check needs around it."""

BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
"""A block that says which file it belongs to."""


def added(tree: Path, name: str, block: str) -> None:
    """Write a block: a file of its own, or under its first line where the file that exists has it."""
    path = tree / name
    first, _, rest = block.partition("\n")
    before = path.read_text(encoding="utf-8") if path.exists() else None
    assert before is None or before.count(f"{first}\n") == 1, f"{name} has not the line {first!r} once"
    text = block if before is None else before.replace(f"{first}\n", f"{first}\n{rest}")
    path.write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the tree in which every block of the page has been written."""
    folder = tmp_path_factory.mktemp("tree")
    for name in TREE:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if source.is_dir() else shutil.copy
        copy(source, target)
    for name, block in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        added(folder, name, block)
    return folder


def python(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python in the copy, which comes before the installed package."""
    return subprocess.run(
        [sys.executable, "-P", *arguments], cwd=tree, capture_output=True, text=True, timeout=240, check=False
    )


def test_the_page_shows_one_file_one_test_one_catalogue_line_and_one_row() -> None:
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
    assert [name for name, _ in blocks] == [
        "evalgate/checks/quiet.py",
        "evalgate/checks/catalogue.py",
        "tests/checks/test_quiet.py",
        "docs/checks.md",
    ]
    assert [block.count("\n") for name, block in blocks if not name.endswith("quiet.py")] == [2, 2]


def test_the_new_test_the_contract_and_the_docs_test_pass(tree: Path) -> None:
    done = python(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/checks", "-k", "quiet or page or folder")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hostile" not in done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed is not None
    assert int(passed[1]) > 50


def test_the_new_check_is_shown_by_the_command_line(tree: Path) -> None:
    done = python(
        tree,
        "-c",
        f"import sys; sys.path.insert(0, {str(tree)!r}); from evalgate.cli import main; main()",
        "checks",
        "show",
        "quiet",
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The answer does not shout." in done.stdout


@pytest.mark.parametrize(
    "tool",
    [("ruff", "check", "--no-cache"), ("ruff", "format", "--check", "--no-cache"), ("mypy", "--cache-dir=/dev/null")],
)
def test_the_code_on_the_page_keeps_our_own_rules(tree: Path, tool: tuple[str, ...]) -> None:
    done = python(tree, "-m", *tool, "evalgate/checks/quiet.py", "tests/checks/test_quiet.py")
    assert done.returncode == 0, done.stdout + done.stderr
