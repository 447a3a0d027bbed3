"""Whether a number can be of its kind: check digits, ranges, lengths. Numbers come bare and in capitals."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from importlib import import_module
from operator import mul

from evalgate.checks.privacy.kinds import Kind
from evalgate.checks.privacy.phones import is_phone

_STDNUM: dict[Kind, str] = {
    "cnpj": "br.cnpj",
    "dni": "es.dni",
    "nie": "es.nie",
    "cif": "es.cif",
    "ccc": "es.ccc",
    "cuit": "ar.cuit",
    "cbu": "ar.cbu",
    "curp": "mx.curp",
    "rut": "cl.rut",
    "nit": "co.nit",
    "ruc": "pe.ruc",
    "rut_uy": "uy.rut",
    "nif": "pt.nif",
    "cc": "pt.cc",
    "ssn": "us.ssn",
}
_OLDEST = 1_900
_NUMBERS = re.compile("[0-9]+")
_SHORT_MONTHS = "jan ene/feb fev/mar/abr apr/may mai/jun/jul/ago aug/sep set/oct out/nov/dic dez dec"
_MONTHS = {short: number for number, one in enumerate(_SHORT_MONTHS.split("/"), 1) for short in one.split()}
"""How the names of months begin in es, pt and en."""
_MONTH = re.compile("|".join(_MONTHS), re.IGNORECASE)
_LOCAL = re.compile(
    r"(?:0|10|127|169\.254|172\.(?:1[6-9]|2[0-9]|3[01])|192\.168|22[4-9]|23[0-9])\.|255\.255\.255\.255"
    r"|(?i:f[cdf][0-9a-f]{2}|fe[89ab][0-9a-f]):|(?:0{1,4}:|:)+0{0,3}[01]\Z"
)
"""How addresses begin that lead to no person: this machine's, a local network's, many machines' at once (IANA)."""
_MOST_GROUPS = 8
"""Groups of an IPv6 address; `::` stands for those left out."""
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
"""Twice each digit, its own digits summed."""
_CPF_WEIGHTS = range(10, 1, -1)
_AS_NUMBERS = {ord("A") + place: str(10 + place) for place in range(26)}
_ACCOUNTS = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18
    FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21
    LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NI28 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SE24 SI19 SK24
    SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20
"""
_IBAN_LENGTHS = {entry[:2]: int(entry[2:]) for entry in _ACCOUNTS.split()}
"""Characters of an account number by country, of the registry of ISO 13616."""


@lru_cache(maxsize=64)
def _check(kind: Kind) -> Callable[[str], bool]:
    """Return python-stdnum's check of a kind; loaded when a number of its shape is first met."""
    found: Callable[[str], bool] = import_module(f"stdnum.{_STDNUM[kind]}").is_valid
    return found


def is_valid(kind: Kind, number: str, written: str) -> bool:
    """Return whether a number can be of this kind; `written` is how it stands in the text.

    >>> is_valid("cpf", "52998224725", "529.982.247-25"), is_valid("cpf", "52998224726", "529.982.247-26")
    (True, False)
    """
    own = _OWN.get(kind)
    if own is not None:
        return own(written if kind in _AS_WRITTEN else number)
    return len(set(number)) > 1 and (kind not in _STDNUM or _check(kind)(number))


def _card(number: str) -> bool:
    return len(set(number)) > 1 and _has_issuer(number) and _luhn(number)


def _luhn(number: str) -> bool:
    """Return whether the last digit of a card is right (ISO/IEC 7812).

    >>> _luhn("4539148803436467"), _luhn("4539148803436468")
    (True, False)
    """
    digits = [int(digit) for digit in reversed(number)]
    return (sum(digits[::2]) + sum(_DOUBLED[digit] for digit in digits[1::2])) % 10 == 0


def _cpf(number: str) -> bool:
    """Return whether both check digits of a CPF are right.

    >>> _cpf("52998224725"), _cpf("52998224726"), _cpf("11111111111")
    (True, False, False)
    """
    digits = [int(digit) for digit in number]
    first = sum(map(mul, digits, _CPF_WEIGHTS)) * 10 % 11 % 10
    second = sum(map(mul, digits[1:], _CPF_WEIGHTS)) * 10 % 11 % 10
    return len(set(number)) > 1 and [first, second] == digits[9:]


def _has_issuer(number: str) -> bool:
    """Return whether a number of this length begins as a card network's do."""
    if len(number) == 16:
        return number[0] in "456" or number[:2] == "35" or 2221 <= int(number[:4]) <= 2720
    starts = {13: ("4",), 14: ("30", "36", "38", "39"), 15: ("34", "37"), 19: ("4", "6")}
    return number.startswith(starts.get(len(number), ("?",)))


