"""What becomes of a pack: two versions compared, a new one tried on past texts, a term added with its example."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from evalgate.checks.packs.loading import read_pack
from evalgate.checks.packs.matching import Matcher, found_in
from evalgate.checks.packs.pack import Entry, Pack
from evalgate.core.errors import WrongAsWritten
from evalgate.core.outcomes import View
from evalgate.documents import Document, parse_document


class Difference(NamedTuple):
    """What two versions of a pack do not share: entries as people wrote them."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    """Terms and patterns that both have, with another country, label, severity or suggestion."""
    allow_added: tuple[str, ...]
    allow_removed: tuple[str, ...]


def difference(old: Pack, new: Pack) -> Difference:
    """Return what changed between two versions of a pack.

    >>> old = Pack(name="b", version="1", terms=["a", {"term": "b", "countries": ["mx"]}])
    >>> new = Pack(name="b", version="2", terms=[{"term": "b", "countries": ["ar"]}, "c"])
    >>> difference(old, new)[:3]
    (('c',), ('a',), ('b',))
    """
    before, after = _by_what_is_sought(old), _by_what_is_sought(new)
    return Difference(
        tuple(sought for sought in after if sought not in before),
        tuple(sought for sought in before if sought not in after),
        tuple(sought for sought in after if sought in before and after[sought] != before[sought]),
        tuple(phrase for phrase in new.allow if phrase not in old.allow),
        tuple(phrase for phrase in old.allow if phrase not in new.allow),
    )


def _by_what_is_sought(pack: Pack) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in pack.entries:
        found.setdefault(entry.term or f"/{entry.pattern}/", []).append(entry)
    return found


class Tried(NamedTuple):
    """One past text on which two versions differ."""

    id: str
    labels: tuple[str, ...]
    """What the version that speaks up finds in it."""
    newly: bool
    """True when only the new version finds something, False when only the old one does."""


class Backtest(NamedTuple):
    """How many past texts each version flags, and those on which they differ."""

    texts: int
    old: int
    new: int
    differ: tuple[Tried, ...]


def backtest(
    texts: Iterable[tuple[str, str]],
    old: Pack,
    new: Pack,
    countries: Collection[str] = (),
    views: Sequence[View] = ("folded",),
) -> Backtest:
    """Return what a new version of a pack would have flagged of past texts (id, text), beside what the old one does."""
    before, after = Matcher([old], countries), Matcher([new], countries)
    seen = flagged_before = flagged_after = 0
    differ: list[Tried] = []
    for name, text in texts:
        seen += 1
        was = _labels(text, before, views)
        now = _labels(text, after, views)
        flagged_before += bool(was)
        flagged_after += bool(now)
        if bool(was) != bool(now):
            differ.append(Tried(name, now or was, bool(now)))
    return Backtest(seen, flagged_before, flagged_after, tuple(differ))


def _labels(text: str, matcher: Matcher, views: Sequence[View]) -> tuple[str, ...]:
    return tuple(sorted({found.hit.label for found in found_in(text, matcher, views)}))


def with_term(raw: bytes, file: str, *, term: str, example: str, version: str) -> bytes:
    """Return a pack's file with a term and the example it was met in, as a new version; comments stay.

    Raise SuiteInvalid when the result is no pack, WrongAsWritten when the version is not new or the example lacks the
    term, or when the file writes its lists in one line.
    """
    pack = read_pack(raw, file)
    if version == pack.version:
        raise WrongAsWritten(f"{file} is version {pack.version} already; a changed pack is another version: --version")
    if any(entry.term == term for entry in pack.terms):
        raise WrongAsWritten(f"{file} lists {term!r} already")
    document = parse_document(raw, file, only_text=True)
    lines = raw.decode().splitlines()
    lines[document.line(("version",)) - 1] = f"version: {_quoted(version)}"
    edits = [_added(document, lines, ("terms",), term), _added(document, lines, ("examples", "positive"), example)]
    for at, new in sorted(edits, reverse=True):
        lines[at:at] = new
    changed = "\n".join(lines).encode() + b"\n"
    if term not in {entry.term for entry in read_pack(changed, file).terms}:
        raise WrongAsWritten(f"{file}: {term!r} could not be added; write it by hand")
    return changed


def _added(document: Document, lines: Sequence[str], way: tuple[str, ...], text: str) -> tuple[int, list[str]]:
    """Return after which line to add which lines, so that the list at `way` ends with the text."""
    holder: object = document.data
    for depth, key in enumerate(way):
        inside = holder.get(key) if isinstance(holder, dict) else None
        if inside is None:
            missing = [f"{'  ' * (depth + number)}{name}:" for number, name in enumerate(way[depth:])]
            end = _end_of(document, lines, way[:depth])
            return end, [*missing, f"{'  ' * len(way)}- {_quoted(text)}"]
        holder = inside
    last = document.line((*way, len(holder) - 1)) if isinstance(holder, list) and holder else 0
    indent = re.match(r"(\s*)- ", lines[last - 1]) if last else None
    if indent is None:
        raise WrongAsWritten(f"{document.name}: {'.'.join(way)} is written in one line; write one entry a line first")
    return _after_item(lines, last, len(indent[1])), [f"{indent[1]}- {_quoted(text)}"]


def _after_item(lines: Sequence[str], first: int, indent: int) -> int:
    """Return the line after an item that begins on `first` and whose further lines are indented deeper."""
    return next(
        (number for number in range(first, len(lines)) if not lines[number].startswith(" " * (indent + 1))), len(lines)
    )


def _end_of(document: Document, lines: Sequence[str], way: tuple[str, ...]) -> int:
    return _after_item(lines, document.line(way), 2 * len(way) - 1) if way else len(lines)


def _quoted(text: str) -> str:
    """Return a text as a YAML scalar in double quotes."""
    import json

    return json.dumps(text, ensure_ascii=False)
