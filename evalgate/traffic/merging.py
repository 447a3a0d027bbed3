"""Records of one interaction that arrive apart become one, the same one in whatever order and however often they come.

Field by field, and each rule gives the same result in any order: what is known goes before what is not; two that
contradict each other give the fuller one (more messages, the longer text, the greater number), never the later one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import Any

from evalgate.core.samples import Message
from evalgate.core.values import canonical
from evalgate.traffic.attributes import flat
from evalgate.traffic.interactions import Interaction

_SIDES = ("input", "output")
_ABSENT: tuple[Any, ...] = (None, (), "")


def merged(old: Interaction, new: Interaction) -> Interaction:
    """Return what both records say; commutative, associative and idempotent. Raises ValueError for two interactions."""
    if old.key != new.key:
        raise ValueError(f"{old.key} and {new.key} are two interactions")
    return _whole((old, new))


def folded(interactions: Iterable[Interaction]) -> tuple[Interaction, ...]:
    """Return one record for each interaction, in the order of their first record."""
    found: dict[tuple[str, str], list[Interaction]] = {}
    for interaction in interactions:
        found.setdefault(interaction.key, []).append(interaction)
    return tuple(_whole(records) if len(records) > 1 else records[0] for records in found.values())


def unwrapped(interactions: Sequence[Interaction]) -> tuple[Interaction, ...]:
    """Return the interactions without those that happened inside another one: a call that two instruments reported.

    The outermost stays and takes from the inner ones, earliest first, what it does not know itself.
    """
    around = _outermost(interactions)
    inner: dict[str, list[Interaction]] = {}
    for interaction in interactions:
        if around[interaction.external_id] != interaction.external_id:
            inner.setdefault(around[interaction.external_id], []).append(interaction)
    if not inner:
        return tuple(interactions)
    outer = (interaction for interaction in interactions if around[interaction.external_id] == interaction.external_id)
    return tuple(_taking(interaction, inner.get(interaction.external_id, [])) for interaction in outer)


def _outermost(interactions: Sequence[Interaction]) -> dict[str, str]:
    """Return for each interaction the one around it that nothing is around; among those in a ring, one of them."""
    parents = {interaction.external_id: interaction.parent_id for interaction in interactions}
    found: dict[str, str] = {}
    for start in parents:
        path: dict[str, None] = {}
        at = start
        while at not in found and at not in path:
            path[at] = None
            at = parent if (parent := parents[at]) in parents and parent is not None else at
        found |= dict.fromkeys(path, found.get(at, at))
    return found


def _taking(outer: Interaction, inner: list[Interaction]) -> Interaction:
    taken: dict[str, Any] = {}
    for other in sorted(inner, key=lambda wrapped: (str(wrapped.started), wrapped.external_id)):
        for field in _TAKEN:
            value = getattr(other, field)
            if getattr(outer, field) in _ABSENT and value not in _ABSENT:
                taken.setdefault(field, value)
    for side in _SIDES:
        if side not in taken:
            taken.pop(f"{side}_at", None)
    return outer.model_copy(update=taken) if taken else outer


def _whole(records: Sequence[Interaction]) -> Interaction:
    fields: dict[str, Any] = {}
    for side in _SIDES:
        fields |= _said(side, records)
    for field in _FACTS:
        fields[field] = reduce(_RULES.get(field, _fuller), (getattr(record, field) for record in records))
    return records[0].model_copy(update=fields)


def _said(side: str, records: Sequence[Interaction]) -> dict[str, Any]:
    """Return one side of the conversation: a whole list goes before pieces; pieces are put together by their time."""
    at = f"{side}_at"
    told: list[tuple[tuple[Message, ...], tuple[int, ...]]]
    told = [(getattr(record, side), getattr(record, at)) for record in records if getattr(record, side)]
    whole = [said for said, times in told if not times]
    if whole:
        return {side: max(whole, key=_fullness), at: ()}
    pieces = {(time, message) for said, times in told for time, message in zip(times, said, strict=True)}
    ordered = sorted(pieces, key=lambda piece: (piece[0], _RANK[piece[1].role], _fullness(piece[1])))
    return {side: tuple(message for _, message in ordered), at: tuple(time for time, _ in ordered)}


_RANK = {role: rank for rank, role in enumerate(("system", "developer", "user", "assistant", "tool"))}
"""Who speaks first among messages of the same instant."""


def _fullness(value: Any) -> tuple[int, int, bytes]:
    """Return a total order in which more goes before less."""
    plain = [item.model_dump() if isinstance(item, Message) else item for item in value] if _many(value) else value
    written = canonical(plain.model_dump() if isinstance(plain, Message) else plain)
    return (len(value) if _many(value) else 0, len(written), written)


def _many(value: Any) -> bool:
    return isinstance(value, tuple)


def _fuller(old: Any, new: Any) -> Any:
    if old in _ABSENT or new in _ABSENT:
        return new if old in _ABSENT else old
    return max(old, new, key=_greatness if isinstance(old, int | float) else _fullness)


def _earlier(old: Any, new: Any) -> Any:
    return min((time for time in (old, new) if time is not None), default=None)


def _later(old: Any, new: Any) -> Any:
    return max((time for time in (old, new) if time is not None), default=None)


def _either(old: bool, new: bool) -> bool:  # noqa: FBT001 - two values of one field
    return old or new


def _worse(old: str | None, new: str | None) -> str | None:
    """Return the thumb that counts: down before up, because a complaint is not undone by a second click."""
    return min((thumb for thumb in (old, new) if thumb), default=None)


def _united(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    return flat(old | new | {key: max(old[key], new[key], key=_kind_and_fullness) for key in old.keys() & new.keys()})


def _kind_and_fullness(value: Any) -> tuple[str, Any]:
    return (type(value).__name__, _fullness(value) if isinstance(value, str) else _greatness(value))


def _greatness(value: float) -> tuple[float, bytes]:
    """Return a total order of numbers, in which 0 and -0 are two."""
    return (value, canonical(value))


_RULES: dict[str, Callable[[Any, Any], Any]] = {
    "started": _earlier,
    "ended": _later,
    "finished": _either,
    "feedback": _worse,
    "attributes": _united,
}
_FACTS = tuple(
    field
    for field in Interaction.model_fields
    if field not in {"source", "external_id", "input", "output", "input_at", "output_at"}
)
_TAKEN = (
    *("input", "output", "input_at", "output_at", "context", "model_requested", "model_answered", "provider"),
    *("input_tokens", "output_tokens", "cost_usd", "finish_reasons", "conversation_id", "user_id"),
)
