"""The packs of varieties that ship: enough words, each with another in its place, none against itself."""

from __future__ import annotations

import pytest

from evalgate.checks.packs.loading import shipped_pack, shipped_packs
from evalgate.checks.packs.matching import Matcher, found_in

VARIETIES = [name for name in shipped_packs() if name.startswith("variety.")]


def test_three_languages_have_two_varieties_or_more() -> None:
    assert {name.removeprefix("variety.")[:2] for name in VARIETIES} == {"en", "es", "pt"}
    assert len(VARIETIES) == 9


@pytest.mark.parametrize("name", VARIETIES)
def test_a_variety_names_its_language_and_has_a_hundred_words_with_another_for_each(name: str) -> None:
    pack = shipped_pack(name)
    assert pack.language == name.removeprefix("variety.")[:2]
    assert len({entry.instead for entry in pack.entries}) >= 100
    assert all(entry.instead for entry in pack.entries)
    assert len(pack.examples.positive) >= 15
    assert len(pack.examples.negative) >= 15


@pytest.mark.parametrize("name", VARIETIES)
def test_what_a_variety_suggests_it_does_not_find(name: str) -> None:
    pack = shipped_pack(name)
    matcher = Matcher([pack], ignore=("case",))
    assert [entry.instead for entry in pack.entries if found_in(str(entry.instead), matcher)] == []


@pytest.mark.parametrize("name", VARIETIES)
def test_every_word_of_a_variety_is_found_in_a_sentence(name: str) -> None:
    pack = shipped_pack(name)
    matcher = Matcher([pack], ignore=("case",))
    assert [one.term for one in pack.terms if not found_in(f"«{one.term}», dijo / disse / said.", matcher)] == []


@pytest.mark.parametrize("name", VARIETIES)
def test_the_examples_hold_with_accents_that_count(name: str) -> None:
    pack = shipped_pack(name)
    matcher = Matcher([pack], ignore=("case",))
    assert [one.text for one in pack.examples.positive if not found_in(one.text, matcher)] == []
    assert [one.text for one in pack.examples.negative if found_in(one.text, matcher)] == []
