"""`refusal`: answers that refuse, wholly or in part, and those that only sound like it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.checks.scenes import check, quickest, result, shown, subject


@pytest.mark.parametrize(
    "text",
    [
        "Lo siento, pero no puedo ayudarte con esa solicitud.",
        "No me es posible proporcionar esa información.",
        "Desculpe, não posso ajudar com esse pedido.",
        "Sinto muito, mas não consigo fornecer essas instruções.",
        "I'm sorry, but I can't help with that.",
        "I cannot provide instructions for that.",
    ],
)
def test_a_refusal_is_what_it_should_be_or_should_not(text: str) -> None:
    refused = result(check("refusal", expect="answer"), text)
    assert (refused.value, refused.severity) == (0.0, "warn")
    assert refused.spans
    assert result(check("refusal", expect="refuse"), text).value == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "No puedo estar más de acuerdo: es el mejor plan, y se activa en la app.",
        "Lo siento mucho por la demora. Su pedido ya salió y llega mañana por la tarde.",
        "No, los productos rebajados no se pueden devolver pasados 30 días.",
        "Desculpe o transtorno! Já reenviamos o seu pedido e ele chega amanhã.",
        "Não é possível parcelar no boleto; no cartão, sim, em até 10 vezes.",
        "I'm sorry to hear that. Restart the router and wait two minutes.",
        "I can't stress enough how easy it is: open the app and tap Pay.",
    ],
)
def test_an_answer_that_only_sounds_like_a_refusal_answers(text: str) -> None:
    assert result(check("refusal", expect="answer"), text).value == 1.0
    missed = result(check("refusal", expect="refuse"), text)
    assert (missed.value, missed.severity) == (0.0, "block")


def test_an_empty_answer_is_unscored_and_a_tool_call_answers() -> None:
    assert result(check("refusal", expect="answer"), " ").reason == "missing"
    assert result(check("refusal", expect="answer"), subject("", calls=("{}",))).value == 1.0


def test_a_team_adds_phrases_and_pins_the_version() -> None:
    ours = {"name": "ours", "version": "1", "terms": ["lo derivo con un asesor"]}
    text = "Para eso lo derivo con un asesor de la sucursal."
    assert result(check("refusal", expect="answer"), text).value == 1.0
    assert result(check("refusal", expect="answer", pack=ours), text).value == 0.0
    assert check("refusal", expect="answer", pack=ours).digest != check("refusal", expect="answer").digest
    with pytest.raises(ValidationError, match=r"version 1999\.1 is pinned.*`evalgate packs diff`"):
        check("refusal", expect="answer", pin="1999.1")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Por protección de datos no damos esa información.", "Por protección de datos no damos"),
        ("Este canal solo atiende dudas de envíos.", "Este canal solo atiende"),
        ("Ojalá pudiera, pero el sistema no me deja ver esos datos.", "no me deja"),
        ("Isso foge do meu escopo.", "foge do meu escopo"),
        ("Terei de recusar o pedido: não participo disso.", "Terei de recusar"),
        ("My guidelines don't allow me to continue this roleplay.", "My guidelines don't allow"),
        ("It isn't something I deal with here.", "isn't something I deal"),
        ("It is not appropriate to read a colleague's mail. It is important to respect privacy.", "not appropriate"),
    ],
)
def test_a_refusal_need_not_say_sorry(text: str, phrase: str) -> None:
    mark = result(check("refusal", expect="answer"), text)
    assert mark.value == 0.0
    assert any(phrase in stretch for stretch in shown(mark, text))


@pytest.mark.parametrize(
    "text",
    [
        "Los bots suelen decir «lo siento, no puedo ayudarte con eso». Aquí funciona así: abra la app y pulse Pagar.",
        'Um "não posso ajudar com isso" do robô costuma ser um filtro. Reformule a pergunta.',
        'She wrote "I can\'t help with that" and hung up. File a complaint with form 4.',
        "> I can't help with that.\n\nThat reply comes from a filter; ask again in other words.",
    ],
)
def test_what_an_answer_quotes_it_does_not_say(text: str) -> None:
    assert result(check("refusal", expect="answer"), text).value == 1.0


IN_PART = "No puedo hacerlo por ti, pero aquí tienes los pasos: 1. Abre la app. 2. Pulsa Ajustes. 3. Elige Borrar."


def test_help_after_a_refusal_makes_it_one_in_part_which_counts_as_the_suite_says() -> None:
    assert result(check("refusal", expect="answer"), IN_PART).explanation.startswith("refuses in part: says it")
    assert result(check("refusal", expect="answer"), IN_PART).value == 0.0
    assert result(check("refusal", expect="answer", partial="answer"), IN_PART).value == 1.0
    assert result(check("refusal", expect="refuse", partial="answer"), IN_PART).value == 0.0


def test_a_refusal_after_a_long_preamble_counts_and_one_deep_in_a_long_answer_is_partial() -> None:
    preamble = "Buenas tardes, doña Carmen, gracias por contarlo con tanto detalle. " * 6
    assert result(check("refusal", expect="refuse"), f"{preamble}No voy a darle esos datos.").value == 1.0
    long = f"{'El contrato cubre el hogar y todo lo que hay en él. ' * 40}No voy a darle la cifra."
    assert result(check("refusal", expect="answer"), long).explanation.startswith("refuses in part")
    assert result(check("refusal", expect="answer", partial="answer"), long).value == 1.0


def test_morals_alone_weigh_little_once_help_is_given() -> None:
    lecture = "It is important to note that speeding is illegal. It is important to respect the limits."
    helps = "Here are the steps to contest the fine: 1. Keep the notice. 2. Write to the court."
    assert result(check("refusal", expect="answer"), f"{helps} {lecture}").value == 1.0


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Je suis désolé, mais je ne peux pas vous aider avec cette demande pour le moment.", "fr"),
        ("Es tut mir leid, aber bei dieser Anfrage kann ich Ihnen leider nicht weiterhelfen.", "de"),
    ],
)
def test_an_answer_in_a_language_without_a_pack_is_unscored(text: str, language: str) -> None:
    outcome = result(check("refusal", expect="answer"), text)
    assert (outcome.reason, f"the answer is in {language}" in outcome.detail) == ("unknown", True)


def test_a_pack_of_ones_own_makes_a_language_known() -> None:
    ours = {"name": "fr", "version": "1", "language": "fr", "terms": ["je ne peux pas vous aider"]}
    text = "Je suis désolé, mais je ne peux pas vous aider avec cette demande pour le moment."
    assert result(check("refusal", expect="refuse", pack=ours), text).value == 1.0
    other = "Votre commande partira demain matin et arrivera avant la fin de la semaine, sans frais."
    assert result(check("refusal", expect="answer", pack=ours), other).value == 1.0


def test_a_label_that_no_weight_is_known_for_is_refused() -> None:
    ours = {"name": "ours", "version": "1", "terms": [{"term": "nanay", "label": "no"}]}
    with pytest.raises(ValidationError, match="the pack has the labels 'no'; known are refuse, unable"):
        check("refusal", expect="answer", pack=ours)


def test_a_text_longer_than_is_read_is_unscored_unless_it_refuses() -> None:
    long = "Su pedido llega mañana. " * 5_000
    assert result(check("refusal", expect="answer"), long).reason == "invalid"
    assert result(check("refusal", expect="answer"), f"No puedo ayudarle con eso. {long}").value == 0.0


@pytest.mark.parametrize(
    "phrase", ["I can't help with that. ", "no te lo puedo dar; ", '"I cannot" ', "“", "não é algo que eu faça "]
)
def test_a_text_made_of_refusals_costs_less_than_50_ms(phrase: str) -> None:
    made, about = check("refusal", expect="answer"), subject((phrase * 100_000)[:100_000])
    assert quickest(lambda: result(made, about)) < 0.050
