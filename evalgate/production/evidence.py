"""What production shows of one metric over some days, for the gate: closed windows pooled into one sample."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, get_args

from evalgate.core.correcting import PeopleSaid, said_by
from evalgate.core.estimates import SCORES, Corrected
from evalgate.core.labels import INDEPENDENT
from evalgate.core.metrics import InProduction, Metric
from evalgate.core.outcomes import Annotator, Reason
from evalgate.core.sampled import Sampled
from evalgate.core.statistics.labelled import Labels, corrected_mean
from evalgate.core.statistics.sampled import SampledMean, checked, sampled_mean, sampled_pool
from evalgate.core.statistics.weighting import Drawn, Strata

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from evalgate.store.engine import Store
    from evalgate.store.pooling import Closed, Group, Look

    FloatArray = npt.NDArray[np.float64]

LONGEST_SILENCE = timedelta(days=1)
"""Production of which nothing was scored for longer is not known; longer windows may be silent for two of them."""


LONGEST_WINDOWS = timedelta(days=14)
"""Two windows of the longest kind."""


class Question(NamedTuple):
    """What a gate asks of production."""

    suite: str
    check: str
    criterion: str
    digest: str
    """Of the check as the suite has it now: another version's marks say nothing of it."""
    metric: str
    days: int
    until: datetime
    """Windows that end later are left aside; aware."""


class _Window(NamedTuple):
    """A window that the check looked at in full."""

    span: Closed
    groups: Sequence[Group]

    @property
    def scored(self) -> bool:
        return any(group.state == "scored" for group in self.groups)


def pooled_production(store: Store, question: Question) -> InProduction:
    """Return what the closed windows of the days say; the days end with the last window that the check looked at.

    A window counts where the check of this digest has a row for every complete interaction in it, or where there was
    none. The same rows give the same value, whenever it is asked for within a day.
    """
    marks = store.pooling.marks(question.suite, question.check, question.criterion, question.digest)
    length = timedelta(days=question.days)
    closed = store.pooling.closed(question.suite, question.until - 2 * length - LONGEST_WINDOWS, question.until)
    nothing = InProduction(metric=question.metric, days=question.days)
    if marks is None:
        return nothing.model_copy(update={"other_windows": _within(closed, question.until - length)})
    windows: list[_Window] = []
    others = 0
    for span in closed:
        if windows and span.starts_at < windows[0].span.ends_at - length:
            break
        if not windows and question.until - span.ends_at > max(length, _allowed(span)):
            break
        if span.ends_at - span.starts_at > length:
            continue
        groups = store.pooling.groups(span, marks.number)
        if any(group.state is None for group in groups):
            others += 1
        else:
            windows.append(_Window(span, groups))
    if not windows:
        return nothing.model_copy(update={"other_windows": others})
    spans = [window.span for window in windows]
    covered = sum((span.ends_at - span.starts_at for span in spans), timedelta()) / length
    population = _Population.of(windows)
    looks = list(store.pooling.looks(spans, marks.number)) if population.names else []
    people = [one for one in store.labels.stream(question.check, question.criterion, INDEPENDENT) if one.blind]
    level = _level(question.metric, marks.annotator, looks, population, said_by(people) if people else None)
    return nothing.model_copy(
        update={
            "windows": len(windows),
            "other_windows": others,
            "since": spans[-1].starts_at,
            "until": spans[0].ends_at,
            "covered": min(covered, 1.0),
            "silent_days": _silent_days(windows, question),
            "population": round(level[1]),
            "level": level[0],
        }
    )


def _within(closed: Sequence[Closed], since: datetime) -> int:
    return sum(span.starts_at >= since for span in closed)


