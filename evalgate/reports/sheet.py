"""A page for a terminal: lines of styled pieces, no wider than asked, with nothing in them that acts on a screen."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from evalgate.reports.inert import one_line, visible
from evalgate.reports.messages import NO_BREAK

NARROWEST, WIDEST, PIPED = 60, 120, 100
STYLES = {
    "pass": "bold green",
    "fail": "bold red",
    "inconclusive": "bold yellow",
    "strong": "bold",
    "quiet": "dim",
}
ASCII = str.maketrans({"−": "-", "≤": "<=", "≥": ">=", "≈": "~", "→": "->", "·": "-", "…": "...", "×": "x", "–": "-"})
"""What stands in where a terminal's encoding has no such sign."""


class Piece(NamedTuple):
    """A stretch of a line and its style; no style is plain."""

    text: str
    style: str = ""


class Cell(NamedTuple):
    """A cell of a table; `extra` is shown where there is room, `indent` sets it in."""

    text: str
    style: str = ""
    extra: str = ""
    indent: int = 0

    def inert(self) -> Cell:
        """Return the cell on one line, set in."""
        return Cell(" " * self.indent + one_line(self.text), self.style, one_line(self.extra))


class Column(NamedTuple):
    """A column: how far it may be narrowed, in what order (0 never), and on which side it stands."""

    heading: str
    least: int = 4
    gives_way: int = 0
    right: bool = False


@dataclass
class Sheet:
    """Lines so far, for a width in terminal cells."""

    width: int = PIPED
    lines: list[tuple[Piece, ...]] = field(default_factory=list)

    def line(self, *pieces: Piece | str) -> None:
        """Add a line as it is."""
        styled = (piece if isinstance(piece, Piece) else Piece(piece) for piece in pieces)
        self.lines.append(tuple(Piece(_plain(piece.text), piece.style) for piece in styled))

    def blank(self) -> None:
        """Add an empty line, unless the last one is empty."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def heading(self, text: str) -> None:
        """Add a heading with room above it."""
        self.blank()
        self.line(Piece(text, "strong"))

    def prose(self, text: str, *, indent: int = 0, first: str = "", style: str = "") -> None:
        """Add a paragraph wrapped at words; later lines stand `indent` in, the first begins with `first`."""
        rows = list(_wrapped(one_line(text), self.width - indent))
        for number, row in enumerate(rows):
            lead = first.ljust(indent) if number == 0 else " " * indent
            self.line(lead, Piece(row, style))

    def ends(self, first: Piece, rest: str, ending: str) -> None:
        """Add one line whose ending stands on the right; what does not fit in between is cut off."""
        room = self.width - cells(first.text) - cells(ending) - 2
        rest = shortened(rest, max(8, room))
        self.line(first, rest, " " * max(2, room + 2 - cells(rest)), Piece(ending, "quiet"))

    def table(self, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, indent: int = 1) -> None:
        """Add a table: columns as wide as needed, narrowed where the sheet ends, in the order they give way."""
        shown = [
            [c._replace(text=" " * c.indent + one_line(c.text), extra=one_line(c.extra)) for c in row] for row in rows
        ]
        widths = [
            max(cells(column.heading), *(cells(row[place].text) for row in shown), 0)
            for place, column in enumerate(columns)
        ]
        room = self.width - indent - 2 * (len(columns) - 1) - sum(widths)
        for place in sorted((p for p, c in enumerate(columns) if c.gives_way), key=lambda p: columns[p].gives_way):
            cut = min(max(0, -room), max(0, widths[place] - columns[place].least))
            widths[place] -= cut
            room += cut
        spare = _spread(shown, widths, max(0, room))
        heading = [Cell(column.heading, "quiet") for column in columns]
        for row in [heading, *shown]:
            self.line(*_row(row, columns, spare, indent))

    @property
    def text(self) -> str:
        """The sheet without styles, each line ended."""
        return "".join(f"{''.join(piece.text for piece in line).rstrip()}\n" for line in self.lines)


def _spread(rows: Sequence[Sequence[Cell]], widths: list[int], room: int) -> list[int]:
    """Return the widths with the room that is left given to cells which have something extra to say."""
    widened = list(widths)
    for place in range(len(widths)):
        wanted = max(
            (cells(row[place].text) + 2 + cells(row[place].extra) for row in rows if row[place].extra), default=0
        )
        more = min(room, max(0, wanted - widened[place]))
        widened[place] += more
        room -= more
    return widened


def _row(row: Sequence[Cell], columns: Sequence[Column], widths: Sequence[int], indent: int) -> Iterator[Piece]:
    yield Piece(" " * indent)
    for place, (cell, column, width) in enumerate(zip(row, columns, widths, strict=True)):
        whole = f"{cell.text}  {cell.extra}" if cell.extra else cell.text
        text = shortened(whole if cells(whole) <= width else cell.text, width)
        gap = " " * (width - cells(text))
        last = place == len(columns) - 1
        yield Piece(gap if column.right else "")
        yield Piece(text, cell.style)
        yield Piece("" if last else ("" if column.right else gap) + "  ")


def cells(text: str) -> int:
    """Return how many terminal cells a text takes; wide letters take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def shortened(text: str, width: int) -> str:
    """Return a text that fits a width in cells, its end cut off visibly.

    >>> shortened("no_personal_data", 8), shortened("ok", 8)
    ('no_pers…', 'ok')
    """
    if cells(text) <= width:
        return text
    kept = ""
    for letter in text:
        if cells(kept + letter) >= width:
            break
        kept += letter
    return f"{kept.rstrip()}…"


def _wrapped(text: str, width: int) -> Iterator[str]:
    row = ""
    for word in text.split(" "):
        piece = shortened(word, width)
        if row and cells(row) + 1 + cells(piece) > width:
            yield row
            row = piece
        else:
            row = f"{row} {piece}" if row else piece
    yield row


def _plain(text: str) -> str:
    return visible(text).replace("\n", " ").replace("\t", " ").replace(NO_BREAK, " ")


def screen_width() -> int:
    """Return how wide a page may be here: the terminal's width within reason, or a fixed one for pipes and logs."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((PIPED, 24)).columns))


def show(sheet: Sheet) -> None:
    """Print a sheet: in colour on a terminal, plain elsewhere; NO_COLOR, FORCE_COLOR and TERM=dumb are honoured."""
    stream = sys.stdout
    if not (stream.isatty() or os.environ.get("FORCE_COLOR")) or os.environ.get("NO_COLOR"):
        stream.write(encodable(sheet.text, stream.encoding))
        stream.flush()
        return
    # Rich costs a tenth of a second to import and is wanted for its colours only.
    from rich.console import Console
    from rich.text import Text

    console = Console(file=stream, highlight=False, markup=False, emoji=False, soft_wrap=True)
    for line in sheet.lines:
        pieces = ((encodable(piece.text, stream.encoding), STYLES.get(piece.style, "")) for piece in line)
        console.print(Text.assemble(*pieces))


def encodable(text: str, encoding: str | None) -> str:
    """Return a text that a stream of this encoding can carry, plain signs in place of those it lacks.

    >>> encodable("−7.1 ≤ 3 ñ", "latin-1"), encodable("−7.1 ñ", "ascii"), encodable("−7.1", "utf-8")
    ('-7.1 <= 3 ñ', '-7.1 ?', '−7.1')
    """
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(ASCII).encode(encoding, errors="replace").decode(encoding)
    return text
