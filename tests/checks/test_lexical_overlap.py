"""`lexical_overlap`: the overlap as a mark or against a bound, and cases without anything to compare."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from evalgate.core.outcomes import NotApplicable, Unscored
from tests.checks.scenes import check, result, subject

PAIRS = [
    ("Se devuelve en treinta días en la tienda.", "Se devuelve en treinta días por correo.", 10 / 15),
    ("O prazo de troca é de trinta dias.", "O prazo é de trinta dias corridos.", 12 / 15),
    ("The warranty covers two years.", "Our warranty covers three years.", 6 / 10),
]


@pytest.mark.parametrize(("text", "reference", "overlap"), PAIRS)
def test_the_mark_is_the_overlap_with_the_reference(text: str, reference: str, overlap: float) -> None:
    mark = result(check("lexical_overlap"), subject(text, reference=reference))
    assert mark.value == pytest.approx(overlap)
    assert mark.explanation == f"ROUGE-L with the reference is {overlap:.2f}"


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("devoluciones gratuitas", "devolución gratuita"),
        ("os pedidos cancelados", "pedido cancelado"),
        ("refunds delayed", "a delayed refund"),
    ],
)
def test_chrf_sees_what_inflected_words_share(text: str, reference: str) -> None:
    about = subject(text, reference=reference)
    assert result(check("lexical_overlap", measure="chrf"), about).value > 0.3
    assert result(check("lexical_overlap", measure="rouge_l"), about).value < 0.6


@pytest.mark.parametrize("text", ["Não sabemos nada disso.", "Ni idea.", "Call somebody else!", ""])
def test_another_text_overlaps_little(text: str) -> None:
    about = subject(text, reference="Devuelva el producto dentro de treinta días.")
    assert result(check("lexical_overlap"), about).value <= 0.2
    assert result(check("lexical_overlap", measure="chrf"), about).value <= 0.2


def test_a_bound_makes_it_a_violation_or_none() -> None:
    about = subject(PAIRS[0][0], reference=PAIRS[0][1])
    assert result(check("lexical_overlap", at_least=0.6), about).value == 1.0
    mark = result(check("lexical_overlap", at_least=0.7, severity="warn"), about)
    assert (mark.value, mark.severity) == (0.0, "warn")
    assert mark.explanation == "ROUGE-L with the reference is 0.67, at least 0.7 is asked for"


def test_only_a_bound_makes_it_binary() -> None:
    assert check("lexical_overlap", at_least=0.5).binary
    assert not check("lexical_overlap").binary


def test_case_and_accents_count_as_asked() -> None:
    about = subject("ATENCAO", reference="atenção")
    assert result(check("lexical_overlap", ignore=["case", "accents"]), about).value == 1.0
    assert result(check("lexical_overlap"), about).value == 0.0


def test_without_words_to_compare_with_it_is_not_applicable() -> None:
    assert result(check("lexical_overlap"), "Hola") == NotApplicable(why="the case has no reference")
    about = subject("Hola", reference=" … ")
    assert result(check("lexical_overlap"), about) == NotApplicable(why="the reference has no word")


def test_texts_that_are_too_long_are_unscored() -> None:
    long = "sí no " * 10_000
    assert result(check("lexical_overlap"), subject(long, reference=long)) == Unscored(
        reason="invalid", detail="20,000 words by 20,000 are too many to compare"
    )


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({"at_least": 0}, "greater than 0"),
        ({"at_least": 1.5}, "less than or equal to 1"),
        ({"measure": "bleu"}, "'chrf'"),
    ],
)
def test_what_makes_no_sense_is_refused(parameters: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check("lexical_overlap", **parameters)
