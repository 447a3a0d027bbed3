"""A loaded model: real ONNX Runtime, a real tokenizer, windows in code points, batches, and the self-test."""

from __future__ import annotations

import json
import logging
import shutil
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from evalgate.checks.models import windows as cutting
from evalgate.checks.models.folder import open_folder
from evalgate.checks.models.loaded import LoadedModel, load_model, probabilities
from evalgate.checks.models.manifest import MANIFEST, PinnedModel
from evalgate.checks.models.onnx import ALONE
from evalgate.checks.models.pinning import pin
from evalgate.checks.models.windows import Readable
from evalgate.core.errors import SuiteInvalid
from evalgate.core.models import Window
from tests.checks.models import building
from tests.checks.models.building import CONTEXT, changed, model_of
from tests.checks.scenes import EN, ES, PT


@pytest.fixture(scope="session")
def toxicity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.classifier(tmp_path_factory.mktemp("models") / "toxicity")


@pytest.fixture(scope="session")
def loaded(toxicity: Path) -> LoadedModel:
    return load_model(open_folder(toxicity))


@pytest.fixture(scope="session")
def entailment(tmp_path_factory: pytest.TempPathFactory) -> LoadedModel:
    return load_model(open_folder(building.entailment(tmp_path_factory.mktemp("models") / "entailment")))


@pytest.fixture
def copy(toxicity: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toxicity, tmp_path / "toxicity"))


def refused(folder: Path) -> str:
    with pytest.raises(SuiteInvalid) as problem:
        load_model(open_folder(folder))
    said = str(problem.value)
    assert "\n" not in said
    return said


def toxic(window: Window) -> bool:
    return window.scores["toxic"] > 0.5


# ── windows ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_short_text_is_one_window_that_shows_all_of_it(loaded: LoadedModel) -> None:
    ((window,),) = loaded.read(["¡Sos un IDIOTA!"])
    assert (window.start, window.end) == (0, 15)
    assert window.scores == {"clean": 0.018, "toxic": 0.982}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (f"{ES} 👍🏽👨‍👩‍👧 Eres un imbécil, señor Peña. {ES}", "imbécil"),
        (f"{PT} 👍🏽 Você é burro, João. {PT} {PT}", "burro"),
        (f"{EN} {EN} 🏴󠁧󠁢󠁥󠁮󠁧󠁿 You are a moron, Zoë. {EN}", "moron"),
        (f"{ES} Usted es un imbe\u0301cil. {ES}", "imbe\u0301cil"),
        (f"{PT} 🖕 {PT}", "🖕"),
    ],
)
def test_of_a_long_text_the_window_with_the_word_is_the_one_that_shows_it(
    loaded: LoadedModel, text: str, word: str
) -> None:
    (found,) = loaded.read([text])
    shown = [text[one.start : one.end] for one in found]
    assert [word in one for one in shown] == [toxic(one) for one in found]
    assert sum(map(toxic, found)) == 1
    assert all(one == one.strip() for one in shown)


def test_windows_cover_every_letter_and_neighbours_share_what_overlap_says(loaded: LoadedModel) -> None:
    text = " ".join("abcdefghijklmnopqrstuvwxyz")
    (apart,), (sharing,) = loaded.read([text]), loaded.read([text], overlap=4)
    assert [text[one.start : one.end] for one in apart] == [text[:27], text[28:]]
    assert [text[one.start : one.end] for one in sharing] == [text[:27], text[20:47], text[40:]]


def test_a_smaller_window_reads_less_at_once(loaded: LoadedModel) -> None:
    (found,) = loaded.read(["a b c d e f g h"], window=6, overlap=1)
    assert [(one.start, one.end) for one in found] == [(0, 7), (6, 13), (12, 15)]


def test_more_than_the_model_can_is_never_read_at_once(loaded: LoadedModel) -> None:
    assert len(loaded.read(["a " * 30], window=1_000)[0]) == 3


def test_a_blank_text_has_no_window(loaded: LoadedModel) -> None:
    assert loaded.read(["", " \n\t", "hola"])[:2] == [[], []]
    assert loaded.read([]) == []


@pytest.mark.parametrize("text", ["\0", "\ufdd0", "👨‍👩‍👧" * 40, "a\u0301" * 500, "á" * 5_000, "\u200b\u2060 \ufeff"])
def test_no_text_breaks_it_and_windows_lie_inside(loaded: LoadedModel, text: str) -> None:
    (found,) = loaded.read([text], window=16, overlap=8)
    assert all(0 <= one.start < one.end <= len(text) for one in found)


