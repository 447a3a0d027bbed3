"""What a report says and how it writes numbers, in the reader's language."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Literal, get_args

from evalgate.reports.inert import one_line

Language = Literal["en", "es", "pt"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

MINUS, NO_BREAK = "\u2212", "\u00a0"
FINEST = 6
"""Most decimals a number is given so that it does not seem to lie on the wrong side of a line."""
_PARTS = ("findings", "pages", "labelling", "production", "sampling")
ABOUT_FROM = 100
"""From here on a number of cases is an estimate, and is rounded and written so."""


@cache
def messages(language: Language) -> Mapping[str, str]:
    """Return every message of a language by key."""
    parts = (import_module(f"evalgate.reports.languages.{language}_{part}") for part in _PARTS)
    return {key: message for part in parts for key, message in part.MESSAGES.items()}


@dataclass(frozen=True)
class Voice:
    """Speaks one language; what others wrote stands in its sentences as `quoting` writes it."""

    language: Language
    quoting: Callable[[str], str] = str

    def named(self, text: str, most: int = 60) -> str:
        """Return a name or a text that is not ours, on one line, at most so many characters of it.

        >>> Voice("en").named("locale=es"), Voice("en", "«{}»".format).named("locale=es")
        ('locale=es', '«locale=es»')
        """
        return self.quoting(one_line(text, most))

    def has(self, key: str) -> bool:
        """Say whether there is such a message."""
        return key in messages(self.language)

    def said(self, key: str, /, **values: object) -> str:
        """Return a message, filled in.

        >>> Voice("es").said("exit", code=3)
        'salida 3'
        """
        return messages(self.language)[key].format(**values)

    def numbered(self, key: str, number: int | None, /, **values: object) -> str:
        """Return a message about so many things: its singular for one, where it has one."""
        single = f"{key}.one"
        return self.said(single if number == 1 and self.has(single) else key, **values)

    def counted(self, key: str, n: int, /, **values: object) -> str:
        """Return a message about n things that says n.

        >>> Voice("en").counted("facts.pairs", 1), Voice("es").counted("facts.pairs", 2)
        ('1 pair', '2 pares')
        """
        return self.numbered(key, n, n=self.whole(n), **values)

    def whole(self, number: int) -> str:
        r"""Return a whole number, in groups of three from five digits on, or four where the language does so.

        >>> [Voice(language).whole(1360) for language in LANGUAGES], Voice("es").whole(12360)
        (['1,360', '1360', '1.360'], '12\xa0360')
        """
        comma = messages(self.language)["number.thousands"]
        grouped = f"{number:,}" if comma != NO_BREAK or abs(number) >= 10_000 else str(number)
        return grouped.replace(",", comma).replace("-", MINUS)

    def about(self, number: int) -> str:
        r"""Return how many more cases: exact while small, else about, to two or three digits.

        >>> [Voice("en").about(number) for number in (18, 827, 1358)]
        ['18', '≈\xa0830', '≈\xa01,360']
        """
        if number < ABOUT_FROM:
            return self.whole(number)
        step = 10 ** max(1, len(str(number)) - 3)
        return self.said("number.about", number=self.whole(-(-number // step) * step))

    def change(self, value: float, *lines: float) -> str:
        """Return a change in points, signed, on the right side of every line and of zero.

        >>> Voice("en").change(-0.071), Voice("pt").change(0.0005), Voice("en").change(-0.0599, -0.06)
        ('−7.1', '+0,05', '−5.99')
        """
        digits = 2 if 0 < abs(value) < 0.001 else 1
        written = self._decimal(value * 100, [0.0, *(line * 100 for line in lines)], digits)
        return written if value <= 0 else f"+{written}"

    def share(self, value: float, *lines: float) -> str:
        """Return a share in per cent without the sign, on the right side of every line.

        >>> Voice("en").share(0.871), Voice("es").share(0.00124), Voice("en").share(0.8496, 0.85)
        ('87.1', '0,12', '84.96')
        """
        digits = 2 if 0 < abs(value) < 0.01 else 1
        return self._decimal(value * 100, [line * 100 for line in lines], digits)

    def percent(self, value: float, *lines: float) -> str:
        r"""Return a share in per cent.

        >>> [Voice(language).percent(0.871) for language in LANGUAGES]
        ['87.1\xa0%', '87,1\xa0%', '87,1%']
        """
        return self.said("number.percent", number=self.share(value, *lines))

    def demanded(self, value: float) -> str:
        r"""Return a demanded share as somebody wrote it.

        >>> Voice("en").demanded(0.85), Voice("pt").demanded(0.005)
        ('85\xa0%', '0,5%')
        """
        return self.said("number.percent", number=self.plain(value * 100))

    def points(self, value: float, *, signed: bool = False) -> str:
        r"""Return a margin or the size of a change in points.

        >>> Voice("en").points(0.06), Voice("en").points(-0.06, signed=True), Voice("pt").points(0.025)
        ('6\xa0pts', '−6\xa0pts', '2,5\xa0pp')
        """
        number = self.plain((value if signed else abs(value)) * 100)
        return self.said("number.points", number=number)

    def drop(self, size: float) -> str:
        r"""Return the smallest drop that can be seen, in tenths of a point, rounded up.

        >>> Voice("en").drop(0.0801)
        '8.1\xa0pts'
        """
        return self.points(math.ceil(min(1.0, size) * 1000 - 1e-9) / 1000)

    def plain(self, number: float) -> str:
        """Return a number with the decimals it needs, at most four.

        >>> Voice("es").plain(0.5), Voice("en").plain(100.0)
        ('0,5', '100')
        """
        return self._localised(re.sub(r"\.?0+$", "", f"{number:.4f}"))

    def money(self, usd: float) -> str:
        r"""Return an amount of US dollars.

        >>> [Voice(language).money(0.09) for language in LANGUAGES], Voice("en").money(0.004)
        (['$0.09', '0,09\xa0USD', 'US$\xa00,09'], 'less than $0.01')
        """
        if 0 < usd < 0.005:
            return self.said("number.small_money")
        whole, _, cents = f"{usd:.2f}".partition(".")
        decimal = messages(self.language)["number.decimal"]
        return self.said("number.money", number=f"{self.whole(int(whole))}{decimal}{cents}")

    def duration(self, seconds: float) -> str:
        r"""Return a time.

        >>> Voice("en").duration(41.2), Voice("es").duration(7.54), Voice("en").duration(125)
        ('41\xa0s', '7,5\xa0s', '2\xa0min 5\xa0s')
        """
        if seconds < 9.95:
            return self.said("number.seconds", seconds=self._decimal(seconds, []))
        minutes, rest = divmod(round(seconds), 60)
        if not minutes:
            return self.said("number.seconds", seconds=rest)
        return self.said("number.minutes", minutes=self.whole(minutes), seconds=rest)

    def joined(self, parts: Iterable[str]) -> str:
        """Return the parts that are not empty, on one line."""
        return " · ".join(part for part in parts if part)

    def _decimal(self, number: float, lines: Iterable[float], digits: int = 1) -> str:
        """Return a number with as many decimals as keep it on its side of every line."""
        lines = list(lines)
        for places in range(digits, FINEST):
            rounded = round(number, places)
            if all(_side(rounded - line) == _side(number - line) for line in lines):
                return self._localised(f"{rounded + 0.0:.{places}f}")
        return self._localised(f"{number + 0.0:.{FINEST}f}")

    def _localised(self, written: str) -> str:
        return written.replace(".", messages(self.language)["number.decimal"]).replace("-", MINUS)


def _side(distance: float) -> int:
    """Return on which side of a line a number lies; 0 on it."""
    return 0 if abs(distance) < 1e-9 else 1 if distance > 0 else -1


def capital(word: str) -> str:
    """Return a word with its first letter large.

    >>> capital("verdict"), capital("")
    ('Verdict', '')
    """
    return word[:1].upper() + word[1:]
