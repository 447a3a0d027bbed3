"""Where sentences begin and end, in Spanish, Portuguese and English, as people and models write them.

In doubt two sentences stay one: half a sentence says something its author did not.
"""

from __future__ import annotations

import re

_TITLES = """
    sr sra srta srtas sres sras dr dra drs drª dres d dn dña dª prof profa profª mtro mtra lic licda ing arq abg gral
    cnel tte cap fray rvdo hno hna sto sta ud uds vd vds exmo exma excmo excma ilmo ilma v.exa s.exa eng engª adv mons
    mr mrs ms messrs st jr sr hon rev gen col capt lt sgt gov sen rep
"""
_BETWEEN = """
    p.ej p.e ej p.ex e.g i.e cf vs c.f vid ee c/c q.e.p.d av avda avd cra cl pza urb trav dpto dto depto apto apt prov
    mun núcl admón adm bros hnos
"""
_BEFORE_NUMBERS = """
    n no nº núm nro num nos art arts pág págs pag pags pg p pp fig figs tab cap caps sec secc vol vols ed ley par inc
    fasc lám ch eq ver v op aprox approx máx mín max min tel tels tlf tlfn telef cel fax ext ap bl edo al r ref
"""
_OPENERS = """
    el la los las un una este esta esto ese esa si no en para por con su sus se es son también además pero cuando como
    o os as um uma isto isso não em com seu sua você também além mas quando
    the a an this that these those it if in for to we you they he she but when there our your
"""
_NEVER_LAST = frozenset((_TITLES + _BETWEEN).split())
_NOT_LAST_BEFORE_A_NUMBER = frozenset(_BEFORE_NUMBERS.split())
_BEGINS = frozenset(_OPENERS.split())

_CLOSING = "\"'»”’)\\]}*_`\u200d\u2600-\u27bf\ufe0f\U0001f000-\U0001faff"
_STOP = re.compile(
    # Marks, the quotes, emoji and citations that close them, and what comes after the blanks: nothing, or a sentence.
    rf"(?<![.!?…])([.!?…]++(?:[ \t]++[.!?…]++)*+)((?:[{_CLOSING}]|\[\d{{1,3}}\])*+)(?=(\s++)(.)|\s*+\Z)"
    r"|[。！？]++[」』”’）]*+"
    r"|[\r\n\x85\u2028\u2029]\s*+"
)
_LEAD = re.compile(r"(?:\s++|[-*•‣·–—+>#|]++(?=\s)|\d{1,3}+[.)](?=\s))*+")
"""What stands before a sentence and is none of it: blanks, bullets, heading signs, the number of a list."""
_OPENING = "([{\"«“'‘’¿¡*_,;:/—–"
_LONGEST_ABBREVIATION = 16
_LINE_BREAKS = "\r\n\x85\u2028\u2029"


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where each sentence stands, in order; what lies between them is blanks, bullets and list numbers.

    Lines end sentences too, unless the next one goes on in lower case.

    >>> text = "1. El Sr. Gil pagó aprox. 3.5 €. ¿Vale? J. K. Rowling vive en EE.UU. La casa es de 1999."
    >>> [text[start:end] for start, end in sentences(text)]
    ['El Sr. Gil pagó aprox. 3.5 €.', '¿Vale?', 'J. K. Rowling vive en EE.UU.', 'La casa es de 1999.']
    """
    found: list[tuple[int, int]] = []
    start = _after_lead(text, 0)
    for stop in _STOP.finditer(text):
        if stop.start() < start:
            continue
        end = _end(text, stop, start)
        if end is None:
            continue
        if end > start:
            found.append((start, end))
        start = _after_lead(text, stop.end())
    end = _before_blanks(text, len(text), start)
    if end > start:
        found.append((start, end))
    return found


def _end(text: str, stop: re.Match[str], start: int) -> int | None:
    """Return where the sentence ends that a mark or a line break stops, None when it goes on."""
    mark, closed, blanks, following = stop.groups()
    at, end = stop.span()
    if mark is None:
        if text[at] not in _LINE_BREAKS:
            return end
        return _before_blanks(text, at, start) if _line_ends(text, at, end) else None
    if blanks is None:
        return end
    if following.islower():
        return end if _breaks(blanks) > 1 else None
    return None if mark == "." and not closed and _abbreviates(text, at, end + len(blanks)) else end


def _after_lead(text: str, at: int) -> int:
    lead = _LEAD.match(text, at)
    return lead.end() if lead else at


def _before_blanks(text: str, end: int, start: int) -> int:
    while end > start and text[end - 1].isspace():
        end -= 1
    return end


def _breaks(blanks: str) -> int:
    """Return how many lines end within blanks."""
    return len(blanks) if len(blanks) < 2 else len(blanks.splitlines()) + (blanks[-1] in _LINE_BREAKS) - 1


def _line_ends(text: str, at: int, end: int) -> bool:
    """Return whether a sentence ends with its line: not when the next line goes on in lower case."""
    if not text[end : end + 1].islower() or (end - at > 1 and _breaks(text[at:end]) > 1):
        return True
    return text[max(_before_blanks(text, at, 0) - 1, 0)] in ".!?…:;|"


def _abbreviates(text: str, stop: int, following: int) -> bool:
    """Return whether the stop belongs to the word before it and the sentence goes on with what follows."""
    words = text[max(0, stop - _LONGEST_ABBREVIATION) : stop].split()
    word = words[-1].lstrip(_OPENING) if words else ""
    small = word.lower()
    if small in _NEVER_LAST:
        return True
    if small in _NOT_LAST_BEFORE_A_NUMBER and (text[following].isdigit() or text[following] in "(+"):
        return True
    if not word.isupper() or (len(word) > 1 and "." not in word):  # J, U.S, EE.UU; not OK
        return False
    next_word = text[following : following + _LONGEST_ABBREVIATION].split(None, 1)[0].lower()
    return next_word.strip(_OPENING + ",:") not in _BEGINS if next_word[0].isalpha() else False
