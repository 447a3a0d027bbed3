"""`language`: the wanted language, the user's own, sentences in another one, and varieties by their words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from pydantic import ValidationError

from evalgate.checks.packs.loading import shipped_pack
from evalgate.core.errors import SuiteInvalid
from evalgate.core.outcomes import NotApplicable, Unscored
from tests.checks.scenes import EN, ES, PT, check, result, said, shown, subject

SENTENCES = {
    "es": "Puede devolver el pedido en los treinta días siguientes a la entrega.",
    "pt": "Você pode devolver o pedido nos trinta dias seguintes à entrega.",
    "en": "You can return the order within thirty days of the delivery date.",
    "fr": "Vous pouvez retourner la commande dans les trente jours après la livraison.",
}


@pytest.mark.parametrize(("language", "text"), [("es", ES), ("pt", PT), ("en", EN)])
def test_an_answer_in_the_wanted_language_holds_and_in_another_one_does_not(language: str, text: str) -> None:
    others = sorted({"es", "pt", "en"} - {language})
    assert result(check("language", languages=[language]), text).value == 1.0
    mark = result(check("language", languages=others), text)
    assert (mark.value, mark.severity) == (0.0, "warn")
    assert mark.explanation.endswith(f"% of the text is in {language}; wanted is {' or '.join(others)}")


@pytest.mark.parametrize("wanted", ["es", "pt", "en"])
@pytest.mark.parametrize("written", ["fr", "es", "pt", "en"])
def test_the_sentence_in_another_language_is_shown(wanted: str, written: str) -> None:
    text = f"{SENTENCES[wanted]} {SENTENCES[written]} {SENTENCES[wanted]}"
    mark = result(check("language", languages=[wanted]), text)
    assert shown(mark, text) == [SENTENCES[written]] * (wanted != written)
    assert {span.label for span in mark.spans} == {written} - {wanted}


def test_a_share_of_another_language_may_be_tolerated() -> None:
    text = f"{SENTENCES['es']} {SENTENCES['es']} {SENTENCES['en']}"
    assert result(check("language", languages=["es"], tolerated=0.4), text).value == 1.0
    assert result(check("language", languages=["es"], tolerated=0.3), text).value == 0.0


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Pulse «Add to your shopping cart and pay now» y espere la confirmación del pedido."),
        ("es", "Ejecute `for line in open(the_file): print(line)` y mire lo que sale por la pantalla."),
        ("es", "Su Samsung Galaxy Buds Pro Wireless Charging Case llega mañana por la tarde."),
        ("es", "Los pasos están en https://acme.example/en/how-to-return-your-order-and-get-money-back desde hoy."),
        ("es", "> where is my order and when will it arrive at my house?\nSu pedido llega mañana por la tarde."),
        ("pt", "Clique em “Track my order and see where it is” e depois confirme o seu endereço."),
        ("pt", "O Apple Watch Series Ultra chega amanhã; o envio é por nossa conta."),
        ("pt", "Use assim:\n```\nif the_order is not None:\n    return the_order\n```\nDepois confirme o seu pedido."),
        ("en", "Press «Añadir a la cesta y pagar ahora mismo» and wait for the confirmation."),
        ("en", "The Casa del Mar Hotel in Playa del Carmen has one room left for you."),
    ],
)
def test_quotations_code_addresses_and_names_are_no_other_language(language: str, text: str) -> None:
    assert result(check("language", languages=[language]), text).value == 1.0


def test_an_answer_that_is_one_quotation_is_told_by_what_it_quotes() -> None:
    assert result(check("language", languages=["es"]), f'"{SENTENCES["en"]}"').value == 0.0


@pytest.mark.parametrize("text", ["", "OK 👍", "Sí.", "12.50 €", "`print(the_answer_to_everything)`"])
def test_too_few_letters_are_not_applicable(text: str) -> None:
    why = result(check("language", languages=["es"]), text)
    assert why == NotApplicable(why="fewer than 20 letters do not tell their language")


def test_letters_that_tell_nothing_are_unscored_and_never_right() -> None:
    assert result(check("language", languages=["es"]), "xkcd qwrt zxcv bnmp lkjh gfds") == Unscored(
        reason="unknown", detail="the language cannot be told"
    )


@pytest.mark.parametrize(("asked", "text"), [("¿Dónde está mi pedido?", ES), ("Cadê o meu pedido?", PT), ("Hi!", EN)])
def test_the_language_of_the_user_is_wanted(asked: str, text: str) -> None:
    wanted = check("language", same_as="input")
    assert result(wanted, subject(text, asked=asked)).value == 1.0
    assert result(wanted, subject(SENTENCES["fr"], asked=asked)).value == 0.0


def test_the_last_turn_that_tells_its_language_counts() -> None:
    asked = (said("user", "Where is my order?"), said("assistant", EN), said("user", "¿Y la factura?"))
    wanted = check("language", same_as="input")
    assert result(wanted, subject(ES, asked=(*asked, said("user", "OK")))).value == 1.0
    assert result(wanted, subject(EN, asked=asked)).value == 0.0


def test_a_user_in_another_language_is_answered_in_one_of_those_given() -> None:
    wanted = check("language", languages=["es", "pt"], same_as="input")
    assert result(wanted, subject(ES, asked=SENTENCES["fr"])).value == 1.0
    assert result(wanted, subject(SENTENCES["fr"], asked=SENTENCES["fr"])).value == 0.0
    assert result(wanted, subject(ES, asked=SENTENCES["pt"])).value == 0.0


def test_a_question_that_tells_nothing_leaves_nothing_to_compare_with() -> None:
    wanted = check("language", same_as="input")
    assert result(wanted, subject(ES, asked="123")) == NotApplicable(why="the input is too short to tell its language")
    assert isinstance(result(wanted, subject(ES, asked="xkcd qwrt zxcv bnmp lkjh gfds")), Unscored)


@pytest.mark.parametrize(
    ("variety", "text", "fix"),
    [
        ("pt-BR", "Apanhe o autocarro e pague com o telemóvel.", "autocarro → ônibus; telemóvel → celular"),
        ("pt-BR", "Estamos a verificar o seu registo.", "estar a fazer → estar fazendo; registo → registro"),
        (
            "pt-PT",
            "Acesse o aplicativo pelo seu celular.",
            "acesse → aceda; aplicativo → aplicação; celular → telemóvel",
        ),
        ("pt-PT", "O gênero e o endereço eletrônico do cliente.", "gênero → género; eletrônico → eletrónico"),
        ("es-ES", "Encienda la computadora y mueva el mouse.", "computadora → ordenador; mouse → ratón"),
        ("es-MX", "Apague el ordenador y guarde el fichero.", "ordenador → computadora; fichero → archivo"),
        ("es-MX", "¿Podéis enviarnos vuestro número?", "podéis → pueden; vuestro → su"),
        ("es-AR", "Si quieres, puedes pagar en el autobús.", "quieres → querés; puedes → podés; autobús → colectivo"),
        ("es-CO", "Puede aparcar el coche y coger un zumo.", "aparcar → parquear; zumo → jugo"),
        ("es-CL", "El mesero trae aguacate con elote.", "mesero → garzón; elote → choclo"),
        (
            "en-US",
            "Choose your favourite colour and pay by cheque.",
            "favourite → favorite; colour → color; cheque → check",
        ),
        ("en-GB", "Take the elevator to the parking lot.", "elevator → lift; parking lot → car park"),
    ],
)
def test_words_of_another_variety_are_found_with_the_word_that_is_wanted(variety: str, text: str, fix: str) -> None:
    mark = result(check("language", variety=variety), text)
    assert (mark.value, mark.fix) == (0.0, fix)
    assert mark.explanation.startswith(f"not {variety.lower()}: says '")


@pytest.mark.parametrize(
    ("variety", "text"),
    [
        ("pt-BR", "Pegue o ônibus e pague com o celular; a equipe registra o gênero e o prêmio."),
        ("pt-BR", "O pedido está a caminho e o rato não roeu o cabo do mouse."),
        ("pt-PT", "Aceda à aplicação no telemóvel; a equipa está a tratar do registo e do género."),
        ("pt-PT", "Comprou um fato azul e a tela a óleo está na sala."),
        ("es-ES", "Coge el móvil y enciende el ordenador; el vídeo y el coste salen en la pantalla."),
        ("es-ES", "El tejido celular se ve al microscopio y el carro de la compra está lleno."),
        ("es-MX", "Prende la computadora; el video, el costo y la dirección de tu papá están ahí."),
        ("es-MX", "Seis países más tienen dispositivos móviles y no vale la pena recoger el coche."),
        ("es-AR", "Tenés la heladera en oferta; podés pagarla en seis cuotas con tu celular."),
        ("es-CO", "Coja el tiquete y prenda el computador; el costo sale en pantalla."),
        ("es-CL", "Pide una palta y un jugo al garzón; el costo sale en la boleta."),
        ("en-US", "Choose your favorite color; four hours of exercise advise the wise."),
        ("en-GB", "Choose your favourite colour; the program and the meter organize themselves."),
    ],
)
def test_words_of_the_wanted_variety_and_its_homonyms_are_no_hit(variety: str, text: str) -> None:
    assert result(check("language", variety=variety), text).value == 1.0


def test_what_the_user_called_it_may_be_repeated() -> None:
    about = subject("Su ordenador llega mañana por la tarde.", asked="¿Cuándo llega mi ordenador?")
    assert result(check("language", variety="es-MX"), about).value == 0.0
    assert result(check("language", variety="es-MX", ignore_echo=True), about).value == 1.0


def test_a_variety_wants_its_language_and_says_nothing_of_texts_in_another_wanted_one() -> None:
    assert result(check("language", variety="pt-BR"), ES).value == 0.0
    both = check("language", languages=["pt", "es"], variety="pt-BR")
    assert result(both, f"{SENTENCES['es']} Es un registo del contacto.").value == 1.0


def test_a_foreign_sentence_and_a_word_of_another_variety_are_both_shown() -> None:
    text = f"{SENTENCES['en']} O autocarro chega amanhã cedo, e você pode devolver o pedido em até trinta dias."
    mark = result(check("language", variety="pt-BR"), text)
    assert shown(mark, text) == [SENTENCES["en"], "autocarro"]
    assert mark.explanation.endswith("is in en; wanted is pt; not pt-br: says 'autocarro'")


def test_a_long_text_is_told_to_its_end() -> None:
    text = f"{SENTENCES['es']} " * 600 + f"{SENTENCES['en']} " * 600
    mark = result(check("language", languages=["es"]), text)
    assert mark.value == 0.0
    assert re.match(r"(4[5-9]|50)% of the text is in en", mark.explanation)


def test_a_variety_can_be_pinned_and_be_a_pack_of_ones_own() -> None:
    version = shipped_pack("variety.es-mx").version
    pinned = check("language", variety=f"es-MX@{version}")
    assert pinned.digest == check("language", variety="es-MX").digest
    own = {"name": "ours", "version": "1", "language": "es", "terms": [{"term": "gratis", "instead": "sin coste"}]}
    assert (
        result(check("language", variety=own), "El envío es gratis para todos los pedidos.").fix == "gratis → sin coste"
    )


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "give languages"),
        ({"languages": ["pt-BR"]}, r"write languages: \[pt\] and variety: pt-BR"),
        ({"languages": ["spanish"]}, "write the two letters"),
        ({"variety": "es-PE"}, "no variety 'es-PE'"),
        ({"variety": "es-MX@2020.1"}, "is pinned to version 2020.1"),
        ({"variety": "pt-BR", "languages": ["es"]}, "variety is one of pt"),
        ({"variety": {"name": "ours", "version": "1", "terms": ["x"]}}, "names no language"),
        ({"same_as": "input", "side": "input"}, "same_as: input compares"),
        ({"languages": ["es"], "tolerated": 1}, "less than 1"),
    ],
)
def test_what_makes_no_sense_is_refused(parameters: dict[str, Any], reason: str) -> None:
    with pytest.raises((ValidationError, SuiteInvalid), match=reason):
        check("language", **parameters)
