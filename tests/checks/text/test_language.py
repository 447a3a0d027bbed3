"""The language of a text: short ones, mixed ones, neighbours, and how quickly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.checks.text.language import MODEL_LANGUAGES, identify, language_of, tally
from tests.checks.scenes import EN, ES, PT, quickest

DEMO = Path(__file__).resolve().parents[3] / "evalgate" / "demo" / "data" / "outputs_baseline.jsonl"


def demo_texts(language: str) -> list[str]:
    rows = [json.loads(line) for line in DEMO.read_text(encoding="utf-8").splitlines()]
    return [text for row in rows if row["lang"][:2] == language for text in (row["prompt"], row["response"])]


def beginnings(texts: list[str], size: int) -> list[str]:
    """Return the first words of each text that is long enough, up to a size."""
    return [text[:size].rsplit(" ", 1)[0] for text in texts if len(text) > size and " " in text[:size]]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hola, buenas", "es"),
        ("¿Y el envío?", "es"),
        ("Gracias por todo", "es"),
        ("quiero cancelar mi pedido", "es"),
        ("No me llega el codigo", "es"),
        ("Oi, tudo bem?", "pt"),
        ("Cadê meu pedido?", "pt"),
        ("Obrigada!", "pt"),
        ("nao recebi o codigo ate agora", "pt"),
        ("A minha encomenda não chegou", "pt"),
        ("Hi there", "en"),
        ("Where's my order?", "en"),
        ("Thanks a lot!", "en"),
        ("I can't log in", "en"),
        (ES, "es"),
        (PT, "pt"),
        (EN, "en"),
    ],
)
def test_a_few_words_are_enough(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "OK",
        "12 €",
        "4111 1111 1111 1111",
        "Acme Buds 2 Pro",
        "Bonjour, je ne trouve pas le code de la commande.",
        "Buongiorno, il pacco non è ancora arrivato e vorrei sapere perché.",
        "Guten Tag, ich habe die Rechnung nicht bekommen.",
        "你好，我的订单在哪里？",
        "Где мой заказ?",
    ],
)
def test_what_is_in_none_of_the_three_languages_has_none(text: str) -> None:
    assert language_of(text) is None


@pytest.mark.parametrize(("size", "right"), [(15, 0.8), (40, 0.97), (100, 1.0)])
@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_the_first_letters_of_questions_and_answers_tell_their_language(language: str, size: int, right: float) -> None:
    told = [language_of(text) for text in beginnings(demo_texts(language), size)]
    assert len(told) >= 40
    assert told.count(language) / len(told) >= right
    assert sum(one not in {language, None} for one in told) / len(told) <= 0.01


@given(st.text())
def test_no_text_has_another_answer(text: str) -> None:
    assert language_of(text) in {"en", "es", "pt", None}


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_600_characters_are_told_in_a_few_microseconds(language: str) -> None:
    text = " ".join(demo_texts(language))[:600]
    assert quickest(lambda: [language_of(text) for _ in range(1_000)]) < 0.030


def test_common_words_are_counted_for_a_language_and_against_it() -> None:
    assert tally("el pedido sale hoy and that is all", "es") == (3, 4)


@pytest.mark.parametrize(
    ("text", "wanted", "language"),
    [
        ("Le colis est arrivé hier mais il manque un article", [], "fr"),
        ("Lo sentimos, no tenemos existencias de este artículo", [], "es"),
        ("Grazas por escribirnos, o seu pedido xa saíu onte", ["gl"], "gl"),
        ("ご注文はまだ届いていません", [], "ja"),
    ],
)
def test_the_model_tells_more_languages_and_every_one_that_is_wanted(
    text: str, wanted: list[str], language: str
) -> None:
    told, likely = identify(text, wanted)
    assert told == language
    assert 0.5 < likely <= 1


def test_the_model_knows_every_language_that_may_be_wanted() -> None:
    assert identify("Hello, how are you?", MODEL_LANGUAGES)[0] in MODEL_LANGUAGES
