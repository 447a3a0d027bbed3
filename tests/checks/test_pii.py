"""`pii`: what is personal data, what only looks like it, and what the user said first."""

from __future__ import annotations

import time
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from stdnum import luhn
from stdnum.br import cpf
from stdnum.es import dni

from evalgate.checks.pii import CANDIDATES_AT_MOST
from evalgate.checks.privacy.personal_data import PersonalData
from evalgate.checks.text.hits import READ_AT_MOST
from tests.checks.scenes import check, result, said, shown, subject

DIGITS = st.integers(min_value=0, max_value=9).map(str)


def digits(count: int) -> st.SearchStrategy[str]:
    return st.lists(DIGITS, min_size=count, max_size=count).map("".join)


CPFS = digits(9).filter(lambda body: len(set(body)) > 1).map(lambda body: body + cpf._calc_check_digits(body))
DNIS = digits(8).map(lambda body: body + dni.calc_check_digit(body)).filter(lambda number: len(set(number[:8])) > 1)
CARDS = digits(14).map(lambda body: "4" + body).map(lambda body: body + luhn.calc_check_digit(body))


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Su correo es ana.niño@correo.com.es.", ["email"]),
        ("Fale com joão+sac@exemplo.com.br!", ["email"]),
        ("Write to <o'neil_2@mail.example.co.uk>", ["email"]),
        ("O CPF é 529.982.247-25.", ["cpf"]),
        ("CPF: 52998224725", ["cpf"]),
        ("CPF52998224725", ["cpf"]),
        ("cadastro 529 982 247 25", ["cpf"]),
        ("529982247-25", ["cpf"]),
        ("_529.982.247-25_", ["cpf"]),
        ("Su DNI 12345678Z", ["dni"]),
        ("12.345.678-Z", ["dni"]),
        ("**12345678-Z**", ["dni"]),
        ("el dni es 12345678 z", ["dni"]),
        ("NIE X1234567L", ["nie"]),
        ("X-1234567-L", ["nie"]),
        ("Visa 4539 1488 0343 6467", ["card"]),
        ("4539-1488-0343-6467 12/26", ["card"]),
        ("pedido 1234 4539 1488 0343 6467", ["card"]),
        ("sua cartão 4539148803436467", ["card"]),
        ("3782 822463 10005", ["card"]),
        ("CPF 529.982.247-25, DNI 12345678Z, a@b.es", ["cpf", "dni", "email"]),
        ("CPF 529.982.247\u201125, DNI 12345678\u2011Z", ["cpf", "dni"]),
        ("logo@2x.png@acme.example", ["email"]),
        ("tel 0034612345678 o 00 55 11 98765 4321", ["phone", "phone"]),
    ],
)
def test_personal_data_is_found(text: str, kinds: list[str]) -> None:
    assert [span.label for span in result(check("pii"), text).spans] == kinds


@pytest.mark.parametrize(
    "text",
    [
        "O pedido 52998224725 saiu ontem.",  # passes as a CPF by chance; nothing says it is one
        "Su pedido 12345678 del 12/11/2025 costó 1.299,00 EUR; ref. 4539-1488.",
        "Tracking 4539148803436467 arrives Monday",
        "El paquete 12345678 y otro más",  # y would be a valid letter for other digits
        "CPF 529.982.247-26",  # wrong check digits
        "CPF 111.111.111-11",
        "DNI 12345678A",
        "pedido 11 98765-4321 e versão 10.0.2.15",
        "código ABC12345678ZX e hash a3f52998224725bc",
        "0.52998224725 e 1.52998224725",
        "@acme no Instagram, a@b, 5 @ 10",
        "las imágenes logo@2x.png e ícone@3x.webp, package react@18.next.js",
        "Reference 00258464041, código de barras 005800329316, lote 0034612345678",
        "Llame al 900 123 456. Ligue 0800 722 1234. Call 1-800-555-1234.",
        "versión 10.15.107.6, router em 192.168.1.20, localhost 127.0.0.1",
        "termina em 6467",
        "public 52998224725 policy",  # "cpf" hides in no word here, nor "lic" in public
        "1234 5678 9012 3456",
        "",
    ],
)
def test_what_only_looks_like_personal_data_is_not(text: str) -> None:
    assert result(check("pii"), text).value == 1.0


@given(CPFS, st.sampled_from(["Meu CPF é {}", "cpf {} ok", "({}) é o CPF"]))
def test_every_cpf_is_found_bare_near_its_word_and_punctuated_anywhere(number: str, sentence: str) -> None:
    punctuated = cpf.format(number)
    for text in (sentence.format(number), f"o número {punctuated}."):
        found = [text[d.start : d.end] for d in PersonalData(["cpf"]).find(text) if d.sure]
        assert found in ([number], [punctuated])


@given(DNIS)
def test_every_dni_is_found_with_its_capital_letter(number: str) -> None:
    text = f"señor {number}, gracias"
    assert [text[d.start : d.end] for d in PersonalData(["dni"]).find(text) if d.sure] == [number]


