"""The wheel as people install it: in an empty folder it holds everything the checkout has to offer."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.acceptance.scenes import JUDGED_SUITE, lay


@pytest.fixture(scope="module")
def installed(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of an installed wheel, built from this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(build, cwd=checkout, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    assert wheel.name.startswith("evalgate_service-")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder / "site")
    return folder / "site"


def run(installed: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command; -P keeps the working folder, and with it the checkout, off the path."""
    program = "import evalgate, sys; assert sys.argv.pop(1) in evalgate.__file__; from evalgate.cli import main; main()"
    others = os.environ.get("PYTHONPATH", "")
    return subprocess.run(
        [sys.executable, "-P", "-c", program, str(installed), *arguments],
        cwd=folder,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(installed), others]),
            "NO_COLOR": "1",
            "EVALGATE_LANG": "en",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_command_knows_its_checks_and_rubrics(installed, tmp_path):
    done = run(installed, tmp_path, "checks", "list")
    assert done.returncode == 0, done.stderr
    assert "banned_terms" in done.stdout
    assert "answers_the_question" in done.stdout


def test_a_shipped_rubric_is_found_and_a_store_is_made(installed, tmp_path):
    lay(tmp_path, JUDGED_SUITE)
    done = run(installed, tmp_path, "plan", "suite.yaml", "--json")
    assert done.returncode == 0, done.stderr
    assert run(installed, tmp_path, "runs", "list").returncode == 0
    assert (tmp_path / ".evalgate" / "evalgate.db").exists()


def test_the_wheel_carries_suites_rubrics_the_demo_and_its_types(installed):
    names = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    for wanted in (
        "evalgate/_data/rubrics/faithful.yaml",
        "evalgate/_data/suites/assistant.yaml",
        "evalgate/demo/data/judge_replies.jsonl",
        "evalgate/py.typed",
        "evalgate/reports/templates/report.html.j2",
        "evalgate/store/migrations/env.py",
    ):
        assert wanted in names
    assert not any(name.startswith(("tests/", "benchmarks/", "docs/")) for name in names)
