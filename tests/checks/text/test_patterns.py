"""RE2 with Unicode meanings: what people write must match what they mean, and never take long."""

from __future__ import annotations

import itertools
import pickle
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.checks.text.patterns import MAX_PATTERN, Pattern
from evalgate.checks.text.words import in_word, is_whole, words
from tests.checks.scenes import quickest


def found(pattern: str, text: str, *flags: str) -> list[str]:
    return [text[start:end] for start, end in Pattern(pattern, flags).spans(text)]


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        (r"\bálcool\b", "álcool, não-álcool e alcoólico", ["álcool", "álcool"]),
        (r"\bo\b", "año, o niño", ["o"]),
        (r"\bção\b", "a promoção", []),
        (r"\bse[nñ]or\b", "Buenos días, señor García", ["señor"]),
        (r"é\b.", "café!", ["é!"]),
        (r"\Bñ\B", "año ñ", ["ñ"]),
        (r"\w+", "três años, naïve", ["três", "años", "naïve"]),
        (r"\w+", "cafe\u0301 solo", ["cafe\u0301", "solo"]),
        (r"\W+", "três años", [" "]),
        (r"[\w.-]+@", "joão-é.silva@", ["joão-é.silva@"]),
        (r"[^\W\d_]+", "ação_2", ["ação"]),
        (r"[^\S\n]+", "a \u00a0\nb", [" \u00a0"]),
        (r"[\s\S]{3}", "é\nñ", ["é\nñ"]),
        (r"\d+", "٣٤ e 12", ["٣٤", "12"]),
        (r"a\sb", "a\u00a0b", ["a\u00a0b"]),
        (r"[[:alpha:]]+", "ñandú 1", ["ñandú"]),
        (r"[[:^alpha:]]+", "ñ12ñ", ["12"]),
        (r"\u00e1\x{e9}\xed", "áéí", ["áéí"]),
        (r"fim\Z", "no fim", ["fim"]),
        (r"\Q1.5 (a+b)\E", "1.5 (a+b)", ["1.5 (a+b)"]),
        (r"[a-z-9]+", "a-9", ["a-9"]),
        (r"(?i)ÁGUA", "água", ["água"]),
        (r"caf\b|café", "café", ["café"]),
        (r"^\bé", "é", ["é"]),
        (r"\b^é", "é", ["é"]),
        (r"á$\b", "á", ["á"]),
        (r"\h+x", "\u2003\tx", ["\u2003\tx"]),
        (r"\p{Lu}\P{Lu}", "Ñu", ["Ñu"]),
        (r"{}", "{}", ["{}"]),
    ],
)
def test_a_pattern_means_what_it_means_in_unicode(pattern: str, text: str, wanted: list[str]) -> None:
    assert found(pattern, text) == wanted


def test_flags_reach_every_line_and_letter_beyond_ascii() -> None:
    assert found(r"^\bñ\w*\b$", "año\nñandú\nñ ñ", "m") == ["ñandú"]
    assert found(r"^ÑANDÚ\b", "ñandú", "i") == ["ñandú"]
    assert found(r"á\b.\bé", "á\né", "s") == ["á\né"]
    assert found(r"(?m)^é", "é\né") == ["é", "é"]


def test_spans_are_code_points_after_emoji_and_accents() -> None:
    text = "👩🏽‍💻 ñ olá"
    assert [text[start:end] for start, end in Pattern(r"\bolá\b").spans(text)] == ["olá"]
    assert [text[start:end] for start, end in Pattern(r"olá").spans(text)] == ["olá"]


def test_noncharacters_in_the_text_do_not_pass_for_markers() -> None:
    assert found(r"\bé", "\ufdd0é") == ["é"]
    assert found(r"o\bé", "o\ufdd0é") == []


ATOMS = ["a", "á", ".", r"\w", r"\W", r"\b", r"\B", "^", "$", r"\d", r"\s", "[^a]", "[aá]", "(?:a|ñ)", "x?", "ñ*", "-"]
LETTERS = "aáñ -\n_9é"


