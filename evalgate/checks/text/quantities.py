"""Numbers as people write them in Spanish, Portuguese and English: amounts, shares, durations, dates, times and codes.

A number may be read in several ways (1.299 is a thousand and something, or a bit more than one): each quantity carries
all its readings, and two quantities agree when one reading is common. So no locale has to be guessed.
Numbers in words count with their unit only (treinta días, two hours): alone they are too often no claim (once, dos).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

DAY, MONTHS_PER_YEAR = 1440, 12
"""Minutes in a day; times and durations below a week are compared in minutes."""

_UNIT_WORDS = {
    "min": "minuto minutos minute minutes min mins",
    "hour": "hora horas hour hours h hs hrs",
    "day": "día días dia dias day days",
    "week": "semana semanas week weeks",
    "month": "mes meses mês month months",
    "year": "año años ano anos year years",
    "%": "% por_ciento por_cento percent",
    "EUR": "€ eur euro euros",
    "USD": "$ usd us$ dólar dólares dolar dolares dollar dollars u$s",
    "BRL": "r$ brl real reais reales",
    "MXN": "mxn peso pesos ars cop clp",
    "GBP": "£ gbp libra libras pound pounds",
    "GB": "gb gigas giga gigabyte gigabytes",
    "MB": "mb megas mega megabyte megabytes mbps",
    "km": "km kilómetro kilómetros quilômetro quilômetros quilómetros kilometre kilometres kilometer kilometers",
    "m": "m metro metros metre metres meter meters",
    "kg": "kg kilo kilos quilo quilos kilogram kilograms",
    "g": "g gramo gramos grama gramas gram grams",
    "l": "l litro litros litre litres liter liters",
    "°C": "°c ºc grados graus degrees",
}
UNITS = {word.replace("_", " "): unit for unit, words in _UNIT_WORDS.items() for word in words.split()}
IN_MINUTES = {"min": 1, "hour": 60, "day": DAY, "week": 7 * DAY}
"""Durations that are exact multiples of one another; a month is no number of days."""

_MONTH_WORDS = (
    "enero janeiro january ene jan",
    "febrero fevereiro february feb fev",
    "marzo março march mar",
    "abril april abr apr",
    "mayo maio may",
    "junio junho june jun",
    "julio julho july jul",
    "agosto august ago aug",
    "septiembre setiembre setembro september sep set sept",
    "octubre outubro october oct out",
    "noviembre novembro november nov",
    "diciembre dezembro december dic dez dec",
)
MONTHS = {word: number for number, words in enumerate(_MONTH_WORDS, 1) for word in words.split()}

_SPELT_WORDS = {
    2: "dos dois duas two",
    3: "tres três three",
    4: "cuatro quatro four",
    5: "cinco five",
    6: "seis six",
    7: "siete sete seven",
    8: "ocho oito eight",
    9: "nueve nove nine",
    10: "diez dez ten",
    11: "once onze eleven",
    12: "doce doze twelve",
    13: "trece treze thirteen",
    14: "catorce quatorze catorze fourteen",
    15: "quince quinze fifteen",
    16: "dieciséis dieciseis dezesseis dezasseis sixteen",
    17: "diecisiete dezessete dezassete seventeen",
    18: "dieciocho dezoito eighteen",
    19: "diecinueve dezenove dezanove nineteen",
    20: "veinte vinte twenty",
    21: "veintiuno veintiún veintiuna",
    24: "veinticuatro",
    25: "veinticinco",
    28: "veintiocho",
    30: "treinta trinta thirty",
    40: "cuarenta quarenta forty",
    45: "cuarenta_y_cinco quarenta_e_cinco forty-five",
    48: "cuarenta_y_ocho quarenta_e_oito forty-eight",
    50: "cincuenta cinquenta fifty",
    60: "sesenta sessenta sixty",
    70: "setenta seventy",
    72: "setenta_y_dos setenta_e_dois seventy-two",
    80: "ochenta oitenta eighty",
    90: "noventa ninety",
    100: "cien cem hundred",
    1_000: "mil thousand",
}
_SPELT = {word.replace("_", " "): value for value, words in _SPELT_WORDS.items() for word in words.split()}

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_UNIT = "|".join(sorted((re.escape(word) for word in UNITS if word[0].isalpha()), key=len, reverse=True))
_BY_LENGTH = sorted(_SPELT, key=len, reverse=True)
_SPELT_WORD = "|".join(map(re.escape, _BY_LENGTH))
_SIGN = r"R\$|US\$|U\$S|[€£$]"
_BLANK = " \u00a0\u202f"
_NUMBER = rf"\d{{1,3}}(?:[.,’'{_BLANK}]\d{{3}})+(?:[.,]\d{{1,2}})?|\d{{1,18}}(?:[.,]\d{{1,4}})?"
_SHAPES = {
    "iso": r"\d{4}-\d{2}-\d{2}",
    "slashed": r"\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})",
    "worded": rf"\d{{1,2}}(?:º|ª|st|nd|rd|th)?\s(?:de\s)?(?:{_MONTH})\b\.?(?:,?\s(?:de\s|del\s)?\d{{4}})?",
    "american": rf"(?:{_MONTH})\b\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}})?",
    "time": r"\d{1,2}(?::\d{2}(?::\d{2})?(?:\s?[ap]\.?\s?m\b\.?)?|h\d{2}|\s?[ap]\.?m\b\.?)",
    "code": r"\d{1,3}(?:\.\d{3}){1,2}[-/]\d[\d-]{0,7}|[A-Za-z]{1,6}-?\d[A-Za-z\d-]{2,40}",
    "spelt": rf"(?:{_SPELT_WORD})[\s-](?:{_UNIT})",
    "amount": (
        rf"(?:(?:{_SIGN})[{_BLANK}]?)?(?:{_NUMBER})"
        rf"(?:[{_BLANK}]?(?:%|{_SIGN})|[{_BLANK}-]?(?:{_UNIT})\b|º|ª|°|(?:st|nd|rd|th)\b)?"
    ),
}
"""What a number can look like, the first that fits. RE2 finds the places, in one pass; each is then read by itself."""
_PARTS = re.compile(
    rf"(?P<sign>{_SIGN})?\s?(?P<number>{_NUMBER})[\s\xa0-]?(?P<unit>%|{_SIGN}|(?:{_UNIT}))?(?:º|ª|°|st|nd|rd|th)?",
    re.IGNORECASE,
)
_NUMBERING = re.compile(
    r"^[ \t]*\d{1,3}[.)](?=\s)|\b(?:paso|passo|step|etapa)\s\d{1,3}\b", re.IGNORECASE | re.MULTILINE
)
_DIGITS = re.compile(r"\d+")
LONG_CODE = 7
"""Digits in a row from which on a number is a code: an order, a telephone."""


Readings = frozenset[float | tuple[int, int, int] | str]
"""Amounts as numbers, dates as (year or 0, month, day), times as minutes after midnight, codes as text."""


class Quantity(NamedTuple):
    """One number of a text with all its readings."""

    start: int
    end: int
    kind: str
    """amount, date, time or code."""
    readings: Readings
    unit: str = ""


def quantities(text: str, most: int = 1_000) -> tuple[list[Quantity], bool]:
    """Return the numbers of a text in order, and whether those were all; numbers of lists and steps are none.

    `most` is how many places that look like numbers are looked at.

    >>> [(one.kind, one.unit) for one in quantities("30 días, 4,90 €, el 12 de mayo, A-204518 a las 14:00")[0]]
    [('amount', 'day'), ('amount', 'EUR'), ('date', ''), ('code', ''), ('time', '')]
    """
    numbering = [found.span() for found in islice(_NUMBERING.finditer(text), most)]
    found: list[Quantity] = []
    passed = 0
    for looked_at, match in enumerate(_finder().finditer(text)):
        if looked_at == most:
            return found, False
        start, end = match.span()
        while passed < len(numbering) and numbering[passed][1] <= start:
            passed += 1
        listed = passed < len(numbering) and numbering[passed][0] <= start
        made = _quantity(text[start:end], start) if not listed and _is_alone(text, start, end) else None
        if made is not None and made.readings:
            found.append(made)
    return found, True


@lru_cache(maxsize=1)
def _finder() -> Any:
    import re2

    options = re2.Options()
    options.never_capture = True
    options.case_sensitive = False
    options.log_errors = False
    return re2.compile("|".join(f"(?:{shape})" for shape in _SHAPES.values()), options)


@lru_cache(maxsize=1)
def _shape() -> re.Pattern[str]:
    return re.compile("|".join(f"(?P<{name}>{shape})" for name, shape in _SHAPES.items()), re.IGNORECASE)


def _is_alone(text: str, start: int, end: int) -> bool:
    """Return whether a number is no part of a word, of a longer number or of an address."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if before and (before.isalnum() or before in "_@#" or (before in ".,/" and text[start - 2 : start - 1].isalnum())):
        return False
    return not (after.isalnum() or after in {"_", "@"})


