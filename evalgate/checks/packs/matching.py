"""Finding what packs list: terms by one automaton, patterns by one RE2 set, languages and countries told apart."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from evalgate.checks.packs.pack import Entry, Example, Pack
from evalgate.checks.text.hits import READ_AT_MOST, Hit, longest
from evalgate.checks.text.patterns import MAX_MEMORY, Pattern
from evalgate.checks.text.phrases import Ignored, Phrases
from evalgate.checks.text.views import SubjectTexts, located
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
        self._patterns = [(entry, Pattern(entry.pattern)) for entry in self.entries if entry.pattern is not None]
        self._by_term: dict[str, list[Entry]] = {}
        for entry in terms:
            self._by_term.setdefault(str(entry.term), []).append(entry)
        self._terms = Phrases(tuple(self._by_term), self.ignore, whole_words=whole_words)
        allowed = [phrase for pack in self.packs for phrase in pack.allow]
        self._allowed = Phrases(allowed, self.ignore, whole_words=whole_words)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.packs, tuple(self.countries), self.ignore, int(self.whole_words))

    @cached_property
    def _gate(self) -> Any:
        return _gate([pattern for _, pattern in self._patterns])

    def find(self, texts: Texts, side: Side, piece: int, views: Sequence[View] = ("folded",)) -> list[Found]:
        """Return what is found in a piece: each place once (the longest hit), in order, nothing inside what is allowed.

        Patterns are looked for in the folded view, and terms in every view asked for.
        """
        found = [one for view in views for one in self._find_terms(texts, side, piece, view)]
        if self._patterns and "folded" in views:
            found += self._find_patterns(texts, side, piece)
        if not found:
            return []
        found = self._in_their_language(found, texts, side, piece)
        if found and self._allowed.phrases:
            allowed = self._allowed.find(texts, side, piece)
            found = [
                one for one in found if not any(a.start <= one.hit.start and one.hit.end <= a.end for a in allowed)
            ]
        kept = {id(hit) for hit in longest(one.hit for one in found)}
        return sorted((one for one in found if id(one.hit) in kept), key=lambda one: one.hit.start)

    def _find_terms(self, texts: Texts, side: Side, piece: int, view: View) -> list[Found]:
        hits = self._terms.everywhere(texts, side, piece, view) if self._by_term else []
        return [Found(hit._replace(instead=entry.instead), entry) for hit in hits for entry in self._by_term[hit.label]]

    def _find_patterns(self, texts: Texts, side: Side, piece: int) -> list[Found]:
        mapped = texts.view(side, piece, "folded")
        text = mapped[0][:READ_AT_MOST]
        original = texts.pieces(side)[piece]
        found = []
        for number in self._gate.Match(text):
            entry, pattern = self._patterns[number]
            for start, end in pattern.spans(text, HITS_AT_MOST):
                begins, ends = located("folded", mapped, start, end, original)
                label = entry.label or "pattern"
                found.append(Found(Hit(piece, begins, ends, label, "folded", entry.instead), entry))
        return found

    def _in_their_language(self, found: list[Found], texts: Texts, side: Side, piece: int) -> list[Found]:
        if len({entry.language for entry in self.entries}) < 2:
            return found
        spoken = texts.language(side, piece)
        return [one for one in found if spoken is None or one.entry.language in {None, spoken}]


def _again(packs: tuple[Pack, ...], countries: tuple[str, ...], ignore: tuple[Ignored, ...], whole: int) -> Matcher:
    return Matcher(packs, countries, ignore, whole_words=bool(whole))


def _gate(patterns: Iterable[Pattern]) -> Any:
    """Return RE2's set of patterns, which says in one pass which of them match."""
    import re2

    options = re2.Options()
    options.max_mem = MAX_MEMORY * 4
    options.log_errors = False
    gate = re2.Set.SearchSet(options)
    for pattern in patterns:
        gate.Add(pattern.loosest)
    gate.Compile()
    return gate


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
