"""Small scenes for tests of checks: a subject from a text, a check from its YAML, what a mark's spans show."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

from evalgate.checks.catalogue import builtin_checks
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.checks import BatchCheck, Check, CodeCheck
from evalgate.core.models import Window
from evalgate.core.outcomes import Mark, Marks
from evalgate.core.samples import Case, Message, Output, Sample, Subject, ToolCall

YARDSTICK_S = 0.0058
"""What `_yardstick` takes on a core of the machine of `docs/benchmarks.md`."""
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


def marks_of(made: Check, about: Subject) -> Marks:
    """Return the marks of a check of any shape; where it asks a local model, AnyModel answers."""
    if isinstance(made, BatchCheck):
        return made.mark_many([about], AnyModel())[0]
    assert isinstance(made, CodeCheck)
    return made.mark(about, SubjectTexts(about))


class AnyModel:
    """A LocalModel that has every label, reads 1,000 code points at once, and says the same of the same words."""

    def read(
        self, texts: Sequence[str | tuple[str, str]], window: int | None = None, overlap: int = 0
    ) -> list[list[Window]]:
        """Return windows that cover each text, blank ones excepted."""
        firsts = [(one, "") if isinstance(one, str) else one for one in texts]
        return [
            [
                Window(start, min(start + 1_000, len(first)), _AnyScores(f"{first[start : start + 1_000]}\n{second}"))
                for start in range(0, len(first), 1_000)
            ]
            if first.strip()
            else []
            for first, second in firsts
        ]


class _AnyScores(dict[str, float]):
    """A probability for any label, by what was read."""

    def __init__(self, read: str) -> None:
        super().__init__()
        self._read = read.encode(errors="replace")

    def __missing__(self, label: str) -> float:
        return crc32(label.encode(), crc32(self._read)) % 101 / 100


def shown(mark: Mark, about: Subject | str) -> list[str]:
    """Return the stretches that a mark's spans cover in the original texts."""
    about = subject(about) if isinstance(about, str) else about
    texts = SubjectTexts(about)
    return [texts.pieces(span.side)[span.message or 0][span.start : span.end] for span in mark.spans]


def quickest(work: Callable[[], object]) -> float:
    """Return the CPU seconds of the quickest of up to seven runs, as the machine of the figures would need them.

    Neighbours on a machine only ever add: they take its caches and half of its cores. So a fixed piece of work is
    timed beside each run, and where it takes longer than it did there the run counts for so much less.
    """
    best = math.inf
    for _ in range(7):
        slower = min(4.0, max(1.0, _spent(_yardstick) / YARDSTICK_S))
        best = min(best, _spent(work) / slower)
        if best < ENOUGH:
            break
    return best


def _spent(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def _yardstick() -> None:
    counts: dict[int, int] = {}
    for number in range(100_000):
        counts[number % 97] = counts.get(number % 97, 0) + number
