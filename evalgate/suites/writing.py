"""The suite that `init` writes: YAML with the reasons beside it, which the loader accepts as it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Field

from evalgate.core.errors import SuiteInvalid
from evalgate.core.values import Finite, Value
from evalgate.documents import resolved

_PLAIN = re.compile(r"[^\W\d](?:[\w./@+ -]*[\w./@+-])?")

_BOOLEANS_ELSEWHERE = {"y", "n", "yes", "no", "on", "off"}
"""Text here, true or false to readers of YAML 1.1: quoted so that all agree."""


class RecordedScore(Value):
    """A column of scores measured elsewhere, and the range it is read in."""

    column: str
    low: Finite
    high: Finite


class Answers(Value):
    """All that a first suite needs to know. Paths are as the suite should say them: relative to it."""

    name: str
    owner: str
    candidate: str
    baseline: str | None = None
    """A path; without one the baseline is the run accepted as `main`."""
    columns: dict[str, str] = {}
    slices: dict[str, str] = {}
    judge: str | None = None
    countries: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    """Slices the gates also look at."""
    score: RecordedScore | None = None
    margin: Annotated[Finite, Field(gt=0, le=1)]


def write_suite(answers: Answers) -> str:
    """Return the suite as YAML: personal data, the judge's question if there is a judge, the recorded score if any."""
    checks, gates = _checks_and_gates(answers)
    columns = {field: column for field, column in answers.columns.items() if field != column}
    baseline = "{baseline: main}" if answers.baseline is None else quoted(answers.baseline)
    told = "  # `evalgate baseline accept --first` makes the first one" if answers.baseline is None else ""
    lines = [
        "# Written by `evalgate init`: a start, all of it yours to change.",
        "# `evalgate plan` on this file shows what it costs, what it can see, and every default it relies on.",
        "version: 1",
        f"name: {quoted(answers.name)}",
        f"owner: {quoted(answers.owner)}  # the one person who answers for it",
        "",
        "data:",
        f"  candidate: {quoted(answers.candidate)}",
        f"  baseline: {baseline}{told}",
    ]
    if columns:
        lines.append(f"  columns: {flow(columns)}  # field: column of your file")
    if answers.slices:
        lines.append(f"  slices: {flow(answers.slices)}")
    lines += ["", *_judge(answers.judge), "", "checks:", *checks, "", "gates:", *gates, ""]
    lines.append("policy: {on_inconclusive: block, spend_cap_usd: 5}")
    return "\n".join(lines) + "\n"


def _judge(judge: str | None) -> list[str]:
    if judge is None:
        return [
            "# No judge yet. With one, add `answers: {rubric: answers_the_question}` to the checks and a gate for it:",
            "# judge: MODEL            # host and key come from the environment, never from this file",
            "# uncalibrated: allow     # count it before people have measured it",
        ]
    return [
        f"judge: {quoted(judge)}  # host and key come from the environment, never from this file",
        "uncalibrated: allow  # count this judge before people have measured it; the verdict says so",
    ]


def _checks_and_gates(answers: Answers) -> tuple[list[str], list[str]]:
    countries = f", countries: [{', '.join(map(quoted, answers.countries))}]" if answers.countries else ""
    by = f", by: {quoted(answers.by[0]) if len(answers.by) == 1 else _listed(answers.by)}" if answers.by else ""
    demand = f"{{no_worse_than: {answers.margin:g}{by}}}"
    checks = [f"  no_pii: {{check: pii{countries}, ignore_echo: true}}  # personal data the user did not write"]
    gates = ["  no_pii: {never: new}  # none that the baseline lacks; `any` is stricter: none at all"]
    if answers.score is not None:
        low, high = answers.score.low, answers.score.high
        checks.append(
            f"  score: {{check: recorded, column: {quoted(answers.score.column)}, range: [{low:g}, {high:g}]}}"
        )
        gates.append(f"  score: {demand}")
    if answers.judge is not None:
        checks.append("  answers: {rubric: answers_the_question}")
        gates.append(f"  answers: {demand}")
    if len(gates) > 1:
        gates[-1] += "  # the loss against the baseline that you accept"
    return checks, gates


def _listed(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, texts))}]"


def flow(mapping: Mapping[str, str]) -> str:
    """Return a mapping of texts on one line.

    >>> flow({"input": "pregunta", "output": "no"})
    '{input: pregunta, output: "no"}'
    """
    return "{" + ", ".join(f"{quoted(key)}: {quoted(value)}" for key, value in mapping.items()) + "}"


def quoted(text: str) -> str:
    r"""Return a text as a YAML scalar that reads back as the same text, without quotes where none are needed.

    >>> print(quoted("evals/c.jsonl"), quoted("no"), quoted("null"), quoted("1e3"), quoted('a "b": c'))
    evals/c.jsonl "no" "null" "1e3" "a \"b\": c"
    """
    if _PLAIN.fullmatch(text) and text.isprintable() and _stays_text(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in escaped) + '"'


def _stays_text(text: str) -> bool:
    if text.casefold() in _BOOLEANS_ELSEWHERE:
        return False
    try:
        return resolved(text, "", 1) == text
    except SuiteInvalid:
        return False
