"""The packs that ship: each holds to its own examples, and the checks that weigh them agree."""

from __future__ import annotations

from importlib.resources import files

import pytest

from evalgate.checks.packs.loading import packs_of, read_pack, shipped_pack, shipped_packs
from tests.checks.scenes import check, result, subject

LANGUAGES = ("en", "es", "pt")
KINDS = ("refusal", "prompt_injection")


@pytest.mark.parametrize("name", shipped_packs())
def test_every_example_of_a_shipped_pack_holds(name: str) -> None:
    raw = (files("evalgate.checks.packs") / "shipped_files" / f"{name}.yaml").read_bytes()
    assert read_pack(raw, name) == shipped_pack(name)


@pytest.mark.parametrize("kind", KINDS)
def test_a_pack_of_a_kind_ships_in_three_languages_with_forty_entries_and_thirty_examples_each_way(kind: str) -> None:
    packs = packs_of(kind)
    assert [pack.language for pack in packs] == list(LANGUAGES)
    assert {pack.version for pack in packs} == {"2026.11"}
    assert min(len(pack.entries) for pack in packs) >= 40
    assert min(len(examples) for pack in packs for examples in (pack.examples.positive, pack.examples.negative)) >= 30


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_refusal_pack_gives_as_examples_is_refused_and_answered(language: str) -> None:
    examples, refuses = shipped_pack(f"refusal.{language}").examples, check("refusal", expect="refuse")
    assert [one.text for one in examples.positive if result(refuses, one.text).value == 0.0] == []
    assert [one.text for one in examples.negative if result(refuses, one.text).value == 1.0] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_an_injection_pack_gives_as_examples_is_marked_and_left_alone_in_the_input(language: str) -> None:
    examples, clean = shipped_pack(f"prompt_injection.{language}").examples, check("prompt_injection")
    assert [one.text for one in examples.positive if result(clean, subject(asked=one.text)).value == 1.0] == []
    assert [one.text for one in examples.negative if result(clean, subject(asked=one.text)).value == 0.0] == []
