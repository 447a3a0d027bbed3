"""A small strict YAML reader: YAML 1.2 scalars; no aliases, tags or duplicate keys; line numbers kept."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from evalgate.core.errors import SuiteInvalid

Path = tuple[str | int, ...]
MOST_BYTES = 200_000
DEEPEST = 20

_TAG = "tag:yaml.org,2002:"
_SCALARS = (
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    ("int", r"^[-+]?[0-9]+$", list("-+0123456789")),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", list("-+.0123456789")),
)


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain data, with the line (from 1) of every key, item and text."""

    data: Any
    place: str
    lines: dict[Path, int] = field(default_factory=dict)
    text_lines: dict[Path, int] = field(default_factory=dict)
    """Where the first line of each scalar's own text stands: below the `|` of a block."""

    def line(self, path: Path) -> int:
        """Return the line of the nearest thing on the way to a path that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(raw: bytes, place: str) -> Document:
    """Return the one document of a file; raise SuiteInvalid with `place:line` for anything else."""
    import yaml

    if len(raw) > MOST_BYTES:
        raise SuiteInvalid(f"{place}: the file is larger than {MOST_BYTES:,} bytes; a rubric is a page of text")
    try:
        _refuse_bombs(raw, place)
        node = yaml.compose(raw.decode("utf-8"), Loader=_loader())
        document = Document(data=None, place=place)
        return Document(_plain(node, (), document), place, document.lines, document.text_lines)
    except UnicodeDecodeError as error:
        raise SuiteInvalid(f"{place}: byte {error.start} is not UTF-8; save the file as UTF-8") from None
    except yaml.YAMLError as error:
        raise SuiteInvalid(_not_yaml(error, place)) from None


def _not_yaml(error: Any, place: str) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{place}:{mark.line + 1}: not valid YAML: {problem}" if mark else f"{place}: not valid YAML: {problem}"


@cache
def _loader() -> Any:
    """Return the C loader (or the Python one) with the four scalar kinds of the YAML 1.2 core schema."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("RubricLoader", (base,), {"yaml_implicit_resolvers": {}})
    for name, pattern, first in _SCALARS:
        loader.add_implicit_resolver(_TAG + name, re.compile(pattern), first)
    return loader


def _refuse_bombs(raw: bytes, place: str) -> None:
    """Refuse aliases, as a short file of them can stand for gigabytes, and depth, as composing is recursive in C."""
    import yaml

    depth = 0
    for event in yaml.parse(raw.decode("utf-8"), Loader=_loader()):
        mark: Any = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            raise SuiteInvalid(f"{place}:{mark.line + 1}: aliases (*{event.anchor}) are not used; write the text out")
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise SuiteInvalid(f"{place}:{mark.line + 1}: nested too deeply to be a rubric")


def _plain(node: Any, path: Path, into: Document) -> Any:
    """Return a node as plain data and note the lines of everything in it."""
    import yaml

    if node is None:
        return None
    into.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, into)
    if isinstance(node, yaml.SequenceNode):
        _refuse_tag(node, "seq", path, into)
        return [_plain(item, (*path, index), into) for index, item in enumerate(node.value)]
    into.text_lines[path] = node.start_mark.line + (2 if node.style in {"|", ">"} else 1)
    return _scalar(node, path, into)


def _mapping(node: Any, path: Path, into: Document) -> dict[str, Any]:
    import yaml

    _refuse_tag(node, "map", path, into)
    data: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise SuiteInvalid(f"{into.place}:{line}: a key must be plain text")
        key = key_node.value
        if key in data:
            first = into.lines[(*path, key)]
            raise SuiteInvalid(f"{into.place}:{line}: the key {key!r} is already on line {first}; keep one of them")
        into.lines[(*path, key)] = line
        data[key] = _plain(value_node, (*path, key), into)
    return data


def _scalar(node: Any, path: Path, into: Document) -> Any:
    text: str = node.value
    match node.tag.removeprefix(_TAG):
        case "str":
            return text
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int" | "float" as kind if len(text) <= 30:
            return int(text) if kind == "int" else float(text)
        case "int" | "float":
            raise SuiteInvalid(f"{into.place}:{into.line(path)}: {text[:12]}… is too long for a number")
    _refuse_tag(node, "str", path, into)
    return text


def _refuse_tag(node: Any, usual: str, path: Path, into: Document) -> None:
    if node.tag != _TAG + usual:
        raise SuiteInvalid(f"{into.place}:{into.line(path)}: the tag {node.tag!r} is not used here; remove it")
