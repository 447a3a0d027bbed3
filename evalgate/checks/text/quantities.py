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

from evalgate.checks.text import spelt

_UNIT_WORDS = {
    "s": "segundo segundos second seconds sec secs seg",
    "min": "minuto minutos minute minutes min mins",
    "hour": "hora horas hour hours h hs hr hrs",
    "day": "día días dia dias day days",
    "week": "semana semanas week weeks",
    "month": "mes meses mês month months",
    "year": "año años ano anos year years",
    "%": "% por_ciento por_cento percent per_cent",
    "EUR": "€ eur euro euros",
    "USD": "usd us$ u$s dólar dólares dolar dolares dollar dollars",
    "BRL": "r$ brl real reais reales",
    "MXN": "mxn mx$",
    "ARS": "ars ar$",
    "COP": "cop co$",
    "CLP": "clp cl$",
    "peso": "peso pesos",
    "$": "$",
    "GBP": "£ gbp libra libras pound pounds",
    "TB": "tb terabyte terabytes",
    "GB": "gb gigas giga gigabyte gigabytes",
    "MB": "mb megas mega megabyte megabytes mbps",
    "km": "km kilómetro kilómetros quilômetro quilômetros quilómetros kilometre kilometres kilometer kilometers",
    "m": "m metro metros metre metres meter meters",
    "cm": "cm centímetro centímetros centimetre centimetres centimeter centimeters",
    "mm": "mm milímetro milímetros millimetre millimetres millimeter millimeters",
    "inch": "inch inches pulgada pulgadas polegada polegadas",
    "kg": "kg kilo kilos quilo quilos kilogram kilograms",
    "g": "g gramo gramos grama gramas gram grams",
    "mg": "mg miligramo miligramos miligrama miligramas milligram milligrams",
    "l": "l litro litros litre litres liter liters",
    "ml": "ml mililitro mililitros millilitre millilitres milliliter milliliters",
    "°C": "°c ºc grados graus degrees",
    "": "x veces vezes times",
}
UNITS = {word.replace("_", " "): unit for unit, words in _UNIT_WORDS.items() for word in words.split()}

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
_ALSO_WORDS = frozenset({"set", "out", "mar", "may"})
"""Months, and words that may stand before any number."""

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_UNIT = "|".join(sorted((re.escape(word) for word in UNITS if word[0].isalpha() and "$" not in word), key=len)[::-1])
_KIND_OF_DAY = r"(?:(?:calendar|business|working|natural|consecutive|full)[\s-])?"
_SIGN = r"R\$|US\$|U\$S|(?:MX|AR|CO|CL)\$|[€£$]"
_CODE = "EUR|USD|BRL|MXN|ARS|COP|CLP|GBP"
_BLANK = " \u00a0\u202f"
_NUMBER = rf"\d{{1,3}}(?:[.,’'{_BLANK}]\d{{3}}){{1,4}}\b(?:[.,]\d{{1,2}})?|\d{{1,18}}(?:[.,]\d{{1,4}})?"
_MILLIONS = rf"[{_BLANK}]?(?:{'|'.join(sorted(spelt.MILLIONS, key=len)[::-1])}|thousand|mil|k)\b"
_ORDINAL = r"\.?[ºª]|°|(?:st|nd|rd|th|er|ra|ro|do|da|to|ta)\b"
_OF_DAY = r"\s(?:de\sla|da)\s(?:mañana|tarde|noche|manhã|noite)\b"
_SHAPES = {
    "iso": r"\d{4}-\d{2}-\d{2}",
    "slashed": r"\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})",
    "worded": (
        rf"(?:\d{{1,2}}(?:\.?[ºª]|st|nd|rd|th)?|primero|primeiro|first)\s(?:de\s|of\s)?(?:{_MONTH})\b\.?"
        r"(?:,?\s(?:de\s|del\s)?\d{4})?"
    ),
    "american": rf"\b(?:{_MONTH})\b\.?\s\d{{1,2}}(?:st|nd|rd|th)?\b(?:,?\s\d{{4}})?",
    "time": rf"\d{{1,2}}(?:(?::\d{{2}}){{1,2}}(?:\s?[ap]\.?\s?m\b\.?|{_OF_DAY})?|h\d{{2}}|\s?[ap]\.?m\b\.?|{_OF_DAY})",
    "short": r"\d{1,2}/\d{1,2}\b",
    "phone": (
        r"\+\d{1,3}(?:[ .-]\(?\d{1,11}\)?){1,6}|\(\d{1,4}\)[ -]?\d{3,5}(?:[ .-]\d{2,4}){1,3}"
        r"|\d{2,3}[ -]\d{4,5}-\d{4}|(?:\d-)?\d{3,4}-\d{3,4}-\d{4}|\d{2,4} \d{3} \d{4}|\d{2} \d{4} \d{4}"
        r"|\d{2} \d{3} \d{2} \d{2}|\d{3} \d{2} \d{2} \d{2}"
    ),
    "code": (
        r"\d{1,3}(?:\.\d{3}){1,2}[-/]\d[\d-]{0,7}|[A-Z]{2}\d{2}(?: ?\d{4}){3,7}(?: \d{1,3}\b)?"
        r"|[A-Z]{1,6}-?\d[A-Z\d-]{2,40}"
    ),
    "spelt": rf"\b(?:{spelt.SPELT})(?:\sde)?[\s-]{_KIND_OF_DAY}(?:{_UNIT})",
    "amount": (
        rf"(?:(?:{_SIGN}|\b(?:{_CODE})\b)[{_BLANK}]?)?(?:{_NUMBER})(?:{_MILLIONS})?(?:[{_BLANK}]\((?:{spelt.SPELT})\))?"
        rf"(?:[{_BLANK}]?(?:%|{_SIGN})|(?:[{_BLANK}]de)?[{_BLANK}-]?{_KIND_OF_DAY}(?:{_UNIT})\b|{_ORDINAL})?"
    ),
}
"""What a number can look like, the first that fits. RE2 finds the places, in one pass; each is then read by itself."""
_PARTS = re.compile(
    rf"(?P<sign>{_SIGN}|{_CODE})?\s?(?P<number>{_NUMBER})(?P<times>{_MILLIONS})?(?:\s\([^)]*\))?"
    rf"(?:(?:\sde)?[\s-]?{_KIND_OF_DAY}(?P<unit>%|{_SIGN}|(?:{_UNIT}))|{_ORDINAL})?",
    re.IGNORECASE,
)
_PASSED = re.compile(
    r"^[ \t]*\d{1,3}[.)](?=\s)|\b(?:paso|passo|step|etapa)\s\d{1,3}\b|https?://\S++", re.IGNORECASE | re.MULTILINE
)
"""Numbering of lists and steps, and addresses."""
_DIGITS = re.compile(r"\d+")
_LAST_WORD = re.compile(r"(?:\sde)?[\s-]?[^\W\d_]+\Z")
_FIRST_DIGIT = re.compile(r"(?<!\w)\d")
_GAPS = dict.fromkeys(map(ord, f"’'{_BLANK}"))
LONGEST = 120
"""Characters of a number; nine hundred and ninety-nine thousand and so on in words has some seventy."""
LONG_CODE = 7
"""Digits in a row from which on a number is a code: an order, a telephone."""
_NO_CLAIM = frozenset({0.5, 1.0})
"""Numbers whose words are articles and idioms too: un momento, one day, media hora."""
_OF_THE = re.compile(
    r"dos\s(?:dias|anos|reais|quil|gramas|graus|minutos|segundos|meses|euros|d[óo]lares|metros|litros)", re.IGNORECASE
)
"""Portuguese "of the days", or Spanish "two months"."""


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
    claims: bool = True
    """False for what need not be a number at all: un mes, one day, Portuguese "dos meses"."""


