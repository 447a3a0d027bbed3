"""A model folder is trusted file by file: what is refused, and in which words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import yaml
from onnx import helper

from evalgate.checks.models import folder as rules
from evalgate.checks.models.folder import open_folder, verify
from evalgate.checks.models.manifest import MANIFEST, PinnedModel
from evalgate.checks.models.pinning import pin
from evalgate.core.errors import ServiceBroke, SuiteInvalid
from tests.checks.models import building
from tests.checks.models.building import changed, model_of


@pytest.fixture(scope="session")
def toxicity(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return building.classifier(tmp_path_factory.mktemp("models") / "toxicity")


@pytest.fixture
def copy(toxicity: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(toxicity, tmp_path / "toxicity"))


def refused(work: Callable[[], object]) -> str:
    with pytest.raises(SuiteInvalid) as problem:
        work()
    said = str(problem.value)
    assert "\n" not in said
    return said


def rewrite(path: Path, **keys: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **keys}))


def test_a_pinned_folder_is_what_its_manifest_says(toxicity: Path) -> None:
    model = verify(toxicity)
    assert (model.name, model.kind, model.labels) == ("toxicity", "single_label", {0: "clean", 1: "toxic"})
    assert set(model.files) == {"config.json", "model.onnx", "tokenizer.json", "tokenizer_config.json"}


def test_a_folder_elsewhere_with_the_same_content_is_the_same_model_in_words(toxicity: Path, copy: Path) -> None:
    assert verify(copy).model_dump() == verify(toxicity).model_dump()


def test_one_changed_byte_is_refused(copy: Path) -> None:
    path = copy / "model.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert refused(lambda: verify(copy)).startswith(f"{path}: not the file that {MANIFEST} lists (its sha256 differs)")


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
def test_a_changed_configuration_is_refused_too(copy: Path, name: str) -> None:
    with (copy / name).open("a") as file:
        file.write("\n")
    assert "its sha256 differs" in refused(lambda: verify(copy))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "head.pkl", "last.CKPT", "sub/vectors.npy"])
def test_a_pickle_anywhere_in_the_folder_is_refused(copy: Path, name: str) -> None:
    (copy / name).parent.mkdir(exist_ok=True)
    (copy / name).write_bytes(b"\x80\x04.")
    assert "a pickle runs code when it is read; delete it" in refused(lambda: open_folder(copy))


def test_code_in_the_folder_is_refused(copy: Path) -> None:
    (copy / "modeling_small.py").write_text("print('hello')")
    assert "code runs code when it is read" in refused(lambda: open_folder(copy))


def test_a_file_that_a_tokenizer_would_read_and_nobody_listed_is_refused(copy: Path) -> None:
    (copy / "added_tokens.json").write_text("{}")
    assert refused(lambda: open_folder(copy)).startswith(f"{copy / 'added_tokens.json'}: not in {MANIFEST}")


def test_documentation_other_weights_and_hidden_files_may_stay_unread(copy: Path) -> None:
    for name in ("README.md", "LICENSE.txt", "model_int8.onnx", "model.safetensors", ".gitattributes"):
        (copy / name).write_text("anything")
    (copy / ".cache").mkdir()
    assert open_folder(copy).name == "toxicity"


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("config.json", {"auto_map": {"AutoModel": "modeling_small.SmallModel"}}),
        ("config.json", {"attn_implementation": "someone/their-kernel"}),
        ("config.json", {"transformers_weights": "other.safetensors"}),
        ("config.json", {"parts": [{"text_config": {"auto_map": {}}}]}),
        ("tokenizer_config.json", {"auto_map": {"AutoTokenizer": ["their.Tokenizer", None]}}),
    ],
)
def test_a_configuration_that_asks_for_code_or_weights_from_elsewhere_is_refused(
    copy: Path, name: str, asked: dict[str, Any]
) -> None:
    rewrite(copy / name, **asked)
    assert "asks for code or weights from elsewhere" in refused(lambda: open_folder(copy))
    assert "asks for code or weights from elsewhere" in refused(lambda: pin(copy))


def test_an_adapter_is_refused(copy: Path) -> None:
    (copy / "adapter_config.json").write_text("{}")
    assert "merge it into the weights" in refused(lambda: pin(copy))


def test_a_folder_without_a_fast_tokenizer_is_refused(copy: Path) -> None:
    (copy / "tokenizer.json").unlink()
    assert "no tokenizer.json in it" in refused(lambda: pin(copy))


def test_a_link_out_of_the_folder_is_refused_and_one_inside_is_not(copy: Path, tmp_path: Path) -> None:
    kept = copy / "kept.json"
    (copy / "config.json").rename(kept)
    (copy / "config.json").symlink_to("kept.json")
    pin(copy)
    kept.rename(tmp_path / "far.json")
    kept.symlink_to(tmp_path / "far.json")
    assert "a link out of the folder" in refused(lambda: open_folder(copy))


def test_a_folder_linked_from_elsewhere_is_refused(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (copy / "onnx").symlink_to(tmp_path / "elsewhere")
    assert "a link out of the folder" in refused(lambda: open_folder(copy))


def test_a_listed_file_that_is_gone_is_named(copy: Path) -> None:
    (copy / "model.onnx").unlink()
    assert refused(lambda: open_folder(copy)).startswith(f"{copy / 'model.onnx'}: listed in {MANIFEST} and not there")


def test_a_listed_file_of_another_kind_is_refused(copy: Path) -> None:
    (copy / "notes.md").write_text("# Notes")
    files = yaml.safe_load((copy / MANIFEST).read_text())["files"]
    assert "no kind of file that a model needs" in refused(
        lambda: open_folder(changed(copy, files={**files, "notes.md": "0" * 64}))
    )


def test_a_file_that_is_too_large_is_refused_before_it_is_read(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_WEIGHTS", 100)
    assert "bytes, and at most 100 are read" in refused(lambda: open_folder(copy))


def test_a_folder_with_too_many_files_is_not_a_model(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_FILES", 3)
    assert "name the folder of the model itself" in refused(lambda: open_folder(copy))


def test_a_manifest_and_a_config_that_disagree_about_the_labels_are_refused(copy: Path) -> None:
    swapped = changed(copy, labels={0: "toxic", 1: "clean"})
    assert "label 0 is 'toxic', and config.json says 'clean'" in refused(lambda: open_folder(swapped))
    more = changed(copy, labels={0: "clean", 1: "toxic", 2: "threat"})
    assert "label 2 is 'threat', and config.json says None" in refused(lambda: open_folder(more))


def test_labels_that_a_config_does_not_name_are_the_manifests(copy: Path) -> None:
    rewrite(copy / "config.json", id2label={"0": "LABEL_0", "1": "LABEL_1"})
    pin(copy)
    assert verify(copy).labels == {0: "clean", 1: "toxic"}


@pytest.mark.parametrize("content", ["{", "[]", "[" * 100_000])
def test_a_configuration_that_is_not_json_is_refused(copy: Path, content: str) -> None:
    (copy / "config.json").write_text(content)
    assert f"{copy / 'config.json'}: not " in refused(lambda: open_folder(copy))


@pytest.mark.parametrize("name", ["pytorch_model.bin", "weights.safetensors", "model.json"])
def test_weights_of_another_kind_are_refused(copy: Path, name: str) -> None:
    files = yaml.safe_load((copy / MANIFEST).read_text())["files"]
    other = changed(copy, weights=name, files={**files, name: "0" * 64})
    assert "weights are an .onnx file, or model.safetensors" in refused(lambda: open_folder(other))


def test_without_a_manifest_the_next_step_is_said(tmp_path: Path) -> None:
    assert "`evalgate models pin" in refused(lambda: open_folder(tmp_path))


def test_a_manifest_of_another_name_is_pointed_at(copy: Path) -> None:
    (copy / MANIFEST).rename(copy / "evalgate_model.yml")
    assert refused(lambda: open_folder(copy)) == f"{copy}: no {MANIFEST} in it; rename evalgate_model.yml"


# ── ONNX ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def with_data_beside(folder: Path, location: str) -> None:
    """Move the weights of the model into a file beside it, and call that file `location` in the model."""
    whole = onnx.load(folder / "model.onnx")
    onnx.save_model(
        whole, folder / "model.onnx", save_as_external_data=True, location="model.onnx.data", size_threshold=0
    )
    moved = onnx.load(folder / "model.onnx", load_external_data=False)
    for tensor in moved.graph.initializer:
        for entry in tensor.external_data:
            entry.value = location if entry.key == "location" else entry.value
    (folder / "model.onnx").write_bytes(moved.SerializeToString())


def test_weights_in_a_file_beside_are_pinned_and_verified(copy: Path) -> None:
    with_data_beside(copy, "model.onnx.data")
    model = pin(copy).model
    assert isinstance(model, PinnedModel)
    assert "model.onnx.data" in model.files
    with (copy / "model.onnx.data").open("r+b") as file:
        file.write(b"\xff")
    assert refused(lambda: verify(copy)).startswith(f"{copy / 'model.onnx.data'}: not the file")


@pytest.mark.parametrize("location", ["../model.onnx.data", "/tmp/model.onnx.data", "..\\model.data"])
def test_weights_outside_the_folder_are_refused(copy: Path, location: str) -> None:
    with_data_beside(copy, location)
    assert "which is outside its folder" in refused(lambda: pin(copy))


def test_weights_in_a_file_that_is_not_called_data_are_refused(copy: Path) -> None:
    with_data_beside(copy, "tokenizer.json")
    assert "external weights end in .data or .onnx_data" in refused(lambda: pin(copy))


def test_weights_beside_that_nobody_listed_are_refused(copy: Path) -> None:
    pinned = pin(copy).model
    assert pinned is not None
    with_data_beside(copy, "model.onnx.data")
    files = {**pinned.files, "model.onnx": rules.sha256_of(copy / "model.onnx")}
    assert "reads model.onnx.data, which" in refused(lambda: verify(changed(copy, files=files)))


def test_operators_that_need_a_library_of_code_are_refused(copy: Path) -> None:
    nodes = [helper.make_node("Theirs", ["input_ids", "table"], ["logits"], domain="com.acme")]
    onnx.save(model_of(nodes, {"table": np.ones((3, 2))}, ["input_ids"], 2), copy / "model.onnx")
    assert "uses operators of 'com.acme'" in refused(lambda: pin(copy))


# ── pinning ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_first_pin_drafts_a_manifest_from_what_the_folder_says(copy: Path) -> None:
    (copy / MANIFEST).unlink()
    draft = pin(copy)
    assert draft.model is None
    assert "write 3 positive and 3 negative texts" in draft.missing
    written = yaml.safe_load(draft.manifest.read_text(encoding="utf-8"))
    assert written == {
        "name": "toxicity",
        "version": "1",
        "weights": "model.onnx",
        "kind": "single_label",
        "labels": {0: "clean", 1: "toxic"},
        "max_tokens": 16,
        "self_test": {},
    }


def test_a_draft_without_a_self_test_cannot_be_used(copy: Path) -> None:
    (copy / MANIFEST).unlink()
    pin(copy)
    assert "self_test: " in refused(lambda: pin(copy))


def test_a_draft_with_a_self_test_becomes_a_model_and_keeps_its_comments(copy: Path) -> None:
    (copy / MANIFEST).unlink()
    draft = pin(copy).manifest
    test = yaml.safe_dump({"self_test": building.SELF_TEST}, allow_unicode=True)
    draft.write_text(draft.read_text(encoding="utf-8").replace("self_test: {}\n", f"# ours\n{test}"), encoding="utf-8")
    assert pin(copy).model == verify(copy)
    assert "# ours\n" in draft.read_text(encoding="utf-8")


def test_pinning_again_changes_only_the_hashes(copy: Path) -> None:
    path = copy / MANIFEST
    before = path.read_text(encoding="utf-8")
    text = before.replace("kind:", "# why: see the card\nkind:") + "# the end\n"
    path.write_text(text.replace("files:\n", "files: # written by pin\n"), encoding="utf-8")
    pin(copy)
    assert path.read_text(encoding="utf-8") == before.replace("kind:", "# why: see the card\nkind:")
    rewrite(copy / "tokenizer_config.json", padding_side="left")
    pin(copy)
    assert path.read_text(encoding="utf-8") != before
    assert verify(copy).labels == {0: "clean", 1: "toxic"}


def test_hashes_in_the_middle_of_a_manifest_move_to_its_end(copy: Path) -> None:
    path = copy / MANIFEST
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    reordered = {"name": written.pop("name"), "files": written.pop("files"), **written}
    path.write_text(yaml.safe_dump(reordered, sort_keys=False, allow_unicode=True), encoding="utf-8")
    before = verify(copy)
    assert pin(copy).model == before


def test_which_of_several_weights_is_meant_must_be_said(copy: Path) -> None:
    (copy / MANIFEST).unlink()
    (copy / "onnx").mkdir()
    shutil.copy(copy / "model.onnx", copy / "onnx" / "model_int8.onnx")
    assert "several files with weights (model.onnx, onnx/model_int8.onnx)" in refused(lambda: pin(copy))


def test_a_folder_without_weights_or_labels_cannot_be_drafted(copy: Path) -> None:
    (copy / MANIFEST).unlink()
    (copy / "config.json").write_text("{}")
    assert "config.json has no id2label" in refused(lambda: pin(copy))
    (copy / "model.onnx").unlink()
    assert "no .onnx or .safetensors file in it" in refused(lambda: pin(copy))
    assert "not a folder" in refused(lambda: pin(copy / "nowhere"))


def test_a_manifest_that_cannot_be_written_is_said_in_one_line(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ServiceBroke, match=r"evalgate-model.yaml: cannot be written: No space left on device"):
        pin(copy)
