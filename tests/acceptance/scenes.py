"""A suite, two files of outputs and the command, in an empty folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Row = dict[str, Any]

SUITE = """\
version: 1
name: support
owner: owner@acme.example
data:
  candidate: candidate.jsonl
  baseline: baseline.jsonl
  slices: {locale: lang}
checks:
  polite: {check: required_text, any: [gracias, obrigado, thank you]}
  short: {check: length, max_characters: 200}
gates:
  polite: {no_worse_than: 0.06, at_least: 0.85, by: locale}
  short: {never: new}
"""

JUDGED_SUITE = """\
version: 1
name: judged
owner: owner@acme.example
judge: judge-1
uncalibrated: allow
prices: {judge-1: {input: 1.0, output: 1.0}}
data:
  candidate: candidate.jsonl
  baseline: baseline.jsonl
checks:
  answers: {rubric: answers_the_question}
gates:
  answers: {at_least: 0.5}
"""

THANKS = {"es": "Claro, gracias por escribir.", "pt": "Claro, obrigado por escrever.", "en": "Sure, thank you."}


def rows(count: int = 120, *, rude: Iterable[int] = (), **extra: Any) -> list[Row]:
    """Return answers in three languages; the rude ones forget to thank."""
    impolite = set(rude)
    languages = list(THANKS)
    return [
        {
            "id": f"c-{i:03d}",
            "input": f"¿Pregunta {i}? ação nº {i}",
            "output": f"Respuesta {i}. " + ("" if i in impolite else THANKS[languages[i % 3]]),
            "lang": languages[i % 3],
            **extra,
        }
        for i in range(count)
    ]


def write(path: Path, given: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in given), encoding="utf-8")


def lay(
    folder: Path, suite: str = SUITE, *, candidate: Iterable[Row] | None = None, baseline: Iterable[Row] | None = None
) -> Path:
    """Write a suite and its data into a folder and return the suite's path."""
    path = folder / "suite.yaml"
    path.write_text(suite, encoding="utf-8")
    write(folder / "candidate.jsonl", rows() if candidate is None else candidate)
    write(folder / "baseline.jsonl", rows() if baseline is None else baseline)
    return path


def evalgate(
    folder: Path,
    *arguments: str,
    env: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
    given: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder as a person would, `given` on its standard input; its output is text."""
    return subprocess.run(
        [sys.executable, "-m", "evalgate", *arguments],
        cwd=folder,
        env={**os.environ, "NO_COLOR": "1", "EVALGATE_LANG": "en", **(env or {})},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        input=given,
        preexec_fn=before,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """Return the one line an error is; more than one, or a traceback, is a failure."""
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert "bug in evalgate" not in done.stderr
    return lines[0]
