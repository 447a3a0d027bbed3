"""Numbers as they leave the server: each stands for one, none tells what came before it."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from evalgate.store.engine import Store
from evalgate.web.disguise import meant, shown
from tests.web.scenes import House


def test_every_number_comes_back_and_none_stands_for_two(house: House) -> None:
    store = house.service.store
    found = [shown(store, number) for number in range(1, 3_000)]
    assert [meant(store, number) for number in found] == list(range(1, 3_000))
    assert len(set(found)) == len(found)
    assert min(found) > 0


def test_numbers_that_follow_one_another_are_far_apart(house: House) -> None:
    found = [shown(house.service.store, number) for number in range(1, 200)]
    assert sorted(found) != found
    assert min(abs(a - b) for a, b in pairwise(found)) > 1
    assert max(found) > 2**29


def test_each_kind_and_project_has_numbers_of_its_own(house: House) -> None:
    store: Store = house.service.store
    told = {shown(store, 7), shown(store, 7, "slot of 1"), shown(store, 7, "slot of 2"), shown(store.within(2), 7)}
    assert len(told) == 4


def test_any_number_that_is_sent_stands_for_one(house: House) -> None:
    store = house.service.store

    @given(st.integers(min_value=0, max_value=2**31 - 1))
    def back(number: int) -> None:
        assert shown(store, meant(store, number)) == number

    back()
