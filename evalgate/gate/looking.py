"""The look before the leap: both arms read through once, so that what is wrong as written is said before spending."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evalgate.core.metrics import Fact
from evalgate.gate.facts import no_baseline
from evalgate.gate.sources import FileArm, Source, StoredArm
from evalgate.suites.inventory import pairing
from evalgate.suites.samples import sample_files
from evalgate.suites.suite import FileSource, RunSource

if TYPE_CHECKING:
    from evalgate.gate.stored import Stored
    from evalgate.suites.suite import NamedSource, Suite


def look(suite: Suite, store: Stored) -> tuple[FileArm, Source | None, Fact | None]:
    """Return both arms; the fact is set when the baseline is a name under which nothing is accepted yet."""
    candidate, baseline = file_arms(suite)
    written = suite.data.baseline
    if baseline is not None:
        pairing(candidate.inventory, baseline.inventory)
        baseline.forget_rows()
    candidate.forget_rows()
    if written is None or isinstance(written, FileSource):
        return candidate, baseline, None
    stored, missing = find_stored(store, suite.name, written)
    return candidate, stored, missing


def file_arms(suite: Suite, *, with_baseline: bool = True) -> tuple[FileArm, FileArm | None]:
    """Return the arms that are files, each looked through once."""
    candidate, baseline = sample_files(suite)
    return FileArm.of(suite, candidate), FileArm.of(suite, baseline) if baseline and with_baseline else None


def find_stored(store: Stored, suite: str, written: RunSource | NamedSource) -> tuple[StoredArm | None, Fact | None]:
    """Return the arm of a stored run, or the fact that nothing is accepted under that name yet."""
    if isinstance(written, RunSource):
        return StoredArm(store.runs, store.runs.find(written.run), written.name), None
    accepted = store.baselines.current(suite, written.name)
    if accepted is None:
        return None, no_baseline(written.name)
    return StoredArm(store.runs, accepted, written.name), None
