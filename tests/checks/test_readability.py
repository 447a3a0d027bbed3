"""`readability`: formulas by language worked by hand, bounds, long sentences, and what has no score."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from evalgate.core.outcomes import NotApplicable, Unscored
from tests.checks.scenes import check, result, shown, subject

EASY = {
    "es": "La devolución se pide en la aplicación y el dinero vuelve en diez días."
    " Si el aparato llegó roto, guarde la caja y llame al teléfono de ayuda.",
    "pt": "A devolução é feita pelo aplicativo e o dinheiro volta em dez dias."
    " Se o aparelho chegou quebrado, guarde a caixa e ligue para a central.",
    "en": "You can ask for the return in the app and the money comes back in ten days."
    " If the device arrived broken, keep the box and call the help desk.",
}
BY_HAND = {
    "es": 206.835 - 28 / 2 - 62.3 * (25 + 27) / 28,
    "pt": 248.835 - 1.015 * 26 / 2 - 84.6 * (26 + 24) / 26,
    "en": 206.835 - 1.015 * 30 / 2 - 84.6 * (19 + 16) / 30,
}
"""The formulas with the words, sentences and syllables of the easy texts, counted by hand."""
FORMULA = {"es": "Szigriszt-Pazos", "pt": "Martins", "en": "Flesch"}
HARD = {
    "es": "La responsabilidad extracontractual derivada de incumplimientos administrativos imputables a terceros"
    " intermediarios requerirá acreditación documental exhaustiva, independientemente de eventuales compensaciones"
    " indemnizatorias reconocidas anteriormente.",
    "pt": "A responsabilidade extracontratual decorrente de descumprimentos administrativos imputáveis a terceiros"
    " intermediários exigirá comprovação documental exaustiva, independentemente de eventuais compensações"
    " indenizatórias reconhecidas anteriormente.",
    "en": "Extracontractual responsibility originating from administrative irregularities attributable to"
    " intermediary organizations necessitates comprehensive documentary verification, notwithstanding any"
    " compensatory arrangements previously acknowledged.",
}


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_the_score_is_the_one_worked_by_hand(language: str) -> None:
    mark = result(check("readability", max_score=0), EASY[language])
    assert mark.explanation == (
        f"the reading ease ({FORMULA[language]}) is {BY_HAND[language]:.1f}, at most 0 is allowed"
    )
    assert mark.severity == "info"


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_easy_and_hard_texts_stand_on_either_side_of_a_bound(language: str) -> None:
    assert result(check("readability", min_score=50), EASY[language]).value == 1.0
    mark = result(check("readability", min_score=50), HARD[language])
    assert mark.value == 0.0
    assert shown(mark, HARD[language]) == [HARD[language]]
    assert result(check("readability", max_score=50), HARD[language]).value == 1.0


def test_the_formula_can_be_that_of_another_language() -> None:
    assert result(check("readability", min_score=75), EASY["es"]).value == 1.0
    assert result(check("readability", min_score=75, language="en"), EASY["es"]).value == 0.0


def test_code_and_addresses_are_no_words() -> None:
    with_code = EASY["es"] + " Consulte https://acme.example/una/direccion/muy/larga y `una_funcion_interminable()`."
    assert result(check("readability", min_score=70), with_code).value == 1.0


@pytest.mark.parametrize(
    ("before", "long", "after"),
    [
        ("Vale. ", "Puede devolver el pedido en la tienda o por correo.", " Gracias."),
        ("Certo. ", "O Sr. Lima pode devolver o pedido na loja ou pelo correio.", ""),
        ("Sure. ", "You can return the order at the shop or by post.", " Bye!"),
    ],
)
def test_the_sentences_that_are_too_long_are_shown(before: str, long: str, after: str) -> None:
    text = before + long + after
    mark = result(check("readability", max_sentence_words=9), text)
    assert shown(mark, text) == [long]
    assert mark.explanation == "a sentence has more than 9 words"
    assert result(check("readability", max_sentence_words=12), text).value == 1.0


def test_the_lines_of_a_list_are_sentences_of_their_own() -> None:
    text = "Pasos:\n" + "\n".join(f"- Abra el menú número {number} y confirme" for number in range(9))
    assert result(check("readability", max_sentence_words=8), text).value == 1.0


def test_a_short_text_has_no_score_but_its_sentences_have_a_length() -> None:
    assert result(check("readability", min_score=50), "Claro que sí.") == NotApplicable(
        why="fewer than 20 words have no reading ease"
    )
    assert result(check("readability", min_score=50, max_sentence_words=9), "Claro que sí.").value == 1.0
    assert result(check("readability", min_score=0, min_words=3, language="es"), "Claro que sí.").value == 1.0


def test_an_answer_without_tool_calls_has_nothing_to_read() -> None:
    assert isinstance(result(check("readability", min_score=50, side="tool_args"), "Hola"), NotApplicable)


def test_a_text_of_no_clear_language_is_unscored() -> None:
    text = "xkcd qwrt zxcv bnmp lkjh " * 6
    assert result(check("readability", min_score=50), text) == Unscored(
        reason="unknown", detail="the language cannot be told; write language: en, es or pt"
    )
    assert result(check("readability", min_score=50, language="en"), text).value in {0.0, 1.0}


def test_every_passage_of_the_context_is_read() -> None:
    about = subject("", context=(EASY["es"], HARD["es"]))
    mark = result(check("readability", min_score=50, side="context", severity="warn"), about)
    assert [span.message for span in mark.spans] == [1]
    assert mark.severity == "warn"


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "give a bound"),
        ({"min_score": 60, "max_score": 50}, "min_score 60 is above max_score 50"),
        ({"min_score": 60, "language": "fr"}, "'en', 'es' or 'pt'"),
        ({"max_sentence_words": 0}, "greater than or equal to 1"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(parameters: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check("readability", **parameters)