def test_an_overlap_too_large_for_the_window_is_made_to_fit(loaded: LoadedModel) -> None:
    assert len(loaded.read(["a b c d e f g h"], window=6, overlap=6)[0]) == 3


# ── pairs ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("passage", "claim", "label"),
    [
        (CONTEXT[0], "El envío a México cuesta 99 pesos.", "entailment"),
        (CONTEXT[0], "El envío a Lisboa cuesta 99 pesos.", "neutral"),
        (CONTEXT[1], "O frete para Lisboa demora dois dias.", "entailment"),
        (CONTEXT[1], "A garantia nunca cobre.", "contradiction"),
        (CONTEXT[2], "Shipping to Dublin takes two days.", "entailment"),
        (CONTEXT[2], "Shipping to Lisbon takes two days.", "neutral"),
    ],
)
def test_a_pair_is_read_in_its_order(entailment: LoadedModel, passage: str, claim: str, label: str) -> None:
    ((window,),) = entailment.read([(passage, claim)])
    assert max(window.scores, key=lambda one: window.scores[one]) == label


def test_the_windows_of_a_pair_are_of_its_first_text_and_each_hears_the_second(entailment: LoadedModel) -> None:
    passage = f"{CONTEXT[1]} " * 5 + CONTEXT[0]
    (found,) = entailment.read([(passage, "La garantía cubre tres años.")], overlap=16)
    best = max(found, key=lambda one: one.scores["entailment"])
    assert len(found) > 2
    assert CONTEXT[0][:28] in passage[best.start : best.end]
    assert best.scores["entailment"] > 0.9


def test_a_second_text_that_leaves_no_room_gives_no_window(entailment: LoadedModel) -> None:
    long, short = "tres " * 60, "tres años"
    assert [len(one) for one in entailment.read([(CONTEXT[0], long), (CONTEXT[0], short)])] == [0, 1]


def test_a_second_text_that_leaves_little_room_makes_more_windows_with_less_overlap(entailment: LoadedModel) -> None:
    passage = f"{CONTEXT[0]} {CONTEXT[2]} {CONTEXT[1]}"
    roomy, tight = entailment.read([(passage, "tres años"), (passage, "tres " * 50)], overlap=30)
    assert 1 <= len(roomy) < len(tight)
    assert tight[-1].end == len(passage)


# ── batches ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_many_texts_at_once_give_what_they_give_one_by_one(
    loaded: LoadedModel, entailment: LoadedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [
        f"{each[:size]} {word}" for each in (ES, PT, EN) for size in range(0, 100, 9) for word in ("burro", "sí 👍🏽")
    ]
    pairs = [(passage, claim[:size]) for passage in CONTEXT for claim in CONTEXT for size in range(2, 80, 11)]
    for model in (loaded, entailment):
        monkeypatch.setattr(model._engine, "tokens_at_once", 100)
    monkeypatch.setattr(cutting, "LETTERS_AT_ONCE", 700)
    assert loaded.read(texts, overlap=3) == [loaded.read([text], overlap=3)[0] for text in texts]
    assert entailment.read(pairs) == [entailment.read([pair])[0] for pair in pairs]
    mixed: list[Readable] = [texts[0], pairs[0], texts[1]]
    assert entailment.read(mixed) == [entailment.read([one])[0] for one in mixed]


def test_weights_in_8_bits_read_every_window_alone_so_that_no_neighbour_changes_it(copy: Path) -> None:
    model = onnx.load(copy / "model.onnx")
    nodes = [
        helper.make_node("DynamicQuantizeLinear", ["sums"], ["whole", "scale", "zero"]),
        helper.make_node("DequantizeLinear", ["whole", "scale", "zero"], ["rounded"]),
    ]
    last = model.graph.node.pop()
    last.input[0] = "rounded"
    model.graph.node.extend([*nodes, last])
    onnx.save(model, copy / "model.onnx")
    pin(copy)
    coarse = load_model(open_folder(copy))
    texts = ["idiota " * times for times in range(8)]
    assert coarse.read(texts) == [coarse.read([text])[0] for text in texts]
    assert coarse._engine.tokens_at_once == ALONE


def test_batches_hold_windows_of_alike_length_within_the_budget() -> None:
    cuts = [
        cutting.Cut(number, 0, 1, [0] * size, [0] * size) for number, size in enumerate([5, 4_000, 7, 900, 800] * 60)
    ]
    found = list(cutting.batches(cuts, 4_096))
    assert sorted(index for batch in found for index in batch) == list(range(300))
    sizes = [[len(cuts[index].ids) for index in batch] for batch in found]
    assert all(len(batch) <= cutting.ROWS_AT_ONCE for batch in sizes)
    assert all(max(batch) * len(batch) <= 4_096 for batch in sizes)
    assert [max(batch) for batch in sizes] == sorted((max(batch) for batch in sizes), reverse=True)


