"""`exact_match`: the answer against the reference."""

from __future__ import annotations

import pytest

from tests.checks.scenes import check, result, subject


@pytest.mark.parametrize(
    ("answer", "reference", "ignore", "value"),
    [
        ("Brasília", "Brasília", [], 1.0),
        ("Brasi\u0301lia", "Brasília", [], 1.0),
        ("brasília", "Brasília", [], 0.0),
        ("brasília", "Brasília", ["case"], 1.0),
        ("Brasilia", "Brasília", ["accents"], 1.0),
        ("Brasília.", "Brasília", ["punctuation"], 1.0),
        ("  three   years\n", "three years", ["space"], 1.0),
        ("three  years", "three years", [], 0.0),
        ("¡MAÑANA!", "manana", ["case", "accents", "space", "punctuation"], 1.0),
        ("", "", [], 1.0),
        ("STRASSE", "Straße", ["case"], 1.0),
    ],
)
def test_what_may_differ_is_said(answer: str, reference: str, ignore: list[str], value: float) -> None:
    assert result(check("exact_match", ignore=ignore), subject(answer, reference=reference)).value == value


def test_a_case_without_a_reference_is_not_applicable() -> None:
    assert result(check("exact_match"), "algo").why == "the case has no reference"
