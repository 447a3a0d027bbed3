"""`classifier`: what a local model says of a text, by a threshold."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple, Self

from pydantic import JsonValue, model_validator

from evalgate.checks.evidence import in_pieces, unread
from evalgate.checks.models.check import ModelCheck
from evalgate.checks.text.hits import READ_AT_MOST
from evalgate.checks.text.sentences import sentences
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.models import LocalModel, Window
from evalgate.core.outcomes import Mark, Marks, NotApplicable, Side, Span, Unscored
from evalgate.core.samples import Subject

SENTENCES_AT_MOST = 2_000
"""Sentences of one text that are read; a text with more is read to there."""


_TEXTS: dict[str, JsonValue] = {"positive": ["p1", "p2", "p3"], "negative": ["n1", "n2", "n3"]}
_TOXICITY: dict[str, JsonValue] = {
    "name": "toxicity",
    "version": "1",
    "weights": "model.onnx",
    "kind": "multi_label",
    "labels": {"0": "toxic", "1": "threat"},
    "max_tokens": 512,
    "self_test": {"toxic": _TEXTS, "threat": _TEXTS},
    "files": {"model.onnx": "0" * 64, "tokenizer.json": "1" * 64},
}
_TOPIC: dict[str, JsonValue] = {
    "name": "topic",
    "version": "2",
    "weights": "model.safetensors",
    "kind": "single_label",
    "labels": {"0": "orders", "1": "returns", "2": "other"},
    "max_tokens": 256,
    "self_test": {"orders": _TEXTS, "returns": _TEXTS},
    "files": {"model.safetensors": "0" * 64, "tokenizer.json": "1" * 64},
}
"""Manifests as folders hold them, for the examples: a suite names the folder."""


class _Asked(NamedTuple):
    """One stretch of a subject's text, asked about."""

    piece: int
    start: int
    text: str


class _Read(NamedTuple):
    """One window of a piece and how much of a violation the model sees in it."""

    piece: int
    start: int
    end: int
    worst: float
    label: str


