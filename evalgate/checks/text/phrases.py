"""Finding many phrases at once: one pass of an Aho–Corasick automaton over a view, then word edges, then spelling."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from evalgate.checks.text.hits import READ_AT_MOST, Hit, longest
from evalgate.checks.text.views import Mapped, fold, located, one_kind, squash
from evalgate.checks.text.words import is_whole
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Side, View

Ignored = Literal["case", "accents"]

_NO_LETTER = re.compile(r"[^\w\s]|_")
"""Marks and punctuation are among these, and letters, of which a text may have thousands, are not."""
_SHORTEST_SQUASHED = 3
"""Letters a phrase needs to be looked for without separators: shorter ones hide in every text."""


def _usable(phrase: str) -> str:
    phrase = phrase.strip()
    if not fold(phrase)[0]:
        raise ValueError("a phrase is blank; delete it")
    if len(phrase) > 500:
        raise ValueError(f"a phrase has {len(phrase)} characters, over the 500 allowed: {phrase[:40]!r}…")
    return phrase


Phrase = Annotated[str, AfterValidator(_usable)]
"""A word or several, trimmed and not blank."""


def alike(text: str, ignore: Iterable[str]) -> str:
    """Return the form in which two texts are compared: composed letters, and what is ignored taken away.

    >>> alike("Áo", ["case"]), alike("Áo", ["accents"]), alike("A\u0301o", ())
    ('áo', 'Ao', 'Áo')
    """
    if "accents" in ignore:
        text = without(unicodedata.normalize("NFD", text), "Mn")
    text = unicodedata.normalize("NFC", text)
    return text.casefold() if "case" in ignore else text


def without(text: str, category: str) -> str:
    """Return the text without the characters of a Unicode category, as Mn (marks) or P (all punctuation)."""
    taken = [char for char in set(_NO_LETTER.findall(text)) if unicodedata.category(char).startswith(category)]
    return text.translate(dict.fromkeys(map(ord, taken))) if taken else text


class Phrases:
    """Phrases to find, in any view of a text.

    Searching is done without case and accents; where they count, each hit is then compared with the text as written.
    """

    def __init__(self, phrases: Sequence[str], ignore: Iterable[Ignored] = (), *, whole_words: bool) -> None:
        self.phrases = tuple(dict.fromkeys(phrases))
        self.ignore = frozenset(ignore)
        self.whole_words = whole_words
        self._folded = _automaton(fold(phrase)[0] for phrase in self.phrases)
        self._squashed: Any = None

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.phrases, self.ignore, self.whole_words)

    def find(self, texts: Texts, side: Side, piece: int, view: View = "folded") -> list[Hit]:
        """Return where the phrases stand in a piece (its first READ_AT_MOST code points): longest, not overlapping."""
        return longest(self.everywhere(texts, side, piece, view))

    def everywhere(self, texts: Texts, side: Side, piece: int, view: View = "folded") -> list[Hit]:
        """Return every place of every phrase, overlapping ones too.

        Views other than folded have lost case and accents, so there they never count.
        """
        mapped = texts.view(side, piece, view)
        if view == "decoded":
            if mapped[1] is None:
                return []
            mapped = _folded_again(mapped)
        found = self._automaton_for(view).find_matches_as_indexes(mapped[0][:READ_AT_MOST], overlapping=True)
        if not found:
            return []
        original = texts.pieces(side)[piece]
        hits = []
        as_written: dict[tuple[str, int], bool] = {}
        for number, start, end in found:
            begins, ends = located(view, mapped, start, end, original)
            place = (mapped[0], start, end) if view == "decoded" else (original, begins, ends)
            if self.whole_words and not is_whole(*place):
                continue
            spelling = (original[begins:ends], number)
            if spelling not in as_written:
                as_written[spelling] = view != "folded" or self._as_written(*spelling)
            if as_written[spelling]:
                hits.append(Hit(piece, begins, ends, self.phrases[number], view))
        return hits

    def _as_written(self, found: str, number: int) -> bool:
        return len(self.ignore) == 2 or _plain(found, self.ignore) == _plain(self.phrases[number], self.ignore)

    def _automaton_for(self, view: View) -> Any:
        if view != "squashed":
            return self._folded
        if self._squashed is None:
            squashed = (squash(phrase)[0] for phrase in self.phrases)
            self._squashed = _automaton(form if len(form) >= _SHORTEST_SQUASHED else "\0" for form in squashed)
        return self._squashed


def _again(phrases: tuple[str, ...], ignore: frozenset[Ignored], whole_words: bool) -> Phrases:  # noqa: FBT001 - pickle
    return Phrases(phrases, ignore, whole_words=whole_words)


def _automaton(needles: Iterable[str]) -> Any:
    import ahocorasick_rs

    return ahocorasick_rs.AhoCorasick(list(needles), store_patterns=False)


def _plain(text: str, ignore: frozenset[Ignored]) -> str:
    return alike(one_kind(unicodedata.normalize("NFKC", text)), ignore)


def _folded_again(mapped: Mapped) -> Mapped:
    text, back = mapped
    folded, kept = fold(text)
    return folded, back if kept is None or back is None else [back[at] for at in kept]
