"""Where an arm's samples come from: a file of recorded outputs, or a stored run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from evalgate.core.checks import JudgedCheck
from evalgate.core.errors import WrongAsWritten
from evalgate.core.outcomes import Outcome, Unscored
from evalgate.core.values import digest
from evalgate.runner.marking import Item, Named, as_outcomes
from evalgate.suites.suite import FIELDS

if TYPE_CHECKING:
    from evalgate.core.runs import Manifest
    from evalgate.core.samples import Sample
    from evalgate.store.runs import Runs
    from evalgate.suites.inventory import Inventory
    from evalgate.suites.samples import SampleFile
    from evalgate.suites.suite import Suite


class Source(Protocol):
    """Where an arm's samples come from."""

    @property
    def name(self) -> str:
        """What reports call it."""

    @property
    def digest(self) -> str:
        """What a run's identity takes from it."""

    @property
    def count(self) -> int:
        """How many samples there are."""

    @property
    def revision(self) -> str | None:
        """The revision that made the outputs, when all say the same."""

    @property
    def models(self) -> tuple[str | None, ...]:
        """The models that answered; None among them when some rows name none."""

    def items(self, checks: Sequence[Named]) -> Iterator[Item]:
        """Yield the samples in their order, each with the outcomes that need not be made again."""

    def stored_as(self, checks: Sequence[Named]) -> str | None:
        """Return the id of the stored run that already holds exactly these checks' outcomes, if one does."""


class FileArm:
    """Rows of a file, looked through once before anything is spent."""

    def __init__(self, file: SampleFile, inventory: Inventory, reading: str) -> None:
        """Keep the file, what the first pass found, and a digest of how its columns are read."""
        self._file = file
        self.inventory = inventory
        self.name = file.path.name
        self.digest = digest([inventory.sha256, file.book.sha256 if file.book else None, reading])
        self.count = inventory.rows
        self.models = (*inventory.models.names, None) if inventory.models.absent else inventory.models.names

    @classmethod
    def of(cls, suite: Suite, file: SampleFile) -> FileArm:
        """Look a suite's file through."""
        spec = suite.data
        reading = digest([{field: spec.column(field) for field in FIELDS}, spec.slices])
        return cls(file, file.inventory(), reading)

    def forget_rows(self) -> None:
        """Let go of what only pairing reads: marking brings as much again."""
        self.inventory = self.inventory.without_rows()

    @property
    def revision(self) -> str | None:
        """The revision that made the outputs, when every row names the same."""
        revisions = self.inventory.revisions
        return revisions.names[0] if len(revisions.names) == 1 and not revisions.absent else None

    def items(self, checks: Sequence[Named]) -> Iterator[Item]:
        """Yield every row afresh."""
        del checks
        for position, sample in enumerate(self._file.stream()):
            yield Item.fresh(position, sample)

    def stored_as(self, checks: Sequence[Named]) -> str | None:
        """Return None: rows of a file are always marked."""
        del checks
        return None


class StoredArm:
    """A stored run. What it knows under the same check digests is kept.

    Its texts are masked, so code checks that changed since cannot be made again from them.
    """

    def __init__(self, runs: Runs, run_id: str, name: str) -> None:
        """Keep the run's identity; nothing is read yet."""
        self._runs = runs
        self._run_id = run_id
        stored = runs.get(run_id)
        if stored.summary is None:
            message = f"run {stored.id} is not finished; run its command again before comparing with it"
            raise WrongAsWritten(message)
        self._manifest: Manifest = stored.manifest
        self.name = name
        self.digest = run_id
        self.count = stored.summary.samples
        self.revision = stored.manifest.revision
        self.models: tuple[str | None, ...] = (None,)

    def items(self, checks: Sequence[Named]) -> Iterator[Item]:
        """Yield the stored samples with what is known of them."""
        for marked in self._runs.stream(self._run_id):
            # By digest, then criterion: two names may stand for one and the same check, which spoke once for each.
            known: dict[str, dict[str, Outcome]] = {}
            for outcome in marked.outcomes:
                known.setdefault(outcome.check.digest, {})[outcome.criterion] = outcome
            sample = marked.sample
            mine = {named.name: _renamed(known.get(named.ref.digest), named, sample) for named in checks}
            kept = {name: outcomes for name, outcomes in mine.items() if outcomes is not None}
            yield Item(marked.position, sample, marked.case_digest, marked.sample_digest, kept)

    def stored_as(self, checks: Sequence[Named]) -> str | None:
        """Return the run itself when it was marked by just these checks."""
        return self._run_id if {n.ref for n in checks} <= set(self._manifest.checks) else None


def _renamed(known: dict[str, Outcome] | None, named: Named, sample: Sample) -> tuple[Outcome, ...] | None:
    """Return what is known under this check's present name; None for a judge that has to be asked."""
    if known is not None:
        return tuple(outcome.model_copy(update={"check": named.ref}) for outcome in known.values())
    if isinstance(named.check, JudgedCheck):
        return None
    detail = "the stored baseline was marked by another version of this check; run the baseline again"
    gap = Unscored(reason="not_comparable", detail=detail)
    return tuple(as_outcomes(dict.fromkeys(named.check.criteria, gap), named.ref, sample.case.id, sample.output.repeat))
