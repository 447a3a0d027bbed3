"""Every kind of personal data: found with its check digits right, in three languages, and not where it is none."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.pii_texts import EACH, GENERATORS, NEGATIVES, negatives, positives
from evalgate.checks.privacy.kinds import COUNTRIES, KINDS, SPECS
from evalgate.checks.privacy.masking import Masker
from evalgate.checks.privacy.personal_data import PersonalData
from tests.checks.scenes import check, result, shown

DATA = PersonalData()


def found(text: str) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in DATA.find(text) if one.sure]


def test_of_each_kind_at_least_95_in_100_valid_numbers_are_found_as_what_they_are() -> None:
    hits = Counter(kind for kind, text, value in positives() if (kind, value) in found(text))
    assert {kind: hits[kind] for kind in GENERATORS if hits[kind] < 0.95 * EACH} == {}


def test_what_is_found_is_masked_whole() -> None:
    masker = Masker()
    assert [value for _, text, value in positives() if (found(text) and value in masker.mask(text))] == []


def test_of_900_orders_prices_dates_and_codes_at_most_2_in_100_are_taken_for_data() -> None:
    texts = [text for _, text in negatives()]
    assert len(texts) == 3 * NEGATIVES
    assert sum(bool(found(text)) for text in texts) <= 0.02 * len(texts)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("CEP 01310-100, por favor", "cep", "01310-100"),
        ("placa ABC1D23", "placa", "ABC1D23"),
        ("chave pix 123e4567-e89b-12d3-a456-426614174000", "pix", "123e4567-e89b-12d3-a456-426614174000"),
        ("CNPJ 12.ABC.345/01DE-35", "cnpj", "12.ABC.345/01DE-35"),
        ("CIF A58818501", "cif", "A58818501"),
        ("DNI 30.123.456 de Rosario", "dni_ar", "30.123.456"),
        ("cédula 1.020.345.678", "cedula", "1.020.345.678"),
        ("NISS 12345678902", "niss", "12345678902"),
        ("desde la IP 192.168.1.20", "ip", "192.168.1.20"),
        ("MAC 00:1B:44:11:3A:B7", "mac", "00:1B:44:11:3A:B7"),
        ("em -23.55052, -46.633308", "gps", "-23.55052, -46.633308"),
        ("nació el 12/05/1984", "birth_date", "12/05/1984"),
        ("born 1984-05-12", "birth_date", "1984-05-12"),
        ("BTC 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2", "crypto", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
        ("WhatsApp 11 98765-4321", "phone", "11 98765-4321"),
        ("llame al +34 612 345 678", "phone", "+34 612 345 678"),
        ("CLABE 032180000118359719", "clabe", "032180000118359719"),
    ],
)
def test_a_kind_is_found(text: str, kind: str, value: str) -> None:
    assert (kind, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "CNPJ 12.ABC.345/01DE-36",
        "pedido 01310-100",
        "el 12/05/1984 ganó la liga",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "30.123.456 habitantes",
        "IP 999.1.1.1",
        "CLABE 032180000118359718",
        "versão 1.2.3.4",
        "11 98765-4321",
    ],
)
def test_a_wrong_check_digit_or_no_word_for_it_is_nothing(text: str) -> None:
    assert found(text) == []


def test_every_country_has_a_kind_and_every_kind_a_place_in_the_table() -> None:
    assert {spec.country for spec in SPECS.values()} - {None} == set(COUNTRIES)
    assert set(SPECS) | {"email"} == set(KINDS)


def test_countries_choose_whose_numbers_are_looked_for() -> None:
    text = "CPF 529.982.247-25 e CURP BEML920313HMCLNS09"
    assert shown(result(check("pii", countries=["mx"]), text), text) == ["BEML920313HMCLNS09"]
    assert shown(result(check("pii", countries=["br"]), text), text) == ["529.982.247-25"]
    assert result(check("pii", countries=["es"]), text).value == 1.0


def test_what_stands_in_the_context_may_be_repeated_when_the_suite_says_so() -> None:
    from tests.checks.scenes import subject

    about = subject("Escriba a sac@acme.example", context=("Contacto: sac@acme.example",))
    assert result(check("pii"), about).value == 0.0
    assert result(check("pii", ignore_context=True), about).value == 1.0
    assert result(check("pii", ignore_context=True), subject("Escriba a ana@x.example", context=("-",))).value == 0.0
