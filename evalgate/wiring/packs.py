"""Packs for the command line: found by name or path, tried on stored runs and on files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from evalgate.core.errors import WrongAsWritten

if TYPE_CHECKING:
    from evalgate.checks.packs.pack import Pack
    from evalgate.core.outcomes import Side
    from evalgate.wiring.app import App

MAX_BYTES = 4 << 20
"""A pack is a list that people keep by hand."""


def find_pack(name: str) -> Pack:
    """Return a shipped pack or the one in a file; raise SuiteInvalid when there is none or it cannot be used."""
    from evalgate.checks.packs.loading import load_pack

    return load_pack(name, lambda file: read_file(Path(file)))


def read_file(path: Path) -> bytes:
    """Return a pack's file; raise SuiteInvalid naming what is missing or too large."""
    from evalgate.documents import read_bytes

    return read_bytes(path, MAX_BYTES)


def write_file(path: Path, content: bytes) -> None:
    """Write a pack's file whole or not at all."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)


def past_texts(app: App, on: str, side: Side, columns: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (case id, text) of one side of every sample of a stored run (`run:ID`), whose texts are masked, or a file.

    Rows of a file are masked too, so that both ways find the same.
    """
    from evalgate.checks.privacy.masking import Masker
    from evalgate.checks.text.views import side_texts

    if on.startswith("run:"):
        with app.opened() as store:
            for marked in store.runs.stream(store.runs.find(on.removeprefix("run:"))):
                yield from ((marked.sample.case.id, text) for text in side_texts(marked.sample, side))
        return
    from evalgate.suites.fields import Wanted
    from evalgate.suites.samples import SampleFile
    from evalgate.suites.suite import DataSpec

    masker = Masker()
    for sample in SampleFile(Path(on), DataSpec(columns=columns), Wanted(), origin="--on").stream():
        yield from ((sample.case.id, masker.mask(text)) for text in side_texts(sample, side))


def cut_out(text: str, span: str) -> str:
    """Return the stretch START:END, in code points, of a text; raise WrongAsWritten when it is none."""
    start, colon, end = span.partition(":")
    if not (colon and start.isdigit() and end.isdigit() and int(start) < int(end) <= len(text)):
        raise WrongAsWritten(f"--span {span}: write START:END within the text's {len(text):,} characters, as 12:19")
    return text[int(start) : int(end)].strip()
