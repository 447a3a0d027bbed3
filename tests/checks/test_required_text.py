"""`required_text`: disclaimers and notices, where they are asked for, in the language of the answer."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.checks.scenes import check, result, shown, subject

RISK = {
    "by_language": {
        "es": ["puede perder parte del dinero invertido"],
        "pt": ["pode perder parte do dinheiro investido"],
        "en": ["you may lose part of the money you invest"],
    },
    "only_if": ["inversión", "investimento", "investment"],
}


@pytest.mark.parametrize(
    "text",
    [
        "Esta inversión es a cinco años. Recuerde que puede perder parte del dinero invertido.",
        "O investimento é de cinco anos. Lembre que pode perder parte do dinheiro investido.",
        "The investment is for five years, and you may lose part of the money you invest.",
    ],
)
def test_a_notice_in_the_language_of_the_answer_is_enough(text: str) -> None:
    assert result(check("required_text", **RISK), text).value == 1.0


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("Es una inversión segura para usted y los suyos.", "inversión"),
        ("É um investimento seguro para você e os seus.", "investimento"),
        ("It is a safe investment for you and your family.", "investment"),
        ("É um investimento seguro para você; puede perder parte del dinero invertido.", "investimento"),
    ],
)
def test_without_it_the_words_that_ask_for_it_are_shown(text: str, trigger: str) -> None:
    mark = result(check("required_text", **RISK), text)
    assert mark.value == 0.0
    assert shown(mark, text) == [trigger]
    assert mark.fix.startswith("+ ")


@pytest.mark.parametrize("text", ["Su pedido llega mañana.", "O pedido chega amanhã.", "investments"])
def test_where_nothing_asks_for_it_it_is_not_applicable(text: str) -> None:
    assert result(check("required_text", **RISK), text).why == "none of the words that ask for it is in the output"


def test_the_question_can_ask_for_it() -> None:
    wanted = check("required_text", any=["consulte a su médico"], only_if=["dosis"], only_if_side="input")
    about = subject("Tome dos al día.", asked="¿Qué dosis tomo?")
    assert (result(wanted, about).value, result(wanted, about).spans) == (0.0, ())
    assert result(wanted, subject("Tome dos al día.", asked="¿A qué hora abren?")).kind == "not_applicable"


def test_a_place_can_be_asked_for() -> None:
    greets = check("required_text", any=["Hola", "Olá"], position="start", within=20)
    assert result(greets, "Olá, João! " + "x" * 50).value == 1.0
    late = result(greets, "x " * 30 + "Olá")
    assert late.explanation == "the text lacks any of 'Hola', 'Olá' in its first 20 characters"
    signs = check("required_text", all=["Equipo Acme"], position="end", within=30)
    assert result(signs, "x " * 30 + "Un saludo, Equipo Acme").value == 1.0
    assert result(signs, "Equipo Acme " + "x " * 30).value == 0.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("La rentabilidad pasada no garantiza la rentabilidad futura.", 1.0),
        ("La rentabilidad pasada no garantiza rentabilidades futuras.", 1.0),
        ("La rentabilidad pasada fue muy buena y la futura también.", 0.0),
    ],
)
def test_near_tolerates_another_wording_and_not_another_sense(text: str, value: float) -> None:
    phrase = "rentabilidad pasada no garantiza la rentabilidad futura"
    assert result(check("required_text", all=[phrase], near=85), text).value == value


def test_a_short_phrase_is_never_taken_for_another() -> None:
    assert result(check("required_text", all=["30 días"], near=60), "40 días").value == 0.0


def test_a_pattern_counts_as_a_phrase() -> None:
    wanted = check("required_text", patterns=[r"protocolo n[ºo°] ?\d{6}"])
    assert result(wanted, "Seu Protocolo nº 123456.").value == 1.0
    assert result(wanted, "Seu protocolo: 123456.").value == 0.0


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [({}, "give the phrases"), ({"patterns": ["(a"]}, "missing"), ({"any": ["a"], "near": 20}, "greater")],
)
def test_nothing_to_ask_for_is_refused(parameters: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check("required_text", **parameters)
