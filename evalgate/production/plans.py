"""A plan of production sampling as a value: what a budget buys, and what would change with another one."""

from __future__ import annotations

from evalgate.core.values import Value


class Budget(Value):
    """What may be spent in a month."""

    usd: float
    minutes: float
    """Of people's time."""


class PlannedStratum(Value):
    """One stratum: what it is expected to hold and the advised chances."""

    name: str
    when: dict[str, tuple[str, ...]]
    items: float
    """A month."""
    spread: float
    scores: int
    """How many scores the spread is known from; none: it is assumed."""
    classifier: float
    judge: float
    people: float
    judged: float
    """A month."""
    reviews: float


class Reach(Value):
    """What a sample says of all the traffic, or of one slice."""

    slice: str = ""
    items: float
    """A window."""
    judged: float
    """A window."""
    reviews: float
    cost_usd: float
    cost_minutes: float
    half_width: float | None
    """Of one window's interval, as the judge sees it; None where a window is too small to be known."""
    week_judged: float
    week_reviews: float
    week_cost_usd: float
    week_cost_minutes: float
    week_half_width: float | None
    people_half_width: float | None
    """Of seven days' interval, as people see it; None without enough reviews."""
    found_after_s: float | None
    """From a drop of ten points to its alert; None where no window is large enough."""


class Bargain(Value):
    """What all the traffic would show on another budget."""

    factor: float
    usd: float
    minutes: float
    judged: float
    """A month."""
    reviews: float
    week_half_width: float | None
    people_half_width: float | None
    found_after_s: float | None


class TrafficPlan(Value):
    """What a budget buys."""

    suite: str
    usd: float
    minutes: float
    items: float
    """A month."""
    days: float | None
    """Of the traffic that the plan is made from; None where it is assumed."""
    turns: float
    every_s: float
    wanted: float
    """Windows per false alarm of one series."""
    series: int
    """Metrics and slices that are watched."""
    models: tuple[str, ...]
    item_usd: float
    """One interaction put to every judge."""
    review_s: float
    reviewers: int
    rendered: int
    """Stored interactions from which a judge's tokens were guessed; 0: a made-up one."""
    differs: float | None
    """The spread of people's label minus judge's score, where cards tell it."""
    cost_usd: float
    """A month."""
    cost_minutes: float
    control: float
    strata: tuple[PlannedStratum, ...]
    reach: tuple[Reach, ...]
    """All the traffic, then slices."""
    bargains: tuple[Bargain, ...]
    """Of half the budget, this one and twice of it, those that pay the fewest items."""
    fewest_minutes: float
    """What people's phase takes at least."""
    enough_every_s: float | None
    """The shortest window that is large enough."""
    spend_cap_usd: float | None
    queue: str | None
    false_alarms_a_year: float
    """At most, of all series that are watched, while all keep their floor."""
