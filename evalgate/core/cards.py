"""Calibration cards: how well one judge, by digest, agrees with people, with bounds, and until when that counts.

A value of .5 or more is a positive, below it a negative, both of the judge and of people. Graded scores are cut there
too: rates and agreement then are those of the cut scores and say nothing of how far a graded mean moves, which is why
no margin is scaled for them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from evalgate.core.metrics import Fact, Holds
from evalgate.core.statistics.agreement import METHODS_OF_TWO, Agreement, Method, Ratings, agreement
from evalgate.core.statistics.binary import clopper_pearson, korn_graubard
from evalgate.core.statistics.labelled import USEFUL_J
from evalgate.core.statistics.means import ClusterSums
from evalgate.core.statistics.tails import ALPHA
from evalgate.core.values import Finite, Unit, Value, digest

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]

ENOUGH_OF_EACH = 20
"""Fewer human positives, or negatives, than this make a card incomplete."""

POSITIVE = 0.5

MAX_AGE_DAYS = 90

Whole = Annotated[int, Field(ge=0)]
Days = Annotated[int, Field(ge=1)]


class Rate(Value):
    """The share of `n` labels that the judge got right, and its two one-sided bounds."""

    point: Unit | None
    """None without a label."""
    low: Unit
    high: Unit
    n: Whole


class Confusion(Value):
    """How often judge (first letter: right or not) and positive or negative met; fractions where labels are weighted.

    tp: both say positive; fn: people do, the judge does not; tn: both say negative; fp: the judge alone says positive.
    """

    tp: Annotated[float, Field(ge=0)]
    fn: Annotated[float, Field(ge=0)]
    tn: Annotated[float, Field(ge=0)]
    fp: Annotated[float, Field(ge=0)]


class CardSlice(Value):
    """The rates of one slice, as `locale=es`, or of one language."""

    name: str
    value: str
    n: Whole
    counts: Confusion
    agreed: Unit
    """The weighted share of labels that are the judge's too."""
    tpr: Rate
    tnr: Rate


class CalibrationCard(Value):
    """How one judge and people marked the same samples; positives and negatives are by people's label."""

    check: str
    criterion: str = ""
    judge: str
    """What people call it: the model's name."""
    judge_digest: str
    """That of its CheckRef: parameters, prompt, parser and model."""
    made_on: date
    max_age_days: Days = MAX_AGE_DAYS
    alpha: Annotated[Finite, Field(gt=0, lt=0.5)] = ALPHA
    """Every bound on the card holds with probability 1 - alpha/2, so that J_L and each interval hold with 1 - alpha."""
    n: Whole
    unscored: Whole = 0
    """Labels of samples that the judge gave no mark; they count nowhere else."""
    left_out: Whole = 0
    """Labels of samples that nobody knows the chance of, where it is known of others; they count nowhere else."""
    clusters: Whole
    graded: bool = False
    """Whether any value of either was neither 0 nor 1."""
    counts: Confusion
    weighted: Confusion | None = None
    """The same with weights 1/π, adding up to n; None where all labels were as likely."""
    tpr: Rate
    tnr: Rate
    agreement: tuple[Agreement, ...]
    slices: tuple[CardSlice, ...] = ()
    languages: tuple[CardSlice, ...] = ()

    @cached_property
    def digest(self) -> str:
        """Equal for cards that say the same."""
        return digest(self.model_dump(mode="json"))

    @property
    def positives(self) -> int:
        """Labels by which people said positive."""
        return self.tpr.n

    @property
    def negatives(self) -> int:
        """Labels by which people said negative."""
        return self.tnr.n

    @property
    def complete(self) -> bool:
        """Whether there are enough labels of either kind."""
        return min(self.positives, self.negatives) >= ENOUGH_OF_EACH

    @property
    def informed(self) -> float | None:
        """Youden's J = TPR + TNR - 1: a true drop D shows as J·D. None while one kind of label is missing."""
        if self.tpr.point is None or self.tnr.point is None:
            return None
        return self.tpr.point + self.tnr.point - 1

    @property
    def informed_low(self) -> float:
        """J_L, the lower bound of J at 1 - alpha."""
        return self.tpr.low + self.tnr.low - 1

    @property
    def expires_on(self) -> date:
        """The last day on which the card counts."""
        return self.made_on + timedelta(days=self.max_age_days)

    def by(self, method: Method) -> Agreement:
        """Return the agreement of judge and people by one method: percent, cohen, ac1 or alpha."""
        return next(found for found in self.agreement if found.method == method)


