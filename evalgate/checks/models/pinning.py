"""Pinning a model folder: its manifest is drafted from what the folder says, then holds the sha256 of every file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from evalgate.checks.models.folder import (
    check_weights_name,
    external_files,
    files_to_read,
    labels_of,
    read_json,
    refuse_code,
    sha256_of,
    verify,
)
from evalgate.checks.models.manifest import AT_LEAST, MANIFEST, PinnedModel, parse_manifest
from evalgate.core.errors import ServiceBroke, SuiteInvalid

_UNKNOWN_LENGTH = 1 << 17
"""A longer `model_max_length` is transformers' way to say that it does not know."""


class Pinned(NamedTuple):
    """What `pin` wrote."""

    manifest: Path
    model: PinnedModel | None
    """The model that can now be used; None when the manifest is a draft."""
    missing: str = ""
    """What a person has to write into the draft, in one line."""


def pin(folder: Path) -> Pinned:
    """Write the sha256 of every file that is read into the folder's manifest, or a draft where there is none.

    Everything else in the manifest stays as it was written, comments too. Raise SuiteInvalid for a folder or a
    manifest that cannot be trusted, ServiceBroke when the manifest cannot be written.
    """
    from evalgate.documents import MAX_BYTES, read_bytes

    path = folder / MANIFEST
    if not folder.is_dir():
        raise SuiteInvalid(f"{folder}: not a folder")
    if not path.exists():
        _write(path, _draft(folder))
        missing = (
            f"write {AT_LEAST} positive and {AT_LEAST} negative texts for each label checks use into {path}, then pin"
        )
        return Pinned(path, None, missing)
    before = read_bytes(path, MAX_BYTES)
    document = parse_manifest(before, folder)
    weights = document.data.get("weights")
    if not isinstance(weights, str):
        raise document.refuse((), "weights is missing; name the file with the weights")
    _write(path, _without_files(before.decode("utf-8-sig"), document.lines, document.data) + _hashes(folder, weights))
    return Pinned(path, verify(folder))


def _hashes(folder: Path, weights: str) -> str:
    check_weights_name(weights)
    if not (folder / weights).is_file():
        raise SuiteInvalid(f"{folder / weights}: no such file; weights names the file with the weights")
    refuse_code(folder)
    wanted = [name for name in files_to_read(folder, weights) if not name.endswith((".data", ".onnx_data"))]
    if weights.endswith(".onnx"):
        wanted += external_files(folder, weights)
    listed = {name: sha256_of(folder / name) for name in sorted(wanted)}
    return "files:\n" + "".join(f"  {_quoted(name)}: {value}\n" for name, value in listed.items())


def _without_files(text: str, lines: Any, data: dict[str, Any]) -> str:
    """Return a manifest's text without its block of files, which ends where the next key begins."""
    kept = text.splitlines(keepends=True)
    if "files" in data:
        start = lines[("files",)] - 1
        later = [lines[(key,)] - 1 for key in data if lines[(key,)] - 1 > start]
        del kept[start : min(later, default=len(kept))]
    return "".join(kept).rstrip("\n") + "\n" if kept else ""


def _draft(folder: Path) -> str:
    weights = _only_weights(folder)
    check_weights_name(weights)
    refuse_code(folder)
    config, tokenizer = read_json(folder, "config.json"), read_json(folder, "tokenizer_config.json")
    labels = labels_of(config)
    if not labels:
        raise SuiteInvalid(f"{folder}: config.json has no id2label; write {MANIFEST} by hand, with its labels")
    kind = "multi_label" if config.get("problem_type") == "multi_label_classification" else "single_label"
    longest = tokenizer.get("model_max_length", _UNKNOWN_LENGTH + 1)
    if not isinstance(longest, int) or longest > _UNKNOWN_LENGTH:
        longest = config.get("max_position_embeddings", 512)
    written = "\n".join(f"  {number}: {_quoted(label)}" for number, label in labels.items())
    return _DRAFT.format(
        name=_quoted(folder.resolve().name),
        weights=_quoted(weights),
        kind=kind,
        labels=written,
        longest=longest,
        number=AT_LEAST,
    )


def _only_weights(folder: Path) -> str:
    found = [
        path.relative_to(folder).as_posix()
        for pattern in ("*.onnx", "*/*.onnx", "*.safetensors")
        for path in sorted(folder.glob(pattern))
    ]
    if len(found) == 1:
        return found[0]
    if not found:
        raise SuiteInvalid(f"{folder}: no .onnx or .safetensors file in it; other weights are not read")
    told = ", ".join(found)
    raise SuiteInvalid(
        f"{folder}: several files with weights ({told}); keep one, or write {MANIFEST} with weights: FILE"
    )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise ServiceBroke(f"{path}: cannot be written: {problem.strerror}") from problem


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


_DRAFT = """\
name: {name}
version: "1"
weights: {weights}
# single_label: the labels exclude one another (softmax). multi_label: each stands for itself (sigmoid).
kind: {kind}
# Which label each of the model's numbers is. Check it against the model's card: a swapped map turns every mark around.
labels:
{labels}
max_tokens: {longest}
# For each label that a check uses, at least {number} clear texts it belongs to and {number} it does not belong to, in
# the languages the model will read. For a model that reads pairs: {{premise: …, hypothesis: …}} in place of each text.
#   toxic:
#     positive: [text, text, text]
#     negative: [text, text, text]
self_test: {{}}
"""
