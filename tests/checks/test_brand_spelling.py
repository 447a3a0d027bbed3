"""`brand_spelling`: the brand's own names, and where they are no names."""

from __future__ import annotations

import pytest

from tests.checks.scenes import check, result, shown

NAMES = {"AcmeCare": ["Acme Care", "Acme-Care"], "Café Ibérico": []}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Contrate Acme Care hoy.", ["Acme Care"]),
        ("O acmecare cobre tudo.", ["acmecare"]),
        ("ACMECARE or Acme-care?", ["ACMECARE", "Acme-care"]),
        ("el cafe iberico de siempre", ["cafe iberico"]),
    ],
)
def test_another_spelling_is_found_with_the_right_one_beside_it(text: str, wrong: list[str]) -> None:
    mark = result(check("brand_spelling", names=NAMES), text)
    assert (mark.value, mark.severity) == (0.0, "info")
    assert shown(mark, text) == wrong
    assert "→" in mark.fix


@pytest.mark.parametrize(
    "text",
    [
        "AcmeCare y Café Ibérico.",
        "Escreva a sac@acmecare.example.",
        "https://acmecare.example/plan",
        "acmecare.pdf, acmecare_id, #acmecare",
        "acmecarelite",
        "Café\nIbérico",
        "acme, care",
    ],
)
def test_the_right_spelling_and_addresses_are_left_alone(text: str) -> None:
    assert result(check("brand_spelling", names=NAMES), text).value == 1.0


def test_any_case_leaves_only_the_forms_listed() -> None:
    lenient = check("brand_spelling", names=NAMES, any_case=True)
    assert result(lenient, "ACMECARE, cafe iberico").value == 1.0
    assert result(lenient, "Acme care").fix == "→ AcmeCare"
