"""Prometheus metrics in a registry of our own; every label takes one of few values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from evalgate.store.standing import DecisionStanding, QueueStanding

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

QUEUE_GAUGES = {
    "open_items": "Items of an open queue that wait for somebody's answer.",
    "adjudicating_items": "Items of an open queue that wait for somebody who decides.",
    "held_slots": "Slots of an open queue that somebody has open now.",
    "oldest_open_seconds": "Age of the open item that was added first; 0 without one.",
}


class Metrics:
    """What the server counts; others add theirs to `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "evalgate_http_requests", "Requests answered.", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "evalgate_http_request_seconds",
            "Time to the end of the response.",
            ["route"],
            buckets=SECONDS,
            registry=self.registry,
        )
        self.running = Gauge("evalgate_http_requests_running", "Requests being answered.", registry=self.registry)
        self.sign_ins = Counter("evalgate_sign_ins", "Tries to sign in.", ["result"], registry=self.registry)
        self.ingest_items = Counter(
            "evalgate_ingest_items",
            "Items of traffic, by what became of them.",
            ["source", "result"],
            registry=self.registry,
        )
        self.ingest_waiting = Gauge(
            "evalgate_ingest_waiting", "Interactions that are read and not yet written.", registry=self.registry
        )
        self.ingest_seconds = Histogram(
            "evalgate_ingest_seconds",
            "Time from a delivery's last byte read to its being durable.",
            buckets=SECONDS,
            registry=self.registry,
        )
        self.database_errors = Counter(
            "evalgate_database_errors", "Requests that the database kept from being answered.", registry=self.registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request under its route's template."""
        self.requests.labels(method if method in METHODS else "other", route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def ingested(self, source: str, counts: Mapping[str, int], seconds: float) -> None:
        """Count what became of a delivery; `source` is the door's word, of which there are few."""
        for result, items in counts.items():
            if items:
                self.ingest_items.labels(source, result).inc(items)
        self.ingest_seconds.observe(seconds)

    def text(self) -> bytes:
        """Return everything in the text format that Prometheus reads."""
        return generate_latest(self.registry)


def standing_text(queues: Iterable[QueueStanding], decisions: Iterable[DecisionStanding], now: datetime) -> bytes:
    """Return how queues and decisions stand in the text format that Prometheus reads; a scrape keeps nothing of it."""
    registry = CollectorRegistry()
    of_queue = {
        name: Gauge(f"evalgate_queue_{name}", told, ["project", "queue"], registry=registry)
        for name, told in QUEUE_GAUGES.items()
    }
    for one in queues:
        age = (now - one.oldest).total_seconds() if one.oldest else 0.0
        seen = (one.open, one.adjudicating, one.held, max(0.0, age))
        for gauge, value in zip(of_queue.values(), seen, strict=True):
            gauge.labels(str(one.project), one.queue).set(value)
    decided = Gauge("evalgate_decisions", "Decisions kept.", ["project", "verdict"], registry=registry)
    for found in decisions:
        decided.labels(str(found.project), found.verdict).set(found.kept)
    return generate_latest(registry)
