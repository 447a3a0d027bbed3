"""Loading packs: a file of one's own, or a pack that ships, read strictly and held to its own examples."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from pydantic import ValidationError

from evalgate.checks.packs.matching import broken_example
from evalgate.checks.packs.pack import Entry, Pack
from evalgate.core.errors import SuiteInvalid, did_you_mean

if TYPE_CHECKING:
    from evalgate.documents import Document

_MESSAGES = {
    "missing": "is missing",
    "string_type": "write a word or a phrase; put it in quotes",
    "tuple_type": "is a list",
    "too_short": "has no term",
    "string_too_short": "is empty",
}
"""Pydantic's error types in the words of a pack."""


_SUFFIXES = (".yaml", ".yml")


def read_pack(raw: bytes, file: str) -> Pack:
    """Return the pack in a YAML file; raise SuiteInvalid with file:line for anything that does not belong there.

    Every scalar is a string: a term `no` or `off` is a word, not a truth value.
    """
    pack, document = _parsed(raw, file)
    broken = broken_example(pack)
    if broken is not None:
        way, problem = broken
        raise document.refuse(way, problem)
    return pack


def _parsed(raw: bytes, file: str) -> tuple[Pack, Document]:
    from evalgate.documents import parse_document

    document = parse_document(raw, file, only_text=True)
    if not isinstance(document.data, dict):
        raise document.refuse((), f"a pack is a mapping of {', '.join(Pack.model_fields)}")
    for name in document.data:
        if name not in Pack.model_fields:
            hint = did_you_mean(name, Pack.model_fields)
            raise document.refuse((name,), f"{name!r} is not a key of a pack.{hint}")
    try:
        pack = Pack.model_validate(document.data)
    except ValidationError as error:
        first = error.errors()[0]
        message = _MESSAGES.get(first["type"], first["msg"].removeprefix("Value error, "))
        where = f"{first['loc'][0]}:" if first["loc"] else "the pack"
        if first["type"] == "extra_forbidden":
            key = str(first["loc"][-1])
            near = did_you_mean(key, Entry.model_fields) or f" Known: {', '.join(Entry.model_fields)}"
            message = f"{key!r} is not a key of an entry.{near}"
        raise document.refuse(first["loc"], f"{where} {message}") from None
    return pack, document


def load_pack(name: str, read: Callable[[str], bytes]) -> Pack:
    """Return a shipped pack by its name (`refusal.es`, or pinned `refusal.es@2026.11`) or the one in a `.yaml` file.

    `read` reads a file named in a suite. Raise SuiteInvalid when it is not there or is another version.
    """
    wanted, at, version = name.partition("@")
    pack = read_pack(read(wanted), wanted) if wanted.endswith(_SUFFIXES) else shipped_pack(wanted)
    if at and pack.version != version:
        raise SuiteInvalid(
            f"pack {wanted} is pinned to version {version}, and there is version {pack.version};"
            f" `evalgate packs diff` shows what changed, then pin {pack.version}"
        )
    return pack


@lru_cache(maxsize=1)
def shipped_packs() -> tuple[str, ...]:
    """Return the names of the packs that ship, in order."""
    folder = files("evalgate.checks.packs") / "shipped_files"
    return tuple(sorted(one.name.removesuffix(".yaml") for one in folder.iterdir() if one.name.endswith(".yaml")))


@lru_cache(maxsize=64)
def shipped_pack(name: str) -> Pack:
    """Return a pack that ships; raise SuiteInvalid with the nearest name when there is none.

    That its examples hold is seen to when it is made, by a test, and not each time it is read.
    """
    if name not in shipped_packs():
        known = ", ".join(shipped_packs())
        raise SuiteInvalid(f"no shipped pack {name!r}.{did_you_mean(name, shipped_packs())} Shipped: {known}")
    place = files("evalgate.checks.packs") / "shipped_files" / f"{name}.yaml"
    return _parsed(place.read_bytes(), f"{name}.yaml")[0]


def packs_of(kind: str) -> tuple[Pack, ...]:
    """Return the packs that ship for a kind of check, one a language, in order: `refusal.en`, `refusal.es` …."""
    return tuple(shipped_pack(name) for name in shipped_packs() if name.partition(".")[0] == kind)
