"""`format`: what is shown as signs, counts within bounds, capitals, and what to write instead."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tests.checks.scenes import EN, ES, PT, check, result, shown, subject

MARKDOWN = "## Passos\n\n1. Abra **Minha conta**\n2. Toque em *Devolver*\n\nVeja [aqui](https://acme.example)."


@pytest.mark.parametrize("text", [ES, PT, EN, "1. Abra\n2. Confirme\n- https://acme.example", "5 > 3 y 2 * 3 = 6", ""])
def test_text_without_markup_is_plain(text: str) -> None:
    assert result(check("format", markup="plain"), text).value == 1.0


def test_markup_that_is_shown_as_signs_is_found_with_what_to_write_instead() -> None:
    mark = result(check("format", markup="plain"), MARKDOWN)
    assert shown(mark, MARKDOWN) == ["## Passos", "**Minha conta**", "*Devolver*", "[aqui](https://acme.example)"]
    assert mark.severity == "info"
    assert mark.fix == ("headings → plain lines; bold → plain words; italics → plain words; marked_links → the address")


@pytest.mark.parametrize(
    ("markup", "text", "value"),
    [
        ("markdown", MARKDOWN, 1.0),
        ("markdown", "Hola<br>Ana", 0.0),
        ("markdown", "Escriba `<br>` en la página", 1.0),
        ("html", "<p>Olá, <b>Ana</b></p>", 1.0),
        ("html", "<p>Olá, **Ana**</p>", 0.0),
        ("plain", "<p>Hi</p>", 0.0),
    ],
)
def test_markdown_shows_no_html_and_html_no_markdown(markup: str, text: str, value: float) -> None:
    assert result(check("format", markup=markup), text).value == value


@pytest.mark.parametrize(
    ("element", "text", "over"),
    [
        ("exclamations", "¡Hola! ¡Qué bien! ¡Gracias!", ["!"]),
        ("exclamations", "Oi! Que bom! Até já!!", ["!", "!"]),
        ("emoji", "Done 🎉 see you 👋 bye 👍🏽", ["👍🏽"]),
        ("links", "www.a.example www.b.example https://c.example", ["https://c.example"]),
        ("bullets", "- uno\n- dos\n- tres", ["- tres"]),
    ],
)
def test_what_is_over_the_bound_is_shown(element: str, text: str, over: list[str]) -> None:
    mark = result(check("format", at_most={element: 2}), text)
    assert shown(mark, text) == over
    assert {span.label for span in mark.spans} == {element}
    assert result(check("format", at_most={element: 5}), text).value == 1.0


def test_a_bound_of_ones_own_goes_before_the_markup() -> None:
    assert result(check("format", markup="plain", at_most={"bold": 1}), "un **dos** tres").value == 1.0


def test_elements_can_be_asked_for() -> None:
    listed = check("format", at_least={"bullets": 2})
    assert result(listed, "- um\n- dois").value == 1.0
    mark = result(listed, "um, dois")
    assert (mark.explanation, mark.spans) == ("has 0 bullets, at least 2 are asked for", ())


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("POR FAVOR, ESPERE en la línea un momento", 0.0),
        ("NÃO COMPARTILHE SUA SENHA com outra pessoa", 0.0),
        ("NEVER SHARE YOUR PASSWORD with anyone", 0.0),
        ("Envíe su DNI, su NIE y su CPF en un archivo PDF por correo", 1.0),
        ("ATENCIÓN: el plazo para devolver productos termina mañana lunes", 1.0),
        ("GRACIAS", 1.0),
    ],
)
def test_shouting_is_a_share_of_the_words(text: str, value: float) -> None:
    assert result(check("format", max_capitals=0.2), text).value == value


def test_capitals_are_shown_with_the_fix() -> None:
    text = "NEVER SHARE the password with anyone"
    mark = result(check("format", max_capitals=0.2), text)
    assert shown(mark, text) == ["NEVER", "SHARE"]
    assert mark.fix == "capitals → small letters"
    assert mark.explanation == "40% of the words are all capitals, at most 20% may be"


def test_every_message_of_the_input_is_read() -> None:
    about = subject("", context=("ok", "**no**"))
    mark = result(check("format", markup="plain", side="context"), about)
    assert [(span.message, span.start, span.end) for span in mark.spans] == [(1, 0, 6)]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "give markup"),
        ({"at_most": {"smileys": 1}}, "'headings', 'bullets'"),
        ({"at_most": {"emoji": -1}}, "greater than or equal to 0"),
        ({"markup": "plain", "at_least": {"bold": 1}}, "at_least bold: 1 is above the 0"),
        ({"max_capitals": 1.0}, "less than 1"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(parameters: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check("format", **parameters)
