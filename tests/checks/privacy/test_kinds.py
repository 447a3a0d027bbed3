"""Every kind of personal data: found with its check digits right, in three languages, and not where it is none."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from benchmarks.pii_texts import EACH, GENERATORS, NEGATIVES, negatives, positives
from evalgate.checks.privacy.kinds import COUNTRIES, KINDS, SPECS
from evalgate.checks.privacy.masking import Masker
from evalgate.checks.privacy.personal_data import PersonalData, _Seeker
from tests.checks.scenes import check, result, shown

DATA = PersonalData()


def found(text: str) -> list[tuple[str, str]]:
    return [(one.kind, text[one.start : one.end]) for one in DATA.find(text) if one.sure]


def test_of_each_kind_at_least_97_in_100_valid_numbers_are_found_as_what_they_are() -> None:
    hits = Counter(kind for kind, text, value in positives() if (kind, value) in found(text))
    assert set(GENERATORS) == set(KINDS)
    assert {kind: hits[kind] for kind in GENERATORS if hits[kind] < 0.97 * EACH} == {}


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
        ("desde la IP 185.199.108.153", "ip", "185.199.108.153"),
        ("acessou do IP 2001:db8:85a3:0:0:8a2e:370:7334", "ip", "2001:db8:85a3:0:0:8a2e:370:7334"),
        ("MAC 00:1B:44:11:3A:B7", "mac", "00:1B:44:11:3A:B7"),
        ("em -23.55052, -46.633308", "gps", "-23.55052, -46.633308"),
        ("nació el 12/05/1984", "birth_date", "12/05/1984"),
        ("born 1984-05-12", "birth_date", "1984-05-12"),
        ("Fecha de nacimiento: 12 de mayo de 1984.", "birth_date", "12 de mayo de 1984"),
        ("nacido el 5 de Setiembre del 1991", "birth_date", "5 de Setiembre del 1991"),
        ("nascida em 1º de março de 1975", "birth_date", "1º de março de 1975"),
        ("nascimento: 12/dez/1984", "birth_date", "12/dez/1984"),
        ("fecha de nacimiento 1984/05/12", "birth_date", "1984/05/12"),
        ("born on May 12th, 1984", "birth_date", "May 12th, 1984"),
        ("born on the 12th of August, 1984", "birth_date", "12th of August, 1984"),
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
        "cumpleaños el 31 de febrero de 1984",
        "Em 12 de maio de 1984 abrimos a loja",
        "On May 12, 1984 the shop opened",
        "CLABE 032180000118359718",
        "versão 1.2.3.4",
        "11 98765-4321",
    ],
)
def test_a_wrong_check_digit_or_no_word_for_it_is_nothing(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("CPF 529.982.247\u201125", "cpf", "529.982.247\u201125"),
        ("529\u00a0982\u00a0247\u00a025 é meu CPF", "cpf", "529\u00a0982\u00a0247\u00a025"),
        ("llame al +34\u202f612\u202f345\u202f678", "phone", "+34\u202f612\u202f345\u202f678"),
        ("card 4539\u20131488\u20130343\u20136467", "card", "4539\u20131488\u20130343\u20136467"),
        ("tarjeta 4539\u20091488\u20090343\u20096467", "card", "4539\u20091488\u20090343\u20096467"),
        ("NIE X\u20101234567\u2012L", "nie", "X\u20101234567\u2012L"),
        ("a -23.55052,\u00a0\u221246.633308", "gps", "-23.55052,\u00a0\u221246.633308"),
    ],
)
def test_typographic_blanks_and_dashes_divide_numbers_as_plain_ones_do(text: str, kind: str, value: str) -> None:
    assert found(text) == [(kind, value)]
    assert Masker().mask(text) == text.replace(value, f"<{kind.upper()}>")
    assert Masker("hash").mask(value).startswith(f"<{kind.upper()}:")


@pytest.mark.parametrize(
    "text",
    [
        "Llame gratis al 900 123 456 o al 902 10 20 30.",
        "Atención: teléfono 800-123-456, desde fuera +34 900 123 456.",
        "México: llame al 01 800 123 4567 o al 800 123 4567.",
        "Colombia: llame al 01 8000 123 456. Argentina: tel 0800-555-1234 y 0810 555 1234.",
        "Ligue 0800 722 1234 ou 0300 313 4567; WhatsApp +55 0800 123 4567.",
        "Linha grátis em Portugal: telefone 800 123 456 ou +351 808 200 100.",
        "Call toll-free: 1-800-555-1234, +1 888 555 1234, (877) 555-1234 or +1 (866) 555-1234.",
    ],
)
def test_free_and_premium_lines_are_nobodys_telephone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("teléfono 600 123 456", "600 123 456"),
        ("llame al 866 123 4567, de Monclova", "866 123 4567"),
        ("telemóvel 912 345 678", "912 345 678"),
        ("call 1-415-555-1234", "1-415-555-1234"),
    ],
)
def test_a_telephone_that_begins_like_one_of_those_lines_is_somebodys(text: str, value: str) -> None:
    assert found(text) == [("phone", value)]


@pytest.mark.parametrize(
    "text",
    [
        "versión 10.15.107.6",
        "Instale la versión 110.15.107.6.",
        "A versão 200.100.1.2 já saiu",
        "firmware 100.20.3.4 or build 120.0.6099.109",
        "abra la IP 192.168.1.20, o la 172.20.1.100",
        "IP 127.0.0.1 e IP 169.254.10.100",
        "the IP 10.0.0.100 of the office, fd12:3456:789a:1:0:0:0:1",
    ],
)
def test_versions_and_addresses_of_local_networks_are_no_ip_of_anybody(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("IBAN ES91 2100 0418 4502 0005 1332 BBVA", "ES91 2100 0418 4502 0005 1332"),
        ("conta DE89 3704 0044 0532 0130 00 AG", "DE89 3704 0044 0532 0130 00"),
        ("IBAN GB82WEST12345698765432.", "GB82WEST12345698765432"),
    ],
)
def test_an_account_number_ends_where_its_countrys_numbers_end(text: str, value: str) -> None:
    assert found(text) == [("iban", value)]


def test_an_account_number_that_runs_on_or_has_wrong_digits_is_none() -> None:
    assert found("IBAN ES912100041845020005133299") == []
    assert found("IBAN ES92 2100 0418 4502 0005 1332") == []
    assert found("IBAN ZZ91 2100 0418 4502 0005 1332") == []


@pytest.mark.parametrize("seeker", PersonalData()._seekers, ids=lambda seeker: seeker.kind)
def test_every_shape_begins_as_its_kind_says(seeker: _Seeker) -> None:
    values = [value for kind, _, value in positives() if kind == seeker.kind]
    assert [value for value in values if not re.match(seeker.spec.first, value)] == []
    assert [value for value in values if seeker.places.search(value) is None] == []


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
