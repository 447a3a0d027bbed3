"""A model folder, trusted file by file: nothing is read that its manifest does not list with a sha256.

Weights are `.onnx` or `.safetensors`; pickles, code and links out of the folder are refused wherever they lie. Files of
documentation and weights that the manifest does not name are never read and may stay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from evalgate.checks.models.manifest import MANIFEST, PinnedModel, read_manifest
from evalgate.checks.models.onnx_file import asked_by, outside
from evalgate.core.errors import SuiteInvalid

MAX_WEIGHTS = 8 << 30
"""Bytes of one file with weights."""
MAX_OTHER = 64 << 20
"""Bytes of any other file that is read: the tokenizers of large models have 33 MB."""
MAX_FILES = 1_000

_WEIGHTS = (".onnx", ".safetensors")
_EXTERNAL = (".data", ".onnx_data")
"""How files with the weights of an ONNX model may be called: what a file is must show in its name."""
_READ = (".json", ".txt", ".model", ".jinja")
_DOCUMENTATION = (".md", ".rst", ".pdf", ".png", ".jpg", ".jpeg", ".svg", ".html", ".csv")
_DOCUMENTS = ("license", "licence", "notice", "readme", "copying", "use_policy")
_RUN = {
    **dict.fromkeys((".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npy", ".npz", ".h5"), "a pickle"),
    **dict.fromkeys((".py", ".pyc", ".so", ".dll", ".dylib", ".sh"), "code"),
}
"""Files that can run code when they are read."""
_FOREIGN = {"auto_map", "attn_implementation", "_attn_implementation", "experts_implementation", "transformers_weights"}
"""Keys of a configuration with which transformers fetches code, or reads other weights than the manifest names."""


def open_folder(folder: Path) -> PinnedModel:
    """Return the model that a folder's manifest describes; raise SuiteInvalid for anything that cannot be trusted.

    Everything is checked but the hashes, which take a second for every gigabyte: `verify` reads them.
    """
    from evalgate.documents import MAX_BYTES, read_bytes

    path = folder / MANIFEST
    if not path.is_file():
        other = next((one.name for one in sorted(folder.glob("evalgate*model*.y*ml"))), None)
        told = f"rename {other}" if other else f"`evalgate models pin {folder}` writes one"
        raise SuiteInvalid(f"{folder}: no {MANIFEST} in it; {told}")
    model = read_manifest(read_bytes(path, MAX_BYTES), folder)
    check_weights_name(model.weights)
    for name in model.files:
        _check_listed(folder, name)
    present = files_to_read(folder, model.weights)
    strays = [name for name in present if name not in model.files and not name.endswith(_EXTERNAL)]
    if strays:
        raise SuiteInvalid(
            f"{folder / strays[0]}: not in {MANIFEST}, and a model may read it; delete it, or `evalgate models pin` it"
        )
    _check_config(folder, model)
    return model


def verify(folder: Path) -> PinnedModel:
    """Return the model of a folder of which every file has been read and is the one its manifest lists."""
    model = open_folder(folder)
    for name, expected in model.files.items():
        if sha256_of(folder / name) != expected:
            raise SuiteInvalid(
                f"{folder / name}: not the file that {MANIFEST} lists (its sha256 differs);"
                " restore it, or pin the folder again if you changed it knowingly"
            )
    if model.weights.endswith(".onnx"):
        unlisted = [name for name in external_files(folder, model.weights) if name not in model.files]
        if unlisted:
            raise SuiteInvalid(
                f"{folder / model.weights}: reads {unlisted[0]}, which {MANIFEST} does not list;"
                " `evalgate models pin` lists it"
            )
    return model


def files_to_read(folder: Path, weights: str) -> list[str]:
    """Return the names of all files that a model may read, sorted; raise SuiteInvalid for one that runs code."""
    found = []
    for path in _files(folder):
        name = path.relative_to(folder).as_posix()
        small, suffix = path.name.lower(), path.suffix.lower()
        if suffix in _RUN:
            raise SuiteInvalid(f"{path}: {_RUN[suffix]} runs code when it is read; delete it from the folder")
        _refuse_link(folder, path)
        written_about = suffix in _DOCUMENTATION or small.startswith(_DOCUMENTS)
        other_weights = suffix in _WEIGHTS and name != weights
        if not written_about and not other_weights and name != MANIFEST:
            found.append(name)
    return sorted(found)


def external_files(folder: Path, weights: str) -> list[str]:
    """Return the files with weights that an ONNX file refers to, sorted; raise SuiteInvalid when it asks for more."""
    path = folder / weights
    asked = asked_by(path)
    if asked.domains:
        domain = min(asked.domains)
        raise SuiteInvalid(
            f"{path}: uses operators of {domain!r}, which ONNX Runtime has only with a library of code;"
            " export the model without them"
        )
    found = set()
    for name in sorted(asked.files):
        if outside(name):
            raise SuiteInvalid(
                f"{path}: reads {name!r}, which is outside its folder; export it with its weights beside"
            )
        inner = (PurePosixPath(weights).parent / name).as_posix()
        if not inner.endswith(_EXTERNAL):
            raise SuiteInvalid(f"{path}: reads {name!r}; external weights end in {' or '.join(_EXTERNAL)}")
        found.add(inner)
    return sorted(found)


def check_weights_name(name: str) -> None:
    """Raise SuiteInvalid for weights that are neither an ONNX file nor the one file transformers reads."""
    suffix = PurePosixPath(name).suffix
    if suffix == ".onnx" or name == "model.safetensors":
        return
    told = "weights are an .onnx file, or model.safetensors at the top of the folder"
    if suffix in _RUN or suffix not in _WEIGHTS:
        told += "; a pickle is never read: convert it"
    raise SuiteInvalid(f"{name}: {told}")


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file as 64 hexadecimal digits."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as problem:
        raise SuiteInvalid(f"{path}: cannot be read: {problem.strerror}") from problem


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """Return a JSON object of the folder, empty when the file is not there."""
    from evalgate.documents import read_bytes

    path = folder / name
    if not path.exists():
        return {}
    try:
        content = json.loads(read_bytes(path, MAX_OTHER))
    except (ValueError, RecursionError) as problem:
        raise SuiteInvalid(f"{path}: not JSON ({problem})") from problem
    if not isinstance(content, dict):
        raise SuiteInvalid(f"{path}: not a JSON object")
    return content


def labels_of(config: dict[str, Any]) -> dict[int, str]:
    """Return the labels in a config.json, empty when it has none."""
    written = config.get("id2label")
    if not isinstance(written, dict):
        return {}
    try:
        return {int(number): str(label) for number, label in sorted(written.items(), key=lambda one: int(one[0]))}
    except ValueError:
        return {}


def refuse_code(folder: Path) -> None:
    """Raise SuiteInvalid when a configuration asks for code or weights from elsewhere."""
    for path in sorted(folder.glob("*config.json")):
        foreign = _FOREIGN & set(_keys(read_json(folder, path.name)))
        if foreign:
            raise SuiteInvalid(
                f"{path}: {min(foreign)} asks for code or weights from elsewhere, and neither is used;"
                " take it out, or use another model"
            )
    if (folder / "adapter_config.json").exists():
        raise SuiteInvalid(f"{folder / 'adapter_config.json'}: an adapter; merge it into the weights and save those")
    if not (folder / "tokenizer.json").exists():
        raise SuiteInvalid(
            f"{folder}: no tokenizer.json in it; save the tokenizer with transformers as a fast tokenizer"
        )


def _keys(content: Any) -> Iterator[str]:
    """Yield every key of a JSON value, however deep."""
    waiting = [content]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _check_listed(folder: Path, name: str) -> None:
    path = folder / name
    if not path.is_file():
        raise SuiteInvalid(f"{path}: listed in {MANIFEST} and not there; copy the whole folder")
    if path.suffix.lower() not in (*_WEIGHTS, *_EXTERNAL, *_READ):
        raise SuiteInvalid(f"{path}: no kind of file that a model needs; delete it and pin the folder again")
    _refuse_link(folder, path)
    limit = MAX_WEIGHTS if path.suffix in (*_WEIGHTS, *_EXTERNAL) else MAX_OTHER
    size = path.stat().st_size
    if size > limit:
        raise SuiteInvalid(f"{path}: {size:,} bytes, and at most {limit:,} are read")


def _refuse_link(folder: Path, path: Path) -> None:
    if not path.resolve().is_relative_to(folder.resolve()):
        raise SuiteInvalid(f"{path}: a link out of the folder; put the file itself there")


def _check_config(folder: Path, model: PinnedModel) -> None:
    refuse_code(folder)
    config = read_json(folder, "config.json")
    said = labels_of(config)
    placeholders = {number: f"LABEL_{number}" for number in said}
    if said and said not in (model.labels, placeholders):
        number = next((one for one in sorted(said) if model.labels.get(one) != said[one]), len(said))
        raise SuiteInvalid(
            f"{folder / MANIFEST}: label {number} is {model.labels.get(number)!r}, and config.json says"
            f" {said.get(number)!r}; one of the two is wrong"
        )


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder; names that begin with a dot are nobody's model."""
    waiting, seen = [folder], 0
    while waiting:
        for path in _listed(waiting.pop()):
            seen += 1
            if seen > MAX_FILES:
                raise SuiteInvalid(f"{folder}: more than {MAX_FILES:,} files; name the folder of the model itself")
            if path.name.startswith("."):
                continue
            if path.is_dir():
                _refuse_link(folder, path)
                waiting.append(path)
            else:
                yield path


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as problem:
        raise SuiteInvalid(f"{folder}: cannot be read: {problem.strerror}") from problem
