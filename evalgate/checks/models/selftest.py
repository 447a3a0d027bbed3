"""A model's self-test: it must tell the clear texts of its manifest apart, or it is not used at all."""

from __future__ import annotations

import math
from collections.abc import Sequence

from evalgate.checks.models.manifest import Pair, PinnedModel
from evalgate.core.errors import SuiteInvalid
from evalgate.core.models import LocalModel

APART = 0.2
"""How far the lowest positive stands above the highest negative: these texts are clear, real ones are not."""
_SAME = 0.01


def examine(model: PinnedModel, loaded: LocalModel) -> None:
    """Raise SuiteInvalid, in one line, for a model that is dead, wired to the wrong labels, or cannot tell."""
    for label, test in model.self_test.items():
        place = f"{model.place}: self_test {label!r}"
        positive = _scores(place, label, "positive", test.positive, loaded)
        negative = _scores(place, label, "negative", test.negative, loaded)
        low, high = min(positive + negative), max(positive + negative)
        if high - low < _SAME:
            raise SuiteInvalid(
                f"{place}: the model scores every text {low:.3f}: it is dead; its weights or tokenizer are not its own"
            )
        if min(positive) >= max(negative) + APART:
            continue
        if min(negative) >= max(positive) + APART:
            raise SuiteInvalid(
                f"{place}: negative texts score {min(negative):.3f} or more, positive ones {max(positive):.3f} or less:"
                " the labels are swapped; look their order up in the model's card"
            )
        worst, best = positive.index(min(positive)), negative.index(max(negative))
        raise SuiteInvalid(
            f"{place}: positive text {worst + 1} scores {min(positive):.3f}, negative text {best + 1}"
            f" {max(negative):.3f}, and they must be {APART} apart; choose clear texts, or another model"
        )


def _scores(place: str, label: str, side: str, texts: Sequence[str | Pair], loaded: LocalModel) -> list[float]:
    asked = [one if isinstance(one, str) else (one.premise, one.hypothesis) for one in texts]
    found = []
    for number, windows in enumerate(loaded.read(asked), 1):
        if len(windows) != 1:
            raise SuiteInvalid(f"{place}: {side} text {number} is not read at once; write a shorter one")
        found.append(windows[0].scores[label])
    if any(math.isnan(one) for one in found):
        raise SuiteInvalid(f"{place}: the model gives no numbers (NaN) for a {side} text; its weights are broken")
    return found
