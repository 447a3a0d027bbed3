"""What was not scored stays in: each missing score is tried at both ends of what it could have been.

In the arrays here a missing score is NaN; everywhere else it is a typed value with a reason.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]


def score_ends(scores: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the scores with each missing one at 0, and with each at 1.

    >>> [end.tolist() for end in score_ends([0.5, float("nan")])]
    [[0.5, 0.0], [0.5, 1.0]]
    """
    import numpy as np

    given = np.asarray(scores, dtype=np.float64)
    missing = np.isnan(given)
    return np.where(missing, 0.0, given), np.where(missing, 1.0, given)


def change_ends(candidate: npt.ArrayLike, baseline: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and highest change of every planned pair, all pairs staying in.

    Candidate missing, baseline b: [-b, 1-b]; baseline missing, candidate c: [c-1, c]; both missing: [-1, 1].

    >>> gone = float("nan")
    >>> low, high = change_ends([gone, 0.75, gone, 1.0], [0.25, gone, gone, 0.5])
    >>> low.tolist(), high.tolist()
    ([-0.25, -0.25, -1.0, 0.5], [0.75, 0.75, 1.0, 0.5])
    """
    candidate_low, candidate_high = score_ends(candidate)
    baseline_low, baseline_high = score_ends(baseline)
    return candidate_low - baseline_high, candidate_high - baseline_low
