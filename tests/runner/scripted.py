"""A judge by script, a journal and a sink in memory: real implementations of the runner's ports, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import orjson

from evalgate.core.checks import CodeCheck, JudgedCheck, Texts
from evalgate.core.models import ModelRequest, Price, Reply
from evalgate.core.outcomes import Mark, Marks, Outcome, Vote, held, violated
from evalgate.core.samples import Case, Message, Output, Sample, Subject
from evalgate.providers.replies import read_reply
from evalgate.runner.execute import Judging
from evalgate.runner.ports import Answer, Marked
from evalgate.runner.spending import Spending


class ShortEnough(CodeCheck):
    """The answer has at most `most` characters."""

    kind = "short_enough"
    most: int = 20

    def mark(self, subject: Subject, texts: Texts) -> Marks:
        text = texts.pieces("output")[0]
        return {"": held() if len(text) <= self.most else violated(f"{len(text)} characters: {text}")}


class Explodes(CodeCheck):
    """Raises on every sample that says so."""

    kind = "explodes"

    def mark(self, subject: Subject, texts: Texts) -> Marks:
        if "boom" in texts.pieces("output")[0]:
            raise ZeroDivisionError
        return {"": held()}


class Asks(JudgedCheck):
    """Asks a judge for a number and takes it for the score."""

    kind = "asks"
    judge: str = "scripted"

    def requests(self, subject: Subject, nonce: str) -> tuple[ModelRequest, ...]:
        text = f"<{nonce}>{subject.sample.output.text}</{nonce}>"
        return (ModelRequest(model=self.judge, messages=(Message(role="user", content=text),)),)

    def read(self, subject: Subject, replies: Sequence[Reply]) -> Marks:
        value = float(replies[0].text)
        vote = Vote(judge=self.judge, model=replies[0].model, value=value)
        return {"": Mark(value=value, votes=(vote,))}


def body(text: str, model: str = "scripted-1", tokens: int = 10) -> bytes:
    message = {"role": "assistant", "content": text}
    usage = {"prompt_tokens": tokens, "completion_tokens": tokens}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    return orjson.dumps({"object": "chat.completion", "model": model, "choices": choices, "usage": usage})


class ScriptedJudge:
    """Answers by a function of the question, after as many loop turns as it is told; remembers what it was asked."""

    def __init__(self, answer: Callable[[str], str | Exception] = lambda _: "1", turns: int = 1) -> None:
        self.answer, self.turns = answer, turns
        self.asked: list[str] = []
        self.in_flight = self.most_in_flight = 0

    async def __call__(self, request: ModelRequest) -> bytes:
        text = request.messages[-1].content
        self.asked.append(request.key)
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            for _ in range(self.turns):
                await asyncio.sleep(0)
        finally:
            self.in_flight -= 1
        said = self.answer(text)
        if isinstance(said, Exception):
            raise said
        return body(said)


class MemoryJournal:
    """A Journal in a dictionary."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}

    def recall(self, keys: Sequence[str]) -> dict[str, bytes]:
        return {key: self.bodies[key] for key in keys if key in self.bodies}

    def keep(self, answers: Sequence[Answer]) -> None:
        for answer in answers:
            self.bodies.setdefault(answer.key, answer.body)


class MemorySink:
    """A Sink in a list."""

    def __init__(self) -> None:
        self.marked: list[Marked] = []

    def keep(self, batch: Sequence[Marked]) -> None:
        self.marked += batch

    def outcomes(self, check: str) -> dict[str, Outcome]:
        return {o.case_id: o for marked in self.marked for o in marked.outcomes if o.check.name == check}


def judging(judge: ScriptedJudge, journal: MemoryJournal, cap_usd: float = 100.0, in_flight: int = 8) -> Judging:
    prices = {"scripted": Price(input=1.0, output=1.0)}
    return Judging(judge, read_reply, journal, Spending(prices, cap_usd), in_flight)


def sample(index: int, text: str | None = None) -> Sample:
    said = f"answer {index}" if text is None else text
    return Sample(case=Case(id=f"c-{index:03d}", input="?"), output=Output(text=said))
