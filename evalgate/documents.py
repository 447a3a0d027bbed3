"""Files that people write: YAML with positions, as plain data and, for every value in it, the line that says it.

Read as YAML 1.2 core, and stricter where a guess could change a meaning: `yes`, `no`, `on`, `off`, dates, times,
`1_000`, `017` and `0x1F` are strings; keys are text as written; duplicate keys, tags, merge keys, NaN and infinities
are refused. The tree is built from parser events in a loop, so neither depth nor aliases can exhaust the machine.
This module imports yaml; `checks` and `judges` import it only to read a file.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from evalgate.core.errors import SuiteInvalid, did_you_mean

Way = tuple[str | int, ...]
"""How to reach a value: keys and indices from the top."""

MAX_BYTES = 1 << 20
MAX_VALUES = 100_000
"""Values after aliases are followed; a kilobyte of nested aliases can name billions."""
MAX_DEPTH = 100

_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|(?:0|[1-9][0-9]*)(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_A_NUMBER = re.compile(r"\.nan|\.NaN|\.NAN|[-+]?\.(?:inf|Inf|INF)")
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_CONTROL = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN_TAGS = {None, "!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}
_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """A file's data with the line of every value; `name` is what errors call the file."""

    name: str
    data: Any
    lines: Mapping[Way, int]
    text_lines: Mapping[Way, int] = field(default_factory=dict)
    """Where the first line of each scalar's own text stands: below the `|` of a block."""

    def line(self, way: Way) -> int:
        """Return the line (from 1) of a value, or of the nearest value around it."""
        while way not in self.lines and way:
            way = way[:-1]
        return self.lines.get(way, 1)

    def refuse(self, way: Way, message: str) -> SuiteInvalid:
        """Return the error that says, in one line, what is wrong at a value."""
        return refusal(self.name, self.line(way), message)


def refusal(name: str, line: int, message: str) -> SuiteInvalid:
    """Return an error of one line that starts with the place.

    >>> str(refusal("suites/chat.yaml", 12, "no check is called 'no_pi'."))
    "suites/chat.yaml:12: no check is called 'no_pi'."
    """
    return SuiteInvalid(f"{name}:{line}: {' '.join(message.split())}")


def no_such_file(path: Path) -> str:
    """Return the sentence for a file that is not there, with the nearest name beside it."""
    try:
        beside = [other.name for other in path.parent.iterdir()]
    except OSError:
        beside = []
    hint = did_you_mean(path.name, beside)
    return f"{path}: no such file{hint and '.'}{hint}"


def read_bytes(path: Path, limit: int) -> bytes:
    """Return the bytes of a readable regular file of at most `limit` bytes; else raise SuiteInvalid saying why."""
    try:
        if not path.exists():
            raise SuiteInvalid(no_such_file(path))
        if not path.is_file():
            raise SuiteInvalid(f"{path}: not a file; name a file that can be read")
        with path.open("rb") as opened:
            content = opened.read(limit + 1)
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
        raise SuiteInvalid(f"{str(path)!r}: cannot be read: {reason}") from problem
    _check_size(content, str(path), limit)
    return content


def _check_size(content: bytes, name: str, limit: int) -> None:
    if len(content) > limit:
        raise SuiteInvalid(f"{name}: larger than {limit:,} bytes; this kind of file is written by people")


def read_document(path: Path) -> Document:
    """Return a YAML file as a Document; raise SuiteInvalid with `file:line` for anything that is not plain data."""
    return parse_document(read_bytes(path, MAX_BYTES), str(path))


def parse_document(content: bytes, name: str, *, limit: int = MAX_BYTES, only_text: bool = False) -> Document:
    r"""Return the bytes of one YAML document as data with lines; raise SuiteInvalid for more than `limit` bytes.

    With `only_text` every scalar is text as written: `1.10`, `true` and an empty value too.

    >>> document = parse_document(b"country: no\nlimits:\n  n: 017\n", "a.yaml")
    >>> document.data, document.line(("limits", "n"))
    ({'country': 'no', 'limits': {'n': '017'}}, 3)
    >>> parse_document(b"version: 1.10", "a.yaml", only_text=True).data
    {'version': '1.10'}
    """
    _check_size(content, name, limit)
    return _Builder(name, _decoded(content, name), only_text=only_text).build()


