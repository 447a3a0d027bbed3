"""ROUGE-L and chrF against plain counting, and their caps."""

from __future__ import annotations

import random
import string
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.checks.text.overlap import CHRF_AT_MOST, TooLong, chrf, rouge_l
from tests.checks.scenes import quickest


def plain_chrf(ours: str, theirs: str) -> float:
    """Count runs of letters one by one, as the paper says it."""
    ours, theirs = "".join(ours.split()), "".join(theirs.split())
    pairs = []
    for order in range(1, 7):
        mine, reference = (
            Counter(text[at : at + order] for at in range(len(text) - order + 1)) for text in (ours, theirs)
        )
        if mine and reference:
            common = (mine & reference).total()
            pairs.append((common / mine.total(), common / reference.total()))
    if not any(precision for precision, _ in pairs):
        return 0.0
    precision, recall = (sum(values) / len(pairs) for values in zip(*pairs, strict=True))
    return 5 * precision * recall / (4 * precision + recall)


def plain_lcs(ours: list[str], theirs: list[str]) -> int:
    row = [0] * (len(theirs) + 1)
    for word in ours:
        before = row[:]
        for at, other in enumerate(theirs, 1):
            row[at] = before[at - 1] + 1 if word == other else max(before[at], row[at - 1])
    return row[-1]


@given(st.text(alphabet="ab cá👍", max_size=40), st.text(alphabet="ab cá", max_size=40))
def test_chrf_is_what_plain_counting_gives(ours: str, theirs: str) -> None:
    assert chrf(ours, theirs) == pytest.approx(plain_chrf(ours, theirs))


@given(st.lists(st.sampled_from("abc"), max_size=20), st.lists(st.sampled_from("abc"), max_size=20))
def test_rouge_l_is_what_plain_counting_gives(ours: list[str], theirs: list[str]) -> None:
    expected = 2 * plain_lcs(ours, theirs) / max(1, len(ours) + len(theirs))
    assert rouge_l(" ".join(ours), " ".join(theirs)) == pytest.approx(expected)


@pytest.mark.parametrize("measured", [rouge_l, chrf])
@given(text=st.text(alphabet="ab á\ud800👍中", min_size=1, max_size=30))
def test_a_text_overlaps_wholly_with_itself_and_not_with_nothing(measured, text: str) -> None:
    assert measured(f"{text} a", f"{text} a") == pytest.approx(1.0)
    assert measured("", text) == measured(text, "") == measured(" ", " ") == 0.0


def test_punctuation_is_no_word_and_an_ideograph_is_one() -> None:
    assert rouge_l("¡Hola, Ana!", "Hola Ana") == 1.0
    assert rouge_l("你好吗", "你好") == pytest.approx(4 / 5)


def test_texts_that_are_too_long_are_refused_at_once() -> None:
    many = " ".join(random.choices(string.ascii_lowercase, k=40_000))
    with pytest.raises(TooLong, match="40,000 words by 40,000"):
        rouge_l(many, many)
    with pytest.raises(TooLong, match="characters are too many"):
        chrf("a" * (CHRF_AT_MOST + 1), "a")


@pytest.mark.parametrize("alphabet", ["ab", string.ascii_lowercase, "".join(map(chr, range(0x4E00, 0x9F00)))])
def test_the_longest_texts_cost_less_than_50_ms(alphabet: str) -> None:
    dice = random.Random(7)
    ours, theirs = ("".join(dice.choices(alphabet, k=CHRF_AT_MOST)) for _ in "ab")
    assert quickest(lambda: chrf(ours, theirs)) < 0.050
    ours, theirs = (" ".join(map(str, dice.choices(range(3_000), k=10_000))) for _ in "ab")
    assert quickest(lambda: rouge_l(ours, theirs)) < 0.050
