"""`language`: the text is in the language, and in the variety of it, that is wanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, ValidationInfo, field_validator, model_validator

from evalgate.checks.evidence import HELD, FindingCheck, quoted, unread
from evalgate.checks.packs.loading import load_pack, shipped_packs
from evalgate.checks.packs.matching import Matcher
from evalgate.checks.packs.pack import Pack
from evalgate.checks.text.foreign import Reading, clearly_in, letters_of, reading
from evalgate.checks.text.hits import READ_AT_MOST, Hit
from evalgate.checks.text.language import MODEL_LANGUAGES, identify
from evalgate.core.checks import Loading, Texts
from evalgate.core.errors import did_you_mean
from evalgate.core.outcomes import Mark, NotApplicable, Severity, Unscored
from evalgate.core.samples import Subject

_VARIETIES = "variety."
_ASKED_IN = 0.8
"""How likely the model must find the language of a question that its words do not tell."""


def _known(code: str) -> str:
    if code in MODEL_LANGUAGES:
        return code
    if code[2:3] in {"-", "_"}:
        raise ValueError(f"{code!r} is a variety; write languages: [{code[:2].lower()}] and variety: {code}")
    raise ValueError(f"{code!r} is no language that can be told; write the two letters of ISO 639-1, as es, pt, en")


Language = Annotated[str, AfterValidator(_known)]
"""A language's code in two small letters."""


