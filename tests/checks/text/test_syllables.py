"""Syllables against words counted by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.checks.text.syllables import COUNTERS, syllables
from tests.checks.scenes import quickest

SPANISH = {
    1: "y que muy hoy ley bien guion buey ti sí un",
    2: "día días país oír guía agua mayo peine leer ahí búho viuda ruido baúl caos ciudad aunque huésped cliente",
    3: "países había estudiáis ayuda cacao cuidado siguiente pedido ahora héroe cigüeña pingüino poeta envíe",
    4: "aéreo continúe lingüística averigüéis vehículo devolución garantía teléfono reembolso gramática",
    5: "zoológico cooperación electricidad",
    6: "extraordinario responsabilidad",
}
PORTUGUESE = {
    1: "não são mãe põe que ao aos viu mais seis eu meu oi um",
    2: "dia país água área vídeo série voo boa leões maio joia meia ruim muito juiz raiz cair quinze quando língua",
    3: "saúde viagem cliente criança aguardar atual história aéreo família pessoa avião região conexões ainda rainha",
    4: "garantia confiança qualidade situação usuário período opinião endereço devolução necessário",
    5: "contribuinte eletricidade6 dificuldade",
}
ENGLISH = {
    1: "the price file times changed you hour thanks please queue free clothes can't used don't",
    2: "table boxes prices wanted statement client quiet science being trying player isn't people every something",
    3: "completely radio medium video idea warranty customer refunded possible previous serious guarantee tourism",
    4: "material society variety delivery information reality available experience immediately5",
}


def counted(words: dict[int, str]) -> list[tuple[str, int]]:
    """Return words with their syllables; a figure at a word's end corrects its row."""
    pairs = [(word, number) for number, row in words.items() for word in row.split()]
    return [(word.rstrip("0123456789"), int(word[-1]) if word[-1].isdigit() else number) for word, number in pairs]


@pytest.mark.parametrize(("language", "words"), [("es", SPANISH), ("pt", PORTUGUESE), ("en", ENGLISH)])
def test_syllables_are_those_counted_by_hand(language: str, words: dict[int, str]) -> None:
    expected = counted(words)
    assert [(word, syllables(word, language)) for word, _ in expected] == expected


@pytest.mark.parametrize(
    ("language", "sentence", "number"),
    [
        ("es", "La devolución se pide en la aplicación y el dinero vuelve en diez días.", 25),
        ("es", "Si el aparato llegó roto, guarde la caja y llame al teléfono de ayuda.", 27),
        ("pt", "A devolução é feita pelo aplicativo e o dinheiro volta em dez dias.", 26),
        ("pt", "Se o aparelho chegou quebrado, guarde a caixa e ligue para a central.", 24),
        ("en", "You can ask for the return in the app and the money comes back in ten days.", 19),
        ("en", "If the device arrived broken, keep the box and call the help desk.", 16),
    ],
)
def test_a_sentence_has_the_syllables_of_its_words(language: str, sentence: str, number: int) -> None:
    assert sum(map(COUNTERS[language], sentence.split())) == number


@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_what_has_no_letter_has_no_syllable_and_what_has_one_has_one(language: str) -> None:
    assert [COUNTERS[language](word) for word in ("1.299,00", "—", "DNI,", "pst", "24h")] == [0, 0, 1, 1, 1]


@given(st.text(max_size=60), st.sampled_from(["es", "pt", "en"]))
def test_no_word_has_less_than_none_or_more_than_its_letters(word: str, language: str) -> None:
    assert 0 <= COUNTERS[language](word) <= max(1, len(word) + 1)


@pytest.mark.parametrize("piece", ["á", "i", "e", "iu", "qu", "ão", "es", "y", "ing"])
@pytest.mark.parametrize("language", ["es", "pt", "en"])
def test_an_endless_word_costs_nothing(language: str, piece: str) -> None:
    words = [piece * 20_000 + str(number) for number in range(10)]
    assert quickest(lambda: [COUNTERS[language](word) for word in words]) < 0.020
