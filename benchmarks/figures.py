"""Figures: what was measured beside what was asked for, printed, kept as JSON, and written into the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.mock import ROOT

RESULTS = Path(__file__).with_name("results")
PAGE = ROOT / "docs" / "benchmarks.md"


@dataclass(frozen=True)
class Figure:
    """One line of a table; `met` is None where nothing was asked for."""

    what: str
    target: str
    measured: str
    met: bool | None = None
    beside: str = ""
    """What the figure has to be read with: the floor, the noise, the size."""
    timed: bool = False
    """Whether it speaks of speed or memory, which a small case says nothing about."""

    def cells(self) -> tuple[str, ...]:
        """Return the line's cells."""
        answer = {True: "met", False: "**missed**", None: "–"}[self.met]
        return self.what, self.target, self.measured, answer, self.beside


def at_most(what: str, value: float, limit: float, unit: str, measured: str, beside: str = "") -> Figure:
    """Return the figure of something that must not be more than a limit."""
    return Figure(what, f"≤ {limit:,g} {unit}", measured, value <= limit, beside, timed=True)


def at_least(what: str, value: float, limit: float, unit: str, measured: str, beside: str = "") -> Figure:
    """Return the figure of something that must not be less than a limit."""
    return Figure(what, f"≥ {limit:,g} {unit}", measured, value >= limit, beside, timed=True)


def table(figures: Iterable[Figure]) -> str:
    """Return figures as a Markdown table."""
    head = ["| figure | target | measured | | beside |", "|---|---|---|---|---|"]
    return "\n".join([*head, *(f"| {' | '.join(figure.cells())} |" for figure in figures)])


def keep(bench: str, figures: Sequence[Figure], about: dict[str, str], seconds: float) -> None:
    """Write a bench's results as JSON, for the page."""
    RESULTS.mkdir(exist_ok=True)
    found = {
        "bench": bench,
        "command": f"python -m benchmarks {bench}",
        **about,
        "seconds": round(seconds, 1),
        "figures": [asdict(figure) for figure in figures],
    }
    (RESULTS / f"{bench}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def kept() -> dict[str, dict[str, Any]]:
    """Return the results that are kept, by bench."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(RESULTS.glob("*.json"))}


def document() -> list[str]:
    """Rewrite the tables between the page's markers from the kept results; return the benches written."""
    page = PAGE.read_text(encoding="utf-8")
    written = []
    for bench, found in kept().items():
        said = "\n\n".join((_about(found), table(Figure(**figure) for figure in found["figures"])))
        page, done = _between(page, bench, said)
        written += [bench] if done else []
    PAGE.write_text(page, encoding="utf-8")
    return written


def _about(found: dict[str, Any]) -> str:
    return (
        f"`{found['command']}`, {found['seconds']:.0f} s on {found['date']}, commit {found['commit']}. "
        f"{found['machine']}; Python {found['python']}; {found['versions']}."
    )


def _between(page: str, bench: str, said: str) -> tuple[str, bool]:
    """Return the page with what stands between a bench's markers replaced, and whether it has them."""
    begin, end = f"<!-- {bench}: begin -->", f"<!-- {bench}: end -->"
    before, found, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found and found_end):
        return page, False
    return f"{before}{begin}\n{said}\n{end}{after}", True
