"""Views of a text: the same words without case, accents, separators or encodings, each with its way back.

raw       the text as it is
folded    lower case, accents off, one kind of space, quote and dash: one code point for one, so offsets survive
          (a text with combining marks loses them, and gets a map)
squashed  the folded view's letters and digits alone, digits that stand for letters read as letters: "B.4d" is "bad"
decoded   base64, hex, percent, entity and hidden stretches as what they say, to depth 2; each decoded character maps to
          its outermost stretch (rot13 has no stretch: any word is one, so only `encoded_payload` reads it)
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from typing import overload

from evalgate.checks.text.decoding import decode
from evalgate.checks.text.language import language_of
from evalgate.core.outcomes import Side, View
from evalgate.core.samples import Sample, Subject

Mapped = tuple[str, Sequence[int] | None]
"""A view of a text and the original index of each of its code points; None when they are the same."""

_FOLDABLE = re.compile("[\x80-\u3000\u3099\u309a\ufb00-\ufb4f\ufe00-\ufe2f\uff00-\uffef\U0001d400-\U0001d7ff]")
"""Beyond ASCII: the alphabets, marks, and the shapes that stand for plain letters. Ideographs fold to themselves."""
_ASCII_BLANKS = "\n\t\r\x0b\x0c"
_ALIKE = {**dict.fromkeys("‘’‛′´`", "'"), **dict.fromkeys("“”„‟«»″", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}
_ONE_KIND = str.maketrans(
    {**_ALIKE, **dict.fromkeys("\n\t\r\x0b\x0c\x85\xa0\u2007\u2009\u2028\u2029\u202f\u3000", " ")}
)
LEET = str.maketrans("013457@$", "oieastas")
"""Digits and signs that stand for letters, for `str.translate`."""
_LEET_SIGN = re.compile("[013457@$]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_ASCII_SEPARATORS = {code: None for code in range(128) if not chr(code).isalnum()}
_SEPARATORS = re.compile(r"[\W_]+")
_MANY_LETTERS = 64
"""Up to here replacing letter by letter is quicker than a table over the whole text."""


class SubjectTexts:
    """The texts of one subject and their views, built when first asked for and shared by all checks."""

    __slots__ = ("_languages", "_pieces", "_subject", "_views")

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._pieces: dict[Side, tuple[str, ...]] = {}
        self._views: dict[tuple[Side, int, View], Mapped] = {}
        self._languages: dict[tuple[Side, int], str | None] = {}

    def pieces(self, side: Side) -> tuple[str, ...]:
        """Return the texts of a side: one for the output, one a message, passage or tool call otherwise."""
        known = self._pieces.get(side)
        if known is None:
            known = self._pieces[side] = tuple(map(encodable, side_texts(self._subject.sample, side)))
        return known

    def view(self, side: Side, index: int, view: View) -> Mapped:
        """Return a view of one piece and the original index of each of its code points (None: the same)."""
        if view == "raw":
            return self.pieces(side)[index], None
        key = (side, index, view)
        known = self._views.get(key)
        if known is None:
            if view == "squashed":
                known = _squashed(self.view(side, index, "folded"))
            else:
                known = (fold if view == "folded" else decode)(self.pieces(side)[index])
            self._views[key] = known
        return known

    def language(self, side: Side, index: int) -> str | None:
        """Return the language of one piece (en, es, pt), None when its commonest words do not tell."""
        key = (side, index)
        if key not in self._languages:
            self._languages[key] = language_of(self.pieces(side)[index])
        return self._languages[key]


def side_texts(sample: Sample, side: Side) -> Sequence[str]:
    """Return the texts of a side as they stand in a sample."""
    if side == "output":
        return (sample.output.text,)
    if side == "input":
        asked = sample.case.input
        return (asked,) if isinstance(asked, str) else [message.content for message in asked]
    return sample.case.context if side == "context" else [call.arguments for call in sample.output.tool_calls]


def encodable(text: str) -> str:
    """Return the text with lone surrogates, which UTF-8 cannot carry, replaced one for one by question marks."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def one_kind(text: str) -> str:
    """Return the text with one kind of space, quote and dash, one code point for one."""
    return text.translate(_ONE_KIND)


