"""`docs/checks.md` shows every check of the catalogue, with examples that work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalgate.checks.catalogue import CHECKS, builtin_checks
from evalgate.core.checks import Check

PAGE = Path(__file__).resolve().parents[2] / "docs" / "checks.md"


def rows() -> dict[str, list[str]]:
    """Return the cells of each check's row, by its name."""
    lines = re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: [cell.strip() for cell in rest.split(" | ")] for name, rest in lines if rest.count(" | ") == 3}


def test_the_page_has_one_row_for_every_check_in_alphabetical_order() -> None:
    assert list(rows()) == list(CHECKS)


@pytest.mark.parametrize("kind", CHECKS)
def test_a_row_names_every_parameter_and_no_other(kind: str) -> None:
    own = {field.alias or name for name, field in builtin_checks()[kind].model_fields.items()} - set(Check.model_fields)
    assert set(re.findall(r"`(\w+)`", rows()[kind][1])) == own


def with_its_model(kind: str, written: dict[str, Any]) -> dict[str, Any]:
    """Return an example with what the manifest of a model says in place of its folder, which only a suite has."""
    shown: Any = builtin_checks()[kind]
    return {key: shown.examples[0][key] if key == "model" else value for key, value in written.items()}


@pytest.mark.parametrize("kind", CHECKS)
def test_the_example_in_a_row_is_a_check_that_loads(kind: str) -> None:
    written: dict[str, Any] = yaml.safe_load(rows()[kind][3].strip("`"))
    assert written.pop("check") == kind
    assert builtin_checks()[kind].model_validate(with_its_model(kind, written)).kind == kind
