"""The pipelines in ci/ know only the command line, and let nothing but exit 0 through."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

CI = Path(__file__).resolve().parents[2] / "ci"
PIPELINES = ["gate.sh", "github-actions.yml", "gitlab-ci.yml"]


def command(name: str) -> str:
    """Return the `evalgate gate` command of a pipeline as one line, without the commands it asks git."""
    text = (CI / name).read_text(encoding="utf-8").replace("\\\n", " ")
    found = re.search(r"evalgate gate .*?--report \S+", text, re.DOTALL)
    assert found is not None
    return re.sub(r"\$\(.*?\)", "DATE", found.group())


def jobs(name: str) -> dict[str, Any]:
    return yaml.safe_load((CI / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("code", range(5))
def test_the_script_ends_with_the_code_of_the_gate(code: int, tmp_path: Path) -> None:
    stand_in = tmp_path / "evalgate"
    stand_in.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@"\nexit {code}\n', encoding="utf-8")
    stand_in.chmod(0o755)
    gated = subprocess.run(
        [CI / "gate.sh", "suites/a.yaml", "suites/with space.yaml"],
        cwd=tmp_path,
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "REVISION": "abc", "CHANGED_AT": "2026-11-21"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert gated.returncode == code
    assert gated.stdout.splitlines()[:7] == [
        *("gate", "suites/a.yaml", "suites/with space.yaml"),
        *("--revision", "abc", "--changed-at", "2026-11-21"),
    ]


def test_the_script_without_a_suite_is_exit_two(tmp_path: Path) -> None:
    gated = subprocess.run([CI / "gate.sh"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (gated.returncode, gated.stdout) == (2, "")


@pytest.mark.parametrize("name", PIPELINES)
def test_every_flag_of_a_pipeline_is_one_of_the_command(name: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "evalgate", "gate", "--help"],
        env={**os.environ, "COLUMNS": "200", "TERM": "dumb"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    used = re.findall(r"--[a-z-]+", command(name))
    assert {"--revision", "--changed-at", "--report"} <= set(used) <= set(re.findall(r"--[a-z-]+", shown))


@pytest.mark.parametrize("name", PIPELINES)
def test_every_pipeline_writes_the_three_reports(name: str) -> None:
    assert re.findall(r"(\w+)=[^,]+", command(name).split("--report ")[1]) == ["markdown", "junit", "html"]


@pytest.mark.parametrize("name", PIPELINES)
def test_no_pipeline_turns_a_code_into_green(name: str) -> None:
    text = (CI / name).read_text(encoding="utf-8")
    assert re.search(r"\|\|\s*(?:true|:|exit 0)|continue-on-error|set \+e", text) is None


def test_only_the_note_may_fail_on_gitlab() -> None:
    assert [name for name, job in jobs("gitlab-ci.yml").items() if "allow_failure" in job] == ["evalgate-note"]


def test_the_comment_says_what_the_report_says() -> None:
    steps = {step.get("name"): step for step in jobs("github-actions.yml")["jobs"]["gate"]["steps"]}
    assert "evalgate-report/report.md" in steps["Comment"]["run"]
    assert all("${{" not in step.get("run", "") for step in steps.values()), "an expression in a script is an injection"
