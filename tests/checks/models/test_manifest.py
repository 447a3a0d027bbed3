"""`evalgate-model.yaml` is read strictly: every mistake is one line with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalgate.checks.models.manifest import Pair, read_manifest
from evalgate.core.errors import SuiteInvalid

GOOD = f"""\
name: toxicity
version: 2026-11
weights: onnx/model.onnx
kind: single_label
labels: {{0: no, 1: toxic}}
max_tokens: 512
self_test:
  toxic:
    positive: [eres un idiota, "que burro!", you moron]
    negative: [no, "obrigado", thanks]
files:
  onnx/model.onnx: {"a" * 64}
"""


def read(text: str) -> str:
    with pytest.raises(SuiteInvalid) as problem:
        read_manifest(text.encode(), Path("models/toxicity"))
    said = str(problem.value)
    assert "\n" not in said
    return said.removeprefix("models/toxicity/evalgate-model.yaml:")


def test_every_scalar_is_a_word_and_numbers_are_read_where_numbers_belong() -> None:
    model = read_manifest(GOOD.encode(), Path("m"))
    assert (model.version, model.labels, model.max_tokens) == ("2026-11", {0: "no", 1: "toxic"}, 512)
    assert model.self_test["toxic"].negative == ("no", "obrigado", "thanks")
    assert not model.takes_pairs


def test_pairs_make_a_model_of_pairs() -> None:
    pairs = "[" + ", ".join(f"{{premise: p{n}, hypothesis: h{n}}}" for n in range(3)) + "]"
    others = pairs.replace(": h", ": n")
    text = GOOD.replace('[eres un idiota, "que burro!", you moron]', pairs).replace('[no, "obrigado", thanks]', others)
    model = read_manifest(text.encode(), Path("m"))
    assert model.takes_pairs
    assert model.self_test["toxic"].positive[0] == Pair(premise="p0", hypothesis="h0")


def test_the_folder_is_no_part_of_what_a_model_is() -> None:
    one, other = (read_manifest(GOOD.encode(), Path(folder)) for folder in ("a", "b"))
    assert one.model_dump() == other.model_dump()
    assert "folder" not in one.model_dump()
    assert "folder" not in repr(one)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("name: toxicity", "nam: toxicity", "1: 'nam' is not a key of a manifest. Did you mean 'name'?"),
        ("name: toxicity", "name: toxicity\nfolder: /x", "2: 'folder' is not a key of a manifest."),
        ("version: 2026-11", "version:", "2: version: is empty"),
        (
            "onnx/model.onnx\nkind",
            "../model.onnx\nkind",
            "3: weights: '../model.onnx' does not name a file in the folder",
        ),
        ("onnx/model.onnx\nkind", "onnx//model.onnx\nkind", "3: weights: 'onnx//model.onnx' does not name a file"),
        ("kind: single_label", "kind: softmax", "4: kind: is single_label or multi_label"),
        ("{0: no, 1: toxic}", "{zero: no, 1: toxic}", "5: labels.zero: is a whole number"),
        ("{0: no, 1: toxic}", "{0: no, 2: toxic}", "1: labels are numbered 0 to 1, each once"),
        ("{0: no, 1: toxic}", "{0: toxic, 1: toxic}", "1: labels: two numbers have the same label"),
        ("{0: no, 1: toxic}", "{0: toxic}", "1: kind: single_label chooses among labels, and there is one"),
        ("{0: no, 1: toxic}", "[no, toxic]", "5: labels: is a mapping"),
        ("max_tokens: 512", "max_tokens: many", "6: max_tokens: is a whole number"),
        ("max_tokens: 512", "max_tokens: 4", "6: max_tokens: Input should be greater than or equal to 16"),
        ("max_tokens: 512\n", "", "1: max_tokens: is missing"),
        ("  toxic:\n", "  toxi:\n", "1: self_test names 'toxi', which is not among the labels. Did you mean 'toxic'?"),
        (", you moron", "", "9: self_test.toxic.positive: has too few texts; write at least 3"),
        (", you moron", ", ' '", "9: self_test.toxic.positive.2: is empty"),
        (", you moron", ", {premise: x}", "9: self_test.toxic.positive.2.hypothesis: is missing"),
        (", you moron", ", {premise: x, hypothesis: y}", "1: self_test mixes texts with pairs"),
        ("[no,", "[you moron,", "1: self_test: a text of 'toxic' is both positive and negative"),
        ("    negative: [", "    negativ: [", "8: self_test.toxic.negative: is missing"),
        ("a" * 64, "a" * 63, "12: files.onnx/model.onnx: is 64 hexadecimal digits; `evalgate models pin` writes them"),
        ("  onnx/model.onnx: a", "  model.onnx: a", "1: files do not list the weights, onnx/model.onnx"),
        (f"files:\n  onnx/model.onnx: {'a' * 64}\n", "", "1: files is missing; `evalgate models pin FOLDER`"),
        ("name: toxicity", "name: a\nname: b", "2: 'name' is written twice, on lines 1 and 2"),
        (GOOD, "- name", "1: a manifest is a mapping of name, version, weights"),
    ],
)
def test_a_mistake_is_said_with_its_line(before: str, after: str, said: str) -> None:
    assert before in GOOD
    assert read(GOOD.replace(before, after, 1)).startswith(said)
