from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evalgate.core.errors import SuiteInvalid
from evalgate.suites.document import parse_document, read_document
from tests.suites.scenes import complaint

BILLION_LAUGHS = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)


def plain(text):
    return parse_document(text.encode(), "s.yaml").data


@pytest.mark.parametrize(
    "word",
    [
        *("no", "No", "NO", "yes", "on", "Off", "y", "n", "2026-01-31", "2026-01-31T10:00:00Z", "12:30:45"),
        *("1_000", "017", "0o17", "0x1F", "0b1", "1.2.3", "1e", "=", "<<"),
    ],
)
def test_a_word_that_yaml_1_1_would_change_stays_text(word):
    assert plain(f"value: {word}") == {"value": word}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("False", False),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("+5", 5),
        ("0", 0),
        ("0.85", 0.85),
        (".5", 0.5),
        ("1e-3", 0.001),
        ("'12'", "12"),
        ('"true"', "true"),
        ("!!str 12", "12"),
    ],
)
def test_the_scalars_of_yaml_1_2_are_read(written, meant):
    value = plain(f"value: {written}")["value"]
    assert (value, type(value)) == (meant, type(meant))


def test_keys_are_text_as_written():
    assert plain("no: a\ntrue: b\n1: c\n1_full_compliance: d") == {
        "no": "a",
        "true": "b",
        "1": "c",
        "1_full_compliance": "d",
    }


def test_every_value_knows_its_line():
    document = parse_document(b"a: 1\n\nb:\n  - x\n  # why\n  - c: 2\n    d: [3,\n        4]\n", "s.yaml")
    ways = [("a",), ("b",), ("b", 0), ("b", 1), ("b", 1, "c"), ("b", 1, "d"), ("b", 1, "d", 1)]
    assert [document.line(way) for way in ways] == [1, 3, 4, 6, 6, 7, 8]


def test_a_value_without_a_line_has_that_of_what_is_around_it():
    document = parse_document(b"a: 1\nb: {c: 2}\n", "s.yaml")
    assert document.line(("b", "no such key", 4)) == 2


def test_an_alias_stands_where_it_is_used():
    document = parse_document(b"base: &b {x: 1}\nused: *b\n", "s.yaml")
    assert document.data == {"base": {"x": 1}, "used": {"x": 1}}
    assert document.line(("used", "x")) == 2


def test_a_byte_order_mark_is_skipped():
    assert parse_document(b"\xef\xbb\xbfname: ol\xc3\xa1\n", "s.yaml").data == {"name": "olá"}


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"a: 1\nb: 2\na: 3\n", "s.yaml:3: 'a' is written twice, on lines 1 and 3"),
        (b"x: {b: 1, b: 2}\n", "s.yaml:1: 'b' is written twice, on lines 1 and 1"),
        (b"a:\n\t- 1\n", "s.yaml:2: a tab cannot indent YAML; use spaces"),
        (b"a: [1\n", "s.yaml:2: not YAML: while parsing a flow sequence, did not find expected ',' or ']'"),
        (b"a: b: c\n", "s.yaml:1: not YAML: mapping values are not allowed in this context"),
        (b"a: 1\n---\nb: 2\n", "s.yaml:2: a second document starts here; one file holds one"),
        (b"a: &x [*x]\n", "s.yaml:1: the alias *x contains itself"),
        (b"a: *x\n", "s.yaml:1: the alias *x is not defined above"),
        (b"? [1]\n: 2\n", "s.yaml:1: a key must be text, not a list or a mapping"),
        (b"a: &x [1]\n*x : 2\n", "s.yaml:2: a key must be text, not a list or a mapping"),
        (
            b"a: !!python/object:os.system x\n",
            "s.yaml:1: the tag !!python/object:os.system is not read; write plain text, numbers, lists and mappings",
        ),
        (b"a: 1\nb: \xff\n", "s.yaml:2: byte 0xff is not UTF-8; save it as UTF-8"),
        (b"a: 1\nb: \x00\n", "s.yaml:2: the character U+0000 may not stand in YAML; take it out"),
        (b"a: .nan\n", "s.yaml:1: .nan is not a number that can be compared; write a finite one"),
        (b"a: -.Inf\n", "s.yaml:1: -.Inf is not a number that can be compared; write a finite one"),
        (b"a: 1e999\n", "s.yaml:1: 1e999 is too large for a number; if it is a name, put it in quotes"),
        (
            b"a: 99999999999999999999999\n",
            "s.yaml:1: 99999999999999999999999 is too large for a number; if it is a name, put it in quotes",
        ),
        (b"[" * 101, "s.yaml:1: nested deeper than 100 levels"),
        (b"[" * 100_000, "s.yaml:1: nested deeper than 100 levels"),
        (BILLION_LAUGHS.encode(), "s.yaml:6: more than 100,000 values once aliases are followed"),
    ],
    ids=lambda value: value[:30] if isinstance(value, bytes) else "",
)
def test_what_is_not_plain_yaml_is_one_line_with_its_place(content, line):
    with pytest.raises(SuiteInvalid) as refused:
        parse_document(content, "s.yaml")
    assert str(refused.value) == line


def test_aliases_nest_no_deeper_than_lists():
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 200))
    with pytest.raises(SuiteInvalid, match=r"^s\.yaml:100: nested deeper than 100 levels$"):
        plain(text)


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "support.yaml").write_text("a: 1")
    with pytest.raises(SuiteInvalid) as refused:
        read_document(tmp_path / "suport.yaml")
    assert str(refused.value) == f"{tmp_path}/suport.yaml: no such file. Did you mean 'support.yaml'?"


def test_a_folder_is_not_a_suite(tmp_path):
    with pytest.raises(SuiteInvalid) as refused:
        read_document(tmp_path)
    assert str(refused.value) == f"{tmp_path}: not a file; name a file that can be read"


def test_a_suite_of_megabytes_is_refused(tmp_path):
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(SuiteInvalid) as refused:
        read_document(path)
    assert str(refused.value) == f"{path}: larger than 1,048,576 bytes; this kind of file is written by people"


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b'"\\ud800"')
@example(b"a: !!int x")
@example(b"%TAG ! tag:x,2000:\n---\n!a b")
def test_any_bytes_are_data_or_one_clear_line(content):
    assert "\n" not in complaint(lambda: parse_document(content, "s.yaml"))


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff"), max_size=8)
NUMBERS = st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS


@given(st.recursive(SCALARS, lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXTS, inside, max_size=4)))
def test_json_is_read_as_what_it_says(data):
    assert plain(json.dumps(data, ensure_ascii=False)) == data
