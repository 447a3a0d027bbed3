"""Fences of code in Markdown: between lines of ``` or ~~~, with the language that the first line names."""

from __future__ import annotations

import re
from typing import NamedTuple

_LINE = re.compile(r"(?m)^[ \t>]*+(?:[-*+][ \t]++|\d{1,3}[.)][ \t]++)?(`{3,}+|~{3,}+)([^`\n]*+)$")
_NAME = re.compile(r"[\w+#-]+")


class Fence(NamedTuple):
    """A stretch of code, in code points of its text."""

    start: int
    end: int
    language: str
    """What the fence says it is, in lower case; `text` when it does not say."""


def fences(text: str) -> list[Fence]:
    r"""Return the fences of a text in order; one that is never closed ends with the text.

    >>> fences("Así:\n```SQL\nselect 1\n```\n")
    [Fence(start=12, end=21, language='sql')]
    """
    if "```" not in text and "~~~" not in text:
        return []
    found: list[Fence] = []
    opened: tuple[str, int, str] | None = None
    for line in _LINE.finditer(text):
        marks, info = line[1], line[2].strip()
        if opened is None:
            name = _NAME.search(info)
            opened = marks, min(line.end() + 1, len(text)), name[0].lower() if name else "text"
        elif marks.startswith(opened[0]) and not info:
            found.append(Fence(opened[1], max(opened[1], line.start()), opened[2]))
            opened = None
    if opened is not None:
        found.append(Fence(opened[1], len(text), opened[2]))
    return found
