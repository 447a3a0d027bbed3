"""Packs: lists of terms in a file of their own, `{name, version, terms}`, read strictly and with line numbers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, ValidationError

from evalgate.checks.phrases import Phrase
from evalgate.core.errors import SuiteInvalid, did_you_mean
from evalgate.core.values import Value

_MESSAGES = {
    "missing": "is missing",
    "string_type": "is one word or phrase",
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
    import yaml

    try:
        text = raw.decode("utf-8-sig")
        node = yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except UnicodeDecodeError as error:
        raise SuiteInvalid(f"{file}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise SuiteInvalid(f"{file}{where}: not YAML: {getattr(error, 'problem', None) or error}") from None
    fields = _fields(node, file)
    try:
        return Pack.model_validate({name: _plain(value, file) for name, value in fields.items()})
    except ValidationError as error:
        first = error.errors()[0]
        key, *item = first["loc"]
        value = fields.get(str(key))
        line = value.value[item[0]] if value is not None and item else value
        message = _MESSAGES.get(first["type"], first["msg"].removeprefix("Value error, "))
        raise SuiteInvalid(f"{file}:{_line(line or node)}: {key}: {message}") from None


def _line(node: Any) -> int:
    return int(node.start_mark.line) + 1


def _fields(node: Any, file: str) -> dict[str, Any]:
    """Return the value node of each key."""
    if getattr(node, "id", None) != "mapping":
        raise SuiteInvalid(f"{file}: a pack is a mapping of {', '.join(Pack.model_fields)}")
    fields: dict[str, Any] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in fields:
            raise SuiteInvalid(f"{file}:{_line(key)}: {name} is given twice, first at line {_line(fields[name])}")
        if name not in Pack.model_fields:
            hint = did_you_mean(name, Pack.model_fields)
            raise SuiteInvalid(f"{file}:{_line(key)}: {name!r} is not a key of a pack.{hint}")
        fields[name] = value
    return fields


def _plain(node: Any, file: str) -> Any:
    if node.id == "sequence":
        for item in node.value:
            if item.id != "scalar":
                raise SuiteInvalid(f"{file}:{_line(item)}: a term is a word or a phrase; put it in quotes")
        return [item.value for item in node.value]
    return node.value if node.id == "scalar" else {}
