"""Token buckets: who knocks too often waits, and nobody else does."""

from __future__ import annotations

from evalgate.web.throttle import MOST_BUCKETS, Throttle


class Hand:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_full_bucket_gives_its_burst_and_then_says_how_long_to_wait() -> None:
    throttle = Throttle(burst=3, every_s=10, clock=Hand())
    assert [throttle.wait_s("ana") for _ in range(4)] == [0, 0, 0, 10]


def test_a_token_comes_back_after_its_time() -> None:
    clock = Hand()
    throttle = Throttle(burst=1, every_s=10, clock=clock)
    throttle.wait_s("ana")
    clock.now = 4
    assert throttle.wait_s("ana") == 6
    clock.now = 10
    assert [throttle.wait_s("ana") for _ in range(2)] == [0, 10]


def test_a_long_rest_fills_no_bucket_beyond_its_burst() -> None:
    clock = Hand()
    throttle = Throttle(burst=2, every_s=1, clock=clock)
    throttle.wait_s("ana")
    clock.now = 1e6
    assert [throttle.wait_s("ana") for _ in range(3)] == [0, 0, 1]


def test_one_who_knocks_too_often_holds_up_nobody_else() -> None:
    throttle = Throttle(burst=1, every_s=10, clock=Hand())
    assert [throttle.wait_s(name) for name in ("ana", "ana", "rui")] == [0, 10, 0]


def test_as_many_names_as_an_attacker_invents_take_no_more_memory() -> None:
    throttle = Throttle(burst=1, every_s=10, clock=Hand())
    for number in range(MOST_BUCKETS + 100):
        throttle.wait_s(str(number))
    assert len(throttle._buckets) == MOST_BUCKETS
