"""The texts of the pages: every file in three languages, every key in one file, and none that nothing says."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain
from pathlib import Path

import pytest

from evalgate.documents import parse_document
from evalgate.reports.messages import LANGUAGES
from evalgate.web.pages.rendering import texts

PACKAGE = Path(__file__).parents[2] / "evalgate"
FILES = PACKAGE / "web" / "words"
SOURCES = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.html"), *(PACKAGE / "web" / "static").glob("*.js")]
SOURCE = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
QUOTED = frozenset(re.findall(r"""["'`]([\w.-]+)["'`]""", SOURCE))
FIELDS = frozenset(re.findall(r"\b(\w+): (?:str|int|bool|float)", SOURCE))
SAID = QUOTED | FIELDS
"""What keys are, or end with where they are put together."""
BEGINNINGS = frozenset(re.findall(r"""["'`]([\w.]+[._])(?:["'`] ~|\{)""", SOURCE))
"""What the keys that are put together begin with, in a template or in code."""


def keys_in(language: str) -> dict[str, list[str]]:
    """Give the keys of each file of a language, by the file's name without the language."""
    found = {}
    for path in FILES.iterdir():
        if f".{path.name}".endswith(f".{language}.yaml"):
            about = path.name.removesuffix(f"{language}.yaml")
            found[about] = list(parse_document(path.read_bytes(), path.name, only_text=True).data)
    return found


def is_said(key: str) -> bool:
    """Say whether a key stands in a template or in code, whole or put together of what stands there."""
    if key in SAID or key.removesuffix(".one") in SAID or key.isdigit():
        return True
    plain = key.removesuffix(".one").removesuffix(".help")
    ends = (plain.removeprefix(begins) for begins in BEGINNINGS if plain.startswith(begins))
    return any(all(map(is_said, end.split("."))) for end in ends)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_file_is_there_in_every_language_with_the_same_keys(language: str) -> None:
    assert {about: sorted(keys) for about, keys in keys_in(language).items()} == {
        about: sorted(keys) for about, keys in keys_in("en").items()
    }


def test_no_key_stands_in_two_files_of_which_one_would_win() -> None:
    counts = Counter(chain.from_iterable(keys_in("en").values()))
    assert [key for key, count in counts.items() if count > 1] == []
    assert counts.keys() == texts("en").keys()


def test_every_text_is_said_somewhere() -> None:
    assert [key for key in texts("en") if not is_said(key)] == []
    assert not is_said("review.nothing_says_this")
