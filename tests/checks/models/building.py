"""Model folders for tests, small and real: an ONNX graph, a tokenizer, and the manifest that a person would write.

The classifier adds up a weight a word and label. The pair model counts the words of the second text that the first
does not have, and hears a denial that the first does not make.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import yaml
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from evalgate.checks.models.manifest import MANIFEST
from evalgate.checks.models.pinning import pin

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
LENGTH = 16
"""Tokens that the small models read at once."""

TOXIC = {"idiota": 1, "imbécil": 1, "estúpido": 1, "burro": 1, "idiot": 1, "stupid": 1, "moron": 1, "🖕": 1}
SELF_TEST: dict[str, Any] = {
    "toxic": {
        "positive": ["eres un idiota", "que burro", "you moron"],
        "negative": ["gracias por su mensaje", "obrigado pela ajuda", "thank you very much"],
    }
}
CONTEXT = (
    "La garantía cubre tres años. El envío a México cuesta 99 pesos, sin recargo.",
    "A garantia cobre três anos. O frete para Lisboa custa 5 euros e demora dois dias.",
    "The warranty covers three years. Shipping to Dublin costs 5 euros and takes two days.",
)
DENIALS = ("no", "não", "not", "nunca", "never")
PAIR_TEST: dict[str, Any] = {
    "entailment": {
        "positive": [
            {"premise": CONTEXT[0], "hypothesis": "la garantía cubre tres años"},
            {"premise": CONTEXT[1], "hypothesis": "a garantia cobre três anos"},
            {"premise": CONTEXT[2], "hypothesis": "the warranty covers three years"},
        ],
        "negative": [
            {"premise": CONTEXT[0], "hypothesis": "la garantía no cubre dos días"},
            {"premise": CONTEXT[1], "hypothesis": "a garantia não cobre dois dias"},
            {"premise": CONTEXT[2], "hypothesis": "the warranty never covers two days"},
        ],
    }
}


def words_of(texts: Iterable[str]) -> list[str]:
    """Return the words of texts as the tokenizer sees them, each once."""
    return list(dict.fromkeys(word for text in texts for word in re.findall(r"\w+|[^\w\s]", text.lower())))


def write_tokenizer(folder: Path, words: Sequence[str], length: int = LENGTH) -> dict[str, int]:
    """Write a fast word tokenizer for sentences and pairs; return the number of each word."""
    vocabulary = {word: number for number, word in enumerate([*SPECIAL, *words])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    named = {"pad_token": "[PAD]", "unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": length, **named}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
    return vocabulary


def classifier(
    folder: Path,
    *,
    labels: Sequence[str] = ("clean", "toxic"),
    weights: Mapping[str, Mapping[str, float]] | None = None,
    bias: Sequence[float] = (0.0, -4.0),
    kind: str = "single_label",
    self_test: Mapping[str, Any] | None = None,
    length: int = LENGTH,
) -> Path:
    """Write the folder of a classifier that adds `weights[label][word]` to `bias`, pinned; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = weights or {"toxic": {word: 8.0 * weight for word, weight in TOXIC.items()}}
    numbers = write_tokenizer(folder, list(dict.fromkeys(word for each in weights.values() for word in each)), length)
    table = np.zeros((len(numbers), len(labels)), dtype=np.float32)
    for label, each in weights.items():
        for word, weight in each.items():
            table[numbers[word], list(labels).index(label)] = weight
    onnx.save(word_sums(table, np.array(bias, dtype=np.float32)), folder / "model.onnx")
    return finished(folder, labels, kind, self_test or SELF_TEST, length)