@dataclass(frozen=True)
class LabelledMarks:
    """What a judge and people said of the same samples, a row a label of the `test` split.

    judge: NaN where it gave no mark. weights: 1/π of each label, NaN where π is not known: such a label is left out
    where any is known, for it may be there because of what the judge said. clusters, languages and each of slices: one
    a label, None in the latter two where it has none. ValueError for values outside [0, 1], a label that is none, a
    weight not above 0, and columns of different lengths.
    """

    judge: FloatArray
    people: FloatArray
    weights: FloatArray | None = None
    clusters: npt.ArrayLike | None = None
    slices: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    languages: Sequence[str | None] = ()

    def __post_init__(self) -> None:
        """Refuse columns that cannot be."""
        import numpy as np

        columns = [self.people, self.weights, self.clusters, self.languages or None, *self.slices.values()]
        if any(len(np.asarray(each)) != len(self.judge) for each in columns if each is not None):
            raise ValueError("judge, people, weights, clusters, slices and languages are one a label")
        unsaid, known = np.isnan(self.judge), (self.judge >= 0) & (self.judge <= 1)
        if not (known | unsaid).all() or not ((self.people >= 0) & (self.people <= 1)).all():
            raise ValueError("values lie in [0, 1]; a label that is none is left out")
        if self.weights is not None and (self.weights <= 0).any():
            raise ValueError("weights are above 0")

    @cached_property
    def counted(self) -> Mask:
        """Which rows count: all, or where the chance of any is known, those of which it is."""
        import numpy as np

        known = np.full(len(self.judge), fill_value=False) if self.weights is None else ~np.isnan(self.weights)
        return known if known.any() else ~known

    @property
    def order(self) -> IntArray:
        """The rows that count and the judge marked, sorted, so that equal labels in any order give the same card."""
        import numpy as np

        marked = np.flatnonzero(self.counted & ~np.isnan(self.judge))
        columns = [each for each in (self.clusters, self.weights, self.people, self.judge) if each is not None]
        return marked[np.lexsort([np.asarray(each)[marked] for each in columns])]


@dataclass(frozen=True)
class _Labels:
    """What counts of the labels that the judge marked too; no weights where all are alike."""

    judged: Mask
    said: Mask
    weights: FloatArray | None
    clusters: npt.NDArray[np.generic] | None

    def where(self, kept: Mask | IntArray) -> _Labels:
        """Return some of the labels."""
        return _Labels(
            self.judged[kept],
            self.said[kept],
            None if self.weights is None else self.weights[kept],
            None if self.clusters is None else self.clusters[kept],
        )


def make_card(
    marks: LabelledMarks,
    *,
    check: str,
    judge: str,
    judge_digest: str,
    made_on: date,
    criterion: str = "",
    max_age_days: int = MAX_AGE_DAYS,
    alpha: float = ALPHA,
) -> CalibrationCard:
    """Return the card of a judge. The order of rows is of no matter.

    Rates are bounded as Clopper and Pearson do, or Korn and Graubard where labels are clustered or unequally weighted.
    """
    import numpy as np

    order = marks.order
    weighted = marks.weights is not None and len(order) > 0 and np.ptp(marks.weights[order]) > 0
    labels = _Labels(
        marks.judge >= POSITIVE,
        marks.people >= POSITIVE,
        marks.weights if weighted else None,
        None if marks.clusters is None else np.asarray(marks.clusters),
    ).where(order)
    table = np.stack([labels.judged, labels.said], axis=1).astype(np.int64)
    ratings = Ratings(table, 2, labels.clusters, labels.weights, people=[1])
    given = np.concatenate([marks.judge[order], marks.people[order]])
    tpr, tnr = _rates(labels, alpha)

    def rows(name: str, values: Sequence[str | None]) -> tuple[CardSlice, ...]:
        return _slices(name, [values[place] for place in order.tolist()], labels, alpha)

    return CalibrationCard(
        check=check,
        criterion=criterion,
        judge=judge,
        judge_digest=judge_digest,
        made_on=made_on,
        max_age_days=max_age_days,
        alpha=alpha,
        n=len(order),
        unscored=int(marks.counted.sum()) - len(order),
        left_out=int((~marks.counted).sum()),
        clusters=ratings.groups,
        graded=bool(((given != 0) & (given != 1)).any()),
        counts=_confusion(labels.judged, labels.said, np.ones(len(order))),
        weighted=None if labels.weights is None else _confusion(labels.judged, labels.said, _even(labels.weights)),
        tpr=tpr,
        tnr=tnr,
        agreement=tuple(agreement(ratings, method, alpha / 2) for method in METHODS_OF_TWO),
        slices=tuple(row for name in sorted(marks.slices) for row in rows(name, marks.slices[name])),
        languages=rows("language", marks.languages) if marks.languages else (),
    )