def _silent_days(windows: Sequence[_Window], question: Question) -> int:
    """Return for how many whole days nothing was scored, at least one where that is too long; else 0."""
    last = next((window.span for window in windows if window.scored), None)
    if last is None:
        return question.days
    silence = question.until - last.ends_at
    return max(1, silence // timedelta(days=1)) if silence > _allowed(last) else 0


def _allowed(span: Closed) -> timedelta:
    return max(LONGEST_SILENCE, 2 * (span.ends_at - span.starts_at))


class _Population(NamedTuple):
    """The strata of all windows: their names in order, what was counted in each, and the chances as designed."""

    names: tuple[str, ...]
    sizes: tuple[float, ...]
    chances: tuple[float, ...]
    """0 where nothing could be drawn."""

    @classmethod
    def of(cls, windows: Sequence[_Window]) -> _Population:
        """Return the strata of some windows; what was filtered is no part of them."""
        sizes: Counter[str] = Counter()
        chances: dict[str, float] = {}
        for group in (group for window in windows for group in window.groups if group.state != "filtered"):
            name = group.stratum or ""
            sizes[name] += group.items
            chances[name] = min(1.0 if group.least is None else group.least, chances.get(name, 1.0))
        names = tuple(sorted(sizes))
        return cls(names, tuple(float(sizes[name]) for name in names), tuple(chances[name] for name in names))

    @property
    def control(self) -> float:
        """The smallest chance of all: whatever has a draw below it was drawn, whatever its facts."""
        return min(self.chances, default=1.0)

    def narrowed(self, looks: Sequence[Look]) -> _Population:
        """Return what the check is for: where it was not for some that were drawn, nobody has counted the others.

        All that could be drawn is then one stratum, as large as the drawn ones let expect; the rest is another.
        """
        alike = Counter((look.chance, look.state != "not_applicable") for look in looks)
        if all(applies for _, applies in alike):
            return self
        drawn = math.fsum(items / chance for (chance, _), items in sorted(alike.items()))
        meant = math.fsum(items / chance for (chance, applies), items in sorted(alike.items()) if applies)
        here = sum(items for (_, applies), items in alike.items() if applies)
        parts = list(zip(self.sizes, self.chances, strict=True))
        reached = sum(size for size, chance in parts if chance > 0)
        never = sum(size for size, chance in parts if chance == 0)
        whole = _Population(
            ("",), (max(reached * meant / drawn, here),), (min(chance for chance in self.chances if chance),)
        )
        if not never:
            return whole
        return _Population((*whole.names, "never"), (*whole.sizes, never), (*whole.chances, 0.0))

    def codes(self, looks: Sequence[Look]) -> npt.NDArray[np.int64]:
        """Return the stratum of each interaction."""
        import numpy as np

        code = {name: number for number, name in enumerate(self.names)}
        return np.array([code.get(look.stratum or "", 0) for look in looks], dtype=np.int64)


class _Rows(NamedTuple):
    """What a check was to mark and is for, one a row in one order; a value is nan where it is not scored."""

    values: FloatArray
    chances: FloatArray
    draws: FloatArray
    codes: npt.NDArray[np.int64]
    conversations: npt.NDArray[np.str_]
    answers: npt.NDArray[np.uint64]


def _level(
    metric: str, annotator: Annotator, looks: Sequence[Look], counted: _Population, said: PeopleSaid | None
) -> tuple[Metric, float]:
    """Return the pooled mean, and how many interactions it stands for."""
    import numpy as np

    wanted = [look for look in looks if look.state != "not_applicable"]
    population = counted.narrowed(looks)
    rows = _rows(wanted, population)
    scored = ~np.isnan(rows.values)
    seen = _mean(rows, population, scored)
    low, high = seen, seen
    if not scored.all():
        everything, suspect = np.ones_like(scored), {"suspect": seen.suspect}
        filled = (rows._replace(values=np.where(scored, rows.values, end)) for end in (0.0, 1.0))
        low, high = (_mean(each, population, everything).model_copy(update=suspect) for each in filled)
    found = Metric(
        name=metric,
        of="level",
        annotator=annotator,
        estimate=Sampled.of(seen),
        lowest=Sampled.of(low),
        highest=Sampled.of(high),
        planned=len(wanted),
        scored=int(scored.sum()),
        not_applicable=len(looks) - len(wanted),
        unscored=dict(sorted(Counter(_why(look) for look in wanted if look.state != "scored").items())),
        binary=bool(((rows.values[scored] == 0) | (rows.values[scored] == 1)).all()),
        corrected=_corrected(rows, population, scored, said),
    )
    return found, sum(population.sizes)


def _why(look: Look) -> str:
    if look.state == "shed":
        return "over_budget"
    return look.reason if look.reason is not None and look.reason in get_args(Reason) else "missing"


def _rows(wanted: Sequence[Look], population: _Population) -> _Rows:
    import numpy as np

    return _Rows(
        np.array([look.value if look.state == "scored" else np.nan for look in wanted], dtype=np.float64),
        np.array([look.chance for look in wanted], dtype=np.float64),
        np.array([look.draw for look in wanted], dtype=np.float64),
        population.codes(wanted),
        np.array([look.conversation for look in wanted], dtype=np.str_),
        np.array([int((look.sample_digest or "0")[:16], 16) for look in wanted], dtype=np.uint64),
    )


def _drawn(rows: _Rows, population: _Population, chosen: npt.NDArray[np.bool_]) -> Drawn | None:
    import numpy as np

    if not chosen.any():
        return None
    sizes, typical = np.array(population.sizes), np.array(population.chances)
    strata = Strata(rows.codes[chosen], sizes, typical)
    return Drawn(rows.values[chosen], rows.chances[chosen], strata, rows.conversations[chosen])


def _mean(rows: _Rows, population: _Population, chosen: npt.NDArray[np.bool_]) -> SampledMean:
    """Return the mean of the chosen rows, held against the slice that every probability leaves in."""
    import numpy as np

    drawn, control = _drawn(rows, population, chosen), population.control
    if drawn is None:
        return sampled_mean(Drawn(np.empty(0), np.empty(0)))
    plain = chosen & (rows.draws < control)
    if control >= 1 or not plain.any():
        return sampled_mean(drawn)
    alike = np.full(int(plain.sum()), control)
    return checked(drawn, Drawn(rows.values[plain], alike, clusters=rows.conversations[plain]))


def _corrected(
    rows: _Rows, population: _Population, scored: npt.NDArray[np.bool_], said: PeopleSaid | None
) -> Corrected | None:
    """Return the mean corrected with people's labels of the scored interactions; None when there are none."""
    import numpy as np

    drawn = _drawn(rows, population, scored)
    if said is None or drawn is None:
        return None
    people, chances = said.of(rows.answers[scored])
    if np.isnan(chances).all():
        return None
    labels = Labels(drawn.values, people, chances, drawn.clusters, sampled_pool(drawn))
    return Corrected.of(corrected_mean(labels, SCORES))