def test_texts_are_tokenized_in_slabs_that_cover_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutting, "LETTERS_AT_ONCE", 10)
    texts: list[Readable] = ["12345", "12345", "1", ("1234567", "1234567"), "", "12"]
    assert list(cutting.slabs(texts)) == [range(2), range(2, 4), range(4, 6)]


def test_padding_on_the_left_gives_the_same(copy: Path, loaded: LoadedModel) -> None:
    path = copy / "tokenizer_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "padding_side": "left"}))
    pin(copy)
    texts = [ES, "burro", PT, "sí"]
    assert load_model(open_folder(copy)).read(texts) == loaded.read(texts)


# ── what is refused at load ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_flipped_label_map_is_refused(copy: Path) -> None:
    (copy / "config.json").unlink()
    pin(changed(copy, labels={0: "toxic", 1: "clean"}))
    assert refused(copy) == (
        f"{copy / MANIFEST}: self_test 'toxic': negative texts score 0.982 or more, positive ones 0.018 or less:"
        " the labels are swapped; look their order up in the model's card"
    )


def test_entailment_and_contradiction_swapped_are_refused(tmp_path: Path) -> None:
    folder = building.entailment(tmp_path / "entailment")
    (folder / "config.json").unlink()
    pin(changed(folder, labels={0: "contradiction", 1: "neutral", 2: "entailment"}))
    assert "the labels are swapped" in refused(folder)


def test_a_model_that_says_the_same_of_everything_is_dead(tmp_path: Path) -> None:
    folder = building.classifier(tmp_path / "dead", weights={"toxic": {"idiota": 0.01}}, bias=(0, 0))
    assert "the model scores every text 0.5" in refused(folder)
    assert "it is dead" in refused(folder)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_model_that_gives_no_numbers_is_refused(tmp_path: Path, number: float) -> None:
    folder = building.classifier(tmp_path / "broken", weights={"toxic": {"idiota": number}})
    assert "the model gives no numbers (NaN) for a positive text" in refused(folder)


def test_a_model_that_barely_tells_them_apart_is_refused_with_the_worst_texts(tmp_path: Path) -> None:
    weak = {"toxic": {"idiota": 8, "moron": 8, "burro": 0.1}}
    folder = building.classifier(tmp_path / "weak", weights=weak, bias=(0, 0))
    assert "positive text 2 scores 0.525, negative text 1 0.500, and they must be 0.2 apart" in refused(folder)


def test_a_self_test_text_longer_than_a_window_is_refused(copy: Path) -> None:
    test = {"toxic": {**building.SELF_TEST["toxic"], "positive": ["idiota", "burro", "moron " * 40]}}
    assert "positive text 3 is not read at once" in refused(changed(copy, self_test=test))


def test_a_tampered_file_is_refused_before_anything_is_loaded(copy: Path) -> None:
    with (copy / "model.onnx").open("ab") as file:
        file.write(b"\0")
    assert "its sha256 differs" in refused(copy)


def test_a_folder_that_changed_after_the_suite_was_read_is_refused(copy: Path) -> None:
    model = open_folder(copy)
    changed(copy, version="2")
    with pytest.raises(SuiteInvalid, match="changed since the suite was read"):
        load_model(model)


def test_a_model_without_its_folder_cannot_be_loaded(copy: Path) -> None:
    with pytest.raises(SuiteInvalid, match="toxicity: a model is loaded from its folder"):
        load_model(PinnedModel.model_validate(open_folder(copy).model_dump()))


def test_labels_that_are_not_as_many_as_the_models_numbers_are_refused(copy: Path) -> None:
    (copy / "config.json").unlink()
    pin(changed(copy, labels={0: "clean", 1: "toxic", 2: "threat"}))
    assert "the model gives 2 numbers for a text, and there are 3 labels" in refused(copy)


def test_a_model_that_cannot_read_as_many_tokens_as_its_manifest_says_is_refused(copy: Path) -> None:
    nodes = [
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("MatMul", ["mask", "table"], ["logits"]),
    ]
    eight_tokens = model_of(nodes, {"table": np.ones((8, 2), dtype=np.float32)}, ["input_ids", "attention_mask"], 2)
    onnx.save(eight_tokens, copy / "model.onnx")
    pin(copy)
    assert "the model fails on a text of max_tokens: 16" in refused(copy)


