"""Days of traffic whose truth is known: one made up of conversations, one of answers that people have labelled.

A day is columns, a row an interaction: its conversation, its stratum, what the judge says of it and what people say.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.gold import made, subject
from benchmarks.truth import share
from evalgate.checks.text.views import SubjectTexts
from evalgate.core.outcomes import CheckRef, Outcome
from evalgate.core.phases import Phases
from evalgate.core.samples import Message
from evalgate.core.statistics.allocation import Stratum, cascade, spread_of_share
from evalgate.core.statistics.labelled import LabelledMean, Labels, corrected_mean
from evalgate.core.statistics.sampled import SampledMean, checked, sampled_pool
from evalgate.core.statistics.weighting import Drawn, Strata
from evalgate.suites.traffic import StratumSpec, TrafficSpec
from evalgate.traffic.facts import facts_of, stratum_of
from evalgate.traffic.interactions import Interaction

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    FloatArray = npt.NDArray[np.float64]
    IntArray = npt.NDArray[np.int64]

CONTROL = 0.01
"""The control slice of a suite that does not say another."""
JUDGE, PEOPLE = 1, 2
"""The phases after the classifier."""
_KINDS = (0.86, 0.12, 0.02)
_TURNS = (0.45, 0.25, 0.15, 0.1, 0.05)
_COMMON, _RARE = (0.006, 0.08, 0.5), (0.0003, 0.01, 0.2)
NO_FIGURES = {"pattern": r"\d{3}|%|://", "must": "not_match"}
WATCHED = TrafficSpec(
    strata=(
        StratumSpec(name="refused", when={"refusal": ("yes",)}),
        StratumSpec(name="figures", when={"check_hit": ("no_figures",)}),
        StratumSpec(name="rest"),
    )
)
"""HaluEval's strata: answers that refuse, and answers with figures or links, go wrong more often."""


@dataclass(frozen=True)
class Day:
    """One day of traffic, complete: what a sample of it is held against."""

    conversations: IntArray
    """From 0."""
    strata: IntArray
    """Place in `names`."""
    judge: FloatArray
    people: FloatArray
    names: tuple[str, ...]

    @property
    def sizes(self) -> FloatArray:
        """How many interactions each stratum holds."""
        import numpy as np

        return np.bincount(self.strata, minlength=len(self.names)).astype(np.float64)


@dataclass(frozen=True)
class Design:
    """The chances of every phase by stratum, and one rate of each for everything, at the same budget."""

    phases: tuple[Phases, ...]
    plain: Phases


@dataclass(frozen=True)
class Found:
    """What one sample of a day says: of what the judge would say of all, and of what people would."""

    judged: SampledMean
    corrected: LabelledMean


def made_up(items: int, *, rare: bool = False, seed: int = 41) -> Day:
    """Return a day of conversations of one to five turns, of which some kinds go wrong far more often than others.

    rare: half a percent of the answers fail instead of 2.4. What fails is disliked, caught by a code check or long more
    often than what does not. The judge sees 85 % of the failures, and finds some where there is none.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    turns = rng.choice(len(_TURNS), items, p=_TURNS) + 1
    conversations = np.repeat(np.arange(items), turns)[:items]
    kinds = rng.choice(len(_KINDS), items, p=_KINDS)[conversations]
    fails = rng.random(items) < np.array(_RARE if rare else _COMMON)[kinds]
    facts = [rng.random(items) < np.where(fails, often, seldom) for often, seldom in ((0.25, 0.005), (0.5, 0.01))]
    facts.append(rng.random(items) < np.where(fails, 0.4, 0.1))
    strata = np.select(facts, range(3), 3).astype(np.int64)
    said = rng.random(items) < np.where(fails, 0.85, 0.002 if rare else 0.02)
    judge, people = (~said).astype(np.float64), (~fails).astype(np.float64)
    return Day(conversations, strata, judge, people, ("complained", "flagged", "long", "rest"))


def halueval(folder: Path) -> Day:
    """Return the general answers of HaluEval as a day of traffic: people's labels, facts as production finds them.

    The judge is made up: it errs on 15 answers in 100, always the same ones.
    """
    import numpy as np

    lines = (folder / "halueval_general" / "halueval_general.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    people = np.array([float(row["hallucination"] == "no") for row in rows])
    errs = np.array([share("halueval judge", number) < 0.15 for number in range(len(rows))])
    place = {stratum.name: number for number, stratum in enumerate(WATCHED.strata)}
    strata = np.array(
        [place[stratum_of(WATCHED, _facts(number, row)).name] for number, row in enumerate(rows)], dtype=np.int64
    )
    return Day(np.arange(len(rows)), strata, np.abs(people - errs), people, tuple(place))


def _facts(number: int, row: dict[str, str]) -> dict[str, str]:
    """Return the facts of one exchange, a code check's hit among them; some of the rows have no id of their own."""
    name = f"halueval-{number}"
    asked, answered = row["user_query"], row["chatgpt_response"]
    about = subject(answered, asked=asked)
    check = made("regex", **NO_FIGURES)
    outcomes = (
        Outcome(case_id=name, check=CheckRef(name="no_figures", annotator="code", digest="0" * 32), result=result)
        for result in check.mark(about, SubjectTexts(about)).values()
    )
    interaction = Interaction(
        source="file",
        external_id=name,
        finished=True,
        input=(Message(role="user", content=asked),),
        output=(Message(role="assistant", content=answered),),
    )
    return facts_of(interaction, outcomes)


