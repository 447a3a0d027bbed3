"""`quotes_grounded`: invented quotes and citations, and what only looks like them."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.checks.scenes import check, quickest, result, said, shown, subject

ES = "La garantía cubre los defectos de fabricación durante tres años desde la compra. No cubre las roturas."
PT = "O prazo de devolução é de 7 dias corridos a partir da entrega.\nO frete da devolução fica por nossa conta."
EN = "You may cancel your plan at any time before the renewal date. Refunds are paid within 14 days."
CONTEXT = (ES, PT, EN)


def answered(text: str, **more: Any) -> Any:
    return subject(text, context=CONTEXT, **more)


@pytest.mark.parametrize(
    "text",
    [
        "Según la política, «la garantía cubre los defectos de fabricación durante tres años».",
        "O texto diz: “O prazo de devolução é de 7 dias corridos a partir da entrega.”",
        'It says: "You may cancel your plan at any time," and then explains the refunds.',
        'O regulamento: "o frete da **devolução** fica por nossa conta".',
        "> You may cancel your plan at any time before\n> the renewal date.\n> — Terms of service",
        "Dice „LA GARANTIA CUBRE LOS DEFECTOS DE FABRICACION”.",
        "«La garantía cubre los defectos […] desde la compra.»",
        "“Refunds are paid within 14 day.”",
        "It says ‘you may cancel your plan at any time before the renewal date’.",
        "It's clear: 'Refunds are paid within 14 days', isn't it?",
    ],
)
def test_what_stands_in_the_context_may_be_quoted(text: str) -> None:
    assert result(check("quotes_grounded"), answered(text)).value == 1.0


@pytest.mark.parametrize(
    ("text", "stretch"),
    [
        (
            "Dice «la garantía cubre también robos y pérdidas del aparato».",
            "la garantía cubre también robos y pérdidas del aparato",
        ),
        (
            "Diz: “o prazo de devolução é de 60 dias corridos a partir da entrega”",
            "o prazo de devolução é de 60 dias corridos a partir da entrega",
        ),
        ("It says 'we'll pay you twice whatever it's worth'.", "we'll pay you twice whatever it's worth"),
        ("‘O cliente pode devolver quando quiser’, diz.", "O cliente pode devolver quando quiser"),
        ('We promise "a full refund with no questions asked, ever".', "a full refund with no questions asked, ever"),
        (
            "> We refund every order twice,\n> whatever the reason.\n> — Terms",
            "We refund every order twice,\n> whatever the reason.",
        ),
        (
            "«La garantía cubre los defectos … y también los robos en casa»",
            "La garantía cubre los defectos … y también los robos en casa",
        ),
        ("> Veja: “devolvemos sempre o dobro do valor pago”", "devolvemos sempre o dobro do valor pago"),
    ],
)
def test_an_invented_quote_is_a_violation_and_shown(text: str, stretch: str) -> None:
    about = answered(text)
    mark = result(check("quotes_grounded"), about)
    assert (mark.value, mark.severity, mark.explanation) == (0.0, "block", "not in the material: quote")
    assert shown(mark, about) == [stretch]


@pytest.mark.parametrize(
    "text",
    [
        'Pulse «Devoluciones» y luego "Aceptar".',
        'O monitor tem 27" e o outro, de uma marca bem mais cara, 32" de diagonal.',
        'Use `print("hello, this is a long greeting to you")` here.',
        '```json\n{"text": "una frase larga que no está en el contexto"}\n```',
        "> **Nota:** los pedidos de Navidad pueden tardar un poco más.",
        "> [!TIP]\n> Guarde siempre o número do seu pedido consigo.",
        '<a href="https://example.com/a-long-address-of-a-page">here</a>',
        "It's the customers' money, and it isn't ours; that's all we can say about the '90s and their fans'.",
        "Rock 'n' roll is d'água: don't you agree that it's been ages since we've heard o copo d'água?",
        "5 > 3, y también 10 > 7, como cualquiera puede comprobar con una cuenta.",
        "",
    ],
)
def test_names_code_notes_and_attributes_are_no_quotes(text: str) -> None:
    assert result(check("quotes_grounded"), answered(text)).value == 1.0


@pytest.mark.parametrize(
    ("text", "stretches"),
    [
        ("Cubre tres años [1] y se paga en 14 días [3][7].", ["[7]"]),
        ("São 7 dias [2, 5], veja (fonte 9).", ["[2, 5]", "(fonte 9)"]),
        ("See (doc 4) and [source 3], and 【12†terms】.", ["(doc 4)", "【12†terms】"]),
        ("Está en los pasajes [1-4].", ["[1-4]"]),
        ("Sí [fuente: Condiciones de 2019]; não [fonte: 8].", ["[fuente: Condiciones de 2019]", "[fonte: 8]"]),
    ],
)
def test_a_citation_beyond_the_passages_is_a_violation(text: str, stretches: list[str]) -> None:
    about = answered(text)
    mark = result(check("quotes_grounded"), about)
    assert (mark.value, mark.explanation) == (0.0, "not in the material: citation")
    assert shown(mark, about) == stretches


@pytest.mark.parametrize(
    "text",
    [
        "Cubre tres años [1], son 7 días (fuente 2) e 14 [3].",
        "O valor fica em [0, 10], em 2024 [2024].",
        "See [the terms][9] and [9](https://example.com) and `rows[9]`.",
        "Cubre roturas [fuente: la garantía], paga-se (fonte: O Frete da Devolução) or [source: 2].",
        "- [ ] pedir\n- [x] devolver",
        "Call us (9 to 5) or wait (14 days).",
    ],
)
def test_known_citations_links_intervals_and_years_are_none_beyond(text: str) -> None:
    assert result(check("quotes_grounded"), answered(text)).value == 1.0


def test_numbers_that_the_material_itself_gives_may_be_cited() -> None:
    about = subject("Son 14 días [12].", context=("[11] La garantía. [12] El reembolso tarda 14 días.",))
    assert result(check("quotes_grounded"), about).value == 1.0


def test_citations_are_left_alone_when_the_suite_says_so() -> None:
    assert result(check("quotes_grounded", citations=False), answered("Sí [9].")).value == 1.0


def test_the_question_may_be_quoted_only_when_the_suite_says_so() -> None:
    asked = (said("user", "Me llegó la lámpara con la pantalla rota, ¿qué hago?"),)
    about = answered("Usted dice: «me llegó la lámpara con la pantalla rota».", asked=asked)
    assert result(check("quotes_grounded"), about).value == 0.0
    assert result(check("quotes_grounded", known_from=["context", "input"]), about).value == 1.0


def test_at_100_the_words_must_stand_as_they_are() -> None:
    about = answered("“Refunds are paid within 14 day of it.”")
    assert result(check("quotes_grounded", near=70), about).value == 1.0
    assert result(check("quotes_grounded", near=100), about).value == 0.0


def test_shorter_quotes_count_when_the_suite_says_so() -> None:
    about = answered("Diz «devolvemos o dobro».")
    assert result(check("quotes_grounded"), about).value == 1.0
    assert result(check("quotes_grounded", min_characters=10), about).value == 0.0


def test_the_arguments_of_a_tool_call_are_read_as_well() -> None:
    about = answered("", calls=("{}", "say «devolvemos siempre el doble de lo pagado»"))
    mark = result(check("quotes_grounded", side="tool_args"), about)
    assert mark.spans[0].message == 1
    assert shown(mark, about) == ["devolvemos siempre el doble de lo pagado"]


def test_a_case_without_context_is_not_applicable() -> None:
    assert result(check("quotes_grounded"), "«una frase cualquiera bien larga, inventada»").kind == "not_applicable"


def test_what_is_too_long_to_be_compared_is_unscored_unless_it_is_found_as_it_stands() -> None:
    long = " ".join(f"palabra{number}" for number in range(3_000))
    other = f"«{long[:400]} distinto {long[400:800]}»"
    assert result(check("quotes_grounded"), subject(other, context=(long,))).reason == "invalid"
    assert result(check("quotes_grounded"), subject(f"«{long[:8_000]}»", context=(long,))).value == 1.0
    assert result(check("quotes_grounded", near=100), subject(other, context=(long,))).value == 0.0


def test_more_quotes_than_are_looked_for_are_unscored() -> None:
    words = [f"la garantía cubre los defectos número {number}" for number in range(150)]
    about = subject(" ".join(f"«{one}»" for one in words), context=(". ".join(words),))
    assert result(check("quotes_grounded"), about).kind == "unscored"


def test_more_named_sources_than_are_looked_for_are_unscored() -> None:
    names = [f"condición n.º {number} bis" for number in range(150)]
    about = subject(" ".join(f"[fuente: {name}]" for name in names), context=(". ".join(names),))
    assert result(check("quotes_grounded"), about).kind == "unscored"


@pytest.mark.parametrize("letters", ["ab", "abcdefghijklmnopqrstuvwxyz     "])
def test_many_long_quotes_of_a_long_material_cost_little(letters: str) -> None:
    rng = random.Random(7)
    given = "".join(rng.choices(letters, k=19_000))
    quotes = "".join(f"«{''.join(rng.choices(letters, k=300))}» " for _ in range(330))
    about = subject(quotes, context=(given,))
    assert quickest(lambda: result(check("quotes_grounded"), about)) < 0.050


@pytest.mark.parametrize(
    "text",
    [
        '"a ' * 33_000,
        "“" * 100_000,
        "'a " * 33_000,
        "'a" * 50_000,
        "‘a’a " * 20_000,
        "[source: a] " * 8_000,
        "".join(f"[source: a{number}] " for number in range(6_000)),
        "> a\n" * 25_000,
        "[1," * 33_000,
        "> «aaaaaaaaaaaaaaaaaaaaaaaaaaaaa»\n" * 3_000,
        "…" * 99_000 + "»",
        "«" + "a…" * 49_000 + "»",
    ],
)
def test_marks_without_end_cost_little(text: str) -> None:
    about = answered(text)
    assert quickest(lambda: result(check("quotes_grounded"), about)) < 0.050
