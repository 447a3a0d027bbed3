"""Checks that read shipped packs: pinned, added to, and another check when a pack changes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from evalgate.checks.packs import using
from evalgate.checks.packs.loading import packs_of
from evalgate.checks.refusal import Refusal
from evalgate.core.checks import Loading
from tests.checks.scenes import check, result

OURS = {"name": "ours", "version": "1", "terms": [{"term": "pasamos palabra", "label": "refuse"}]}


def test_a_pinned_version_that_is_installed_loads() -> None:
    assert check("refusal", expect="answer", pin="2026.11").digest != check("refusal", expect="answer").digest


@pytest.mark.parametrize(
    ("pin", "said"), [("2025.01", "version 2025.01 is pinned, and refusal.en is installed"), (2026.11, "quotes")]
)
def test_a_version_that_is_not_installed_or_not_text_is_refused_in_one_line(pin: Any, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        check("refusal", expect="answer", pin=pin)


def test_a_changed_pack_is_a_changed_check_and_changed_examples_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = packs_of("refusal")
    before = check("refusal", expect="answer").digest
    fewer = first.model_copy(update={"examples": first.examples.model_copy(update={"positive": ()})})
    monkeypatch.setattr(using, "packs_of", lambda _: (fewer, *others))
    assert check("refusal", expect="answer").digest == before
    shorter = first.model_copy(update={"terms": first.terms[1:]})
    monkeypatch.setattr(using, "packs_of", lambda _: (shorter, *others))
    assert check("refusal", expect="answer").digest != before


def test_a_team_adds_a_pack_from_its_file() -> None:
    raw = b"name: ours\nversion: 1\nterms:\n  - {term: pasamos palabra, label: refuse}\n"
    loaded = Refusal.model_validate({"expect": "answer", "pack": "ours.yaml"}, context=Loading(read=lambda _: raw))
    assert loaded == Refusal.model_validate({"expect": "answer", "pack": OURS})
    assert result(loaded, "De eso, pasamos palabra.").value == 0.0
    assert result(check("refusal", expect="answer"), "De eso, pasamos palabra.").value == 1.0