def quantities(text: str, most: int = 1_000, *, in_part: bool = True) -> tuple[list[Quantity], bool]:
    """Return the numbers of a text in order, and whether those were all; numbers of lists and steps are none.

    `most` is how many places that look like numbers are looked at: where there are more, none is with `in_part` false.

    >>> [(one.kind, one.unit) for one in quantities("30 días, 4,90 €, el 12 de mayo, A-204518 a las 14:00")[0]]
    [('amount', 'day'), ('amount', 'EUR'), ('date', ''), ('code', ''), ('time', '')]
    """
    places = [match.span() for match in islice(_finder().finditer(text), most + 1)]
    whole = len(places) <= most
    if not places or not (whole or in_part):
        return [], whole
    passed = [found.span() for found in islice(_PASSED.finditer(text, 0, places[-1][1] + LONGEST), most)]
    found: list[Quantity] = []
    behind = 0
    for place in places[:most]:
        start, end = _fitted(text, *place)
        if end - start > LONGEST:
            continue
        while behind < len(passed) and passed[behind][1] <= start:
            behind += 1
        is_passed = behind < len(passed) and passed[behind][0] <= start
        made = _quantity(text[start:end]) if not is_passed and _is_alone(text, start, end) else None
        if made is not None and made.readings:
            found.append(Quantity(start + made.start, start + made.end, *made[2:]))
    return found, whole


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


