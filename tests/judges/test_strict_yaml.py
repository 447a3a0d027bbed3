from __future__ import annotations

import pytest

from evalgate.core.errors import SuiteInvalid
from evalgate.judges.strict_yaml import MOST_BYTES, read_document


def read(text):
    return read_document(text.encode(), "r.yaml")


def problem(text):
    with pytest.raises(SuiteInvalid) as caught:
        read(text)
    return str(caught.value)


def test_yes_no_on_off_are_words_and_keys_are_always_text():
    assert read("{yes: no, on: off, 1: y, true: 2024-01-01}").data == {
        "yes": "no",
        "on": "off",
        "1": "y",
        "true": "2024-01-01",
    }


def test_numbers_truth_and_nothing_keep_their_kind():
    assert read("[1, -2, 0.5, 1e3, true, False, null, ~, 0x1f, 1_000, .inf]").data == [
        1, -2, 0.5, 1000.0, True, False, None, None, "0x1f", "1_000", ".inf",
    ]  # fmt: skip


def test_a_key_written_twice_is_refused_with_both_lines():
    assert problem("a: 1\nb: 2\na: 3\n") == "r.yaml:3: the key 'a' is already on line 1; keep one of them"


def test_aliases_are_refused_before_they_are_expanded():
    assert problem("a: &x [1]\nb: *x\n") == "r.yaml:2: aliases (*x) are not used; write the text out"


def test_a_tag_that_would_build_an_object_is_refused():
    assert "r.yaml:1: the tag" in problem("a: !!python/object/apply:os.system [echo]")


def test_broken_yaml_names_its_line():
    assert problem("a: 1\nb: 2\n c: 3\n").startswith("r.yaml:3: not valid YAML: ")


def test_two_documents_in_one_file_are_refused():
    assert "not valid YAML" in problem("a: 1\n---\nb: 2\n")


def test_a_key_that_is_a_list_is_refused():
    assert problem("? [a]\n: 1") == "r.yaml:1: a key must be plain text"


def test_bytes_that_are_not_utf8_are_refused():
    with pytest.raises(SuiteInvalid, match=r"^r\.yaml: byte 3 is not UTF-8"):
        read_document(b"a: \xff", "r.yaml")


@pytest.mark.parametrize("text", ["[" * 99_000 + "]" * 99_000, "[" * 199_000, "{a: " * 40_000, "- " * 99_000])
def test_a_file_nested_a_hundred_thousand_deep_is_refused(text):
    assert problem(text) == "r.yaml:1: nested too deeply to be a rubric"


def test_a_file_as_deep_as_a_rubric_may_be_is_read():
    assert read("[" * 20 + "]" * 20).data == [[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]


def test_a_file_larger_than_a_rubric_is_refused():
    assert "larger than" in problem("a" * (MOST_BYTES + 1))


def test_a_number_of_a_hundred_digits_is_refused():
    assert "too long for a number" in problem("a: " + "9" * 100)


def test_the_first_line_of_a_block_is_the_one_below_its_bar():
    document = read("m:\n  - content: |\n      one\n      two\n    role: user\n")
    assert document.lines["m", 0, "content"] == 2
    assert document.text_lines["m", 0, "content"] == 3
