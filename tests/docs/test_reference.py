"""What the command line, the code and the catalogue know, the pages name; and what the pages name exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from evalgate.checks.catalogue import CHECKS
from evalgate.cli.app import INTERRUPTED, app
from evalgate.cli.reporting import FORMATS
from evalgate.core.decisions import Finding, State
from evalgate.core.estimates import Proportion, change_estimate, score_estimate
from evalgate.core.outcomes import Reason
from evalgate.judges.shipped import shipped_rubrics
from evalgate.suites.demands import MODIFIERS, THRESHOLDS
from evalgate.suites.loading import DATA_KEYS, POLICY_KEYS, TOP_KEYS
from evalgate.suites.rows import SUFFIXES
from evalgate.suites.suite import FIELDS
from tests.docs.pages import PAGES, ROOT, blocks, by_hand, name_of, page, text_of

VARIABLE = re.compile(r"\bEVALGATE_[A-Z_]*[A-Z]\b")
CONSTANT = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
FOREIGN_FLAGS = {"--format", "--output"}
"""Of git and promptfoo."""
EVERYWHERE = "\n".join(text_of(path) for path in PAGES)


def leaves(command: Any = None, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield every command with its name in words."""
    command = typer.main.get_command(app) if command is None else command
    inside = getattr(command, "commands", {})
    for name in inside:
        yield from leaves(inside[name], (*path, name))
    if not inside:
        yield path, command


COMMANDS = {" ".join(path): command for path, command in leaves()}
FLAGS = sorted({flag for command in COMMANDS.values() for one in command.params for flag in one.opts if flag[0] == "-"})


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_part_with_every_flag(command):
    part = page("reference/commands.md").partition(f"## evalgate {command}\n")[2].partition("\n## ")[0]
    flags = [flag for one in COMMANDS[command].params for flag in one.opts if flag.startswith("-")]
    assert part
    assert [flag for flag in flags if f"`{flag}" not in part] == []


def test_every_flag_in_the_pages_is_one_of_a_command():
    for_us = {*FLAGS, "--help", "--version"}
    written = {flag for line in by_hand(EVERYWHERE).splitlines() for flag in flags_in(line)}
    assert written - for_us - FOREIGN_FLAGS == set()


def flags_in(line: str) -> list[str]:
    return re.findall(r"(?<![\w-])--[a-z][a-z-]+", line) if "evalgate" in line or "`--" in line else []


def test_every_command_in_the_pages_exists():
    said = re.findall(r"(?:`|\$ )evalgate ([a-z]+)(?: ([a-z-]+))?", EVERYWHERE)
    groups = {name.split()[0] for name in COMMANDS}
    known = {name for name in COMMANDS if " " in name}
    assert {first for first, _ in said} - groups == set()
    grouped = {f"{first} {second}" for first, second in said if second and first in {name.split()[0] for name in known}}
    assert grouped - known == set()


def test_every_exit_code_has_its_causes():
    text = page("reference/exit-codes.md")
    table = re.findall(r"^\| (\d+) \|", text, re.MULTILINE)
    assert [int(code) for code in table] == [0, 1, 2, 3, 4, INTERRUPTED]
    assert [int(code) for code in re.findall(r"^## (\d)$", text, re.MULTILINE)] == [0, 1, 2, 3, 4]


def environment_names(path: Path) -> set[str]:
    """Return the names in a module that reads the environment which look like variables."""
    text = text_of(path)
    found = set(VARIABLE.findall(text))
    if "environ" in text or path.name == "catalogue.py":
        constants = [node.value for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant)]
        found |= {value for value in constants if isinstance(value, str) and CONSTANT.fullmatch(value)}
    return found


READ = {name for path in (ROOT / "evalgate").rglob("*.py") for name in environment_names(path)}
PIPELINES = [*(ROOT / "ci").iterdir(), ROOT / ".ci" / "run", ROOT / "tests" / "conftest.py"]
ELSEWHERE = {name for path in PIPELINES for name in VARIABLE.findall(text_of(path))}


@pytest.mark.parametrize("name", sorted({*READ, *ELSEWHERE, "SSL_CERT_FILE", "http_proxy", "all_proxy", "no_proxy"}))
def test_every_variable_is_documented(name):
    assert f"`{name}`" in page("reference/environment.md")