def _iban(number: str) -> bool:
    """Return whether an account number has its country's length and the right check digits (ISO 13616).

    >>> _iban("ES9121000418450200051332"), _iban("ES9221000418450200051332")
    (True, False)
    """
    if len(number) != _IBAN_LENGTHS.get(number[:2]):
        return False
    return int(f"{number[4:]}{number[:4]}".translate(_AS_NUMBERS)) % 97 == 1


def iban_within(written: str) -> str:
    """Return the part of a stretch that is as long as its country's account numbers are; what follows is no part.

    >>> iban_within("ES91 2100 0418 4502 0005 1332 BBVA")
    'ES91 2100 0418 4502 0005 1332'
    """
    left = _IBAN_LENGTHS.get(written[:2], 0)
    for at, char in enumerate(written):
        left -= char != " "
        if not left:
            return written[: at + 1]
    return written


def _ip(written: str) -> bool:
    """Return whether an address is one that could lead to somebody: of no local network, no machine's own.

    >>> _ip("203.0.113.7"), _ip("10.15.107.6"), _ip("::1")
    (True, False, False)
    """
    if _LOCAL.match(written):
        return False
    if ":" in written:
        left_out, groups = "::" in written, written.count(":") + 1
        return groups <= _MOST_GROUPS if left_out else groups == _MOST_GROUPS
    return all(len(part) == len(str(int(part))) and int(part) <= 255 for part in written.split("."))


def _gps(written: str) -> bool:
    latitude, longitude = (float(part) for part in written.split(","))
    return abs(latitude) <= 90 and abs(longitude) <= 180


def _birth_date(written: str) -> bool:
    parts = [int(part) for part in _NUMBERS.findall(written)]
    month_word = _MONTH.search(written)
    if month_word is not None:
        return _is_day(parts[1], _MONTHS[month_word[0].lower()], parts[0])
    year = next(part for part in parts if part >= _OLDEST)
    orders = [(parts[1], parts[2])] if parts[0] == year else [(parts[1], parts[0]), (parts[0], parts[1])]
    return any(_is_day(year, month, day) for month, day in orders)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _crypto(written: str) -> bool:
    if written.startswith("0x"):
        return len(set(written.lower())) > 4
    from stdnum import bitcoin

    return bool(bitcoin.is_valid(written))


def _rfc(number: str) -> bool:
    from stdnum.mx import rfc

    return bool(rfc.is_valid(number, validate_check_digits=True))


def _clabe(number: str) -> bool:
    """Return whether a CLABE's last digit is right.

    >>> _clabe("032180000118359719"), _clabe("032180000118359718")
    (True, False)
    """
    total = sum(int(digit) * (3, 7, 1)[place % 3] % 10 for place, digit in enumerate(number[:17]))
    return len(number) == 18 and len(set(number)) > 1 and (10 - total % 10) % 10 == int(number[17])


def _ci(number: str) -> bool:
    """Return whether the last digit of a Uruguayan cédula is right.

    >>> _ci("12345672"), _ci("12345671")
    (True, False)
    """
    total = sum(int(digit) * weight for digit, weight in zip(number[:7], (2, 9, 8, 7, 6, 3, 4), strict=True))
    return len(number) == 8 and len(set(number)) > 1 and (10 - total % 10) % 10 == int(number[7])


def _niss(number: str) -> bool:
    """Return whether the last digit of a Portuguese social security number is right.

    >>> _niss("12345678902"), _niss("12345678903")
    (True, False)
    """
    weights = (29, 23, 19, 17, 13, 11, 7, 5, 3, 2)
    total = sum(int(digit) * weight for digit, weight in zip(number[:10], weights, strict=True))
    return len(number) == 11 and len(set(number)) > 1 and 9 - total % 10 == int(number[10])


_OWN: dict[Kind, Callable[[str], bool]] = {
    "card": _card,
    "cpf": _cpf,
    "iban": _iban,
    "phone": is_phone,
    "ip": _ip,
    "gps": _gps,
    "birth_date": _birth_date,
    "crypto": _crypto,
    "rfc": _rfc,
    "clabe": _clabe,
    "ci": _ci,
    "niss": _niss,
}
_AS_WRITTEN = frozenset({"phone", "ip", "gps", "birth_date", "crypto"})
"""Kinds whose marks and capitals mean something."""
