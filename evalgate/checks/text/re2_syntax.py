r"""People's patterns, read token by token and written again for RE2 so that they mean what they mean in Unicode.

RE2's `\b`, `\w`, `\d` and `\s` know ASCII only: `\bálcool\b` never matches and `\bo\b` matches inside "año".
Classes are rewritten with Unicode properties. RE2 has no look-around to build `\b` from, so for texts beyond ASCII a
second form of the pattern reads *guarded* text: marker characters stand where `\b`, `\B`, `^` or `$` hold.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

WORD = (r"\p{L}", r"\p{M}", r"\p{Nd}", r"\p{Nl}", r"\p{No}", "_")
DIGIT = (r"\p{Nd}",)
BLANK = (r"\t", " ", r"\x{a0}", r"\x{1680}", r"\x{2000}-\x{200a}", r"\x{202f}", r"\x{205f}", r"\x{3000}")
SPACE = (*BLANK, r"\n", r"\x{0b}", r"\f", r"\r", r"\x{1c}-\x{1f}", r"\x{85}", r"\x{2028}", r"\x{2029}")
SETS = {"w": WORD, "d": DIGIT, "s": SPACE, "h": BLANK}
POSIX = {
    "alpha": (r"\p{L}", r"\p{M}"),
    "alnum": (r"\p{L}", r"\p{M}", r"\p{Nd}"),
    "upper": (r"\p{Lu}",),
    "lower": (r"\p{Ll}",),
    "punct": (r"\p{P}", r"\p{S}"),
    "digit": DIGIT,
    "space": SPACE,
    "blank": BLANK,
    "word": WORD,
}

MARKERS = {"b": "\ufdd0", "B": "\ufdd1", "^": "\ufdd2", "$": "\ufdd3", "A": "\ufdd4", "z": "\ufdd5"}
"""Which noncharacter stands for which assertion in guarded text."""
STAND_IN = "\ufdef"
"""Takes the place of a marker character that the text itself contains."""
_ANY_MARKER = r"\x{fdd0}-\x{fdd5}"

_LOOK_AROUND = (
    "look-around, which RE2 does not have: match the surroundings too, or write two checks, one with must: not_match"
)
_GROUPS_NOT_IN_RE2 = {
    **dict.fromkeys(("(?=", "(?!", "(?<=", "(?<!"), _LOOK_AROUND),
    "(?>": "an atomic group; RE2 never backtracks, so write (?:…)",
    "(?#": "a comment; put it in the suite, after a #",
    "(?|": "a branch reset, which RE2 does not have; write the alternatives out",
    "(?(": "a condition, which RE2 does not have; write two checks",
    "(?P=": "a back-reference, which RE2 does not have; write the alternatives out",
}
_ESCAPES_NOT_IN_RE2 = {
    "K": "say in the pattern what comes before",
    "G": r"\A is the start of the text",
    "R": r"write \r?\n",
    "N": r"write [^\n]",
    "X": r"write \p{L}\p{M}* for a letter with its accents",
    "C": "it would match half a character; write .",
    "k": "it is a back-reference; write the alternatives out",
}
_QUANTIFIER = re.compile(r"[*+?]|\{[0-9]+(?:,[0-9]*)?\}")
_PROPERTY = re.compile(r"\\([pP])(?:\{(\^?)([A-Za-z_]+)\}|([A-Z]))")
_CODE_POINT = re.compile(
    r"\\(?:x\{([0-9A-Fa-f]{1,6})\}|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(0[0-7]{0,2}))"
)
_POSIX_CLASS = re.compile(r"\[:(\^?)([a-z]+):\]")
_GROUP = re.compile(r"\((?!\?)|\(\?(?:P?<[A-Za-z_][A-Za-z0-9_]*>|[a-zA-Z-]*[:)])")


class Token(NamedTuple):
    """A piece of a pattern: something that consumes one character, something that must hold, or structure."""

    kind: Literal["atom", "assertion", "structure"]
    forms: tuple[str, ...]
    """Alternatives as RE2 reads them; the assertion's letter in MARKERS; the structure itself."""


