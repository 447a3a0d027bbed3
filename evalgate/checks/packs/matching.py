"""Finding what packs list: terms by one automaton, patterns by one RE2 set, languages and countries told apart."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from evalgate.checks.packs.pack import Entry, Example, Pack
from evalgate.checks.packs.scanning import Scanner
from evalgate.checks.text.hits import READ_AT_MOST, Hit, longest
from evalgate.checks.text.phrases import Ignored, Phrases
from evalgate.checks.text.views import Mapped, SubjectTexts, folded, located
from evalgate.checks.text.words import is_whole
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Side, View
from evalgate.core.samples import Case, Output, Sample, Subject

HITS_AT_MOST = 1_000
"""Places of one pattern in one text that are looked at."""


class Found(NamedTuple):
    """A hit and the entry that it is a hit of."""

    hit: Hit
    entry: Entry


class Matcher:
    """Finds the entries of packs in the pieces of a side.

    `countries` keeps entries that are meant there or everywhere; empty keeps only those meant everywhere. An entry of
    a language counts in texts that are in it, as far as `Texts.language` can tell: in another language it is a word.
    """

    def __init__(
        self,
        packs: Iterable[Pack],
        countries: Collection[str] = (),
        ignore: Iterable[Ignored] = ("case", "accents"),
        *,
        whole_words: bool = True,
    ) -> None:
        self.packs, self.countries, self.ignore = tuple(packs), frozenset(countries), tuple(ignore)
        self.whole_words = whole_words
        self.entries = tuple(
            entry if entry.language else entry.model_copy(update={"language": pack.language})
            for pack in self.packs
            for entry in pack.entries
            if not entry.countries or not self.countries.isdisjoint(entry.countries)
        )
        terms = [entry for entry in self.entries if entry.term is not None]
        self._patterns = [entry for entry in self.entries if entry.pattern is not None and entry.view != "squashed"]
        self._squashed = [entry for entry in self.entries if entry.pattern is not None and entry.view == "squashed"]
        self._by_term: dict[str, list[Entry]] = {}
        for entry in terms:
            self._by_term.setdefault(str(entry.term), []).append(entry)
        self._terms = Phrases(tuple(self._by_term), self.ignore, whole_words=whole_words)
        allowed = [phrase for pack in self.packs for phrase in pack.allow]
        self._allowed = Phrases(allowed, self.ignore, whole_words=whole_words)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.packs, tuple(self.countries), self.ignore, int(self.whole_words))

    @cached_property
    def _scanner(self) -> Scanner:
        return Scanner([entry.pattern or "" for entry in self._patterns])

    @cached_property
    def _squashed_scanner(self) -> Scanner:
        return Scanner([entry.pattern or "" for entry in self._squashed])

    def find(
        self,
        texts: Texts,
        side: Side,
        piece: int,
        views: Sequence[View] = ("folded",),
        at_most: int = HITS_AT_MOST,
    ) -> list[Found]:
        """Return what is found in a piece: each place once (the longest hit), in order, nothing inside what is allowed.

        Terms are looked for in every view asked for; patterns in folded and decoded, which keep words apart, and those
        of the squashed view in that, from one edge of a word to another. `at_most` is how many places of one pattern
        are looked at.
        """
        found = [one for view in views for one in self._find_terms(texts, side, piece, view)]
        for view in views:
            if view == "squashed" and self._squashed:
                found += self._find_squashed(texts, side, piece, at_most)
            elif self._patterns:
                found += self._find_patterns(texts, side, piece, view, at_most)
        if not found:
            return []
        found = self._in_their_language(found, texts, side, piece)
        if found and self._allowed.phrases:
            allowed = [hit for view in views for hit in self._allowed.find(texts, side, piece, view)]
            found = _outside(found, longest(allowed))
        kept = {id(hit) for hit in longest(one.hit for one in found)}
        return sorted((one for one in found if id(one.hit) in kept), key=lambda one: one.hit.start)

    def _find_terms(self, texts: Texts, side: Side, piece: int, view: View) -> list[Found]:
        hits = self._terms.everywhere(texts, side, piece, view) if self._by_term else []
        return [Found(hit._replace(instead=entry.instead), entry) for hit in hits for entry in self._by_term[hit.label]]

    def _find_patterns(self, texts: Texts, side: Side, piece: int, view: View, at_most: int) -> list[Found]:
        mapped = _words_of(texts, side, piece, view)
        if mapped is None:
            return []
        original = texts.pieces(side)[piece]
        found = []
        for number, start, end in self._scanner.find(mapped[0][:READ_AT_MOST], at_most):
            entry = self._patterns[number]
            begins, ends = located(view, mapped, start, end, original)
            found.append(Found(Hit(piece, begins, ends, entry.label or "pattern", view, entry.instead), entry))
        return found

    def _find_squashed(self, texts: Texts, side: Side, piece: int, at_most: int) -> list[Found]:
        mapped = texts.view(side, piece, "squashed")
        original = texts.pieces(side)[piece]
        found = []
        for number, start, end in self._squashed_scanner.find(mapped[0][:READ_AT_MOST], at_most):
            entry = self._squashed[number]
            begins, ends = located("squashed", mapped, start, end, original)
            if is_whole(original, begins, ends):
                found.append(
                    Found(Hit(piece, begins, ends, entry.label or "pattern", "squashed", entry.instead), entry)
                )
        return found

    def _in_their_language(self, found: list[Found], texts: Texts, side: Side, piece: int) -> list[Found]:
        if len({entry.language for entry in self.entries}) < 2:
            return found
        spoken = texts.language(side, piece)
        return [one for one in found if spoken is None or one.entry.language in {None, spoken}]


def _again(packs: tuple[Pack, ...], countries: tuple[str, ...], ignore: tuple[Ignored, ...], whole: int) -> Matcher:
    return Matcher(packs, countries, ignore, whole_words=bool(whole))


def _words_of(texts: Texts, side: Side, piece: int, view: View) -> Mapped | None:
    """Return a view in which patterns can read folded words; None when it has none or shows what folded shows."""
    mapped = texts.view(side, piece, view)
    if view == "folded":
        return mapped
    if view != "decoded" or mapped[1] is None:
        return None
    return folded(mapped)


def _outside(found: Iterable[Found], allowed: Sequence[Hit]) -> list[Found]:
    """Return what does not stand inside an allowed phrase; these are in order and do not overlap."""
    starts = [hit.start for hit in allowed]
    kept = []
    for one in found:
        before = bisect_right(starts, one.hit.start) - 1
        if before < 0 or one.hit.end > allowed[before].end:
            kept.append(one)
    return kept


def broken_example(pack: Pack) -> tuple[tuple[str | int, ...], str] | None:
    """Return where a pack's own example does not hold, and why; None when all do."""
    everywhere = Matcher([pack], sorted({country for entry in pack.entries for country in entry.countries}))
    for kind, wanted in (("positive", True), ("negative", False)):
        examples: tuple[Example, ...] = getattr(pack.examples, kind)
        for number, example in enumerate(examples):
            matcher = everywhere if example.country is None else Matcher([pack], [example.country])
            labels = {one.entry.label for one in found_in(example.text, matcher)}
            finds = bool(labels) if example.label is None else example.label in labels
            if finds != wanted:
                found = "nothing" if not labels else ", ".join(sorted(labels)) or "something"
                return ("examples", kind, number), f"the pack finds {found} in this {kind} example: {example.text!r}"
    return None


def found_in(text: str, matcher: Matcher, views: Sequence[View] = ("folded",)) -> list[Found]:
    """Return what a matcher finds in one text."""
    texts = SubjectTexts(Subject(sample=Sample(case=Case(id="text", input=""), output=Output(text=text))))
    return matcher.find(texts, "output", 0, views)
