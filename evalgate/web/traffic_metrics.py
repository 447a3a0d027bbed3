"""How production traffic stands, in the text format that Prometheus reads; a scrape keeps nothing of it."""

from __future__ import annotations

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge, generate_latest

from evalgate.store.alerts import alert_standings
from evalgate.store.database import Database
from evalgate.store.traffic_standing import (
    MOST,
    ScoreStanding,
    score_standings,
    spend_standings,
    window_standings,
    worker_seen,
)

_SUITE = ("project", "suite")
_SERIES = (*_SUITE, "metric", "slice")
GAUGES: dict[str, tuple[tuple[str, ...], str]] = {
    "evalgate_score": (_SERIES, "What the newest closed window says of a metric; a blank slice is all traffic."),
    "evalgate_score_low": (_SERIES, "Lower end of the 95 % interval of evalgate_score."),
    "evalgate_score_high": (_SERIES, "Upper end of the 95 % interval of evalgate_score."),
    "evalgate_score_population": (_SERIES, "Interactions of that window which the metric is about."),
    "evalgate_score_items": (_SERIES, "Interactions of that window which were scored."),
    "evalgate_window_items": (
        (*_SUITE, "state"),
        "Rows of the newest closed window, one an interaction and criterion.",
    ),
    "evalgate_window_seconds": (_SUITE, "Length of the newest closed window."),
    "evalgate_window_lag_seconds": (_SUITE, "Time since the newest closed window ended."),
    "evalgate_alert": ((*_SERIES, "state"), "1 for the state in which a watched series is."),
    "evalgate_spend_usd": (("project",), "Spent on scoring traffic since the month began, UTC, in US dollars."),
    "evalgate_worker_last_seen_seconds": ((), "Time since a worker last said that it is at work."),
}


def traffic_text(database: Database) -> bytes:
    """Return how scores, windows, alerts, spending and workers stand, each read in one statement."""
    registry, now = CollectorRegistry(), database.clock()
    gauges = {name: Gauge(name, told, labels, registry=registry) for name, (labels, told) in GAUGES.items()}
    for score in score_standings(database):
        _set_score(gauges, score)
    for window in window_standings(database):
        suite = (str(window.project), window.suite)
        gauges["evalgate_window_seconds"].labels(*suite).set((window.ends_at - window.starts_at).total_seconds())
        gauges["evalgate_window_lag_seconds"].labels(*suite).set(_age(window.ends_at, now))
        for state, items in window.states.items():
            gauges["evalgate_window_items"].labels(*suite, state).set(items)
    for alert in alert_standings(database, MOST):
        gauges["evalgate_alert"].labels(str(alert.project), *alert[1:5]).set(1)
    for spent in spend_standings(database):
        gauges["evalgate_spend_usd"].labels(str(spent.project)).set(spent.usd)
    if seen := worker_seen(database):
        gauges["evalgate_worker_last_seen_seconds"].set(_age(seen, now))
    else:
        # A gauge without labels says 0 by itself, which would be a worker that was seen just now.
        registry.unregister(gauges["evalgate_worker_last_seen_seconds"])
    return generate_latest(registry)


def _set_score(gauges: dict[str, Gauge], score: ScoreStanding) -> None:
    """Set what is known of one series; what is not known is left out, and is never 0."""
    series = (str(score.project), score.suite, score.metric, score.slice)
    known = {"": score.point, "_low": score.low, "_high": score.high}
    counted = {"_population": score.population, "_items": score.scored}
    for name, value in {**known, **counted}.items():
        if value is not None:
            gauges[f"evalgate_score{name}"].labels(*series).set(value)


def _age(then: datetime, now: datetime) -> float:
    return max(0.0, (now - then).total_seconds())
