"""`required_text` and `banned_terms`: phrases as people mean them, in three languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from evalgate.checks.banned_terms import BannedTerms
from evalgate.checks.packs.pack import Entry
from evalgate.checks.text.hits import READ_AT_MOST
from evalgate.core.checks import Loading
from evalgate.core.errors import SuiteInvalid
from tests.checks.scenes import ES, PT, check, result, shown, subject


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Tiene 30 días para devolverlo.", 1.0),
        ("Você tem 30 DIAS para devolver.", 1.0),
        ("You have 30 days to return it.", 1.0),
        ("Tiene treinta días.", 0.0),
        ("", 0.0),
    ],
)
def test_any_of_several_phrases_is_enough(text: str, value: float) -> None:
    assert result(check("required_text", any=["30 días", "30 dias", "30 days"]), text).value == value


def test_all_phrases_must_be_there_and_the_missing_ones_are_named() -> None:
    wanted = check("required_text", all=["reembolso", "30 dias"], any=["cartão", "pix"])
    assert result(wanted, "Reembolso em 30 dias por PIX.").value == 1.0
    assert result(wanted, "Reembolso.").explanation == "the text lacks '30 dias' and any of 'cartão', 'pix'"


def test_a_phrase_inside_another_is_there_too() -> None:
    assert result(check("required_text", all=["DNI", "DNI o NIE"]), "su DNI o NIE").value == 1.0


def test_case_and_accents_count_unless_they_are_ignored() -> None:
    text = "Termos e Condições"
    assert result(check("required_text", all=["condições"]), text).value == 1.0
    assert result(check("required_text", all=["condicoes"]), text).value == 0.0
    assert result(check("required_text", all=["condicoes"], ignore=["case", "accents"]), text).value == 1.0
    assert result(check("required_text", all=["Condicoes"], ignore=["accents"]), text).value == 1.0
    assert result(check("required_text", all=["condições"], ignore=[]), text).value == 0.0


def test_line_breaks_curly_quotes_and_decomposed_letters_do_not_hide_a_phrase() -> None:
    assert result(check("required_text", all=["don't worry"]), "Don’t\nworry").value == 1.0
    assert result(check("required_text", all=["não há"]), "na\u0303o ha\u0301").value == 1.0


def test_a_long_text_without_the_phrase_is_not_called_lacking() -> None:
    assert result(check("required_text", all=["fim"]), "a" * READ_AT_MOST + " fim").reason == "invalid"


@pytest.mark.parametrize(
    ("term", "text", "said"),
    [
        ("garantizado", "Está GARANTIZADO, sí.", ["GARANTIZADO"]),
        ("sem risco", "É sem\nrisco algum.", ["sem\nrisco"]),
        ("risk-free", "It is risk–free today", ["risk–free"]),
        ("ano", "El año pasado", []),
        ("avó", "O avô dele", []),
        ("o", "niño, año", []),
        ("C++", "usamos C++.", ["C++"]),
        ("señor", "sen\u0303or Núñez", ["sen\u0303or"]),
        ("ação", "promoção", []),
        ("Ação", "AÇÃO imediata", ["AÇÃO"]),
        ("niño", "👶🏽niño👶🏽", ["niño"]),
    ],
)
def test_a_banned_term_is_found_as_a_whole_word(term: str, text: str, said: list[str]) -> None:
    mark = result(check("banned_terms", terms=[term]), text)
    assert shown(mark, text) == said
    assert mark.value == float(not said)


def test_the_term_is_named_as_the_suite_writes_it() -> None:
    mark = result(check("banned_terms", terms=["Globex", "Initech"]), "GLOBEX y globex e initech")
    assert mark.explanation == "says 'Globex', 'Initech'"
    assert [span.label for span in mark.spans] == ["Globex", "Globex", "Initech"]


def test_a_shorter_term_is_found_where_a_longer_one_only_begins() -> None:
    text = "gol destino"
    assert shown(result(check("banned_terms", terms=["gol", "gol de"]), text), text) == ["gol"]


def test_the_longest_of_overlapping_terms_is_shown_once() -> None:
    text = "a melhor do mundo"
    terms = ["melhor", "melhor do mundo", "do mundo"]
    assert shown(result(check("banned_terms", terms=terms), text), text) == ["melhor do mundo"]


def test_a_term_within_an_allowed_phrase_is_no_violation() -> None:
    apple = check("banned_terms", terms=["apple"], allow=["apple pie"])
    assert result(apple, "An Apple pie, please").value == 1.0
    text = "Apple pie by Apple"
    assert [(span.start, span.end) for span in result(apple, text).spans] == [(13, 18)]


def test_accents_and_case_can_be_ignored_knowingly() -> None:
    assert result(check("banned_terms", terms=["gratis"], ignore=["case", "accents"]), "Grátis!").value == 0.0
    assert result(check("banned_terms", terms=["Vivo"], ignore=[]), "estoy vivo").value == 1.0
    assert result(check("banned_terms", terms=["Vivo"], ignore=[]), "da Vivo").value == 0.0


def test_substrings_count_when_words_need_not_be_whole() -> None:
    text = "supergarantizado"
    whole = check("banned_terms", terms=["garantizado"])
    assert result(whole, text).value == 1.0
    assert shown(result(whole.model_validate(whole.model_dump() | {"whole_words": False}), text), text) == [
        "garantizado"
    ]


@pytest.mark.parametrize(
    ("text", "stretch", "view"),
    [
        ("100% g.4.r.4.n.t.1.d.o!", "g.4.r.4.n.t.1.d.o", "squashed"),
        ("é ga\u200bran\u200btido", "ga\u200bran\u200btido", "squashed"),
        ("veja: w6kgZ2FyYW50aWRvIHNpbQ==", "w6kgZ2FyYW50aWRvIHNpbQ==", "decoded"),
        ("&#103;arantido", "&#103;arantido", "decoded"),
        ("é garantido", "garantido", "folded"),
    ],
)
def test_a_hidden_term_is_found_in_the_view_that_shows_it(text: str, stretch: str, view: str) -> None:
    open_eyed = check("banned_terms", terms=["garantido"], views=["folded", "squashed", "decoded"])
    mark = result(open_eyed, text)
    assert shown(mark, text) == [stretch]
    assert [span.view for span in mark.spans] == [view]


def test_squashed_words_must_stand_alone_in_the_original() -> None:
    assert result(check("banned_terms", terms=["bad"], views=["squashed"]), "club adios").value == 1.0


def packed(write: Callable[[Path], object], folder: Path) -> BannedTerms:
    """Return a check whose pack file the caller wrote, read as a suite in that folder would."""
    write(folder / "brand.yaml")
    loading = Loading(read=lambda name: (folder / name).read_bytes())
    return BannedTerms.model_validate({"pack": "brand.yaml"}, context=loading)


def test_a_pack_is_read_relative_to_the_suite_and_its_content_enters_the_digest(tmp_path: Path) -> None:
    pack = "name: brand\nversion: 1\nterms:\n  - no\n  - Globex\n"
    check_one = packed(lambda file: file.write_text(pack), tmp_path)
    assert check_one.pack is not None
    assert [entry.term for entry in check_one.pack.terms] == ["no", "Globex"]
    assert result(check_one, "No, Globex no").value == 0.0
    same_elsewhere = packed(lambda file: file.write_text("# moved\n" + pack), tmp_path)
    changed = packed(lambda file: file.write_text(pack + "  - Initech\n"), tmp_path)
    assert check_one.digest == same_elsewhere.digest != changed.digest


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "brand.yaml:1: a pack is a mapping of name, version, language, terms, patterns, allow, examples"),
        (b"name: b\nversion: 1\nterm: [x]\n", "brand.yaml:3: 'term' is not a key of a pack. Did you mean 'terms'?"),
        (b"name: b\nname: c\n", "brand.yaml:2: 'name' is written twice, on lines 1 and 2"),
        (b"name: b\nversion: 1\nterms: [a, ' ']\n", "brand.yaml:3: terms: a phrase is blank; delete it"),
        (b"name: b\nversion: 1\nterms: []\n", "brand.yaml:1: the pack has no terms and no patterns"),
        (
            b"name: b\nversion: 1\nterms:\n- x\n- a: b\n",
            (f"brand.yaml:5: terms: 'a' is not a key of an entry. Known: {', '.join(Entry.model_fields)}"),
        ),
        (b"name: b\nversion: 1\n", "brand.yaml:1: the pack has no terms and no patterns"),
        (b"name: [\n", "brand.yaml:2: not YAML: while parsing a flow node, did not find expected node content"),
        (b"name: \xff\n", "brand.yaml:1: byte 0xff is not UTF-8; save it as UTF-8"),
    ],
)
def test_a_broken_pack_is_named_with_its_line(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(SuiteInvalid) as raised:
        packed(lambda file: file.write_bytes(content), tmp_path)
    assert str(raised.value) == message


def test_a_pack_outside_a_suite_is_given_by_its_content() -> None:
    with pytest.raises(SuiteInvalid, match="give the content itself"):
        check("banned_terms", pack="brand.yaml")
    assert result(check("banned_terms", pack={"name": "b", "version": "1", "terms": ["x"]}), "x").value == 0.0


@pytest.mark.parametrize(
    ("kind", "parameters", "reason"),
    [
        ("banned_terms", {}, "either terms"),
        ("banned_terms", {"terms": ["a"], "pack": {"name": "b", "version": "1", "terms": ["x"]}}, "either terms"),
        ("banned_terms", {"terms": ["a", " "]}, "blank"),
        ("banned_terms", {"terms": ["a" * 501]}, "over the 500 allowed"),
        ("banned_terms", {"terms": ["a"], "views": []}, "at least 1"),
        ("required_text", {}, "give the phrases"),
        ("required_text", {"any": "30 dias"}, "valid tuple"),
    ],
)
def test_nothing_to_look_for_is_refused(kind: str, parameters: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        check(kind, **parameters)


def test_a_side_that_the_case_lacks_is_not_applicable() -> None:
    assert result(check("banned_terms", terms=["x"], side="context"), ES).why == "the case has no context"
    in_context = subject("não", context=("limpo", "tem globex"))
    mark = result(check("banned_terms", terms=["globex"], side="context"), in_context)
    assert [(span.side, span.message) for span in mark.spans] == [("context", 1)]
    assert shown(mark, in_context) == ["globex"]


def test_clean_answers_share_one_mark() -> None:
    clean = check("banned_terms", terms=["globex"])
    assert result(clean, ES) is result(clean, PT)
