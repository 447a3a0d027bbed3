"""A loop whose clock jumps to the next timer when nothing else is left to do: minutes of waiting take no time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class JumpingLoop(asyncio.SelectorEventLoop):
    """For code that waits on timers alone; a socket would never get its turn."""

    _now = 0.0

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        due = [timer.when() for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        if due and not self._ready:  # type: ignore[attr-defined]
            self._now = max(self._now, min(due))
        super()._run_once()  # type: ignore[misc]


def in_no_time(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end on a jumping clock; what would wait for ever fails."""

    async def bounded() -> T:
        async with asyncio.timeout(100_000):
            return await work

    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(bounded())
