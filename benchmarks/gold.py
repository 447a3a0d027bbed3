"""How a check does on the project's gold texts, which were written without a look at its packs.

    python -m benchmarks.gold refusal prompt_injection

prints what is found and what is missed; never a text. Rows of `tests/gold/<name>.<language>.jsonl` have a text, a label
(true where the check must find something) and a split: packs may be made looking at `dev`, and are measured on `test`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from evalgate.checks.catalogue import CHECKS
from evalgate.checks.register import REGISTERS
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.checks import CodeCheck
from evalgate.core.outcomes import Mark
from evalgate.core.samples import Case, Output, Sample, Subject

FOLDER = Path(__file__).resolve().parents[1] / "tests" / "gold"
LANGUAGES = ("es", "pt", "en")

Row = Mapping[str, Any]
Asked = tuple[CodeCheck, Subject]


class Gold(NamedTuple):
    """Where the texts of a check are, and how a row becomes a check and what it looks at."""

    file: str
    ask: Callable[[Row], Asked]


class Counts(NamedTuple):
    """What was found of what there is; Unscored and not applicable count as nothing found."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    tn: int = 0


def _refusal(row: Row) -> Asked:
    return made("refusal", expect="answer"), answer(row["text"])


def _prompt_injection(row: Row) -> Asked:
    sides = {"input": subject(asked=row["text"]), "context": subject(context=(row["text"],))}
    return made("prompt_injection", side=row["side"]), sides[row["side"]]


def _profanity(row: Row) -> Asked:
    return made("profanity", countries=[row["country"]]), answer(row["text"])


def _language_of(row: Row) -> str:
    if row["expected"] == "tu":
        return str(row["language"])
    return next(language for language, known in REGISTERS.items() if row["expected"] in known)


def _register(row: Row) -> Asked:
    return made("register", expect={_language_of(row): row["expected"]}), answer(row["text"])


def profane(text: str) -> bool:
    """Return whether the profanity check marks a text, for readers everywhere."""
    check = made("profanity", countries=["ar", "br", "cl", "co", "es", "gb", "mx", "pt", "us"])
    about = answer(text)
    return any(isinstance(one, Mark) and one.value == 0 for one in check.mark(about, SubjectTexts(about)).values())


KINDS: dict[str, Gold] = {
    "refusal": Gold("refusal", _refusal),
    "prompt_injection": Gold("injection", _prompt_injection),
    "profanity": Gold("profanity", _profanity),
    "register": Gold("register", _register),
}
"""Kinds of checks that are measured."""


def measure(kind: str, language: str, split: str = "test") -> Counts:
    """Return the counts of a check on the gold texts of a language."""
    counts = dict.fromkeys(Counts._fields, 0)
    for row in rows(kind, language, split):
        counts[("t" if found(kind, row) == row["label"] else "f") + ("p" if found(kind, row) else "n")] += 1
    return Counts(**counts)


def rows(kind: str, language: str, split: str) -> list[dict[str, Any]]:
    """Return the rows of a split."""
    lines = (FOLDER / f"{KINDS[kind].file}.{language}.jsonl").read_text(encoding="utf-8").splitlines()
    return [row | {"language": language} for row in map(json.loads, lines) if row["split"] == split]


def found(kind: str, row: Row) -> bool:
    """Return whether the check finds a violation in a row."""
    check, about = KINDS[kind].ask(row)
    results = check.mark(about, SubjectTexts(about)).values()
    return any(isinstance(one, Mark) and one.value == 0 for one in results)


@lru_cache(maxsize=64)
def _made(kind: str, parameters: str) -> CodeCheck:
    module, _, name = CHECKS[kind].partition(":")
    check = getattr(import_module(module), name).model_validate_json(parameters)
    if not isinstance(check, CodeCheck):
        raise TypeError(f"{kind} is no code check")
    return check


def made(kind: str, **parameters: Any) -> CodeCheck:
    """Return a check, the same one for the same parameters."""
    return _made(kind, json.dumps(parameters))


def subject(text: str = "", *, asked: str = "?", context: tuple[str, ...] = ()) -> Subject:
    """Return a subject with an answer, a question and passages."""
    return Subject(sample=Sample(case=Case(id="gold", input=asked, context=context), output=Output(text=text)))


def answer(text: str) -> Subject:
    """Return a subject whose answer is the text."""
    return subject(text)


def main() -> None:
    """Print the counts of the kinds that are named, on the test split."""
    for kind in sys.argv[1:] or KINDS:
        for language in LANGUAGES:
            counts = measure(kind, language)
            positives, claimed = counts.tp + counts.fn, counts.tp + counts.fp
            recall, precision = counts.tp / max(positives, 1), counts.tp / max(claimed, 1)
            print(f"{kind:17} {language}  {counts}  recall {recall:.3f}  precision {precision:.3f}")


if __name__ == "__main__":
    main()
