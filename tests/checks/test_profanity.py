"""`profanity`: insults by language and country, plain and veiled, and what only looks like them."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.checks.scenes import check, result, shown


@pytest.mark.parametrize(
    ("text", "word", "severity"),
    [
        ("Vaya mierda de servicio, la verdad.", "mierda", "warn"),
        ("Sois unos idiotas.", "idiotas", "info"),
        ("Que merda de aplicativo é este.", "merda", "warn"),
        ("Bando de imbecis!", "imbecis", "info"),
        ("This is bullshit.", "bullshit", "warn"),
        ("You damn fools.", "damn", "info"),
        ("He called me a retard.", "retard", "block"),
        ("Esto es una m1erda.", "m1erda", "warn"),
        ("p*ta que pariu, não é?", "p*ta", "warn"),
        ("What the f*ck is this?", "f*ck", "warn"),
        ("Son unos p.e.n.d.e.j.o.s todos.", "p.e.n.d.e.j.o.s", "warn"),
    ],
)
def test_a_word_is_found_plain_or_veiled_with_how_bad_it_is(text: str, word: str, severity: str) -> None:
    mark = result(check("profanity"), text)
    assert (mark.value, mark.severity) == (0.0, severity)
    assert word in " ".join(shown(mark, text))
    assert word not in mark.explanation


@pytest.mark.parametrize(
    ("text", "here", "elsewhere"),
    [
        ("¿Quieres coger conmigo?", "mx", "es"),
        ("Andá a la concha tuya.", "ar", "es"),
        ("Sos un boludo, ¿sabés?", "ar", "mx"),
        ("Essa bicha não me atendeu.", "br", "pt"),
        ("Que cona de serviço é este, pá?", "pt", "br"),
    ],
)
def test_what_is_vulgar_in_one_country_is_a_word_in_another(text: str, here: str, elsewhere: str) -> None:
    assert result(check("profanity", countries=[here]), text).value == 0.0
    assert result(check("profanity", countries=[elsewhere]), text).value == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "La analista revisó la disputa sobre el computador y la reputación.",
        "Voy a coger el autobús a la hora pico.",
        "O currículo do candidato foi disputado; a pintura custou caro.",
        "I read Moby Dick in Scunthorpe, in class, with a cocktail.",
        "Order 4-5-5, ref. a.s.s-12",
        "",
    ],
)
def test_words_that_only_look_like_it_are_left_alone(text: str) -> None:
    assert result(check("profanity", countries=["es", "br"]), text).value == 1.0


def test_tiers_and_names_are_the_suites() -> None:
    assert result(check("profanity", at_least="strong"), "Sois unos idiotas.").value == 1.0
    assert result(check("profanity", at_least="slur"), "Vaya mierda.").value == 1.0
    assert result(check("profanity", allow=["Mierda Bonita"]), "El grupo Mierda Bonita toca hoy.").value == 1.0
    assert result(check("profanity", severity="block"), "Sois unos idiotas.").severity == "block"
    with pytest.raises(ValidationError, match="the pack has the labels 'awful'"):
        check("profanity", pack={"name": "x", "version": "1", "terms": [{"term": "chafa", "label": "awful"}]})
