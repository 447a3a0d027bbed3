"""Packs: lists of terms in a file of their own, `{name, version, terms}`, read strictly and with line numbers."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, ValidationError

from evalgate.checks.phrases import Phrase
from evalgate.core.errors import did_you_mean
from evalgate.core.values import Value

_MESSAGES = {
    "missing": "is missing",
    "string_type": "write a word or a phrase; put it in quotes",
    "tuple_type": "is a list of words and phrases",
    "too_short": "has no term",
    "string_too_short": "is empty",
}
"""Pydantic's error types in the words of a pack."""


class Pack(Value):
    """A named, versioned list of terms. A check holds the content, not the path: a changed pack is a changed check."""

    name: Annotated[str, Field(min_length=1)]
    version: Annotated[str, Field(min_length=1)]
    terms: Annotated[tuple[Phrase, ...], Field(min_length=1)]


def read_pack(raw: bytes, file: str) -> Pack:
    """Return the pack in a YAML file; raise SuiteInvalid with file:line for anything else than its three keys.

    Every scalar is a string: a term `no` or `off` is a word, not a truth value.
    """
    from evalgate.documents import parse_document

    document = parse_document(raw, file, only_text=True)
    if not isinstance(document.data, dict):
        raise document.refuse((), f"a pack is a mapping of {', '.join(Pack.model_fields)}")
    for name in document.data:
        if name not in Pack.model_fields:
            hint = did_you_mean(name, Pack.model_fields)
            raise document.refuse((name,), f"{name!r} is not a key of a pack.{hint}")
    try:
        return Pack.model_validate(document.data)
    except ValidationError as error:
        first = error.errors()[0]
        message = _MESSAGES.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise document.refuse(first["loc"], f"{first['loc'][0]}: {message}") from None
