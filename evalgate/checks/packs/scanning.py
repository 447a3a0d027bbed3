r"""Many patterns at once over folded text: one RE2 filter says which of them match, then each of those says where.

The filter looks for the letters that a pattern cannot match without, and tries only patterns whose letters are there.
One automaton of all patterns (an RE2 set) is quicker on a text it has seen, and 30 times slower on every new one: its
states multiply without end.

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

_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_MANY_LETTERS = 64
_MEANS_MORE = re.compile(r"\\[A-Za-z]|\[:\^?[a-z]+:\]|_")
"""What RE2 reads otherwise than `Pattern` does, or what could meet a stand-in; ASCII's own letters excepted."""
_MEANS_THE_SAME = re.compile(r"\\[bBwWdDsS]")


class Scanner:
    """Finds patterns in folded text."""

    def __init__(self, sources: Sequence[str]) -> None:
        """Raise ValueError for a pattern that RE2 does not have."""
        plain = [number for number, source in enumerate(sources) if _reads_plain(source)]
        other = [number for number, source in enumerate(sources) if not _reads_plain(source)]
        self._plain = _Filter({number: sources[number] for number in plain})
        self._other = {number: Pattern(sources[number]) for number in other}
        self._other_filter = _Filter({number: pattern.loosest for number, pattern in self._other.items()})

    def find(self, text: str, at_most: int) -> Iterator[tuple[int, int, int]]:
        """Yield the number of each pattern found with the stretches it matches, at most so many of each."""
        plain = _plain(text)
        for number, pattern in self._plain.matching(plain):
            for match in islice(pattern.finditer(plain), at_most):
                yield number, *match.span()
        if not self._other:
            return
        for number, _ in self._other_filter.matching(text.encode(errors="replace")):
            for start, end in self._other[number].spans(text, at_most):
                yield number, start, end


class _Filter:
    """Says which patterns match a text."""

    def __init__(self, sources: dict[int, str]) -> None:
        import re2

        self._numbers = list(sources)
        self._filter = re2.Filter()
        for source in sources.values():
            self._filter.Add(source, _options())
        if sources:
            self._filter.Compile()

    def matching(self, text: bytes) -> Iterator[tuple[int, Any]]:
        """Yield the number of each pattern that matches, in order, with the compiled pattern."""
        for at in sorted(self._filter.Match(text) or ()) if self._numbers else ():
            yield self._numbers[at], self._filter.re(at)


def _options() -> Any:
    import re2

    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    options.never_capture = True
    return options


def check_pattern(source: str) -> None:
    """Raise ValueError, in one line with what to write instead, when a pattern cannot be read."""
    if _reads_plain(source):
        with suppress(ValueError):
            compiled(source)
            return
    Pattern(source)  # which says what to write instead


def _reads_plain(source: str) -> bool:
    """Return whether a pattern means the same in RE2, over a text with stand-ins, as `Pattern` says it does."""
    if len(source) > MAX_PATTERN or not source.isascii():
        return False
    return not _MEANS_MORE.search(_MEANS_THE_SAME.sub("", source.replace("\\\\", "")))


@lru_cache(maxsize=4)
def _plain(text: str) -> bytes:
    """Return a text in ASCII, where bytes and code points are one; several checks read one text after another."""
    return in_ascii(text).encode()


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
