"""The `checks:` of a suite: each entry becomes the check its `check` or `rubric` names, parameters read strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from evalgate.core.checks import Check, Loading
from evalgate.core.errors import SuiteInvalid
from evalgate.documents import no_such_file, read_bytes
from evalgate.suites.places import Place
from evalgate.suites.words import kind_of, shown, unknown

Catalogue = Mapping[str, type[Check]]

MAX_NAMED_BYTES = 32 << 20
"""A pack, rubric or schema that a suite names."""

_HAS_PLACE = re.compile(r"[^\s:][^:]*:\d+: ")


def read_checks(place: Place, catalogue: Catalogue, folder: Path, judge: str | None) -> dict[str, Check]:
    """Return the checks by name, in the order written; files they name are read relative to `folder`."""
    checks = {name: _read_check(name, entry, catalogue, folder, judge) for name, entry in place.entries().items()}
    if not checks:
        raise place.refuse("checks is empty; `evalgate checks list` names what can be checked")
    return checks


def _read_check(name: str, place: Place, catalogue: Catalogue, folder: Path, judge: str | None) -> Check:
    refuse_name(place, name, "check", forbidden=".")
    kind, data = _kind_and_parameters(place, catalogue)
    try:
        check = kind.model_validate(data, context=_loading(place, folder, judge))
    except ValidationError as problem:
        raise _explained(place, kind, problem) from problem
    except SuiteInvalid as problem:
        if _HAS_PLACE.match(str(problem)):
            raise
        raise place.refuse(f"{place.name}: {problem}") from problem
    for way, wanted in _converted(data, check):
        written = _nearest(place, way)
        raise written.refuse(f"{written.name} is {wanted}, not {kind_of(written.value)}")
    return check


def refuse_name(place: Place, name: str, what: str, *, forbidden: str) -> None:
    """Raise SuiteInvalid for a name that could not be told apart in a report or on the command line."""
    if not name.strip() or not name.isprintable():
        raise place.refuse(f"{shown(name)} cannot be the name of a {what}; use letters and digits")
    for sign in forbidden:
        if sign in name:
            raise place.refuse(f"the {what} name {name!r} holds {sign!r}, which separates names; use _ instead")


def _kind_and_parameters(place: Place, catalogue: Catalogue) -> tuple[type[Check], dict[str, Any]]:
    entries = place.entries()
    named = [key for key in ("check", "rubric") if key in entries]
    if len(named) != 1:
        found = "both" if named else "neither"
        raise place.refuse(f"{place.name} says what marks the answers with check: or with rubric:, and has {found}")
    which = entries[named[0]]
    asked = which.text() if named == ["check"] else "rubric"
    kind = catalogue.get(asked)
    if kind is None:
        hint = unknown("check", asked, sorted(catalogue))
        raise which.refuse(hint + ("" if "known are" in hint else " `evalgate checks list` names them all."))
    if named == ["check"] and asked == "rubric":
        raise which.refuse(f"{place.name}: write rubric: NAME instead of check: rubric")
    return kind, {key: value for key, value in place.value.items() if key != "check"}


def _loading(place: Place, folder: Path, judge: str | None) -> Loading:
    return Loading(read=reader(place, folder), judge=judge, locate=locator(place, folder))


def reader(place: Place, folder: Path) -> Callable[[str], bytes]:
    """Return how a check at `place` reads the files it names; what is wrong with one is said at its line."""

    def read(name: str) -> bytes:
        try:
            return read_bytes(folder / name, MAX_NAMED_BYTES)
        except SuiteInvalid as problem:
            raise _where_written(place, name).refuse(str(problem)) from problem

    return read


def locator(place: Place, folder: Path) -> Callable[[str], Path]:
    """Return how a check at `place` finds the folders it names; a missing one is said at its line."""

    def locate(name: str) -> Path:
        found = folder / name
        try:
            there = found.is_dir()
        except (OSError, ValueError):
            there = False
        if not there:
            hint = f"{found}: not a folder; name the folder itself" if found.is_file() else no_such_file(found)
            raise _where_written(place, name).refuse(hint.replace("no such file", "no such folder"))
        return found

    return locate


def _where_written(place: Place, text: str) -> Place:
    """Return the innermost place whose value is this text, or the entry itself."""
    if isinstance(place.value, dict | list):
        steps: Any = place.value if isinstance(place.value, dict) else range(len(place.value))
        for step in steps:
            found = _where_written(place.at(step), text)
            if found.value == text:
                return found
    return place


def _nearest(place: Place, steps: tuple[str | int, ...]) -> Place:
    """Follow the steps that exist in the file; pydantic also names union branches, which do not."""
    for step in steps:
        inside = place.value
        known = inside if isinstance(inside, dict) else range(len(inside) if isinstance(inside, list) else 0)
        if step in known:
            place = place.at(step)
    return place


def _explained(place: Place, kind: type[Check], problem: ValidationError) -> SuiteInvalid:
    """Return pydantic's most telling error as one line at the field it is about."""
    errors = problem.errors(include_url=False)
    error = min(errors, key=lambda one: one["type"] != "extra_forbidden")
    known = [field.alias or name for name, field in kind.model_fields.items()]
    where = _nearest(place, error["loc"])
    if error["type"] == "extra_forbidden" and len(error["loc"]) == 1:
        return where.refuse(unknown("key", str(error["loc"][0]), known, f" in {place.name} (check {kind.kind!r})"))
    if error["type"] == "extra_forbidden":
        return where.refuse(f"unknown key {shown(str(error['loc'][-1]))} in {place.name} (check {kind.kind!r})")
    if error["type"] == "missing":
        return where.refuse(f"{where.name} (check {kind.kind!r}) needs {str(error['loc'][-1])!r}")
    said = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if said.startswith(f"{place.document.name}:"):  # a file that could not be read: `reader` has said where
        return SuiteInvalid(said)
    given = f", not {kind_of(where.value)}" if said.startswith("Input should be") else ""
    return where.refuse(f"{where.name}: {said.replace('Input should be', 'this should be')}{given}")


def _converted(data: Any, value: Any, way: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield where pydantic turned one kind of scalar into another, and which: "5" into 5, 1 or "yes" into true."""
    if isinstance(data, dict):
        for key, inside in data.items():
            read = _inside(value, key)
            yield from _converted(inside, read, (*way, key))
    elif isinstance(data, list):
        if isinstance(value, list | tuple) and len(value) == len(data):
            for index, (inside, read) in enumerate(zip(data, value, strict=True)):
                yield from _converted(inside, read, (*way, index))
    elif isinstance(value, bool) and not isinstance(data, bool):
        yield way, "true or false"
    elif isinstance(value, int | float) and not isinstance(value, bool) and isinstance(data, str | bool):
        yield way, "a number"


def _inside(value: Any, key: str) -> Any:
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        name = key if key in fields else next((name for name, field in fields.items() if field.alias == key), key)
        return getattr(value, name, None)
    return value.get(key) if isinstance(value, dict) else None