def _quantity(written: str, start: int) -> Quantity | None:
    end = start + len(written)
    shape = _shape().fullmatch(written)
    name = shape.lastgroup or "" if shape else ""
    if name in _READ:
        kind, read = _READ[name]
        return Quantity(start, end, kind, read(written))
    if name == "spelt":
        word = next(word for word in _BY_LENGTH if written.lower().startswith(word))
        return Quantity(start, end, "amount", frozenset({float(_SPELT[word])}), UNITS[written[len(word) + 1 :].lower()])
    parts = _PARTS.fullmatch(written)
    if parts is None:
        return None
    unit = UNITS.get((parts["sign"] or parts["unit"] or "").lower(), "")
    if not unit and parts["number"].isdigit() and len(parts["number"]) >= LONG_CODE:
        return Quantity(start, end, "code", frozenset({parts["number"]}))
    return Quantity(start, end, "amount", readings(parts["number"]), unit)


def _code(written: str) -> Readings:
    return frozenset({re.sub(r"[-./]", "", written).upper()})


def readings(written: str) -> Readings:
    """Return what a number can mean, whichever mark divides its thousands.

    >>> sorted(readings("1.299")), sorted(readings("1.299,00")), sorted(readings("12,5"))
    ([1.299, 1299.0], [1299.0], [12.5])
    """
    plain = re.sub(f"[’'{_BLANK}]", "", written)
    marks = [char for char in plain if char in ".,"]
    if not marks:
        return frozenset({float(plain)})
    last = max(plain.rfind("."), plain.rfind(","))
    whole, decimals = re.sub(r"[.,]", "", plain[:last]), plain[last + 1 :]
    as_decimal = float(f"{whole}.{decimals}")
    as_thousands = float(whole + decimals)
    if len(set(marks)) == 2:
        return frozenset({as_decimal})
    if len(marks) > 1:
        return frozenset({as_thousands})
    return frozenset({as_decimal, as_thousands} if len(decimals) == 3 and len(whole) <= 3 else {as_decimal})


