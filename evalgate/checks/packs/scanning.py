r"""Many patterns at once over folded text: one RE2 set says which of them match, then each of those says where.

RE2 knows `\b`, `\w` and `\d` in ASCII only. Folding leaves little else: ¿, €, other scripts. So patterns read the text
with an ASCII stand-in for each such character: a tenth of the time that exact boundaries take, and they mean the same.
A pattern that could tell one letter beyond ASCII from another reads the folded text itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import Any

from evalgate.checks.text.patterns import MAX_MEMORY, MAX_PATTERN, Pattern, compiled
from evalgate.checks.text.words import in_word

_GATE_MEMORY = 16 * MAX_MEMORY
"""What RE2 may use for all patterns together, in bytes; it takes what it needs."""
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_MANY_LETTERS = 64
_MEANS_MORE = re.compile(r"\\[A-Za-z]|\[:|_")
"""What RE2 reads otherwise than `Pattern` does, or what could meet a stand-in; ASCII's own letters excepted."""
_MEANS_THE_SAME = re.compile(r"\\[bBwWdDsS]")


class Scanner:
    """Finds patterns in folded text."""

    def __init__(self, sources: Sequence[str]) -> None:
        """Raise ValueError for a pattern that RE2 does not have."""
        plain = [number for number, source in enumerate(sources) if _reads_plain(source)]
        other = [number for number, source in enumerate(sources) if not _reads_plain(source)]
        self._plain = {number: ascii_pattern(sources[number]) for number in plain}
        self._other = {number: Pattern(sources[number]) for number in other}
        self._plain_gate = _Gate({number: sources[number] for number in plain})
        self._other_gate = _Gate({number: pattern.loosest for number, pattern in self._other.items()})

    def find(self, text: str, at_most: int) -> Iterator[tuple[int, int, int]]:
        """Yield the number of each pattern found with the stretches it matches, at most so many of each."""
        if self._plain:
            read = in_ascii(text)
            for number in self._plain_gate.candidates(read):
                for match in islice(self._plain[number].finditer(read), at_most):
                    yield number, *match.span()
        for number in self._other_gate.candidates(text) if self._other else ():
            for start, end in self._other[number].spans(text, at_most):
                yield number, start, end


class _Gate:
    """Says in one pass which patterns may match a text."""

    def __init__(self, sources: dict[int, str]) -> None:
        import re2

        options = re2.Options()
        options.max_mem = _GATE_MEMORY
        options.log_errors = False
        self._numbers = list(sources)
        self._set: Any = None
        gate = re2.Set.SearchSet(options)
        for source in sources.values():
            gate.Add(source)
        gate.Add("")  # matches always: a set that has run out of memory finds not even this
        try:
            gate.Compile()
        except re2.error:
            return
        self._set = gate

    def candidates(self, text: str) -> list[int]:
        """Return which patterns to look for: all of them when the set is too large for RE2."""
        seen = self._set.Match(text) if self._set else None
        if seen is None:
            return self._numbers
        return [self._numbers[at] for at in sorted(seen) if at < len(self._numbers)]


def check_pattern(source: str) -> None:
    """Raise ValueError, in one line with what to write instead, when a pattern cannot be read."""
    if _reads_plain(source):
        with suppress(ValueError):
            ascii_pattern(source)
            return
    Pattern(source)  # which says what to write instead


@lru_cache(maxsize=2_048)
def ascii_pattern(source: str) -> Any:
    """Return a pattern for ASCII text, compiled by RE2 within the caps."""
    return compiled(source)


def _reads_plain(source: str) -> bool:
    """Return whether a pattern means the same in RE2, over a text with stand-ins, as `Pattern` says it does."""
    if len(source) > MAX_PATTERN or not source.isascii():
        return False
    return not _MEANS_MORE.search(_MEANS_THE_SAME.sub("", source.replace("\\\\", "")))


def in_ascii(text: str) -> str:
    r"""Return a text with one ASCII character for each: _ for letters beyond ASCII, 0 for digits, \x01 for the rest.

    >>> in_ascii("¿no? øl")
    '\x01no? _l'
    """
    if text.isascii():
        return text
    beyond = {char: _stand_in(char) for char in set(_BEYOND_ASCII.findall(text))}
    if len(beyond) > _MANY_LETTERS:
        return text.translate({ord(char): stand_in for char, stand_in in beyond.items()})
    for char, stand_in in beyond.items():
        text = text.replace(char, stand_in)
    return text


def _stand_in(char: str) -> str:
    if char.isdecimal():
        return "0"
    return "_" if in_word(char) else "\x01"
