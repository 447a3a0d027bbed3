"""A plan of production sampling: the suite, what came in of its traffic, prices, and what somebody wants to spend."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from evalgate.core.errors import WrongAsWritten
from evalgate.wiring.judging import known_price
from evalgate.wiring.traffic import VARIABLE, read_watched

if TYPE_CHECKING:
    from evalgate.production.expecting import Expected
    from evalgate.production.plans import Budget, TrafficPlan
    from evalgate.wiring.app import App
    from evalgate.wiring.traffic import Watch


def plan_traffic_of(
    app: App, named: str, budget: Budget, review_s: float, days: int, items: float | None
) -> TrafficPlan:
    """Return what a budget buys of one suite's traffic.

    named: `[PROJECT=]PATH`. days: how far back the store is read. items: interactions a month, where they are not to be
    those that came in. Without a store, or without traffic in it, `items` must be said.
    """
    from evalgate.production.expecting import assumed
    from evalgate.production.planning import plan_traffic

    (watch,) = read_watched({VARIABLE: ""}, [named])
    spec = watch.suite.traffic
    assert spec is not None  # noqa: S101 - a watched suite has one
    expected = _from_store(app, watch, days, items)
    if expected is None and items is None:
        raise WrongAsWritten(
            f"no traffic of the last {days} days is stored for project {watch.project!r}, so nobody knows how much "
            "there will be; say --items-a-month N"
        )
    return plan_traffic(watch.suite, spec, expected or assumed(spec, items or 0.0), budget, review_s, known_price)


def _from_store(app: App, watch: Watch, days: int, items: float | None) -> Expected | None:
    """Return what the store knows of the traffic; None where there is no store, or no traffic in it."""
    from evalgate.production.expecting import from_traffic

    place = app.settings.database
    if "://" not in place and not Path(place).exists():
        return None
    now = datetime.now(UTC)
    with app.opened() as store:
        mine = store.within(store.access.project(watch.project).number)
        spec = watch.suite.traffic
        return None if spec is None else from_traffic(mine, watch.suite, spec, (now - timedelta(days=days), now), items)
