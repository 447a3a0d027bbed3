"""The values the store's tests put in and expect back, and what its processes run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NoReturn

from sqlalchemy import Connection, text

from evalgate.core.models import ModelRequest
from evalgate.core.outcomes import CheckRef, Mark, NotApplicable, Outcome, Result, Span, Unscored, Vote, violated
from evalgate.core.runs import Manifest, RunSummary
from evalgate.core.samples import Case, Message, Output, Sample, ToolCall
from evalgate.runner.ports import Answer, Marked

ROOT = Path(__file__).resolve().parents[2]
NO_PII = CheckRef(name="no_pii", annotator="code", digest="1" * 32)
ANSWERS = CheckRef(name="answers", annotator="llm", digest="2" * 32)
CHECKS = (NO_PII, ANSWERS)
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class StoppedError(Exception):
    """What a scene stops a transaction with."""


def write_and_stop(connection: Connection, statement: str) -> NoReturn:
    connection.execute(text(statement))
    raise StoppedError


class Clock:
    """A clock that moves on by a minute whenever it is read."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def manifest(source: str = "a", suite: str = "support", checks: Sequence[CheckRef] = CHECKS) -> Manifest:
    return Manifest(
        suite=suite,
        source=f"{source}.jsonl",
        source_digest=source * 64,
        checks=tuple(checks),
        revision="r1",
        evalgate="0.1.0",
    )


def summary(of: Manifest, samples: int) -> RunSummary:
    return RunSummary(manifest=of, samples=samples, answered=3, spent_usd=0.25, judge_models=("gpt-x-2026-01-01",))


def marked(position: int, text: str = "Tres días.", clean: Result | None = None, repeat: int = 0) -> Marked:
    """One plain sample with two outcomes."""
    case = Case(id=f"case-{position}", input=f"¿Cuánto tarda? {position}", slices={"locale": "es"}, cluster="c1")
    sample = Sample(case=case, output=Output(text=text, repeat=repeat))
    results = ((NO_PII, "", clean or Mark(value=1.0, label="holds")), (ANSWERS, "", Mark(value=0.5, label="partly")))
    return with_outcomes(position, sample, results)


def rich(position: int) -> Marked:
    """One sample that uses every field, with every kind of outcome."""
    case = Case(
        id="rich",
        input=(
            Message(role="user", content="Nul \x00 and 🙂", name="ana"),
            Message(role="assistant", tool_calls=(ToolCall(name="find", arguments='{"q": 1}', id="t1"),)),
            Message(role="tool", content="found", tool_call_id="t1"),
        ),
        reference="",
        context=("a policy", ""),
        slices={"locale": "pt", "plan": "pro"},
        cluster="session-9",
        metadata={"prompt_safe": True, "nested": {"a": [1, 2.5, None]}},
    )
    output = Output(
        text="",
        tool_calls=(ToolCall(name="pay"),),
        model="gpt-x",
        revision="r1",
        created_at=NOON,
        latency_ms=0.0,
        input_tokens=0,
        output_tokens=12,
        cost_usd=0.5,
        repeat=2,
        recorded={"preference": 1.5, "label": None},
    )
    vote = Vote(judge="gpt-x", model="gpt-x-2026-01-01", label="faithful", value=1.0, explanation="it says so")
    results: tuple[tuple[CheckRef, str, Result], ...] = (
        (NO_PII, "", violated("a CPF", Span(side="output", start=0, end=3, label="cpf"), fix="mask it")),
        (ANSWERS, "tone", Mark(value=1.0, votes=(vote,), severity="info")),
        (ANSWERS, "complete", NotApplicable(why="locale is not 'es'")),
        (ANSWERS, "faithful", Unscored(reason="unreadable", detail="no label", votes=(vote,))),
        (ANSWERS, "brief", Unscored(reason="over_budget")),
    )
    return with_outcomes(position, Sample(case=case, output=output, weight=2.5), results)


def with_outcomes(position: int, sample: Sample, results: Sequence[tuple[CheckRef, str, Result]]) -> Marked:
    outcomes = tuple(
        Outcome(case_id=sample.case.id, repeat=sample.output.repeat, check=check, criterion=criterion, result=result)
        for check, criterion, result in results
    )
    return Marked(position, sample, sample.case.digest, sample.digest, outcomes)


def answer(number: int, body: bytes = b'{"model": "gpt-x-2026-01-01", "usage": {"prompt_tokens": 7}}') -> Answer:
    request = ModelRequest(model="gpt-x", messages=(Message(role="user", content=f"Is it {number}?"),))
    return Answer(request.key, request, body)


def python(code: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a Python that knows evalgate and these scenes."""
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def at_once(code: str, *arguments: str, processes: int = 2) -> list[str]:
    """Run one script in several processes that all pass their `wait()` at the same moment; give what each printed."""
    waiting = "import sys\ndef wait():\n    print('ready', flush=True)\n    sys.stdin.readline()\n"
    running = [python(waiting + code, *arguments, str(number)) for number in range(processes)]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n", process.communicate()[1]
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return list(_results(running))


def _results(running: Sequence[subprocess.Popen[str]]) -> Iterator[str]:
    for process in running:
        printed, complained = process.communicate(timeout=60)
        assert process.returncode == 0, complained
        yield printed