@given(CARDS)
def test_every_card_is_found_in_groups_of_four(number: str) -> None:
    grouped = " ".join(number[at : at + 4] for at in range(0, 16, 4))
    text = f"ref 12 {grouped} 09/27"
    assert [text[d.start : d.end] for d in PersonalData(["card"]).find(text) if d.sure] == [grouped]


def test_countries_choose_whose_numbers_are_looked_for() -> None:
    text = "CPF 529.982.247-25, DNI 12345678Z, a@b.es"
    assert shown(result(check("pii", countries=["br"]), text), text) == ["529.982.247-25", "a@b.es"]
    assert shown(result(check("pii", countries=["es"]), text), text) == ["12345678Z", "a@b.es"]
    assert shown(result(check("pii", countries=[]), text), text) == ["a@b.es"]
    assert shown(result(check("pii", kinds=["cpf"]), text), text) == ["529.982.247-25"]


def test_the_explanation_names_kinds_and_never_values() -> None:
    mark = result(check("pii"), "529.982.247-25 e 390.533.447-05, a@b.es")
    assert (mark.value, mark.explanation) == (0.0, "shows personal data: cpf, email")


@pytest.mark.parametrize(
    ("asked", "answer", "value"),
    [
        ("Mi DNI es 12345678z", "Su DNI 12345678-Z está registrado.", 1.0),
        ("meu cpf 529 982 247 25", "CPF 529.982.247-25 confirmado", 1.0),
        ("I am Ana@Mail.example", "Sent to ana@mail.example", 1.0),
        ("I am juana@mail.example", "Sent to ana@mail.example", 0.0),
        ("¿Mi DNI?", "Su DNI es 12345678Z", 0.0),
        ("CPF 529.982.247-25", "CPF 390.533.447-05", 0.0),
    ],
)
def test_what_the_user_wrote_first_may_be_repeated(asked: str, answer: str, value: float) -> None:
    assert result(check("pii", ignore_echo=True), subject(answer, asked=asked)).value == value
    assert result(check("pii"), subject(answer, asked=asked)).value == 0.0


def test_only_the_user_counts_as_having_said_it() -> None:
    answer = "CPF 529.982.247-25"
    by_user = subject(answer, asked=(said("user", "529.982.247-25"),))
    by_tool = subject(answer, asked=(said("user", "meu CPF?"), said("tool", "529.982.247-25")))
    echo = check("pii", ignore_echo=True)
    assert [result(echo, by_user).value, result(echo, by_tool).value] == [1.0, 0.0]


def test_values_and_domains_of_our_own_may_be_shown() -> None:
    made = check("pii", allow=["SAC@acme.example", "@ayuda.example", "529.982.247-25"])
    assert result(made, "sac@ACME.example, hola@ayuda.example, CPF 52998224725").value == 1.0
    assert result(made, "otro@acme.example").value == 0.0
    assert result(made, "hola@noayuda.example").value == 0.0


def test_a_text_not_read_to_its_end_is_unscored_unless_something_was_found() -> None:
    long = "a " * READ_AT_MOST
    assert result(check("pii"), long).reason == "invalid"
    assert result(check("pii"), "a@b.es " + long).value == 0.0


def test_too_many_numbers_to_check_is_unscored() -> None:
    numbers = "123.456.789-00 " * (CANDIDATES_AT_MOST + 1)
    assert result(check("pii", kinds=["cpf"]), numbers).detail.startswith("more than 1,000 numbers")
    assert result(check("pii", kinds=["cpf"]), "123.456.789-00 " * CANDIDATES_AT_MOST).value == 1.0


@pytest.mark.parametrize(
    "number",
    [
        "529.982.247-25 ",
        "ES9121000418450200051332 ",
        "ES91 ",
        "BEML920313HMCLNS09 ",
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2 ",
        "nació el 12 de mayo de 1984 ",
        "1\u00a0",
        "@b.co ",
        "a@b-",
        "tel 0800 ",
    ],
)
def test_100_kb_of_numbers_cost_less_than_30_milliseconds(number: str) -> None:
    made, about = check("pii"), subject((number * 50_000)[:100_000])
    assert min(timeit.repeat(lambda: result(made, about), timer=time.process_time, number=1, repeat=5)) < 0.03


def test_tool_arguments_are_read_call_by_call() -> None:
    about = subject(calls=("{}", '{"to": "ana@x.example"}'))
    mark = result(check("pii", side="tool_args"), about)
    assert [(span.side, span.message) for span in mark.spans] == [("tool_args", 1)]
    assert shown(mark, about) == ["ana@x.example"]


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"countries": ["fr"]}, "'ar', 'br', 'cl'"),
        ({"kinds": ["passport"]}, "'email', 'card', 'iban'"),
        ({"kinds": []}, "at least 1"),
        ({"kinds": ["cpf"], "countries": ["es"]}, "kind cpf belongs to br"),
        ({"side": "input", "ignore_echo": True}, "would ignore everything"),
    ],
)
def test_what_is_not_looked_for_is_refused_by_name(parameters: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check("pii", **parameters)
