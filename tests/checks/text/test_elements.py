"""Elements of style: where they stand, and what only looks like them."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.checks.text.elements import ELEMENTS, Element, capitals, places, without_code
from tests.checks.scenes import quickest


def found(element: Element, text: str) -> list[str]:
    return [text[start:end] for start, end in places(element, text)]


@pytest.mark.parametrize(
    ("element", "text", "stretches"),
    [
        ("headings", "# Pasos\ntexto\n### Notas", ["# Pasos", "### Notas"]),
        ("headings", "Devoluciones\n============\nTexto", ["Devoluciones\n============"]),
        ("bullets", "Opções:\n- uma\n  * duas\n• três", ["- uma", "  * duas", "• três"]),
        ("numbered", "1. Abra\n2) Confirme", ["1. Abra", "2) Confirme"]),
        ("tables", "Vea:\n| a | b |\n|---|:-:|\n| 1 | 2 |\nFin", ["| a | b |\n|---|:-:|\n| 1 | 2 |"]),
        ("tables", "a | b\n--|--\n1 | 2", ["a | b\n--|--\n1 | 2"]),
        ("code", "Use `pip` y:\n```sh\npip\n```", ["`pip`", "```sh\npip\n```"]),
        ("bold", "**Sí** y __muy bien__", ["**Sí**", "__muy bien__"]),
        ("italics", "*quizás* e _talvez não_", ["*quizás*", "_talvez não_"]),
        ("quotes", "> ¿Y el envío?\nGratis.", ["> ¿Y el envío?"]),
        ("images", "![logo](https://a.example/l.png)", ["![logo](https://a.example/l.png)"]),
        ("links", "[aquí](https://a.example) o www.b.example.", ["[aquí](https://a.example)", "www.b.example."]),
        ("marked_links", "[aquí](https://a.example) o www.b.example", ["[aquí](https://a.example)"]),
        ("html", "<b>Oi</b><br/> &nbsp; <a href='x'>y</a>", ["<b>", "</b>", "<br/>", "&nbsp;", "<a href='x'>", "</a>"]),
        ("emoji", "¡Listo! 🎉👍🏽 👨‍👩‍👧 🇧🇷 1️⃣ ❤️ ✅", ["🎉", "👍🏽", "👨‍👩‍👧", "🇧🇷", "1️⃣", "❤️", "✅"]),
        ("exclamations", "¡Hola! Que bom!! ![x](y)", ["!", "!", "!"]),
    ],
)
def test_an_element_is_found_where_it_stands(element: Element, text: str, stretches: list[str]) -> None:
    assert found(element, text) == stretches


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("headings", "#1 en ventas, #AcmeDay y C# 12"),
        ("bullets", "Quedan 3 - 2 = 1\n— ¿Vale?\n-5 °C\n*nota"),
        ("numbered", "1.299,00 €\n2026 foi bom.\nCap. 3. Fim"),
        ("tables", "sí | no\nquizás | nunca\n-- firma --"),
        ("code", "l'eau, d`acord\ny ``"),
        ("bold", "2 ** 3 ** 4, **kwargs and ** more, __init__, ***"),
        ("italics", "2 * 3 * 4, 5*3*2, snake_case_name, * nota, p*** m***"),
        ("quotes", "Mi cuenta > Devolver, 5 > 3"),
        ("images", "[no](x) !"),
        ("links", "Acme [2] (ver) example.com"),
        ("html", "a < b > c, <3, <5 kg, <su nombre>, R&D; AT&T"),
        ("emoji", "© 2026 Acme™ → ✓ ★ № € … “” 1 # *"),
        ("exclamations", "¡¿Qué?"),
    ],
)
def test_what_only_looks_like_an_element_is_none(element: Element, text: str) -> None:
    assert found(element, text) == []


def test_markup_inside_code_is_none() -> None:
    text = "```\n# nota\n- uno **dos**\n```\n- tres"
    assert places("bullets", without_code(text)) == [(len(text) - 6, len(text))]
    assert places("bold", without_code(text)) == []


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("ESPERE na linha, POR FAVOR, senhora cliente", 2 / 5),
        ("GRACIAS, señora Núñez", 0.0),
        ("LEIA ISTO AGORA MESMO JÁ PESSOAL", 1.0),
        ("Su DNI, su CPF y su PDF llegaron bien ayer tarde", 0.0),
        ("PELIGRO aquí", 0.0),
        ("", 0.0),
    ],
)
def test_the_share_of_capitals_is_of_words_of_four_letters_and_more(text: str, share: float) -> None:
    assert capitals(text)[1] == pytest.approx(share)


def test_every_element_that_can_be_named_can_be_found() -> None:
    assert set(ELEMENTS) == set(get_args(Element))


@given(st.text(alphabet="#*_`~|-=<>[]()!&. \na1👍\u200d\ufe0f🇧🇷", max_size=60))
def test_places_are_in_order_and_inside_the_text(text: str) -> None:
    for element in ELEMENTS:
        borders = [border for place in places(element, text) for border in place]
        assert borders == sorted(borders)
        assert all(0 <= border <= len(text) for border in borders)


@pytest.mark.parametrize(
    "piece",
    ["`", "**a", "*a ", "__a", "__a_", "_a", "[a](", "<a ", "|-", "a|b\n-|-\n", "- a\n", "1. a\n", "👍", "!", "A\n==="],
)  # fmt: skip
def test_100_kb_of_signs_cost_less_than_50_ms(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    for element in ELEMENTS:
        assert quickest(lambda element=element: places(element, text)) < 0.050  # type: ignore[misc]