def entailment(folder: Path, *, context: Sequence[str] = CONTEXT, length: int = 64) -> Path:
    """Write the folder of a pair model that knows the words of the context, pinned; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    said = [*context, *DENIALS, *(pair["hypothesis"] for each in PAIR_TEST["entailment"].values() for pair in each)]
    numbers = write_tokenizer(folder, words_of(said), length)
    denials = np.zeros(len(numbers), dtype=np.float32)
    denials[[numbers[word] for word in DENIALS]] = 1
    onnx.save(words_missing(denials), folder / "model.onnx")
    return finished(folder, ("entailment", "neutral", "contradiction"), "single_label", PAIR_TEST, length)


def finished(folder: Path, labels: Sequence[str], kind: str, self_test: Mapping[str, Any], length: int) -> Path:
    """Write config.json and the manifest, and pin the folder; return it."""
    named = {str(number): label for number, label in enumerate(labels)}
    (folder / "config.json").write_text(json.dumps({"model_type": "bert", "id2label": named}), encoding="utf-8")
    manifest = {
        "name": folder.name,
        "version": "1",
        "weights": "model.onnx",
        "kind": kind,
        "labels": dict(enumerate(labels)),
        "max_tokens": length,
        "self_test": dict(self_test),
    }
    write_manifest(folder, manifest)
    pin(folder)
    return folder


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest as it is given."""
    text = yaml.safe_dump(dict(manifest), allow_unicode=True, sort_keys=False)
    (folder / MANIFEST).write_text(text, encoding="utf-8")


def changed(folder: Path, **keys: Any) -> Path:
    """Write the manifest again with other values for some keys; return the folder."""
    before = yaml.safe_load((folder / MANIFEST).read_text(encoding="utf-8"))
    write_manifest(folder, {**before, **keys})
    return folder


# ── graphs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def word_sums(table: NDArray[Any], bias: NDArray[Any]) -> onnx.ModelProto:
    """Return a graph: the sum of a row of the table for each token, and the bias."""
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["weights"]),
        helper.make_node("Mul", ["rows", "weights"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["sums"], keepdims=0),
        helper.make_node("Add", ["sums", "bias"], ["logits"]),
    ]
    constants = {"table": table, "bias": bias, "last": np.array([2]), "middle": np.array([1])}
    return model_of(nodes, constants, ["input_ids", "attention_mask"], bias.size)


def words_missing(denials: NDArray[Any]) -> onnx.ModelProto:
    """Return a graph: entailed unless words of the second text are missing in the first, denied if one is a denial."""
    node = helper.make_node
    nodes = [
        node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        node("Cast", ["token_type_ids"], ["type"], to=TensorProto.FLOAT),
        node("Mul", ["mask", "type"], ["second"]),
        node("Sub", ["mask", "second"], ["first"]),
        node("Unsqueeze", ["input_ids", "two"], ["down"]),
        node("Unsqueeze", ["input_ids", "one"], ["across"]),
        node("Equal", ["down", "across"], ["same"]),
        node("Cast", ["same"], ["alike"], to=TensorProto.FLOAT),
        node("Unsqueeze", ["first", "one"], ["among"]),
        node("Mul", ["alike", "among"], ["found"]),
        node("ReduceMax", ["found", "two"], ["there"], keepdims=0),
        node("Sub", ["unit", "there"], ["absent"]),
        node("Mul", ["absent", "second"], ["missing"]),
        node("Gather", ["denials", "input_ids"], ["denial"]),
        node("Mul", ["missing", "denial"], ["denied"]),
        node("ReduceSum", ["missing", "one"], ["count"], keepdims=1),
        node("ReduceSum", ["denied", "one"], ["denying"], keepdims=1),
        node("Concat", ["count", "denying"], ["counts"], axis=1),
        node("MatMul", ["counts", "worth"], ["weighed"]),
        node("Add", ["weighed", "bias"], ["logits"]),
    ]
    constants = {
        "one": np.array([1]),
        "two": np.array([2]),
        "unit": np.array([1], dtype=np.float32),
        "denials": denials,
        "worth": np.array([[-8, 0, 0], [0, -4, 12]], dtype=np.float32),
        "bias": np.array([4, 0, -4], dtype=np.float32),
    }
    return model_of(nodes, constants, ["input_ids", "attention_mask", "token_type_ids"], 3)


def model_of(
    nodes: Sequence[onnx.NodeProto], constants: Mapping[str, NDArray[Any]], inputs: Sequence[str], width: int
) -> onnx.ModelProto:
    """Return a model of nodes over whole-number inputs [batch, tokens] that gives logits [batch, width]."""
    graph = helper.make_graph(
        list(nodes),
        "small",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in inputs],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", width])],
        [numpy_helper.from_array(values, name) for name, values in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