class InLanguage(FindingCheck):
    """1 when the side is in a wanted language and, with `variety`, has no word that marks another variety of it."""

    kind: ClassVar[str] = "language"
    summary: ClassVar[str] = "The answer is in the language that is wanted."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"languages": ["es"]},
        {"languages": ["es", "pt"], "same_as": "input"},
        {"languages": ["es"], "same_as": "input", "min_characters": 40, "tolerated": 0.3},
        {"variety": "pt-BR"},
        {"variety": "es-MX", "ignore_echo": True, "severity": "block"},
        {"languages": ["pt", "en"], "variety": "pt-BR", "side": "context"},
    )

    severity: Severity = "warn"
    """How bad a violation is: info, warn or block."""
    languages: tuple[Language, ...] = ()
    """Languages that are wanted. With `same_as`, the ones to answer in when the user writes in none of them."""
    same_as: Literal["input"] | None = None
    """`input` asks for the language of the user's last turn that tells its language."""
    variety: Pack | None = None
    """A variety that ships, as pt-BR or es-MX, or a pack of one's own: words that mark another variety."""
    min_characters: Annotated[int, Field(ge=1)] = 20
    """Fewest letters that tell a language: a side with fewer is not applicable, a sentence with fewer is passed by."""
    tolerated: Annotated[float, Field(ge=0, lt=1)] = 0.1
    """The share of the letters that may stand in sentences of another language."""

    @field_validator("variety", mode="before")
    @classmethod
    def _read(cls, variety: Any, info: ValidationInfo) -> Any:
        if not isinstance(variety, str):
            return variety
        if variety.partition("@")[0].endswith((".yaml", ".yml")):
            return load_pack(variety, Loading.of(info).read)
        tag, at, version = variety.partition("@")
        names = [name.removeprefix(_VARIETIES) for name in shipped_packs() if name.startswith(_VARIETIES)]
        if tag.lower() not in names:
            hint = did_you_mean(tag.lower(), names)
            raise ValueError(f"no variety {tag!r}.{hint} Known: {', '.join(names)}; a pack of your own ends in .yaml")
        return load_pack(f"{_VARIETIES}{tag.lower()}{at}{version}", Loading.of(info).read)

    @model_validator(mode="after")
    def _wants_something(self) -> Self:
        if not (self.languages or self.same_as or self.variety):
            raise ValueError("give languages: [es], same_as: input or variety: pt-BR")
        if self.same_as and self.side == "input":
            raise ValueError("same_as: input compares with the input; write languages: […] for side: input")
        if self.variety and self.variety.language is None:
            raise ValueError(f"the pack {self.variety.name} names no language; a variety is one of a language")
        if self.variety and self.languages and self.variety.language not in self.languages:
            raise ValueError(f"variety is one of {self.variety.language}, which is not among the languages")
        return self

    @cached_property
    def _wanted(self) -> frozenset[str]:
        own = [self.variety.language] if self.variety and self.variety.language and not self.languages else []
        return frozenset([*self.languages, *own])

    @cached_property
    def _elsewhere(self) -> Matcher | None:
        return Matcher([self.variety], ignore=("case",)) if self.variety else None

    def read(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Mark | NotApplicable | Unscored:
        """Return a violation with the sentences in other languages and the words of other varieties."""
        wanted = self._languages_for(subject, texts)
        if not isinstance(wanted, frozenset):
            return wanted
        if pieces and not self.variety and all(self._is_clear(texts, at, one, wanted) for at, one in enumerate(pieces)):
            return unread(pieces) or HELD
        readings = [self._reading(texts, number, piece, wanted) for number, piece in enumerate(pieces)]
        foreign: Sequence[Hit] = list(self._foreign(readings))
        words: Sequence[Hit] = [hit for hit in self.find(subject, texts, pieces) if readings[hit.piece].share < 0.5]
        if self.ignore_echo:
            foreign, words = (self.without_echo(hits, subject, texts, pieces) for hits in (foreign, words))
        if foreign or words:
            why = [_explain_foreign(readings, wanted)] * bool(foreign) + [self.explain(words)] * bool(words)
            return self.violation([*foreign, *words], subject, "; ".join(why))
        return self._untold(readings) or unread(pieces) or HELD

    def find(self, subject: Subject, texts: Texts, pieces: Sequence[str]) -> Sequence[Hit]:  # noqa: ARG002 - one shape
        """Return the words of another variety, but for texts in another language that is wanted."""
        if self._elsewhere is None or self.variety is None:
            return []
        others = self._wanted - {self.variety.language}
        return [
            found.hit
            for piece in range(len(pieces))
            if texts.language(self.side, piece) not in others
            for found in self._elsewhere.find(texts, self.side, piece)
        ]

    def explain(self, hits: Sequence[Hit]) -> str:
        """Return which words of another variety are said."""
        name = self.variety.name.removeprefix(_VARIETIES) if self.variety else ""
        return f"not {name}: says {quoted(sorted({hit.label for hit in hits}))}"

    def _languages_for(self, subject: Subject, texts: Texts) -> frozenset[str] | NotApplicable | Unscored:
        """Return the languages that are wanted of one subject."""
        if self.same_as is None:
            return self._wanted
        enough = False
        for number, turn in _turns(subject, texts):
            asked = texts.language("input", number)
            if asked is None and letters_of(turn) >= self.min_characters:
                enough = True
                code, likely = identify(turn, self._wanted)
                asked = code if likely >= _ASKED_IN else None
            if asked is not None:
                return frozenset([asked]) if not self._wanted or asked in self._wanted else self._wanted
        if self._wanted:
            return self._wanted
        if enough:
            return Unscored(reason="unknown", detail="the language of the input cannot be told")
        return NotApplicable(why="the input is too short to tell its language")

    def _is_clear(self, texts: Texts, number: int, piece: str, wanted: frozenset[str]) -> bool:
        return clearly_in(piece[:READ_AT_MOST], texts.language(self.side, number), wanted)

    def _reading(self, texts: Texts, number: int, piece: str, wanted: frozenset[str]) -> Reading:
        text = piece[:READ_AT_MOST]
        if self._is_clear(texts, number, piece, wanted):
            return Reading(len(text), len(text))
        return reading(text, wanted, self.min_characters)

    def _foreign(self, readings: Sequence[Reading]) -> Iterator[Hit]:
        for piece, one in enumerate(readings):
            if one.share > self.tolerated:
                yield from (Hit(piece, stretch.start, stretch.end, stretch.language) for stretch in one.foreign)

    def _untold(self, readings: Sequence[Reading]) -> NotApplicable | Unscored | None:
        if any(one.told for one in readings):
            return None
        if all(one.letters < self.min_characters for one in readings):
            return NotApplicable(why=f"fewer than {self.min_characters} letters do not tell their language")
        return Unscored(reason="unknown", detail="the language cannot be told")


def _turns(subject: Subject, texts: Texts) -> Iterator[tuple[int, str]]:
    """Yield what the user wrote, numbered, the last turn first."""
    asked = subject.sample.case.input
    pieces = texts.pieces("input")
    for number in reversed(range(len(pieces))):
        if isinstance(asked, str) or asked[number].role == "user":
            yield number, pieces[number]


def _explain_foreign(readings: Sequence[Reading], wanted: frozenset[str]) -> str:
    found = sorted({stretch.language for one in readings for stretch in one.foreign})
    share = max(one.share for one in readings)
    return f"{share:.0%} of the text is in {', '.join(found)}; wanted is {' or '.join(sorted(wanted))}"
