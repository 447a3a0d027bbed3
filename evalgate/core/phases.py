"""Which phases of a sample take a conversation: one draw per conversation, shared by every phase and every check.

u is drawn once for each conversation; phase k takes it iff u < p_k, with p_1 ≥ p_2 ≥ p_3 and each p_k fixed from what
is known before phase k. So whoever reaches a phase has passed those before it, p_k is the whole probability of
reaching it, and 1/p_k is the weight there: nothing is multiplied along the way. The control slice shares the draw, and
an item in both is taken with the larger of the two probabilities.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import Field, model_validator

from evalgate.core.values import Value

SMALLEST_CHANCE = 0.002
"""No phase takes less than this share of what it can reach: a weight is at most 500."""

_PURPOSE = b"evalgate:phases:v1\0"
"""Keeps the draw apart from every other hash of the same id under the same salt, the split of labels among them."""

_BITS = 53

Chance = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


def shared_draw(salt: str, conversation: str) -> float:
    """Return the u in [0, 1) of a conversation: uniform over salts, the same on every machine and for ever.

    The first 53 bits of HMAC-SHA256 with the UTF-8 salt as key over `evalgate:phases:v1`, a zero byte and the UTF-8
    id, divided by 2^53: every step is exact, so a float on any platform is the same number. What an id stands for
    must be kept apart by the salt (a project's own) or by the id itself.

    >>> shared_draw("salt", "conversation-1") == 0x8370ba70da08d / 2**53
    True
    """
    key, message = (each.encode("utf-8", "surrogatepass") for each in (salt, conversation))
    first = hmac.digest(key, _PURPOSE + message, "sha256")[:8]
    draw: int = int.from_bytes(first, "big") >> (64 - _BITS)
    return draw / float(2**_BITS)


class Phases(Value):
    """The probabilities with which an item reaches each phase, the first phase first; 0 where it never does.

    ValueError where a later one is larger than one before it, and where one lies between 0 and the smallest allowed:
    an item of weight 1,000 would decide alone.
    """

    chances: Annotated[tuple[Chance, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _nested(self) -> Self:
        for before, after in zip(self.chances, self.chances[1:], strict=False):
            if after > before:
                raise ValueError(f"a phase takes {after:g} of what the one before it takes {before:g} of")
        for chance in self.chances:
            if 0 < chance < SMALLEST_CHANCE:
                raise ValueError(f"a phase takes {chance:g}; take {SMALLEST_CHANCE:g} at least, or nothing")
        return self

    def taken(self, draw: float) -> int:
        """Return how many phases take an item of this draw: those it reaches are the first ones.

        >>> phases = Phases(chances=(0.5, 0.1, 0.02))
        >>> [phases.taken(draw) for draw in (0.6, 0.5, 0.3, 0.05, 0.0)]
        [0, 0, 1, 2, 3]
        """
        return sum(draw < chance for chance in self.chances)

    def weight(self, phase: int) -> float:
        """Return the weight of an item that phase `phase` (counted from 0) took: 1/p, nothing multiplied.

        >>> Phases(chances=(0.5, 0.1)).weight(1)
        10.0
        """
        return 1 / self.chances[phase]

    def with_control(self, control: float | Sequence[float]) -> Phases:
        """Return the probabilities of an item that a control slice takes too: the larger of both in every phase.

        control: of every phase, or of each. On the shared draw an item is in the control slice iff u < control.

        >>> Phases(chances=(0.5, 0.1, 0.0)).with_control(0.02).chances
        (0.5, 0.1, 0.02)
        """
        each = (control,) * len(self.chances) if isinstance(control, int | float) else tuple(control)
        return Phases(chances=tuple(max(pair) for pair in zip(self.chances, each, strict=True)))