def usable(
    card: CalibrationCard | None,
    judge_digest: str,
    today: date,
    max_age_days: int | None = None,
    name: str = "calibrated",
) -> Fact:
    """Return whether a judge's pass is a claim about people on that day; the reason where it is not.

    unknown without a card, with another judge's, an expired one (by its own age or by the one demanded) and one of too
    few labels; no for a judge that is too blind.
    """

    def fact(holds: Holds, why: str) -> Fact:
        return Fact(name=name, holds=holds, detail=why)

    if card is None:
        return fact("unknown", "no calibration card: people have not measured this judge")
    if card.judge_digest != judge_digest:
        return fact("unknown", f"the card is of another judge or rubric: {card.judge_digest[:8]}")
    last = min(card.expires_on, card.made_on + timedelta(days=max_age_days or card.max_age_days))
    if today > last:
        return fact("unknown", f"the card expired on {last.isoformat()}")
    if not card.complete:
        seen = f"{card.positives} positives and {card.negatives} negatives"
        return fact("unknown", f"the card is incomplete: {seen} by people, {ENOUGH_OF_EACH} of each are needed")
    if card.informed_low <= USEFUL_J:
        return fact("no", f"the judge is too blind: J is at least {card.informed_low:.2f}, above {USEFUL_J} is needed")
    return fact("yes", "")


def scaled_margin(margin: float, card: CalibrationCard) -> float | None:
    """Return δ·J_L, the margin to hold the judge's own scores to: a true drop of δ shows as J·δ.

    None where the card says nothing of that: of graded scores, and of a judge too blind to be used.
    """
    if card.graded or card.informed_low <= USEFUL_J:
        return None
    return margin * card.informed_low


def _even(weights: FloatArray) -> FloatArray:
    """Return the weights scaled so that they add up to their number."""
    return weights * (len(weights) / math.fsum(weights.tolist()))


def _confusion(judged: Mask, said: Mask, weights: FloatArray) -> Confusion:
    def total(where: Mask) -> float:
        return math.fsum(weights[where].tolist())

    return Confusion(
        tp=total(judged & said), fn=total(~judged & said), tn=total(~judged & ~said), fp=total(judged & ~said)
    )


def _rates(labels: _Labels, alpha: float) -> tuple[Rate, Rate]:
    """Return TPR and TNR, each bound at 1 - alpha/2."""
    yes, no = labels.where(labels.said), labels.where(~labels.said)
    return _rate(yes, yes.judged, alpha / 2), _rate(no, ~no.judged, alpha / 2)


def _rate(labels: _Labels, right: Mask, alpha: float) -> Rate:
    import numpy as np

    n, hits = len(right), int(right.sum())
    if not n:
        return Rate(point=None, low=0.0, high=1.0, n=0)
    codes = np.arange(n) if labels.clusters is None else np.unique(labels.clusters, return_inverse=True)[1].reshape(-1)
    if labels.weights is None and int(codes.max()) + 1 == n:
        return _bounded(hits / n, clopper_pearson(hits, n, alpha), n)
    weights = np.ones(n) if labels.weights is None else _even(labels.weights)
    sizes, totals = (np.bincount(codes, each).astype(np.float64) for each in (weights, weights * right))
    sums = _weighted_sums(totals, sizes)
    return _bounded(sums.mean, korn_graubard(sums, alpha), n)


def _bounded(point: float, bounds: tuple[float, float], n: int) -> Rate:
    return Rate(point=min(max(point, 0.0), 1.0), low=bounds[0], high=bounds[1], n=n)


def _weighted_sums(totals: FloatArray, sizes: FloatArray) -> ClusterSums:
    """Return the sums of clusters whose size is their weight: SE is that of the weighted share."""
    import numpy as np

    mean = math.fsum(totals.tolist()) / math.fsum(sizes.tolist())
    deviations = totals - sizes * mean
    kinds, counts = np.unique(sizes, return_counts=True)
    return ClusterSums(
        mean=mean,
        squares=math.fsum((deviations * deviations).tolist()),
        cross=math.fsum((deviations * sizes).tolist()),
        sizes=tuple(zip(kinds.tolist(), counts.tolist(), strict=True)),
    )


def _slices(name: str, values: Sequence[str | None], labels: _Labels, alpha: float) -> tuple[CardSlice, ...]:
    """Return the rates of each value of a slice, in the values' order; labels without one are in none."""
    import numpy as np

    rows = []
    for value in sorted({each for each in values if each is not None}):
        inside = labels.where(np.array([each == value for each in values], dtype=np.bool_))
        weights = np.ones(len(inside.said)) if inside.weights is None else _even(inside.weights)
        agreed = math.fsum(weights[inside.judged == inside.said].tolist()) / len(weights)
        tpr, tnr = _rates(inside, alpha)
        counts = _confusion(inside.judged, inside.said, np.ones(len(weights)))
        rows.append(
            CardSlice(name=name, value=value, n=len(weights), counts=counts, agreed=min(agreed, 1.0), tpr=tpr, tnr=tnr)
        )
    return tuple(rows)
