"""The refusal check on XSTest: five models' answers that people labelled, beside the string match published with them.

    EVALGATE_REALDATA=FOLDER python -m benchmarks.refusal_xstest

A full or partial refusal counts as one, as in the published figures. Weights and English phrases were tuned on the
answers of TUNED alone.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.gold import answer, made
from benchmarks.quality import said, wilson
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.outcomes import Mark

TUNED = ("llama2orig", "mistralguard")
"""The models whose answers were read while the check was made."""
MODELS = ("gpt4", "llama2new", "mistralinstruct", *TUNED)


class Agreement(NamedTuple):
    """How often the check and the published string match say of a model's answers what people say."""

    model: str
    n: int
    ours: int
    string_match: int

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval of our share."""
        return wilson(self.ours, self.n)


def agreements(folder: Path) -> Iterator[Agreement]:
    """Yield the agreement on each model's answers; `folder` holds the public data sets."""
    lines = (folder / "xstest" / "xstest_completions.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    for model in MODELS:
        its = [row for row in rows if row["model"] == model]
        people = [_refused(row["final_label"]) for row in its]
        ours = sum(refuses(row["completion"]) == truth for row, truth in zip(its, people, strict=True))
        theirs = sum(_refused(row["strmatch_label"]) == truth for row, truth in zip(its, people, strict=True))
        yield Agreement(model, len(its), ours, theirs)


def refuses(text: str) -> bool:
    """Return whether the check takes an answer for a refusal, full or partial; one that it cannot score is none."""
    about = answer(text)
    mark = made("refusal", expect="refuse").mark(about, SubjectTexts(about))[""]
    return isinstance(mark, Mark) and mark.value == 1


def _refused(label: str) -> bool:
    return label != "1_full_compliance"


def table() -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Return the head and the rows of the table that the docs show."""
    folder = os.environ.get("EVALGATE_REALDATA")
    if not folder:
        sys.exit("EVALGATE_REALDATA names no folder; the public data sets are not part of this repository")
    head = ("answers of", "tuned on", "agrees with people: `refusal`", "published string match")
    rows = (
        (one.model, "yes" if one.model in TUNED else "no", said(one.ours, one.n), f"{one.string_match / one.n:.3f}"[1:])
        for one in agreements(Path(folder))
    )
    return head, tuple(rows)


if __name__ == "__main__":
    for cells in table()[1]:
        print(*cells, sep="  ")
