"""Importing does nothing and costs nothing (law 7)."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.workload import lay

HEAVY = ("litellm", "pandas", "scipy.stats", "sqlalchemy", "sqlmodel", "transformers", "aiohttp", "jinja2", "pyarrow")
KNOWN_START_FILES = {
    "_evalgate_service.pth": "our own editable install",
    "_virtualenv.pth": "uv venv",
    "distutils-precedence.pth": "setuptools, which venv puts in on Python 3.11",
}


@pytest.mark.parametrize("module", ["evalgate", "evalgate.cli"])
def test_importing_leaves_the_heavy_libraries_alone(module: str) -> None:
    script = f"import sys, {module}; print(*[name for name in {HEAVY!r} if name in sys.modules])"
    imported = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (imported.returncode, imported.stdout.split()) == (0, []), imported.stderr


COMMANDS = {
    "--help": ("litellm", "pandas", "scipy", "numpy", "sqlalchemy", "transformers", "aiohttp", "jinja2", "yaml"),
    "plan": ("litellm", "pandas", "scipy.stats", "sqlalchemy", "sqlmodel", "transformers", "aiohttp", "pyarrow"),
}


@pytest.mark.parametrize(("command", "heavy"), COMMANDS.items(), ids=COMMANDS)
def test_a_command_that_asks_nobody_leaves_the_heavy_libraries_alone(
    command: str, heavy: tuple[str, ...], tmp_path: Path
) -> None:
    lay(tmp_path, "planned", 30)
    arguments = [command] if command == "--help" else [command, "suite.yaml"]
    script = f"""
import sys
from evalgate.cli.app import run
code = run({arguments!r})
print("loaded:", code, *[name for name in {heavy!r} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.stdout.splitlines()[-1:] == ["loaded: 0"], done.stdout + done.stderr


def test_importing_touches_no_file_and_no_address(tmp_path: Path) -> None:
    script = "import evalgate, evalgate.cli"
    imported = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (imported.returncode, imported.stdout, imported.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_nothing_unknown_runs_when_python_starts() -> None:
    folders = [Path(folder) for folder in site.getsitepackages()]
    found = {path.name for folder in folders for path in folder.glob("*.pth")}
    assert found - set(KNOWN_START_FILES) == set(), (
        "a .pth file runs code at every start: stolen releases have used one"
    )
