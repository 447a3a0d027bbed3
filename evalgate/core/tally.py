"""One arm's outcomes in columns: a row a sample, a column a metric. Flat memory: about 30 bytes a row and 9 a mark.

The rows keep 64-bit hashes instead of ids; with a million rows the chance that two ids collide is 3e-8.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from evalgate.core.outcomes import CheckRef, Mark, NotApplicable, Outcome, Reason, metric_name
from evalgate.core.samples import Case

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Scalar = TypeVar("Scalar", bound=np.generic)

SCORED, NOT_APPLICABLE, FIRST_REASON = 0, 1, 2
REASONS: tuple[str, ...] = get_args(Reason)
_NAN = float("nan")


def row_key(case_id: str, repeat: int = 0) -> int:
    r"""Return the 64-bit key that pairs a case's rows across arms.

    >>> len({row_key("a"), row_key("a", 1), row_key("1\0a")})
    3
    """
    return _hash(f"{repeat}\0{case_id}", b"repeat") if repeat else _hash(case_id)


def cluster_key(case_id: str, cluster: str | None) -> int:
    """Return the 64-bit key that tells clusters apart; a case without one is its own, whatever the others are called.

    >>> cluster_key("s", None) == row_key("s"), cluster_key("s", None) == cluster_key("t", "s")
    (True, False)
    """
    return row_key(case_id) if cluster is None else _hash(cluster, b"cluster")


def _hash(text: str, kind: bytes = b"") -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, person=kind).digest(), "little")


class Tally:
    """Collects outcomes as they are marked, in any order; nothing read from it depends on that order."""

    def __init__(
        self,
        checks: Iterable[tuple[CheckRef, Sequence[str]]],
        slices: Sequence[str],
        listed: Container[str] | None = None,
    ) -> None:
        """Prepare a column for every criterion of every check and for every slice name.

        `listed` are the metrics whose violators are kept by id, which takes 150 bytes each; all unless given.
        """
        refs = [(metric_name(ref.name, criterion), ref) for ref, criteria in checks for criterion in criteria]
        self.annotators = {name: ref.annotator for name, ref in refs}
        self.keys = array("Q")
        self.content = array("Q")
        self.answers = array("Q")
        self.clusters = array("Q")
        self.positions = array("L")
        self.values = {name: array("d") for name, _ in refs}
        self.status = {name: array("b") for name, _ in refs}
        self.slice_codes = {name: array("i") for name in slices}
        self.slice_values: dict[str, dict[str, int]] = {name: {} for name in slices}
        self.violators: dict[str, list[tuple[str, int]]] = {
            name: [] for name, _ in refs if listed is None or name in listed
        }
        self.judge_models: set[str] = set()

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.keys)

    def add(
        self,
        position: int,
        case: Case,
        repeat: int,
        case_digest: str,
        sample_digest: str,
        outcomes: Iterable[Outcome],
    ) -> None:
        """Add one sample's row; metrics it has no outcome for count as missing."""
        self.positions.append(position)
        self.keys.append(row_key(case.id, repeat))
        self.content.append(int(case_digest[:16], 16))
        self.answers.append(int(sample_digest[:16], 16))
        key = self.keys[-1]
        alone = case.cluster is None and not repeat
        self.clusters.append(key if alone else cluster_key(case.id, case.cluster))
        for name, codes in self.slice_codes.items():
            known = self.slice_values[name]
            value = case.slices.get(name)
            codes.append(-1 if value is None else known.setdefault(value, len(known)))
        rows = len(self.keys)
        for outcome in outcomes:
            self._mark(outcome, case.id, key)
        for name, status in self.status.items():
            if len(status) > rows:
                message = f"{name} has two outcomes for case {case.id}; every later row would move by one"
                raise ValueError(message)
            if len(status) < rows:
                status.append(FIRST_REASON + REASONS.index("missing"))
                self.values[name].append(_NAN)

    def _mark(self, outcome: Outcome, case_id: str, key: int) -> None:
        result, name = outcome.result, outcome.metric
        if isinstance(result, Mark):
            self.status[name].append(SCORED)
            self.values[name].append(result.value)
            if result.value == 0 and name in self.violators:
                self.violators[name].append((case_id, key))
            if result.votes:
                self.judge_models.update(vote.model for vote in result.votes)
            return
        reason = NOT_APPLICABLE if isinstance(result, NotApplicable) else FIRST_REASON + REASONS.index(result.reason)
        self.status[name].append(reason)
        self.values[name].append(_NAN)


class Columns:
    """A tally as numpy arrays, its rows sorted by key so that arrival order is forgotten."""

    def __init__(self, tally: Tally) -> None:
        """Take the tally's columns, one after the other, so that both never stand in memory whole."""
        import numpy as np

        self.order = np.argsort(np.array(tally.keys, dtype=np.uint64), kind="stable")
        self.keys: NDArray[np.uint64] = self._taken(tally.keys, np.uint64)
        self.content = self._taken(tally.content, np.uint64)
        self.answers = self._taken(tally.answers, np.uint64)
        self.clusters = self._taken(tally.clusters, np.uint64)
        self.positions = self._taken(tally.positions, np.int64)
        self.values = {name: self._taken(column, np.float64) for name, column in tally.values.items()}
        self.status = {name: self._taken(column, np.int8) for name, column in tally.status.items()}
        self.slice_codes = {name: self._taken(column, np.int32) for name, column in tally.slice_codes.items()}
        self.slice_values = tally.slice_values
        self.annotators = tally.annotators
        self.violators = {name: sorted(ids) for name, ids in tally.violators.items()}
        self.judge_models = frozenset(tally.judge_models)

    def _taken(self, column: array[Any], dtype: type[Scalar]) -> NDArray[Scalar]:
        """Return a column in the order of the keys; nothing is left of it in the tally."""
        import numpy as np

        taken = np.array(column, dtype=dtype)[self.order]
        del column[:]
        return taken

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.keys)

    def members(self, name: str) -> list[tuple[str, NDArray[np.bool_]]]:
        """Return each value of a slice with the rows that have it, in the values' order."""
        return [(value, self.slice_codes[name] == code) for value, code in sorted(self.slice_values[name].items())]


def reasons(status: NDArray[np.int8]) -> dict[str, int]:
    """Count the unscored rows by reason, in the reasons' own order."""
    import numpy as np

    counts = np.bincount(status[status >= FIRST_REASON] - FIRST_REASON, minlength=len(REASONS))
    return {name: int(count) for name, count in zip(REASONS, counts, strict=True) if count}
