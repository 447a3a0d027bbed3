"""Small scenes for tests of checks: a subject from a text, a check from its YAML, what a mark's spans show."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from evalgate.checks.catalogue import builtin_checks
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.checks import CodeCheck
from evalgate.core.outcomes import Mark
from evalgate.core.samples import Case, Message, Output, Sample, Subject, ToolCall

ENOUGH = 0.02
"""CPU seconds below which no second run is needed."""

ES = "El pedido llegará mañana a su dirección; la garantía cubre tres años. ¿Algo más, señor Núñez?"
PT = "O pedido chegará amanhã ao seu endereço; a garantia cobre três anos. Mais alguma coisa, senhor João?"
EN = "The order will arrive tomorrow at your address; the warranty covers three years. Anything else, Mr Brontë?"


def check(kind: str, **parameters: Any) -> CodeCheck:
    """Return a check as a suite would write it."""
    made = builtin_checks()[kind].model_validate(parameters)
    assert isinstance(made, CodeCheck)
    return made


def subject(text: str = "", *, asked: Any = "¿?", calls: tuple[str, ...] = (), **more: Any) -> Subject:
    """Return a subject whose answer is the text; `recorded` goes to the output, anything else to the case."""
    output = Output(
        text=text,
        tool_calls=tuple(ToolCall(name="look_up", arguments=call) for call in calls),
        recorded=more.pop("recorded", {}),
    )
    return Subject(sample=Sample(case=Case(id="c1", input=asked, **more), output=output))


def said(role: Any, content: str) -> Message:
    """Return one turn of a conversation."""
    return Message(role=role, content=content)


def result(made: CodeCheck, about: Subject | str) -> Any:
    """Return the one result of a check, on texts nobody has looked at yet."""
    about = subject(about) if isinstance(about, str) else about
    return made.mark(about, SubjectTexts(about))[""]


def shown(mark: Mark, about: Subject | str) -> list[str]:
    """Return the stretches that a mark's spans cover in the original texts."""
    about = subject(about) if isinstance(about, str) else about
    texts = SubjectTexts(about)
    return [texts.pieces(span.side)[span.message or 0][span.start : span.end] for span in mark.spans]


def quickest(work: Callable[[], object]) -> float:
    """Return the CPU seconds of the quickest of up to seven runs: neighbours on the machine only ever add."""
    best = math.inf
    for _ in range(7):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
        if best < ENOUGH:
            break
    return best
