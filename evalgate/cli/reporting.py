"""`--report FORMAT=PATH,…`: parsed before anything is spent, written after the decision."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from evalgate.core.errors import ServiceBroke, WrongAsWritten, did_you_mean

FORMATS = ("html", "junit", "markdown", "json", "sarif")
SUFFIXES = {".html": "html", ".xml": "junit", ".md": "markdown", ".json": "json", ".sarif": "sarif"}


class Wanted(NamedTuple):
    """One report to write."""

    format: str
    path: Path


def parse_reports(written: Sequence[str], suites: int) -> list[Wanted]:
    """Return what `--report` asks for; raise WrongAsWritten for an unknown format or a path nothing can be written to.

    With several suites a path must hold {suite}, so that one report does not overwrite another.
    """
    wanted = [_one(part.strip()) for option in written for part in option.split(",") if part.strip()]
    for report in wanted:
        if suites > 1 and "{suite}" not in str(report.path):
            message = f"--report {report.format}={report.path}: several suites need {{suite}} in the path"
            raise WrongAsWritten(message)
        check_writable(Path(str(report.path).replace("{suite}", "x")))
    return wanted


def _one(part: str) -> Wanted:
    name, equals, path = part.partition("=")
    if not equals:
        path, name = part, SUFFIXES.get(Path(part).suffix, "")
        if not name:
            message = f"--report {part}: write FORMAT=PATH, FORMAT one of {', '.join(FORMATS)}"
            raise WrongAsWritten(message)
    if name not in FORMATS:
        message = (
            f"--report {part}: no report is called {name!r}.{did_you_mean(name, FORMATS)} Known: {', '.join(FORMATS)}"
        )
        raise WrongAsWritten(message)
    if not path:
        message = f"--report {part}: the path is missing; write {name}=PATH"
        raise WrongAsWritten(message)
    return Wanted(name, Path(path))


def check_writable(path: Path) -> None:
    """Raise WrongAsWritten unless a file can be written there; the folders on the way are made."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            message = f"--report {path}: this is a folder; name a file in it"
            raise WrongAsWritten(message)
        existed = path.exists()
        with path.open("ab"):
            pass
        if not existed:
            path.unlink()
    except OSError as error:
        message = f"--report {path}: cannot be written ({error.strerror}); choose another path"
        raise WrongAsWritten(message) from None


def write(path: Path, text: str) -> None:
    """Write a report whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        message = f"{path}: the report cannot be written ({error.strerror}); the decision itself is stored"
        raise ServiceBroke(message) from None
