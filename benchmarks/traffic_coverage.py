"""What a sample of traffic knows: how often the cascade's interval holds the truth, and how wide it is.

Everything is weighed and corrected by the functions that production uses, and HaluEval's days are drawn by them. The
truth is the mean of the whole day, of which a sample sees a few percent; a day is sampled anew 1,000 times.
"""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.figures import Figure
from benchmarks.measuring import run
from benchmarks.traffic_days import JUDGE, Day, Design, Found, halueval, made_up, planned, sampled
from evalgate.core.phases import shared_draw
from evalgate.core.statistics.allocation import Bought, Stratum, bought
from evalgate.core.statistics.planning import UNKNOWN_ICC, cluster_design_effect

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]

DAYS, QUICK_DAYS = 1_000, 30
COVERS, MOST_UNKNOWN = 0.93, 0.01
ALPHA = 0.025
"""Of each end of a two-sided 95 % interval."""


class World(NamedTuple):
    """A day and what may be spent on it."""

    name: str
    what: str
    items: int
    judged: int
    reviews: int

    def small(self) -> World:
        """Return a quarter of it."""
        return self._replace(items=self.items // 4, judged=self.judged // 4, reviews=self.reviews // 4)


COMMON = World("common", "2.4 % fail", 1_000_000, 20_000, 2_500)
RARE = World("rare", "0.5 % fail", 1_000_000, 20_000, 2_500)
HALUEVAL = World("halueval", "HaluEval, people's labels", 4_507, 900, 300)


def bench(*, quick: bool) -> list[Figure]:
    """Return coverage, width and errors of each day."""
    folder = os.environ.get("EVALGATE_REALDATA")
    figures = []
    for world in (COMMON, RARE, HALUEVAL):
        if world is HALUEVAL and not folder:
            figures.append(Figure(world.what, "–", "not measured: EVALGATE_REALDATA names no folder"))
            continue
        days = QUICK_DAYS if quick else DAYS
        command = [sys.executable, "-m", "benchmarks.traffic_coverage", world.name, str(days), str(int(quick))]
        ran = run(command, env={"EVALGATE_REALDATA": folder} if folder else {})
        figures += _figures(
            world.small() if quick and world is not HALUEVAL else world, json.loads(ran.said.splitlines()[-1]), days
        )
    return figures


def _figures(world: World, told: dict[str, float], days: int) -> Iterator[Figure]:
    spent = f"{told['judged']:,.0f} judged and {told['reviews']:,.0f} reviewed a day, at a single rate as many"
    least = COVERS if days == DAYS else COVERS - 3 * math.sqrt(COVERS * (1 - COVERS) / days)
    for key, said in (("judge", "what the judge would say of all"), ("people", "what people would, by their labels")):
        covers, ratio = told[f"{key}_covers"], told[f"{key}_ratio"]
        truth, mean, single = (told[f"{key}_{part}"] for part in ("truth", "mean", "single"))
        yield Figure(
            f"{world.items:,} interactions, {world.what}: the 95 % interval holds {said}",
            f"≥ {least:.0%} of {days:,} days",
            f"{covers:.1%}",
            covers >= least,
            f"truth {truth:.2%}, mean estimate {mean:.2%}; at a single rate {single:.1%}",
        )
        yield Figure(
            "… its width, against a single rate's",
            "narrower",
            f"{ratio:.2f} times: ±{told[f'{key}_width'] / 2 * 100:.2f} points",
            ratio < 1,
            spent,
        )
    yield Figure(
        "… the width that `traffic plan` tells beforehand, against what came",
        "–",
        f"{told['planned']:.2f} times",
        None,
        "conversations are taken as half alike",
    )
    yield Figure(
        "… days called UNKNOWN",
        f"≤ {MOST_UNKNOWN:.0%}",
        f"{told['unknown']:.1%}",
        told["unknown"] <= MOST_UNKNOWN,
        f"without its weights the same sample's mean is off by {told['unweighted'] * 100:+.1f} points; on "
        f"{told['undecided']:.1%} of the days labels are too few to decide",
    )


def measure(world: World, day: Day, draws: Iterator[FloatArray]) -> dict[str, float]:
    """Return what so many samples of one day have shown, at the design's chances and at a single rate."""
    import numpy as np

    design = planned(day, world.judged, world.reviews)
    pairs = [
        (sampled(day, design.phases, draw), sampled(day, (design.plain,) * len(day.names), draw, counted=False))
        for draw in draws
    ]
    ours = [pair[0] for pair in pairs]
    told = {"judged": float(np.mean([each.judged.n for each in ours]))}
    told["reviews"] = float(np.mean([each.corrected.labelled for each in ours]))
    told["unknown"] = float(np.mean([each.judged.reason is not None for each in ours]))
    told["undecided"] = float(np.mean([not each.corrected.trusted for each in ours]))
    weights = np.array([each.chances[JUDGE] for each in design.phases])[day.strata]
    told["planned"] = _foretold(day, design).se / float(np.mean([each.judged.se for each in ours]))
    told["unweighted"] = float(np.average(day.judge, weights=weights) - day.judge.mean())
    for key, truth in (("judge", day.judge.mean()), ("people", day.people.mean())):
        covers, width, mean = _seen(ours, key, truth)
        plain_covers, plain_width, _ = _seen([pair[1] for pair in pairs], key, truth)
        told |= {f"{key}_covers": covers, f"{key}_width": width, f"{key}_ratio": width / plain_width}
        told |= {f"{key}_truth": float(truth), f"{key}_mean": mean, f"{key}_single": plain_covers}
    return told


def _foretold(day: Day, design: Design) -> Bought:
    """Return what a plan says that the judge's phase will show, knowing how each stratum's scores spread."""
    import numpy as np

    effect = cluster_design_effect(len(day.strata), int(day.conversations[-1]) + 1, UNKNOWN_ICC)
    spreads = [float(np.std(day.judge[day.strata == place])) for place in range(len(day.names))]
    strata = [
        Stratum(items=items, sd=sd * math.sqrt(effect)) for items, sd in zip(day.sizes.tolist(), spreads, strict=True)
    ]
    takes = [each.items * phases.chances[JUDGE] for each, phases in zip(strata, design.phases, strict=True)]
    return bought(strata, takes)


def _seen(found: list[Found], key: str, truth: float) -> tuple[float, float, float]:
    """Return how often the interval holds the truth, its mean width, and the mean estimate."""
    import numpy as np

    means = [each.judged if key == "judge" else each.corrected for each in found]
    bounds = np.array([each.bounds(ALPHA) for each in means])
    holds = (bounds[:, 0] <= truth) & (truth <= bounds[:, 1])
    width = (bounds[:, 1] - bounds[:, 0]).mean()
    return float(holds.mean()), float(width), float(np.mean([each.point for each in means]))


def production_draws(conversations: int, days: int) -> Iterator[FloatArray]:
    """Yield for each day the draws of its conversations under a salt of its own, each as production draws it."""
    import numpy as np

    for day in range(days):
        yield np.array([shared_draw(f"day {day}", str(number)) for number in range(conversations)])


def uniform_draws(conversations: int, days: int, seed: int = 43) -> Iterator[FloatArray]:
    """Yield for each day a draw of each conversation: uniform in steps of 2^-53 as those of production are.

    To hash half a million ids for each of 1,000 days would take a quarter of an hour and show the same.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    for _ in range(days):
        yield rng.random(conversations)


def main(name: str, days: int, *, quick: bool) -> dict[str, float]:
    """Return what one day's samples show."""
    if name == HALUEVAL.name:
        day = halueval(Path(os.environ["EVALGATE_REALDATA"]))
        return measure(HALUEVAL, day, production_draws(len(day.strata), days))
    world = next(each for each in (COMMON, RARE) if each.name == name)
    world = world.small() if quick else world
    day = made_up(world.items, rare=name == RARE.name)
    return measure(world, day, uniform_draws(int(day.conversations[-1]) + 1, days))


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), quick=sys.argv[3] == "1")))
