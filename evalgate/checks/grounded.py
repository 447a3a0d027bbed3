"""`grounded`: every sentence of the answer follows from the context, as a local model of entailment sees it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple, Self

from pydantic import Field, JsonValue, model_validator

from evalgate.checks.evidence import unread
from evalgate.checks.models.check import ModelCheck
from evalgate.checks.text.hits import READ_AT_MOST
from evalgate.checks.text.sentences import sentences
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.models import LocalModel, Window
from evalgate.core.outcomes import Mark, Marks, NotApplicable, Severity, Span, Unscored
from evalgate.core.samples import Subject

PAIRS_AT_MOST = 2_000
"""Sentences times passages of one case: more would keep the model busy for minutes."""

_TEXTS: dict[str, JsonValue] = {
    "positive": [{"premise": f"p{number}", "hypothesis": f"h{number}"} for number in (1, 2, 3)],
    "negative": [{"premise": f"p{number}", "hypothesis": f"n{number}"} for number in (1, 2, 3)],
}
_ENTAILMENT: dict[str, JsonValue] = {
    "name": "entailment",
    "version": "1",
    "weights": "model.onnx",
    "kind": "single_label",
    "labels": {"0": "entailment", "1": "neutral", "2": "supported"},
    "max_tokens": 512,
    "self_test": {"entailment": _TEXTS, "supported": _TEXTS},
    "files": {"model.onnx": "0" * 64, "tokenizer.json": "1" * 64},
}
"""A manifest as a folder holds it, for the examples: a suite names the folder."""


class _Claim(NamedTuple):
    """A sentence of the answer, the most that a passage supports it, and whether every passage was heard on it."""

    start: int
    end: int
    support: float
    is_sure: bool


class _Answer:
    """What is asked about one subject: each sentence that states something, beside each passage."""

    def __init__(self, subject: Subject, min_characters: int) -> None:
        texts = SubjectTexts(subject)
        context, answer = texts.pieces("context"), texts.pieces("output")
        self.language = texts.language("output", 0)
        self.passages = [passage[:READ_AT_MOST] for passage in context if passage.strip()]
        self.text = answer[0][:READ_AT_MOST]
        self.places = [one for one in sentences(self.text) if self._states(*one, min_characters)]
        self.is_cut = unread(answer) is not None
        self.context_is_cut = unread(context) is not None
        self.asks = len(self.places) * len(self.passages)
        if self.asks > PAIRS_AT_MOST:
            self.asks = 0

    def _states(self, start: int, end: int, min_characters: int) -> bool:
        sentence = self.text[start:end]
        return end - start >= min_characters and not sentence.endswith("?") and any(map(str.isalpha, sentence))

    def pairs(self) -> Iterator[tuple[str, str]]:
        """Yield passage and sentence, sentence by sentence."""
        if self.asks:
            for start, end in self.places:
                for passage in self.passages:
                    yield passage, self.text[start:end]

    @property
    def not_asked(self) -> NotApplicable | Unscored | None:
        """Why nothing is asked, None when something is."""
        if not self.passages:
            return NotApplicable(why="the case has no context")
        if not self.places and not self.is_cut:
            return NotApplicable(why="no sentence of the answer states anything")
        if not self.asks:
            counted = f"{len(self.places):,} sentences and {len(self.passages):,} passages"
            return Unscored(reason="invalid", detail=f"{counted} are more than {PAIRS_AT_MOST:,} pairs")
        return None

    def claims(self, read: Sequence[Sequence[Window]], entailment: str) -> list[_Claim]:
        """Return the sentences with their support, from what the model said of each pair."""
        found = []
        for number, (start, end) in enumerate(self.places):
            heard = read[number * len(self.passages) : (number + 1) * len(self.passages)]
            support = [window.scores[entailment] for windows in heard for window in windows]
            known = [one for one in support if not math.isnan(one)]
            is_sure = all(heard) and len(known) == len(support) and not self.context_is_cut
            found.append(_Claim(start, end, max(known, default=0.0), is_sure))
        return found


class Grounded(ModelCheck):
    """1 when some passage of the context entails each sentence of the answer with at least the threshold."""

    kind: ClassVar[str] = "grounded"
    summary: ClassVar[str] = "Every sentence follows from the context, as a local model sees it."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"model": _ENTAILMENT, "threshold": {"pt": 0.4, "default": 0.5}},
        {"model": _ENTAILMENT, "aggregate": "mean", "score": True, "min_characters": 1},
        {"model": _ENTAILMENT, "entailment": "supported", "window": 256, "overlap": 32, "severity": "block"},
    )

    entailment: str = "entailment"
    """The label that says a sentence follows."""
    aggregate: Literal["min", "mean"] = "min"
    """What counts of an answer's sentences: the least supported, or their mean."""
    min_characters: Annotated[int, Field(ge=1)] = 12
    """Shorter sentences are not looked at: greetings, headings."""
    severity: Severity = "warn"
    """How bad a violation is: info, warn or block. It is shown; gates count every violation alike."""

    @model_validator(mode="after")
    def _knows_its_label(self) -> Self:
        if not self.model.takes_pairs:
            raise ValueError("the model reads single texts; `check: classifier` is made for those")
        self.must_know(self.entailment)
        return self

    def mark_many(self, subjects: Sequence[Subject], model: LocalModel) -> list[Marks]:
        """Return the marks of many subjects; all their pairs go to the model together."""
        answers = [_Answer(subject, self.min_characters) for subject in subjects]
        found = iter(model.read([pair for each in answers for pair in each.pairs()], self.window, self.overlap))
        return [{"": self._result(one, [next(found) for _ in range(one.asks)])} for one in answers]

    def _result(self, answer: _Answer, read: Sequence[Sequence[Window]]) -> Mark | NotApplicable | Unscored:
        if answer.not_asked is not None:
            return answer.not_asked
        claims = answer.claims(read, self.entailment)
        limit = self.threshold_in(answer.language)
        support = min(one.support for one in claims)
        if self.aggregate == "mean":
            support = sum(one.support for one in claims) / len(claims)
        under = [one for one in claims if one.support < limit]
        if not self._is_certain(answer, claims, under):
            return Unscored(reason="invalid", detail=_why_not(answer))
        told = f"{len(under)} of {len(claims)} sentences do not follow from the context"
        told += f"; support {support:.2f} ({self.aggregate}), threshold {limit:g}"
        spans = [Span(side="output", start=one.start, end=one.end, label="not entailed") for one in under]
        return self.marked(support, told, spans, is_violation=support < limit)

    def _is_certain(self, answer: _Answer, claims: Sequence[_Claim], under: Sequence[_Claim]) -> bool:
        """Return whether what was not read could not change the mark: it could only support a sentence more."""
        if self.aggregate == "mean" or self.score:
            return all(one.is_sure for one in claims) and not answer.is_cut
        return any(one.is_sure for one in under) if under else not answer.is_cut


def _why_not(answer: _Answer) -> str:
    if answer.is_cut or answer.context_is_cut:
        return f"the answer or its context has more than the {READ_AT_MOST:,} characters that are read"
    return "a sentence is too long to be read beside a passage, or the model gave no number for it"
