"""Asking until there is an answer, or until asking again makes no sense."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from evalgate.core.models import Interrupted, ModelClient, ModelRequest, ModelTrouble, Overloaded, Rejected, Unusable
from evalgate.providers.limiter import LONGEST_PAUSE_S, AdaptiveLimiter
from evalgate.providers.troubles import TimedOut, Unreachable

OVERLOADED_COSTS = 0.25
"""Of a try. Being told to wait is the ordinary way to share a rate limit, and costs nothing: a call may be sent back
twenty times before it is given up. A failure is not ordinary and may have been paid for: five of them are enough."""
FIRST_BACKOFF_S = 0.5
LONGEST_BACKOFF_S = 16.0


async def ask_with_retries(
    client: ModelClient,
    request: ModelRequest,
    limiter: AdaptiveLimiter,
    *,
    jitter: random.Random,
    tries: int = 5,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
) -> bytes:
    """Return the body of the answer, or raise the last trouble once the tries are used up.

    Only Overloaded and Interrupted are tried again, after the wait the provider asks for or else a random share of one
    that doubles each time; where many calls are refused, the limiter holds all of them back that long. Rejected and
    Unusable are raised at once. Unusable is also raised when the server cannot be connected to at all, or when call
    after call was given up with no answer between them: then no request can succeed, and the run stops instead of
    failing case by case.
    """
    spent, failures = 0.0, 0
    while True:
        async with limiter.slot() as since:
            try:
                body = await client.ask(request)
            except (Overloaded, Interrupted) as caught:
                trouble: Overloaded | Interrupted = caught
                _tell(limiter, caught, since)
            except Rejected:
                limiter.succeeded()  # an answer, if not the one hoped for: the provider keeps up
                raise
            else:
                limiter.succeeded()
                return body
        spent += OVERLOADED_COSTS if isinstance(trouble, Overloaded) else 1.0
        asked_wait = trouble.retry_after if isinstance(trouble, Overloaded) else None
        if spent >= tries or (asked_wait or 0.0) > LONGEST_PAUSE_S:
            raise _last(trouble, asked_wait, limiter)
        if asked_wait:
            await sleep(asked_wait)
        else:
            await sleep(jitter.uniform(0.0, min(LONGEST_BACKOFF_S, FIRST_BACKOFF_S * 2**failures)))
            failures += 1


def _tell(limiter: AdaptiveLimiter, trouble: ModelTrouble, since: int) -> None:
    """Let the limiter know of a call that came back without an answer because too much was asked."""
    if isinstance(trouble, Overloaded):
        wait = trouble.retry_after
        limiter.overloaded(since, wait if wait is not None and wait <= LONGEST_PAUSE_S else None)
    elif isinstance(trouble, TimedOut):
        limiter.overloaded(since)


def _last(trouble: ModelTrouble, asked_wait: float | None, limiter: AdaptiveLimiter) -> ModelTrouble:
    """Return what to raise for a call that is given up."""
    if limiter.gave_up() or isinstance(trouble, Unreachable):
        return Unusable(f"no call gets through: {trouble}; the same command goes on from here")
    if asked_wait is not None and asked_wait > LONGEST_PAUSE_S:
        return Interrupted(f"{trouble}, and to wait {asked_wait:,.0f} s, longer than {LONGEST_PAUSE_S:.0f} s")
    return trouble
