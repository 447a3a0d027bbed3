"""Numbers as they leave the server: permuted under the store's own key, so that they tell neither order nor kind.

Items of a queue are numbered as they come. A hidden gold item, which came apart from the others and has a slot of its
own for each person, would be told by its number before anybody has read it.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evalgate.store.engine import Store

_HALF = 15
_SIZE = 1 << 2 * _HALF
"""Numbers from here on, of which there are none in practice, stay as they are."""
_ROUNDS = (0, 1, 2, 3)


def shown(store: Store, number: int, of: str = "item") -> int:
    """Return what stands for a number outside; numbers `of` different things have different ones."""
    return _walked(store.secret, f"{store.project} {of}", number, _ROUNDS)


def meant(store: Store, number: int, of: str = "item") -> int:
    """Return the number that something stands for: any number at all stands for one."""
    return _walked(store.secret, f"{store.project} {of}", number, _ROUNDS[::-1])


def _walked(secret: bytes, of: str, number: int, rounds: tuple[int, ...]) -> int:
    if not 0 < number < _SIZE:
        return number
    key = _key(secret, of)
    number = _permuted(key, number, rounds)
    while number == 0:  # 0 is no number of ours: go on along the cycle that it lies on
        number = _permuted(key, number, rounds)
    return number


def _permuted(key: bytes, number: int, rounds: tuple[int, ...]) -> int:
    """Return another number of the same range: a Feistel network, whose inverse has its rounds turned round."""
    left, right = number >> _HALF, number & (1 << _HALF) - 1
    if rounds[0] != 0:
        left, right = right, left
    for one in rounds:
        left, right = right, left ^ _mixed(key, one, right)
    if rounds[0] != 0:
        left, right = right, left
    return left << _HALF | right


def _mixed(key: bytes, one: int, half: int) -> int:
    drawn = hmac.digest(key, bytes((one, half >> 8, half & 255)), "sha256")
    return int.from_bytes(drawn[:2]) & (1 << _HALF) - 1


@lru_cache(maxsize=256)
def _key(secret: bytes, of: str) -> bytes:
    return hmac.digest(secret, f"numbers of project {of}".encode(), "sha256")
