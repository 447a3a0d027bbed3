"""RubricCheck: a rubric put to one judge, and its replies made a mark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from math import fsum
from typing import Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, Field, JsonValue, ValidationInfo, model_validator

from evalgate.core.checks import JudgedCheck, Loading
from evalgate.core.errors import SuiteInvalid
from evalgate.core.models import ModelRequest, Reply
from evalgate.core.outcomes import Mark, Marks, NotApplicable, Unscored, Vote
from evalgate.core.samples import Case, Subject
from evalgate.core.values import Finite, digest
from evalgate.judges.prompts import Prompt, told
from evalgate.judges.rubrics import Criterion, Rubric
from evalgate.judges.verdicts import Pick, read_reply, reply_schema
from evalgate.judges.wording import Language, spoken, wrong


def _loaded(value: Any, info: ValidationInfo) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return Rubric.load(value, Loading.of(info))
    except SuiteInvalid as error:
        raise wrong(str(error)) from None


class RubricCheck(JudgedCheck):
    """A rubric answered by one judge; the label it picks stands for the number the rubric's file gives it."""

    kind: ClassVar[str] = "rubric"
    summary: ClassVar[str] = "The judge picked the rubric's best label."

    rubric: Annotated[Rubric, BeforeValidator(_loaded, json_schema_input_type=str | Rubric)]
    """A shipped rubric's name, a path that ends in .yaml, or the rubric itself."""
    judge: Annotated[str, Field(min_length=1, max_length=200)]
    """The model that judges; the suite's `judge` unless given."""
    language: Language = "en"
    """The language the judge is asked and explains in; samples may be in any."""
    temperature: Annotated[Finite, Field(ge=0, le=2)] | None = 0.0
    """Null leaves it out of the request, for models that refuse it."""
    max_tokens: Annotated[int, Field(ge=16, le=100_000)] | None = 700
    """Null leaves it out of the request."""
    repeats: Annotated[int, Field(ge=1, le=9)] = 1
    """How often each sample is judged; the mark is the mean."""
    structured: bool = True
    """Whether the request carries the reply's JSON schema; false for a server that refuses one."""
    allow_self_grading: bool = False
    """Whether the judge may be the model that wrote the outputs."""

    @model_validator(mode="before")
    @classmethod
    def _judge_of_the_suite(cls, data: Any, info: ValidationInfo) -> Any:
        if not isinstance(data, dict) or data.get("judge"):
            return data
        judge = Loading.of(info).judge
        if not judge:
            raise wrong("no judge: write `judge: MODEL` at the top of the suite or in this check")
        return {**data, "judge": judge}

    @model_validator(mode="after")
    def _asked_in_the_language(self) -> Self:
        asked = [self.rubric.question, *(part.question for part in self.rubric.parts.values())]
        if not all(spoken(question, self.language) for question in asked):
            raise wrong(f"rubric {self.rubric.name!r} does not ask its question in {self.language!r}; set `language`")
        return self

    @property
    def criteria(self) -> tuple[str, ...]:
        """The names of the rubric's criteria; one empty name when it asks one thing."""
        return tuple(self.rubric.parts)

    @property
    def binary(self) -> bool:
        """Whether every mark is 0 or 1: all labels are, and no mean is taken over repeats."""
        return self.rubric.binary and self.repeats == 1

    @cached_property
    def digest(self) -> str:
        """Covers what the judge is told, what its labels are worth, which model is asked and how.

        A title, a translation the judge is not asked in, and the rubric's name move no mark and are left out.
        """
        worth = {name: {label: x.value for label, x in part.labels.items()} for name, part in self.rubric.parts.items()}
        turns = [[turn.role, turn.content] for turn in self.rubric.prompt]
        said = told(self.rubric, self.language)
        rubric = [self.rubric.version, self.rubric.needs, turns, said, worth]
        if self.rubric.guard is not None:
            rubric = [self.rubric.version, turns, worth, self.rubric.guard.model_dump(mode="json")]
        return digest([self.kind, self.version, self.where, rubric, self.judge, self._parameters, self.repeats])

    def not_for(self, case: Case) -> NotApplicable | None:
        """Return why a case is not judged: another column value than `where`, or no material the rubric needs."""
        for need in self.rubric.needs:
            if not getattr(case, need):
                return super().not_for(case) or NotApplicable(why=f"the case has no {need}")
        return super().not_for(case)

    def requests(self, subject: Subject, nonce: str) -> tuple[ModelRequest, ...]:
        """Return one request a repeat; they differ in nothing but the repeat's index."""
        guard = self.rubric.guard
        asks = guard if guard is not None and guard.send == "conversation" else self._prompt
        messages = asks.messages(subject.sample, nonce)
        # model_construct: the parameters, a schema among them, are the same for every sample; checking them anew would
        # take longer than all the rest of a request.
        return tuple(
            ModelRequest.model_construct(
                model=self.judge, messages=messages, parameters=self._parameters, repeat=repeat
            )
            for repeat in range(self.repeats)
        )

    def read(self, subject: Subject, replies: Sequence[Reply]) -> Marks:  # noqa: ARG002 - pairwise checks look at it
        """Return for each criterion the mean of what its votes are worth, or why it has no score."""
        guard = self.rubric.guard
        readings = [read_reply(r, self._offered) if guard is None else _verdict(guard.read(r)) for r in replies]
        return {name: self._result(name, part, replies, readings) for name, part in self.rubric.parts.items()}

    @cached_property
    def _prompt(self) -> Prompt:
        return Prompt(self.rubric, self.language)

    @cached_property
    def _offered(self) -> dict[str, tuple[str, ...]]:
        return {name: tuple(part.labels) for name, part in self.rubric.parts.items()}

    @cached_property
    def _parameters(self) -> dict[str, JsonValue]:
        """The parameters of every request, without those set to null."""
        asked: dict[str, JsonValue] = {"temperature": self.temperature, "max_tokens": self.max_tokens}
        if self.rubric.guard is not None:
            asked |= self.rubric.guard.request
        elif self.structured:
            asked["response_format"] = reply_schema(self._offered)
        return {name: value for name, value in asked.items() if value is not None}

    def _result(
        self, name: str, part: Criterion, replies: Sequence[Reply], readings: Sequence[dict[str, Pick] | Unscored]
    ) -> Mark | Unscored:
        """Return the result of one criterion: a mark when more than half of the repeats gave a number."""
        results = [_worth(reading, name, part) for reading in readings]
        votes = tuple(
            Vote(
                judge=self.judge,
                model=reply.model,
                repeat=repeat,
                label=None if isinstance(reading, Unscored) else reading[name].label,
                value=result.value if isinstance(result, Mark) else None,
                explanation=_said(result) if self.repeats > 1 else "",  # a single vote's is the result's own
            )
            for repeat, (reply, reading, result) in enumerate(zip(replies, readings, results, strict=True))
        )
        marks = [result for result in results if isinstance(result, Mark)]
        if 2 * len(marks) > self.repeats:
            return _mean(marks, votes)
        return _unscored([result for result in results if isinstance(result, Unscored)], votes)


