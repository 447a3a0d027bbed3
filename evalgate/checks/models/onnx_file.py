"""What an ONNX file asks for beyond itself: other files with weights, and operators that are not ONNX Runtime's own.

An ONNX file is a protobuf message; only its nodes and tensors are walked, and their contents skipped. Field numbers
are those of the ONNX specification (onnx.proto, IR version 3 and later).
"""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from evalgate.core.errors import SuiteInvalid

OWN_DOMAINS = frozenset({"", "ai.onnx", "ai.onnx.ml", "com.microsoft", "com.microsoft.nchwc"})
"""Operators that ONNX Runtime carries itself; any other needs a library of code."""
_DEEPEST = 64
_MOST_FIELDS = 5_000_000

_INSIDE: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "external"},
    "external": {},
}
"""For each kind of message, its fields that hold messages worth walking."""
_DOMAIN = {"node": 7, "function": 10}
_OPERATOR = 4


class _Message(NamedTuple):
    kind: str
    start: int
    end: int
    depth: int


@dataclass
class Asked:
    """What a file asks for."""

    files: set[str] = field(default_factory=set)
    """Other files with weights, relative to the file's folder, as written."""
    domains: set[str] = field(default_factory=set)
    """Operator domains that nothing in the file defines."""
    operators: set[str] = field(default_factory=set)
    """The operators of its nodes."""


class _Broken(Exception):
    """The bytes are no ONNX model."""


def asked_by(path: Path) -> Asked:
    """Return what an ONNX file asks for; raise SuiteInvalid when it is none."""
    try:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            asked, has_graph = _walk(data)
    except (OSError, ValueError, _Broken) as problem:
        raise SuiteInvalid(f"{path}: not an ONNX model ({problem or 'it is cut off'}); export it again") from problem
    if not has_graph:
        raise SuiteInvalid(f"{path}: not an ONNX model (it has no graph); export it again")
    return asked


def outside(name: str) -> bool:
    """Return whether the path of an external file leaves the folder of the model."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or ":" in name


def _walk(data: mmap.mmap) -> tuple[Asked, bool]:
    asked = Asked()
    defined: set[str] = set()
    has_graph = False
    seen = 0
    waiting = [_Message("model", 0, len(data), 0)]
    while waiting:
        message = waiting.pop()
        if message.depth > _DEEPEST:
            raise _Broken("nested too deeply")
        inside = _INSIDE[message.kind]
        key = value = ""
        for number, start, end in _fields(data, message.start, message.end):
            seen += 1
            if seen > _MOST_FIELDS:
                raise _Broken("too many parts")
            if number in inside:
                has_graph = has_graph or inside[number] == "graph"
                waiting.append(_Message(inside[number], start, end, message.depth + 1))
            elif number == _DOMAIN.get(message.kind):
                (defined if message.kind == "function" else asked.domains).add(_text(data, start, end))
            elif message.kind == "node" and number == _OPERATOR:
                asked.operators.add(_text(data, start, end))
            elif message.kind == "external" and number in {1, 2}:
                key, value = (_text(data, start, end), value) if number == 1 else (key, _text(data, start, end))
        if message.kind == "external" and key == "location":
            asked.files.add(value)
    asked.domains -= defined | OWN_DOMAINS
    return asked, has_graph


def _text(data: mmap.mmap, start: int, end: int) -> str:
    if end - start > 4096:
        raise _Broken("a name is too long")
    return data[start:end].decode()


def _fields(data: mmap.mmap, at: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of each length-delimited field of a message; numbers are skipped."""
    while at < end:
        tag, at = _varint(data, at, end)
        wire = tag & 7
        if wire == 2:
            size, at = _varint(data, at, end)
            if size > end - at:
                raise _Broken("it is cut off")
            yield tag >> 3, at, at + size
            at += size
        elif wire == 0:
            _, at = _varint(data, at, end)
        elif wire in {1, 5}:
            at += 8 if wire == 1 else 4
        else:
            raise _Broken("it is no protobuf")
    if at > end:
        raise _Broken("it is cut off")


def _varint(data: mmap.mmap, at: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
    raise _Broken("it is cut off")
