"""Local models on the processor: texts a CPU-second of encoders of two sizes, windows and batches included.

The weights are random, so nothing is told apart; the arithmetic is that of BERT encoders of the same size.
"""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.checks import subjects
from benchmarks.figures import Figure
from evalgate.checks.models.loaded import LoadedModel
from evalgate.checks.models.manifest import PinnedModel
from evalgate.checks.models.onnx import OnnxEngine

LENGTH = 512
SPECIAL = ["<pad>", "<s>", "</s>"]


class Size(NamedTuple):
    """An encoder's size."""

    name: str
    layers: int
    width: int
    heads: int
    texts: int
    in_8_bits: bool = False


SIZES = (
    Size("2 layers of 128", 2, 128, 2, 400),
    Size("6 layers of 384", 6, 384, 12, 48),
    Size("6 layers of 384, weights in 8 bits", 6, 384, 12, 96, in_8_bits=True),
)


def bench(*, quick: bool) -> list[Figure]:
    """Return the figures of local models."""
    return [_figure(size, quick=quick) for size in (SIZES[:1] if quick else SIZES)]


def _figure(size: Size, *, quick: bool) -> Figure:
    texts = [one.sample.output.text for one in subjects(30 if quick else size.texts)]
    with tempfile.TemporaryDirectory() as name:
        model = encoder_in(Path(name), size, texts)
        model.read(texts[:8])
        rates = []
        for _ in range(1 if quick else 3):
            begun = time.process_time()
            model.read(texts, overlap=64)
            rates.append(len(texts) / (time.process_time() - begun))
        weight = (Path(name) / "model.onnx").stat().st_size / 1e6
    letters = sum(map(len, texts)) / len(texts)
    beside = f"{len(texts)} texts of {letters:.0f} characters, {tokens_in(model, texts):.0f} tokens; {weight:.0f} MB"
    return Figure(f"classifier, {size.name}", "–", f"{max(rates):,.0f} texts a CPU-second", None, beside, timed=True)


def tokens_in(model: LoadedModel, texts: list[str]) -> float:
    """Return the mean number of tokens of a text."""
    cuts = model._cutter.cut(texts, range(len(texts)), LENGTH, 0)  # noqa: SLF001 - nothing else needs to know
    return sum(len(cut.ids) for cut in cuts) / len(texts)


def encoder_in(folder: Path, size: Size, texts: list[str]) -> LoadedModel:
    """Return a loaded encoder with a tokenizer trained on the texts; its self-test is left out."""
    import onnx
    import transformers

    tokenizer = _tokenizer(texts)
    path = folder / "model.onnx"
    onnx.save(encoder(size, tokenizer.get_vocab_size()), path)
    if size.in_8_bits:
        from onnxruntime.quantization import quantize_dynamic

        quantize_dynamic(path, folder / "small.onnx")
        (folder / "small.onnx").replace(path)
    text: Any = {"positive": ["1", "2", "3"], "negative": ["4", "5", "6"]}
    manifest = {
        "name": "encoder",
        "version": "1",
        "weights": "model.onnx",
        "kind": "single_label",
        "labels": {0: "good", 1: "bad"},
        "max_tokens": LENGTH,
        "self_test": {"bad": text},
        "files": {"model.onnx": "0" * 64},
    }
    model = PinnedModel.model_validate_json(json.dumps(manifest))
    fast: Any = transformers.PreTrainedTokenizerFast
    return LoadedModel(model, fast(tokenizer_object=tokenizer, pad_token=SPECIAL[0]), OnnxEngine.load(path))


def _tokenizer(texts: list[str]) -> Any:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=2_000, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 1))
    return tokenizer


def encoder(size: Size, vocabulary: int) -> Any:
    """Return the graph of a BERT encoder with random weights and a head of two labels."""
    from onnx import TensorProto, helper, numpy_helper

    dice = np.random.default_rng(7)
    width, heads = size.width, size.heads
    nodes: list[Any] = []
    constants: list[Any] = []

    def constant(name: str, values: Any) -> str:
        constants.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def node(kind: str, inputs: list[str], output: str, **how: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **how))
        return output

    def weights(name: str, *shape: int) -> str:
        return constant(name, dice.normal(0, 0.05, shape).astype(np.float32))

    def linear(name: str, given: str, wide: int, narrow: int) -> str:
        product = node("MatMul", [given, weights(f"{name}.w", wide, narrow)], f"{name}.p")
        return node("Add", [product, weights(f"{name}.b", narrow)], name)

    def norm(name: str, one: str, other: str) -> str:
        total = node("Add", [one, other], f"{name}.sum")
        scale = constant(f"{name}.scale", np.ones(width, dtype=np.float32))
        return node("LayerNormalization", [total, scale, weights(f"{name}.shift", width)], name)

    apart = constant("apart", np.array([0, 0, heads, width // heads]))
    whole = constant("whole", np.array([0, 0, width]))
    root = constant("root", np.float32(np.sqrt(width // heads)))
    unit, low = constant("unit", np.float32(1)), constant("low", np.float32(-1e4))
    half, root2 = constant("half", np.float32(0.5)), constant("root2", np.float32(np.sqrt(2)))
    mask = node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    mask = node("Unsqueeze", [mask, constant("axes", np.array([1, 2]))], "mask4")
    mask = node("Mul", [node("Sub", [unit, mask], "hidden"), low], "bias")
    rows = node("Gather", [weights("words", vocabulary, width), "input_ids"], "rows")
    count = node("Shape", ["input_ids"], "count", start=1)
    zero, one = constant("zero", np.array([0])), constant("one", np.array([1]))
    places = node("Slice", [weights("places", LENGTH, width), zero, count, zero, one], "place")
    state = norm("start", rows, places)
    for layer in range(size.layers):
        at = f"l{layer}"
        parts = {}
        for part, order in (("q", (0, 2, 1, 3)), ("k", (0, 2, 3, 1)), ("v", (0, 2, 1, 3))):
            split = node("Reshape", [linear(f"{at}.{part}", state, width, width), apart], f"{at}.{part}.r")
            parts[part] = node("Transpose", [split], f"{at}.{part}.t", perm=order)
        scores = node("Div", [node("MatMul", [parts["q"], parts["k"]], f"{at}.qk"), root], f"{at}.scaled")
        shares = node("Softmax", [node("Add", [scores, mask], f"{at}.masked")], f"{at}.shares")
        mixed = node("Transpose", [node("MatMul", [shares, parts["v"]], f"{at}.mix")], f"{at}.mt", perm=(0, 2, 1, 3))
        joined = node("Reshape", [mixed, whole], f"{at}.joined")
        state = norm(f"{at}.n1", state, linear(f"{at}.o", joined, width, width))
        wide = linear(f"{at}.f1", state, width, 4 * width)
        erf = node("Erf", [node("Div", [wide, root2], f"{at}.e1")], f"{at}.e2")
        gate = node("Mul", [node("Add", [erf, unit], f"{at}.e3"), half], f"{at}.e4")
        state = norm(f"{at}.n2", state, linear(f"{at}.f2", node("Mul", [wide, gate], f"{at}.g"), 4 * width, width))
    first = node("Gather", [state, constant("first", np.array(0))], "cls", axis=1)
    linear("logits", first, width, 2)
    inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, ["b", "t"]) for n in ("input_ids", "attention_mask")]
    outputs = [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["b", 2])]
    graph = helper.make_graph(nodes, "encoder", inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
