"""Whether a number can be of its kind: check digits, ranges, lengths. Numbers come bare and in capitals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from importlib import import_module

from evalgate.checks.privacy.kinds import Kind

_STDNUM: dict[Kind, str] = {
    "iban": "iban",
    "cpf": "br.cpf",
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
    return len(set(number)) > 1 and _has_issuer(number) and _luhn()(number)


@lru_cache(maxsize=1)
def _luhn() -> Callable[[str], bool]:
    from stdnum import luhn

    check: Callable[[str], bool] = luhn.is_valid
    return check


def _has_issuer(number: str) -> bool:
    """Return whether a number of this length begins as a card network's do."""
    if len(number) == 16:
        return number[0] in "456" or number[:2] == "35" or 2221 <= int(number[:4]) <= 2720
    starts = {13: ("4",), 14: ("30", "36", "38", "39"), 15: ("34", "37"), 19: ("4", "6")}
    return number.startswith(starts.get(len(number), ("?",)))


def _phone(written: str) -> bool:
    digits = "".join(filter(str.isdigit, written))
    if written.startswith(("+", "00")):
        return 8 <= len(digits.removeprefix("00")) <= 15
    return 8 <= len(digits) <= 11 and len(set(digits)) > 1


def _ip(written: str) -> bool:
    from ipaddress import ip_address

    try:
        return not ip_address(written).is_unspecified
    except ValueError:
        return False


def _gps(written: str) -> bool:
    latitude, longitude = (float(part) for part in written.split(","))
    return abs(latitude) <= 90 and abs(longitude) <= 180


def _birth_date(written: str) -> bool:
    parts = [int(part) for part in written.replace("/", "-").replace(".", "-").split("-")]
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
    "phone": _phone,
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
