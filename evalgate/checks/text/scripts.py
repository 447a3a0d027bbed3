"""Letters of other scripts that look like Latin ones, and the words in which they pass for them.

The tables keep facts of Unicode's confusables (UTS 39) that a reader of Spanish, Portuguese or English would miss.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, Literal, NamedTuple, get_args

from evalgate.checks.text.patterns import compiled
from evalgate.checks.text.signs import signs
from evalgate.checks.text.words import in_word

Script = Literal["cyrillic", "greek", "armenian", "cherokee", "coptic", "lisu", "styled"]
SCRIPTS: tuple[Script, ...] = get_args(Script)

_ALIKE: dict[Script, tuple[str, str]] = {
    "cyrillic": (
        "АВЕКМНОРСТУХІЈЅҮӀԌԚԜЁЇЀӒӦҺ" + "аеорсухіјѕһԁԛԝӏѵѡԍүҽёїѐӓӧӱ" + "вкмнтзпигьґ",
        "ABEKMHOPCTYXIJSYIGQWËÏÈÄÖH" + "aeopcyxijshdqwlvwgyeëïèäöÿ" + "bkmhtenurbr",
    ),
    "greek": (
        "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹͿΆΈΉΊΌΎΪΫ" + "οόὁὀϲϳϱ" + "αγεηικνρστυχωάέήίύώϊϋΐΰἀἁὰὲὶὸὺᾶ",
        "ABEZHIKMNOPTYXCJÁÉHÍÓÝÏÜ" + "oóoocjp" + "ayenikvpotuxwáéníúwïüïüaaàèìòùã",
    ),
    "armenian": ("ՍՏՕԼՀՈՑ" + "ոսօհզցյլգբեղպւք", "USOLZNG" + "nuohqgjlqptnwip"),
    "cherokee": ("ᎠᎡᎢᎥᎩᎪᎫᎬᎳᎷᎻᎽᎾᏀᏂᏃᏏᏔᏕᏙᏚᏞᏟᏢᏦᏧ", "DRTIYAJEWMHYOGHZBWSVSLCPKD"),
    "coptic": ("ⲀⲂⲈⲎⲒⲔⲘⲚⲞⲢⲤⲦⲨⲬⲟⲣⲥⲭⲩ", "ABEHIKMNOPCTYXopcxy"),
    "lisu": ("ꓐꓑꓒꓓꓔꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓦꓧꓪꓫꓬꓮꓰꓲꓳꓴ", "BPDDTGKJCZFMNLSRVHWXYAEIOU"),
}
_SUFFIXED = "вкмнтзпигьґ"
"""Cyrillic letters that look a little Latin; Russian writes them as endings of Latin words too (SMSки)."""
_SYMBOLS = "αγεηικνρστυχω"
"""Greek letters that stand for quantities and variants, beside Latin letters too (TGFα, νmax, sinα)."""
_FUNCTIONS = frozenset(("sin", "sen", "cos", "tan", "tg", "cot", "sec", "csc", "log", "ln", "exp", "arc", "mod", "max"))
_SMALL_CAPITALS = ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz")
_STYLED_BLOCKS = ((0x2100, 0x2150), (0x24B6, 0x24EA), (0x1D400, 0x1D7CC), (0x1F130, 0x1F14A))
_FULLWIDTH = ((0xFF21, 0xFF3B), (0xFF41, 0xFF5B))
_WHITE_ON_BLACK = (0x1F150, 0x1F170)
"""Capitals in black circles and squares, which Unicode does not call letters."""

_LATIN = "A-Za-zªºÀ-ÖØ-öø-ɏḀ-ỿ"
_STYLED_AT_LEAST = 3
"""Styled letters in a row that make a word: 𝑥 and ℝ are mathematics."""
LOOKED_AT_MOST = 2_000
"""Words of mixed scripts in one text that are looked at."""


class Imitation(NamedTuple):
    """A word that passes for a Latin one, the script of its false letters, and the word it passes for."""

    start: int
    end: int
    script: Script
    latin: str


def imitations(text: str, min_letters: int, scripts: Collection[Script] = SCRIPTS) -> list[Imitation]:
    """Return words that mix Latin letters with look-alikes, and words of styled letters, in order.

    Only the first LOOKED_AT_MOST words of mixed scripts are looked at.

    >>> found = imitations("Оferta grаtis, 5 µg de α-tocoferol, 𝐠𝐫𝐚𝐭𝐢𝐬, да", 3)
    >>> [(one.script, one.latin) for one in found]
    [('cyrillic', 'Oferta'), ('cyrillic', 'gratis'), ('styled', 'gratis')]
    """
    if "rare" not in signs(text):
        return []
    looked_at = (_imitation(word) for word in islice(_mixed(text), LOOKED_AT_MOST) if len(word[0]) >= min_letters)
    found = [one for one in looked_at if one and one.script in scripts]
    if "styled" in scripts and _styled(_STYLED_AT_LEAST).search(text):
        found += islice(_styled_words(text, max(_STYLED_AT_LEAST, min_letters)), LOOKED_AT_MOST)
    return sorted(found)


def imitations_of(names: Collection[str], text: str) -> list[Imitation]:
    """Return words of one other script that read as one of the names, which are in small letters.

    >>> [one.latin for one in imitations_of({"acme"}, "асме, Acme, а с ней")]
    ['acme']
    """
    found = []
    for word in _lookalike_words().finditer(text) if _has_lookalikes(text) else ():
        latin = as_latin(word[0])
        if latin.casefold() in names and (word.end() == len(text) or not in_word(text[word.end()])):
            found.append(Imitation(word.start(), word.end(), _script_of()[word[0][0]], latin))
    return found


def too_many_mixed(text: str) -> bool:
    """Return whether a text has more words of mixed scripts than are looked at."""
    return _has_lookalikes(text) and next(islice(_mixed(text), LOOKED_AT_MOST, None), None) is not None


def as_latin(text: str) -> str:
    """Return a text with every look-alike as the Latin letter it passes for.

    >>> as_latin("рауρаl")
    'paypal'
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).translate(_to_latin()))


