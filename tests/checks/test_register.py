"""`register`: tú, usted and vos, você, tu and o senhor, formal and informal."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.checks.scenes import check, result, shown


@pytest.mark.parametrize(
    ("expect", "text", "wrong"),
    [
        ({"es": "usted"}, "Puedes devolverlo en 30 días, si quieres.", ["Puedes", "quieres"]),
        ({"es": "usted"}, "Te enviamos tu pedido mañana.", ["Te enviamos", "tu pedido"]),
        ({"es": "tu"}, "Disculpe las molestias, usted puede devolverlo.", ["usted"]),
        ({"es": "vos"}, "Puedes devolverlo cuando quieras, no hay apuro.", ["Puedes"]),
        ({"es": "tu"}, "Podés devolverlo cuando quieras.", ["Podés"]),
        ({"es": "usted"}, "¿Podéis pasar por la tienda? Vuestro pedido está listo.", ["Podéis", "Vuestro pedido"]),
        ({"pt": "voce"}, "Tens 30 dias para devolver a tua encomenda.", ["Tens", "a tua encomenda"]),
        ({"pt": "voce"}, "O senhor pode devolver em 30 dias.", ["O senhor"]),
        ({"pt": "senhor"}, "Você pode devolver em 30 dias.", ["Você"]),
        ({"pt": "tu"}, "Você pode devolver em 30 dias.", ["Você"]),
        ({"en": "formal"}, "Hey buddy, your order is gonna be there tomorrow!", ["Hey buddy", "gonna"]),
    ],
)
def test_another_register_is_found_where_it_stands(expect: dict[str, str], text: str, wrong: list[str]) -> None:
    mark = result(check("register", expect=expect), text)
    assert (mark.value, mark.severity) == (0.0, "warn")
    assert [stretch for stretch in wrong if stretch not in shown(mark, text)] == []


@pytest.mark.parametrize(
    ("expect", "text"),
    [
        ({"es": "tu"}, "Puedes devolverlo en 30 días: te enviamos la etiqueta."),
        ({"es": "usted"}, "Puede devolverlo en 30 días; le enviamos la etiqueta."),
        ({"es": "usted"}, "El repartidor deja el paquete a su vecino; estas opciones son las de la tienda."),
        ({"es": "vos"}, "Podés devolverlo en 30 días: te mandamos la etiqueta a tu correo."),
        ({"es": "usted"}, "El pedido llega mañana a la tienda."),
        ({"pt": "voce"}, "Você tem 30 dias e eu te mando a etiqueta."),
        ({"pt": "senhor"}, "O senhor tem 30 dias para devolver."),
        ({"pt": "voce"}, "O entregador deixou o pacote com o seu vizinho, que é da casa ao lado."),
        ({"en": "formal"}, "We'll refund it within ten days; please don't hesitate to write to us."),
        ({"en": "formal"}, "The buddy system is used by divers in cool water."),
    ],
)
def test_the_register_that_is_expected_and_texts_that_address_nobody_hold(expect: dict[str, str], text: str) -> None:
    assert result(check("register", expect=expect), text).value == 1.0


def test_a_text_in_another_language_is_not_applicable() -> None:
    found = result(check("register", expect={"es": "usted"}), "You can return it within thirty days, and we will pay.")
    assert found.why == "the output is in none of the languages es"


def test_what_to_write_instead_is_suggested() -> None:
    mark = result(check("register", expect="usted"), "Puedes hacerlo tú en la app, cuando quieras.")
    assert "→ puede" in mark.fix


@pytest.mark.parametrize(
    ("expect", "said"),
    [
        ("tu", "say of which language"),
        ({"es": "voce"}, "es has tu, usted, vos"),
        ({}, "at least 1"),
        ({"fr": "tu"}, "fr"),
    ],
)
def test_a_register_that_there_is_not_is_refused(expect: object, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        check("register", expect=expect)
