"""How many calls are in flight at once: more while a provider keeps up, fewer when it says it does not.

One limiter serves all calls that a provider counts together (`Endpoint.limit_key`), in one event loop.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from types import TracebackType

LONGEST_PAUSE_S = 60.0
REACHED = 0.25
"""Share of calls refused from which on a provider's limit counts as reached."""
SILENT_AFTER = 16
"""Calls given up one after another, with no answer between them, after which the provider counts as gone."""


class AdaptiveLimiter:
    """Admits callers first come, first served, never more than `most` at once.

    The limit starts at `start` and grows by one an answer, so it doubles each round, until it first shrinks; from then
    on it grows by one a round of answers. It shrinks by `shrink` when a quarter of the calls are refused: a limit that
    is reached refuses one call after another, while a lone refusal concerns its own call, which waits. Refusals of
    calls that were already under way when it shrank count for nothing: they speak of the old limit.
    """

    def __init__(self, start: int = 16, most: int = 64, *, shrink: float = 0.7) -> None:
        self._most = max(1, most)
        self._limit = float(min(max(1, start), self._most))
        self._shrink = shrink
        self._busy = 0
        self._shrunk = 0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._resume: asyncio.TimerHandle | None = None
        self._given_up = 0
        self._refused = 0.0

    @property
    def limit(self) -> int:
        """How many calls may be in flight now."""
        return int(self._limit)

    @property
    def in_flight(self) -> int:
        """How many calls are in flight now."""
        return self._busy

    def slot(self) -> _Slot:
        """Return what to hold during a call: `async with limiter.slot() as since`; `since` goes to `overloaded`."""
        return _Slot(self)

    def succeeded(self) -> None:
        """Take note of an answer: the limit grows."""
        self._given_up = 0
        if self._refused:
            self._refused = max(0.0, self._refused - REACHED / (1 - REACHED))
        if self._limit < self._most:
            self._limit = min(self._most, self._limit + (1 / self._limit if self._shrunk else 1.0))
            self._admit()

    def overloaded(self, since: int, retry_after: float | None = None) -> None:
        """Take note of a refusal; once the limit is reached, shrink and admit nobody for `retry_after` s (at most 60).

        `since` is what the refused call's slot gave.
        """
        if since != self._shrunk:
            return
        self._refused += 1
        if self._refused <= REACHED * self._limit:
            return
        self._refused = 0.0
        self._shrunk += 1
        self._limit = max(1.0, self._limit * self._shrink)
        if retry_after:  # nobody is admitted meanwhile, so nobody can bring a second pause into this one
            wait = min(retry_after, LONGEST_PAUSE_S)
            self._resume = asyncio.get_running_loop().call_later(wait, self._go_on)

    def gave_up(self) -> bool:
        """Take note of a call that used up its tries; return whether the provider counts as gone."""
        self._given_up += 1
        return self._given_up >= SILENT_AFTER

    def _go_on(self) -> None:
        self._resume = None
        self._admit()

    async def _enter(self) -> int:
        if self._busy < int(self._limit) and not self._waiting and self._resume is None:
            self._busy += 1
            return self._shrunk
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                with suppress(ValueError):  # not there any more if its turn came in the meantime
                    self._waiting.remove(turn)
            else:  # admitted, then cancelled before it could run: the place goes to the next
                self._leave()
            raise
        return self._shrunk

    def _leave(self) -> None:
        self._busy -= 1
        if self._waiting:
            self._admit()

    def _admit(self) -> None:
        if self._resume is not None:
            return
        while self._waiting and self._busy < int(self._limit):
            turn = self._waiting.popleft()
            if not turn.done():
                self._busy += 1
                turn.set_result(None)


class _Slot:
    __slots__ = ("_limiter",)

    def __init__(self, limiter: AdaptiveLimiter) -> None:
        self._limiter = limiter

    async def __aenter__(self) -> int:
        return await self._limiter._enter()  # noqa: SLF001  a slot is the limiter's own hand

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._limiter._leave()  # noqa: SLF001  as above