def _verdict(picked: Pick | Unscored) -> dict[str, Pick] | Unscored:
    return picked if isinstance(picked, Unscored) else {"": picked}


def _worth(reading: dict[str, Pick] | Unscored, name: str, part: Criterion) -> Mark | Unscored:
    """Return what one reply is worth for one criterion."""
    if isinstance(reading, Unscored):
        return reading
    label, reasoning = reading[name]
    value = part.labels[label].value
    if isinstance(value, str):  # the word unknown, which stands for no number
        return Unscored(reason="unknown", detail=reasoning)
    return Mark(value=value, label=label, explanation=reasoning)


def _said(result: Mark | Unscored) -> str:
    return result.explanation if isinstance(result, Mark) else result.detail


def _mean(marks: Sequence[Mark], votes: tuple[Vote, ...]) -> Mark:
    """Return the mean of the marks, with the label and reason most of them share; no label when two are as common."""
    if len(votes) == 1:
        return marks[0].model_copy(update={"votes": votes})
    ranked = Counter(mark.label for mark in marks).most_common(2)
    tied = len(ranked) == 2 and ranked[0][1] == ranked[1][1]
    spokesman = next(mark for mark in marks if mark.label == ranked[0][0])
    value = fsum(mark.value for mark in marks) / len(marks)
    return Mark(value=value, label=None if tied else spokesman.label, explanation=spokesman.explanation, votes=votes)


def _unscored(results: Sequence[Unscored], votes: tuple[Vote, ...]) -> Unscored:
    """Return the commonest reason, the first when several are as common, with its first detail."""
    if not results:
        return Unscored(reason="unavailable", detail="too few of the repeats were answered", votes=votes)
    reason = Counter(result.reason for result in results).most_common(1)[0][0]
    return next(result for result in results if result.reason == reason).model_copy(update={"votes": votes})
