"""What a body of traffic held: the interactions in it, and a count and the names of what could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pydantic import ValidationError

from evalgate.core.values import Value
from evalgate.suites.messages import first_error
from evalgate.traffic.interactions import Interaction

MOST_NAMED = 5
LIMIT = 16 << 20
"""Bytes of a body once unpacked, where nothing else is said."""
Item = TypeVar("Item")


class Decoded(Value):
    """What a body held; `interactions` has one record for each interaction, whatever number of items told it."""

    interactions: tuple[Interaction, ...] = ()
    seen: int = 0
    """How many items the body held: spans, log records, payloads."""
    passed_over: int = 0
    """How many of them were read and are no interaction of their own: no call of a model, or a part of another one."""
    repeated: int = 0
    """How many of them say exactly what another one says."""
    rejected: int = 0
    """How many could not be read."""
    why: str = ""
    """The first few of those, each with its place and what is wrong with it."""


def _repeats(told: Sequence[Interaction]) -> int:
    """Return how many records are equal to one before them."""
    several = {key for key, records in Counter(record.key for record in told).items() if records > 1}
    written = [record.model_dump_json() for record in told if record.key in several]
    return len(written) - len(set(written))


class Tally:
    """Counts the items of a body while it is read."""

    def __init__(self) -> None:
        self.seen = self.passed_over = self.rejected = 0
        self._named: list[str] = []

    def reject(self, where: str, problem: Exception) -> None:
        """Count one item that cannot be read and remember the first few."""
        self.rejected += 1
        if len(self._named) < MOST_NAMED:
            line = first_error(problem) if isinstance(problem, ValidationError) else str(problem)
            self._named.append(f"{where}: {line.splitlines()[0][:200] if line else 'cannot be read'}")

    def why(self) -> str:
        """Return the first few, and how many more there are."""
        more = self.rejected - len(self._named)
        return "; ".join([*self._named, f"{more} more"] if more else self._named)

    def decoded(self, interactions: Iterable[Interaction], told: Sequence[Interaction]) -> Decoded:
        """Return the whole as a value; `told` are the records that the interactions were made of."""
        whole = tuple(interactions)
        repeated = _repeats(told) if len(told) > len(whole) else 0
        return Decoded(
            interactions=whole,
            seen=self.seen,
            passed_over=self.passed_over + len(told) - len(whole) - repeated,
            repeated=repeated,
            rejected=self.rejected,
            why=self.why(),
        )

    def read(self, item: Item, build: Callable[[Item], Interaction | None], *where: object) -> list[Interaction]:
        """Return the interaction that an item is, in a list, or count why it is none; `where`, joined, names it."""
        self.seen += 1
        try:
            found = build(item)
        except (ValueError, RecursionError) as problem:  # ItemRefused and pydantic's ValidationError are ValueErrors
            self.reject("".join(map(str, where)), problem)
            return []
        if found is None:
            self.passed_over += 1
            return []
        return [found]
