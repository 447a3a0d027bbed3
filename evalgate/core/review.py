"""What people are asked in a queue, what they answer, and when an item is done: pure values and rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import combinations
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from evalgate.core.errors import WrongAsWritten, did_you_mean
from evalgate.core.values import Unit, Value, digest

Language = Literal["en", "es", "pt"]
Texts = dict[Language, str]
"""One text in each language; English stands in for one that is not there."""
UNKNOWN = "unknown"
"""What anybody may answer who cannot tell; it is no label and measures no judge."""
SkipReason = Literal["language", "affects_me", "dont_know", "declined"]

Short = Annotated[str, Field(min_length=1, max_length=200)]


class LabelChoice(Value):
    """One answer that can be given."""

    value: Unit
    """1.0 is good."""
    title: Texts = {}
    help: Texts = {}


class Criterion(Value):
    """One question about a sample."""

    check: Short
    """The check that it is a label of."""
    criterion: str = ""
    title: Texts = {}
    help: Texts = {}
    labels: Annotated[dict[Short, LabelChoice], Field(min_length=2, max_length=9)]

    @field_validator("labels")
    @classmethod
    def _unknown_is_taken(cls, labels: dict[str, LabelChoice]) -> dict[str, LabelChoice]:
        if UNKNOWN in labels:
            raise ValueError("`unknown` can always be answered; leave it out of the labels")
        return labels


class ReviewRubric(Value):
    """What a queue asks of every item; frozen once it holds one, and the same question in every language."""

    name: Short
    version: Short = "1"
    instructions: Texts = {}
    criteria: Annotated[dict[Short, Criterion], Field(min_length=1, max_length=12)]

    @cached_property
    def digest(self) -> str:
        """Of everything that is asked, in all languages."""
        return digest(self.model_dump(mode="json"))


class QueueSettings(Value):
    """How a queue works."""

    reviews_required: Annotated[int, Field(ge=1, le=9)] = 2
    """People asked about each item."""
    max_extra: Annotated[int, Field(ge=0, le=5)] = 1
    """How many more are asked where these disagree, before somebody adjudicates."""
    agreement_threshold: Unit = 0.7
    """Share of agreeing pairs below which they disagree, on the criterion they agree on least."""
    lease_s: Annotated[int, Field(ge=30, le=86_400)] = 900
    """How long an item is kept for a reviewer who has it open; the page renews it."""
    order: Literal["fifo", "value"] = "fifo"
    blind_judge: bool = True
    blind_peers: bool = True
    gold_rate: Unit = 0.05
    """Share of items whose answer is known, mixed in unmarked."""
    practice: Annotated[int, Field(ge=0, le=10)] = 3
    """Explained items that a reviewer answers first."""
    harm_warning: bool = True
    """Say before an item with a harm category what it is about, and blur it; of others nothing is said."""


class Marked(Value):
    """A stretch that a reviewer marked as what decided."""

    criterion: str
    side: Literal["input", "output", "context"] = "output"
    index: Annotated[int, Field(ge=0)] = 0
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    """Code points, half open."""

    @model_validator(mode="after")
    def _has_a_length(self) -> Self:
        if self.end <= self.start:
            raise ValueError("a stretch ends after it starts")
        return self


class Given(Value):
    """What one person answers about one item."""

    answers: dict[str, str]
    """Criterion to label, or `unknown`."""
    spans: tuple[Marked, ...] = ()
    comment: Annotated[str, Field(max_length=4_000)] = ""
    flagged: bool = False
    contested: bool = False
    """The answer that a gold item expects is wrong, says the reviewer."""
    seconds: Annotated[float, Field(ge=0, le=86_400)] | None = None


def check_answers(rubric: ReviewRubric, given: Given) -> None:
    """Raise WrongAsWritten unless every criterion has one of its labels."""
    for name in given.answers.keys() - rubric.criteria.keys():
        raise WrongAsWritten(f"the queue asks nothing called {name!r}.{did_you_mean(name, rubric.criteria)}")
    for name, criterion in rubric.criteria.items():
        label = given.answers.get(name)
        if label is None:
            raise WrongAsWritten(f"{name!r} is not answered; choose a label, or `{UNKNOWN}`")
        if label != UNKNOWN and label not in criterion.labels:
            known = ", ".join(criterion.labels)
            raise WrongAsWritten(f"{label!r} is no answer to {name!r}; known are {known}, {UNKNOWN}")
    for span in given.spans:
        if span.criterion not in rubric.criteria:
            raise WrongAsWritten(f"a stretch is marked for {span.criterion!r}, which the queue does not ask")


def agreeing(answers: Sequence[Mapping[str, str]], criterion: str) -> float | None:
    """Return the share of pairs that give the same label; None with fewer than two labels, `unknown` is none.

    >>> agreeing([{"tone": "good"}, {"tone": "bad"}, {"tone": "good"}], "tone")
    0.3333333333333333
    """
    labels = [one[criterion] for one in answers if one.get(criterion, UNKNOWN) != UNKNOWN]
    pairs = list(combinations(labels, 2))
    return sum(first == second for first, second in pairs) / len(pairs) if pairs else None


def least_agreeing(rubric: ReviewRubric, answers: Sequence[Mapping[str, str]]) -> float | None:
    """Return the share of agreeing pairs on the criterion with the least; None where nobody can be compared."""
    shares = [share for name in rubric.criteria if (share := agreeing(answers, name)) is not None]
    return min(shares, default=None)


Next = Literal["close", "ask_another", "adjudicate"]


def what_follows(
    rubric: ReviewRubric, settings: QueueSettings, answers: Sequence[Mapping[str, str]], slots: int
) -> Next:
    """Return what follows once all wanted people have answered an item that `slots` people were asked about.

    Those who disagree are joined by others; what most of all say then counts, and a tie is adjudicated. So is what one
    person says where all others cannot tell: `unknown` agrees with nobody. Where nobody can tell, there is no label.
    """
    share = least_agreeing(rubric, answers)
    alone = any(_stands_alone(answers, name) for name in rubric.criteria)
    if not alone and (share is None or share >= settings.agreement_threshold):
        return "close"
    if slots < settings.reviews_required + settings.max_extra:
        return "ask_another"
    tied = any(agreed_label(answers, name) is None and agreeing(answers, name) is not None for name in rubric.criteria)
    return "adjudicate" if alone or tied or slots == settings.reviews_required else "close"


def _stands_alone(answers: Sequence[Mapping[str, str]], criterion: str) -> bool:
    """Say whether several people were asked and only one of them could tell."""
    return len(answers) > 1 and sum(one.get(criterion, UNKNOWN) != UNKNOWN for one in answers) == 1


def agreed_label(answers: Sequence[Mapping[str, str]], criterion: str) -> tuple[str, int] | None:
    """Return the label that most people give, with how many; None for a tie and where nobody gives one.

    >>> agreed_label([{"tone": "good"}, {"tone": "bad"}, {"tone": "good"}], "tone")
    ('good', 2)
    """
    counts: dict[str, int] = {}
    for one in answers:
        label = one.get(criterion, UNKNOWN)
        if label != UNKNOWN:
            counts[label] = counts.get(label, 0) + 1
    ranked = sorted(counts.items(), key=lambda pair: -pair[1])
    if not ranked or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0]
