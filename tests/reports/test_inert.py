"""What acts or hides is shown as what it is; what people write stays as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.reports.inert import one_line, visible

HARMLESS = (
    "Olá, você já pagou? Não! ¿Cuánto? ¡30 €! – “sim” … 100 % 日本語 العربية עברית हिन्दी ไทย",
    "👩‍💻 👨‍👩‍👧 ❤️ 🇧🇷 🏳️‍🌈 👍🏽",
    "e\u0301 a\u0303 ç",
    "two\nlines\tand a tab",
)
HARMFUL = (
    *("\x1b", "\x9b", "\x07", "\x00", "\x7f", "\u202e", "\u2066", "\u200b", "\u200e", "\u2028", "\ufeff", "\u00ad"),
    *("\U000e0041", "\u3164", "\u115f", "\ufffe", "a\u200db"),
)


@pytest.mark.parametrize("text", HARMLESS)
def test_what_people_write_stays_as_it_is(text):
    assert visible(text) == text


@pytest.mark.parametrize("text", HARMFUL)
def test_what_acts_or_hides_is_named(text):
    shown = visible(f"x{text}y")
    assert "‹U+" in shown
    assert {letter for letter in text if not letter.isalpha() or ord(letter) > 127} & set(shown) == set()


def test_a_heap_of_accents_is_cut_and_named():
    assert visible("a" + "\u0301" * 50) == "a" + "\u0301" * 4 + "‹U+0301 ×46›"


def test_a_smuggled_message_is_named_once_with_its_length():
    assert visible("ok" + "".join(chr(0xE0000 + ord(letter)) for letter in "obey")) == "ok‹U+E006F ×4›"


@given(st.text())
def test_nothing_invisible_is_left_and_nothing_is_named_twice(text):
    shown = visible(text)
    assert visible(shown) == shown
    acting = {letter for letter in shown if unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}}
    turning = {letter for letter in shown if unicodedata.bidirectional(letter)[-1:] in {"E", "O", "F", "I"}}
    assert acting <= {"\n", "\t"}
    assert {letter for letter in turning if unicodedata.category(letter) == "Cf"} == set()


@given(st.text(), st.integers(2, 40))
def test_one_line_is_one_line_of_that_length(text, most):
    line = one_line(text, most)
    assert len(line) <= most
    assert len(line.splitlines()) <= 1
