"""What people send as data becomes a value, or one line that says what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from evalgate.core.errors import WrongAsWritten, did_you_mean
from evalgate.core.values import Value

T = TypeVar("T", bound=Value)


def parsed(holder: type[T], data: Any, what: str) -> T:
    """Return the value in plain data; raise WrongAsWritten, `what` first, for the first thing that does not fit."""
    if not isinstance(data, Mapping):
        raise WrongAsWritten(f"{what} is a mapping of names to values; this is a {type(data).__name__}")
    try:
        return holder.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
    path = first["loc"]
    where = ".".join(map(str, path))
    if first["type"] == "extra_forbidden":
        known = _keys(holder, path[:-1])
        hint = did_you_mean(str(path[-1]), known)
        raise WrongAsWritten(f"{what}: unknown key {where!r}.{hint} Known here: {', '.join(known)}")
    if first["type"] == "missing":
        raise WrongAsWritten(f"{what}: {where!r} is missing")
    message = first["msg"].removeprefix("Value error, ")
    raise WrongAsWritten(f"{what}: {where}: {message}" if where else f"{what}: {message}")


def _keys(holder: type[BaseModel], path: tuple[int | str, ...]) -> tuple[str, ...]:
    """Return the fields of the value at a path; what stands between two fields is a key of a mapping, or an index."""
    for step in path:
        field = holder.model_fields.get(str(step))
        if field is not None:
            holder = _held(field.annotation) or holder
    return tuple(holder.model_fields)


def _held(annotation: Any) -> type[BaseModel] | None:
    """Return the kind of value that a field holds, be it one, a mapping or a list of them."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inside = (_held(part) for part in getattr(annotation, "__args__", ()))
    return next((found for found in inside if found is not None), None)
