"""A pack's next version: what it changes, what it would have found, and how a term is added."""

from __future__ import annotations

import pytest

from evalgate.checks.packs.changing import backtest, difference, with_term
from evalgate.checks.packs.loading import read_pack
from evalgate.core.errors import SuiteInvalid, WrongAsWritten

OLD = b"""\
# what the brand does not say
name: brand
version: 2026.10
terms:
  - garantizado            # nothing is
  - term: sem risco
    instead: com risco baixo
allow:
  - no garantizado
examples:
  positive:
    - Un resultado garantizado.
  negative:
    - Sem riscos na pele.
"""


def test_two_versions_are_compared_entry_by_entry() -> None:
    new = OLD.replace(b"2026.10", b"2026.11").replace(b"instead: com risco baixo", b"instead: com pouco risco")
    new = new.replace(b"  - no garantizado\n", b"  - nada garantizado\n").replace(b"allow:", b"  - risk-free\nallow:")
    found = difference(read_pack(OLD, "old"), read_pack(new, "new"))
    assert found == (("risk-free",), (), ("sem risco",), ("nada garantizado",), ("no garantizado",))


def test_a_new_version_is_tried_on_past_texts() -> None:
    old = read_pack(OLD, "old")
    new = read_pack(
        OLD.replace(b"  - garantizado            # nothing is\n", b"  - risk-free\n").split(b"examples")[0], "new"
    )
    texts = [("a", "Resultado garantizado"), ("b", "It is risk-free"), ("c", "Sem risco"), ("d", "Nada")]
    tried = backtest(texts, old, new)
    assert (tried.texts, tried.old, tried.new) == (4, 2, 2)
    assert tried.differ == (("a", ("garantizado",), False), ("b", ("risk-free",), True))


@pytest.mark.parametrize(
    ("term", "example"),
    [("éxito asegurado", "¡Éxito asegurado!"), ("100 % seguro", 'É "100 % seguro", viu?'), ("no", "no: nunca")],
)
def test_a_term_is_added_with_its_example_and_comments_stay(term: str, example: str) -> None:
    changed = with_term(OLD, "brand.yaml", term=term, example=example, version="2026.11")
    pack = read_pack(changed, "brand.yaml")
    assert (pack.version, pack.terms[-1].term, pack.examples.positive[-1].text) == ("2026.11", term, example)
    assert len(pack.terms) == 3
    assert b"# nothing is" in changed
    assert b"# what the brand does not say" in changed


def test_examples_are_begun_where_there_are_none() -> None:
    changed = with_term(b"name: b\nversion: '1'\nterms:\n- a", "b.yaml", term="b", example="a b", version="2")
    pack = read_pack(changed, "b.yaml")
    assert [entry.term for entry in pack.terms] == ["a", "b"]
    assert [example.text for example in pack.examples.positive] == ["a b"]


@pytest.mark.parametrize(
    ("raw", "term", "version", "reason"),
    [
        (OLD, "x", "2026.10", "is version 2026.10 already"),
        (OLD, "garantizado", "2026.11", "lists 'garantizado' already"),
        (b"name: b\nversion: 1\nterms: [a, b]\n", "c", "2", "terms is written in one line"),
    ],
)
def test_what_cannot_be_added_is_said_in_one_line(raw: bytes, term: str, version: str, reason: str) -> None:
    with pytest.raises(WrongAsWritten, match=reason):
        with_term(raw, "b.yaml", term=term, example=f"a {term} b", version=version)


def test_an_example_without_the_term_is_refused() -> None:
    with pytest.raises(SuiteInvalid, match="the pack finds nothing in this positive example"):
        with_term(OLD, "b.yaml", term="asegurado", example="otra cosa", version="2026.11")


@pytest.mark.parametrize(
    ("pack", "message"),
    [
        (
            OLD.replace(b"Sem riscos na pele", b"Sem risco na pele"),
            "b.yaml:14: the pack finds something in this negative",
        ),
        (OLD.replace(b"Un resultado", b"No"), "b.yaml:12: the pack finds nothing in this positive example"),
    ],
)
def test_a_pack_whose_example_does_not_hold_is_refused_at_its_line(pack: bytes, message: str) -> None:
    with pytest.raises(SuiteInvalid) as raised:
        read_pack(pack, "b.yaml")
    assert str(raised.value).startswith(message)


def test_a_pin_holds_a_version() -> None:
    from evalgate.checks.packs.loading import load_pack

    assert load_pack("b.yaml@2026.10", lambda _: OLD).version == "2026.10"
    with pytest.raises(
        SuiteInvalid, match=r"pinned to version 2026.9, and there is version 2026.10; `evalgate packs diff`"
    ):
        load_pack("b.yaml@2026.9", lambda _: OLD)
