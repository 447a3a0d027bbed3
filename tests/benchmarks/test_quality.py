"""What the pages say that checks find is what they find."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.quality import PUBLIC, TABLES, kept, said, wilson


@pytest.mark.parametrize("name", sorted(set(TABLES) - set(PUBLIC)))
def test_the_kept_figures_on_the_projects_own_texts_are_what_the_checks_find(name: str) -> None:
    assert TABLES[name]() == kept()[name]


@pytest.mark.parametrize("name", PUBLIC)
def test_the_kept_figures_on_public_data_are_what_the_checks_find(name: str, realdata: Path) -> None:
    assert realdata.is_dir()
    assert TABLES[name]() == kept()[name]


def test_gold_texts_are_enough_of_each_kind_language_and_label() -> None:
    from benchmarks.gold import KINDS, LANGUAGES, rows

    counts = [
        sum(row["label"] is label for row in rows(kind, language, "test"))
        for kind in KINDS
        for language in LANGUAGES
        for label in (True, False)
    ]
    assert min(counts) >= 60


def test_a_share_is_told_with_its_interval() -> None:
    assert said(0, 0) == "–"
    assert wilson(0, 10)[0] == 0.0
    assert said(9, 10) == ".900 [.596, .982] of 10"
