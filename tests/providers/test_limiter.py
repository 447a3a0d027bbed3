"""The limiter: never more than it may, never stuck, fewer when told so and more again afterwards."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalgate.providers.limiter import SILENT_AFTER, AdaptiveLimiter
from tests.providers.clock import in_no_time

ANSWERED, FAILED, OVERLOADED, PAUSED = "answered", "failed", "overloaded", "paused"
calls = st.lists(
    st.tuples(
        st.floats(0, 5), st.floats(0, 5), st.floats(0, 20), st.sampled_from([ANSWERED, FAILED, OVERLOADED, PAUSED])
    ),
    min_size=1,
    max_size=60,
)
"""When each call begins, how long it takes, when it is cancelled if it is still waiting or under way, how it ends."""


def tell(limiter: AdaptiveLimiter, seconds: float, since: int, end: str) -> None:
    """Tell the limiter how a call ended."""
    match end:
        case "answered":
            limiter.succeeded()
        case "failed":
            limiter.gave_up()
        case "overloaded":
            limiter.overloaded(since)
        case _:
            limiter.overloaded(since, seconds)


async def lead(limiter: AdaptiveLimiter, seconds: float, end: str) -> None:
    """Hold a slot for a while, then tell how the call ended."""
    async with limiter.slot() as since:
        await asyncio.sleep(seconds)
        tell(limiter, seconds, since, end)


@settings(max_examples=60)
@given(calls, st.integers(1, 8), st.integers(1, 8))
def test_it_never_admits_more_than_most_and_never_forgets_anyone(
    plan: list[tuple[float, float, float, str]], start: int, most: int
) -> None:
    async def scene() -> tuple[int, int, int]:
        limiter, seen = AdaptiveLimiter(start, most), []

        async def call(begins: float, lasts: float, patience: float, end: str) -> None:
            await asyncio.sleep(begins)
            with suppress(TimeoutError):
                async with asyncio.timeout(patience), limiter.slot() as since:
                    seen.append(limiter.in_flight)
                    await asyncio.sleep(lasts)
                    tell(limiter, lasts, since, end)

        await asyncio.gather(*(call(*one) for one in plan))
        await lead(limiter, 1.0, ANSWERED)
        return max(seen, default=0), limiter.in_flight, limiter.limit

    highest, left, limit = in_no_time(scene())
    assert highest <= most
    assert left == 0
    assert 1 <= limit <= most


async def all_refused(limiter: AdaptiveLimiter, retry_after: float | None = None) -> None:
    """Fill the limiter with calls that are all refused."""

    async def one() -> None:
        async with limiter.slot() as since:
            await asyncio.sleep(0.1)
            limiter.overloaded(since, retry_after)

    await asyncio.gather(*(one() for _ in range(limiter.limit)))


def test_those_who_wait_are_admitted_in_their_order() -> None:
    async def scene() -> list[int]:
        limiter, order = AdaptiveLimiter(1, 1), []

        async def call(number: int) -> None:
            async with limiter.slot():
                order.append(number)
                await asyncio.sleep(0.01)

        await asyncio.gather(*(call(number) for number in range(20)))
        return order

    assert in_no_time(scene()) == list(range(20))


def test_it_doubles_each_round_until_the_first_refusal() -> None:
    limiter = AdaptiveLimiter(4, 64)
    grown = []
    for _ in range(5):
        for _ in range(limiter.limit):
            limiter.succeeded()
        grown.append(limiter.limit)
    assert grown == [8, 16, 32, 64, 64]


def test_a_reached_limit_shrinks_it_once_and_answers_bring_it_back_one_a_round() -> None:
    async def scene() -> list[int]:
        limiter = AdaptiveLimiter(40, 64)
        await all_refused(limiter)
        seen = [limiter.limit]
        for _ in range(28 + 29 + 1):
            limiter.succeeded()
        seen.append(limiter.limit)
        for _ in range(64 * 64):
            limiter.succeeded()
        return [*seen, limiter.limit]

    assert in_no_time(scene()) == [28, 30, 64]


def test_lone_refusals_among_answers_leave_it_alone() -> None:
    async def scene() -> int:
        limiter = AdaptiveLimiter(40, 64)
        for _ in range(100):
            await lead(limiter, 0.1, PAUSED)
            for _ in range(4):
                await lead(limiter, 0.1, ANSWERED)
        return limiter.limit

    assert in_no_time(scene()) == 64


def test_it_never_shrinks_to_nothing() -> None:
    async def scene() -> int:
        limiter = AdaptiveLimiter(8, 8)
        for _ in range(100):
            await all_refused(limiter)
        return limiter.limit

    assert in_no_time(scene()) == 1


@pytest.mark.parametrize(("asked", "waited"), [(5.0, 5.0), (600.0, 60.0), (0.0, 0.0), (None, 0.0)])
def test_nobody_is_admitted_before_the_wait_is_over(asked: float | None, waited: float) -> None:
    async def scene() -> float:
        limiter = AdaptiveLimiter(8, 8)
        await all_refused(limiter, asked)
        async with limiter.slot():
            return asyncio.get_running_loop().time() - 0.1

    assert in_no_time(scene()) == pytest.approx(waited)


def test_one_who_is_cancelled_while_being_admitted_passes_the_place_on() -> None:
    async def scene() -> int:
        limiter = AdaptiveLimiter(1, 1)
        slot = limiter.slot()
        await slot.__aenter__()
        first = asyncio.create_task(lead(limiter, 1.0, ANSWERED))
        second = asyncio.create_task(lead(limiter, 1.0, ANSWERED))
        await asyncio.sleep(0)
        await slot.__aexit__(None, None, None)  # the first is admitted now, and has not run yet
        first.cancel()
        await asyncio.wait([first, second])
        assert first.cancelled()
        assert second.exception() is None
        return limiter.in_flight

    assert in_no_time(scene()) == 0


def test_a_provider_is_gone_after_many_calls_without_any_answer() -> None:
    limiter = AdaptiveLimiter()
    told = [limiter.gave_up() for _ in range(SILENT_AFTER)]
    assert told == [False] * (SILENT_AFTER - 1) + [True]


def test_an_answer_between_them_says_that_it_is_there() -> None:
    limiter = AdaptiveLimiter()
    for _ in range(10 * SILENT_AFTER):
        assert not limiter.gave_up()
        limiter.succeeded()