class _Folds(dict[str, str]):
    """The folded form of each letter, found when first met: always one code point."""

    def __init__(self) -> None:
        self.marks: set[str] = set()
        """Letters met that are combining marks."""

    def __missing__(self, letter: str) -> str:
        if unicodedata.category(letter) == "Mn":
            self.marks.add(letter)
        plain = unicodedata.normalize("NFKD", letter)
        base = plain[0] if all(map(unicodedata.combining, plain[1:])) else letter
        forms = (_ALIKE.get(letter, ""), " " if letter.isspace() else "", base.casefold(), base.lower(), letter)
        folded = self[letter] = next(form for form in forms if len(form) == 1)
        return folded


_FOLDS = _Folds()


def fold(text: str) -> Mapped:
    r"""Return a text without case and accents, with one kind of space, quote and dash.

    >>> fold("¿Cuánto cuesta\tla “Açaí”?")
    ('¿cuanto cuesta la "acai"?', None)
    >>> fold("cafe\u0301s")
    ('cafes', [0, 1, 2, 3, 5])
    """
    folded = text.lower()
    if len(folded) != len(text):  # İ becomes two
        folded = "".join([char.lower() if len(char.lower()) == 1 else char for char in text])
    for blank in _ASCII_BLANKS:
        if blank in folded:
            folded = folded.replace(blank, " ")
    if folded.isascii():
        return folded, None
    letters = set(_FOLDABLE.findall(folded))
    if len(letters) > _MANY_LETTERS:
        folded = folded.translate({ord(letter): _FOLDS[letter] for letter in letters})
    else:
        for letter in letters:
            folded = folded.replace(letter, _FOLDS[letter])
    marks = letters & _FOLDS.marks
    if not marks:
        return folded, None
    kept = [at for at, char in enumerate(folded) if char not in marks]
    return "".join([folded[at] for at in kept]), kept


def folded(mapped: Mapped) -> Mapped:
    """Return a view folded, with the way back to where that view came from.

    >>> folded(("AÉ", [3, 9]))
    ('ae', [3, 9])
    """
    text, back = mapped
    plain, kept = fold(text)
    return plain, back if kept is None or back is None else [back[at] for at in kept]


def squash(text: str) -> Mapped:
    """Return the letters and digits of a text alone, folded, with digits inside words read as letters.

    >>> text, back = squash("B.4d, 2024")
    >>> text, list(back)
    ('bad2024', [0, 2, 3, 6, 7, 8, 9])
    """
    return _squashed(fold(text))


def _squashed(mapped: Mapped) -> Mapped:
    folded, back = mapped
    if _LEET_SIGN.search(folded):
        folded = " ".join([word if word.isalpha() else _as_letters(word) for word in folded.split(" ")])
    return _letters_and_digits(folded), _Kept(folded, back)


def _as_letters(word: str) -> str:
    return word.translate(LEET) if any(map(str.isalpha, word)) else word


def _letters_and_digits(text: str) -> str:
    if text.isascii():
        return text.translate(_ASCII_SEPARATORS)
    separators = [char for char in set(_BEYOND_ASCII.findall(text)) if not char.isalnum()]
    for char in separators[:_MANY_LETTERS]:
        text = text.replace(char, " ")
    # A table drops them from ASCII in a sixth of the time.
    return text.translate(_ASCII_SEPARATORS) if text.isascii() else _SEPARATORS.sub("", text)


class _Kept(Sequence[int]):
    """The original index of each letter and digit of a text, listed when first asked for: few texts have a hit."""

    def __init__(self, text: str, back: Sequence[int] | None) -> None:
        self._text, self._back = text, back

    @cached_property
    def _places(self) -> list[int]:
        places = [at for at, char in enumerate(self._text) if char.isalnum()]
        return places if self._back is None else [self._back[at] for at in places]

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[int]: ...
    def __getitem__(self, at: int | slice) -> int | Sequence[int]:
        return self._places[at]

    def __len__(self) -> int:
        return len(self._places)


def located(view: View, mapped: Mapped, start: int, end: int, original: str) -> tuple[int, int]:
    """Return the stretch of the original that shows as [start, end) in a view, with what the view dropped inside it.

    A decoded hit is its whole encoded stretch; an accent that a view dropped belongs to the letter before it.
    """
    back = mapped[1]
    if back is None:
        return start, end
    if start == end:
        place = back[start] if start < len(back) else len(original)
        return place, place
    if view == "decoded":
        after = bisect_right(back, back[end - 1])
        return back[start], back[after] if after < len(back) else len(original)
    last = back[end - 1] + 1
    while last < len(original) and unicodedata.category(original[last]) == "Mn":
        last += 1
    return back[start], last