class Syntax(NamedTuple):
    """A pattern as tokens, with the flags that hold for all of it."""

    tokens: tuple[Token, ...]
    flags: frozenset[str]

    @property
    def has_boundaries(self) -> bool:
        r"""Whether `\b` or `\B` occurs, which RE2 decides rightly for ASCII texts only."""
        return any(token.kind == "assertion" and token.forms[0] in "bB" for token in self.tokens)

    @property
    def assertions(self) -> tuple[str, ...]:
        """The letter of every assertion, in order."""
        return tuple(token.forms[0] for token in self.tokens if token.kind == "assertion")

    def plain(self) -> str:
        """Return the pattern for RE2 on the text as it is: exact unless a boundary meets a text beyond ASCII."""
        return self._head() + "".join(map(_plain, self.tokens))

    def loose(self) -> str:
        """Return the pattern without its boundaries: what it does not match, the exact one does not match."""
        kept = (t for t in self.tokens if t.kind != "assertion" or t.forms[0] not in "bB")
        return self._head() + "".join(map(_plain, kept))

    def guarded(self) -> str:
        """Return the pattern for guarded text: exact for every text."""
        return self._head() + "".join(_guarded(token, self.flags) for token in self.tokens)

    def _head(self) -> str:
        return f"(?{''.join(sorted(self.flags))})" if self.flags else ""


def _plain(token: Token) -> str:
    if token.kind == "assertion":
        letter = token.forms[0]
        return letter if letter in "^$" else "\\" + letter
    return token.forms[0] if len(token.forms) == 1 else f"(?:{'|'.join(token.forms)})"


def _guarded(token: Token, flags: frozenset[str]) -> str:
    if token.kind == "structure":
        return token.forms[0]
    if token.kind == "assertion":
        return f"(?:[{_ANY_MARKER}]*?{MARKERS[token.forms[0]]})"
    forms = "|".join(_past_markers(form, flags) for form in token.forms)
    return f"(?:[{_ANY_MARKER}]*(?:{forms}))"


def _past_markers(form: str, flags: frozenset[str]) -> str:
    if form == ".":
        return f"[^{_ANY_MARKER}]" if "s" in flags else rf"[^\n{_ANY_MARKER}]"
    return f"[^{_ANY_MARKER}{form[2:]}" if form.startswith("[^") else form


def read(pattern: str, flags: frozenset[str] = frozenset()) -> Syntax:
    r"""Return the tokens of a pattern; raise ValueError saying what RE2 cannot do and what to write instead.

    >>> read(r"\w+").plain()
    '[\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{No}_]+'
    >>> read(r"(?i)fim\Z").plain()
    '(?i)fim\\z'
    """
    head = re.match(r"\(\?([ims]+)\)", pattern)
    if head:
        flags |= set(head[1])
        pattern = pattern[head.end() :]
    tokens: list[Token] = []
    at = 0
    while at < len(pattern):
        found, at = _quoted(pattern, at) if pattern.startswith(r"\Q", at) else _next(pattern, at)
        for token in found:
            if token.kind != "assertion" or token not in tokens[-1:]:
                tokens.append(token)
    return Syntax(tuple(tokens), flags)


def _quoted(pattern: str, at: int) -> tuple[list[Token], int]:
    end = pattern.find(r"\E", at)
    end = len(pattern) if end < 0 else end
    return [Token("atom", (_literal(char),)) for char in pattern[at + 2 : end]], end + 2


def _literal(char: str) -> str:
    return rf"\{char}" if char in r"\.+*?()|[]{}^$" else char


def _next(pattern: str, at: int) -> tuple[list[Token], int]:
    char = pattern[at]
    quantifier = _QUANTIFIER.match(pattern, at)
    if char == "\\":
        token, end = _escape(pattern, at)
    elif char == "[":
        token, end = _class(pattern, at)
    elif char == "(":
        token, end = _group(pattern, at)
    elif quantifier:
        token, end = _repeat(pattern, quantifier)
    elif char in "^$":
        token, end = Token("assertion", (char,)), at + 1
    elif char in ")|":
        token, end = Token("structure", (char,)), at + 1
    else:
        token, end = Token("atom", (char if char == "." else _literal(char),)), at + 1
    return [token], end


def _repeat(pattern: str, quantifier: re.Match[str]) -> tuple[Token, int]:
    end = quantifier.end()
    if pattern.startswith("+", end):
        raise ValueError(f"{quantifier[0]}+ is possessive; RE2 never backtracks, so write {quantifier[0]}")
    lazy = "?" if pattern.startswith("?", end) else ""
    return Token("structure", (quantifier[0] + lazy,)), end + len(lazy)


def _group(pattern: str, at: int) -> tuple[Token, int]:
    for opening, advice in _GROUPS_NOT_IN_RE2.items():
        if pattern.startswith(opening, at):
            raise ValueError(f"{opening}…) is {advice}")
    group = _GROUP.match(pattern, at)
    if not group:
        raise ValueError(f"{pattern[at : at + 4]!r} opens no group that RE2 knows; (?:…) groups, (?P<name>…) names")
    if group[0][-1:] in ":)" and set(group[0][2:-1]) - set("i-"):
        raise ValueError(f"{group[0]} stands inside the pattern; put these letters in flags: [i, m, s]")
    return Token("structure", (group[0],)), group.end()


