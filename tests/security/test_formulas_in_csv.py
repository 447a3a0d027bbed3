"""CSV injection: a cell that begins with `=`, `+`, `-`, `@`, a tab or a line's end is a formula where it is opened.

What we write as CSV begins no cell with one of them, and reading it back gives what was there.
"""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pytest

from evalgate.core.labels import Label
from evalgate.review.exchange import guarded, unguarded, written
from tests.security.payloads import FORMULAS, PAYLOADS
from tests.store.scenes import NOON
from tests.web.scenes import House

ROOT = Path(__file__).resolve().parents[2]
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
GUARDED = {"evalgate/review/exchange.py"}


def label(text: str) -> Label:
    return Label(
        check=text,
        criterion=text,
        case_id=text,
        cluster=text,
        language=text,
        stratum=text,
        label=text,
        sample_digest="ab",
        value=0.0,
        people=2,
        basis="agreed",
        split="test",
        source="queue:x",
        at=NOON,
    )


@pytest.mark.parametrize("text", [*FORMULAS, "\n=1+1", "'=1+1", "''", "\uff1d1+1"])
def test_no_cell_of_labels_is_a_formula(house: House, text: str) -> None:
    page = b"".join(written(house.service.store, [label(text)], "csv")).decode()
    cells = [cell for row in csv.reader(io.StringIO(page, newline="")) for cell in row]
    assert [cell for cell in cells if cell.startswith(STARTS)] == []
    assert len(cells) > 10


@pytest.mark.parametrize("text", PAYLOADS, ids=range(len(PAYLOADS)))
def test_a_guarded_cell_comes_back_as_it_was(text: str) -> None:
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(STARTS)


def test_no_other_place_writes_csv() -> None:
    writes = {
        path.relative_to(ROOT).as_posix()
        for path in sorted((ROOT / "evalgate").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and ast.unparse(node) in {"csv.writer", "csv.DictWriter"})
        or (isinstance(node, ast.Attribute) and node.attr in {"to_csv", "write_csv"})
    }
    assert writes == GUARDED
