"""Finding personal data: one pass of RE2 says which kinds may be in a text, and only these are looked at closely."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import chain, islice
from typing import Any, NamedTuple

from evalgate.checks.privacy.checksums import is_valid
from evalgate.checks.privacy.kinds import COUNTRY_OF, KINDS, SPECS, Country, Kind, Spec
from evalgate.checks.text.patterns import MAX_MEMORY, compiled
from evalgate.checks.text.views import fold

EMAIL = r"[\p{L}\p{N}_][\p{L}\p{N}._%+'-]*@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,24}"
_CONTEXT = 40
"""How many characters away a word may stand that says what a number is."""
_LETTERS = re.compile(r"[^\W\d_]+")
_END = object()
_MAY_TOUCH_LETTERS = frozenset({"card", "cpf", "ccc", "cuit", "cbu", "clabe"})
"""Long numbers that are found even where a letter touches them; shorter ones would be found in any code."""
_EXPLAINED, _USUAL, _ALONE = range(3)


class Datum(NamedTuple):
    """A piece of personal data found in a text."""

    start: int
    end: int
    kind: Kind
    sure: bool = True
    """False for a bare number whose check digits are right but which nothing nearby explains."""
    rank: int = _EXPLAINED
    """What tells kinds apart that one number could be: explained by a word, written as usual, alone."""


class _Seeker(NamedTuple):
    """How one kind is sought."""

    kind: Kind
    spec: Spec
    places: re.Pattern[str]
    usual: re.Pattern[str] | None
    words: frozenset[str]
    """Folded."""
    needs_word: bool
    """Whether a number of this kind is never sure, nor masked, without a word near."""


class PersonalData:
    """Finds the kinds it is built for. A clean text costs a look for `@` and one pass of RE2."""

    def __init__(self, kinds: Iterable[Kind] = KINDS) -> None:
        wanted = set(kinds)
        self.kinds = tuple(kind for kind in KINDS if kind in wanted)
        self._seekers = [_seeker(kind) for kind in self.kinds if kind != "email"]
        self._email = compiled(EMAIL)

    def __reduce__(self) -> tuple[type[PersonalData], tuple[tuple[Kind, ...]]]:
        return type(self), (self.kinds,)

    @cached_property
    def _gate(self) -> Any:
        return gate(seeker.spec.shape for seeker in self._seekers)

    def find(self, text: str) -> list[Datum]:
        """Return all that is found, in order and not overlapping.

        >>> [datum.kind for datum in PersonalData().find("CPF 529.982.247-25, ana@exemplo.com.br, DNI 12345678Z")]
        ['cpf', 'email', 'dni']
        """
        return without_overlaps(filter(None, self._looked_at(text)))

    def find_among(self, text: str, candidates: int) -> tuple[list[Datum], bool]:
        """Return what is found among the first stretches that look like data, and whether those were all."""
        looked_at = self._looked_at(text)
        found = without_overlaps(filter(None, islice(looked_at, candidates)))
        return found, next(looked_at, _END) is _END

    def _looked_at(self, text: str) -> Iterator[Datum | None]:
        """Yield a datum, or None, for each stretch that looks like one."""
        searches: list[Iterator[Datum | None]] = []
        if "@" in text and "email" in self.kinds:
            searches.append(Datum(match.start(), match.end(), "email") for match in self._email.finditer(text))
        if self._seekers and (seen := self._gate.Match(text)):
            looked = _Looked(text)
            searches += (
                _numbers(text, seeker, looked)
                for seeker in map(self._seekers.__getitem__, sorted(seen))
                if looked.may_hold(seeker)
            )
        return chain.from_iterable(searches)


def kinds_of(countries: Iterable[Country], kinds: Iterable[Kind] | None = None) -> tuple[Kind, ...]:
    """Return the kinds of some countries with those that everyone has, or the ones named."""
    mine = set(countries)
    return (
        tuple(kinds)
        if kinds is not None
        else tuple(k for k in KINDS if COUNTRY_OF.get(k) is None or COUNTRY_OF[k] in mine)
    )


def gate(patterns: Iterable[str]) -> Any:
    """Return RE2's set of patterns, which says in one pass which of them stand in a text."""
    import re2

    options = re2.Options()
    options.max_mem = 8 * MAX_MEMORY
    options.log_errors = False
    found = re2.Set.SearchSet(options)
    for pattern in patterns:
        found.Add(pattern)
    found.Compile()
    return found


@lru_cache(maxsize=64)
def _seeker(kind: Kind) -> _Seeker:
    spec = SPECS[kind]
    before, after = (r"(?<![0-9])", r"(?![0-9])") if kind in _MAY_TOUCH_LETTERS else (r"(?<![^\W_])", r"(?![^\W_])")
    return _Seeker(
        kind,
        spec,
        # Every place where one may stand, overlapping ones too. Each try reads a bounded stretch: linear.
        re.compile(rf"{before}(?=((?:{spec.shape}){after}))"),
        re.compile(spec.usual) if spec.usual else None,
        frozenset(fold(word)[0] for word in spec.words.split()),
        needs_word=not spec.usual and spec.alone == "nothing",
    )


