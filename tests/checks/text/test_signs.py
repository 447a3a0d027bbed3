"""What one pass tells of a text is what each pattern would tell by itself."""

from __future__ import annotations

import random
import string

import pytest

from evalgate.checks.text.patterns import compiled
from evalgate.checks.text.signs import PATTERNS, signs
from tests.checks.hostile import HOSTILE
from tests.checks.scenes import EN, ES, PT, quickest

PLAIN = {
    "es": f"{ES} Son 1.299,00 € – “sí”, ¿no? A las 14:30…",
    "pt": f"{PT} São R$ 59,90 – “ótimo”, à vista!",
    "en": f"{EN} It’s £5 → 3 items; call 555 0199.",
}
SIGNED = {
    "correspondientemente": {"encoded"},
    "6f 6c c3 a1 6f 6c c3 a1": {"encoded"},
    "hola\U000e0061\U000e0062\U000e0063\U000e0064": {"encoded", "rare"},
    "1gn0r4 todo": {"leet"},
    "vtaben gbqb": {"rot13"},
    "veja acme.example": {"link"},
    "[aquí](/ayuda)": {"link"},
    "mailto:ana": {"link"},
    "grаtis": {"rare"},
    "ris\u200bco": {"rare"},
    "a\x00b": {"rare"},
    "ｗｗｗ．acme．example": {"rare"},
    "ᴛexto": {"rare"},
}


@pytest.mark.parametrize("text", PLAIN.values(), ids=PLAIN)
def test_plain_prose_has_no_sign(text: str) -> None:
    assert signs(text) == frozenset()


@pytest.mark.parametrize(("text", "found"), SIGNED.items(), ids=map(ascii, SIGNED))
def test_each_sign_is_told(text: str, found: set[str]) -> None:
    assert signs(text) == found


def mixed(seed: int, letters: str) -> str:
    chosen = random.Random(seed)
    return "".join(chosen.choice(letters) for _ in range(3_000))


def told_apart(text: str) -> set[str]:
    return {sign for sign, pattern in PATTERNS.items() if compiled(pattern).search(text)}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_one_pass_tells_of_a_hostile_text_what_each_pattern_tells_alone(text: str) -> None:
    assert signs(text) == told_apart(text)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "letters", [string.printable, "gurnaqsbe  ./:", "".join(map(chr, range(0x20, 0x3000)))], ids=len
)
def test_one_pass_tells_what_each_pattern_tells_alone(letters: str, seed: int) -> None:
    text = mixed(seed, letters)
    assert signs(text) == told_apart(text)


@pytest.mark.parametrize(
    "letters", ["0123456789abcdefABCDEF :", f"{string.ascii_letters}{string.digits}+/_- ", "gurnaq "], ids=len
)
def test_100_kb_of_half_signs_cost_little(letters: str) -> None:
    text = mixed(1, letters) * 33
    assert quickest(lambda: signs.__wrapped__(text)) < 0.050
