"""`quotes_grounded`: what the answer quotes and cites is in what it was given."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field, JsonValue

from evalgate.checks.evidence import SideCheck
from evalgate.checks.text.elements import without_code
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.views import fold
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, NotApplicable, Side, Unscored
from evalgate.core.samples import Subject

MOST_QUOTES = 100
"""Different quotes of one answer, and different sources that it names, that are looked for. With more the answer is
Unscored, unless one is a violation."""
LONGEST_NEAR = 500
"""Characters of a quote that is compared letter by letter; a longer one is found as it stands or not compared."""
MATERIAL_NEAR = 20_000
"""Characters of the material with which quotes are compared letter by letter."""
_STEPS = 6_000_000
"""Characters of quotes times characters of material that are compared for one answer."""
_TOO_MUCH = Unscored(reason="invalid", detail="the quotes or the material are too long or too many to be compared")

_QUOTED = re.compile(
    r'“([^“”]*+)[”“]|«([^«»]*+)»|„([^„“”]*+)[“”]|(?<![\w="“])"(?=[^\s"])([^"\n]*+)(?<=[^\s(])"(?!\w)'
    r"|(?<!\w)‘((?:[^‘’\n]|(?<=\w)’(?=\w))*+)’(?!\w)"
    r"|(?<![\w='])'(?=[^\W\d_])((?:[^'\n]|(?<=\w)'(?=\w))*+)(?<=[^\s(])'(?!\w)"
)
"""Between marks. A single mark between two letters is an apostrophe, and one before a digit too ('90s)."""
_BLOCK = re.compile(r"(?m)^[ \t]{0,3}+>[> \t]*+[^\s>][^\n]*+(?:\n[ \t]{0,3}+>[> \t]*+[^\s>][^\n]*+)*+")
_LINE = re.compile(r"[^\n]+")
_NOTE = re.compile(
    r"[\s>*_]*+(?:\[!|(?:nota|note|aviso|importante|important|consejo|dica|tip|atenci[oó]n|aten[cç][aã]o|warning)\b[\s*_]*+:)",
    re.IGNORECASE,
)
_SOURCE_LINE = re.compile(
    r"[\s>*_]*+(?:[—–]|--|\((?:fuente|fonte|source)\b|(?:fuente|fonte|source)\b[\s*_]*+:)", re.IGNORECASE
)
_GAP = re.compile(r"[\[(]?(?:…|\.\.\.)[\])]?")
_MARKUP = str.maketrans("", "", "*_`>\"'")
_EDGES = " .,;:!?¡¿()[]-"
_DIGITS = re.compile(r"\d+")

_NUMBERS = r"[1-9]\d{0,2}+(?:\s?+[,;–-]\s?+[1-9]\d{0,2}+)*+"
_SOURCE = (
    r"docs?\b\.?|documentos?|documents?|fuentes?|fontes?|sources?|pasajes?|passages?|passagem|passagens|trechos?|fragmentos?"
    r"|refs?\b\.?|referencias?|referências?|references?"
)
_CITED = re.compile(
    rf"(?<![^\d]\])\[({_NUMBERS})\](?!\()|[\[(](?:{_SOURCE})\s?+(?:n\.?º\s?+|:\s?+)?#?({_NUMBERS})[\])]|【(\d{{1,3}})[^【】\n]{{0,40}}】",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"[\[(](?:fuentes?|fontes?|sources?|docs?|documentos?|documents?)\s?:\s?([^\[\]()\n]{2,120}+)[\])]", re.IGNORECASE
)


class Quote(NamedTuple):
    """A stretch that is said to be someone's words, in code points of its piece."""

    start: int
    end: int


class QuotesGrounded(SideCheck):
    """1 when every quote of some length and every numbered citation of the answer is found in the material."""

    kind: ClassVar[str] = "quotes_grounded"
    summary: ClassVar[str] = "What is quoted and cited is in the context."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {},
        {"known_from": ["context", "input"]},
        {"min_characters": 40},
        {"near": 100},
        {"citations": False},
        {"side": "tool_args", "severity": "warn"},
        {"side": "tool_args"},
    )

    known_from: Annotated[tuple[Literal["context", "input"], ...], Field(min_length=1)] = ("context",)
    """Where the quoted words may stand; a case without context is not applicable."""
    min_characters: Annotated[int, Field(ge=5)] = 25
    """Characters from which on a quoted stretch counts: shorter ones are names, titles and irony."""
    near: Annotated[float, Field(ge=50, le=100)] = 90
    """How alike the best stretch of the material must be, from 0 to 100; 100 wants the words as they stand."""
    citations: bool = True
    """Whether [1], [2, 3] and (doc 4) must be numbers of passages or in the material, and [source: x] words of it."""

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | NotApplicable | Unscored:
        """Return whether all quotes and citations are known, with those that are not."""
        if not subject.sample.case.context:
            return NotApplicable(why="the case has no context")
        bodies = [without_code(piece[:READ_AT_MOST]) for piece in pieces]
        quotes = [(number, quote) for number, body in enumerate(bodies) for quote in _quotes(body, self.min_characters)]
        hits, doubt = self._invented(quotes, bodies, texts)
        if self.citations:
            names, undecided = self._unknown_names(bodies, texts)
            hits = sorted([*hits, *self._unknown_numbers(bodies, subject, texts), *names])
            doubt = doubt or undecided
        if doubt and not hits:
            return doubt
        kinds = ", ".join(sorted({hit.label for hit in hits}))
        return self.none_of(hits, subject, pieces, f"not in the material: {kinds}")

    def _invented(
        self, quotes: Sequence[tuple[int, Quote]], bodies: Sequence[str], texts: Texts
    ) -> tuple[list[Hit], Unscored | None]:
        """Return the quotes that are not in the material, and why others could not be compared."""
        if not quotes:
            return [], None
        material = _Material([text for side in self.known_from for text in _folded(side, texts)], self.near)
        known: dict[str, bool | None] = {}
        hits = []
        for piece, quote in quotes:
            words = bodies[piece][quote.start : quote.end]
            if words not in known:
                known[words] = material.has(words) if len(known) < MOST_QUOTES else None
            if known[words] is False:
                hits.append(Hit(piece, quote.start, quote.end, "quote"))
        if None not in known.values():
            return hits, None
        return hits, _TOO_MUCH

    def _unknown_names(self, bodies: Sequence[str], texts: Texts) -> tuple[list[Hit], Unscored | None]:
        """Return the sources that are named and do not stand in the material, and why others were not looked for."""
        named = [(number, match) for number, body in enumerate(bodies) for match in _NAMED.finditer(body)]
        cited = [(number, match) for number, match in named if not _CITED.fullmatch(match[0])]
        if not cited:
            return [], None
        material = "\n".join(_words(text) for side in self.known_from for text in _folded(side, texts))
        names = dict.fromkeys(match[1] for _, match in cited)
        known = {name: _words(fold(name)[0]).strip(_EDGES) in material for name in islice(names, MOST_QUOTES)}
        hits = [Hit(n, match.start(), match.end(), "citation") for n, match in cited if not known.get(match[1], True)]
        return hits, _TOO_MUCH if len(names) > MOST_QUOTES else None

    def _unknown_numbers(self, bodies: Sequence[str], subject: Subject, texts: Texts) -> list[Hit]:
        cited = [(number, match) for number, body in enumerate(bodies) for match in _CITED.finditer(body)]
        if not cited:
            return []
        passages = len(subject.sample.case.context)
        beyond = [(number, match) for number, match in cited if _highest(match) > passages]
        if not beyond:
            return []
        given = {
            value
            for side in self.known_from
            for text in texts.pieces(side)
            for match in _CITED.finditer(text[:READ_AT_MOST])
            for value in _cited(match)
        }
        return [
            Hit(number, match.start(), match.end(), "citation")
            for number, match in beyond
            if any(value > passages and value not in given for value in _cited(match))
        ]


