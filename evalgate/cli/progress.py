"""How far a run is: a bar on a terminal, a plain line now and then elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from rich.progress import Progress

PLAIN_EVERY_S = 10.0
DRAW_EVERY_S = 0.1


class ProgressLine:
    """Implements runner.ports.Progress; draws on standard error so that standard output stays the report's."""

    def __init__(self, *, quiet: bool = False, stream: TextIO | None = None) -> None:
        """Choose how to draw once: a bar only when a person is looking."""
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._live = not quiet and self._stream.isatty()
        self._total: int | None = None
        self._begun = self._last = time.monotonic()
        self._carried = self._seen = 0
        self._drawing: Progress | None = None

    def planned(self, samples: int | None, calls: int | None) -> None:
        """Learn how many samples both arms have together."""
        del calls
        self._total = samples
        self._begun = time.monotonic()

    def advanced(self, samples: int, calls: int, spent_usd: float) -> None:
        """Draw when the last drawing is old enough. Each arm counts from 0 again."""
        if self._quiet:
            return
        if samples < self._seen:
            self._carried += self._seen
        self._seen = samples
        now = time.monotonic()
        if now - self._last < (DRAW_EVERY_S if self._live else PLAIN_EVERY_S):
            return
        self._last = now
        self._draw(self._carried + samples, calls, spent_usd, now - self._begun)

    def _draw(self, samples: int, calls: int, spent_usd: float, seconds: float) -> None:
        rate = samples / seconds if seconds > 0 else 0.0
        parts = [f"{samples:,}" + (f" of {self._total:,}" if self._total else "") + " outputs", f"{rate:,.0f}/s"]
        if calls:
            parts.append(f"{calls:,} judge calls, ${spent_usd:.4f}")
        if self._total and rate:
            parts.append(f"{max(0.0, (self._total - samples) / rate):,.0f} s left")
        line = " · ".join(parts)
        if self._live:
            bar = self._bar()
            bar.update(bar.task_ids[0], completed=samples, description=line, refresh=True)
        else:
            print(line, file=self._stream, flush=True)

    def _bar(self) -> Progress:
        if self._drawing is None:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            # The runner tells us when to draw: no thread of rich's own is needed beside the event loop.
            self._drawing = Progress(
                BarColumn(bar_width=20),
                TextColumn("{task.description}"),
                console=Console(file=self._stream),
                transient=True,
                auto_refresh=False,
            )
            self._drawing.add_task("", total=self._total)
            self._drawing.start()
        return self._drawing

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wipe the bar."""
        if self._drawing is not None:
            self._drawing.stop()
            self._drawing = None