class Classifier(ModelCheck):
    """1 when the model's probability of a violation stays below the threshold in every window of the text."""

    kind: ClassVar[str] = "classifier"
    summary: ClassVar[str] = "A local model sees no violation."
    examples: ClassVar[tuple[dict[str, JsonValue], ...]] = (
        {"model": _TOXICITY, "violations": ["toxic", "threat"], "threshold": {"es": 0.6, "default": 0.5}},
        {"model": _TOXICITY, "violations": ["toxic"], "sentences": True, "aggregate": "mean", "score": True},
        {"model": _TOXICITY, "violations": ["threat"], "window": 128, "overlap": 32, "side": "context"},
        {"model": _TOPIC, "good": "orders", "side": "input", "severity": "warn", "threshold": 0.9},
        {"model": _TOPIC, "good": "returns", "window": 64, "overlap": 16},
    )

    violations: tuple[str, ...] = ()
    """The labels that are violations."""
    good: str | None = None
    """The one label that is not; every other one is then a violation."""
    aggregate: Literal["max", "mean"] = "max"
    """What counts of a text's windows: the worst, or their mean."""
    sentences: bool = False
    """Whether sentences are read one by one: finds one bad sentence in a long good text, and costs more."""
    side: Side = "output"
    """output, input, context or tool_args."""

    @model_validator(mode="after")
    def _knows_its_labels(self) -> Self:
        if bool(self.violations) == (self.good is not None):
            raise ValueError("give either violations: [LABEL, …] or good: LABEL")
        if self.model.takes_pairs:
            raise ValueError("the model reads pairs of texts; `check: grounded` is made for those")
        for label in self.violations or (self.good or "",):
            self.must_know(label)
        if self.model.kind == "single_label" and set(self.violations) >= set(self.model.labels.values()):
            raise ValueError("violations name every label, so every text would violate; leave the good one out")
        return self

    def mark_many(self, subjects: Sequence[Subject], model: LocalModel) -> list[Marks]:
        """Return the marks of many subjects; all their texts go to the model together."""
        texts = [SubjectTexts(subject) for subject in subjects]
        asked = [list(self._asked(one.pieces(self.side))) for one in texts]
        answers = iter(model.read([one.text for each in asked for one in each], self.window, self.overlap))
        return [
            {"": self._result(subject, one, [(stretch, next(answers)) for stretch in each])}
            for subject, one, each in zip(subjects, texts, asked, strict=True)
        ]

    def _asked(self, pieces: Sequence[str]) -> Iterator[_Asked]:
        for number, piece in enumerate(pieces):
            text = piece[:READ_AT_MOST]
            stretches = sentences(text)[: SENTENCES_AT_MOST + 1] if self.sentences else []
            for start, end in stretches or [(0, len(text))]:
                yield _Asked(number, start, text[start:end])

    def _result(
        self, subject: Subject, texts: SubjectTexts, answers: Sequence[tuple[_Asked, Sequence[Window]]]
    ) -> Mark | NotApplicable | Unscored:
        pieces = texts.pieces(self.side)
        if not any(piece.strip() for piece in pieces):
            return NotApplicable(why=f"there is no text to read ({self.side})")
        read = [
            _Read(asked.piece, asked.start + window.start, asked.start + window.end, *self._worst(window.scores))
            for asked, windows in answers
            for window in windows
        ]
        limits = [self.threshold_in(texts.language(self.side, number)) for number in range(len(pieces))]
        probability, limit = self._decisive(read, limits)
        is_violation = probability >= limit
        is_certain = is_violation and self.aggregate == "max" and not self.score
        gap = None if is_certain else self._gap(pieces, [asked.piece for asked, _ in answers], read)
        if gap is not None:
            return gap
        over = [one for one in read if one.worst >= limits[one.piece]]
        names = sorted({one.label for one in over}) or [self._name]
        told = f"{' and '.join(names)} {probability:.2f}, threshold {limit:g}"
        if len(read) > 1:
            told += f"; {len(over)} of {len(read)} windows at or over it"
        return self.marked(1 - probability, told, self._spans(subject, over), is_violation=is_violation)

    def _decisive(self, read: Sequence[_Read], limits: Sequence[float]) -> tuple[float, float]:
        """Return the probability and the threshold of the piece that decides: one over its threshold, or the worst."""
        found: dict[int, list[float]] = {}
        for one in read:
            if not math.isnan(one.worst):
                found.setdefault(one.piece, []).append(one.worst)
        counted = max if self.aggregate == "max" else _mean
        decided = [(counted(worst), limits[piece]) for piece, worst in found.items()]
        return max(decided, key=lambda one: (one[0] >= one[1], one[0]), default=(0.0, 1.0))

    def _worst(self, scores: Mapping[str, float]) -> tuple[float, str]:
        """Return how probable a violation is in a window, and which."""
        if self.good is not None:
            return 1 - scores[self.good], self._name
        found = [(scores[label], label) for label in self.violations]
        total = sum(one for one, _ in found) if self.model.kind == "single_label" else max(one for one, _ in found)
        return min(total, 1.0), max(found)[1]

    @property
    def _name(self) -> str:
        """A violation in words when no window shows one."""
        return f"not {self.good}" if self.good is not None else " or ".join(self.violations)

    def _gap(self, pieces: Sequence[str], asked: Sequence[int], read: Sequence[_Read]) -> Unscored | None:
        """Return why what was read does not speak for all of the text, None when it does."""
        lost = sum(math.isnan(one.worst) for one in read)
        if lost:
            return Unscored(reason="invalid", detail=f"the model gave no number for {lost} of {len(read)} windows")
        reached = {one.piece for one in read}
        if any(piece.strip() and number not in reached for number, piece in enumerate(pieces)):
            return Unscored(reason="invalid", detail="the model's tokenizer reads nothing of a text")
        if max(Counter(asked).values(), default=0) > SENTENCES_AT_MOST:
            return Unscored(reason="invalid", detail=f"a text has more than {SENTENCES_AT_MOST:,} sentences")
        return unread(pieces)

    def _spans(self, subject: Subject, over: Sequence[_Read]) -> list[Span]:
        several = in_pieces(self.side, subject)
        return [
            Span(side=self.side, start=one.start, end=one.end, message=one.piece if several else None, label=one.label)
            for one in over
        ]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
