"""`numbers_grounded`: numbers however they are written, and those that nobody gave."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.checks.scenes import check, quickest, result, shown, subject

DATA = Path(__file__).parents[2] / "evalgate" / "demo" / "data"


def mark(text: str, *context: str, asked: str = "¿?", **parameters: Any) -> Any:
    return result(check("numbers_grounded", **parameters), subject(text, asked=asked, context=context or ("-",)))


@pytest.mark.parametrize(
    ("text", "context"),
    [
        ("Tienes 30 días.", "Plazo: 30 dias."),
        ("Tienes treinta días.", "30 days to return"),
        ("São 48 horas.", "Prazo de dois dias"),
        ("Cuesta 1.299,00 €.", "Price: €1,299.00"),
        ("Custa R$ 59,90.", "Plano Plus: R$59.90"),
        ("It costs $9.90.", "9,90 $"),
        ("El 12 de noviembre de 2025.", "2025-11-12"),
        ("On November 12, 2025.", "12/11/2025"),
        ("Até 12 de novembro.", "12 November 2025"),
        ("Abrimos a las 9:30.", "9h30"),
        ("We open at 2 pm.", "14:00"),
        ("Seu pedido A-204518 saiu.", "pedido a204518"),
        ("Llame al 900123456.", "Tel. 900123456"),
        ("São trinta e cinco dias.", "35 dias"),
        ("You have twenty-four hours.", "24 h"),
        ("Garantía de 1 año.", "un año de garantía"),
        ("24 meses de garantia", "garantia de dois anos"),
        ("Tens 30 (trinta) dias úteis.", "thirty business days"),
        ("Pesa 1,5 kg y mide 25 cm.", "1.500 g; 0,25 m"),
        ("Cuesta $1,299.00 MXN.", "1,299 pesos"),
        ("Valen US$ 20.", "$20"),
        ("R$ 2 mil", "2.000 reais"),
        ("Son 1,5 millones de euros.", "€1,500,000"),
        ("Às 14h, ou 9 horas.", "14:00 e 9:00"),
        ("A las 3 de la tarde.", "15:00"),
        ("De 9 a 6 pm.", "9:00–18:00"),
        ("The 12th of November", "12/11"),
        ("El primero de mayo", "May 1st, 2025"),
        ("Ligue +55 (11) 4002-8922.", "Fone: 11 4002-8922"),
        ("Llame al 91 123 45 67.", "+34 911234567"),
        ("Pedido #204518", "pedido 204518"),
        ("Vea https://x.example/p/77?n=88", "nada"),
        ("El día 4 según 5 más", "4 y 5"),
        ("Em 3x de R$ 50", "3 parcelas de R$ 50"),
        ("a maioria dos dias; un momento, un día de estos; one day", "nada"),
        ("AR$ 500 y COP 20.000", "500 pesos argentinos; 20.000 pesos"),
        ("Un 20 % menos", "20% de descuento"),
        ("1. Abra la app\n2. Pulse Devolver\n3) Listo", "Se hace en la app"),
        ("Paso 1: abra. Paso 2: cierre.", "Se hace en la app"),
        ("Sem números.", "nada"),
        ("covid19, mp3 y H2O", "nada"),
    ],
)
def test_a_number_that_is_given_stands_however_it_is_written(text: str, context: str) -> None:
    assert mark(text, context).value == 1.0


@pytest.mark.parametrize(
    ("text", "context", "wrong"),
    [
        ("Tienes 60 días.", "Plazo: 30 días.", ["60 días"]),
        ("Você tem noventa dias.", "30 dias após a entrega", ["noventa dias"]),
        ("You have 30 hours.", "30 days", ["30 hours"]),
        ("Son 30 €.", "30 GB", ["30 €"]),
        ("São sessenta e cinco dias.", "60 dias, 7 dias", ["sessenta e cinco dias"]),
        ("You have two hundred dollars left", "$100", ["two hundred dollars"]),
        ("Tiene 30 días.", "1 mes", ["30 días"]),
        ("Tiene 60 días y 2 cupones.", "2 cupones, 30 días", ["60 días"]),
        ("Fone (11) 4002-9999", "(11) 4002-8922", ["(11) 4002-9999"]),
        ("El 13/11.", "12/11/2025", ["13/11"]),
        ("A las 4 de la tarde", "15:00", ["4 de la tarde"]),
        ("ES91 2100 0418 4502 0005 1332", "ES9121000418450200051333", ["ES91 2100 0418 4502 0005 1332"]),
        ("El 13 de noviembre de 2025.", "12/11/2025", ["13 de noviembre de 2025"]),
        ("Em 2024-11-12.", "2025-11-12", ["2024-11-12"]),
        ("A las 15:00.", "14:00", ["15:00"]),
        ("Pedido A-204519", "pedido A-204518", ["A-204519"]),
        ("Un 25 % menos y 30 días", "20 % en 30 días", ["25 %"]),
        ("Cuesta 1.299 €", "Cuesta 1.298 €", ["1.299 €"]),
    ],
)
def test_a_number_that_nobody_gave_is_shown(text: str, context: str, wrong: list[str]) -> None:
    found = mark(text, context)
    assert (found.value, found.severity) == (0.0, "warn")
    assert shown(found, subject(text)) == wrong


def test_the_one_number_with_that_unit_is_the_fix() -> None:
    assert mark("Tienes 60 días.", "30 días, 5 €").fix == "amount (day) → 30"
    assert mark("Tienes 60 días.", "30 días o 10 días").fix is None


@pytest.mark.parametrize(
    ("text", "context", "asked"),
    [
        ("En total, 34,90 €.", "29,95 € más 4,95 € de envío", ""),
        ("Pagas 40 €: te ahorras 10 €.", "20 % de descuento", "el de 50 €"),
        ("$24 for your 4 days.", "$6 a day", "Mexico for 4 days?"),
        ("3 plazos de 140 €", "hasta 3 plazos", "un televisor de 420 €"),
        ("Hasta el 6 de abril.", "30 días desde la entrega", "llegó el 7 de marzo"),
        ("Hasta el 14.", "10 días", "Devuelto el día 4"),
        ("Até 2 de junho de 2025.", "um mês… 1 mês após a entrega", "chegou em 2 de maio de 2025"),
    ],
)
def test_what_follows_from_two_numbers_counts_unless_it_may_not(text: str, context: str, asked: str) -> None:
    assert mark(text, context, asked=asked).value == 1.0
    assert mark(text, context, asked=asked, derived=False).value == 0.0


def test_where_numbers_may_come_from_and_how_far_they_may_be_off() -> None:
    assert mark("Son 5 €.", "nada", asked="¿5 €?").value == 1.0
    assert mark("Son 5 €.", "nada", asked="¿5 €?", known_from=["context"]).value == 0.0
    assert mark("Unos 100 km.", "99,5 km", off_by=0.01).value == 1.0
    assert mark("Unos 100 km.", "97 km", off_by=0.01).value == 0.0
    assert mark("Hay 2 opciones.", "nada", ignore_below=3).value == 1.0
    assert mark("Hay 2 días.", "nada", ignore_below=3).value == 0.0


def test_without_context_there_is_nothing_to_compare_with() -> None:
    assert result(check("numbers_grounded"), subject("Son 5 €.")).why == "the case has no context"


def test_more_numbers_than_are_read_are_never_called_grounded() -> None:
    table = " ".join(map(str, range(3_000)))
    assert mark("Son 5 €.", table).reason == "invalid"
    assert mark("1 " * 3_000, "1").reason == "invalid"
    assert mark("Son 5 €.", *["5 € " * 600] * 5).value == 1.0
    assert mark("Son 5 €.", *["5 € " * 600] * 6).reason == "invalid"
    assert mark("Son 5 €.", "5 €" + " " * 100_000).reason == "invalid"


def rows(arm: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / f"outputs_{arm}.jsonl").read_text(encoding="utf-8").splitlines()]


def strange(arm: str) -> set[str]:
    return {row["id"] for row in rows(arm) if mark(row["response"], *row["context"], asked=row["prompt"]).value == 0.0}


def test_of_783_answers_in_three_languages_only_the_invented_numbers_are_found() -> None:
    planted = json.loads((DATA / "planted.json").read_text(encoding="utf-8"))
    assert strange("baseline") == strange("fixed") == set()
    assert strange("candidate") == {one["id"] for one in planted if one["kind"] in {"days", "cpf"}}


@pytest.mark.parametrize(
    "unit",
    [
        "uno ",
        "treinta y ",
        "1 000 ",
        "+1 (2) ",
        "Tiene 30 ",
        "1.000.",
        "12/11/",
        "9:9:",
        "5 más ",
        "A-1-",
        "€",
        "mil ",
        "$1,",
    ],
)
def test_numbers_without_end_cost_little(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    about = subject(f"{text}días", asked="60 días y 5 €", context=(f"{text} días", "30 días"))
    made = check("numbers_grounded")
    assert quickest(lambda: result(made, about)) < 0.050


def test_many_different_numbers_that_do_not_stand_cost_little() -> None:
    said = " ".join(f"{number}.5 €," for number in range(900))
    about = subject(
        said, asked="¿?", context=(" ".join(f"{number}7 €, {number % 28 + 1} de mayo," for number in range(400)),)
    )
    made = check("numbers_grounded", off_by=0.001)
    assert quickest(lambda: result(made, about)) < 0.050
