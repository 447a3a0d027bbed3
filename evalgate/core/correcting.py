"""A metric corrected with people's labels: which of them belong to the rows at hand, and how the arms go together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

from evalgate.core.estimates import CHANGES, SCORES, Corrected
from evalgate.core.labels import standing
from evalgate.core.statistics.labelled import ENOUGH_LABELLED, Labels, corrected_change, corrected_mean

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from evalgate.core.labels import Label
    from evalgate.core.tally import Columns

    FloatArray = NDArray[np.float64]
    Rows = NDArray[np.intp]


class PeopleSaid(NamedTuple):
    """People's labels of one metric, by answer.

    answers: keys as in `Columns.answers`, sorted, each once. values: in [0, 1]. chances: probability of having been
    asked, nan where it is not known.
    """

    answers: NDArray[np.uint64]
    values: FloatArray
    chances: FloatArray

    def of(self, answers: NDArray[np.uint64]) -> tuple[FloatArray, FloatArray]:
        """Return what people say of these answers and how likely they were to be asked; nan where nobody was."""
        import numpy as np

        values, chances = np.full(len(answers), np.nan), np.full(len(answers), np.nan)
        if len(self.answers):
            at = np.minimum(np.searchsorted(self.answers, answers), len(self.answers) - 1)
            known = self.answers[at] == answers
            values[known], chances[known] = self.values[at[known]], self.chances[at[known]]
        return values, chances


def said_by(labels: Iterable[Label]) -> PeopleSaid:
    """Return what people said of one metric: of several labels of one answer the best founded, then the newest."""
    import numpy as np

    best = {int(digest[:16], 16): one for digest, one in standing(labels).items()}
    keys = np.array(sorted(best), dtype=np.uint64)
    chosen = [best[int(key)] for key in keys]
    chances = [np.nan if one.probability is None else one.probability for one in chosen]
    return PeopleSaid(keys, np.array([one.value for one in chosen]), np.array(chances, dtype=np.float64))


def corrected_level(said: PeopleSaid, arm: Columns, name: str, rows: Rows) -> Corrected | None:
    """Return the mean of the scored rows corrected, None when nobody labelled one of them with a known chance."""
    labels = _labels(said, arm, name, rows)
    return None if labels is None else Corrected.of(corrected_mean(labels, SCORES))


def corrected_difference(
    said: PeopleSaid, name: str, ours: tuple[Columns, Rows], theirs: tuple[Columns, Rows]
) -> Corrected | None:
    """Return the mean change over scored pairs corrected; None when people labelled too little to say.

    Where people saw both arms of enough cases their differences are used, else each arm is corrected on its own.
    """
    import numpy as np

    (arm, rows), (before, base_rows) = ours, theirs
    now, now_chance = said.of(arm.answers[rows])
    then, then_chance = said.of(before.answers[base_rows])
    judged = arm.values[name][rows] - before.values[name][base_rows]
    both = ~np.isnan(now_chance) & ~np.isnan(then_chance)
    clusters = arm.clusters[rows]
    if len(np.unique(clusters[both])) >= ENOUGH_LABELLED:
        # One draw decides over both answers of a case, so the rarer of the two chances is that of the pair.
        change, chance = np.where(both, now - then, np.nan), np.where(both, np.fmin(now_chance, then_chance), np.nan)
        return Corrected.of(corrected_mean(Labels(judged, change, chance, clusters), CHANGES))
    new, old = _labels(said, arm, name, rows), _labels(said, before, name, base_rows, clusters)
    return None if new is None or old is None else Corrected.of(corrected_change(new, old, CHANGES))


def _labels(
    said: PeopleSaid, arm: Columns, name: str, rows: Rows, clusters: NDArray[np.uint64] | None = None
) -> Labels | None:
    import numpy as np

    people, chances = said.of(arm.answers[rows])
    if np.isnan(chances).all():
        return None
    return Labels(arm.values[name][rows], people, chances, arm.clusters[rows] if clusters is None else clusters)
