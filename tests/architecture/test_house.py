"""The house stands as drawn: rooms, sizes, directions. `pyproject.toml` holds the drawing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "evalgate").rglob("*.py"))
LONGEST = 400
VAGUE = {"util", "utils", "helper", "helpers", "misc", "common"}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    arguments = ["--no-cache", "--no-logo", "--config", str(ROOT / "pyproject.toml")]
    inherited = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [*command, *arguments], cwd=folder, env=inherited, capture_output=True, text=True, check=False
    )


def test_imports_point_down_only() -> None:
    linted = lint_imports(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(
    ("where", "line", "broken"),
    [
        ("core/upward.py", "import evalgate.cli", "The house"),
        ("core/timed.py", "import time", "The core owns no clock"),
        ("attic/__init__.py", "", "The house"),
    ],
    ids=["an import that points up", "a clock in the core", "a room without a place"],
)
def test_the_linter_refuses(where: str, line: str, broken: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "evalgate", tmp_path / "evalgate", ignore=shutil.ignore_patterns("__pycache__"))
    intruder = tmp_path / "evalgate" / where
    intruder.parent.mkdir(exist_ok=True)
    intruder.write_text(line + "\n", encoding="utf-8")
    linted = lint_imports(tmp_path)
    assert linted.returncode == 1
    assert f"{broken}" in linted.stdout.split("Broken contracts")[-1]


def test_no_module_imports_itself_through_others() -> None:
    graph = grimp.build_graph("evalgate", cache_dir=None)
    order = TopologicalSorter({module: graph.find_modules_directly_imported_by(module) for module in graph.modules})
    order.prepare()  # CycleError names the modules of a cycle


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_does_one_thing(path: Path) -> None:
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST, f"{path.name} has {lines} lines: split it by meaning"
    assert path.stem not in VAGUE, f"{path.name}: name what is in it"


def test_every_room_has_a_docstring() -> None:
    rooms = [path for path in MODULES if path.name == "__init__.py"]
    silent = [str(path.relative_to(ROOT)) for path in rooms if not path.read_text(encoding="utf-8").startswith('"""')]
    assert silent == []


def test_no_room_that_stands_is_drawn_as_missing() -> None:
    drawing = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    house = next(contract for contract in drawing["contracts"] if contract["id"] == "house")
    rooms = [room.strip() for layer in house["layers"] for room in layer.split("|")]
    bracketed = {room.strip("()") for room in rooms if room.startswith("(")}
    standing = {path.relative_to(ROOT / "evalgate").parts[0].removesuffix(".py") for path in MODULES}
    assert bracketed & standing == set()
