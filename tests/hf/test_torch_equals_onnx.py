"""PyTorch and ONNX Runtime say the same of the same weights: `make test-hf`, in an environment that has both."""

from __future__ import annotations

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalgate.checks.classifier import Classifier
from evalgate.checks.models.folder import open_folder
from evalgate.checks.models.loaded import load_model
from evalgate.checks.models.manifest import MANIFEST
from evalgate.checks.models.pinning import pin
from evalgate.core.checks import Loading
from evalgate.core.errors import SuiteInvalid
from evalgate.core.models import LocalModel
from tests.checks.models.building import words_of, write_tokenizer
from tests.checks.scenes import EN, ES, PT, subject

if find_spec("torch") is None:
    pytest.skip("torch is not installed here: `make test-hf` runs this in its own environment", allow_module_level=True)

pytestmark = pytest.mark.filterwarnings("ignore")  # torch and its exporter deprecate their own parts

LABELS = ("good", "bad", "ugly")
LENGTH = 64
WORDS = words_of([ES, PT, EN])
TEXTS = [" ".join(WORDS[start : start + size]) for start in range(0, len(WORDS), 3) for size in (1, 4, 9)]
EQUAL = 1e-3


@pytest.fixture(scope="session")
def torch_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with a tiny BERT of random weights, as safetensors."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("torch") / "tiny"
    folder.mkdir()
    vocabulary = write_tokenizer(folder, WORDS, LENGTH)
    torch.manual_seed(7)
    model = BertForSequenceClassification(
        BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=64,
            max_position_embeddings=LENGTH,
            id2label=dict(enumerate(LABELS)),
            label2id={label: number for number, label in enumerate(LABELS)},
        )
    )
    with torch.no_grad():
        for weights in model.parameters():  # the usual start is so small that every text would score alike
            weights.mul_(4)
        model.classifier.weight.mul_(10)
    model.eval().save_pretrained(folder)
    return pinned(folder, "model.safetensors")


@pytest.fixture(scope="session")
def onnx_folder(torch_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the same weights, exported as the how-to says."""
    import torch
    from torch.export import Dim
    from transformers import AutoModelForSequenceClassification

    folder = Path(shutil.copytree(torch_folder, tmp_path_factory.mktemp("onnx") / "tiny"))
    (folder / MANIFEST).unlink()
    model = AutoModelForSequenceClassification.from_pretrained(str(folder), attn_implementation="eager").eval()
    names = ("input_ids", "attention_mask", "token_type_ids")
    given = {name: torch.ones((2, 8), dtype=torch.long) for name in names}
    shape = {0: Dim("batch"), 1: Dim("tokens", max=LENGTH)}
    torch.onnx.export(
        model,
        (),
        str(folder / "model.onnx"),
        kwargs=given,
        dynamo=True,
        dynamic_shapes=dict.fromkeys(names, shape),
        opset_version=18,
        input_names=list(names),
        output_names=["logits"],
    )
    (folder / "model.safetensors").unlink()
    return pinned(folder, "model.onnx")


def pinned(folder: Path, weights: str) -> Path:
    """Write the manifest, with the texts this model of chance tells apart best as its self-test."""
    manifest = {
        "name": "tiny",
        "version": "1",
        "weights": weights,
        "kind": "single_label",
        "labels": dict(enumerate(LABELS)),
        "max_tokens": LENGTH,
        "self_test": {"bad": told_apart(folder)},
    }
    (folder / MANIFEST).write_text(yaml.safe_dump(manifest, allow_unicode=True), encoding="utf-8")
    pin(folder)
    return folder


def told_apart(folder: Path) -> dict[str, list[str]]:
    """Return the texts with the highest and the lowest probability of `bad`; asked of transformers alone."""
    kept = folder / "self_test.json"
    if kept.exists():
        found: dict[str, list[str]] = json.loads(kept.read_text())
        return found
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model = AutoModelForSequenceClassification.from_pretrained(str(folder)).eval()
    tokenizer = AutoTokenizer.from_pretrained(str(folder))
    with torch.inference_mode():
        each = [model(**tokenizer(text, return_tensors="pt")).logits.softmax(-1)[0, 1].item() for text in TEXTS]
    ordered = [text for _, text in sorted(zip(each, TEXTS, strict=True))]
    found = {"positive": ordered[-3:], "negative": ordered[:3]}
    kept.write_text(json.dumps(found))
    return found


@pytest.fixture(scope="session")
def both(torch_folder: Path, onnx_folder: Path) -> tuple[LocalModel, LocalModel]:
    return load_model(open_folder(torch_folder)), load_model(open_folder(onnx_folder))


def differences(both: tuple[LocalModel, LocalModel], texts: Any, **how: Any) -> list[float]:
    one, other = (model.read(texts, **how) for model in both)
    places = [[[(window.start, window.end) for window in windows] for windows in found] for found in (one, other)]
    assert places[0] == places[1]
    pairs = [pair for left, right in zip(one, other, strict=True) for pair in zip(left, right, strict=True)]
    return [abs(left.scores[label] - right.scores[label]) for left, right in pairs for label in LABELS]


def test_short_texts_in_one_batch_score_the_same(both: tuple[LocalModel, LocalModel]) -> None:
    found = differences(both, TEXTS)
    assert len(found) == 3 * len(TEXTS)
    assert max(found) < EQUAL


def test_long_texts_in_windows_score_the_same(both: tuple[LocalModel, LocalModel]) -> None:
    assert max(differences(both, [f"{ES} {PT} {EN} " * 8, ES, ""], window=32, overlap=8)) < EQUAL


def test_pairs_score_the_same(both: tuple[LocalModel, LocalModel]) -> None:
    assert max(differences(both, [(ES, PT), (EN, ES), (f"{PT} " * 9, EN)])) < EQUAL


def test_texts_are_told_apart_at_all(both: tuple[LocalModel, LocalModel]) -> None:
    bad = [windows[0].scores["bad"] for windows in both[0].read(TEXTS)]
    assert max(bad) - min(bad) > 0.2


def test_a_check_marks_alike_with_either(torch_folder: Path, onnx_folder: Path) -> None:
    about = [subject(text) for text in [*TEXTS, f"{ES} {PT} " * 4]]
    marks = []
    for folder in (torch_folder, onnx_folder):
        loading = Loading(read=lambda _: b"", locate=lambda _, at=folder: at)  # type: ignore[misc]
        given = {"model": "tiny", "violations": ["bad"], "overlap": 16, "score": True}
        check = Classifier.model_validate(given, context=loading)
        marks.append([each[""] for each in check.mark_many(about, check.load())])
    values = [[getattr(mark, "value", None) for mark in each] for each in marks]
    assert values[0] == pytest.approx(values[1], abs=EQUAL)


def test_loading_and_reading_say_nothing(torch_folder: Path, capfd: pytest.CaptureFixture) -> None:
    load_model(open_folder(torch_folder)).read([ES])
    assert capfd.readouterr() == ("", "")


def test_weights_without_a_head_are_refused(torch_folder: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(torch_folder, tmp_path / "headless"))
    weights = load_file(folder / "model.safetensors")
    body = {name: values for name, values in weights.items() if not name.startswith("classifier")}
    save_file(body, folder / "model.safetensors", metadata={"format": "pt"})
    pin(folder)
    with pytest.raises(SuiteInvalid, match=r"the weights lack classifier\.bias and 1 more, which would be random"):
        load_model(open_folder(folder))
