"""What a suite demands: gates and their rules, a closed union — whoever could add a rule could weaken the gate."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from evalgate.core.statistics.verdicts import Verdict
from evalgate.core.values import Finite, Unit, Value


class Never(Value):
    """No violation: `any` at all, or `new` ones that the baseline lacks."""

    kind: Literal["never"] = "never"
    scope: Literal["any", "new"]


class AtLeast(Value):
    """The level stands, with its bound, at or above a floor."""

    kind: Literal["at_least"] = "at_least"
    floor: Unit


class AtMost(Value):
    """The share of violations stands, with its bound, at or below a rate."""

    kind: Literal["at_most"] = "at_most"
    rate: Unit


class NoWorseThan(Value):
    """Against the baseline the metric loses no more than a margin."""

    kind: Literal["no_worse_than"] = "no_worse_than"
    margin: Annotated[Finite, Field(gt=0, le=1)]


class BetterThanBaseline(Value):
    """Against the baseline the metric gains."""

    kind: Literal["better_than_baseline"] = "better_than_baseline"


class Production(Value):
    """In production the level of the last days stands, with its bound, at or above a floor."""

    kind: Literal["production"] = "production"
    floor: Unit
    days: Annotated[int, Field(ge=1, le=90)] = 7
    """So many days of closed windows are pooled."""


Rule = Annotated[Never | AtLeast | AtMost | NoWorseThan | BetterThanBaseline | Production, Field(discriminator="kind")]


class Calibrated(Value):
    """A judge counts only with a calibration card that is young enough and, with `agreement`, agrees well enough."""

    max_age_days: Annotated[int, Field(ge=1, le=3650)] = 90
    agreement: Unit | None = None
    """The floor of AC1 between the judge and people."""


class Gate(Value):
    """What a suite demands of one metric; everything but `rules` applies to all of them."""

    metric: str
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    by: tuple[str, ...] = ()
    """Slice names whose every value is tested too."""
    require: Literal["no_fail", "each"] = "no_fail"
    coverage: Unit = 0.95
    """Least share of planned outcomes that must be scored for a pass."""
    advisory: bool = False
    calibrated: Calibrated | None = None
    """What the judge's card must say; None demands a card only where the suite does not count uncalibrated judges."""
    corrected: bool = False
    """Whether bounds corrected with people's labels decide, not those of the judge alone."""

    @property
    def relative(self) -> bool:
        """Whether any rule needs a baseline."""
        return any(needs_baseline(rule) for rule in self.rules)


class Policy(Value):
    """What the suite says of the decision as a whole."""

    alpha: Annotated[Finite, Field(gt=0, lt=0.5)] = 0.05
    on_inconclusive: Literal["block", "fail"] = "block"
    advisory_until: date | None = None
    """The last day (UTC, inclusive) on which the decision is printed and not enforced."""
    spend_cap_usd: Annotated[Finite, Field(ge=0)] = 5.0


def needs_baseline(rule: Rule) -> bool:
    """Say whether a rule compares with the baseline.

    >>> needs_baseline(AtLeast(floor=0.9)), needs_baseline(NoWorseThan(margin=0.05))
    (False, True)
    """
    return isinstance(rule, NoWorseThan | BetterThanBaseline) or (isinstance(rule, Never) and rule.scope == "new")


__all__ = [
    "AtLeast",
    "AtMost",
    "BetterThanBaseline",
    "Calibrated",
    "Gate",
    "Never",
    "NoWorseThan",
    "Policy",
    "Production",
    "Rule",
    "Verdict",
    "needs_baseline",
]
