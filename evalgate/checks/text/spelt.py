"""Numbers in words, in Spanish, Portuguese and English: treinta y cinco, cento e vinte, two hundred and forty-five."""

from __future__ import annotations

import re

_WORDS = {
    0.5: "medio media meio meia half half_an half_a",
    1: "uno un una um uma one",
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
    22: "veintidós veintidos",
    23: "veintitrés veintitres",
    24: "veinticuatro",
    25: "veinticinco",
    26: "veintiséis veintiseis",
    27: "veintisiete",
    28: "veintiocho",
    29: "veintinueve",
    30: "treinta trinta thirty",
    40: "cuarenta quarenta forty",
    50: "cincuenta cinquenta fifty",
    60: "sesenta sessenta sixty",
    70: "setenta seventy",
    80: "ochenta oitenta eighty",
    90: "noventa ninety",
    100: "cien ciento cem cento",
    200: "doscientos doscientas duzentos duzentas",
    300: "trescientos trescientas trezentos trezentas",
    400: "cuatrocientos cuatrocientas quatrocentos quatrocentas",
    500: "quinientos quinientas quinhentos quinhentas",
    600: "seiscientos seiscientas seiscentos seiscentas",
    700: "setecientos setecientas setecentos setecentas",
    800: "ochocientos ochocientas oitocentos oitocentas",
    900: "novecientos novecientas novecentos novecentas",
}
_TIMES = {"hundred": 100.0, "mil": 1e3, "thousand": 1e3}
MILLIONS = ("millón", "millones", "milhão", "milhões", "million", "millions")
_VALUES = {word.replace("_", " "): float(value) for value, words in _WORDS.items() for word in words.split()}
_WORD = "|".join(sorted([*_VALUES, *_TIMES, *MILLIONS], key=len, reverse=True))
SPELT = rf"(?:{_WORD})(?:(?:\s(?:y|e|and)\s|[\s-])(?:{_WORD}))*"
"""A pattern for RE2 and `re` alike, to be used without regard to case; whether it is one number, `value` tells."""

_TOKEN = re.compile(rf"(?<!\w)(?:{_WORD})(?!\w)", re.IGNORECASE)


def value(words: str) -> tuple[float, int]:
    """Return the number that ends some words which fit SPELT, and where it begins in them.

    >>> value("two hundred and forty-five"), value("dos mil quinientos"), value("dois e três")
    ((245.0, 0), (2500.0, 0), (3.0, 7))
    """
    total = group = last = 0.0
    begin = 0
    for token in _TOKEN.finditer(words):
        word = token[0].lower()
        if word in _TIMES or word in MILLIONS:
            times = _TIMES.get(word, 1e6)
            group = max(group, 1.0) * times
            if times > 100:
                total, group = total + group, 0.0
            last = times
            continue
        one = _VALUES[word]
        if not _follows(one, last):
            total = group = 0.0
            begin = token.start()
        group += one
        last = one
    return total + group, begin


def _follows(one: float, last: float) -> bool:
    """Return whether a number can stand behind another and be added to it: 5 behind 30, 30 behind 200."""
    return one >= 1 and (one < 10 if 20 <= last < 100 else one < min(last, 1_000) if last >= 100 else False)
