"""The `traffic:` of a suite as a value: how production is watched by the suite's checks."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from evalgate.core.phases import Chance, Phases
from evalgate.core.values import Value

FACTS = (
    "source",
    "service",
    "route",
    "model",
    "release",
    "language",
    "feedback",
    "cache_hit",
    "refusal",
    "length",
    "error",
    "check_hit",
)
"""What is known of an interaction before anything is paid for; the closed set that `when`, `where` and `by` name."""
CLOSED: dict[str, tuple[str, ...]] = {
    "feedback": ("up", "down"),
    "cache_hit": ("yes", "no"),
    "refusal": ("yes", "no"),
    "length": ("short", "medium", "long"),
    "error": ("yes", "no"),
}
"""Facts that have a few values only."""

_UNITS = (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("m", timedelta(minutes=1)), ("s", timedelta(seconds=1)))

Wanted = dict[str, tuple[str, ...]]
"""Fact to the values it may have; all of them must hold."""


def spelled(span: timedelta) -> str:
    """Return a span of time as a suite writes it.

    >>> [spelled(timedelta(seconds=seconds)) for seconds in (0, 90, 7200, 172800)]
    ['0s', '90s', '2h', '2d']
    """
    unit, length = next((one for one in _UNITS if span and not span % one[1]), _UNITS[-1])
    return f"{span // length}{unit}"


class StratumSpec(Value):
    """A part of the traffic and the probabilities with which each phase takes of it."""

    name: str
    when: Wanted = {}
    """Empty: everything that no stratum before it takes."""
    classifier: Chance = 1.0
    judge: Chance = 0.03
    people: Chance = 0.0

    def phases(self, control: float) -> Phases:
        """Return the probabilities of classifier, judge and people; the control slice holds for the first two.

        ValueError where a later phase takes more than the one before it, or less than is allowed.
        """
        chances = (max(self.classifier, control), max(self.judge, control), self.people)
        return Phases(chances=chances)


class AlertSpec(Value):
    """A metric that is watched: in each window, of all traffic or of each value of one fact."""

    metric: str
    floor: Chance
    wanted: Annotated[float, Field(ge=1, allow_inf_nan=False)] = 365
    """How many windows go by, in the mean, until a false alarm."""
    by: str | None = None


class WebhookTarget(Value):
    """An address that gets signed messages; the secret stands in the environment."""

    kind: Literal["webhook"] = "webhook"
    name: str
    url: str | None = None
    url_env: str | None = None
    """The variable with the address, where the suite does not say it."""
    secret_env: str


class SlackTarget(Value):
    """A channel; its address is a secret and stands in the environment."""

    kind: Literal["slack"] = "slack"
    name: str
    url_env: str


Target = Annotated[WebhookTarget | SlackTarget, Field(discriminator="kind")]


class TrafficSpec(Value):
    """How the suite watches production; everything has a default."""

    every: timedelta = timedelta(hours=1)
    """The length of a window; windows begin at whole multiples of it since 1970, UTC."""
    wait: timedelta = timedelta(minutes=2)
    """How long after its end a window is closed."""
    where: Wanted = {}
    """What the suite is about; other interactions are filtered."""
    strata: Annotated[tuple[StratumSpec, ...], Field(min_length=1)] = (StratumSpec(name="rest"),)
    """The first that matches; the last one takes the rest."""
    control: Chance = 0.01
    by: tuple[str, ...] = ()
    queue: str | None = None
    spend_cap_usd_a_month: float | None = 100.0
    """Of the project's production scoring; what does not fit is shed and says so."""
    keep_text_days: Annotated[int, Field(ge=1)] = 30
    alerts: tuple[AlertSpec, ...] = ()
    silence: Annotated[int, Field(ge=1)] = 2
    """Windows without traffic until NO_DATA is told."""
    notify: tuple[Target, ...] = ()
