"""`scan` and `mask`: the checks that ask nobody, and the masking, on whatever is piped in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from evalgate.core.errors import DataInvalid, WrongAsWritten, did_you_mean

if TYPE_CHECKING:
    from evalgate.checks.privacy.masking import Masker
    from evalgate.core.checks import Check
    from evalgate.core.outcomes import Side
    from evalgate.runner.scanning import Line, Scanned
    from evalgate.suites.suite import DataSpec
    from evalgate.wiring.app import App

Style = Literal["typed", "hash", "last4"]
SHORTEST_KEY = 16
"""Characters of a key for hashes: shorter ones can be guessed, and then every CPF is found by trying them all."""


def watched() -> dict[str, Check]:
    """Return the checks that `scan` runs without a suite: those that need to know nothing of the brand."""
    from evalgate.checks.catalogue import WATCHED, builtin_checks

    known = builtin_checks()
    return {name: known[kind].model_validate(parameters) for name, (kind, parameters) in WATCHED.items()}


def local_checks(
    app: App, suite: Path | None, only: Iterable[str], columns: str
) -> tuple[dict[str, Check], DataSpec, tuple[str, ...]]:
    """Return the checks to run, how their rows are read, and the names of the suite's judged checks, left aside."""
    from evalgate.core.checks import JudgedCheck
    from evalgate.suites.suite import DataSpec

    loaded = app.load(suite, candidate="-", alone=True) if suite is not None else None
    checks: Mapping[str, Check] = watched() if loaded is None else loaded.checks
    for name in only:
        if name not in checks:
            known = ", ".join(checks)
            raise WrongAsWritten(f"no check is called {name!r} here.{did_you_mean(name, checks)} There are: {known}")
    wanted = {name: checks[name] for name in only} or dict(checks)
    judged = tuple(name for name, check in wanted.items() if isinstance(check, JudgedCheck))
    local = {name: check for name, check in wanted.items() if name not in judged}
    if not local:
        raise WrongAsWritten("these checks ask a judge; scan runs code checks and local models: name one with --check")
    spec = DataSpec() if loaded is None else loaded.data
    return local, spec.model_copy(update={"columns": spec.columns | read_columns(columns)}), judged


def read_columns(written: str) -> dict[str, str]:
    """Return field to column from `output=response,input=prompt`."""
    from evalgate.suites.suite import FIELDS

    columns: dict[str, str] = {}
    for part in filter(None, map(str.strip, written.split(","))):
        field, equals, column = part.partition("=")
        if not equals or not column:
            raise WrongAsWritten(f"--columns {part}: write FIELD=COLUMN, as output=response")
        if field not in FIELDS:
            hint = did_you_mean(field, FIELDS)
            raise WrongAsWritten(f"--columns {part}: no field is called {field!r}.{hint} Known: {', '.join(FIELDS)}")
        columns[field] = column
    return columns


def read_side(written: str) -> Side:
    """Return a side; raise WrongAsWritten for another word."""
    from evalgate.core.outcomes import Side

    sides: tuple[Side, ...] = get_args(Side)
    for side in sides:
        if side == written:
            return side
    raise WrongAsWritten(f"--side {written}: no such side.{did_you_mean(written, sides)} Known: {', '.join(sides)}")


def scan(
    lines: Iterable[Line], checks: Mapping[str, Check], spec: DataSpec, place: str, workers: int
) -> Iterator[Scanned]:
    """Yield what becomes of each row, in order."""
    from evalgate.runner.scanning import Scanner, scanned

    return scanned(lines, Scanner(checks, spec, place), workers)


def masker(style: Style, key_env: str | None) -> Masker:
    """Return a masker of a style; a keyed hash takes its key from the environment, never from the command line."""
    from evalgate.checks.privacy.masking import Masker

    if style != "hash":
        if key_env is not None:
            raise WrongAsWritten("--key-env is for --style hash")
        return Masker(style=style)
    if key_env is None:
        raise WrongAsWritten("--style hash needs a key: name the environment variable that holds it with --key-env")
    key = os.environ.get(key_env, "")
    if len(key) < SHORTEST_KEY:
        raise WrongAsWritten(f"{key_env} holds {len(key)} characters; a key that cannot be guessed has {SHORTEST_KEY}")
    return Masker(style="hash", key=key.encode())


def masked_row(raw: bytes, place: str, line: int, mask_with: Masker) -> bytes:
    """Return a line of JSON Lines with every text masked; raise DataInvalid, naming place and line, when it is none."""
    import orjson

    from evalgate.suites.rows import json_row

    row = json_row(place, line, raw)
    return b"" if row is None else orjson.dumps(mask_with.mask_json(row)) + b"\n"


def masked_text(raw: bytes, place: str, mask_with: Masker) -> bytes:
    """Return a plain text masked; raise DataInvalid when it is not UTF-8."""
    try:
        return mask_with.mask(raw.decode()).encode()
    except UnicodeDecodeError as bad:
        line = raw.count(b"\n", 0, bad.start) + 1
        raise DataInvalid(f"{place}:{line}: byte 0x{raw[bad.start]:02x} is not UTF-8; save it as UTF-8") from bad
