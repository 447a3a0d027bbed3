"""Telephones: how many digits they have, and lines that are nobody's: free, shared-cost and premium ones."""

from __future__ import annotations

import re

_NOT_DIGITS = re.compile("[^0-9]+")
_SERVICE_ABROAD = re.compile(
    "1(?:8(?:00|22|33|44|55|66|77|88)|900)"
    "|34(?:80[03678]|90[0125])|351(?:80[089]|707|76[0-2])"
    "|52(?:01)?[89]00|540?(?:800|810|600)|550?[3589]00|5[168]0?800|56600|57(?:01)?800|5980?[89]00"
)
"""After + or 00: the country, and what its service lines begin with."""
_SERVICE_AT_HOME = re.compile("0(?:[35689]00|810)|01?800")
_SERVICE_BY_LENGTH = {
    9: re.compile("80[03678]|90[0125]|707|76[0-2]"),
    10: re.compile("800|888|900|600"),
    11: re.compile("1(?:8(?:00|22|33|44|55|66|77|88)|900)"),
}
"""Without the country: nine digits as in Spain, Portugal and Chile, ten as in Mexico and North America."""
_NORTH_AMERICAN = re.compile(r"\(?8(?:33|44|55|66|77)\)?[ .-]?[0-9]{3}-[0-9]{4}")
"""Area codes of Mexico as well, where nobody puts a dash before the last four."""


def is_phone(written: str) -> bool:
    """Return whether a number can be somebody's telephone.

    >>> is_phone("+34 612 345 678"), is_phone("900 123 456"), is_phone("0800 722 1234")
    (True, False, False)
    """
    digits = _NOT_DIGITS.sub("", written)
    fits = 8 <= len(digits.removeprefix("00")) <= 15 if _is_abroad(written) else 8 <= len(digits) <= 11
    return fits and len(set(digits)) > 1 and not is_service_line(written)


def is_service_line(written: str) -> bool:
    """Return whether a number is a free, shared-cost or premium line, which no person has.

    >>> is_service_line("+1 888 555 1234"), is_service_line("01 800 123 4567"), is_service_line("866 123 4567")
    (True, True, False)
    """
    digits = _NOT_DIGITS.sub("", written)
    if _is_abroad(written):
        return _SERVICE_ABROAD.match(digits.removeprefix("00")) is not None
    by_length = _SERVICE_BY_LENGTH.get(len(digits))
    return (
        _SERVICE_AT_HOME.match(digits) is not None
        or (by_length is not None and by_length.match(digits) is not None)
        or _NORTH_AMERICAN.fullmatch(written) is not None
    )


def _is_abroad(written: str) -> bool:
    return written.startswith(("+", "00"))
