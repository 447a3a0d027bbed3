"""Many patterns at once: as many places as one by one, in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.checks.packs.scanning import Scanner, check_pattern, in_ascii
from evalgate.checks.text.patterns import Pattern
from evalgate.checks.text.views import fold

SOURCES = (
    r"\bno puedo\b",
    r"\bi can't(?: \w+){0,2}",
    r"(?:^|[.!?] )sistema ?:",
    r"\d{2,3}\b",
    r"[^a-z ]{2}",
    r"\bø\w+",
    r"\p{Greek}+",
    r"\bim_start\b",
)
WORDS = st.sampled_from(
    [
        "¿no puedo?",
        "no puedo",
        "unno puedo",
        "sistema: ",
        "I can't go on",
        "ø-laget",
        "αβγ",
        "im_start",
        "123",
        "٣٤",
        "€€",
        "ñ",
    ]
)


@given(st.lists(WORDS | st.text(max_size=4), max_size=8).map(" ".join))
def test_patterns_together_match_where_each_does_alone(text: str) -> None:
    folded = fold(text)[0]
    alone = {(number, *span) for number, one in enumerate(SOURCES) for span in Pattern(one).spans(folded)}
    assert set(Scanner(SOURCES).find(folded, 1_000)) == alone


@given(st.text(max_size=50))
def test_a_stand_in_is_one_ascii_character_for_each(text: str) -> None:
    assert in_ascii(text).isascii()
    assert len(in_ascii(text)) == len(text)


def test_a_text_of_many_scripts_is_read_as_quickly() -> None:
    ideographs = "".join(map(chr, range(0x4E00, 0x4E00 + 200)))
    assert list(Scanner([r"\bno\b"]).find(f"{ideographs} no", 5)) == [(0, 201, 203)]


def test_without_patterns_nothing_is_found() -> None:
    assert list(Scanner([]).find("no puedo", 5)) == []


def test_no_more_places_of_a_pattern_are_found_than_asked_for() -> None:
    assert list(Scanner([r"\bno\b", r"\bsi\b"]).find("no no no si", 2)) == [(0, 0, 2), (0, 3, 5), (1, 9, 11)]


@pytest.mark.parametrize(
    ("source", "said"), [(r"(?=a)", "look-around"), (r"a++", "possessive|never backtracks|repetition"), ("(", "RE2")]
)
def test_a_pattern_that_cannot_be_read_says_what_to_write_instead(source: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_pattern(source)
