"""The pages as data: their texts, fenced blocks and links."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md")), *sorted(ROOT.glob("[a-z]*/README.md"))]

_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_GENERATED = re.compile(r"^<!-- generated: [\w-]+ -->$.*?^<!-- end -->$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: where it begins, its language, what it holds."""

    place: str
    language: str
    content: str


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def page(name: str) -> str:
    """Return a page of docs/ as text."""
    return text_of(DOCS / name)


def prose_of(text: str) -> str:
    """Return a page without its fenced blocks."""
    return _BLOCK.sub("", text)


def by_hand(text: str) -> str:
    """Return a page without its generated parts."""
    return _GENERATED.sub("", text)


def blocks(language: str) -> list[Block]:
    """Return every block of a language in all pages."""
    found = []
    for path in PAGES:
        text = text_of(path)
        for block in _BLOCK.finditer(text):
            line = text.count("\n", 0, block.start()) + 1
            found.append(Block(f"{name_of(path)}:{line}", block[1], block[2]))
    return [block for block in found if block.language == language]