def only_lookalikes(word: str) -> bool:
    """Return whether a word of another script reads as a Latin one: look-alikes alone, three in four near copies.

    >>> only_lookalikes("аррӏе"), only_lookalikes("асме"), only_lookalikes("метро"), only_lookalikes("apple")
    (True, True, False, False)
    """
    letters = [letter for letter in word if letter.isalpha()]
    near = sum(letter not in _SUFFIXED + _SYMBOLS for letter in letters)
    return _has_lookalikes(word) and _script_of().keys() >= set(letters) and 4 * near >= 3 * len(letters)


def _has_lookalikes(text: str) -> bool:
    return "rare" in signs(text) and _lookalike().search(text) is not None


def _mixed(text: str) -> Iterator[Any]:
    return iter(_mixed_words().finditer(text) if _has_lookalikes(text) else ())


def _imitation(found: Any) -> Imitation | None:
    word: str = found[0]
    false = _lookalike().findall(word)
    latin = as_latin(word)
    if not _all_latin().fullmatch(latin):
        return None
    if set(false).issubset(_SYMBOLS) and _is_formula(word, false):
        return None
    if not set(_SUFFIXED).isdisjoint(false) and _with_ending().fullmatch(word):
        return None
    return Imitation(found.start(), found.end(), _script_of()[false[0]], latin)


def _is_formula(word: str, symbols: list[str]) -> bool:
    """Return whether Greek letters stand as symbols: at an edge, or between variables and the names of functions."""
    parts = [part.lower() for part in re.split(f"[{_SYMBOLS}]", word)]
    if all(len(part) < 2 or part in _FUNCTIONS for part in parts):
        return True
    inside = re.search(f"[a-z][{_SYMBOLS}]+[a-z]", word)
    return inside is None and len(symbols) == 1


def _styled_words(text: str, at_least: int) -> Iterator[Imitation]:
    at_home = "F" if _cjk().search(text) else ""  # Chinese, Japanese and Korean write full-width letters
    for run in _styled(at_least, at_home).finditer(text):
        yield Imitation(run.start(), run.end(), "styled", as_latin(run[0]))


@lru_cache(maxsize=1)
def _styled_letters() -> dict[str, str]:
    """Return letters in another dress, with the letter: mathematical, full-width, circled, small capitals."""
    dressed = dict(zip(*_SMALL_CAPITALS, strict=True))
    for first, last in _STYLED_BLOCKS + _FULLWIDTH:
        for letter in map(chr, range(first, last)):
            plain = unicodedata.normalize("NFKC", letter).strip("()〔〕")
            if len(plain) == 1 and plain.isascii() and plain.isalpha():
                dressed[letter] = plain
    circles, squares = range(*_WHITE_ON_BLACK), range(0x1F170, 0x1F18A)
    dressed |= {chr(point): chr(ord("A") + at) for row in (circles, squares) for at, point in enumerate(row) if at < 26}
    return dressed


@lru_cache(maxsize=1)
def _to_latin() -> dict[int, str]:
    table = {ord(letter): plain for pair in _ALIKE.values() for letter, plain in zip(*pair, strict=True)}
    return table | {ord(letter): plain for letter, plain in _styled_letters().items()}


@lru_cache(maxsize=1)
def _script_of() -> dict[str, Script]:
    return {letter: script for script, (letters, _) in _ALIKE.items() for letter in letters}


@lru_cache(maxsize=1)
def _letters() -> str:
    return _ranges(letter for letters, _ in _ALIKE.values() for letter in letters)


def _ranges(letters: Iterable[str]) -> str:
    """Return letters as ranges for a character class: `re` looks through what lies beyond U+FFFF one by one."""
    spans: list[list[int]] = []
    for point in sorted(map(ord, letters)):
        if spans and spans[-1][1] == point - 1:
            spans[-1][1] = point
        else:
            spans.append([point, point])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in spans)


@lru_cache(maxsize=1)
def _mixed_words() -> Any:
    """Return the pattern of a word in which a look-alike touches a Latin letter: no word of one script has one."""
    alike, latin, mark, part = f"[{_letters()}]", f"[{_LATIN}]", "[\u0300-\u036f]?", r"[\pL\pN\pM_]*"
    return compiled(f"{part}(?:{alike}{mark}{latin}|{latin}{mark}{alike}){part}")


@lru_cache(maxsize=1)
def _lookalike() -> re.Pattern[str]:
    return re.compile(f"[{_letters()}]")


@lru_cache(maxsize=1)
def _lookalike_words() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)[{_letters()}]+")


@lru_cache(maxsize=1)
def _all_latin() -> re.Pattern[str]:
    return re.compile(f"[{_LATIN}0-9_\u0300-\u036f]+")


@lru_cache(maxsize=1)
def _with_ending() -> re.Pattern[str]:
    return re.compile(f"[{_LATIN}0-9]+[{_letters()}]+")


@lru_cache(maxsize=8)
def _styled(at_least: int, without_width: str = "") -> Any:
    letters = (letter for letter in _styled_letters() if unicodedata.east_asian_width(letter) != without_width)
    return compiled(f"[{_ranges(letters)}]{{{at_least},}}")


@lru_cache(maxsize=1)
def _cjk() -> re.Pattern[str]:
    return re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
