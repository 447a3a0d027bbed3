"""Finding personal data: e-mail addresses, payment cards, CPF (Brazil), DNI and NIE (Spain).

A number counts when its shape and its check digits are right. By chance 1 % of bare 11-digit numbers pass as a CPF and
10 % of 16-digit ones as a card, so a number without its usual punctuation is *sure* only near a word that says what it
is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import chain, islice
from typing import Literal, NamedTuple, get_args

from evalgate.checks.text.patterns import compiled

Kind = Literal["email", "card", "cpf", "dni", "nie"]
Country = Literal["br", "es"]
KINDS: tuple[Kind, ...] = get_args(Kind)
COUNTRY_OF: dict[Kind, Country] = {"cpf": "br", "dni": "es", "nie": "es"}
"""Kinds that belong to one country; the others are found everywhere."""

EMAIL = r"[\p{L}\p{N}_][\p{L}\p{N}._%+'-]*@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,24}"
DIGITS = r"[0-9]{7}|[0-9]{3}[. ][0-9]{3}[. ]|[0-9]{1,2}\.[0-9]{3}\.|[0-9]{4}[ -][0-9]{4,6}[ -]"
"""For RE2: what every number sought contains, so that most texts are read once."""

_SHAPES: dict[Kind, re.Pattern[str]] = {
    "card": re.compile(
        r"(?<![0-9])(?=((?:[3-6][0-9]{3}[ -](?:[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}|[0-9]{6}[ -][0-9]{5})"
        r"|2[2-7][0-9]{2}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{4}|[2-6][0-9]{12,18})(?![0-9])))"
    ),
    "cpf": re.compile(
        r"(?<![0-9])(?=((?:[0-9]{3}[. ][0-9]{3}[. ][0-9]{3}[-. /][0-9]{2}|[0-9]{9}[-/][0-9]{2}|[0-9]{11})(?![0-9])))"
    ),
    "dni": re.compile(r"(?<![0-9])(?=((?:[0-9]{8}|[0-9]{2}\.[0-9]{3}\.[0-9]{3})[- ]?[A-Za-z](?![^\W_])))"),
    "nie": re.compile(r"(?<![^\W_])(?=([XYZxyz]-?(?:[0-9]{7}|[0-9]\.[0-9]{3}\.[0-9]{3})[- ]?[A-Za-z](?![^\W_])))"),
}
"""Every place where a number of a kind may stand, overlapping ones too. Each try reads a bounded stretch: linear."""

_CONTEXT = 40
"""How many characters away a word may stand that says what a number is."""
_CONTEXT_WORDS: dict[Kind, frozenset[str]] = {
    "cpf": frozenset({"cpf", "contribuinte", "cadastro"}),
    "dni": frozenset({"dni", "nif", "documento", "identidad"}),
    "nie": frozenset({"nie", "extranjero", "extranjera", "documento"}),
    "card": frozenset({"tarjeta", "cartão", "cartao", "card", "visa", "mastercard", "amex", "elo"})
    | {"crédito", "credito", "credit", "débito", "debito", "debit"},
}
_LETTERS = re.compile(r"[^\W\d_]+")


class Datum(NamedTuple):
    """A piece of personal data found in a text."""

    start: int
    end: int
    kind: Kind
    sure: bool = True
    """False for a bare number whose check digits are right but which nothing nearby explains."""


class PersonalData:
    """Finds the kinds it is built for. A clean text costs a look for `@` and one pass of RE2."""

    def __init__(self, kinds: Iterable[Kind] = KINDS) -> None:
        wanted = set(kinds)
        self.kinds = tuple(kind for kind in KINDS if kind in wanted)
        self._digits = compiled(DIGITS)
        self._email = compiled(EMAIL)

    def __reduce__(self) -> tuple[type[PersonalData], tuple[tuple[Kind, ...]]]:
        return type(self), (self.kinds,)

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
        if self._digits.search(text) is not None:
            searches += (_numbers(text, kind) for kind in self.kinds if kind != "email")
        return chain.from_iterable(searches)


_END = object()


def _numbers(text: str, kind: Kind) -> Iterator[Datum | None]:
    return (_number(text, match, kind) for match in _SHAPES[kind].finditer(text))


def _number(text: str, match: re.Match[str], kind: Kind) -> Datum | None:
    """Return the datum in a stretch of the right shape, None when its check digits or what it is part of say no."""
    start, end = match.span(1)
    written = match[1]
    if not _is_valid(kind, written.replace(" ", "").replace("-", "").replace(".", "").replace("/", "").upper()):
        return None
    part_of_more = _is_part_of_more(text, start, end, bare=written.isdigit())
    if (_is_typical(kind, written) and not part_of_more) or _is_explained(text, start, end, kind):
        return Datum(start, end, kind)
    punctuated = not written.isalnum() and kind in {"card", "cpf"}
    return Datum(start, end, kind, sure=False) if punctuated or not part_of_more else None


def _is_valid(kind: Kind, number: str) -> bool:
    if kind == "card" and not _has_issuer(number):
        return False
    return len(set(number)) > 1 and _checks()[kind](number)


@lru_cache(maxsize=1)
def _checks() -> dict[Kind, Callable[[str], bool]]:
    """Return python-stdnum's check of each kind's digits."""
    from stdnum import luhn
    from stdnum.br import cpf
    from stdnum.es import dni, nie

    return {"card": luhn.is_valid, "cpf": cpf.is_valid, "dni": dni.is_valid, "nie": nie.is_valid}


def _has_issuer(number: str) -> bool:
    """Return whether a number of this length begins as a card network's do."""
    if len(number) == 16:
        return number[0] in "456" or number[:2] == "35" or 2221 <= int(number[:4]) <= 2720
    starts = {13: ("4",), 14: ("30", "36", "38", "39"), 15: ("34", "37"), 19: ("4", "6")}
    return number.startswith(starts.get(len(number), ("?",)))


def _is_typical(kind: Kind, written: str) -> bool:
    """Return whether a number is written as only its kind is: with its punctuation, or with capital letters."""
    if kind in {"dni", "nie"}:
        return " " not in written and written.upper() == written
    return "-" in written or "." in written or "/" in written or (kind == "card" and " " in written)


def _is_part_of_more(text: str, start: int, end: int, *, bare: bool) -> bool:
    """Return whether a number continues into a word or a name_with_underscores or, bare, into a decimal number."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:].isalnum() or after[:1].isalnum():
        return True
    joins = {"_", ".", ","} if bare else {"_"}
    return (before[-1:] in joins and before[:1].isalnum()) or (after[:1] in joins and after[1:].isalnum())


def _is_explained(text: str, start: int, end: int, kind: Kind) -> bool:
    """Return whether a whole word nearby says what the number is."""
    first, last = max(0, start - _CONTEXT), min(len(text), end + _CONTEXT)
    while 0 < first < start and text[first - 1].isalpha() and text[first].isalpha():
        first += 1
    while end < last < len(text) and text[last].isalpha() and text[last - 1].isalpha():
        last -= 1
    nearby = text[first:start] + " " + text[end:last]
    return not _CONTEXT_WORDS[kind].isdisjoint(word.lower() for word in _LETTERS.findall(nearby))


def without_overlaps(found: Iterable[Datum]) -> list[Datum]:
    """Return what is found in order; of two that overlap, the one that starts first, then the longer."""
    kept: list[Datum] = []
    for datum in sorted(found, key=lambda datum: (datum.start, -datum.end)):
        if not kept or datum.start >= kept[-1].end:
            kept.append(datum)
    return kept
