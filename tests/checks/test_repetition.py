"""`repetition`: loops, sentences said again, shares; and lists, tables, poems and clauses, which are none."""

from __future__ import annotations

import random
import string

import pytest

from evalgate.checks.text.repeats import copied, loops, words_of
from evalgate.core.outcomes import Unscored
from tests.checks.scenes import EN, ES, PT, check, quickest, result, shown, subject

LOOPS = {
    "es": "Puede devolverlo en treinta días. ",
    "pt": "Você pode devolver em trinta dias. ",
    "en": "You can return it within thirty days. ",
}
DAYS = ["lunes", "martes", "jueves", "viernes", "sábado"]
NOT_DEGENERATE = {
    "answer es": ES,
    "answer pt": PT,
    "answer en": EN,
    "laughter": "jajaja ja ja ja ja ja ja, muy bueno",
    "emphasis": "No, no, no, no: muy, muy, muy lejos.",
    "list": "\n".join(f"- {day}: abierto de 10:00 a 18:00" for day in DAYS),
    "yes and no": "\n".join(f"| {day} | sí | sí | no |" for day in DAYS),
    "table": "\n".join(f"| Plano {name} | {number} GB | R$ {number},90 |" for number, name in enumerate("ABCDEF", 10)),
    "separator": "Total\n" + "-" * 60 + "\n" + "=" * 60 + "\n" + "._" * 40,
    "poem": (
        "Vuelve la lluvia, amor, vuelve la lluvia,\ny el patio huele a tierra recién nacida.\n\n"
        "Vuelve la lluvia, amor, vuelve la lluvia,\ny nadie barre ya la hoja caída.\n\n"
        "Vuelve la lluvia, amor, vuelve la lluvia:\nquédate a oírla, que se va enseguida."
    ),
    "chorus": "\n".join(
        f"{verse}\nVem, vem comigo ver o mar bem devagar,\nVem, que a noite é nossa.\n"
        for verse in (
            "A lua subiu sem pressa nenhuma sobre o telhado da minha avó.",
            "O barco dormia na areia molhada enquanto o vento contava histórias.",
            "Quem parte leva saudade no bolso e deixa um pedaço de pão.",
        )
    ),
    "clauses": " ".join(
        f"{letter}) El usuario podrá ejercer el derecho de {right} ante el responsable del tratamiento."
        for letter, right in zip("abcd", ("acceso", "rectificación", "supresión", "oposición"), strict=True)
    ),
    "steps": "1. Open the app. 2. Open the menu. 3. Open the order. 4. Tap return. 5. Open the app again.",
    "questions": "¿Qué es? Es un plan. ¿Qué cubre? Cubre averías. ¿Qué cuesta? Cuesta 5 €. ¿Qué más? Nada más.",
    "code": "for (i = 0; i < n; i++) { a[i] = 0; }\nfor (j = 0; j < n; j++) { b[j] = 0; }",
}


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_a_sentence_in_a_loop_is_found_and_its_copies_are_shown(language: str) -> None:
    sentence = LOOPS[language]
    text = f"{sentence * 5}Fin."
    mark = result(check("repetition"), text)
    words = len(sentence.split())
    assert mark.explanation == f"a stretch of {words} words stands 5 times in a row, at most 2 may"
    assert [one.strip(". ") for one in shown(mark, text)] == [(sentence * 4).strip(". ")]
    assert (mark.severity, mark.fix) == ("warn", "repeated → ∅")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Claro. " + "sim " * 15, "a word stands 15 times in a row"),
        ("Lo siento, " + "un momento, " * 8, "a stretch of 2 words stands 8 times in a row"),
        ("Aa" * 400, "a word stands"),
        ("Ok 🎉" + "🎉" * 50, "a word stands 51 times in a row"),
        ("谢谢你的来信。" * 6, "a stretch of 6 words stands 6 times in a row"),
        ("Step one is done.\n\nStep two is done now.\n\n" * 4, "a stretch of 9 words stands 4 times in a row"),
    ],
)
def test_a_loop_may_be_a_word_a_letter_a_picture_or_a_paragraph(text: str, why: str) -> None:
    mark = result(check("repetition"), text)
    assert mark.value == 0.0
    assert mark.explanation.startswith(why)


