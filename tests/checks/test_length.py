"""`length`: bounds in characters, words and sentences."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from evalgate.checks.length import count_sentences, count_words
from evalgate.core.outcomes import NotApplicable
from tests.checks.scenes import EN, ES, PT, check, result, shown, subject


@pytest.mark.parametrize(
    ("text", "words", "sentences"),
    [
        (ES, 16, 2),
        (PT, 17, 2),
        (EN, 17, 2),
        ("", 0, 0),
        ("Custa R$ 1.299,00 hoje.", 4, 1),
        ("“¿Sí?” “¡No!” Vale", 3, 3),
        ("Uno…dos", 1, 1),
        ("- um\n\n- dois\n \n- três", 6, 3),
        ("...!!! ???", 2, 0),
        ("Visite acme.example agora", 3, 1),
        ("El Sr. Gil pagó aprox. 30 €. ¿Y Ud.?", 9, 2),
        ("A Sra. Lima mora na Av. Paulista, n. 3. Certo.", 10, 2),
        ("Mr. Gil paid $3.50, e.g. by card. OK.", 8, 2),
        ("Pasos:\n1. Abra\n2. Confirme", 5, 3),
    ],
)
def test_words_and_sentences_are_counted_in_three_languages(text: str, words: int, sentences: int) -> None:
    assert (count_words(text), count_sentences(text)) == (words, sentences)


def test_the_bounds_themselves_are_allowed() -> None:
    assert result(check("length", min_words=3, max_words=3), "um dois três").value == 1.0
    assert result(check("length", min_characters=4, max_characters=4), "ação").value == 1.0
    assert result(check("length", min_sentences=2, max_sentences=2), "Sim. Não.").value == 1.0


@pytest.mark.parametrize(
    ("bounds", "text", "says", "excess"),
    [
        ({"max_words": 2}, "um dois três quatro", "has 4 words, at most 2 are allowed", ["três quatro"]),
        ({"max_characters": 4}, "ação!", "has 5 characters, at most 4 are allowed", ["!"]),
        ({"max_sentences": 1}, "Sim. Não.", "has 2 sentences, at most 1 are allowed", [" Não."]),
        ({"max_sentences": 0}, "Sim.", "has 1 sentence, at most 0 are allowed", ["Sim."]),
        ({"min_words": 3}, "dos palabras", "has 2 words, at least 3 are asked for", []),
        ({"min_characters": 1}, "", "has 0 characters, at least 1 are asked for", []),
    ],
)
def test_what_is_too_much_is_shown(bounds: dict[str, int], text: str, says: str, excess: list[str]) -> None:
    mark = result(check("length", **bounds), text)
    assert (mark.value, mark.explanation, mark.severity) == (0.0, says, "warn")
    assert shown(mark, text) == excess


@pytest.mark.parametrize(
    ("bounds", "text", "fix"),
    [
        ({"max_words": 2}, "um dois três quatro", "cut 2 words"),
        ({"max_sentences": 1}, "Sí. No.", "cut 1 sentence"),
        ({"min_words": 3}, "two words", "add 1 word"),
        ({"min_characters": 4}, "", "add 4 characters"),
    ],
)
def test_the_fix_says_how_much_to_cut_or_add(bounds: dict[str, int], text: str, fix: str) -> None:
    assert result(check("length", **bounds), text).fix == fix


def test_every_text_of_another_side_has_its_own_length() -> None:
    about = subject("", context=("un pasaje", "otro pasaje que es largo"))
    mark = result(check("length", max_words=3, side="context", severity="info"), about)
    assert [span.message for span in mark.spans] == [1]
    assert (shown(mark, about), mark.severity) == (["es largo"], "info")
    assert result(check("length", max_words=5, side="context"), about).value == 1.0
    assert result(check("length", max_words=5, side="context"), "sin pasajes") == NotApplicable(
        why="the case has no context"
    )


def test_an_answer_without_tool_calls_has_none_that_is_too_long() -> None:
    assert result(check("length", min_characters=9, side="tool_args"), "Olá").value == 1.0
    assert result(check("length", min_characters=9, side="tool_args"), subject("", calls=("{}",))).value == 0.0


def test_characters_are_code_points() -> None:
    assert result(check("length", max_characters=1), "ñ").value == 1.0
    assert result(check("length", max_characters=1), "👍🏽").value == 0.0


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        ({}, "give a bound"),
        ({"min_words": 5, "max_words": 4}, "min_words 5 is above max_words 4"),
        ({"max_words": -1}, "greater than or equal to 0"),
        ({"max_tokens": 5}, "Extra inputs"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(bounds: dict[str, int], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check("length", **bounds)
