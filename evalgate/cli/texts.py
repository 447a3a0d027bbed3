"""`scan` and `mask`: rows through a pipe, to outcomes or to masked rows. Nothing is stored and nobody is asked."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, Literal, Optional

import typer

if TYPE_CHECKING:
    from evalgate.runner.scanning import Scanned

FILE = Annotated[
    Path, typer.Argument(help="JSON Lines, .gz too; - is standard input.", metavar="[FILE]", show_default=False)
]
OUT = Annotated[Optional[Path], typer.Option("--out", help="Write here instead of standard output.", metavar="PATH")]
MISREAD = 2


def scan(
    file: FILE = Path("-"),
    suite: Annotated[
        Optional[Path],
        typer.Option(help="Run this suite's checks; without it, those that need no parameters.", metavar="SUITE"),
    ] = None,
    check: Annotated[
        Optional[list[str]], typer.Option(help="Only this check; may be given again.", metavar="NAME")
    ] = None,
    columns: Annotated[
        str,
        typer.Option(help="Which column is a field, as output=response,input=prompt.", metavar="FIELD=COLUMN,…"),
    ] = "",
    out: OUT = None,
    violations: Annotated[bool, typer.Option("--violations", help="Only rows with a violation.")] = False,
    fail_on: Annotated[
        Optional[Literal["info", "warn", "block"]],
        typer.Option(help="Exit 1 when a violation is at least this severe, 3 when a check could not mark a row."),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes to share the work.", min=1, max=256)] = 1,
) -> int:
    """Run code checks and local models on rows: one line of outcomes a row, in order; explanations are masked."""
    import orjson

    from evalgate.wiring import scanning
    from evalgate.wiring.app import App

    checks, spec, judged = scanning.local_checks(App.from_environment(), suite, check or (), columns)
    if judged:
        print(f"evalgate: not run, as they ask a judge: {', '.join(judged)}", file=sys.stderr)
    tally = _Tally()
    with _lines_of(file) as lines, _written_to(out) as to:
        for row in scanning.scan(lines, checks, spec, _name(file), workers):
            if tally.add(row) or not violations:
                to.write(orjson.dumps(_row(row)) + b"\n")
    print(tally.summary(), file=sys.stderr)
    return tally.exit_code(fail_on)


def mask(
    file: FILE = Path("-"),
    out: OUT = None,
    style: Annotated[
        Literal["typed", "hash", "last4"],
        typer.Option(help="<CPF>, <CPF:nlgkofnghdbaagie> (equal values alike, under a key) or <CARD:…3467>."),
    ] = "typed",
    key_env: Annotated[
        Optional[str], typer.Option(help="The environment variable with the key of --style hash.", metavar="NAME")
    ] = None,
    text: Annotated[bool, typer.Option("--text", help="Plain text instead of JSON Lines.")] = False,
) -> int:
    """Mask personal data and secrets in every text of every row; what is masked already stays as it is."""
    from evalgate.wiring import scanning

    masker = scanning.masker(style, key_env)
    with _lines_of(file) as lines, _written_to(out) as to:
        if text:
            to.write(scanning.masked_text(b"".join(raw for _, raw in lines), _name(file), masker))
        else:
            for number, raw in lines:
                to.write(scanning.masked_row(raw, _name(file), number, masker))
    return 0


class _Tally:
    """Counts what was found, for the line on standard error and for the exit code."""

    def __init__(self) -> None:
        self.rows = self.misread = 0
        self.violations: Counter[str] = Counter()
        self.unscored: Counter[str] = Counter()
        self.severities: set[str] = set()

    def add(self, row: Scanned) -> bool:
        """Count a row; return whether it has something to say: a violation, or an error."""
        self.rows += 1
        if row.error is not None:
            self.misread += 1
            return True
        violated = [one for one in row.outcomes if one["kind"] == "mark" and one["value"] == 0.0]
        self.violations.update(one["check"] for one in violated)
        self.severities.update(one.get("severity", "block") for one in violated)
        self.unscored.update(one["check"] for one in row.outcomes if one["kind"] == "unscored")
        return bool(violated)

    def summary(self) -> str:
        """Return what was found in one line."""
        said = [f"{self.rows:,} rows", f"violations: {_counts(self.violations)}"]
        if self.unscored:
            said.append(f"unscored: {_counts(self.unscored)}")
        if self.misread:
            said.append(f"{self.misread:,} rows could not be read: see their `error`")
        return " · ".join(said)

    def exit_code(self, fail_on: str | None) -> int:
        """Return 2 for rows that could not be read, else what `--fail-on` asks for."""
        if self.misread:
            return MISREAD
        if fail_on is None:
            return 0
        order = ("info", "warn", "block")
        if self.severities & set(order[order.index(fail_on) :]):
            return 1
        return 3 if self.unscored else 0


def _counts(counted: Counter[str]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counted.most_common()) or "none"


def _row(row: Scanned) -> dict[str, Any]:
    if row.error is not None:
        return {"line": row.line, "error": row.error}
    return {"line": row.line, "id": row.id, "outcomes": row.outcomes}


def _name(file: Path) -> str:
    return "stdin" if str(file) == "-" else str(file)


@contextmanager
def _lines_of(file: Path) -> Iterator[Iterable[tuple[int, bytes]]]:
    """Yield the numbered lines of a file or of standard input."""
    from evalgate.suites.rows import numbered_lines

    if str(file) == "-":
        yield numbered_lines("stdin", sys.stdin.buffer)
        return
    from evalgate.suites.rows import opened

    with opened(file) as source:
        yield numbered_lines(str(file), source)


@contextmanager
def _written_to(out: Path | None) -> Iterator[BinaryIO]:
    if out is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from evalgate.cli.reporting import check_writable

    check_writable(out)
    with out.open("wb") as to:
        yield to


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(scan)
    app.command()(mask)
