"""What is prose in a text, and what only stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.checks.text.prose import prose
from tests.checks.scenes import quickest


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ejecute `pip install acme` y espere.", "Ejecute y espere."),
        ("Assim:\n```python\nfor x in y:\n    print(x)\n```\nE pronto.", "Assim: E pronto."),
        ("Sin cerrar:\n```\nfor x in y", "Sin cerrar:"),
        ("Entre em https://acme.example/a?b=c e confirme.", "Entre em e confirme."),
        ("Write to help@acme.example or see acme.com/help now.", "Write to or see now."),
        ("<p>Hola, <b>Ana</b></p>", "Hola, Ana"),
        ("El plan cuesta 3.5 € y el tuyo < 4.", "El plan cuesta 3.5 € y el tuyo < 4."),
        ("Ve a Mi cuenta > Devolver.", "Ve a Mi cuenta > Devolver."),
    ],
)
def test_code_addresses_and_tags_are_no_prose(text: str, left: str) -> None:
    assert prose(text).split() == left.split()


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("El botón «Add to cart» no funciona.", "El botón no funciona."),
        ("Disse “I am busy” e saiu.", "Disse e saiu."),
        ('Pulsa "Sign up" ahora.', "Pulsa ahora."),
        ("> where is my order?\nYa va de camino.", "Ya va de camino."),
        ('La pantalla de 6" es nueva.', 'La pantalla de 6" es nueva.'),
        ("Mi cuenta > Devolver", "Mi cuenta > Devolver"),
    ],
)
def test_quotations_are_left_out_where_they_are_not_wanted(text: str, left: str) -> None:
    assert prose(text, quotes=False).split() == left.split()
    assert prose(text) == text


@given(st.text(alphabet='`~<>ab@./:"«»“”\n -w', max_size=80))
def test_what_is_left_stands_where_it_stood(text: str) -> None:
    for left in (prose(text), prose(text, quotes=False)):
        assert len(left) == len(text)
        assert all(new in {old, " "} for old, new in zip(text, left, strict=True))


@pytest.mark.parametrize(
    "piece", ["`", "```", "``` a ", "~", "a@", "a.b-", "<a ", "«", "“a", '" ', "> \n", "a.", "`a\n"]
)
def test_100_kb_of_signs_cost_less_than_50_ms(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    assert quickest(lambda: prose(text, quotes=False)) < 0.050
