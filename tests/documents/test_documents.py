from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evalgate.core.errors import SuiteInvalid
from evalgate.documents import parse_document, read_document

BILLION_LAUGHS = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
)


def plain(text, **options):
    return parse_document(text.encode(), "s.yaml", **options).data


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


def test_the_text_of_a_block_starts_below_its_bar():
    document = parse_document(b"m:\n  - content: |\n      one\n      two\n    role: user\n  - >-\n    x\n", "s.yaml")
    ways = [("m", 0, "content"), ("m", 0, "role"), ("m", 1)]
    assert [document.lines[way] for way in ways] == [2, 5, 6]
    assert [document.text_lines[way] for way in ways] == [3, 5, 7]


def test_a_text_below_its_key_starts_on_its_own_line():
    document = parse_document(b"content:\n  'two\n\n  lines'\n", "s.yaml")
    assert (document.lines["content",], document.text_lines["content",]) == (1, 2)


def test_only_text_leaves_every_scalar_as_written():
    read = plain("[no, true, 1.10, 017, .nan, 99999999999999999999999, ~, ]", only_text=True)
    assert read == ["no", "true", "1.10", "017", ".nan", "99999999999999999999999", "~"]


def test_only_text_reads_nothing_as_an_empty_text():
    assert plain("terms:\n- a\n-\n", only_text=True) == {"terms": ["a", ""]}


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
        (b"{a: " * 40_000, "s.yaml:1: nested deeper than 100 levels"),
        (b"- " * 99_000, "s.yaml:1: nested deeper than 100 levels"),
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


def test_a_folder_is_not_a_file(tmp_path):
    with pytest.raises(SuiteInvalid) as refused:
        read_document(tmp_path)
    assert str(refused.value) == f"{tmp_path}: not a file; name a file that can be read"


def test_a_document_may_be_as_large_as_its_limit_and_no_larger():
    assert plain("a: 12", limit=5) == {"a": 12}
    with pytest.raises(SuiteInvalid) as refused:
        plain("a: 123", limit=5)
    assert str(refused.value) == "s.yaml: larger than 5 bytes; this kind of file is written by people"


def test_a_file_of_megabytes_is_refused(tmp_path):
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * (1 << 20) + b"\n")
    with pytest.raises(SuiteInvalid) as refused:
        read_document(path)
    assert str(refused.value) == f"{path}: larger than 1,048,576 bytes; this kind of file is written by people"


def complaint(content):
    """Return the one line of the error that reading ends in, or nothing; whatever is not ours goes through."""
    try:
        parse_document(content, "s.yaml")
    except SuiteInvalid as problem:
        return str(problem)
    return ""


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b'"\\ud800"')
@example(b"a: !!int x")
@example(b"%TAG ! tag:x,2000:\n---\n!a b")
def test_any_bytes_are_data_or_one_clear_line(content):
    assert "\n" not in complaint(content)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufeff"), max_size=8)
NUMBERS = st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS


@given(st.recursive(SCALARS, lambda inside: st.lists(inside, max_size=4) | st.dictionaries(TEXTS, inside, max_size=4)))
def test_json_is_read_as_what_it_says(data):
    assert plain(json.dumps(data, ensure_ascii=False)) == data