def _iso(written: str) -> Readings:
    year, month, day = map(int, written.split("-"))
    return _dates((year, month, day))


def _slashed(written: str) -> Readings:
    one, two, year = map(int, re.split(r"[/.-]", written))
    year = year + 2000 if year < 100 else year
    return _dates((year, two, one), (year, one, two))


def _worded(written: str) -> Readings:
    numbers = [int(number) for number in _DIGITS.findall(written)]
    word = next(part for part in re.findall(r"[^\W\d_]+", written.lower()) if part in MONTHS)
    return _dates((numbers[1] if len(numbers) > 1 else 0, MONTHS[word], numbers[0]))


def _dates(*given: tuple[int, int, int]) -> Readings:
    return frozenset(one for one in given if 1 <= one[1] <= MONTHS_PER_YEAR and 1 <= one[2] <= 31)


def _time(written: str) -> Readings:
    numbers = [int(number) for number in _DIGITS.findall(written)]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    low = written.lower().replace(".", "").replace(" ", "")
    if low.endswith("pm") and hour < 12:
        hour += 12
    if low.endswith("am") and hour == 12:
        hour = 0
    return frozenset({float(60 * hour + minute)} if hour <= 24 and minute < 60 else set())


_READ: dict[str, tuple[str, Callable[[str], Readings]]] = {
    "iso": ("date", _iso),
    "slashed": ("date", _slashed),
    "worded": ("date", _worded),
    "american": ("date", _worded),
    "time": ("time", _time),
    "code": ("code", _code),
}
"""Shape to its kind and how it is read; amounts and numbers in words have a unit besides."""