def planned(day: Day, judged: float, reviews: float, *, seed: int = 42) -> Design:
    """Return the chances that a budget gives, from what a uniform sample of an earlier, like day showed.

    judged, reviews: expected numbers of a day. The plain design takes just as many.
    """
    import numpy as np

    rng, sizes = np.random.default_rng(seed), day.sizes
    looked = rng.permutation(len(day.strata))[: round(judged)]
    codes, of = day.strata[looked], np.bincount(day.strata[looked], minlength=len(sizes))
    bad, errs = 1 - day.judge[looked], (day.judge[looked] != day.people[looked]).astype(np.float64)
    spreads = [
        [spread_of_share(hit, n) for hit, n in zip(np.bincount(codes, marks, len(sizes)), of, strict=True)]
        for marks in (bad, errs)
    ]
    by_judge, by_people = (
        [Stratum(items=size, sd=sd) for size, sd in zip(sizes, each, strict=True)] for each in spreads
    )
    (first, _), (second, _) = cascade(((by_judge, judged), (by_people, reviews)))
    phases = tuple(
        StratumSpec(name=name, judge=judge, people=people).phases(CONTROL)
        for name, judge, people in zip(day.names, first.chances, second.chances, strict=True)
    )
    _, judge, people = sizes / sizes.sum() @ np.array([each.chances for each in phases])
    return Design(phases, StratumSpec(name="all", judge=judge, people=people).phases(CONTROL))


def taken(phases: Sequence[Phases], strata: IntArray, draws: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return how many phases take each row and the chance of each phase there: `Phases.taken` of all rows at once.

    draws: of each row's conversation.
    """
    import numpy as np

    chances = np.array([each.chances for each in phases])[strata]
    return (draws[:, None] < chances).sum(axis=1), chances


def sampled(day: Day, phases: Sequence[Phases], draws: FloatArray, *, counted: bool = True) -> Found:
    """Return what a day's sample says under these phases.

    draws: of each conversation. counted: whether strata weigh what was counted in them; else all is one stratum.
    """
    import numpy as np

    of_row = draws[day.conversations]
    rows = np.flatnonzero(of_row < max(each.chances[JUDGE] for each in phases))
    reached, chances = taken(phases, day.strata[rows], of_row[rows])
    kept = reached > JUDGE
    rows, reached, chances = rows[kept], reached[kept], chances[kept]
    names, judge = day.conversations[rows], day.judge[rows]
    strata = Strata(day.strata[rows], day.sizes, np.array([each.chances[JUDGE] for each in phases]))
    drawn = Drawn(judge, chances[:, JUDGE], strata if counted else None, names)
    control = of_row[rows] < CONTROL
    plain = Drawn(judge[control], np.full(int(control.sum()), CONTROL), None, names[control])
    said = np.where(reached > PEOPLE, day.people[rows], np.nan)
    labels = Labels(judge, said, chances[:, PEOPLE], names, sampled_pool(drawn))
    return Found(checked(drawn, plain), corrected_mean(labels))
