"""Asking again: what is tried again, how long is waited, and when it is given up."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Sequence

import pytest

from evalgate.core.models import Interrupted, ModelRequest, ModelTrouble, Overloaded, Rejected, Unusable
from evalgate.providers.limiter import SILENT_AFTER, AdaptiveLimiter
from evalgate.providers.replies import read_reply
from evalgate.providers.retry import ask_with_retries
from evalgate.providers.select import endpoint_for, open_client
from evalgate.providers.troubles import TimedOut
from tests.providers.clock import in_no_time
from tests.providers.conftest import question
from tests.providers.server import Far


class Scripted:
    """A client that meets the troubles it is given, one a call, then answers; it remembers when it was asked."""

    def __init__(self, troubles: Sequence[ModelTrouble]) -> None:
        self.troubles = list(troubles)
        self.asked_at: list[float] = []

    async def ask(self, request: ModelRequest) -> bytes:
        self.asked_at.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.1)
        if self.troubles:
            raise self.troubles.pop(0)
        return request.model.encode()

    async def close(self) -> None:
        self.troubles.clear()


def ask(client: Scripted, limiter: AdaptiveLimiter | None = None, seed: int = 7) -> bytes:
    return in_no_time(ask_with_retries(client, question(), limiter or AdaptiveLimiter(), jitter=random.Random(seed)))


@pytest.mark.parametrize(
    ("troubles", "calls"),
    [
        ([], 1),
        ([Interrupted("500")] * 4, 5),
        ([Overloaded("429")] * 19, 20),
        ([TimedOut("slow"), Overloaded("429", 3)], 3),
    ],
    ids=["none", "four failures", "nineteen refusals", "one of each"],
)
def test_what_passes_is_tried_again(troubles: list[ModelTrouble], calls: int) -> None:
    client = Scripted(troubles)
    assert ask(client) == b"gpt-4.1-mini"
    assert len(client.asked_at) == calls


@pytest.mark.parametrize(
    ("trouble", "calls"),
    [(Interrupted("500"), 5), (Overloaded("429"), 20), (Rejected("400"), 1), (Unusable("401"), 1)],
    ids=lambda value: type(value).__name__,
)
def test_the_last_trouble_is_raised_when_it_does_not_pass(trouble: ModelTrouble, calls: int) -> None:
    client = Scripted([trouble] * 99)
    with pytest.raises(type(trouble)) as caught:
        ask(client)
    assert caught.value is trouble
    assert len(client.asked_at) == calls


def test_the_waits_double_and_are_drawn_from_the_seed() -> None:
    def waits(seed: int) -> list[float]:
        client = Scripted([Interrupted("500")] * 4)
        ask(client, seed=seed)
        return [later - earlier - 0.1 for earlier, later in zip(client.asked_at, client.asked_at[1:], strict=False)]

    drawn = [waits(seed) for seed in range(200)]
    assert waits(3) == drawn[3]
    for at, most in enumerate([0.5, 1.0, 2.0, 4.0]):
        column = [row[at] for row in drawn]
        assert min(column) >= -1e-9
        assert most * 0.9 < max(column) <= most


def test_a_refused_call_waits_as_long_as_it_is_asked_to() -> None:
    client = Scripted([Overloaded("429", 30.0), Overloaded("429", 7.0)])
    ask(client)
    assert client.asked_at == pytest.approx([0.0, 30.1, 37.2])


def asked_at(troubles: list[ModelTrouble], most: int) -> list[float]:
    """Return when five calls reached a client that meets these troubles."""

    async def scene() -> list[float]:
        client, limiter, dice = Scripted(troubles), AdaptiveLimiter(most, most), random.Random(1)
        await asyncio.gather(*(ask_with_retries(client, question(), limiter, jitter=dice) for _ in range(5)))
        return client.asked_at

    return in_no_time(scene())


def test_when_the_limit_is_reached_every_call_waits() -> None:
    first, second, *others = asked_at([Overloaded("429", 30.0), Overloaded("429", 30.0)], most=2)
    assert (first, second) == (0.0, 0.0)
    assert len(others) == 5
    assert min(others) >= 30.0


def test_a_lone_refusal_holds_back_its_own_call_only() -> None:
    *others, again = asked_at([Overloaded("429", 30.0)], most=8)
    assert len(others) == 5
    assert max(others) < 1.0
    assert again >= 30.0


def test_a_wait_beyond_a_minute_is_not_kept() -> None:
    client = Scripted([Overloaded("the provider asks for fewer calls (429)", 3600.0)] * 9)
    with pytest.raises(Interrupted, match=r"fewer calls \(429\), and to wait 3,600 s, longer than 60 s"):
        ask(client)
    assert len(client.asked_at) == 1


@pytest.mark.parametrize(
    ("trouble", "limit"),
    [(Overloaded("429"), 2), (TimedOut("slow"), 2), (Interrupted("500"), 4)],
    ids=["refusals", "slow replies", "failures"],
)
def test_the_limit_shrinks_when_too_much_is_asked(trouble: ModelTrouble, limit: int) -> None:
    limiter = AdaptiveLimiter(3, 64)
    ask(Scripted([trouble]), limiter)
    assert limiter.limit == limit


class Metered:
    """A provider that allows so many calls a second, or so many at once, and answers in a second."""

    def __init__(self, a_second: float = 1e9, at_once: int = 10**9) -> None:
        self.a_second, self.at_once = a_second, at_once
        self.allowance, self.topped_up_at, self.busy = 10.0, 0.0, 0
        self.refused = 0

    async def ask(self, request: ModelRequest) -> bytes:
        now = asyncio.get_running_loop().time()
        self.allowance = min(10.0, self.allowance + (now - self.topped_up_at) * self.a_second)
        self.topped_up_at = now
        if self.allowance < 1 or self.busy >= self.at_once:
            self.refused += 1
            await asyncio.sleep(0.01)
            raise Overloaded("429", 1.0)
        self.allowance -= 1
        self.busy += 1
        await asyncio.sleep(1.0)
        self.busy -= 1
        return request.model.encode()

    async def close(self) -> None:
        self.busy = 0


@pytest.mark.parametrize(
    ("provider", "ideal"),
    [(Metered(a_second=10), 59.0), (Metered(at_once=25), 24.0)],
    ids=["ten calls a second", "twenty-five calls at once"],
)
def test_a_rate_limit_is_used_well_and_loses_no_call(provider: Metered, ideal: float) -> None:
    async def scene() -> tuple[int, float]:
        limiter, dice = AdaptiveLimiter(), random.Random(7)
        calls = (ask_with_retries(provider, question(), limiter, jitter=dice) for _ in range(600))
        answers = await asyncio.gather(*calls)
        return len(answers), asyncio.get_running_loop().time()

    answered, took = in_no_time(scene())
    assert answered == 600
    assert ideal < took < 1.5 * ideal
    assert provider.refused < 120


def test_a_provider_that_answers_no_call_stops_the_run() -> None:
    limiter, raised = AdaptiveLimiter(), []
    for _ in range(SILENT_AFTER):
        with pytest.raises(ModelTrouble) as caught:
            ask(Scripted([Interrupted("the server failed (500)")] * 5), limiter)
        raised.append(type(caught.value))
    assert raised == [Interrupted] * (SILENT_AFTER - 1) + [Unusable]
    assert "no call gets through: the server failed (500); the same command goes on from here" in str(caught.value)


async def test_a_server_that_is_not_there_ends_the_run_soon() -> None:
    client = open_client(endpoint_for("m", {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}))
    limiter, dice, began = AdaptiveLimiter(), random.Random(7), time.monotonic()

    async def whole_run() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(1000):
                group.create_task(ask_with_retries(client, question(str(number)), limiter, jitter=dice))

    with pytest.raises(ExceptionGroup) as caught:
        await whole_run()
    await client.close()
    assert time.monotonic() - began < 8.0
    assert [type(error) for error in caught.value.exceptions] == [Unusable]
    assert "no call gets through: cannot connect to http://127.0.0.1:9/v1" in str(caught.value.exceptions[0])
    assert Unusable.exit_code == 4


async def test_a_rejected_call_says_that_the_provider_is_there(far: Far) -> None:
    far.script({"status": 400})
    client, limiter = open_client(endpoint_for("m", {"OPENAI_BASE_URL": far.url})), AdaptiveLimiter(4, 64)
    with pytest.raises(Rejected):
        await ask_with_retries(client, question(), limiter, jitter=random.Random(7))
    await client.close()
    assert limiter.limit == 5
    assert far.stats()["total"] == 1


async def test_a_faulty_hour_loses_nothing_and_pays_nothing_twice(far: Far) -> None:
    far.script(
        {
            "label": "yes",
            "rules": [
                {"rate": 0.05, "status": 429, "headers": {"Retry-After": "0.05"}},
                {"rate": 0.02, "status": 500},
                {"rate": 0.01, "fault": "cut"},
                {"rate": 0.01, "fault": "drop"},
                {"when": "(no)", "label": "no"},
            ],
        }
    )
    client, limiter = open_client(endpoint_for("m", {"OPENAI_BASE_URL": far.url})), AdaptiveLimiter()
    dice = random.Random(7)
    asked = [f"case {number} {'(no)' if number % 3 else '(yes)'}" for number in range(500)]

    async def hurried(seconds: float) -> None:
        await asyncio.sleep(seconds / 20)

    bodies = await asyncio.gather(
        *(ask_with_retries(client, question(text), limiter, jitter=dice, sleep=hurried) for text in asked)
    )
    await client.close()
    labels = ["no" if '"no"' in read_reply(body).text else "yes" for body in bodies]
    assert labels == ["no" if "(no)" in text else "yes" for text in asked]
    told = far.stats()
    assert told["sent"].keys() == {"200", "429", "500", "cut", "drop"}
    assert (told["answered"], told["paid_twice"]) == (500, 0)
