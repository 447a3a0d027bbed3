"""`competitors`: who is named, who only seems to be, and who the user named first."""

from __future__ import annotations

import pytest

from tests.checks.scenes import check, result, said, shown, subject

LISTED = {
    "Globex": ["Globex SA", "GBX"],
    "Claro": {"near": ["operadora", "plan", "plano", "línea"], "ignore": []},
    "Vivo": {"aliases": ["Vivo Fibra"], "near": ["operadora", "internet", "plano"], "ignore": ["case"]},
}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("En Globex cuesta menos.", ["Globex"]),
        ("Compare com a GBX.", ["GBX"]),
        ("It is cheaper at globex sa.", ["globex sa"]),
        ("O plano da Claro é pior.", ["Claro"]),
        ("Con Claro su línea fallaba.", ["Claro"]),
        ("A internet da Vivo Fibra caiu.", ["Vivo Fibra"]),
    ],
)
def test_a_competitor_is_found_by_any_of_its_names(text: str, names: list[str]) -> None:
    mark = result(check("competitors", competitors=LISTED), text)
    assert (mark.value, mark.severity) == (0.0, "warn")
    assert shown(mark, text) == names


@pytest.mark.parametrize(
    "text",
    [
        "Claro, su pedido llega mañana.",
        "Claro que sí: su plan ya está activo, ¡claro!",
        "O polvo estava vivo.",
        "Ao vivo, às 20h.",
        "It is clear.",
        "globexo",
    ],
)
def test_a_word_that_is_also_a_name_needs_a_word_that_explains_it(text: str) -> None:
    listed = {**LISTED, "Claro": {"near": ["operadora", "línea"], "ignore": []}}
    assert result(check("competitors", competitors=listed), text).value == 1.0


def test_who_the_user_names_may_be_spoken_of() -> None:
    echo = check("competitors", competitors=LISTED, ignore_echo=True)
    asked = (said("user", "¿Sois más baratos que GBX?"), said("assistant", "Initech, no."))
    assert result(echo, subject("Globex cobra más.", asked=asked)).value == 1.0
    assert result(echo, subject("La operadora Claro cobra más.", asked=asked)).value == 0.0
    assert (
        result(echo, subject("Globex cobra más.", asked=(said("assistant", "Globex"), said("user", "¿y?")))).value
        == 0.0
    )


def test_what_to_write_instead_is_the_fix() -> None:
    mark = result(check("competitors", competitors={"Globex": []}, instead="outra empresa"), "a Globex e a globex")
    assert (len(mark.spans), mark.fix) == (2, "Globex → outra empresa")
