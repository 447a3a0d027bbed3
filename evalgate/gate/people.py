"""What people said, gathered for a decision: labels that correct a judge, and the cards that measure it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from evalgate.core.cards import CalibrationCard, usable
from evalgate.core.correcting import PeopleSaid, said_by
from evalgate.core.evidence import People
from evalgate.core.labels import INDEPENDENT
from evalgate.core.metrics import Calibration
from evalgate.core.outcomes import metric_name

if TYPE_CHECKING:
    from evalgate.core.gates import Gate
    from evalgate.gate.stored import Stored
    from evalgate.runner.marking import Named

MEASURED = ("llm", "classifier")


def people_of(
    stored: Stored, gates: Sequence[Gate], checks: Iterable[Named], today: date, *, uncalibrated: bool
) -> People:
    """Return the labels and cards of every gated judge and classifier.

    Labels count that people gave without having seen the judge's answer, of samples kept apart from the prompt's
    making. Of several of one answer the best founded counts, then the newest.
    """
    gated = {gate.metric for gate in gates}
    demanded = {gate.metric for gate in gates if gate.calibrated is not None or not uncalibrated}
    days = {gate.metric: gate.calibrated.max_age_days for gate in gates if gate.calibrated is not None}
    labels: dict[str, PeopleSaid] = {}
    calibrations = []
    for named in checks:
        metrics = {metric_name(named.ref.name, criterion): criterion for criterion in named.check.criteria}
        metrics = {metric: criterion for metric, criterion in metrics.items() if metric in gated}
        if not metrics or named.ref.annotator not in MEASURED:
            continue
        said = list(stored.labels.stream(named.ref.name, splits=INDEPENDENT))
        cards = stored.cards.newest(named.ref.name)
        for metric, criterion in metrics.items():
            mine = [one for one in said if one.criterion == criterion and one.blind]
            if mine:
                labels[metric] = said_by(mine)
            card = _of_judge(cards, criterion, named.ref.digest)
            if named.ref.annotator == "llm" and (metric in demanded or card is not None):
                calibrations.append(_calibration(metric, card, named.ref.digest, today, days.get(metric)))
    return People(labels, tuple(calibrations))


def _of_judge(cards: Iterable[CalibrationCard], criterion: str, digest: str) -> CalibrationCard | None:
    """Return this judge's card, else that of another judge of the criterion: then the reason names it."""
    mine = [card for card in cards if card.criterion == criterion]
    return next((card for card in mine if card.judge_digest == digest), mine[-1] if mine else None)


def _calibration(
    metric: str, card: CalibrationCard | None, digest: str, today: date, max_age_days: int | None
) -> Calibration:
    fact = usable(card, digest, today, max_age_days)
    if card is None or card.judge_digest != digest:
        return Calibration(metric=metric, holds=fact.holds, detail=fact.detail)
    agreed = card.by("ac1")
    return Calibration(
        metric=metric,
        holds=fact.holds,
        detail=fact.detail,
        card=card.digest,
        informed_low=card.informed_low,
        agreement=agreed.point,
        agreement_low=agreed.low,
        agreement_high=agreed.high,
        agreement_alpha=card.alpha / 2,
        labels=card.n,
    )