def drawn(seed: int) -> tuple[str, tuple[str, ...], list[str]]:
    """Return a small pattern, its flags and texts to try it on."""
    dice = random.Random(seed)
    parts = ["".join(dice.choices(ATOMS, k=dice.randint(1, 5))) for _ in range(dice.randint(1, 2))]
    flags = dice.choice([(), ("m",), ("s",), ("i", "m")])
    return "|".join(parts), flags, ["".join(dice.choices(LETTERS, k=dice.randint(1, 9))) for _ in range(4)]


def first_by_stdlib(pattern: str, flags: tuple[str, ...], text: str) -> tuple[int, int] | None:
    """Return the first match by the stdlib, whose `$` stands before a last newline too: `\\Z` does not."""
    strict = pattern if "m" in flags else pattern.replace("$", r"\Z")
    match = re.compile(strict, sum(getattr(re, flag.upper()) for flag in flags)).search(text)
    return match.span() if match else None


def test_boundaries_are_exact_on_1500_random_patterns_against_the_stdlib() -> None:
    for seed in range(1500):
        pattern, flags, texts = drawn(seed)
        compiled = Pattern(pattern, flags)
        for text in texts:
            ours = next(iter(compiled.spans(text)), None)
            assert ours == first_by_stdlib(pattern, flags, text), (pattern, flags, text)


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(?=a)b", "look-around"),
        ("(?<!não )garantido", "two checks"),
        (r"(a)\1", "back-reference"),
        ("(?P=x)", "back-reference"),
        ("a++", r"possessive; RE2 never backtracks, so write \+"),
        ("(?>a)", "atomic group"),
        ("(?x)a", r"flags: \[i, m, s\]"),
        ("a(?s:.)", r"flags: \[i, m, s\]"),
        (r"[^\S.]", "name what is meant"),
        ("[abc", "never closed"),
        ("(abc", r"missing \)"),
        ("*a", "no argument for repetition"),
        (r"a\K", "what comes before"),
        ("a\\", "lone backslash"),
        ("[[:letter:]]", "known are alnum"),
        ("a{1001}", "1,000 times at most"),
        (r"\p{Foo}", "invalid character class range"),
        (r"\b[\x{80}-\x{10ffff}]", "reserved"),
        ("a" * (MAX_PATTERN + 1), "over the 2,000 allowed"),
        (r"\pL{1000}" * 20, "too large"),
    ],
)
def test_what_re2_cannot_do_is_refused_in_one_line_with_what_to_do(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as raised:
        Pattern(pattern)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"(a+)+$", "a" * 100_000 + "!"),
        (r"^(\w+\s?)*$", "palavra " * 12_500 + "!"),
        (r"(x+x+)+y", "x" * 100_000),
        (r"\bá\b", "á é " * 25_000),
        (r"\b\w+á\b$", "á é " * 25_000),
        (r"\Bé\B", "éé " * 33_333),
    ],
)
def test_patterns_that_hang_elsewhere_take_less_than_50_ms(pattern: str, text: str) -> None:
    compiled = Pattern(pattern)
    compiled.spans("á warm-up")
    assert quickest(lambda: compiled.spans(text)) < 0.050


def test_the_number_of_matches_is_capped() -> None:
    assert len(Pattern("a").spans("a" * 50, limit=7)) == 7
    assert len(Pattern(r"\b").spans("á " * 50, limit=7)) == 7


def test_a_pattern_can_be_sent_to_another_process() -> None:
    sent = pickle.loads(pickle.dumps(Pattern(r"\bé", ["i"])))  # noqa: S301 - our own bytes
    assert sent.spans("É") == [(0, 1)]


@given(st.text(max_size=60))
def test_words_and_single_characters_agree_on_what_a_word_is(text: str) -> None:
    by_character = {at for at, char in enumerate(text) if in_word(char) and ord(char) < 0x10000}
    by_word = set(itertools.chain.from_iterable(range(*match.span()) for match in words().finditer(text)))
    assert {at for at in by_word if ord(text[at]) < 0x10000} == by_character


def test_a_whole_word_ends_where_words_do() -> None:
    assert is_whole("C++ e C", 0, 3)
    assert not is_whole("cafe\u0301", 0, 4)
    assert is_whole("o café.", 2, 6)
