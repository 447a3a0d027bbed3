"""Labelling a run beside the terminal: which samples are asked about, and what their answers become.

Samples are asked about in the order of their cluster's u, so wherever a person stops, what they were asked about is a
random part of the split `test`: its size over that of the split is the probability of all its labels.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.errors import WrongAsWritten, did_you_mean
from evalgate.core.labels import Label
from evalgate.core.outcomes import Mark, NotApplicable
from evalgate.core.review import UNKNOWN, Criterion, LabelChoice, ReviewRubric
from evalgate.core.splitting import split_of
from evalgate.review.filling import uniform
from evalgate.store.asked import language

if TYPE_CHECKING:
    from evalgate.runner.ports import Marked
    from evalgate.store.engine import Store

_Key = tuple[str, str]
SOURCE = "terminal"
MOST_LABELS = 9


class Question(NamedTuple):
    """One criterion of one sample."""

    marked: Marked
    name: str
    criterion: Criterion
    place: int
    """Of the sample among those to ask about, from 1."""
    of: int

    @property
    def key(self) -> _Key:
        """What tells it from all others."""
        return self.criterion.criterion, self.marked.sample_digest


class Asked(NamedTuple):
    """How a session went."""

    answered: int
    unknown: int
    left: int
    """Questions that nobody has answered yet."""


class Turn(Enum):
    """What somebody may do instead of answering."""

    BACK = "back"
    """To the question before, whatever was said there."""


Answers = Callable[[Question], str | Turn | None]
"""Return the label chosen, `unknown`, Turn.BACK, or None to stop."""


class Labelling:
    """A person at a terminal, and one run."""

    def __init__(self, store: Store, run: str, check: str, count: int, rubric: ReviewRubric | None = None) -> None:
        """Choose what is asked about; raise WrongAsWritten when there is no such check, or nothing to ask about."""
        self._store = store
        found = store.runs.get(run)
        names = [one.name for one in found.manifest.checks]
        if check not in names:
            raise WrongAsWritten(f"run {found.id} has no check {check!r}.{did_you_mean(check, names)}")
        self._check = check
        self._seen: dict[str, dict[str, float]] = {}
        self._applies = 0
        chosen = heapq.nsmallest(count, self._askable(store.runs.stream(found.id)))
        self.chosen = store.runs.at(found.id, [position for _, _, position in chosen])
        if not self.chosen:
            raise WrongAsWritten(f"run {found.id} has no sample in the split `test` that check {check!r} looks at")
        self.rubric = rubric or self._rubric()
        if wrong := [one.check for one in self.rubric.criteria.values() if one.check != check]:
            raise WrongAsWritten(f"the rubric asks about check {wrong[0]!r}, and --check is {check!r}")

    def ask(self, answer: Answers) -> Asked:
        """Ask what is not labelled yet; every answer is kept at once, so the next session goes on behind it."""
        questions = [
            question for place, marked in enumerate(self.chosen, 1) for question in self._questions(marked, place)
        ]
        known, given = self._known(), dict[_Key, str]()
        at, again = 0, -1
        while at < len(questions):
            question = questions[at]
            if (question.key in known or question.key in given) and at != again:
                at += 1
                continue
            said = answer(question)
            if said is None:
                break
            if isinstance(said, Turn):
                at = again = max(at - 1, 0)
                continue
            self._keep(question, said)
            given[question.key] = said
            at += 1
        asked = known | given.keys()
        self._weigh(max((one.place for one in questions if one.key in asked), default=0))
        unknown = sum(said == UNKNOWN for said in given.values())
        return Asked(len(given) - unknown, unknown, len(questions) - len(asked))

    def _keep(self, question: Question, said: str) -> None:
        """Keep a label; `unknown` is none, and takes back one that was given before."""
        if said == UNKNOWN:
            self._store.labels.forget(self._label(question, next(iter(question.criterion.labels))))
        else:
            self._store.labels.keep([self._label(question, said)])

    def _askable(self, stream: Iterable[Marked]) -> Iterator[tuple[float, float, int]]:
        """Give the order and position of each sample that the check looks at, once a content."""
        digests = set()
        for marked in stream:
            mine = [one for one in marked.outcomes if one.check.name == self._check]
            looked_at = [one for one in mine if not isinstance(one.result, NotApplicable)]
            for one in looked_at:
                labels = self._seen.setdefault(one.criterion, {})
                if isinstance(one.result, Mark) and one.result.label and len(labels) < MOST_LABELS:
                    labels.setdefault(one.result.label, one.result.value)
            if looked_at and split_of(marked.sample_digest) == "test" and marked.sample_digest not in digests:
                digests.add(marked.sample_digest)
                self._applies += 1
                case = marked.sample.case
                yield uniform(case.cluster or case.id), uniform(marked.sample_digest), marked.position

    def _rubric(self) -> ReviewRubric:
        """Return what is asked without a rubric: the labels that the check gave, else whether it is good or bad."""
        criteria = {}
        for criterion, labels in sorted(self._seen.items()):
            told = {name: value for name, value in labels.items() if name != UNKNOWN}
            if len(set(told.values())) < 2:
                told = {"good": 1.0, "bad": 0.0}
            ranked = sorted(told.items(), key=lambda pair: (-pair[1], pair[0]))
            choices = {name: LabelChoice(value=value) for name, value in ranked}
            criteria[criterion or self._check] = Criterion(check=self._check, criterion=criterion, labels=choices)
        return ReviewRubric(name=self._check, criteria=criteria)

    def _questions(self, marked: Marked, place: int) -> Iterator[Question]:
        for name, criterion in self.rubric.criteria.items():
            yield Question(marked, name, criterion, place, len(self.chosen))

    def _mine(self) -> list[Label]:
        digests = {marked.sample_digest for marked in self.chosen}
        found = self._store.labels.of_samples(digests)
        return [one for one in found if one.source == SOURCE and one.check == self._check]

    def _known(self) -> set[_Key]:
        asked = {criterion.criterion for criterion in self.rubric.criteria.values()}
        return {(one.criterion, one.sample_digest) for one in self._mine() if one.criterion in asked}

    def _weigh(self, reached: int) -> None:
        """Let all labels of the samples asked about so far say how likely these were to be asked about."""
        if not reached:
            return
        probability = min(reached / self._applies, 1.0)
        self._store.labels.keep([one.model_copy(update={"probability": probability}) for one in self._mine()])

    def _label(self, question: Question, label: str) -> Label:
        marked, criterion = question.marked, question.criterion
        return Label(
            check=criterion.check,
            criterion=criterion.criterion,
            sample_digest=marked.sample_digest,
            case_id=marked.sample.case.id,
            cluster=marked.sample.case.cluster,
            language=language(marked),
            value=criterion.labels[label].value,
            label=label,
            split=split_of(marked.sample_digest),
            rubric_digest=self.rubric.digest,
            source=SOURCE,
            at=self._store.database.clock(),
        )


def chosen_label(criterion: Criterion, written: str) -> str | None:
    """Return the label that a number, a name or a title stands for; `u` and 0 are unknown; None for what is no answer.

    >>> tone = Criterion(check="tone", labels={"kind": LabelChoice(value=1), "too_rude": LabelChoice(value=0)})
    >>> [chosen_label(tone, text) for text in ("1", "Too rude", "0", "3")]
    ['kind', 'too_rude', 'unknown', None]
    """
    text = written.strip()
    if text in {"0", "u", UNKNOWN}:
        return UNKNOWN
    if text in criterion.labels:
        return text
    names = list(criterion.labels)
    if text.isascii() and text.isdigit():
        return names[int(text) - 1] if 0 < int(text) <= len(names) else None
    meant = [
        name for name, label in criterion.labels.items() if _plain(text) in map(_plain, (name, *label.title.values()))
    ]
    return meant[0] if len(meant) == 1 else None


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").split()).casefold()


def from_answers(answers: Mapping[tuple[str, str], str]) -> Answers:
    """Return the answers of a file, by case id and criterion; a case it does not answer is unknown."""

    def answer(question: Question) -> str | None:
        return answers.get((question.marked.sample.case.id, question.name), UNKNOWN)

    return answer
