"""Views keep the way back to the original, for any text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalgate.checks.text.decoding import decode
from evalgate.checks.text.views import SubjectTexts, fold, located, squash
from evalgate.core.outcomes import Side
from tests.checks.scenes import said, subject


def back(view: str, text: str, needle: str) -> str:
    """Return the stretch of a text that shows as the needle in a view."""
    mapped = {"folded": fold, "squashed": squash, "decoded": decode}[view](text)
    at = mapped[0].index(needle)
    start, end = located(view, mapped, at, at + len(needle), text)  # type: ignore[arg-type]
    return text[start:end]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Atenção, SEÑOR Núñez", "atencao, senor nunez"),
        ("İstanbul", "istanbul"),
        ("Straße", "straße"),
        ("ΑΣ", "ασ"),
        ("ＡＢ１", "ab1"),
        ("“l’été” – já", '"l\'ete" - ja'),
        ("a\u00a0b\tc\nd\u2003e", "a b c d e"),
        ("ﬁm", "ﬁm"),
        ("漢字", "漢字"),
    ],
)
def test_folding_takes_case_and_accents_one_code_point_for_one(text: str, folded: str) -> None:
    assert fold(text) == (folded, None)


def test_combining_marks_go_and_the_letter_keeps_its_place() -> None:
    assert fold("cafe\u0301s") == ("cafes", [0, 1, 2, 3, 5])
    assert back("folded", "un cafe\u0301!", "cafe") == "cafe\u0301"


@pytest.mark.parametrize(
    ("text", "needle", "shows"),
    [
        ("sem r.i.s.c.o algum", "risco", "r.i.s.c.o"),
        ("ris\u200bco zero", "risco", "ris\u200bco"),
        ("g4r4nt1z4d0!", "garantizado", "g4r4nt1z4d0"),
        ("em 2024, 3 anos", "2024", "2024"),
        ("G A R A N T I D O", "garantido", "G A R A N T I D O"),
    ],
)
def test_squashing_sees_through_separators_and_digits_for_letters(text: str, needle: str, shows: str) -> None:
    assert back("squashed", text, needle) == shows


@pytest.mark.parametrize(
    ("text", "needle", "shows"),
    [
        ("veja c2VtIHJpc2NvIG5lbmh1bQ== ok", "risco", "c2VtIHJpc2NvIG5lbmh1bQ=="),
        ("garantía: garant%C3%ADa total", "garantía total", "garant%C3%ADa total"),
        ("promo&ccedil;&atilde;o", "promoção", "promo&ccedil;&atilde;o"),
        ("&#65;&#x42;", "AB", "&#65;&#x42;"),
    ],
)
def test_a_decoded_hit_is_its_encoded_stretch(text: str, needle: str, shows: str) -> None:
    assert back("decoded", text, needle) == shows


@pytest.mark.parametrize(
    "text", ["supercalifragilisticexpialidocious", "100% legal", "R&D; AT&T", "a1b2c3d4e5f6a7b8c9d0"]
)
def test_what_decodes_to_nothing_readable_stays(text: str) -> None:
    assert decode(text) == (text, None)


@given(st.text(max_size=120))
def test_every_view_maps_forward_in_order_and_inside_the_text(text: str) -> None:
    for view in (fold, squash, decode):
        shown, places = view(text)
        places = list(range(len(text))) if places is None else list(places)
        assert len(places) == len(shown)
        assert places == sorted(places)
        assert all(0 <= place < len(text) for place in places)


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)[0]
    assert fold(once)[0] == once


def test_each_side_has_its_pieces() -> None:
    about = subject("resposta", asked=(said("system", "s"), said("user", "u")), context=("a", "b"), calls=("{}",))
    texts = SubjectTexts(about)
    sides: tuple[Side, ...] = ("output", "input", "context", "tool_args")
    assert [texts.pieces(side) for side in sides] == [("resposta",), ("s", "u"), ("a", "b"), ("{}",)]
    assert SubjectTexts(subject(asked="só texto")).pieces("input") == ("só texto",)


def test_a_view_is_built_once_and_only_when_asked_for() -> None:
    texts = SubjectTexts(subject("Olá"))
    assert texts.view("output", 0, "folded") is texts.view("output", 0, "folded")
    assert texts.view("output", 0, "raw") == ("Olá", None)
    assert list(texts._views) == [("output", 0, "folded")]


def test_a_lone_surrogate_becomes_a_question_mark_in_its_place() -> None:
    assert SubjectTexts(subject("a\ud83db")).pieces("output") == ("a?b",)
