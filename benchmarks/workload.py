"""A deterministic workload: logged answers of about 600 characters whose every mark is known beforehand.

The judge passes 85 % (`truth.verdict`); of the code checks `ticket` fails 7 %, `on_brand` 10 %, `brief` 5 %.
"""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.truth import verdict

SUITES = Path(__file__).with_name("suites")
TICKET = r"Ticket #[A-Z]{2}-\d{6}"
BANNED = (
    "guaranteed returns",
    "medical advice",
    "competitorx",
    "act now",
    "risk-free",
    "lawsuit",
    "free money",
    "no questions asked",
)
LONGEST = 420
WORDS = (  # noqa: SIM905 - prose
    "your order has shipped we are sorry for delay refund will be issued within five working days please check account "
    "settings page update payment method contact support team invoice attached number delivery window product warranty "
    "covers parts labour replacement device reset password email confirmation link expires"
).split()
LOCALES = ("es", "pt", "en", "de", "fr", "it", "nl", "pl")
REPEATS_AFTER = 10_000
"""From here on texts come again under new ids: a million rows are written in seconds."""

Row = dict[str, Any]
Truth = dict[str, float]
"""Check to the value of its mark."""


def cases(count: int, seed: int = 1) -> Iterator[tuple[Row, Truth]]:
    """Yield rows with what every check must find in them."""
    draw = random.Random(seed)
    made = [_case(i, draw) for i in range(min(count, REPEATS_AFTER))]
    yield from made
    for i in range(REPEATS_AFTER, count):
        row, truth = made[i % REPEATS_AFTER]
        case, old = _name(i), row["id"]
        yield (
            {**row, "id": case, "output": row["output"].replace(old, case)},
            {**truth, "helpful": float(verdict(case) == "pass")},
        )


def write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON Lines."""
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def lay(folder: Path, suite: str, count: int) -> None:
    """Put a suite of this bench and its cases into a folder."""
    lay_suite(folder, suite)
    write(folder / "cases.jsonl", (row for row, _ in cases(count)))


def lay_suite(folder: Path, suite: str) -> None:
    """Put a suite of this bench into a folder as `suite.yaml`, with its rubric."""
    shutil.copy(SUITES / f"{suite}.yaml", folder / "suite.yaml")
    shutil.copy(SUITES / "helpful.yaml", folder / "helpful.yaml")


def lay_recorded(folder: Path, count: int) -> None:
    """Put two arms with scores measured elsewhere into a folder: the candidate is as good as the baseline."""
    lay_suite(folder, "recorded")
    for arm, seed in (("candidate", 3), ("baseline", 4)):
        draw = random.Random(seed)
        write(folder / f"{arm}.jsonl", (_scored(row, arm, draw) for row, _ in cases(count)))


def _scored(row: Row, arm: str, draw: random.Random) -> Row:
    score = min(5.0, max(1.0, round(draw.gauss(3.9, 0.9), 2)))
    return {**row, "output": f"{row['output']} ({arm})", "score": score}


def _case(i: int, draw: random.Random) -> tuple[Row, Truth]:
    case = _name(i)
    asked, reference = f"Customer asks: {_text(draw, 140)} (q{i})", _text(draw, 180)
    ticket, on_brand, brief = draw.random() >= 0.07, draw.random() >= 0.10, draw.random() >= 0.05
    answer = _text(draw, 215)
    if not on_brand:
        answer += f" {draw.choice(BANNED).title()}."
    if not brief:
        answer += f" {_text(draw, 240)}"
    answer += (f" Ticket #AB-{draw.randrange(10**6):06d}" if ticket else " Ticket pending") + f" [[{case}]]"
    row = {"id": case, "input": asked, "output": answer, "reference": reference, "locale": draw.choice(LOCALES)}
    found = {
        "ticket": ticket,
        "on_brand": on_brand,
        "brief": len(answer) <= LONGEST,
        "helpful": verdict(case) == "pass",
    }
    return row, {check: float(holds) for check, holds in found.items()}


def _name(i: int) -> str:
    return f"case-{i:06d}"


def _text(draw: random.Random, length: int) -> str:
    words = iter(lambda: draw.choice(WORDS), "")
    said, size = [], 0
    for word in islice(words, length):
        said.append(word)
        size += len(word) + 1
        if size >= length:
            break
    text = " ".join(said)
    return f"{text[0].upper()}{text[1:]}."