def _fitted(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a place without parts of words at its ends: RE2 finds a month in "ti|ene 30" and a metre in "5 m|ás"."""
    if text[start].isdigit():
        cut = _LAST_WORD.search(text, start, end) if text[end : end + 1].isalnum() else None
        return start, cut.start() if cut else end
    digit = _FIRST_DIGIT.search(text, start, end) if start and text[start - 1].isalnum() else None
    again = _shape().match(text, digit.start()) if digit else None
    return again.span() if again else (start, end)


def _is_alone(text: str, start: int, end: int) -> bool:
    """Return whether a number is no part of a word, of a longer number or of an address."""
    before, after = text[start - 1 : start] if start else "", text[end : end + 1]
    if before and (before.isalnum() or before in "_@" or (before in ".,/" and text[start - 2 : start - 1].isalnum())):
        return False
    longer = after in {".", ","} and text[end + 1 : end + 2].isdigit()
    return not (longer or after.isalnum() or after in {"_", "@"})


@lru_cache(maxsize=4_096)
def _quantity(written: str) -> Quantity | None:
    """Return what a number says, from its own first code point on: an answer says again those of its material."""
    end = len(written)
    shape = _shape().fullmatch(written)
    name = shape.lastgroup or "" if shape else ""
    if name in _READ:
        kind, read = _READ[name]
        return Quantity(0, end, kind, read(written))
    if name == "spelt":
        return _spelt(written)
    parts = _PARTS.fullmatch(written)
    if parts is None:
        return None
    sign, word = (UNITS.get((parts[name] or "").lower(), "") for name in ("sign", "unit"))
    unit = word if sign in {"", "$"} and word else sign
    if not unit and not parts["times"] and parts["number"].isdigit() and len(parts["number"]) >= LONG_CODE:
        return Quantity(0, end, "code", frozenset({parts["number"]}))
    return Quantity(0, end, "amount", _times(readings(parts["number"]), parts["times"] or ""), unit)


def _spelt(written: str) -> Quantity:
    unit = next(word for word in _UNITS_BY_LENGTH if written.lower().endswith(word))
    words = written[: -len(unit)]
    value, begin = spelt.value(words)
    claims = value not in _NO_CLAIM and not _OF_THE.match(written)
    return Quantity(begin, len(written), "amount", frozenset({value}), UNITS[unit], claims)


_UNITS_BY_LENGTH = sorted(UNITS, key=len, reverse=True)


def _times(amounts: Readings, word: str) -> Readings:
    """Return amounts in the thousands or millions that a word says; 4k may also be four of a kind."""
    word = word.strip(_BLANK).lower()
    if not word:
        return amounts
    factor = 1e6 if word in spelt.MILLIONS else 1e3
    many = {round(one * factor, 6) for one in amounts if isinstance(one, float)}
    return frozenset(many | amounts) if word == "k" else frozenset(many)


def _code(written: str) -> Readings:
    return frozenset({re.sub(r"[-./ ]", "", written).upper()})


def _phone(written: str) -> Readings:
    """Return the digits of a telephone, also without the code of a country."""
    groups = _DIGITS.findall(written)
    digits = "".join(groups)
    if len(digits) < LONG_CODE:
        return frozenset(map(float, groups))
    national = "".join(groups[1:])
    return frozenset({digits, national} if written.startswith("+") and len(national) > LONG_CODE else {digits})


def readings(written: str) -> Readings:
    """Return what a number can mean, whichever mark divides its thousands.

    >>> sorted(readings("1.299")), sorted(readings("1.299,00")), sorted(readings("12,5"))
    ([1.299, 1299.0], [1299.0], [12.5])
    """
    plain = written.translate(_GAPS)
    marks = [char for char in plain if char in ".,"]
    if not marks:
        return frozenset({float(plain)})
    last = max(plain.rfind("."), plain.rfind(","))
    whole, decimals = plain[:last].replace(".", "").replace(",", ""), plain[last + 1 :]
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


def _short(written: str) -> Readings:
    """Return 12/11 as a day without a year, and as the number before the stroke: 24/7, 4/5."""
    one, two = map(int, written.split("/"))
    return _dates((0, two, one), (0, one, two)) | {float(one)}


def _worded(written: str) -> Readings:
    numbers = [int(number) for number in _DIGITS.findall(written)]
    if not written[0].isdigit() and not written.lower().startswith(tuple(MONTHS)):
        numbers.insert(0, 1)
    word = next(part for part in re.findall(r"[^\W\d_]+", written.lower()) if part in MONTHS)
    plain = {float(numbers[0])} if word in _ALSO_WORDS and len(numbers) == 1 else set()
    return _dates((numbers[1] if len(numbers) > 1 else 0, MONTHS[word], numbers[0])) | plain


def _dates(*given: tuple[int, int, int]) -> Readings:
    return frozenset(one for one in given if 1 <= one[1] <= 12 and 1 <= one[2] <= 31)


def _time(written: str) -> Readings:
    numbers = [int(number) for number in _DIGITS.findall(written)]
    hour, minute = numbers[0], numbers[1] if len(numbers) > 1 else 0
    low = written.lower().replace(".", "").replace(" ", "")
    if hour < 12 and low.endswith(("pm", "tarde", "noche", "noite")):
        hour += 12
    if hour == 12 and low.endswith(("am", "noche", "noite")):
        hour = 0
    return frozenset({float(60 * hour + minute)} if hour <= 24 and minute < 60 else set())


_READ: dict[str, tuple[str, Callable[[str], Readings]]] = {
    "iso": ("date", _iso),
    "slashed": ("date", _slashed),
    "worded": ("date", _worded),
    "american": ("date", _worded),
    "short": ("date", _short),
    "time": ("time", _time),
    "phone": ("code", _phone),
    "code": ("code", _code),
}
"""Shape to its kind and how it is read; amounts and numbers in words have a unit besides."""