@pytest.mark.parametrize(
    ("inputs", "said"),
    [(["input_ids", "position_ids"], "wants the input 'position_ids'"), (["attention_mask"], "has no input_ids")],
)
def test_a_model_with_other_inputs_is_refused(copy: Path, inputs: list[str], said: str) -> None:
    nodes = [helper.make_node("Gather", ["table", inputs[-1]], ["logits"])]
    onnx.save(model_of(nodes, {"table": np.ones((30, 2), dtype=np.float32)}, inputs, 2), copy / "model.onnx")
    pin(copy)
    assert said in refused(copy)


def test_a_graph_that_onnx_runtime_does_not_know_is_refused_in_one_line(copy: Path) -> None:
    nodes = [helper.make_node("NoSuchOperator", ["input_ids", "table"], ["logits"])]
    onnx.save(model_of(nodes, {"table": np.ones((3, 2), dtype=np.float32)}, ["input_ids"], 2), copy / "model.onnx")
    pin(copy)
    assert f"{copy / 'model.onnx'}: ONNX Runtime cannot load it: " in refused(copy)


def test_a_tokenizer_that_transformers_cannot_read_is_refused_in_one_line(copy: Path) -> None:
    (copy / "tokenizer.json").write_text('{"version": "1.0"}')
    pin(copy)
    assert f"{copy}: transformers cannot load its tokenizer: " in refused(copy)


@pytest.mark.parametrize(("package", "extra"), [("onnxruntime", "[local]"), ("transformers", "[local]")])
def test_a_package_that_is_missing_is_named_with_its_extra(
    copy: Path, monkeypatch: pytest.MonkeyPatch, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    assert refused(copy).endswith(f"needs {package}; run: pip install 'evalgate-service{extra}'")


def test_safetensors_without_pytorch_say_which_extra_to_install(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (copy / "model.onnx").rename(copy / "model.safetensors")
    pin(changed(copy, weights="model.safetensors"))
    monkeypatch.setitem(sys.modules, "torch", None)
    assert "safetensors need PyTorch; run: pip install 'evalgate-service[hf]', or export to ONNX" in refused(copy)


def test_loading_and_reading_say_nothing(
    copy: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture
) -> None:
    load_model(open_folder(copy)).read(["hola " * 100, ("hola", "hola " * 100)])
    assert (caplog.text, capfd.readouterr()) == ("", ("", ""))
    assert logging.root.manager.disable == logging.NOTSET


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("kind", ["single_label", "multi_label"])
def test_probabilities_of_extreme_numbers_stay_probabilities(kind: str) -> None:
    rows = probabilities(np.array([[1e4, -1e4], [0.0, 0.0]], dtype=np.float32), kind)
    assert rows[1].tolist() == [0.5, 0.5]
    assert rows[0].round(6).tolist() == [1.0, 0.0]


def test_each_label_stands_for_itself_when_there_may_be_several(tmp_path: Path) -> None:
    folder = building.classifier(
        tmp_path / "several",
        labels=("toxic", "threat"),
        weights={"toxic": {"idiota": 8, "burro": 8, "moron": 8}, "threat": {"mato": 8, "burro": 8}},
        bias=(-4, -4),
        kind="multi_label",
    )
    (both,), (none,) = load_model(open_folder(folder)).read(["¡Burro, te mato!", "hola"])
    assert (both.scores, none.scores) == ({"toxic": 0.982, "threat": 1.0}, {"toxic": 0.018, "threat": 0.018})


def test_half_precision_numbers_are_read(copy: Path) -> None:
    model = onnx.load(copy / "model.onnx")
    model.graph.node.append(helper.make_node("Cast", ["logits"], ["halves"], to=TensorProto.FLOAT16))
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("halves", TensorProto.FLOAT16, ["batch", 2]))
    onnx.save(model, copy / "model.onnx")
    pin(copy)
    ((window,),) = load_model(open_folder(copy)).read(["idiota"])
    assert window.scores["toxic"] == 0.982


def test_inputs_of_32_bits_are_given_as_such(copy: Path) -> None:
    model = onnx.load(copy / "model.onnx")
    for given in model.graph.input:
        given.type.tensor_type.elem_type = TensorProto.INT32
    onnx.save(model, copy / "model.onnx")
    pin(copy)
    ((window,),) = load_model(open_folder(copy)).read(["idiota"])
    assert window.scores["toxic"] == 0.982
