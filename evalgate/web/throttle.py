"""Token buckets: how often one login, address or key may knock."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_BUCKETS = 10_000
"""Buckets remembered at once; beyond that the one unused for longest is forgotten, so memory stays bounded."""


class Throttle:
    """Buckets of `burst` tokens, each refilled by one every `every_s` seconds; safe between threads."""

    def __init__(self, burst: int, every_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._burst = burst
        self._every_s = every_s
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, name: str) -> float:
        """Take a token and return 0, or take none and return after how many seconds there will be one.

        >>> throttle = Throttle(burst=1, every_s=30, clock=lambda: 0.0)
        >>> throttle.wait_s("ana"), throttle.wait_s("ana"), throttle.wait_s("rui")
        (0.0, 30.0, 0.0)
        """
        now = self._clock()
        with self._lock:
            tokens, seen = self._buckets.pop(name, (float(self._burst), now))
            tokens = min(self._burst, tokens + (now - seen) / self._every_s)
            free = tokens >= 1
            self._buckets[name] = (tokens - 1 if free else tokens, now)
            if len(self._buckets) > MOST_BUCKETS:
                self._buckets.popitem(last=False)
        return 0.0 if free else (1 - tokens) * self._every_s