def test_every_variable_in_the_pages_is_read_somewhere():
    assert set(VARIABLE.findall(EVERYWHERE)) - READ - ELSEWHERE == set()


@pytest.mark.parametrize("name", [*CHECKS, "rubric"])
def test_every_check_is_documented(name):
    assert f"`{name}`" in page("checks.md")


@pytest.mark.parametrize("name", shipped_rubrics())
def test_every_rubric_is_documented(name):
    assert f"`{name}`" in text_of(ROOT / "rubrics" / "README.md")


@pytest.mark.parametrize("key", [*TOP_KEYS, *DATA_KEYS, *POLICY_KEYS, *THRESHOLDS, *MODIFIERS, *FIELDS])
def test_every_key_of_a_suite_is_documented(key):
    assert f"`{key}`" in page("reference/suite.md")


@pytest.mark.parametrize("name", [*FIELDS, *(suffix for suffix in SUFFIXES if not suffix.endswith(".gz")), ".gz"])
def test_every_column_and_file_format_is_documented(name):
    assert f"`{name}`" in page("reference/files.md")


@pytest.mark.parametrize("name", FORMATS)
def test_every_report_format_is_documented(name):
    assert f"`{name}`" in page("reference/reports.md")


@pytest.mark.parametrize("state", get_args(State))
def test_every_state_is_explained(state):
    assert f"`{state}`" in page("reference/statistics.md")


def test_every_state_that_is_inconclusive_and_counts_is_a_cause_of_exit_three():
    rows = re.findall(
        r"^\| (`.+?) \|.*\| ((?!.*not counted).*inconclusive.*) \|$", page("reference/statistics.md"), re.MULTILINE
    )
    causes = page("reference/exit-codes.md").partition("## 3\n")[2].partition("\n## ")[0]
    states = [
        state
        for names, verdicts in rows
        for state, verdict in zip(names.split(", "), verdicts.split(", "), strict=False)
        if verdict == "inconclusive"
    ]
    assert {"`unclear`", "`too_few`", "`coverage_short`", "`not_known`"} <= set(states)
    assert [state for state in states if state not in causes] == []


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_reason_of_an_unscored_outcome_is_explained(reason):
    assert f"`{reason}`" in page("reference/statistics.md")


@pytest.mark.parametrize(
    "estimate",
    [
        Proportion(hits=1, n=2),
        change_estimate([0.0, 1.0], 0.04),
        change_estimate([0.0, 0.5] * 40, 0.04),
        change_estimate([0.0, 0.5, 0.2], 0.04),
        change_estimate([0.0, 0.5, 0.2], 0.04, [1, 1, 2]),
        change_estimate([0.1, 0.1], 0.04),
        score_estimate([0.0, 1.0, 1.0], [1, 1, 2]),
    ],
    ids=lambda estimate: estimate.method,
)
def test_every_method_that_a_finding_prints_is_explained(estimate):
    assert f"`{estimate.method}`" in page("reference/statistics.md")


def test_every_cell_of_the_error_rates_has_its_row():
    tests = text_of(ROOT / "tests" / "core" / "test_error_rates.py")
    cells = re.findall(r"^def test_section_15_(\w+)\(", tests, re.MULTILINE)
    assert len(cells) > 15
    assert [cell for cell in cells if f"`{cell}`" not in page("reference/statistics.md")] == []


@pytest.mark.parametrize("field", Finding.model_fields)
def test_every_field_of_a_finding_is_in_the_record_page(field):
    assert f"`{field}`" in page("reference/decision-record.md")


def test_shell_blocks_hold_only_commands_that_exist():
    lines = [line for block in blocks("sh") for line in block.content.splitlines()]
    named = [found[1] for line in lines if (found := re.match(r"(?:ci/|\$ )?evalgate (\S+)", line))]
    assert set(named) - {name.split()[0] for name in COMMANDS} == set()


def test_every_page_of_ours_is_checked():
    assert {name_of(path) for path in PAGES} >= {"README.md", "CHANGELOG.md", "docs/index.md", "ci/README.md"}
