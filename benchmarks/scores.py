"""What a run left in its store, read as a stranger would: plain SQL on the SQLite file."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection
from contextlib import closing
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from benchmarks.workload import cases

ALL = ("helpful", "ticket", "on_brand", "brief")
MARKS = "SELECT case_id, check_name, value FROM run_sample JOIN outcome USING (run, position) ORDER BY run, position"
STORE = Path(".evalgate") / "evalgate.db"


class Checked(NamedTuple):
    """Stored marks against the truth."""

    marks: int
    wrong: int
    lost: int
    """Marks that should be there and are absent or unscored."""

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong and nothing lost."""
        return not self.wrong and not self.lost

    def __str__(self) -> str:
        return f"{self.lost} lost, {self.wrong} wrong of {self.marks:,} marks"


def check(folder: Path, count: int, names: Collection[str] = ALL) -> Checked:
    """Compare the marks in the folder's store, which holds one run over `cases(count)`, with the truth."""
    wrong = lost = 0
    with closing(_open(folder)) as database:
        runs = groupby(database.execute(MARKS), itemgetter(0))
        stored = ((case, {name: value for _, name, value in marks}) for case, marks in runs)
        now = next(stored, None)
        for row, truth in cases(count):
            found: dict[str, float | None] = {}
            if now is not None and now[0] == row["id"]:
                found, now = now[1], next(stored, None)
            values = [(found.get(name), truth[name]) for name in names]
            lost += sum(value is None for value, _ in values)
            wrong += sum(value not in {None, right} for value, right in values)
    return Checked(len(names) * count, wrong, lost)


def journalled(folder: Path) -> set[str]:
    """Return the cases whose answers the folder's journal holds."""
    with closing(_open(folder)) as database:
        bodies = [body for (body,) in database.execute("SELECT body FROM reply")]
    names = (re.search(rb"mock verdict for (case-\d+)", body) for body in bodies)
    return {found[1].decode() for found in names if found}


def stored_samples(folder: Path) -> int:
    """Return how many samples the store holds by now; 0 before it is made."""
    try:
        with closing(_open(folder)) as database:
            found: int | None = database.execute("SELECT max(position) + 1 FROM run_sample").fetchone()[0]
    except sqlite3.OperationalError:
        return 0
    return found or 0


def _open(folder: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{folder / STORE}?mode=ro", uri=True, timeout=10)
