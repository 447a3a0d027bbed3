"""Finding personal data: one pass of RE2 says which kinds may be in a text, and only these are looked at closely."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import chain, islice
from typing import Any, NamedTuple

from evalgate.checks.privacy.checksums import iban_within, is_valid
from evalgate.checks.privacy.kinds import COUNTRY_OF, KINDS, SPECS, Country, Kind, Spec
from evalgate.checks.privacy.phones import is_service_line
from evalgate.checks.text.patterns import MAX_MEMORY
from evalgate.checks.text.views import fold

_LOCAL = re.compile(r"[\w.%+'-]+")
_DOMAIN = re.compile(r"@((?:[^\W_]|-)+(?:\.(?:[^\W_]|-)+)*\.[^\W\d_]{2,24})")
"""What follows the name in an address. Neither runs over an @, so that a text of many is read once."""
_ENDS_OF_FILES = "png jpg jpeg gif svg webp avif ico bmp heic js mjs css json html xml yaml yml txt pdf tgz"
_FILES = frozenset(_ENDS_OF_FILES.split())
"""Ends of file names, which are no ends of addresses: `logo@2x.png`."""
_CONTEXT = 40
"""How many characters away a word may stand that says what a number is."""
_LETTERS = re.compile(r"[^\W\d_]+")
_END = object()
_TYPOGRAPHIC = "\u2010\u2011\u2012\u2013\u2212\u00a0\u2007\u2009\u202f"
_PLAIN = str.maketrans(_TYPOGRAPHIC, "-----    ")
_DIVIDES = f"[0-9][{_TYPOGRAPHIC}]|[{_TYPOGRAPHIC}][0-9]"
"""A typographic dash or blank at a digit, for RE2."""
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
    unless: frozenset[str]
    """Folded."""
    needs_word: bool
    """Whether a number of this kind is never sure, nor masked, without a word near."""


class PersonalData:
    """Finds the kinds it is built for. A clean text costs a look for `@` and one pass of RE2."""

    def __init__(self, kinds: Iterable[Kind] = KINDS) -> None:
        wanted = set(kinds)
        self.kinds = tuple(kind for kind in KINDS if kind in wanted)
        self._seekers = [_seeker(kind) for kind in self.kinds if kind != "email"]

    def __reduce__(self) -> tuple[type[PersonalData], tuple[tuple[Kind, ...]]]:
        return type(self), (self.kinds,)

    @cached_property
    def _gate(self) -> Any:
        signs = (seeker.spec.sign or _bounded(seeker) for seeker in self._seekers)
        return gate([_DIVIDES, *map(_bounded, self._seekers), *map(_any_word, self._seekers), *signs])

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
        text, likely = self._likely(text)
        searches: list[Iterator[Datum | None]] = []
        if "@" in text and "email" in self.kinds:
            searches.append(_emails(text))
        searches += (_numbers(text, seeker, some_word=some_word) for seeker, some_word in likely)
        return chain.from_iterable(searches)

    def _likely(self, text: str) -> tuple[str, list[tuple[_Seeker, bool]]]:
        """Return the text with plain blanks and dashes, and the kinds it may hold, each with whether a word says so."""
        seen = self._gate.Match(text) if self._seekers else None
        if not seen:
            return text, []
        if seen[0] == 0 or 0 in seen:
            text = plain_marks(text)
            seen = self._gate.Match(text) or ()
        there, count = frozenset(seen), len(self._seekers)
        likely = []
        for number in sorted(seen):
            if 0 < number <= count:
                seeker = self._seekers[number - 1]
                some_word = number + count in there
                if some_word or (not seeker.needs_word and number + 2 * count in there):
                    likely.append((seeker, some_word))
        return text, likely


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


def plain_marks(text: str) -> str:
    """Return the text with plain blanks and dashes for typographic ones, one for one: places stay.

    >>> plain_marks("529.982.247\u201125")
    '529.982.247-25'
    """
    return text.translate(_PLAIN)


@lru_cache(maxsize=64)
def _seeker(kind: Kind) -> _Seeker:
    spec = SPECS[kind]
    char = "[0-9]" if kind in _MAY_TOUCH_LETTERS else r"[^\W_]"
    return _Seeker(
        kind,
        spec,
        # Every place where one may stand, overlapping ones too. Each try reads a bounded stretch: linear. That the
        # pattern begins with one character of a class lets the stdlib pass over all others without trying.
        re.compile(rf"{spec.first}(?<!{char}{spec.first})(?<=(?=((?:{spec.shape})(?!{char}))){spec.first})"),
        re.compile(spec.usual) if spec.usual else None,
        frozenset(fold(word)[0] for word in spec.words.split()),
        frozenset(fold(word)[0] for word in spec.unless.split()),
        needs_word=not spec.usual and spec.alone == "nothing",
    )


def _bounded(seeker: _Seeker) -> str:
    """Return for RE2 what matches wherever a kind's shape stands, and perhaps between letters beyond ASCII."""
    char = "0-9" if seeker.kind in _MAY_TOUCH_LETTERS else "0-9A-Za-z"
    return f"(?:^|[^{char}])(?:{seeker.spec.shape})(?:$|[^{char}])"


def _any_word(seeker: _Seeker) -> str:
    """Return for RE2 what matches wherever a word stands that explains a kind, with its accents or without."""
    forms = sorted(set(seeker.spec.words.split()) | seeker.words)
    return f"(?i)(?:^|[^a-z])(?:{'|'.join(forms)})(?:$|[^a-z])"


def _emails(text: str) -> Iterator[Datum | None]:
    last = 0  # no name begins before it
    for domain in _DOMAIN.finditer(text):
        at = domain.start()
        name = _LOCAL.match(text[last:at][::-1])
        start = at if name is None else at - len(name[0][::-1].lstrip(".%+'-"))
        if start == at or domain[1].rpartition(".")[2].lower() in _FILES:
            last = at
            yield None
        else:
            last = domain.end()
            yield Datum(start, last, "email")


def _numbers(text: str, seeker: _Seeker, *, some_word: bool) -> Iterator[Datum | None]:
    nobodys = 0
    for match in seeker.places.finditer(text):
        if match.start(1) < nobodys:
            yield None  # a part of a service line would pass for somebody's number
        elif seeker.kind == "phone" and is_service_line(match[1]):
            nobodys = match.end(1)
            yield None
        else:
            datum = _number(text, match, seeker, some_word=some_word)
            yield None if datum and seeker.unless and _is_denied(text, datum.start, seeker.unless) else datum


def _number(text: str, match: re.Match[str], seeker: _Seeker, *, some_word: bool) -> Datum | None:
    """Return the datum in a stretch of the right shape, None when its check digits or what it is part of say no."""
    start, end = match.span(1)
    written, kind = match[1], seeker.kind
    if kind == "iban":
        written = iban_within(written)
        end = start + len(written)
        if text[end : end + 1].isalnum():
            return None
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


def _is_denied(text: str, start: int, words: frozenset[str]) -> bool:
    """Return whether the last word before a number says that it is something else."""
    before = _LETTERS.findall(fold(text[max(0, start - _CONTEXT) : start])[0])
    return bool(before) and before[-1] in words


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
