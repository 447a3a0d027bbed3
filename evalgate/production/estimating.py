"""What a window says of every metric, of all its traffic and of each slice: section 12 of the statistics.

Strata are counted in the whole window, clusters are conversations, a weight is 1/p. What should have been scored and
was not is tried at 0 and at 1. Code checks look at everything: a chance of 1 and no strata.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import orjson

from evalgate.core.statistics.sampled import SampledMean, checked, sampled_mean
from evalgate.core.statistics.weighting import Drawn, Strata
from evalgate.production.bench import Bench, Criterion
from evalgate.store.scores import Span
from evalgate.store.windows import EstimateRow

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]
    BoolArray = npt.NDArray[np.bool_]

ALPHA = 0.025
"""Of each end of a two-sided 95 % interval."""
MOST_SLICES = 50
"""Values of one fact that are estimated, the most frequent first: senders choose the values."""
LOOKED = ("scored", "failed", "shed", "pending", "not_applicable")
"""States of what was drawn."""


class Ends(NamedTuple):
    """A mean between its two ends: with what was not scored at 0, and at 1."""

    worst: SampledMean
    best: SampledMean
    population: int
    """Interactions it speaks of, drawn or not; less what the check is not for, as far as was looked."""
    scored: int
    point: float | None
    """The mean of what was scored; None where nothing was."""


class Estimated(NamedTuple):
    """What a window says of one criterion and slice."""

    criterion: Criterion
    slice: str
    ends: Ends

    @property
    def row(self) -> EstimateRow:
        """As it is stored."""
        ends = self.ends
        mean = {"worst": ends.worst.model_dump(mode="json"), "best": ends.best.model_dump(mode="json")}
        return EstimateRow(
            traffic_check=self.criterion.number,
            slice=self.slice,
            population=ends.population,
            scored=ends.scored,
            point=ends.point,
            low=None if ends.point is None else ends.worst.bounds(ALPHA).low,
            high=None if ends.point is None else ends.best.bounds(ALPHA).high,
            reason=ends.worst.reason or ends.best.reason,
            mean=orjson.dumps(mean).decode(),
        )


@dataclass(frozen=True)
class Rows:
    """The interactions that a criterion has to do with, one a row: drawn or not, scored or not."""

    values: FloatArray
    """NaN where there is no score."""
    drawn: BoolArray
    applies: BoolArray
    """False where the check, having looked, had no business."""
    chances: FloatArray
    strata: IntArray
    draws: FloatArray
    conversations: IntArray

    def at(self, chosen: BoolArray) -> Rows:
        """Return some of the rows."""
        return Rows(**{name: column[chosen] for name, column in self.__dict__.items()})


def estimates(bench: Bench, span: Span) -> list[Estimated]:
    """Return what a span of time says of every criterion of the suite, of all and by slice."""
    whole = _Whole.of(bench, span)
    found = []
    for criterion in bench.criteria:
        places, rows = whole.rows(bench, span, criterion)
        found.append(Estimated(criterion, "", mean_of(rows)))
        for fact, value, members in whole.slices(bench.spec.by):
            mine = rows.at(members[places])
            if len(mine.values):
                found.append(Estimated(criterion, f"{fact}={value}", mean_of(mine)))
    return found


def mean_of(rows: Rows) -> Ends:
    """Return the mean of all that the rows were drawn from, with its two ends."""
    import numpy as np

    missing = rows.drawn & rows.applies & np.isnan(rows.values)
    scored = rows.drawn & rows.applies & ~missing
    ends = [_mean(rows, np.where(missing, end, rows.values), scored | missing) for end in (0.0, 1.0)]
    population = round(float(_sizes(rows, scored | missing)[0].sum())) if rows.drawn.any() else len(rows.drawn)
    point = ends[0].point if not missing.any() else _mean(rows, rows.values, scored).point
    count = int(np.count_nonzero(scored))
    return Ends(ends[0], ends[1], population, count, point if count else None)


def _mean(rows: Rows, values: FloatArray, chosen: BoolArray) -> SampledMean:
    """Return the mean of the chosen rows, held against the slice that every chance leaves in."""
    import numpy as np

    if not chosen.any():
        return sampled_mean(Drawn(np.empty(0), np.empty(0)))
    mine = values[chosen], rows.chances[chosen]
    conversations = rows.conversations[chosen]
    if (rows.chances == 1).all():
        return sampled_mean(Drawn(*mine, clusters=conversations))
    sizes, codes, typical = _sizes(rows, chosen)
    everything = Drawn(*mine, Strata(codes, sizes, typical), conversations)
    control = float(rows.chances.min())
    plain = chosen & (rows.draws < control)  # whatever has a draw below it was drawn, whatever its facts
    if not plain.any():  # also where some stratum is never looked at: a control slice would not speak of it
        return sampled_mean(everything)
    alike = np.full(int(np.count_nonzero(plain)), control)
    return checked(everything, Drawn(values[plain], alike, clusters=rows.conversations[plain]))


def _sizes(rows: Rows, chosen: BoolArray) -> tuple[FloatArray, IntArray, FloatArray]:
    """Return the interactions in each stratum, the stratum of each chosen row, and the chances as designed.

    Where the check was not for some that were drawn, nobody has counted those that it is for: all that could be drawn
    is then one stratum, as large as the drawn ones let expect, and what never could be is another.
    """
    import numpy as np

    designed = np.full(int(rows.strata.max()) + 1, np.inf)
    np.minimum.at(designed, rows.strata, rows.chances)
    if not (rows.drawn & ~rows.applies).any():
        sizes = np.bincount(rows.strata).astype(np.float64)
        return sizes, rows.strata[chosen], np.where(np.isfinite(designed), designed, 0.0)
    inverse = 1 / rows.chances[rows.drawn]
    share = float(inverse[rows.applies[rows.drawn]].sum() / inverse.sum())
    reached = int(np.count_nonzero(rows.chances > 0))
    count = int(np.count_nonzero(chosen))
    sizes = np.array([max(reached * share, count), len(rows.chances) - reached], dtype=np.float64)
    return sizes, np.zeros(count, dtype=np.int64), np.array([1.0, 0.0])


@dataclass(frozen=True)
class _Whole:
    """All interactions of a span, one a row."""

    places: dict[int, int]
    """Interaction to row."""
    conversations: IntArray
    draws: FloatArray
    facts: dict[str, tuple[list[str], IntArray]]
    """Of each fact that is asked about, its values and each row's place among them, -1 where it is not known."""

    @classmethod
    def of(cls, bench: Bench, span: Span) -> _Whole:
        import numpy as np

        places: dict[int, int] = {}
        codes: dict[str, int] = {}
        values: dict[str, dict[str, int]] = {fact: {} for fact in bench.spec.by}
        held: dict[str, list[int]] = {fact: [] for fact in bench.spec.by}
        conversations, draws = [], []
        for seen in (seen for page in bench.store.scores.stream(span) for seen in page):
            places[seen.number] = len(places)
            conversations.append(codes.setdefault(seen.conversation, len(codes)))
            draws.append(seen.draw)
            for fact, known in values.items():
                value = seen.facts.get(fact)
                held[fact].append(-1 if value is None else known.setdefault(value, len(known)))
        facts = {fact: (list(known), np.array(held[fact], dtype=np.int64)) for fact, known in values.items()}
        return cls(places, np.array(conversations, dtype=np.int64), np.array(draws, dtype=np.float64), facts)

    def rows(self, bench: Bench, span: Span, criterion: Criterion) -> tuple[IntArray, Rows]:
        """Return the rows of one criterion and where each stands among all interactions; filtered ones are left out."""
        import numpy as np

        names: dict[str | None, int] = {}
        count = len(self.places)
        values, chances = np.full(count, np.nan), np.ones(count)
        there, drawn, applies = (
            np.zeros(count, dtype=np.bool_),
            np.zeros(count, dtype=np.bool_),
            np.ones(count, np.bool_),
        )
        strata = np.zeros(count, dtype=np.int64)
        for one in bench.store.scores.drawn(span, criterion.number):
            if one.state == "filtered":
                continue
            place = self.places[one.interaction]
            there[place] = True
            drawn[place] = one.state in LOOKED
            applies[place] = one.state != "not_applicable"
            strata[place] = names.setdefault(one.stratum, len(names))
            if one.chance is not None:
                chances[place] = one.chance
            if one.state == "scored" and one.value is not None:
                values[place] = one.value
        # In the order of their names: what the database gives first must change nothing.
        ranks = np.argsort(np.argsort([str(name) for name in names], kind="stable"), kind="stable")
        strata = ranks[strata] if names else strata
        whole = Rows(values, drawn, applies, chances, strata, self.draws, self.conversations)
        return np.flatnonzero(there), whole.at(there)

    def slices(self, by: Sequence[str]) -> Iterator[tuple[str, str, BoolArray]]:
        """Give the values of each fact that is asked about, with who has them."""
        import numpy as np

        for fact in by:
            names, held = self.facts[fact]
            counts = np.bincount(held[held >= 0], minlength=len(names))
            known = sorted(
                (-int(count), name, code) for code, (name, count) in enumerate(zip(names, counts, strict=True))
            )
            for _, name, code in known[:MOST_SLICES]:
                yield fact, name, held == code
