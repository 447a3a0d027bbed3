"""The manifest of a model folder, `evalgate-model.yaml`: what the model is, what its numbers mean, what its files are.

It is written by a person (labels, self-test) and by `evalgate models pin` (the sha256 of every file), read strictly,
and held by the check: a changed weight or label is a changed check, another folder with the same content is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, model_validator

from evalgate.core.errors import did_you_mean
from evalgate.core.values import Value

if TYPE_CHECKING:
    from evalgate.documents import Document

MANIFEST = "evalgate-model.yaml"
AT_LEAST = 3
"""Texts of each kind in a self-test: fewer can come out right by chance."""

_MESSAGES = {
    "missing": "is missing",
    "string_too_short": "is empty",
    "too_short": f"has too few texts; write at least {AT_LEAST}",
    "tuple_type": "is a list",
    "dict_type": "is a mapping",
    "model_type": "is a mapping of positive and negative",
    "string_type": "is a text",
    "int_parsing": "is a whole number",
    "literal_error": "is single_label or multi_label",
    "string_pattern_mismatch": "is 64 hexadecimal digits; `evalgate models pin` writes them",
}
"""Pydantic's error types in the words of a manifest."""


def _inside(name: str) -> str:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or str(path) != name or name == ".":
        raise ValueError(f"{name!r} does not name a file in the folder; write it as onnx/model.onnx")
    return name


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
FileName = Annotated[str, AfterValidator(_inside)]
"""A file's path inside the folder, with `/`."""
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Pair(Value):
    """Two texts for a model that says what one makes of the other."""

    premise: Text
    hypothesis: Text


class SelfTest(Value):
    """Clear texts for one label: those it belongs to and those it does not."""

    positive: Annotated[tuple[Text | Pair, ...], Field(min_length=AT_LEAST)]
    negative: Annotated[tuple[Text | Pair, ...], Field(min_length=AT_LEAST)]


class Manifest(Value):
    """A local model in words."""

    name: Text
    version: Text
    weights: FileName
    """The file with the weights: an `.onnx` file, or `model.safetensors`."""
    kind: Literal["single_label", "multi_label"]
    """Whether the labels exclude one another (softmax) or each stands for itself (sigmoid)."""
    labels: Annotated[dict[int, Text], Field(min_length=1)]
    """Which label each of the model's numbers is, from 0."""
    max_tokens: Annotated[int, Field(ge=16, le=1 << 17)]
    """The most tokens the model reads at once, special ones included."""
    self_test: Annotated[dict[str, SelfTest], Field(min_length=1)]
    """For each label that checks may use, texts that tell whether it is wired as it says."""
    files: Annotated[dict[FileName, Sha256], Field(min_length=1)]
    """The sha256 of every file that is read."""

    @property
    def takes_pairs(self) -> bool:
        """Whether the model reads a premise and a hypothesis rather than one text."""
        return isinstance(next(iter(self.self_test.values())).positive[0], Pair)

    @model_validator(mode="after")
    def _labels_are_told_apart(self) -> Self:
        if sorted(self.labels) != list(range(len(self.labels))):
            raise ValueError(f"labels are numbered 0 to {len(self.labels) - 1}, each once")
        if len(set(self.labels.values())) < len(self.labels):
            raise ValueError("labels: two numbers have the same label")
        if self.kind == "single_label" and len(self.labels) < 2:
            raise ValueError("kind: single_label chooses among labels, and there is one; write kind: multi_label")
        return self

    @model_validator(mode="after")
    def _tests_are_of_one_kind(self) -> Self:
        known = self.labels.values()
        for label, test in self.self_test.items():
            if label not in known:
                hint = did_you_mean(label, known)
                raise ValueError(f"self_test names {label!r}, which is not among the labels.{hint}")
            if set(test.positive) & set(test.negative):
                raise ValueError(f"self_test: a text of {label!r} is both positive and negative")
        if len({isinstance(one, Pair) for test in self.self_test.values() for one in _texts(test)}) > 1:
            raise ValueError("self_test mixes texts with pairs; a model takes one or the other")
        return self

    @model_validator(mode="after")
    def _weights_are_listed(self) -> Self:
        if self.weights not in self.files:
            raise ValueError(f"files do not list the weights, {self.weights}; `evalgate models pin` writes them")
        return self


def _texts(test: SelfTest) -> Iterator[str | Pair]:
    yield from test.positive
    yield from test.negative


class PinnedModel(Manifest):
    """A manifest with the folder it was read from. The folder is no part of what the model is."""

    folder: Annotated[Path | None, Field(exclude=True, repr=False)] = None

    @property
    def place(self) -> str:
        """How errors name the manifest."""
        return str(self.folder / MANIFEST) if self.folder else self.name


def read_manifest(content: bytes, folder: Path) -> PinnedModel:
    """Return what a manifest says; raise SuiteInvalid with file:line for anything that does not belong there."""
    document = parse_manifest(content, folder)
    for key in document.data:
        if key not in Manifest.model_fields:
            hint = did_you_mean(key, Manifest.model_fields)
            raise document.refuse((key,), f"{key!r} is not a key of a manifest.{hint}")
    try:
        return PinnedModel.model_validate({**document.data, "folder": folder})
    except ValidationError as error:
        raise document.refuse(*_explained(error)) from None


def parse_manifest(content: bytes, folder: Path) -> Document:
    """Return the YAML of a manifest, every scalar as text: a label or a text `no` is a word."""
    from evalgate.documents import parse_document

    document = parse_document(content, str(folder / MANIFEST), only_text=True)
    if not isinstance(document.data, dict):
        raise document.refuse((), f"a manifest is a mapping of {', '.join(Manifest.model_fields)}")
    return document


def _explained(error: ValidationError) -> tuple[tuple[str | int, ...], str]:
    """Return where the most telling error stands, and what it says in the words of a manifest."""
    first = min(error.errors(), key=lambda one: (_of_another_branch(one["loc"], one["type"]), -len(one["loc"])))
    if first["type"] == "missing" and first["loc"] == ("files",):
        return (), "files is missing; `evalgate models pin FOLDER` writes the sha256 of each"
    way = tuple(part for part in first["loc"] if part not in {"[key]", *_BRANCHES})
    message = _MESSAGES.get(first["type"], first["msg"].removeprefix("Value error, "))
    return way, f"{'.'.join(map(str, way))}: {message}" if way else message


_BRANCHES = {"constrained-str", "Pair"}


def _of_another_branch(way: tuple[str | int, ...], what: str) -> bool:
    """Return whether an error only says that a text is no pair, or a pair no text."""
    return bool(way) and way[-1] in _BRANCHES and what in {"model_type", "string_type"}
