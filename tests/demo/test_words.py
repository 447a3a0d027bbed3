"""What the demo says: in three languages, each with the same things to fill in."""

from __future__ import annotations

from string import Formatter

import pytest

from evalgate.demo.words import WORDS


@pytest.mark.parametrize("key", WORDS)
def test_a_sentence_is_there_in_three_languages_with_the_same_blanks(key: str) -> None:
    blanks = {
        language: {name for _, name, _, _ in Formatter().parse(text) if name} for language, text in WORDS[key].items()
    }

    assert set(blanks) == {"en", "es", "pt"}
    assert blanks["en"] == blanks["es"] == blanks["pt"]
    assert len(set(WORDS[key].values())) == 3
