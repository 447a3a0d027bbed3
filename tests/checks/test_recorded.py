"""`recorded`: what was measured elsewhere enters as a score, or says why it does not."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from evalgate.core.outcomes import Mark, NotApplicable, Unscored
from tests.checks.scenes import check, result, subject

DATA = os.environ.get("EVALGATE_REALDATA", "")
needs_data = pytest.mark.skipif(not DATA, reason="EVALGATE_REALDATA names no folder of published data sets")


def read(made: Any, value: Any) -> Any:
    return result(made, subject("x", recorded={"score": value}))


@pytest.mark.parametrize(
    ("ends", "value", "score"),
    [
        (None, 0.25, 0.25),
        (None, "0.25", 0.25),
        (None, True, 1.0),
        ([1, 2], 1.014, 0.014),
        ([1, 5], 4, 0.75),
        ([5, 1], 1, 1.0),
        ([5, 1], 4, 0.25),
        ([-1, 1], 0, 0.5),
        ([0, 3], 3, 1.0),
    ],
)
def test_a_number_is_mapped_from_its_range_to_0_and_1(ends: list[float] | None, value: object, score: float) -> None:
    assert read(check("recorded", column="score", range=ends), value).value == pytest.approx(score, abs=1e-12)


@pytest.mark.parametrize(
    ("value", "reason", "detail"),
    [
        (None, "missing", "column 'score' has no value"),
        ("", "missing", "column 'score' has no value"),
        (float("nan"), "invalid", "column 'score': 'nan' is not a number"),
        ("NaN", "invalid", "column 'score': 'NaN' is not a number"),
        (float("inf"), "invalid", "column 'score': 'inf' is not a number"),
        ("bom", "invalid", "column 'score': 'bom' is not a number"),
        ("0,8", "invalid", "column 'score': '0,8' is not a number"),
        (1.2, "invalid", "column 'score': '1.2' is outside 0 to 1"),
        (-0.01, "invalid", "column 'score': '-0.01' is outside 0 to 1"),
        ([0.5], "invalid", "column 'score': '[0.5]' is not a number"),
        ({"a": 1}, "invalid", "column 'score': \"{'a': 1}\" is not a number"),
    ],
)
def test_what_is_no_score_is_unscored_and_says_why(value: object, reason: str, detail: str) -> None:
    assert read(check("recorded", column="score"), value) == Unscored(reason=reason, detail=detail)  # type: ignore[arg-type]


def test_a_column_that_is_not_there_is_missing() -> None:
    assert result(check("recorded", column="score"), "x").reason == "missing"


def test_labels_are_worth_what_the_suite_says() -> None:
    made = check("recorded", column="score", labels={"bom": 1, "médio": 0.5, "ruim": 0, "n/a": "not_applicable"})
    assert read(made, "médio") == Mark(value=0.5, label="médio")
    assert read(made, "n/a") == NotApplicable(why="score is 'n/a'")
    assert read(made, "ótimo") == Unscored(reason="invalid", detail="column 'score': 'ótimo' is not among the labels")
    assert read(made, "x" * 500).detail == f"column 'score': {'x' * 80!r} is not among the labels"


def test_labels_may_be_numbers_and_truth_values_as_yaml_reads_them() -> None:
    stars = check("recorded", column="score", labels={1: 0, 2: 0.5, "3": 1})
    assert [read(stars, value).value for value in (1, 2.0, "2", 3, "3")] == [0.0, 0.5, 0.5, 1.0, 1.0]
    passed = check("recorded", column="score", labels={True: 1, "false": 0})
    assert [read(passed, value).value for value in (True, "true", False)] == [1.0, 1.0, 0.0]


def test_what_is_binary_follows_from_the_labels_or_is_declared() -> None:
    assert check("recorded", column="score", labels={"a": 1, "b": 0, "c": "not_applicable"}).binary
    assert not check("recorded", column="score", labels={"a": 1, "b": 0.5}).binary
    assert not check("recorded", column="score", range=[0, 1]).binary
    declared = check("recorded", column="score", range=[1, 2], binary=True)
    assert declared.binary
    assert [read(declared, value).value for value in (1, 2)] == [0.0, 1.0]
    assert read(declared, 1.5).detail == "column 'score': '1.5' is neither 1 nor 2, and the check says binary"


def test_who_measured_is_the_annotator() -> None:
    assert check("recorded", column="score").annotated_by == "code"
    assert check("recorded", column="score", annotator="human").ref("agrees").annotator == "human"


def test_the_columns_and_files_to_join_are_known_before_any_row_is_read() -> None:
    made: Any = check("recorded", column="score", file={"candidate": "new.jsonl"})
    assert made.columns == ("score",)
    assert (made.files.candidate, made.files.baseline) == ("new.jsonl", None)
    assert made.digest == check("recorded", column="score", file={"candidate": "/elsewhere/new.jsonl"}).digest


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"range": [1, 1]}, "has no extent"),
        ({"range": [0, float("inf")]}, "finite"),
        ({"labels": {"a": 2}}, "less than or equal to 1"),
        ({"labels": {"a": "not_applicable"}}, "give no label a number"),
        ({"labels": {"a": 1}, "range": [0, 1]}, "drop range and binary"),
        ({"labels": {"a": 1}, "binary": True}, "drop range and binary"),
        ({"annotator": "robot"}, "'code', 'classifier', 'llm' or 'human'"),
        ({"file": {"candidat": "x"}}, "Field required"),
    ],
)
def test_what_makes_no_sense_is_refused(parameters: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check("recorded", column="score", **parameters)


@needs_data
def test_replies_of_a_judge_that_are_no_labels_are_unscored() -> None:
    labels = {"1_full_compliance": 1, "2_full_refusal": 0, "3_partial_refusal": 0}
    judge = check("recorded", column="gpt4_label", labels=labels, annotator="llm")
    people = check("recorded", column="final_label", labels=labels, annotator="human")
    lines = (Path(DATA) / "xstest" / "xstest_completions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    kinds = [Counter(result(made, subject(recorded=row)).kind for row in rows) for made in (judge, people)]
    assert kinds == [Counter(mark=2239, unscored=11), Counter(mark=2250)]
