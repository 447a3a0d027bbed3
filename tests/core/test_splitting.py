"""Splits of labels: decided by content alone, in the shares that are promised, and never changed."""

from __future__ import annotations

from collections import Counter

import pytest

from evalgate.core.splitting import SHARES, place, split_of
from evalgate.core.values import digest


def test_shares_are_as_promised() -> None:
    found = Counter(split_of(digest(number)) for number in range(20_000))
    assert {split: found[split] / 20_000 for split, _ in SHARES} == pytest.approx(dict(SHARES), abs=0.01)
    assert sum(share for _, share in SHARES) == pytest.approx(1.0)


@pytest.mark.parametrize(("number", "split"), [(0, "test"), (1, "dev"), (2, "control")])
def test_a_sample_stays_in_its_split_for_ever(number: int, split: str) -> None:
    assert split_of(f"{number:032x}") == split


def test_the_split_does_not_follow_from_the_digest_itself() -> None:
    alike = [f"{number:032x}" for number in range(1000)]
    assert {split_of(one) for one in alike} == {"fewshot", "dev", "test", "control"}
    assert all(0 <= place(one) < 1 for one in alike)