@pytest.mark.parametrize("text", NOT_DEGENERATE.values(), ids=NOT_DEGENERATE)
def test_lists_tables_poems_and_clauses_are_no_loops(text: str) -> None:
    assert result(check("repetition"), text).value == 1.0


def test_two_copies_are_a_loop_where_one_is_allowed() -> None:
    text = "Su pedido llega mañana por la tarde a casa. " * 2
    assert result(check("repetition"), text).value == 1.0
    assert result(check("repetition", max_in_a_row=1), text).value == 0.0


def test_a_sentence_that_returns_too_often_is_found_whatever_stands_between() -> None:
    fillers = ["Hola.", "El plazo es corto.", "Hay tres tiendas.", "Abrimos el lunes.", "Traiga la caja."]
    text = " ".join(f"{filler} Por favor, contacte con atención al cliente." for filler in fillers)
    mark = result(check("repetition"), text)
    assert mark.explanation == "a sentence stands 5 times, at most 3 may"
    assert shown(mark, text) == ["Por favor, contacte con atención al cliente."] * 4
    assert result(check("repetition", max_same_sentence=5), text).value == 1.0


@pytest.mark.parametrize("name", LOOPS)
def test_a_sentence_of_five_words_counts_where_punctuation_and_bullets_touch_it(name: str) -> None:
    sentence = f"«{' '.join(LOOPS[name].split()[:5])}»."
    asides = ("Uno.", "Dois.", "Three.", "Cuatro.", "Cinco.")
    text = "\n".join(f"- {sentence} {aside}" for aside in asides)
    mark = result(check("repetition", max_share=0.9, max_in_a_row=5), text)
    assert mark.explanation == "a sentence stands 5 times, at most 3 may"


def test_a_text_that_is_mostly_copies_is_found_by_its_share() -> None:
    half = "O prazo de troca é de trinta dias corridos a partir da entrega do produto em sua casa pela loja"
    text = f"{half}; repito; {half}, entendeu? {half.replace('troca', 'devolução')}."
    mark = result(check("repetition", max_in_a_row=9, max_same_sentence=9), text)
    assert mark.explanation.endswith("of the words stand in stretches said before, at most 50% may")
    assert result(check("repetition", max_share=0.8), text).value == 1.0
    assert result(check("repetition", max_share=0.5, stretch=40), text).value == 1.0


def test_each_passage_is_read_alone() -> None:
    passages = ("Uno.", LOOPS["es"] * 6)
    mark = result(check("repetition", side="context"), subject("", context=passages))
    assert [span.message for span in mark.spans] == [1]
    assert result(check("repetition", side="context"), subject("", context=(LOOPS["es"],) * 6)).value == 1.0


def test_more_words_than_are_compared_are_unscored_without_a_loop() -> None:
    dice = random.Random(3)
    text = " ".join("".join(dice.choices(string.ascii_lowercase, k=1)) for _ in range(40_000))
    assert isinstance(result(check("repetition"), text), Unscored)
    assert quickest(lambda: result(check("repetition"), text)) < 0.050


def test_a_loop_is_told_with_its_period_and_copies() -> None:
    words = words_of("x y z a b a b a b a b a b a b w")
    assert [(loop.first, loop.last, loop.period, loop.copies) for loop in loops(words, 3, 12)] == [(3, 15, 2, 6)]
    assert loops(words, 3, 13) == []
    assert loops(words, 7, 12) == []


def test_copies_are_told_by_their_words() -> None:
    words = words_of("a b c d e; x, a b c d e. y")
    assert copied(words, 4) == [(6, 11)]
    assert copied(words, 6) == []