def _escape(pattern: str, at: int) -> tuple[Token, int]:
    letter = pattern[at + 1 : at + 2]
    if letter and letter in "bBAzZ":
        return Token("assertion", (letter.replace("Z", "z"),)), at + 2
    if letter == "E":
        return Token("structure", ("",)), at + 2
    members, negated, end = _member(pattern, at)
    single = len(members) == 1 and not negated and "p" not in members[0][:2]
    return Token("atom", members if single else (f"[{'^' * negated}{''.join(members)}]",)), end


def _member(pattern: str, at: int) -> tuple[tuple[str, ...], bool, int]:
    """Return the set an escape stands for, whether the set is negated, and where the escape ends."""
    letter = pattern[at + 1 : at + 2]
    if not letter:
        raise ValueError(r"it ends in a lone backslash; write \\ for a backslash")
    if letter.lower() in SETS:
        return SETS[letter.lower()], letter.isupper(), at + 2
    if letter in "123456789":
        raise ValueError(rf"\{letter} is a back-reference, which RE2 does not have; write the alternatives out")
    if letter in _ESCAPES_NOT_IN_RE2:
        raise ValueError(rf"\{letter} is not in RE2; {_ESCAPES_NOT_IN_RE2[letter]}")
    named = _PROPERTY.match(pattern, at)
    if named:
        negated = (named[1] == "P") != bool(named[2])
        return (rf"\p{{{named[3] or named[4]}}}",), negated, named.end()
    numbered = _CODE_POINT.match(pattern, at)
    if numbered:
        octal = numbered[5]
        value = int(octal, 8) if octal else int(next(filter(None, numbered.groups())), 16)
        return (rf"\x{{{value:x}}}",), False, numbered.end()
    return (pattern[at : at + 2],), False, at + 2


def _class(pattern: str, at: int) -> tuple[Token, int]:
    negated = pattern.startswith("^", at + 1)
    first = at = at + 1 + negated
    kept: list[str] = []
    left_out: list[tuple[str, ...]] = []
    before: Literal["", "char", "dash", "set"] = ""
    while at == first or not pattern.startswith("]", at):
        if at >= len(pattern):
            raise ValueError("a [ is never closed; write \\[ for a bracket")
        members, is_set, inverted, end = _class_member(pattern, at)
        if inverted:
            left_out.append(members)
        elif members == ("-",) and (before != "char" or _ends_or_set(pattern, end)):
            kept.append(r"\-")
        else:
            kept.extend(members)
        before = "set" if is_set or before == "dash" else "dash" if members == ("-",) and before == "char" else "char"
        at = end
    return Token("atom", _class_forms(kept, left_out, negated=negated)), at + 1


def _ends_or_set(pattern: str, at: int) -> bool:
    """Return whether a dash before this place is a plain dash: the class ends here, or a set follows."""
    return pattern.startswith(("]", "[:", r"\w", r"\d", r"\s", r"\h", r"\W", r"\D", r"\S", r"\p", r"\P"), at)


def _class_member(pattern: str, at: int) -> tuple[tuple[str, ...], bool, bool, int]:
    """Return what one member of a class stands for, whether it is a set, whether it is negated, where it ends."""
    posix = _POSIX_CLASS.match(pattern, at)
    if posix:
        if posix[2] not in POSIX:
            raise ValueError(f"{posix[0]} is not known; known are {', '.join(sorted(POSIX))}")
        return POSIX[posix[2]], True, bool(posix[1]), posix.end()
    if pattern[at] != "\\":
        return (r"\[" if pattern[at] == "[" else r"\]" if pattern[at] == "]" else pattern[at],), False, False, at + 1
    if pattern.startswith(r"\b", at):
        return (r"\x{8}",), False, False, at + 2
    members, negated, end = _member(pattern, at)
    return members, len(members) > 1 or members[0].startswith(r"\p"), negated, end


def _class_forms(kept: list[str], left_out: list[tuple[str, ...]], *, negated: bool) -> tuple[str, ...]:
    """Return a class as alternatives RE2 can read: it has no negated sets inside classes beyond ASCII."""
    if not negated:
        return (*([f"[{''.join(kept)}]"] if kept else []), *(f"[^{''.join(members)}]" for members in left_out))
    if not left_out:
        return (f"[^{''.join(kept)}]",)
    rest = [member for member in left_out[0] if member not in kept]
    if len(left_out) > 1 or not rest or set(kept) - set(left_out[0]):
        raise ValueError(
            r"a class like [^\W…] or [^\S…] takes away what RE2 cannot; name what is meant, as \p{L} for a letter"
        )
    return (f"[{''.join(rest)}]",)