def _decoded(content: bytes, name: str) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise refusal(name, line, f"byte 0x{content[problem.start]:02x} is not UTF-8; save it as UTF-8") from problem
    if strange := _CONTROL.search(text):
        line = text.count("\n", 0, strange.start()) + 1
        raise refusal(name, line, f"the character U+{ord(strange.group()):04X} may not stand in YAML; take it out")
    return text


@dataclass(slots=True)
class _Frame:
    """A collection being built. A mapping waits for a key, then for its value."""

    way: Way
    into: dict[str, Any] | list[Any]
    line: int
    anchor: str | None
    counted: int
    """Values seen before this collection."""
    deepest: int
    key: str | None = None
    key_lines: dict[str, int] = field(default_factory=dict)

    @property
    def wants_key(self) -> bool:
        return isinstance(self.into, dict) and self.key is None

    @property
    def step(self) -> str | int:
        """How the next value is reached from this collection."""
        return len(self.into) if self.key is None else self.key


@dataclass(frozen=True, slots=True)
class _Anchored:
    value: Any
    size: int
    depth: int


class _Builder:
    """Follows the parser's events, one frame a collection that is still open."""

    def __init__(self, name: str, text: str, *, only_text: bool) -> None:
        self.name = name
        self.text = text
        self.only_text = only_text
        self.lines: dict[Way, int] = {}
        self.text_lines: dict[Way, int] = {}
        self.anchors: dict[str, _Anchored | None] = {}
        self.frames: list[_Frame] = []
        self.values = 0
        self.data: Any = None
        self.documents = 0

    def build(self) -> Document:
        try:
            for event in yaml.parse(self.text, Loader=_PARSER):
                self._take(event)
        except yaml.MarkedYAMLError as problem:
            raise self._syntax(problem) from problem
        except yaml.YAMLError as problem:
            raise refusal(self.name, 1, f"not YAML: {problem}") from problem
        return Document(self.name, self.data, self.lines, self.text_lines)

    def _syntax(self, problem: yaml.MarkedYAMLError) -> SuiteInvalid:
        mark = problem.problem_mark or problem.context_mark
        line = mark.line + 1 if mark else 1
        written = self.text.split("\n")[line - 1 : line]
        if mark and written and written[0][mark.column : mark.column + 1] == "\t":
            return refusal(self.name, line, "a tab cannot indent YAML; use spaces")
        told = [said for said in (problem.context, problem.problem) if said]
        return refusal(self.name, line, f"not YAML: {', '.join(told)}")

    def _take(self, event: Any) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise refusal(self.name, line, "a second document starts here; one file holds one")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._close()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event, line)
        elif isinstance(event, yaml.ScalarEvent):
            self._scalar(event, line)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open(event, {}, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open(event, [], line)

    def _scalar(self, event: Any, line: int) -> None:
        self._check_tag(event, line)
        frame = self.frames[-1] if self.frames else None
        if frame and frame.wants_key:
            self._start_entry(frame, event.value, line)
            if event.anchor:
                self.anchors[event.anchor] = _Anchored(event.value, 1, 1)
            return
        plain = event.implicit[0] and not self.only_text
        value = resolved(event.value, self.name, line) if plain else event.value
        self._count(1, line)
        self.text_lines[self._way(line)] = line + (event.style in {"|", ">"})
        self._put(value)
        if event.anchor:
            self.anchors[event.anchor] = _Anchored(value, 1, 1)

    def _start_entry(self, frame: _Frame, key: str, line: int) -> None:
        if key in frame.key_lines:
            raise refusal(self.name, line, f"{key!r} is written twice, on lines {frame.key_lines[key]} and {line}")
        frame.key_lines[key] = line
        frame.key = key

    def _check_tag(self, event: Any, line: int) -> None:
        if event.tag not in _PLAIN_TAGS:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            raise refusal(self.name, line, f"the tag {tag} is not read; write plain text, numbers, lists and mappings")

    def _open(self, event: Any, into: dict[str, Any] | list[Any], line: int) -> None:
        self._check_tag(event, line)
        if self.frames and self.frames[-1].wants_key:
            raise refusal(self.name, line, "a key must be text, not a list or a mapping")
        if event.anchor:
            self.anchors[event.anchor] = None
        self._count(1, line)
        depth = len(self.frames) + 1
        self._check_depth(depth, line)
        self.frames.append(_Frame(self._way(line), into, line, event.anchor, self.values, depth))

    def _close(self) -> None:
        frame = self.frames.pop()
        if frame.anchor:
            depth = frame.deepest - len(self.frames)
            self.anchors[frame.anchor] = _Anchored(frame.into, self.values - frame.counted + 1, depth)
        if self.frames:
            self.frames[-1].deepest = max(self.frames[-1].deepest, frame.deepest)
        self._put(frame.into)

    def _alias(self, event: Any, line: int) -> None:
        known = self.anchors.get(event.anchor)
        if known is None:
            problem = "contains itself" if event.anchor in self.anchors else "is not defined above"
            raise refusal(self.name, line, f"the alias *{event.anchor} {problem}")
        frame = self.frames[-1] if self.frames else None
        if frame and frame.wants_key:
            if not isinstance(known.value, str):
                raise refusal(self.name, line, "a key must be text, not a list or a mapping")
            self._start_entry(frame, known.value, line)
            return
        self._count(known.size, line)
        depth = len(self.frames) + known.depth
        self._check_depth(depth, line)
        if frame:
            frame.deepest = max(frame.deepest, depth)
        self._way(line)
        self._put(known.value)

    def _count(self, size: int, line: int) -> None:
        self.values += size
        if self.values > MAX_VALUES:
            raise refusal(self.name, line, f"more than {MAX_VALUES:,} values once aliases are followed")

    def _check_depth(self, depth: int, line: int) -> None:
        if depth > MAX_DEPTH:
            raise refusal(self.name, line, f"nested deeper than {MAX_DEPTH} levels")

    def _way(self, line: int) -> Way:
        """Return the way of the value that comes now and note its line: the key's where there is one."""
        way: Way = ()
        if self.frames:
            frame = self.frames[-1]
            way = (*frame.way, frame.step)
            line = line if frame.key is None else frame.key_lines[frame.key]
        self.lines[way] = line
        return way

    def _put(self, value: Any) -> None:
        if not self.frames:
            self.data = value
            return
        frame = self.frames[-1]
        if isinstance(frame.into, list):
            frame.into.append(value)
        else:
            frame.into[str(frame.key)] = value
            frame.key = None


def resolved(text: str, name: str, line: int) -> str | int | float | bool | None:
    """Return what an unquoted scalar means; numbers that JSON cannot carry are refused.

    >>> [resolved(text, "a.yaml", 1) for text in ("no", "true", "1_000", "017", "12", "1e-3", "2026-01-01", "~")]
    ['no', True, '1_000', '017', 12, 0.001, '2026-01-01', None]
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INT.fullmatch(text):
        if len(text) > 20 or abs(int(text)) >= 1 << 63:
            raise refusal(name, line, f"{text[:40]} is too large for a number; if it is a name, put it in quotes")
        return int(text)
    if _NOT_A_NUMBER.fullmatch(text):
        raise refusal(name, line, f"{text} is not a number that can be compared; write a finite one")
    if not _FLOAT.fullmatch(text):
        return text
    number = float(text)
    if math.isinf(number):
        raise refusal(name, line, f"{text[:40]} is too large for a number; if it is a name, put it in quotes")
    return number
