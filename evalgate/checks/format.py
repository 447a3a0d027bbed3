"""`format`: markup, lists, emoji, exclamation marks and capitals stay within bounds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, JsonValue, model_validator

from evalgate.checks.evidence import HELD, SideCheck, unread
from evalgate.checks.text.elements import ELEMENTS, Element, capitals, places, without_code
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.core.checks import Texts
from evalgate.core.outcomes import Mark, Severity, Unscored
from evalgate.core.samples import Subject

_MARKDOWN: tuple[Element, ...] = (
    "headings", "tables", "code", "bold", "italics", "quotes", "images", "marked_links"
)  # fmt: skip
_SHOWN_AS_SIGNS: dict[str, tuple[Element, ...]] = {
    "markdown": ("html",),
    "html": _MARKDOWN,
    "plain": (*_MARKDOWN, "html"),
}
"""What each kind of text has none of. Bullets, numbers and bare addresses are readable as they are."""


class Format(SideCheck):
    """1 when each element stands as often as its bounds allow and no markup stands where it is not shown."""

    kind: ClassVar[str] = "format"
    summary: ClassVar[str] = "The answer keeps to the style of writing that is wanted."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"markup": "plain"},
        {"markup": "markdown", "at_most": {"headings": 0, "emoji": 1, "exclamations": 2}},
        {"at_most": {"links": 3}, "at_least": {"bullets": 2}, "max_capitals": 0.2},
        {"max_capitals": 0.2, "side": "input", "severity": "warn"},
    )

    severity: Severity = "info"
    """How bad a violation is: info, warn or block."""
    markup: Literal["plain", "markdown", "html"] | None = None
    """How the text will be shown: plain shows no markup, markdown no HTML, html no Markdown."""
    at_most: dict[Element, Annotated[int, Field(ge=0)]] = {}
    """Element to how often it may stand, as {emoji: 1, exclamations: 2, headings: 0}."""
    at_least: dict[Element, Annotated[int, Field(ge=1)]] = {}
    """Element to how often it must stand, as {bullets: 2}."""
    max_capitals: Annotated[float, Field(ge=0, lt=1)] | None = None
    """The share of the words of four letters and more that may be all capitals; fewer than four have no share."""

    @model_validator(mode="after")
    def _has_bounds(self) -> Self:
        if not (self.markup or self.at_most or self.at_least or self.max_capitals is not None):
            raise ValueError("give markup: plain, at_most: {emoji: 0}, at_least: {bullets: 1} or max_capitals: 0.2")
        for element, low in self.at_least.items():
            high = self._highest.get(element, low)
            if high < low:
                raise ValueError(f"at_least {element}: {low} is above the {high} that markup or at_most allows")
        return self

    @cached_property
    def _highest(self) -> dict[Element, int]:
        shown = _SHOWN_AS_SIGNS[self.markup] if self.markup else ()
        none: dict[Element, int] = dict.fromkeys(shown, 0)
        return {**none, **self.at_most}

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | Unscored:  # noqa: ARG002 - one shape
        """Return a violation with every element over its bound."""
        hits: list[Hit] = []
        why: list[str] = []
        for number, piece in enumerate(pieces):
            text = piece[:READ_AT_MOST]
            for problem, over in self._problems(number, text, without_code(text)):
                why.append(problem)
                hits += over
        if why:
            return self.violation(sorted(hits, key=lambda hit: hit[:2]), subject, "; ".join(dict.fromkeys(why)))
        return unread(pieces) or HELD

    def _problems(self, piece: int, text: str, words: str) -> Iterator[tuple[str, list[Hit]]]:
        """Yield what is out of bounds, in words, with the places that are too many. Markup in code is no markup."""
        for element, most in self._highest.items():
            found = places(element, text if element == "code" else words)
            if len(found) > most:
                over = [Hit(piece, *place, element, "raw", ELEMENTS[element].instead) for place in found[most:]]
                yield f"has {len(found)} {_named(element)}, at most {most} are allowed", over
        for element, least in self.at_least.items():
            count = len(places(element, text if element == "code" else words))
            if count < least:
                yield f"has {count} {_named(element)}, at least {least} are asked for", []
        if self.max_capitals is not None:
            shouted, share = capitals(words)
            if share > self.max_capitals:
                over = [Hit(piece, *place, "capitals", "raw", "small letters") for place in shouted]
                yield f"{share:.0%} of the words are all capitals, at most {self.max_capitals:.0%} may be", over


def _named(element: Element) -> str:
    return ELEMENTS[element].plural or element.replace("_", " ")