class _Looked:
    """The words of a text that say what numbers are, and the stretches of it around digits."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._windows: list[tuple[int, int]] | None = None
        low = text.lower()
        self.words = frozenset(
            _SPELT[number] for number, _, _ in _automaton().find_matches_as_indexes(low, overlapping=True)
        )
        """Words of any kind that stand somewhere, folded, and perhaps as parts of other words."""

    @property
    def windows(self) -> list[tuple[int, int]]:
        """Where words with digits stand, neighbours in one stretch, with a little beyond: all that is searched."""
        if self._windows is None:
            self._windows = _windows(self._text)
        return self._windows

    def may_hold(self, seeker: _Seeker) -> bool:
        """Return whether a number of this kind can be sure in this text: a word or its usual marks are there."""
        if not seeker.words.isdisjoint(self.words):
            return True
        return not seeker.needs_word and (not seeker.spec.marks or any(m in self._text for m in seeker.spec.marks))


@lru_cache(maxsize=1)
def _automaton() -> Any:
    import ahocorasick_rs

    return ahocorasick_rs.AhoCorasick(list(_WRITTEN), store_patterns=False)


_WRITTEN = sorted({form for spec in SPECS.values() for word in spec.words.split() for form in (word, fold(word)[0])})
_SPELT = [fold(word)[0] for word in _WRITTEN]


_BEYOND = 5
"""Characters after a word with digits that may belong to its number: a blank, a letter, what must not follow."""


def _windows(text: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    at = 0
    while (digit := _DIGIT.search(text, at)) is not None:
        start = max(text.rfind(" ", at, digit.start()) + 1, at)
        end = text.find(" ", digit.end())
        at = len(text) if end < 0 else end
        if found and start - found[-1][1] <= _BEYOND:
            found[-1] = (found[-1][0], min(len(text), at + _BEYOND))
        else:
            found.append((max(0, start - 1), min(len(text), at + _BEYOND)))
    return found


_DIGIT = re.compile("[0-9]")


def _numbers(text: str, seeker: _Seeker, looked: _Looked) -> Iterator[Datum | None]:
    some_word = not seeker.words.isdisjoint(looked.words)
    return (
        _number(text, match, seeker, some_word=some_word)
        for start, end in looked.windows
        for match in seeker.places.finditer(text, start, end)
    )


def _number(text: str, match: re.Match[str], seeker: _Seeker, *, some_word: bool) -> Datum | None:
    """Return the datum in a stretch of the right shape, None when its check digits or what it is part of say no."""
    start, end = match.span(1)
    written, kind = match[1], seeker.kind
    number = written.replace(" ", "").replace("-", "").replace(".", "").replace("/", "").upper()
    if not is_valid(kind, number, written):
        return None
    if some_word and _is_explained(text, start, end, seeker.words):
        return Datum(start, end, kind)
    part_of_more = _is_part_of_more(text, start, end, bare=written.isdigit())
    if seeker.usual is not None and seeker.usual.fullmatch(written) and not part_of_more:
        return Datum(start, end, kind, rank=_USUAL)
    if seeker.spec.alone == "nothing":
        return None
    punctuated = not written.isalnum() and kind in {"card", "cpf"}
    return Datum(start, end, kind, sure=False, rank=_ALONE) if punctuated or not part_of_more else None


def _is_part_of_more(text: str, start: int, end: int, *, bare: bool) -> bool:
    """Return whether a number continues into a word or a name_with_underscores or, bare, into a decimal number."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:].isalnum() or after[:1].isalnum():
        return True
    joins = {"_", ".", ","} if bare else {"_"}
    return (before[-1:] in joins and before[:1].isalnum()) or (after[:1] in joins and after[1:].isalnum())


def _is_explained(text: str, start: int, end: int, words: frozenset[str]) -> bool:
    """Return whether a whole word nearby says what the number is."""
    first, last = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    while 0 < first < start and text[first - 1].isalpha() and text[first].isalpha():
        first += 1
    while end < last < len(text) and text[last].isalpha() and text[last - 1].isalpha():
        last -= 1
    nearby = fold(f"{text[first:start]} {text[end:last]}")[0]
    return not words.isdisjoint(_LETTERS.findall(nearby))


def without_overlaps(found: Iterable[Datum]) -> list[Datum]:
    """Return what is found in order; of several that overlap the best explained, then the first, then the longest."""
    kept: list[Datum] = []
    for datum in sorted(found, key=lambda datum: (datum.rank, datum.start, -datum.end)):
        at = bisect_right(kept, datum)
        free_before = at == 0 or kept[at - 1].end <= datum.start
        free_after = at == len(kept) or kept[at].start >= datum.end
        if free_before and free_after:
            kept.insert(at, datum)
    return kept
