"""The base of every value: frozen, strict about its fields, with one canonical byte form to hash."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
"""A score in [0, 1]; 1.0 is always good."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
"""A real number; NaN and infinities are refused, an absent number is a typed value instead."""


class Value(BaseModel):
    """A frozen value that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def canonical(data: Any) -> bytes:
    """Return the one JSON form of plain data: sorted keys, no spaces, UTF-8. Equal data give equal bytes.

    >>> canonical({"b": 1, "a": [1.5, None]})
    b'{"a":[1.5,null],"b":1}'
    """
    return orjson.dumps(data, option=orjson.OPT_SORT_KEYS)


def digest(data: Any) -> str:
    """Return the first 128 bits of the SHA-256 of the canonical form, as 32 hex digits.

    >>> digest({"a": 1}) == digest({"a": 1})
    True
    """
    return hashlib.sha256(canonical(data)).hexdigest()[:32]