class _Material:
    """The texts from which may be quoted, as one text of words."""

    def __init__(self, folded: Sequence[str], near: float) -> None:
        self._text = "\n".join(_words(text) for text in folded)
        self._near = near
        self._steps = _STEPS

    def has(self, quote: str) -> bool | None:
        """Return whether a quote stands here, each part between two … for itself; None when that was not compared."""
        parts = [words for part in _GAP.split(quote) if (words := _words(fold(part)[0]).strip(_EDGES))]
        answers = [self._has(part) for part in parts]
        return False if False in answers else None if None in answers else True

    def _has(self, words: str) -> bool | None:
        if words in self._text:
            return True
        if self._near == 100:
            return False
        self._steps -= len(words) * len(self._text)
        if len(words) > LONGEST_NEAR or len(self._text) > MATERIAL_NEAR or self._steps < 0:
            return None
        return self._nearly(words)

    def _nearly(self, words: str) -> bool:
        from rapidfuzz import fuzz

        if len(words) > len(self._text):  # the shorter is looked for in the longer, and this one is not to be found
            return fuzz.ratio(words, self._text, score_cutoff=self._near) > 0
        found = fuzz.partial_ratio_alignment(words, self._text, score_cutoff=self._near)
        if found is None:
            return False
        there = self._text[max(0, found.dest_start - 10) : found.dest_end + 10]
        return set(_DIGITS.findall(words)) <= set(_DIGITS.findall(there))  # 30 days are not nearly 60 days


def _folded(side: Side, texts: Texts) -> Iterator[str]:
    for number, _ in enumerate(texts.pieces(side)):
        yield texts.view(side, number, "folded")[0]


def _words(folded: str) -> str:
    """Return a folded text without markup and quotes, with single spaces."""
    return " ".join(folded.translate(_MARKUP).split())


def _quotes(text: str, shortest: int) -> list[Quote]:
    r"""Return the quotes of a text in order: between quotation marks, and paragraphs that begin with `>`.

    >>> [tuple(quote) for quote in _quotes("«Uno dos»\n\n> tres cuatro\n> — Ana", 5)]
    [(1, 8), (13, 24)]
    """
    spans = (match.span(match.lastindex or 0) for match in _QUOTED.finditer(text))
    marked = [Quote(*span) for span in spans if span[1] - span[0] >= shortest]
    starts = [quote.start for quote in marked]
    blocks = [block for block in _blocks(text) if block.end - block.start >= shortest] if ">" in text else []
    alone = [b for b in blocks if bisect_left(starts, b.start) == bisect_left(starts, b.end)]
    return sorted(marked + alone)


def _blocks(text: str) -> Iterator[Quote]:
    """Yield the paragraphs that begin with `>`, less the line that says whose they are; notes are no quotes."""
    for match in _BLOCK.finditer(text):
        if _NOTE.match(match[0]):
            continue
        lines = [line.span() for line in _LINE.finditer(text, *match.span()) if not _SOURCE_LINE.match(line[0])]
        if lines:
            yield Quote(text.index(text[lines[0][0] : lines[0][1]].lstrip("> \t"), lines[0][0]), lines[-1][1])


def _cited(match: re.Match[str]) -> list[int]:
    return [int(number) for number in _DIGITS.findall(match[match.lastindex or 0])]


def _highest(match: re.Match[str]) -> int:
    return max(_cited(match))
