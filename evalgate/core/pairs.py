"""Which rows of two arms are about the same case: joined by id and repeat, comparable when the content is the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Rows(Protocol):
    """An arm's rows as 64-bit hashes, one an entry in every array; no key stands twice."""

    @property
    def keys(self) -> NDArray[np.uint64]:
        """Of id and repeat."""

    @property
    def content(self) -> NDArray[np.uint64]:
        """Of the case's content."""

    @property
    def answers(self) -> NDArray[np.uint64]:
        """Of the content and the answer."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """The comparable pairs, and what is left aside."""

    candidate: NDArray[np.intp]
    """Positions of the pairs in the candidate's rows, ascending."""
    baseline: NDArray[np.intp]
    """Their partners in the baseline's rows."""
    unmatched_candidate: int
    unmatched_baseline: int
    changed_content: int
    """Cases both have, whose input, reference, context or metadata differ: not comparable."""
    unchanged_outputs: int
    """Comparable pairs whose answers are the same too."""

    @property
    def joined(self) -> int:
        """Cases both arms have, comparable or not."""
        return len(self.candidate) + self.changed_content


def pair(candidate: Rows, baseline: Rows) -> Pairs:
    """Return how two arms pair; a pair whose content changed is void."""
    import numpy as np

    _, ours, theirs = np.intersect1d(candidate.keys, baseline.keys, assume_unique=True, return_indices=True)
    order = np.argsort(ours)
    ours, theirs = ours[order], theirs[order]
    same = candidate.content[ours] == baseline.content[theirs]
    kept, partners = ours[same], theirs[same]
    return Pairs(
        candidate=kept,
        baseline=partners,
        unmatched_candidate=len(candidate.keys) - len(ours),
        unmatched_baseline=len(baseline.keys) - len(ours),
        changed_content=int((~same).sum()),
        unchanged_outputs=int((candidate.answers[kept] == baseline.answers[partners]).sum()),
    )
