"""Patterns that people write, compiled by RE2 only: linear in the text, capped, right for every script.

The stdlib's `re` can take minutes on 60 characters; RE2 cannot. What RE2 lacks is said in one line when the
suite is read. Spans are in code points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from evalgate.checks.text.re2_syntax import MARKERS, STAND_IN, Syntax, read
from evalgate.checks.text.words import words

MAX_PATTERN = 2_000
"""Longest pattern, in characters."""
MAX_MEMORY = 8 << 20
"""What RE2 may use for one pattern, in bytes."""
_MOST_COPIES = 6
"""How often a marker stands at its place at most: a match may end with three assertions, the next begin with three."""
_STAND_INS = str.maketrans(dict.fromkeys(MARKERS.values(), STAND_IN))


class Pattern:
    r"""A compiled pattern.

    >>> Pattern(r"\bálcool\b").spans("Sem álcool.")
    [(4, 10)]
    >>> Pattern(r"(á)\1")
    Traceback (most recent call last):
    ...
    ValueError: \1 is a back-reference, which RE2 does not have; write the alternatives out
    """

    def __init__(self, source: str, flags: Iterable[str] = ()) -> None:
        """Raise ValueError, in one line with what to write instead, when RE2 cannot do what the pattern says."""
        if len(source) > MAX_PATTERN:
            raise ValueError(f"the pattern has {len(source):,} characters, over the {MAX_PATTERN:,} allowed; split it")
        self.source = source
        self.flags = frozenset(flags)
        self._syntax = read(source, self.flags)
        self._plain = compiled(self._syntax.plain())
        if self._syntax.has_boundaries:
            _refuse_marker_ranges(self._syntax)
            self._loose, self._guarded = compiled(self._syntax.loose()), compiled(self._syntax.guarded())

    def __reduce__(self) -> tuple[type[Pattern], tuple[str, frozenset[str]]]:
        return type(self), (self.source, self.flags)

    @property
    def loosest(self) -> str:
        """A pattern for RE2 that matches wherever this one does, and perhaps elsewhere: for gates."""
        return self._syntax.loose() if self._syntax.has_boundaries else self._syntax.plain()

    def found(self, text: str) -> bool:
        """Return whether the pattern matches anywhere in the text."""
        return bool(self.spans(text, limit=1))

    def spans(self, text: str, limit: int = 1_000) -> list[tuple[int, int]]:
        """Return where the pattern matches, leftmost first and not overlapping, at most `limit` places."""
        if not self._syntax.has_boundaries or text.isascii():
            return _spans(self._plain, text, limit)
        if self._loose.search(text) is None:
            return []
        guarded = _guard(text, self._syntax)
        return _back(guarded, (match.span() for match in self._guarded.finditer(guarded)), limit)


def _spans(compiled_pattern: Any, text: str, limit: int) -> list[tuple[int, int]]:
    first = compiled_pattern.search(text)
    if first is None or limit == 1:
        return [first.span()] if first else []
    return [match.span() for match in islice(compiled_pattern.finditer(text), limit)]


def compiled(pattern: str) -> Any:
    """Return a pattern compiled by RE2 within the caps; raise ValueError with RE2's reason."""
    import re2

    options = re2.Options()
    options.max_mem = MAX_MEMORY
    options.log_errors = False
    options.never_capture = True
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(_reason(error)) from None


def _reason(error: Exception) -> str:
    reason = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
    if "too large" in reason:
        return "the pattern is too large for RE2's 8 MB; shorten its counted repetitions, as {1,1000}"
    if "repetition size" in reason:
        return f"{reason}: RE2 repeats 1,000 times at most, nested repetitions multiplied"
    return f"RE2 cannot read the pattern: {reason}"


def _refuse_marker_ranges(syntax: Syntax) -> None:
    for form in {form for token in syntax.tokens if token.kind == "atom" for form in token.forms}:
        if form[0] != "." and not form.startswith("[^") and compiled(form).search("".join(MARKERS.values())):
            raise ValueError(f"{form} reaches over U+FDD0 to U+FDD5, which are reserved beside \\b; leave them out")


def _guard(text: str, syntax: Syntax) -> str:
    """Return the text with markers at the places where the pattern's assertions hold, several copies at each."""
    used = set(syntax.assertions)
    copies = min(2 * len(syntax.assertions), _MOST_COPIES)
    edge, inside = (MARKERS[letter] * copies if letter in used else "" for letter in "bB")
    if any(marker in text for marker in MARKERS.values()):
        text = text.translate(_STAND_INS)
    parts = words().split(text)  # gap, word, gap, … word, gap: a boundary stands between any two
    guarded = edge.join(inside.join(part) if inside else part for part in parts)
    guarded = (inside if parts[0] or not text else "") + guarded + (inside if parts[-1] else "")
    return guarded if used <= {"b", "B"} else _guard_lines(guarded, used, each_line="m" in syntax.flags)


def _guard_lines(text: str, used: set[str], *, each_line: bool) -> str:
    run = f"[{''.join(MARKERS.values())}]*"
    starts, ends = (r"(?:\A|(?<=\n))", r"(?=\n|\Z)") if each_line else (r"\A", r"(?=\Z)")

    def marked(match: re.Match[str]) -> str:
        first, last = not match.start(), match.end() == len(text)
        holds = {
            "A": first,
            "z": last,
            "^": first or (each_line and text[match.start() - 1] == "\n"),
            "$": last or (each_line and text[match.end()] == "\n"),
        }
        here = [MARKERS[letter] for letter, true in holds.items() if true and letter in used]
        return "".join([*here, *sorted(set(match[0]))]) * _MOST_COPIES

    return re.sub(f"{starts}{run}|{run}{ends}", marked, text)


def _back(guarded: str, spans: Iterator[tuple[int, int]], limit: int) -> list[tuple[int, int]]:
    """Return the first spans of a guarded text as offsets of the original: less the markers before them.

    An empty match between two markers and the next one between two others of the same place are one.
    """
    markers = [marker for marker in MARKERS.values() if marker in guarded]
    found: dict[tuple[int, int], None] = {}
    seen = at = 0
    for span in spans:
        original = []
        for offset in span:
            seen += sum(guarded.count(marker, at, offset) for marker in markers)
            at = offset
            original.append(offset - seen)
        found[original[0], original[1]] = None
        if len(found) == limit:
            break
    return list(found)
