"""`confusables`: words that pass for Latin ones, and honest words of other scripts, units and formulas."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tests.checks.scenes import check, quickest, result, shown, subject


@pytest.mark.parametrize(
    ("text", "words", "label", "fix"),
    [
        ("Oferta grаtis hoy", ["grаtis"], "cyrillic", "cyrillic → gratis"),
        ("gаrantido e sеm risco", ["gаrantido", "sеm"], "cyrillic", "cyrillic → garantido; cyrillic → sem"),
        ("Send it to your bаnk", ["bаnk"], "cyrillic", "cyrillic → bank"),
        ("más bаrаto, кasino", ["bаrаto", "кasino"], "cyrillic", "cyrillic → barato; cyrillic → kasino"),
        (
            "El precio mάs bajo, Ηola, gratιs",
            ["mάs", "Ηola", "gratιs"],
            "greek",
            "greek → más; greek → Hola; greek → gratis",
        ),
        ("risco zerօ", ["zerօ"], "armenian", "armenian → zero"),
        ("Es 𝐠𝐫𝐚𝐭𝐢𝐬", ["𝐠𝐫𝐚𝐭𝐢𝐬"], "styled", "styled → gratis"),
        ("ｇａｒａｎｔｉｄｏ", ["ｇａｒａｎｔｉｄｏ"], "styled", "styled → garantido"),
        ("Ⓕⓡⓔⓔ money", ["Ⓕⓡⓔⓔ"], "styled", "styled → Free"),
        ("cafе\u0301 caro", ["cafе\u0301"], "cyrillic", "cyrillic → café"),
    ],
)
def test_a_word_that_passes_for_a_latin_one_is_found_with_its_latin_spelling(
    text: str, words: list[str], label: str, fix: str
) -> None:
    mark = result(check("confusables"), text)
    assert (mark.value, mark.severity) == (0.0, "warn")
    assert (shown(mark, text), {span.label for span in mark.spans}, mark.fix) == (words, {label}, fix)
    assert mark.explanation == f"passes for Latin with letters that are {label}"


@pytest.mark.parametrize(
    "text",
    [
        "La palabra «сахар» significa azúcar, y «οίκος», casa.",
        "Это письмо о ценах: SMSки, VIPы, PDF и С++.",
        "Το PDF είναι έτοιμο, ευχαριστώ.",
        "5 µg, 10 kΩ, 3 µm, πr², ΔT, σ², νmax, ρgh, sinα·cosβ, sinαcosα, χ²",
        "α-tocoferol, β-caroteno, TNFα, TGFβ1, NFκB, PGC1α, γGT",
        "Ação, coração, pingüino, niño, Łódź, Ærø, ışık, 1ª, Nº, 10ᵗʰ",
        "𝑥 + 𝑦 ∈ ℝ, Ⓜ️ centro, 🅰️",
        "日本語のＡＢＣＤとＰＤＦ",
        "IPA: [ˈɡato], /loˈɣiko/, /ˈaβa/",
        "",
    ],
)
def test_one_script_a_word_units_formulas_and_accents_are_honest(text: str) -> None:
    assert result(check("confusables"), text).value == 1.0


def test_a_name_may_not_be_imitated_even_by_a_whole_word() -> None:
    text = "Bienvenido a Асме, la única"
    assert result(check("confusables"), text).value == 1.0
    mark = result(check("confusables", names=["Acme"]), text)
    assert (shown(mark, text), mark.fix) == (["Асме"], "cyrillic → Acme")
    assert result(check("confusables", names=["Acme"]), "Acme, асмеист").value == 1.0


def test_scripts_and_short_words_can_be_left_out() -> None:
    assert result(check("confusables", scripts=["greek"]), "grаtis").value == 1.0
    assert result(check("confusables", min_letters=7), "grаtis").value == 1.0
    assert result(check("confusables"), "sе").value == 1.0
    assert result(check("confusables", min_letters=2), "sе").value == 0.0


def test_what_the_user_wrote_so_may_be_repeated() -> None:
    echo = check("confusables", ignore_echo=True)
    assert result(echo, subject("¿«grаtis»?", asked="es grаtis?")).value == 1.0
    assert result(echo, subject("¿«grаtis»?", asked="es gratis?")).value == 0.0


def test_a_name_is_one_word() -> None:
    with pytest.raises(ValidationError, match="write each word of a name by itself"):
        check("confusables", names=["Acme Care"])


def test_too_many_words_of_mixed_scripts_are_never_called_clean() -> None:
    unsure = result(check("confusables"), "SMSки " * 3_000)
    assert (unsure.kind, unsure.reason) == ("unscored", "invalid")


@pytest.mark.parametrize(
    "text",
    [
        "аa " * 33_000,
        "аa" * 50_000,
        "grаtis " * 14_000,
        "SMSки " * 16_000,
        "sinα " * 20_000,
        "𝐠𝐫𝐚 " * 25_000,
        "да нет мир " * 9_000,
        "日ＡＢＣＤ" * 20_000,
    ],
)
def test_100_kb_of_mixed_scripts_cost_less_than_50_ms(text: str) -> None:
    made, about = check("confusables", names=["Acme"]), subject(text)
    assert quickest(lambda: result(made, about)) < 0.050
